//! Answers to questions: where do the patches of this drawing go, why, and what is it taken for?

use super::context::Context;
use super::method::Method;
use super::trainer::Trainer;
use super::views::record::{About, decision};
use crate::experiment::{Answer, Place, Probe, View};
use crate::labs::words::percent;
use crate::plate::number::significant;
use crate::plate::{Plate, StripToken, TokenRow, TokenStrip};
use crate::routing::explain;
use crate::{Error, Result};

/// Answers a probe about the network as it is.
///
/// # Errors
/// When the question does not fit the data, or the device does not answer.
pub(super) async fn answer(
    context: &Context,
    trainer: &Trainer,
    method: &Method,
    probe: &Probe,
) -> Result<Answer> {
    let Some(recipe) = trainer.recipe() else {
        let problem = "this training has no router to ask; ask one of the others".to_owned();
        return Err(Error::NotAnswerable { problem });
    };
    let (pixels, rows) = subject(context, probe)?;
    let answers = trainer.answers(&pixels).await?;
    let (predicted, sure) = (answers.predicted()[0], percent(answers.certainty(0)));
    let mut record = None;
    let mut strips = Vec::new();
    for (layer, said) in answers.layers.iter().enumerate() {
        let about = About { method, recipe, step: trainer.step_count(), layer };
        let found = decision(context, &about, said, &rows)?;
        let firsts = said.first_slots(context.patches);
        let token = |(patch, slot): (usize, &Option<usize>)| StripToken {
            text: patch.to_string(),
            slot: *slot,
            probability: slot.map_or(0.0, |slot| {
                f64::from(said.affinities[patch * recipe.slots() + slot].clamp(0.0, 1.0))
            }),
            fate: if slot.is_some() { "kept" } else { "not chosen" }.to_owned(),
            note: String::new(),
            marked: slot.is_none(),
        };
        let tokens = firsts.iter().enumerate().map(token).collect();
        strips.push(TokenRow { name: format!("layer {layer}"), tokens });
        record.get_or_insert(found);
    }
    // The patch with most ink is the one that is explained.
    let patches = context.patches_of(&pixels);
    let width = patches.len() / context.patches;
    let ink = |patch: &usize| patches[patch * width..(patch + 1) * width].iter().sum::<f32>();
    let darkest = (0..context.patches).rev().max_by(|a, b| ink(a).total_cmp(&ink(b))).unwrap_or(0);
    let record =
        record.ok_or_else(|| Error::NotAnswerable { problem: "the network has no layer".to_owned() })?;
    let explanation = explain(record.checked()?, darkest, 0)?;
    let known = rows.first().map(|&row| context.classes[row]);
    let verdict = match known {
        Some(class) if class == predicted => "; that is right".to_owned(),
        Some(class) => format!("; it is a {class}"),
        None => String::new(),
    };
    let facts = explanation.slots.iter().filter_map(|reason| {
        Some((reason.label.clone(), format!("probability {}", significant(reason.probability?, 3))))
    });
    let plate = TokenStrip {
        title: format!("Where its {} patches go", context.patches),
        caption: "A row is a layer, a token one of the patches, numbered line by line from the upper left."
            .to_owned(),
        rows: strips,
        slot_names: recipe.slot_table().into_iter().take(recipe.slots()).map(|slot| slot.label).collect(),
    };
    Ok(Answer {
        sentence: format!(
            "It is taken for a {predicted}, {sure} sure{verdict}. Its darkest patch is {darkest}: {}",
            explanation.sentence
        ),
        facts: facts.collect(),
        views: vec![View::new("probe", Place::More, Plate::TokenStrip(plate))],
        decision: Some(record),
        explanation: Some(explanation),
    })
}

/// The pixels that are asked about, and the row of the data where it is one.
fn subject(context: &Context, probe: &Probe) -> Result<(Vec<f32>, Vec<usize>)> {
    let refuse = |problem: String| Err(Error::NotAnswerable { problem });
    match probe {
        Probe::Input { features } if features.len() != context.images.columns => refuse(format!(
            "an image has {} numbers here, but {} were given",
            context.images.columns,
            features.len()
        )),
        Probe::Input { features } => match features.iter().find(|value| !value.is_finite()) {
            Some(value) => refuse(format!("one of the numbers is {value}; every number must be finite")),
            None => Ok((features.clone(), Vec::new())),
        },
        Probe::Row { row } if *row as usize >= context.images.rows() => {
            refuse(format!("row {row} was asked for, but there are only {}", context.images.rows()))
        }
        Probe::Row { row } => Ok((context.pixels_of(&[*row as usize]), vec![*row as usize])),
        Probe::Choices { .. } => refuse("this run has no choices to make; ask about a drawing".to_owned()),
    }
}
