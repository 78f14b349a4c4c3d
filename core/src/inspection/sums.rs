//! Sums for each item and slot, which resampling adds up again and again.
//!
//! A full table while it is small, because adding rows of it is what a processor does best; otherwise only the sums that
//! are not 0. Slots that take no part in balance are left out.

use crate::routing::{Checked, Edge};

/// The most cells of a full table.
const MOST_CELLS: usize = 1 << 20;

/// The sums.
pub(super) struct Sums {
    width: usize,
    kept: Kept,
}

enum Kept {
    /// `item * width + place`.
    All(Vec<f64>),
    /// Item, place, sum.
    Some(Vec<(u32, u32, f64)>),
}

impl Sums {
    /// Adds up a value of each valid edge, in the item of its unit and the slot that it names.
    pub(super) fn of(
        decision: Checked<'_>,
        balanced: &[usize],
        (items, count): (&[u32], usize),
        value: impl Fn(&Edge) -> Option<(usize, f64)>,
    ) -> Self {
        let width = balanced.len();
        let mut places = vec![None; decision.slots.len()];
        balanced.iter().enumerate().for_each(|(place, &slot)| places[slot] = Some(place as u32));
        let values = decision.valid_edges().filter_map(|edge| {
            let (slot, value) = value(edge)?;
            Some((items[edge.unit], places[slot]?, value))
        });
        let kept = if count.saturating_mul(width) <= MOST_CELLS {
            let mut table = vec![0.0; count * width];
            values.for_each(|(item, place, value)| table[item as usize * width + place as usize] += value);
            Kept::All(table)
        } else {
            Kept::Some(gathered(values, count, width))
        };
        Self { width, kept }
    }

    /// The sum of each place over all items, each as often as it was drawn.
    pub(super) fn totals(&self, times: Option<&[f64]>) -> Vec<f64> {
        let mut totals = vec![0.0; self.width];
        let times = |item: usize| times.map_or(1.0, |times| times[item]);
        match &self.kept {
            Kept::All(table) => {
                for (item, row) in table.chunks_exact(self.width.max(1)).enumerate() {
                    let times = times(item);
                    if times > 0.0 {
                        totals.iter_mut().zip(row).for_each(|(total, sum)| *total += times * sum);
                    }
                }
            }
            Kept::Some(entries) => {
                entries
                    .iter()
                    .for_each(|&(item, place, sum)| totals[place as usize] += times(item as usize) * sum);
            }
        }
        totals
    }
}

/// The sums that are not 0, item by item.
fn gathered(
    values: impl Iterator<Item = (u32, u32, f64)>,
    count: usize,
    width: usize,
) -> Vec<(u32, u32, f64)> {
    let mut by_item: Vec<Vec<(u32, f64)>> = vec![Vec::new(); count];
    values.for_each(|(item, place, value)| by_item[item as usize].push((place, value)));
    let (mut entries, mut row) = (Vec::new(), vec![0.0; width]);
    for (item, pairs) in by_item.into_iter().enumerate() {
        pairs.iter().for_each(|&(place, value)| row[place as usize] += value);
        for (place, _) in pairs {
            let sum = std::mem::take(&mut row[place as usize]);
            if sum != 0.0 {
                entries.push((item as u32, place, sum));
            }
        }
    }
    entries
}
