//! Standardisation of features, for those who ask for it; no loader or generator does it on its own.

use super::Dataset;
use crate::error::{Error, Result};

/// The mean and deviation of every column of one data set, to be applied to others.
///
/// Fit it on the training part and apply it to every part, so that no test row reaches the training.
#[derive(Debug, Clone, PartialEq)]
pub struct Scaling {
    /// The mean of each column.
    pub means: Vec<f64>,
    /// The standard deviation of each column (divisor: rows); 1 for a constant column, which becomes 0.
    pub deviations: Vec<f64>,
}

impl Scaling {
    /// The means and deviations of `dataset`.
    ///
    /// # Errors
    /// [`Error::Undefined`] when there are no rows.
    pub fn fit(dataset: &Dataset) -> Result<Self> {
        let rows = dataset.rows();
        if rows == 0 {
            let problem = format!("data set `{}` has no rows", dataset.name);
            return Err(Error::Undefined { statistic: "standardisation", problem });
        }
        let mut means = vec![0.0; dataset.columns];
        for row in dataset.features.chunks_exact(dataset.columns) {
            means.iter_mut().zip(row).for_each(|(mean, &value)| *mean += f64::from(value) / rows as f64);
        }
        let mut deviations = vec![0.0; dataset.columns];
        for row in dataset.features.chunks_exact(dataset.columns) {
            for ((deviation, mean), &value) in deviations.iter_mut().zip(&means).zip(row) {
                *deviation += (f64::from(value) - mean) * (f64::from(value) - mean) / rows as f64;
            }
        }
        for (column, deviation) in deviations.iter_mut().enumerate() {
            let first = dataset.features[column];
            let constant =
                dataset.features.iter().skip(column).step_by(dataset.columns).all(|&value| value == first);
            if constant {
                // The sum above rounds; a constant column must become exactly 0, not noise divided by noise.
                means[column] = f64::from(first);
            }
            *deviation = if constant { 1.0 } else { libm::sqrt(*deviation) };
        }
        Ok(Self { means, deviations })
    }

    /// `dataset` with every column shifted by the mean and divided by the deviation.
    ///
    /// # Errors
    /// [`Error::Inconsistent`] when the columns are not those that were fitted.
    pub fn apply(&self, dataset: &Dataset) -> Result<Dataset> {
        if dataset.columns != self.means.len() {
            let (fitted, found) = (self.means.len(), dataset.columns);
            let problem =
                format!("the scaling was fitted on {fitted} columns and cannot be applied to {found}");
            return Err(Error::Inconsistent { key: "columns".to_owned(), problem });
        }
        let mut scaled = dataset.clone();
        for row in scaled.features.chunks_exact_mut(dataset.columns) {
            for ((value, mean), deviation) in row.iter_mut().zip(&self.means).zip(&self.deviations) {
                *value = ((f64::from(*value) - mean) / deviation) as f32;
            }
        }
        Ok(scaled)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::Targets;

    fn data(features: Vec<f32>, columns: usize) -> Dataset {
        let labels = vec![0; features.len() / columns];
        Dataset::new("scaled", features, columns, Targets::Classes { labels, count: 1 }, None)
            .expect("the lengths fit")
    }

    #[test]
    fn columns_get_mean_zero_and_deviation_one_and_constants_become_zero() {
        let data = data(vec![1.0, 0.1, 3.0, 0.1, 5.0, 0.1, 7.0, 0.1], 2);
        let scaling = Scaling::fit(&data).expect("there are rows");
        assert_eq!((scaling.means[0], scaling.deviations[0]), (4.0, 5f64.sqrt()));
        let scaled = scaling.apply(&data).expect("the same columns").features;
        let expected = [-3.0, -1.0, 1.0, 3.0].map(|value: f64| (value / 5f64.sqrt()) as f32);
        for (row, value) in expected.into_iter().enumerate() {
            assert_eq!(scaled[2 * row..2 * row + 2], [value, 0.0]);
        }
    }

    #[test]
    fn no_rows_and_other_columns_are_refused() {
        assert!(Scaling::fit(&data(vec![], 2)).is_err());
        let scaling = Scaling::fit(&data(vec![1.0, 2.0], 2)).expect("there is a row");
        assert!(scaling.apply(&data(vec![1.0, 2.0], 1)).is_err());
    }
}
