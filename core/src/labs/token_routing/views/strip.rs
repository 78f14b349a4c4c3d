//! Some held-out samples, unit by unit and layer by layer: where each one goes first.

use super::Seen;
use crate::experiment::{Place, View};
use crate::labs::token_routing::task::Task;
use crate::labs::words::percent;
use crate::plate::{Plate, StripToken, TokenRow, TokenStrip};

/// Tokens shown, in whole samples.
const TOKENS: usize = 96;

/// The routes of a few samples, a row for each layer.
pub(super) fn view(seen: &Seen<'_>) -> View {
    let task = &seen.context.task;
    let layers = &seen.answers.layers;
    let shown = (TOKENS / (task.units() * layers.len())).clamp(1, task.held_out());
    let (predicted, firsts) = (seen.answers.predicted(), seen.firsts);
    let slots = seen.recipe.slots();
    let token = |sample: usize, layer: usize, place: usize| {
        let unit = sample * task.units() + place;
        let slot = firsts[layer][unit];
        let affinity = slot.and_then(|slot| layers[layer].affinities.get(unit * slots + slot)).copied();
        StripToken {
            text: task.unit_label(sample, place),
            slot,
            probability: f64::from((affinity.unwrap_or(0.0).clamp(0.0, 1.0) * 1e4).round()) / 1e4,
            fate: if slot.is_some() { "kept" } else { "not chosen" }.to_owned(),
            note: String::new(),
            marked: slot.is_none(),
        }
    };
    let row = |(sample, layer): (usize, usize)| {
        let sample_name = match task {
            Task::Digits(digits) => {
                let class = digits.classes[digits.test[sample]];
                match predicted[sample] == class {
                    true => class.to_string(),
                    false => format!("{class}, taken for {}", predicted[sample]),
                }
            }
            Task::Text(_) => format!("text {sample}"),
        };
        let name = if layers.len() > 1 { format!("{sample_name}: layer {layer}") } else { sample_name };
        TokenRow { name, tokens: (0..task.units()).map(|place| token(sample, layer, place)).collect() }
    };
    let served = firsts[0].iter().filter(|slot| slot.is_some()).count();
    let right = percent(seen.history.last().map_or(0.0, |now| now.test_accuracy));
    let what = match task {
        Task::Digits(_) => format!("{right} of the images are read right"),
        Task::Text(_) => format!("{right} of the next characters are guessed right"),
    };
    let title = if served < firsts[0].len() {
        let left = percent(1.0 - served as f64 / firsts[0].len() as f64);
        format!("{left} of the {} are taken by nobody in layer 0; {what}", seen.noun())
    } else {
        format!("Where {} go; {what}", seen.noun())
    };
    let caption = match task {
        Task::Digits(_) => {
            "A row is an image in one layer, a token one of its patches, numbered line by line from the upper left; its colour is \
             the slot that it goes to first there. A marked patch goes nowhere."
        }
        Task::Text(_) => {
            "Held-out text, character by character, a row for each layer; the colour is the slot that it goes to first there. A \
             marked one goes nowhere."
        }
    };
    let plate = TokenStrip {
        title,
        caption: caption.to_owned(),
        rows: (0..shown)
            .flat_map(|sample| (0..layers.len()).map(move |layer| (sample, layer)))
            .map(row)
            .collect(),
        slot_names: seen.slot_names(),
    };
    View::new("strip", Place::Yard, Plate::TokenStrip(plate))
}
