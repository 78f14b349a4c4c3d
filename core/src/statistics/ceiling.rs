//! The noise ceiling: how well the truth agrees with itself when it is measured again.
//!
//! No estimate should be expected to agree with one noisy measurement better than a second measurement does.
//! (An estimate compared with the *mean* of several measurements can do a little better.)

use serde::{Deserialize, Serialize};

use super::{kendall_tau, mean, mean_absolute_error, undefined};
use crate::Result;

/// How well repeated standalone trainings agree.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct NoiseCeiling {
    /// Mean Kendall's tau-b over all pairs of repetitions.
    pub tau: f64,
    /// Mean absolute difference of one architecture's quality, over all pairs of repetitions.
    pub mean_absolute_difference: f64,
    /// Pairs of repetitions.
    pub pairs: usize,
}

/// The ceiling from `repetitions[repetition][architecture]`.
///
/// # Errors
/// [`Undefined`](crate::Error::Undefined) for fewer than 2 repetitions, unequal lengths, non-finite numbers or a
/// constant repetition.
pub fn noise_ceiling(repetitions: &[Vec<f64>]) -> Result<NoiseCeiling> {
    if repetitions.len() < 2 {
        let problem =
            format!("it needs at least 2 repetitions of the standalones, not {}", repetitions.len());
        return Err(undefined("the noise ceiling", problem));
    }
    let (mut taus, mut differences) = (Vec::new(), Vec::new());
    for (index, one) in repetitions.iter().enumerate() {
        for other in &repetitions[..index] {
            taus.push(kendall_tau(other, one)?);
            differences.push(mean_absolute_error(other, one)?);
        }
    }
    Ok(NoiseCeiling { tau: mean(&taus), mean_absolute_difference: mean(&differences), pairs: taus.len() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_ceiling_averages_over_pairs() {
        let first = vec![1.0, 2.0, 3.0];
        let second = vec![1.0, 3.0, 2.0]; // tau with first 1/3, difference 2/3
        let third = vec![2.0, 3.0, 4.0]; // tau with first 1, with second 1/3; differences 1, 1
        let ceiling = noise_ceiling(&[first, second, third]).expect("defined");
        assert!((ceiling.tau - 5.0 / 9.0).abs() < 1e-15, "{ceiling:?}");
        assert!((ceiling.mean_absolute_difference - 8.0 / 9.0).abs() < 1e-15, "{ceiling:?}");
        assert_eq!(ceiling.pairs, 3);
    }

    #[test]
    fn one_repetition_has_no_ceiling() {
        assert!(noise_ceiling(&[vec![1.0, 2.0]]).is_err());
        assert!(noise_ceiling(&[vec![1.0, 2.0], vec![1.0]]).is_err());
    }
}
