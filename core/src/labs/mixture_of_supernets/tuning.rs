//! Equal tuning for every method: the same learning rates and the same number of trainings, judged by the validation loss of architectures that are not audited, on seeds that the audit does not use.

use std::collections::BTreeMap;

use super::Method;
use super::context::Context;
use crate::experiment::Outcome;
use crate::supernet::Architecture;
use crate::{Error, Result};

/// A learning rate and the router's factor on it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Rates {
    pub learning_rate: f64,
    pub router_factor: f64,
}

/// What is tuned: a method, or the standalone networks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Subject {
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
    pub fn all(context: &Context) -> Vec<Self> {
        let methods = context.methods.iter().map(|method| Subject::Supernet(*method));
        std::iter::once(Subject::Standalone).chain(methods).collect()
    }
}

/// The settings tried for `subject`: learning rates from 1/2 to 4 of the centre, equally spaced on a logarithmic
/// scale, the same for all. With a router each is tried with the router factors 0.1 and 1; without one each is tried
/// twice ([`repetitions`]), so every method spends the same number of trainings. No rates: the centre alone.
pub(super) fn trials(context: &Context, subject: Subject) -> Vec<Rates> {
    let (training, rates) = (&context.specification.training, context.specification.tuning.rates);
    let centre =
        Rates { learning_rate: training.learning_rate, router_factor: training.router_learning_rate };
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
pub(super) fn task_name(subject: Subject, trial: usize, repetition: u64) -> String {
    format!("tuning/{}/trial-{trial}-repetition-{repetition}", subject.name())
}

/// How many trainings a trial takes: one a seed for a method with a router, two without; for standalones two a seed
/// and tuning architecture.
pub(super) fn repetitions(context: &Context, subject: Subject) -> u64 {
    let seeds = context.specification.tuning.seeds;
    match subject {
        Subject::Standalone => 2 * seeds * context.tuning.len() as u64,
        Subject::Supernet(method) if method.has_router() => seeds,
        Subject::Supernet(_) => 2 * seeds,
    }
}

/// The architectures that one training of a trial is judged on.
pub(super) fn judged_on(context: &Context, subject: Subject, repetition: u64) -> Vec<Architecture> {
    match subject {
        Subject::Standalone => vec![context.tuning[repetition as usize % context.tuning.len()].clone()],
        Subject::Supernet(_) => context.tuning.clone(),
    }
}

/// The mean validation loss of each trial, `None` where a training diverged.
pub(super) fn losses(
    context: &Context,
    subject: Subject,
    outcomes: &BTreeMap<String, Outcome>,
) -> Result<Vec<Option<f64>>> {
    let judged =
        (0..repetitions(context, subject)).map(|repetition| judged_on(context, subject, repetition).len());
    let expected: usize = judged.sum();
    let trial_loss = |trial: usize| -> Result<Option<f64>> {
        let mut all = Vec::new();
        for repetition in 0..repetitions(context, subject) {
            let name = task_name(subject, trial, repetition);
            let numbers = outcomes.get(&name).and_then(|outcome| outcome.numbers.get("validation"));
            let missing = || Error::Checkpoint { problem: format!("task `{name}` has no validation loss") };
            all.extend(numbers.ok_or_else(missing)?);
        }
        Ok((all.len() == expected).then(|| all.iter().sum::<f64>() / expected as f64))
    };
    (0..trials(context, subject).len()).map(trial_loss).collect()
}

/// The best trial of `subject`; without tuning the centre.
pub(super) fn chosen(
    context: &Context,
    subject: Subject,
    outcomes: &BTreeMap<String, Outcome>,
) -> Result<Rates> {
    let trials = trials(context, subject);
    if context.specification.tuning.rates == 0 {
        return Ok(trials[0]);
    }
    let losses = losses(context, subject, outcomes)?;
    let best = losses.iter().enumerate().filter_map(|(trial, loss)| loss.map(|loss| (trial, loss)));
    match best.min_by(|a, b| a.1.total_cmp(&b.1)) {
        Some((trial, _)) => Ok(trials[trial]),
        None => Err(Error::Inconsistent {
            key: "training.learning_rate".into(),
            problem: format!("every trial of `{}` diverged; lower it", subject.name()),
        }),
    }
}
