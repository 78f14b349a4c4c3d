//! Predictors: from an architecture's features to a number that was measured, latency in milliseconds first of all.
//!
//! HAT (Wang et al., ACL 2020, arXiv 2005.14187) measures 2,000 architectures on a device, fits a small network to them, and
//! lets the search ask that network. Here the network stands beside simpler regressions, so that it can be seen what it is
//! worth: [`assess`] says how far each one is off on rows that it was not fitted on, and whether it beats the depth alone.
//!
//! | module | what it holds |
//! | --- | --- |
//! | [`dataset`] | rows of features with their targets, checked once |
//! | [`mean`], [`depth`] | the floor, and the trivial baseline |
//! | [`ridge`], [`trees`], [`perceptron`] | linear, boosted trees, HAT's network |
//! | [`assessment`] | errors on held-out rows, with intervals |
//!
//! Nothing here measures anything or knows what a column means. A new predictor is one file and one row.

pub mod assessment;
pub mod dataset;
pub mod depth;
pub mod mean;
pub mod perceptron;
pub mod ridge;
mod standard;
#[cfg(test)]
mod tests;
mod tree;
pub mod trees;

pub use assessment::{Assessment, assess};
pub use dataset::{Dataset, FEWEST_ROWS};

use super::MethodInfo;
use crate::rng::Streams;
use crate::{Error, Result};

/// A fitted regression.
pub trait Predictor: Send + Sync {
    /// Its name in specifications.
    fn name(&self) -> &'static str;

    /// What it expects of a row, in the unit of the targets. It is always finite for finite numbers of ordinary size.
    ///
    /// # Panics
    /// If the row has not one number for each column of the dataset that it was fitted to, in the same order.
    fn predict(&self, row: &[f64]) -> f64;
}

/// The settings of a predictor; what is left out is as the predictor's page says. A field that a predictor does not read
/// changes nothing.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PredictorConfig {
    /// The column that counts decoder layers (`depth`); [`depth::COLUMN`] unless said.
    pub depth_column: Option<String>,
    /// The most trees (`trees`).
    pub rounds: Option<usize>,
    /// Units of each hidden layer (`perceptron`).
    pub width: Option<usize>,
    /// Optimiser steps (`perceptron`).
    pub steps: Option<usize>,
}

/// Fits a predictor.
type Fit = fn(&PredictorConfig, &Dataset, &Streams) -> Result<Box<dyn Predictor>>;

/// Every predictor, in the order of tables. A new one is one file and one row here.
const ROWS: [(&MethodInfo, Fit); PREDICTOR_COUNT] = [
    (&mean::PREDICTOR, mean::fit),
    (&depth::PREDICTOR, depth::fit),
    (&ridge::PREDICTOR, ridge::fit),
    (&trees::PREDICTOR, trees::fit),
    (&perceptron::PREDICTOR, perceptron::fit),
];

/// How many predictors there are.
pub const PREDICTOR_COUNT: usize = 5;

/// What is known of every predictor, in the order of tables.
pub const PREDICTORS: [&MethodInfo; PREDICTOR_COUNT] = {
    let mut infos = [ROWS[0].0; PREDICTOR_COUNT];
    let mut at = 0;
    while at < PREDICTOR_COUNT {
        infos[at] = ROWS[at].0;
        at += 1;
    }
    infos
};

/// The names of [`PREDICTORS`], in the same order.
pub const PREDICTOR_NAMES: [&str; PREDICTOR_COUNT] = {
    let mut names = [""; PREDICTOR_COUNT];
    let mut at = 0;
    while at < PREDICTOR_COUNT {
        names[at] = PREDICTORS[at].name;
        at += 1;
    }
    names
};

/// Fits the predictor of this name to all rows of `dataset`. It draws from `streams` only, from streams whose names begin
/// with `predictor`; the same dataset, settings and seed give the same predictions, bit for bit.
///
/// ```
/// use switchyard::rng::Streams;
/// use switchyard::search::predictor::{Dataset, PredictorConfig, fit};
///
/// let rows: Vec<Vec<f64>> = (0..40).map(|i| vec![f64::from(i % 6 + 1), f64::from(i % 7)]).collect();
/// let milliseconds = rows.iter().map(|row| 12.0 * row[0] + 0.5 * row[1] + 3.0).collect();
/// let dataset = Dataset::new(vec!["decoder layers".into(), "heads".into()], rows, milliseconds)?;
/// let ridge = fit("ridge", &PredictorConfig::default(), &dataset, &Streams::new(7))?;
/// assert!((ridge.predict(&[10.0, 2.0]) - 124.0).abs() < 1e-4);
/// # Ok::<(), switchyard::Error>(())
/// ```
///
/// # Errors
/// [`Error::UnknownName`] when there is none, [`Error::OutOfRange`] or [`Error::Inconsistent`] for a setting that it reads
/// and that does not suit it or the dataset.
pub fn fit(
    name: &str,
    config: &PredictorConfig,
    dataset: &Dataset,
    streams: &Streams,
) -> Result<Box<dyn Predictor>> {
    match ROWS.iter().find(|(info, _)| info.name == name) {
        Some((_, fit)) => fit(config, dataset, streams),
        None => Err(Error::unknown_name("predictor", name, PREDICTOR_NAMES)),
    }
}

/// Panics for a row of another length than a predictor was fitted to.
fn check_length(row: &[f64], columns: usize) {
    assert_eq!(
        row.len(),
        columns,
        "a row has {} numbers, but the predictor has {columns} columns",
        row.len()
    );
}
