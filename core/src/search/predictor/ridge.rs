//! Ridge regression (Hoerl and Kennard 1970): a linear map of standardised columns whose weights are held small.
//!
//! With standardised columns `Z` and centred targets `y` of `n` rows the weights solve `(Z'Z / n + s I) w = Z'y / n`. The
//! strength `s` is the one of a fixed list with the smallest squared error in five inner folds, the larger one on a tie.

use super::standard::{Scale, Scales};
use super::{Dataset, MethodInfo, Predictor, PredictorConfig};
use crate::rng::Streams;
use crate::{Error, Result};

/// Strengths that are tried, the largest first. The smallest is far above rounding, so that columns that repeat each other
/// are no trouble.
const STRENGTHS: [f64; 9] = [100.0, 10.0, 1.0, 0.1, 0.01, 1e-3, 1e-4, 1e-6, 1e-8];

/// Folds in which strengths are compared.
const INNER_FOLDS: usize = 5;

/// The row of the registry.
pub(super) const PREDICTOR: MethodInfo = MethodInfo {
    name: "ridge",
    title: "Ridge regression",
    paper: "Hoerl and Kennard 1970; used for latency by DyNAS-T",
    rule: "A linear map of standardised columns with small weights, their strength chosen by inner cross-validation.",
    settings: &[],
    pitfall: "Products of features (layers times width) are beyond it unless they are columns of their own.",
};

/// The fitted map.
#[derive(Debug, Clone, PartialEq)]
pub struct Ridge {
    scales: Scales,
    target: Scale,
    weights: Vec<f64>,
}

pub(super) fn fit(_: &PredictorConfig, dataset: &Dataset, streams: &Streams) -> Result<Box<dyn Predictor>> {
    Ok(Box::new(Ridge::with_strength(dataset, strength(dataset, streams)?)?))
}

/// The strength with the smallest error in inner folds; the largest where all rows are alike and any would do.
fn strength(dataset: &Dataset, streams: &Streams) -> Result<f64> {
    let count = INNER_FOLDS.min(dataset.distinct_rows());
    if count < 2 {
        return Ok(STRENGTHS[0]);
    }
    let folds = dataset.folds(count, &mut streams.stream("predictor-ridge"))?;
    let mut errors = [0.0; STRENGTHS.len()];
    for fold in 0..count {
        let (fitted, held) =
            (dataset.subset(|place| folds[place] != fold), dataset.subset(|place| folds[place] == fold));
        for (error, strength) in errors.iter_mut().zip(STRENGTHS) {
            let ridge = Ridge::with_strength(&fitted, strength)?;
            let squares = held.rows().iter().zip(held.targets());
            *error += squares.map(|(row, target)| (ridge.predict(row) - target).powi(2)).sum::<f64>();
        }
    }
    let best = (0..STRENGTHS.len()).min_by(|a, b| errors[*a].total_cmp(&errors[*b])).unwrap_or(0);
    Ok(STRENGTHS[best])
}

impl Ridge {
    /// The weights of one strength.
    fn with_strength(dataset: &Dataset, strength: f64) -> Result<Self> {
        let (columns, count) = (dataset.columns().len(), dataset.rows().len() as f64);
        let scales = Scales::of(dataset.rows(), columns);
        let target = Scale::of(dataset.targets().iter().copied());
        let mut matrix = vec![vec![0.0; columns]; columns];
        let mut right = vec![0.0; columns];
        for (row, value) in dataset.rows().iter().zip(dataset.targets()) {
            let z: Vec<f64> = scales.apply(row).collect();
            let value = target.apply(*value);
            for i in 0..columns {
                right[i] += z[i] * value / count;
                for j in 0..=i {
                    matrix[i][j] += z[i] * z[j] / count;
                }
            }
        }
        for (place, row) in matrix.iter_mut().enumerate() {
            row[place] += strength;
        }
        Ok(Self { scales, target, weights: solved(matrix, right)? })
    }
}

/// Solves `A x = b` for a symmetric positive-definite matrix, of which the lower half is given, by Cholesky's `A = L L'`.
fn solved(mut matrix: Vec<Vec<f64>>, mut right: Vec<f64>) -> Result<Vec<f64>> {
    let count = right.len();
    for i in 0..count {
        for j in 0..=i {
            let known: f64 = (0..j).map(|k| matrix[i][k] * matrix[j][k]).sum();
            let left = matrix[i][j] - known;
            if i > j {
                matrix[i][j] = left / matrix[j][j];
            } else if left > 0.0 {
                matrix[i][i] = left.sqrt();
            } else {
                let problem = "its columns repeat each other beyond rounding; drop one of them".to_owned();
                return Err(Error::Inconsistent { key: "dataset".to_owned(), problem });
            }
        }
    }
    for i in 0..count {
        let known: f64 = (0..i).map(|k| matrix[i][k] * right[k]).sum();
        right[i] = (right[i] - known) / matrix[i][i];
    }
    for i in (0..count).rev() {
        let known: f64 = (i + 1..count).map(|k| matrix[k][i] * right[k]).sum();
        right[i] = (right[i] - known) / matrix[i][i];
    }
    Ok(right)
}

impl Predictor for Ridge {
    fn name(&self) -> &'static str {
        PREDICTOR.name
    }

    fn predict(&self, row: &[f64]) -> f64 {
        self.target.undo(self.scales.apply(row).zip(&self.weights).map(|(z, weight)| z * weight).sum())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_weights_are_those_of_the_closed_form_by_hand() {
        // One column of deviation 1 and slope 3: the weight on standardised sides is 1 / (1 + s).
        let rows: Vec<Vec<f64>> = (0..10).map(|i| vec![f64::from(2 * (i % 2) - 1)]).collect();
        let targets = rows.iter().map(|row| 3.0 * row[0] + 5.0).collect();
        let dataset = Dataset::new(vec!["a".to_owned()], rows, targets).expect("whole");
        let ridge = Ridge::with_strength(&dataset, 0.5).expect("solvable");
        assert!((ridge.weights[0] - 1.0 / 1.5).abs() < 1e-12, "{:?}", ridge.weights);
        assert!((ridge.predict(&[1.0]) - 7.0).abs() < 1e-12);
    }

    #[test]
    fn a_positive_definite_system_is_solved() {
        let matrix = vec![vec![4.0, 0.0, 0.0], vec![2.0, 5.0, 0.0], vec![1.0, 3.0, 6.0]];
        let x = solved(matrix, vec![4.0 + 4.0 + 3.0, 2.0 + 10.0 + 9.0, 1.0 + 6.0 + 18.0]).expect("solvable");
        for (found, expected) in x.iter().zip([1.0, 2.0, 3.0]) {
            assert!((found - expected).abs() < 1e-12, "{x:?}");
        }
        assert!(solved(vec![vec![0.0]], vec![1.0]).is_err());
    }
}
