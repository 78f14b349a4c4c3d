//! Trivial rankers: what plain size says about quality. A supernet that ranks no better than the parameter count
//! has taught nothing about ranking.

use serde::{Deserialize, Serialize};

use super::{Direction, kendall_tau};
use crate::{Error, Result};

/// How one size column ranks the truth.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TrivialRanker {
    /// The column's name: `parameters`, `FLOPs`, `depth`…
    pub name: String,
    /// Kendall's tau-b with true quality; positive when larger is better in truth. `None` when the column is
    /// constant and ranks nothing.
    pub tau: Option<f64>,
}

/// Kendall's tau-b of each named size column with the truth.
///
/// # Errors
/// [`Undefined`](crate::Error::Undefined) for unequal lengths, non-finite numbers, or a constant truth.
pub fn trivial_rankers(
    columns: &[(&str, &[f64])],
    truth: &[f64],
    better: Direction,
) -> Result<Vec<TrivialRanker>> {
    let quality: Vec<f64> = truth.iter().map(|&value| -better.as_cost(value)).collect();
    kendall_tau(&quality, &quality)?;
    let ranker = |&(name, column): &(&str, &[f64])| {
        let constant = column.iter().all(|value| value.is_finite() && *value == column[0]);
        let tau = match kendall_tau(column, &quality) {
            Ok(tau) => Some(tau),
            Err(Error::Undefined { .. }) if constant && column.len() == quality.len() => None,
            Err(error) => return Err(error),
        };
        Ok(TrivialRanker { name: name.to_owned(), tau })
    };
    columns.iter().map(ranker).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn larger_is_better_gives_a_positive_tau_for_losses_and_for_accuracies() {
        let (sizes, depth) = ([1.0, 2.0, 3.0], [2.0, 2.0, 2.0]);
        let columns: [(&str, &[f64]); 2] = [("parameters", &sizes), ("depth", &depth)];
        let by_loss = trivial_rankers(&columns, &[0.9, 0.5, 0.6], Direction::Lower).expect("defined");
        let by_accuracy = trivial_rankers(&columns, &[0.1, 0.5, 0.4], Direction::Higher).expect("defined");
        assert_eq!(by_loss, by_accuracy);
        assert!((by_loss[0].tau.expect("not constant") - 1.0 / 3.0).abs() < 1e-15);
        assert_eq!(by_loss[1], TrivialRanker { name: "depth".into(), tau: None });
    }

    #[test]
    fn a_constant_truth_and_unequal_columns_are_refused() {
        assert!(trivial_rankers(&[("size", &[1.0, 2.0])], &[1.0, 1.0], Direction::Lower).is_err());
        assert!(trivial_rankers(&[("size", &[1.0, 2.0, 3.0])], &[1.0, 2.0], Direction::Lower).is_err());
        assert!(trivial_rankers(&[("size", &[1.0, f64::NAN])], &[1.0, 2.0], Direction::Lower).is_err());
    }
}
