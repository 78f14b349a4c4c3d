//! The same sample at several moments of a training: when do routes settle?

use super::Seen;
use crate::experiment::{Place, View};
use crate::labs::words::percent;
use crate::plate::{Plate, StripToken, TokenRow, TokenStrip};

/// The most units of the sample that are shown.
const UNITS: usize = 64;

/// The first held-out sample's first choices in layer 0 at one moment.
#[derive(Debug, Clone, PartialEq)]
pub struct Moment {
    /// How many steps were done.
    pub step: u64,
    /// The slot of each unit; nothing for units that nobody took.
    pub slots: Vec<Option<usize>>,
}

impl Moment {
    /// Keeps what is shown of the first choices of all held-out units.
    pub fn new(step: u64, firsts: &[Option<usize>], sample: usize) -> Self {
        Self { step, slots: firsts[..firsts.len().min(sample).min(UNITS)].to_vec() }
    }

    /// Whether a moment is worth keeping after these: each is three times as late as the one before.
    pub fn is_next(step: u64, kept: &[Moment]) -> bool {
        kept.last().is_none_or(|last| step >= 3 * last.step && step > last.step)
    }
}

/// One row a moment, the present last.
pub(super) fn view(seen: &Seen<'_>, now: u64) -> Option<View> {
    let task = &seen.context.task;
    let present = Moment::new(now, seen.firsts.first()?, task.units());
    let before: Vec<&Moment> = seen.moments.iter().filter(|moment| moment.step < now).collect();
    let start = before.first()?;
    let same = start.slots.iter().zip(&present.slots).filter(|(then, now)| then == now).count();
    let row = |moment: &Moment| TokenRow {
        name: format!("step {}", moment.step),
        tokens: moment
            .slots
            .iter()
            .enumerate()
            .map(|(place, slot)| StripToken {
                text: task.unit_label(0, place),
                slot: *slot,
                probability: 0.0,
                fate: if slot.is_some() { "kept" } else { "not chosen" }.to_owned(),
                note: String::new(),
                // What has moved since the moment above.
                marked: *slot != present.slots[place],
            })
            .collect(),
    };
    let plate = TokenStrip {
        title: format!(
            "{} of these {} still go where they went at step {}",
            percent(same as f64 / present.slots.len().max(1) as f64),
            seen.noun(),
            start.step
        ),
        caption: "One held-out sample at several moments: the colour is the slot that a unit goes to first in layer 0. Marked ones \
                  go elsewhere now."
            .to_owned(),
        rows: before.into_iter().chain([&present]).map(row).collect(),
        slot_names: seen.slot_names(),
    };
    Some(View::new("history", Place::More, Plate::TokenStrip(plate)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_come_three_times_as_late() {
        let mut kept: Vec<Moment> = Vec::new();
        for step in 0..=1000 {
            if step % 10 == 0 && Moment::is_next(step, &kept) {
                kept.push(Moment::new(step, &[Some(1), None, Some(2)], 2));
            }
        }
        let steps: Vec<u64> = kept.iter().map(|moment| moment.step).collect();
        assert_eq!(steps, [0, 10, 30, 90, 270, 810]);
        assert_eq!(kept[0].slots, [Some(1), None]);
    }
}
