//! Answers to questions: where do the patches of this drawing, or the characters of this text, go, and what follows?

use super::context::Context;
use super::method::Method;
use super::task::{Batch, Inputs, Task};
use super::trainer::{Answers, Trainer};
use super::views::record::{About, Keys, decision};
use crate::experiment::{Answer, Place, Probe, View};
use crate::labs::words::percent;
use crate::plate::number::significant;
use crate::plate::{Plate, StripToken, TokenRow, TokenStrip};
use crate::routing::explain;
use crate::{Error, Result};

/// What is asked about.
struct Subject {
    batch: Batch,
    /// What each unit is called.
    labels: Vec<String>,
    /// The unit that is explained.
    unit: usize,
    /// The right answer, where it is known.
    known: Option<usize>,
}

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
    let subject = subject(context, probe)?;
    let answers = trainer.answers(std::iter::once(subject.batch.clone())).await?;
    let about = About { method, recipe, step: trainer.step_count(), layer: 0 };
    let record = decision(context, &about, &answers.layers[0], Keys::Unknown)?;
    let explanation = explain(record.checked()?, subject.unit, 0)?;
    let facts = explanation.slots.iter().filter_map(|reason| {
        Some((reason.label.clone(), format!("probability {}", significant(reason.probability?, 3))))
    });
    let rows = answers.layers.iter().enumerate().map(|(layer, said)| {
        let firsts = said.first_slots(subject.labels.len());
        let token = |(unit, slot): (usize, &Option<usize>)| StripToken {
            text: subject.labels[unit].clone(),
            slot: *slot,
            probability: slot
                .map_or(0.0, |slot| f64::from(said.affinities[unit * recipe.slots() + slot].clamp(0.0, 1.0))),
            fate: if slot.is_some() { "kept" } else { "not chosen" }.to_owned(),
            note: String::new(),
            marked: slot.is_none(),
        };
        TokenRow { name: format!("layer {layer}"), tokens: firsts.iter().enumerate().map(token).collect() }
    });
    let noun = context.task.unit_noun();
    let plate = TokenStrip {
        title: format!("Where its {} {noun} go", subject.labels.len()),
        caption: format!(
            "A row is a layer, a token one of the {noun}; the colour is the slot that it goes to first."
        ),
        rows: rows.collect(),
        slot_names: recipe.slot_table().into_iter().take(recipe.slots()).map(|slot| slot.label).collect(),
    };
    Ok(Answer {
        sentence: sentence(context, &subject, &answers) + &explanation.sentence,
        facts: facts.collect(),
        views: vec![View::new("probe", Place::More, Plate::TokenStrip(plate))],
        decision: Some(record),
        explanation: Some(explanation),
    })
}

/// What the network answers, and which unit the explanation is about.
fn sentence(context: &Context, subject: &Subject, answers: &Answers) -> String {
    let last = answers.predicted().len() - 1;
    let (predicted, sure) = (answers.predicted()[last], percent(answers.certainty(last)));
    match &context.task {
        Task::Digits(_) => {
            let verdict = match subject.known {
                Some(class) if class == predicted => "; that is right".to_owned(),
                Some(class) => format!("; it is a {class}"),
                None => String::new(),
            };
            format!(
                "It is taken for a {predicted}, {sure} sure{verdict}. Its darkest patch is {}: ",
                subject.unit
            )
        }
        Task::Text(text) => format!(
            "Next it expects `{}`, {sure} sure. Its last character, `{}`: ",
            text.name_of(predicted as u32),
            subject.labels[subject.unit]
        ),
    }
}

fn subject(context: &Context, probe: &Probe) -> Result<Subject> {
    let refuse = |problem: String| Err(Error::NotAnswerable { problem });
    match (&context.task, probe) {
        (Task::Digits(digits), Probe::Input { features }) => {
            let columns = digits.images.columns;
            if features.len() != columns {
                return refuse(format!(
                    "an image has {columns} numbers here, but {} were given",
                    features.len()
                ));
            }
            match features.iter().find(|value| !value.is_finite()) {
                Some(value) => refuse(format!("one of the numbers is {value}; every number must be finite")),
                None => Ok(of_patches(digits.batch_of(features), None)),
            }
        }
        (Task::Digits(digits), Probe::Row { row }) => match digits.classes.get(*row as usize) {
            Some(class) => Ok(of_patches(digits.batch(&[*row as usize]), Some(*class))),
            None => refuse(format!("row {row} was asked for, but there are only {}", digits.classes.len())),
        },
        (Task::Text(_), Probe::Text { text }) if text.is_empty() => {
            refuse("the text is empty; type some".to_owned())
        }
        (Task::Text(corpus), Probe::Text { text }) => {
            let batch = corpus.batch_of(text);
            let labels: Vec<String> = batch.identities.iter().map(|&token| corpus.name_of(token)).collect();
            Ok(Subject { unit: labels.len() - 1, batch, labels, known: None })
        }
        (Task::Digits(_), _) => {
            refuse("ask this run about a drawing or about a row of the digits".to_owned())
        }
        (Task::Text(_), _) => refuse("ask this run about a text".to_owned()),
    }
}

/// An image: the patch with most ink is the one that is explained.
fn of_patches(batch: Batch, known: Option<usize>) -> Subject {
    let units = batch.identities.len();
    let ink = |unit: &usize| match &batch.inputs {
        Inputs::Patches(ink) => {
            let width = ink.len() / units;
            ink[unit * width..(unit + 1) * width].iter().sum::<f32>()
        }
        Inputs::Tokens(_) => 0.0,
    };
    let unit = (0..units).rev().max_by(|a, b| ink(a).total_cmp(&ink(b))).unwrap_or(0);
    Subject { labels: (0..units).map(|patch| patch.to_string()).collect(), unit, known, batch }
}
