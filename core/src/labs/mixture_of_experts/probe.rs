//! Answers to questions: where does this row go, why, and what is it taken for?

use super::Method;
use super::context::Context;
use super::evaluation::{Answers, Examiner};
use super::record::{class_names, decision};
use crate::experiment::{Answer, Place, Probe, View};
use crate::labs::words::{lower, percent};
use crate::plate::number::significant;
use crate::plate::{Axis, BarSeries, Bars, Plate};
use crate::routing::{Explanation, RoutingDecision, explain};
use crate::{Error, Result};

/// What a question is about.
struct Subject {
    /// The row as the network reads it.
    inputs: Vec<f32>,
    /// How a sentence begins: `The point (0.31, -0.52)`.
    name: String,
    /// Its class and whether it was held out, when it is a row of the run's data.
    known: Option<(usize, bool)>,
}

/// Answers a probe about the network as it is.
///
/// # Errors
/// When the question does not fit the data, or the device does not answer.
pub(super) async fn answer(examiner: &Examiner<'_>, step: u64, probe: &Probe) -> Result<Answer> {
    let context = examiner.context;
    let subject = subject(context, probe)?;
    let answers = examiner.answers(subject.inputs.clone()).await?;
    let record = decision(
        context,
        Method::Routed,
        step,
        &answers,
        subject.known.map(|(class, _)| [class]).as_ref().map(<[usize; 1]>::as_slice),
    )?;
    let Some(record) = record else {
        let problem = "this training has no router to ask; ask one of `routed`".into();
        return Err(Error::NotAnswerable { problem });
    };
    let explanation = explain(record.checked()?, 0, 0)?;
    Ok(Answer {
        sentence: sentence(context, &subject, &answers),
        facts: facts(context, &subject, &answers, &explanation),
        views: vec![probabilities_view(context, &record)],
        decision: Some(record),
        explanation: Some(explanation),
    })
}

fn subject(context: &Context, probe: &Probe) -> Result<Subject> {
    let rows = &context.rows;
    let refuse = |problem: String| Err(Error::NotAnswerable { problem });
    match probe {
        Probe::Input { features } => {
            let columns = rows.all.columns;
            if features.len() != columns {
                return refuse(format!(
                    "a row has {columns} numbers here, but {} were given",
                    features.len()
                ));
            }
            if let Some(value) = features.iter().find(|value| !value.is_finite()) {
                return refuse(format!("one of the numbers is {value}; every number must be finite"));
            }
            let name = if rows.is_plane() {
                let shown = |value: f32| significant(f64::from(value), 2);
                format!("The point ({}, {})", shown(features[0]), shown(features[1]))
            } else if rows.all.image.is_some() {
                "This drawing".to_owned()
            } else {
                "This row".to_owned()
            };
            Ok(Subject { inputs: rows.to_inputs(features), name, known: None })
        }
        Probe::Row { row } => {
            let row = *row as usize;
            if row >= rows.all.rows() {
                return refuse(format!("row {row} was asked for, but there are only {}", rows.all.rows()));
            }
            let noun = super::views::unit_name(context).trim_end_matches('s');
            let known = Some((rows.classes[row], rows.is_held_out(row)));
            let name = format!("{}{} {row}", noun[..1].to_uppercase(), &noun[1..]);
            Ok(Subject { inputs: rows.inputs_of(&[row]), name, known })
        }
        Probe::Choices { .. } | Probe::Text { .. } => {
            refuse("this run has no choices to make; ask about a place, a drawing or a row".into())
        }
    }
}

fn class_phrase(context: &Context, class: usize) -> String {
    let name = &class_names(context)[class];
    if name.starts_with("class") { name.clone() } else { format!("a {name}") }
}

fn sentence(context: &Context, subject: &Subject, answers: &Answers) -> String {
    let chosen = super::views::slots_chosen(context, answers.edges());
    let predicted = answers.predicted[0];
    let sure = percent(answers.class_probabilities(0)[predicted]);
    let taken = class_phrase(context, predicted);
    let verdict = match subject.known {
        Some((class, _)) if class == predicted => "; that is right".to_owned(),
        Some((class, _)) => format!("; it is {}", class_phrase(context, class)),
        None => String::new(),
    };
    format!("{} goes to {} and is taken for {taken}, {sure} sure{verdict}.", subject.name, lower(&chosen))
}

fn facts(
    context: &Context,
    subject: &Subject,
    answers: &Answers,
    explanation: &Explanation,
) -> Vec<(String, String)> {
    let names = class_names(context);
    let predicted = answers.predicted[0];
    let probability = answers.class_probabilities(0)[predicted];
    let mut facts = vec![
        ("predicted class".to_owned(), names[predicted].clone()),
        ("its probability".to_owned(), significant(probability, 3)),
    ];
    if let Some((class, is_held_out)) = subject.known {
        facts.push(("true class".to_owned(), names[class].clone()));
        let part = if is_held_out { "held out" } else { "trained on" };
        facts.push(("this row was".to_owned(), part.to_owned()));
    }
    if let Some(margin) = explanation.margin {
        facts.push(("lead over the next expert".to_owned(), significant(margin, 2)));
    }
    for reason in &explanation.slots {
        if let (Some(logit), Some(probability)) = (reason.logit, reason.probability) {
            let value =
                format!("logit {}, probability {}", significant(logit, 3), significant(probability, 3));
            facts.push((reason.label.clone(), value));
        }
    }
    facts
}

/// The router's probabilities for this one row, in the order of the experts.
fn probabilities_view(context: &Context, record: &RoutingDecision) -> View {
    let names = context.slot_names();
    let values = match &record.probabilities {
        Some(probabilities) => probabilities.iter().take(names.len()).map(|&p| f64::from(p)).collect(),
        None => {
            let mut weights = vec![0.0; names.len()];
            record.edges.iter().filter(|edge| edge.slot < names.len()).for_each(|edge| {
                weights[edge.slot] = f64::from(edge.combine);
            });
            weights
        }
    };
    let (measure, caption) = match record.probabilities {
        Some(_) => (
            "probability",
            "How probable the router finds each expert for this row. The most probable are chosen, unless a bias \
             for balance says otherwise.",
        ),
        None => (
            "weight",
            "What the answer of each expert weighs for this row; this router has no probabilities.",
        ),
    };
    let chosen: Vec<_> = record.edges.iter().filter(|edge| edge.slot < names.len()).copied().collect();
    let plate = Bars {
        title: format!(
            "{} {} chosen",
            super::views::slots_chosen(context, &chosen),
            if chosen.len() > 1 { "were" } else { "was" }
        ),
        caption: caption.to_owned(),
        y: Axis::new(measure, ""),
        group_slots: (0..names.len()).collect(),
        groups: names,
        series: vec![BarSeries { name: measure.to_owned(), slot: 0, values, dropped: Vec::new() }],
        ..Bars::default()
    };
    View::new("probe", Place::More, Plate::Bars(plate))
}
