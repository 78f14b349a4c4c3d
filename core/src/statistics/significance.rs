//! Sign counts and the exact sign-flip test over replicates.

use serde::{Deserialize, Serialize};

use super::{Direction, check, undefined};
use crate::Result;

/// In how many replicates the difference has the claimed sign.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct SignCount {
    /// Replicates that are strictly better.
    pub wins: usize,
    /// Replicates without a difference.
    pub ties: usize,
    /// All replicates.
    pub replicates: usize,
}

/// Counts the `differences` (new - baseline) that are better than 0.
///
/// # Errors
/// [`Undefined`](crate::Error::Undefined) for no differences or non-finite ones.
pub fn sign_count(differences: &[f64], better: Direction) -> Result<SignCount> {
    check("the sign count", differences, 1)?;
    Ok(SignCount {
        wins: differences.iter().filter(|&&difference| better.as_cost(difference) < 0.0).count(),
        ties: differences.iter().filter(|&&difference| difference == 0.0).count(),
        replicates: differences.len(),
    })
}

/// Two-sided exact sign-flip test (Fisher 1935): the share of the 2^n ways to flip the signs of the paired
/// differences whose mean is at least as far from 0 as the one observed.
///
/// With n replicates it cannot be below `2^(1-n)`: six seeds give 0.031 at best.
///
/// # Errors
/// [`Undefined`](crate::Error::Undefined) for no or non-finite differences, or more than 20 (then the bootstrap's
/// p-value serves).
pub fn sign_flip_p_value(differences: &[f64]) -> Result<f64> {
    const STATISTIC: &str = "the sign-flip test";
    check(STATISTIC, differences, 1)?;
    if differences.len() > 20 {
        let problem =
            format!("{} replicates are too many to try all sign flips; 20 are not", differences.len());
        return Err(undefined(STATISTIC, problem));
    }
    let observed = differences.iter().sum::<f64>().abs();
    let slack = 1e-12 * differences.iter().map(|difference| difference.abs()).sum::<f64>();
    let flips = 1usize << differences.len();
    let as_far = (0..flips)
        .filter(|flip| {
            let signed = |(i, d): (usize, &f64)| if flip >> i & 1 == 1 { -d } else { *d };
            differences.iter().enumerate().map(signed).sum::<f64>().abs() >= observed - slack
        })
        .count();
    Ok(as_far as f64 / flips as f64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn signs_are_counted() {
        let differences = [-0.1, 0.0, 0.2, -0.3];
        let lower = SignCount { wins: 2, ties: 1, replicates: 4 };
        assert_eq!(sign_count(&differences, Direction::Lower), Ok(lower));
        assert_eq!(sign_count(&differences, Direction::Higher), Ok(SignCount { wins: 1, ..lower }));
        assert!(sign_count(&[], Direction::Lower).is_err());
    }

    #[test]
    fn the_p_value_equals_scipy() {
        // scipy.stats.permutation_test((v,), lambda a, axis: numpy.mean(a, axis=axis), vectorized=True,
        //                              permutation_type='samples', n_resamples=numpy.inf).pvalue
        assert_eq!(sign_flip_p_value(&[-0.3, -0.1, -0.4, 0.05, -0.2, -0.25]), Ok(0.0625));
        assert_eq!(sign_flip_p_value(&[1.0; 6]), Ok(0.03125));
        assert_eq!(sign_flip_p_value(&[0.2, -0.1, 0.4, 0.05, 0.3, -0.02, 0.11]), Ok(0.109375));
        assert_eq!(sign_flip_p_value(&[0.0; 3]), Ok(1.0));
    }

    #[test]
    fn nan_and_too_many_replicates_are_refused() {
        assert!(sign_flip_p_value(&[f64::NAN]).is_err());
        assert!(sign_flip_p_value(&[1.0; 21]).is_err());
    }
}
