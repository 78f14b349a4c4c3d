//! Some held-out samples, unit by unit: where each one goes first.

use super::Seen;
use crate::experiment::{Place, View};
use crate::labs::token_routing::task::Task;
use crate::labs::words::percent;
use crate::plate::{Plate, StripToken, TokenRow, TokenStrip};

/// Units shown, in whole samples.
const UNITS: usize = 96;

/// The first layer's routes of a few samples.
pub(super) fn view(seen: &Seen<'_>) -> View {
    let task = &seen.context.task;
    let layer = &seen.answers.layers[0];
    let shown = (UNITS / task.units()).clamp(1, task.held_out());
    let (predicted, firsts) = (seen.answers.predicted(), layer.first_slots(seen.units()));
    let slots = seen.recipe.slots();
    let token = |sample: usize, place: usize| {
        let unit = sample * task.units() + place;
        let slot = firsts[unit];
        let affinity = slot.and_then(|slot| layer.affinities.get(unit * slots + slot)).copied();
        StripToken {
            text: task.unit_label(sample, place),
            slot,
            probability: f64::from((affinity.unwrap_or(0.0).clamp(0.0, 1.0) * 1e4).round()) / 1e4,
            fate: if slot.is_some() { "kept" } else { "not chosen" }.to_owned(),
            note: String::new(),
            marked: slot.is_none(),
        }
    };
    let row = |sample: usize| {
        let name = match task {
            Task::Digits(digits) => {
                let class = digits.classes[digits.test[sample]];
                match predicted[sample] == class {
                    true => class.to_string(),
                    false => format!("{class}, taken for {}", predicted[sample]),
                }
            }
            Task::Text(_) => format!("text {sample}"),
        };
        TokenRow { name, tokens: (0..task.units()).map(|place| token(sample, place)).collect() }
    };
    let served = firsts.iter().filter(|slot| slot.is_some()).count();
    let right = percent(seen.history.last().map_or(0.0, |now| now.test_accuracy));
    let what = match task {
        Task::Digits(_) => format!("{right} of the images are read right"),
        Task::Text(_) => format!("{right} of the next characters are guessed right"),
    };
    let title = if served < firsts.len() {
        let left = percent(1.0 - served as f64 / firsts.len() as f64);
        format!("{left} of the {} are taken by nobody; {what}", seen.noun())
    } else {
        format!("Where {} go in layer 0; {what}", seen.noun())
    };
    let caption = match task {
        Task::Digits(_) => {
            "A row is an image, a token one of its patches, numbered line by line from the upper left; its colour is the slot \
             that it goes to first in layer 0. A marked patch goes nowhere."
        }
        Task::Text(_) => {
            "Held-out text, character by character; the colour is the slot that it goes to first in layer 0. A marked one \
             goes nowhere."
        }
    };
    let plate = TokenStrip {
        title,
        caption: caption.to_owned(),
        rows: (0..shown).map(row).collect(),
        slot_names: seen.slot_names(),
    };
    View::new("strip", Place::Yard, Plate::TokenStrip(plate))
}
