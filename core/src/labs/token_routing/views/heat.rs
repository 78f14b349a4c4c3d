//! One held-out sample, slot by slot and unit by unit: what weighs now, and what was chosen so far.

use super::Seen;
use crate::experiment::{Place, View};
use crate::labs::token_routing::task::Task;
use crate::labs::words::percent;
use crate::plate::{Matrix, Plate, Scale};

/// The most units of the sample that are shown.
const UNITS: usize = 64;

/// How often each unit of the first held-out sample chose each slot of layer 0 first, over all looks so far.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Visits {
    /// One row a unit, as long as its largest slot needs.
    counts: Vec<Vec<u32>>,
    looks: u32,
}

impl Visits {
    /// Adds one look: the first choices of all held-out units, of which the first `sample` are one sample.
    pub fn add(&mut self, firsts: &[Option<usize>], sample: usize) {
        let shown = firsts.len().min(sample).min(UNITS);
        self.counts.resize(shown, Vec::new());
        self.looks += 1;
        for (row, slot) in self.counts.iter_mut().zip(firsts) {
            let Some(slot) = *slot else { continue };
            if row.len() <= slot {
                row.resize(slot + 1, 0);
            }
            row[slot] += 1;
        }
    }

    fn share(&self, unit: usize, slot: usize) -> f64 {
        f64::from(self.counts[unit].get(slot).copied().unwrap_or(0)) / f64::from(self.looks.max(1))
    }

    /// The share of units that chose one slot at every look.
    fn steady(&self) -> f64 {
        let same = self.counts.iter().filter(|row| row.contains(&self.looks)).count();
        same as f64 / self.counts.len().max(1) as f64
    }
}

/// What answers weigh right now, and where units went so far.
pub(super) fn views(seen: &Seen<'_>) -> Vec<View> {
    let mut views: Vec<View> = weights(seen).into_iter().collect();
    if seen.visits.looks > 1 {
        views.push(visited(seen));
    }
    views
}

/// The weights of slots' answers for each unit of the sample, as the router gives them now.
fn weights(seen: &Seen<'_>) -> Option<View> {
    let shown = seen.context.task.units().min(UNITS);
    let slots = seen.slot_names();
    let mut values = vec![vec![0.0; shown]; slots.len()];
    for edge in seen.answers.layers.first()?.edges.iter().filter(|edge| edge.unit < shown) {
        values[edge.slot][edge.unit] += f64::from(edge.combine);
    }
    let say: Vec<f64> = values.iter().map(|row| row.iter().sum()).collect();
    let most = (0..say.len()).rev().max_by(|a, b| say[*a].total_cmp(&say[*b]))?;
    let total: f64 = say.iter().sum();
    let title = match total > 0.0 {
        true => {
            let share = percent(say[most] / total);
            format!("{} has {share} of all weight in this sample", slots[most])
        }
        false => "No slot's answer has any weight in this sample".to_owned(),
    };
    let caption = format!(
        "One held-out sample from left to right, a row for each slot of layer 0: the shade is what the slot's answer weighs \
         for one of the {}, now.",
        seen.noun()
    );
    Some(matrix(seen, "weights", [title, caption, "weight".to_owned()], values))
}

/// The share of looks at which each unit chose each slot first.
fn visited(seen: &Seen<'_>) -> View {
    let visits = seen.visits;
    let row = |slot| (0..visits.counts.len()).map(|unit| visits.share(unit, slot)).collect();
    let values = (0..seen.slot_names().len()).map(row).collect();
    let title = format!(
        "{} of these {} went to one slot at every one of {} looks",
        percent(visits.steady()),
        seen.noun(),
        visits.looks
    );
    let caption = format!(
        "The same sample over the training so far: the shade is the share of looks at which one of the {} went to a slot of \
         layer 0 first.",
        seen.noun()
    );
    matrix(seen, "visits", [title, caption, "share of looks".to_owned()], values)
}

fn matrix(seen: &Seen<'_>, name: &'static str, texts: [String; 3], values: Vec<Vec<f64>>) -> View {
    let [title, caption, unit] = texts;
    let task = &seen.context.task;
    // A text repeats its characters, and a column's name must not.
    let column = |place: usize| match task {
        Task::Digits(_) => task.unit_label(0, place),
        Task::Text(_) => format!("{} {place}", task.unit_label(0, place)),
    };
    let columns = values.first().map_or(0, Vec::len);
    let highest = values.iter().flatten().fold(1.0_f64, |most, value| most.max(*value));
    let plate = Matrix {
        title,
        caption,
        rows: seen.slot_names(),
        columns: (0..columns).map(column).collect(),
        row_title: "slot".to_owned(),
        column_title: format!("{} of one sample", seen.noun()),
        unit,
        values: values.into_iter().map(|row| row.into_iter().map(Some).collect()).collect(),
        scale: Scale::Sequential { min: 0.0, max: highest },
    };
    View::new(name, Place::More, Plate::Matrix(plate))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn visits_are_shares_of_looks_and_sum_to_one_for_units_that_were_always_taken() {
        let mut visits = Visits::default();
        for look in 0..4 {
            visits.add(&[Some(1), Some(look % 2), None, Some(7)], 3);
        }
        let shares = |unit| [0, 1, 2].map(|slot| visits.share(unit, slot));
        assert_eq!(shares(0), [0.0, 1.0, 0.0]);
        assert_eq!(shares(1), [0.5, 0.5, 0.0]);
        assert_eq!(shares(2), [0.0, 0.0, 0.0]);
        assert_eq!(visits.counts.len(), 3, "the next sample is not shown");
        assert_eq!(visits.steady(), 1.0 / 3.0);
    }
}
