//! Equal tuning for every method: the same learning rates, the same number of trainings, judged by rows and on seeds
//! that the comparison does not use.

use std::collections::BTreeMap;

use super::Method;
use super::context::Context;
use crate::experiment::Outcome;
use crate::{Error, Result};

/// The learning rates tried: from 1/2 to 4 of the centre, equally spaced on a logarithmic scale; the centre alone when
/// nothing is tuned.
pub(super) fn trials(context: &Context) -> Vec<f64> {
    let (centre, count) = (context.specification.training.learning_rate, context.specification.tuning.rates);
    if count < 2 {
        return vec![centre];
    }
    (0..count).map(|index| centre * libm::exp2(3.0 * index as f64 / (count - 1) as f64 - 1.0)).collect()
}

/// The name of one training of a trial.
pub(super) fn task_name(method: Method, trial: usize, repetition: u64) -> String {
    format!("tuning/{}/trial-{trial}-repetition-{repetition}", method.name())
}

/// The mean validation loss of each trial, `None` where a training diverged.
pub(super) fn losses(
    context: &Context,
    method: Method,
    outcomes: &BTreeMap<String, Outcome>,
) -> Result<Vec<Option<f64>>> {
    let repetitions = context.specification.tuning.seeds;
    let trial_loss = |trial: usize| -> Result<Option<f64>> {
        let mut all = Vec::new();
        for repetition in 0..repetitions {
            let name = task_name(method, trial, repetition);
            let numbers = outcomes.get(&name).and_then(|outcome| outcome.numbers.get("validation"));
            let missing = || Error::Checkpoint { problem: format!("task `{name}` has no validation loss") };
            all.extend(numbers.ok_or_else(missing)?);
        }
        Ok((all.len() as u64 == repetitions).then(|| all.iter().sum::<f64>() / all.len() as f64))
    };
    (0..trials(context).len()).map(trial_loss).collect()
}

/// The best learning rate of a method; without tuning the centre.
pub(super) fn chosen(context: &Context, method: Method, outcomes: &BTreeMap<String, Outcome>) -> Result<f64> {
    let trials = trials(context);
    if context.specification.tuning.rates == 0 {
        return Ok(trials[0]);
    }
    let losses = losses(context, method, outcomes)?;
    let known = losses.iter().enumerate().filter_map(|(trial, loss)| loss.map(|loss| (trial, loss)));
    match known.min_by(|a, b| a.1.total_cmp(&b.1)) {
        Some((trial, _)) => Ok(trials[trial]),
        None => Err(Error::Inconsistent {
            key: "training.learning_rate".into(),
            problem: format!("every trial of `{}` diverged; lower it", method.name()),
        }),
    }
}
