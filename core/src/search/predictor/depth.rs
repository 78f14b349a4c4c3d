//! The trivial baseline: a straight line through one column, the number of decoder layers. Decoding word by word spends
//! nearly all its time in the decoder, so a latency predictor has to be better than this to be worth fitting.

use super::standard::Scale;
use super::{Dataset, MethodInfo, Predictor, PredictorConfig, check_length};
use crate::rng::Streams;
use crate::{Error, Result};

/// The column that is read unless the settings name another.
pub const COLUMN: &str = "decoder layers";

/// The row of the registry.
pub(super) const PREDICTOR: MethodInfo = MethodInfo {
    name: "depth",
    title: "Decoder depth",
    paper: "none: the trivial baseline",
    rule: "A least-squares line through the number of decoder layers.",
    settings: &["depth_column"],
    pitfall: "Where all rows are equally deep it is the mean.",
};

/// The fitted line.
#[derive(Debug, Clone, PartialEq)]
pub struct Depth {
    columns: usize,
    column: usize,
    scale: Scale,
    mean: f64,
    /// Change of the target for one deviation of the column.
    slope: f64,
}

pub(super) fn fit(config: &PredictorConfig, dataset: &Dataset, _: &Streams) -> Result<Box<dyn Predictor>> {
    let wanted = config.depth_column.as_deref().unwrap_or(COLUMN);
    let column =
        dataset.columns().iter().position(|name| name == wanted).ok_or_else(|| {
            Error::unknown_name("column", wanted, dataset.columns().iter().map(String::as_str))
        })?;
    let (rows, targets) = (dataset.rows(), dataset.targets());
    let scale = Scale::of(rows.iter().map(|row| row[column]));
    let mean = targets.iter().sum::<f64>() / targets.len() as f64;
    let products = rows.iter().zip(targets).map(|(row, target)| scale.apply(row[column]) * (target - mean));
    let slope = products.sum::<f64>() / targets.len() as f64;
    Ok(Box::new(Depth { columns: dataset.columns().len(), column, scale, mean, slope }))
}

impl Predictor for Depth {
    fn name(&self) -> &'static str {
        PREDICTOR.name
    }

    fn predict(&self, row: &[f64]) -> f64 {
        check_length(row, self.columns);
        self.mean + self.slope * self.scale.apply(row[self.column])
    }
}
