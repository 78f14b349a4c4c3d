//! How far predictors are off on rows that they were not fitted on, with intervals, and whether they beat the depth alone.
//!
//! The rows are dealt out to folds; each predictor is fitted to all folds but one and asked about that one, so every row is
//! held out once. The 95% intervals are from a bootstrap over the held-out rows: they speak of the rows, not of fitting again
//! with another seed. Ranks are compared within folds only, because every fold has a fit of its own.

use super::{Dataset, PREDICTORS, PredictorConfig, depth, fit};
use crate::rng::Streams;
use crate::statistics::{
    DEFAULT_RESAMPLES, Interval, bootstrap, bootstrap_mean, mean_absolute_error, within_band_tau,
};
use crate::{Error, Result};

/// How one predictor did on held-out rows.
#[derive(Debug, Clone, PartialEq)]
pub struct Assessment {
    /// The predictor's name.
    pub name: &'static str,
    /// How many rows were held out, each once.
    pub rows: usize,
    /// Mean absolute error, in the unit of the targets.
    pub mean_absolute_error: Interval,
    /// Mean absolute error as a share of the target, in percent; nothing where a target is 0.
    pub mean_absolute_percentage_error: Option<Interval>,
    /// Root of the mean squared error, in the unit of the targets.
    pub root_mean_squared_error: Interval,
    /// Kendall's tau-b of predictions and targets, over pairs of one fold; nothing where it is not defined, as for a
    /// predictor that says the same of all rows.
    pub kendall_tau: Option<Interval>,
    /// The mean absolute error less that of `depth` on the same rows: a predictor is better than the depth alone where the
    /// whole interval is below 0. For `depth` itself it is 0.
    pub against_depth: Interval,
}

/// Predictions for every row, each by a fit that has not seen it.
fn held_out(
    name: &str,
    config: &PredictorConfig,
    dataset: &Dataset,
    folds: &[usize],
    streams: &Streams,
) -> Result<Vec<f64>> {
    let mut predictions = vec![0.0; folds.len()];
    let count = folds.iter().max().map_or(0, |last| last + 1);
    for fold in 0..count {
        let streams = Streams::new(streams.stream_at("predictor-fold", fold as u64).next_u64());
        let predictor = fit(name, config, &dataset.subset(|place| folds[place] != fold), &streams)?;
        for (place, row) in dataset.rows().iter().enumerate().filter(|(place, _)| folds[*place] == fold) {
            predictions[place] = predictor.predict(row);
        }
    }
    Ok(predictions)
}

/// Every predictor of these `names` on held-out rows of `folds` folds, in the given order.
///
/// # Errors
/// [`Error::UnknownName`] for a name without a predictor or a dataset without the depth's column, [`Error::OutOfRange`] for
/// fewer than 2 folds or more than there are rows that differ, and what [`fit`] refuses.
pub fn assess(
    names: &[&str],
    config: &PredictorConfig,
    dataset: &Dataset,
    folds: usize,
    streams: &Streams,
) -> Result<Vec<Assessment>> {
    let folds = dataset.folds(folds, &mut streams.stream("predictor-folds"))?;
    let baseline =
        errors(&held_out(depth::PREDICTOR.name, config, dataset, &folds, streams)?, dataset.targets());
    let judged = |name: &&str| {
        let info = PREDICTORS.iter().find(|info| info.name == *name);
        let info = info.ok_or_else(|| Error::unknown_name("predictor", name, super::PREDICTOR_NAMES))?;
        let predictions = held_out(name, config, dataset, &folds, streams)?;
        judge(info.name, &predictions, &baseline, Held { targets: dataset.targets(), folds: &folds }, streams)
    };
    names.iter().map(judged).collect()
}

/// What predictions are compared with.
#[derive(Clone, Copy)]
struct Held<'a> {
    targets: &'a [f64],
    /// The fold of each.
    folds: &'a [usize],
}

/// Absolute errors.
fn errors(predictions: &[f64], targets: &[f64]) -> Vec<f64> {
    predictions.iter().zip(targets).map(|(prediction, target)| (prediction - target).abs()).collect()
}

/// All of an [`Assessment`]. Every interval begins the stream `predictor-bootstrap` anew, so all predictors are judged on
/// the same resamples.
fn judge(
    name: &'static str,
    predictions: &[f64],
    baseline: &[f64],
    held: Held<'_>,
    streams: &Streams,
) -> Result<Assessment> {
    let Held { targets, folds } = held;
    let stream = || streams.stream("predictor-bootstrap");
    let of_mean = |values: &[f64]| bootstrap_mean(values, DEFAULT_RESAMPLES, &mut stream());
    let errors = errors(predictions, targets);
    let squared = |drawn: &[usize]| {
        let sum: f64 = drawn.iter().map(|place| errors[*place] * errors[*place]).sum();
        Ok((sum / drawn.len() as f64).sqrt())
    };
    let tau = |drawn: &[usize]| {
        let pick = |column: &[f64]| drawn.iter().map(|place| column[*place]).collect::<Vec<f64>>();
        let bands: Vec<usize> = drawn.iter().map(|place| folds[*place]).collect();
        within_band_tau(&pick(predictions), &pick(targets), &bands)
    };
    let shares: Vec<f64> =
        errors.iter().zip(targets).map(|(error, target)| 100.0 * error / target.abs()).collect();
    let differences: Vec<f64> = errors.iter().zip(baseline).map(|(error, base)| error - base).collect();
    Ok(Assessment {
        name,
        rows: targets.len(),
        mean_absolute_error: Interval {
            mean: mean_absolute_error(predictions, targets)?,
            ..of_mean(&errors)?
        },
        mean_absolute_percentage_error: if targets.contains(&0.0) { None } else { Some(of_mean(&shares)?) },
        root_mean_squared_error: bootstrap(errors.len(), DEFAULT_RESAMPLES, &mut stream(), squared)?
            .interval(),
        kendall_tau: match bootstrap(errors.len(), DEFAULT_RESAMPLES, &mut stream(), tau) {
            Ok(distribution) => Some(distribution.interval()),
            Err(Error::Undefined { .. }) => None,
            Err(error) => return Err(error),
        },
        against_depth: of_mean(&differences)?,
    })
}
