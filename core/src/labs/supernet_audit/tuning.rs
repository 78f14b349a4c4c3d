//! Equal tuning for every method: the same learning rates and the same number of trainings, judged by the validation loss of architectures that are not audited, on seeds that the audit does not use.

use std::collections::BTreeMap;

use super::plan::Which;
use super::{Audit, Method, TuningSettings};
use crate::experiment::Outcome;
use crate::{Error, Result};

/// A learning rate and the router's factor on it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Rates {
    pub learning_rate: f64,
    pub router_factor: f64,
}

/// What is tuned: a method, or the standalone networks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Subject {
    Standalone,
    Supernet(Method),
}

impl Subject {
    pub fn name(self) -> &'static str {
        match self {
            Subject::Standalone => "standalone",
            Subject::Supernet(method) => method.name(),
        }
    }

    /// Everything that is tuned in a run.
    pub fn all(audit: &Audit) -> Vec<Self> {
        let methods = audit.methods.iter().map(|method| Subject::Supernet(*method));
        std::iter::once(Subject::Standalone).chain(methods).collect()
    }
}

/// The settings tried for `subject`: learning rates from 1/2 to 4 of the centre, equally spaced on a logarithmic
/// scale, the same for all. With a router each is tried with the router factors 0.1 and 1; without one each is tried
/// twice ([`repetitions`]), so every method spends the same number of trainings. No rates: the centre alone.
pub fn trials(audit: &Audit, subject: Subject) -> Vec<Rates> {
    let TuningSettings { rates, learning_rate, router_factor, .. } = audit.tuning;
    let centre = Rates { learning_rate, router_factor };
    let factors: &[f64] = match subject {
        _ if rates == 0 => return vec![centre],
        Subject::Supernet(method) if method.has_router() => &[0.1, 1.0],
        _ => &[1.0],
    };
    let rate = |index: usize| {
        let place = if rates > 1 { index as f64 / (rates - 1) as f64 } else { 1.0 / 3.0 };
        centre.learning_rate * libm::exp2(3.0 * place - 1.0)
    };
    (0..rates)
        .flat_map(|index| {
            factors.iter().map(move |factor| Rates { learning_rate: rate(index), router_factor: *factor })
        })
        .collect()
}

/// The name of one training of a trial.
pub fn task_name(subject: Subject, trial: usize, repetition: u64) -> String {
    format!("tuning/{}/trial-{trial}-repetition-{repetition}", subject.name())
}

/// How many trainings a trial takes: one a seed for a method with a router, two without; for standalones two a seed
/// and tuning architecture.
pub fn repetitions(audit: &Audit, subject: Subject) -> u64 {
    let seeds = audit.tuning.seeds;
    match subject {
        Subject::Standalone => 2 * seeds * audit.tuning_architectures as u64,
        Subject::Supernet(method) if method.has_router() => seeds,
        Subject::Supernet(_) => 2 * seeds,
    }
}

/// The architectures that one training of a trial is judged on.
pub fn judged_on(audit: &Audit, subject: Subject, repetition: u64) -> Which {
    match subject {
        Subject::Standalone => Which::OneOfTuning(repetition as usize % audit.tuning_architectures),
        Subject::Supernet(_) => Which::Tuning,
    }
}

/// The mean validation loss of each trial, `None` where a training diverged.
pub fn losses(
    audit: &Audit,
    subject: Subject,
    outcomes: &BTreeMap<String, Outcome>,
) -> Result<Vec<Option<f64>>> {
    let each = if subject == Subject::Standalone { 1 } else { audit.tuning_architectures };
    let expected = repetitions(audit, subject) as usize * each;
    let trial_loss = |trial: usize| -> Result<Option<f64>> {
        let mut all = Vec::new();
        for repetition in 0..repetitions(audit, subject) {
            let name = task_name(subject, trial, repetition);
            let numbers = outcomes.get(&name).and_then(|outcome| outcome.numbers.get("validation"));
            let missing = || Error::Checkpoint { problem: format!("task `{name}` has no validation loss") };
            all.extend(numbers.ok_or_else(missing)?);
        }
        Ok((all.len() == expected).then(|| all.iter().sum::<f64>() / expected as f64))
    };
    (0..trials(audit, subject).len()).map(trial_loss).collect()
}

/// The best trial of `subject`; without tuning the centre.
pub fn chosen(audit: &Audit, subject: Subject, outcomes: &BTreeMap<String, Outcome>) -> Result<Rates> {
    let trials = trials(audit, subject);
    if audit.tuning.rates == 0 {
        return Ok(trials[0]);
    }
    let losses = losses(audit, subject, outcomes)?;
    let best = losses.iter().enumerate().filter_map(|(trial, loss)| loss.map(|loss| (trial, loss)));
    match best.min_by(|a, b| a.1.total_cmp(&b.1)) {
        Some((trial, _)) => Ok(trials[trial]),
        None => Err(Error::Inconsistent {
            key: "training.learning_rate".into(),
            problem: format!("every trial of `{}` diverged; lower it", subject.name()),
        }),
    }
}
