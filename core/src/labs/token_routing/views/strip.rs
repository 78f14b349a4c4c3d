//! Some held-out images, patch by patch: where each one goes first.

use super::Seen;
use crate::experiment::{Place, View};
use crate::labs::words::percent;
use crate::plate::{Plate, StripToken, TokenRow, TokenStrip};

/// Images shown.
const IMAGES: usize = 6;

/// The first layer's routes of a few images.
pub(super) fn view(seen: &Seen<'_>) -> View {
    let context = seen.context;
    let (Some(layer), shown) = (seen.answers.layers.first(), IMAGES.min(context.test.len())) else {
        return View::new("strip", Place::Yard, Plate::TokenStrip(TokenStrip::default()));
    };
    let (predicted, firsts) = (seen.answers.predicted(), layer.first_slots(seen.units()));
    let slots = seen.recipe.slots();
    let token = |image: usize, patch: usize| {
        let unit = image * context.patches + patch;
        let slot = firsts[unit];
        let affinity =
            slot.and_then(|slot| layer.affinities.get(unit * slots + slot)).copied().unwrap_or(0.0);
        let is_empty = context.patches_of(context.images.row(context.test[image]))[patch
            * context.images.columns
            / context.patches
            ..(patch + 1) * context.images.columns / context.patches]
            .iter()
            .all(|ink| *ink == 0.0);
        StripToken {
            text: patch.to_string(),
            slot,
            probability: f64::from((affinity.clamp(0.0, 1.0) * 1e4).round()) / 1e4,
            fate: if slot.is_some() { "kept" } else { "not chosen" }.to_owned(),
            note: if is_empty { "an empty patch".to_owned() } else { String::new() },
            marked: slot.is_none(),
        }
    };
    let row = |image: usize| {
        let class = context.classes[context.test[image]];
        let wrong = predicted[image] != class;
        TokenRow {
            name: if wrong { format!("{class}, taken for {}", predicted[image]) } else { class.to_string() },
            tokens: (0..context.patches).map(|patch| token(image, patch)).collect(),
        }
    };
    let served = firsts.iter().filter(|slot| slot.is_some()).count();
    let right = seen.history.last().map_or(0.0, |now| now.test_accuracy);
    let plate = TokenStrip {
        title: if served < firsts.len() {
            format!(
                "{} of the patches are taken by nobody; {} of the images are read right",
                percent(1.0 - served as f64 / firsts.len() as f64),
                percent(right)
            )
        } else {
            format!("Where patches go in layer 0; {} of the images are read right", percent(right))
        },
        caption: "A row is an image, a token one of its patches, numbered line by line from the upper left; its colour is the \
                  slot that it goes to first in layer 0. A marked patch goes nowhere."
            .to_owned(),
        rows: (0..shown).map(row).collect(),
        slot_names: seen.slot_names(),
    };
    View::new("strip", Place::Yard, Plate::TokenStrip(plate))
}
