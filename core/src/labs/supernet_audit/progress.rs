//! What can be seen of a run before it is complete: how tuning goes, and the gap of what is trained so far.

use std::collections::BTreeMap;

use super::pictures::gap_of;
use super::results::{Results, mean};
use super::tuning::{self, Subject};
use super::{Audit, Method};
use crate::Result;
use crate::experiment::{Answer, Outcome, Place, View};
use crate::plate::number::brief;
use crate::plate::{Highlight, Matrix, Plate, Scale, Scatter};

/// The losses of whole supernets and of networks trained alone, as far as they are there.
struct Known {
    /// `[seed][architecture]`.
    supernets: BTreeMap<Method, Vec<Vec<f64>>>,
    /// Mean over the repetitions that are there.
    truth: Vec<Option<f64>>,
    /// Whole repetitions, `[repetition][architecture]`.
    standalones: Vec<Vec<f64>>,
}

fn numbers<'a>(outcomes: &'a BTreeMap<String, Outcome>, task: &str, name: &str) -> Option<&'a Vec<f64>> {
    outcomes.get(task)?.numbers.get(name)
}

fn known(audit: &Audit, outcomes: &BTreeMap<String, Outcome>) -> Known {
    let of_seed = |method: Method, seed: u64| {
        let losses = numbers(outcomes, &Results::supernet_name(method, seed), "quality")?;
        (losses.len() == audit.audited.len()).then(|| losses.clone())
    };
    let seeds = audit.seeds;
    let supernets = audit.methods.iter().filter_map(|method| {
        let rows: Vec<Vec<f64>> = (0..seeds).filter_map(|seed| of_seed(*method, seed)).collect();
        (!rows.is_empty()).then_some((*method, rows))
    });
    let repetitions = audit.standalones;
    let alone = |architecture: usize, repetition: u64| {
        let task = Results::standalone_name(&audit.audited[architecture], repetition);
        numbers(outcomes, &task, "quality")?.first().copied()
    };
    let architectures = 0..audit.audited.len();
    let truth = architectures.clone().map(|architecture| {
        let losses: Vec<f64> =
            (0..repetitions).filter_map(|repetition| alone(architecture, repetition)).collect();
        (!losses.is_empty()).then(|| mean(&losses))
    });
    let whole =
        |repetition: u64| architectures.clone().map(|architecture| alone(architecture, repetition)).collect();
    Known {
        supernets: supernets.collect(),
        truth: truth.collect(),
        standalones: (0..repetitions).filter_map(whole).collect(),
    }
}

/// The gap of what is trained so far; nothing before there is a supernet and a network trained alone.
fn gap(audit: &Audit, outcomes: &BTreeMap<String, Outcome>) -> Result<Option<Scatter>> {
    let known = known(audit, outcomes);
    let there = known.truth.iter().flatten().count();
    if known.supernets.is_empty() || there == 0 {
        return Ok(None);
    }
    let mut scatter = gap_of(&audit.audited, &known.truth, &known.supernets, &known.standalones)?;
    let seeds: usize = known.supernets.values().map(Vec::len).sum();
    let all = audit.methods.len() as u64 * audit.seeds;
    let whole = known.standalones.len() as u64 == audit.standalones;
    if seeds as u64 != all || !whole {
        scatter.caption += &format!(
            " So far: {seeds} of {all} supernets, {there} of {} architectures trained alone.",
            audit.audited.len()
        );
    }
    Ok(Some(scatter))
}

/// What can be seen of the outcomes so far. While tuning goes on it is what there is to look at.
pub fn look(audit: &Audit, outcomes: &BTreeMap<String, Outcome>, is_tuning: bool) -> Result<Vec<View>> {
    let mut views = Vec::new();
    if audit.tuning.rates > 0 {
        let place = if is_tuning { Place::Yard } else { Place::More };
        views.push(View::new("tuning", place, tuning_matrix(audit, outcomes)));
    }
    if let Some(scatter) = gap(audit, outcomes)? {
        views.push(View::new("gap", Place::Output, Plate::Scatter(scatter)));
    }
    Ok(views)
}

/// Adds the gap with the architecture that an answer is about, where it has a point.
pub fn point_out(audit: &Audit, outcomes: &BTreeMap<String, Outcome>, answer: &mut Answer) -> Result<()> {
    let fact = |wanted: &str| {
        answer
            .facts
            .iter()
            .find(|(name, _)| name == wanted)
            .map(|(_, value)| value.clone())
            .unwrap_or_default()
    };
    let (architecture, method) = (fact("architecture"), fact("method"));
    let Some(mut scatter) = gap(audit, outcomes)? else { return Ok(()) };
    // The method that is asked may not have been measured yet; the others' points stand above the same place.
    let of_method = scatter.series.iter().position(|series| series.name == method);
    let series = of_method.unwrap_or(scatter.series.len() - 1);
    let point = scatter.series[series].points.iter().position(|point| point.label == architecture);
    if let Some(point) = point {
        scatter.highlight = Some(Highlight { series, point, name: architecture });
        answer.views.push(View::new("gap", Place::Output, Plate::Scatter(scatter)));
    }
    Ok(())
}

/// Validation losses of the trials so far: a row for each subject and router factor, a column for each rate.
fn tuning_matrix(audit: &Audit, outcomes: &BTreeMap<String, Outcome>) -> Plate {
    let (mut done, mut total) = (0, 0);
    let mut rows: Vec<(String, Vec<Option<f64>>)> = Vec::new();
    let mut columns: Vec<f64> = Vec::new();
    for subject in Subject::all(audit) {
        for (trial, rates) in tuning::trials(audit, subject).into_iter().enumerate() {
            let repetitions = tuning::repetitions(audit, subject);
            let told: Vec<&Vec<f64>> = (0..repetitions)
                .filter_map(|repetition| {
                    numbers(outcomes, &tuning::task_name(subject, trial, repetition), "validation")
                })
                .collect();
            done += told.len() as u64;
            total += repetitions;
            let has_router = matches!(subject, Subject::Supernet(method) if method.has_router());
            let name = if has_router {
                format!("{}, router x{}", subject.name(), brief(rates.router_factor))
            } else {
                subject.name().to_owned()
            };
            // A trial that diverged once has an empty list, and no loss.
            let losses: Vec<f64> = told.iter().flat_map(|losses| losses.iter().copied()).collect();
            let is_whole = !told.is_empty() && told.iter().all(|losses| !losses.is_empty());
            let place = columns.iter().position(|rate| *rate == rates.learning_rate).unwrap_or(columns.len());
            if place == columns.len() {
                columns.push(rates.learning_rate);
            }
            let at = rows.iter().position(|(row, _)| *row == name).unwrap_or(rows.len());
            if at == rows.len() {
                rows.push((name, Vec::new()));
            }
            rows[at].1.resize(place, None);
            rows[at].1.push(is_whole.then(|| mean(&losses)));
        }
    }
    let seen = rows.iter().flat_map(|(_, losses)| losses.iter().flatten().copied());
    let (min, max) = seen.fold((f64::MAX, f64::MIN), |(low, high), loss| (low.min(loss), high.max(loss)));
    let scale =
        if min < max { Scale::Sequential { min, max } } else { Scale::Sequential { min: 0.0, max: 1.0 } };
    Plate::Matrix(Matrix {
        title: format!("{done} of {total} tuning trainings are done"),
        caption: "Validation loss of each learning rate, the mean over the trainings so far; the smallest is chosen. \
                  Every method gets the same number of trainings, on seeds, architectures and rows that the audit \
                  does not use."
            .to_owned(),
        rows: rows.iter().map(|(name, _)| name.clone()).collect(),
        columns: columns.into_iter().map(brief).collect(),
        row_title: "what is tuned".to_owned(),
        column_title: "learning rate".to_owned(),
        unit: "nats".to_owned(),
        values: rows.into_iter().map(|(_, losses)| losses).collect(),
        scale,
    })
}
