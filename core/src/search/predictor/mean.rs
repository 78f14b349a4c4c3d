//! The floor: the mean of the targets, whatever the row. A predictor that does not beat it has learned nothing.

use super::{Dataset, MethodInfo, Predictor, PredictorConfig, check_length};
use crate::Result;
use crate::rng::Streams;

/// The row of the registry.
pub(super) const PREDICTOR: MethodInfo = MethodInfo {
    name: "mean",
    title: "Mean",
    paper: "none: the floor",
    rule: "It predicts the mean of the targets, whatever the row.",
    settings: &[],
    pitfall: "It ranks nothing, so its Kendall's tau is not defined.",
};

/// The fitted mean.
#[derive(Debug, Clone, PartialEq)]
pub struct Mean {
    columns: usize,
    mean: f64,
}

pub(super) fn fit(_: &PredictorConfig, dataset: &Dataset, _: &Streams) -> Result<Box<dyn Predictor>> {
    let targets = dataset.targets();
    let mean = targets.iter().sum::<f64>() / targets.len() as f64;
    Ok(Box::new(Mean { columns: dataset.columns().len(), mean }))
}

impl Predictor for Mean {
    fn name(&self) -> &'static str {
        PREDICTOR.name
    }

    fn predict(&self, row: &[f64]) -> f64 {
        check_length(row, self.columns);
        self.mean
    }
}
