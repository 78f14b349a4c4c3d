//! Statistics: how far an estimate is from the truth, how well it ranks, and what an interval allows us to say.
//!
//! Plain slices of `f64` go in, plain numbers come out. In a supernet study the *estimate* is the quality of an
//! architecture with inherited weights, the *truth* is its quality when it is trained alone.
//! A number that is not finite is refused, and so is a statistic that the data do not determine.
//! Nothing here trains, draws pictures, or knows what the numbers mean.
//!
//! | module | question |
//! | --- | --- |
//! | [`gap`] | how far is the estimate from the truth? |
//! | [`kendall`] | does it rank as the truth does? |
//! | [`pearson`] | do two columns lie on a line? |
//! | [`regret`] | what does choosing by the estimate cost? |
//! | [`ceiling`] | how well could any estimate do, given the noise of the truth? |
//! | [`rankers`] | does plain size rank as well? |
//! | [`bootstrap`](mod@bootstrap), [`hierarchical`] | how sure are we? |
//! | [`student`] | the mean over few seeds, with its interval |
//! | [`significance`], [`holm`](mod@holm) | p-values, and what several of them cost |
//! | [`verdict`](mod@verdict) | the word that the interval leads to |

pub mod bootstrap;
pub mod ceiling;
pub mod gap;
pub mod hierarchical;
pub mod holm;
pub mod kendall;
pub mod pearson;
pub mod rankers;
pub mod regret;
pub mod significance;
pub mod student;
pub mod verdict;

pub use bootstrap::{DEFAULT_RESAMPLES, Distribution, Interval, bootstrap, bootstrap_mean, quantile};
pub use ceiling::{NoiseCeiling, noise_ceiling};
pub use gap::{centred_mean_absolute_error, mean_absolute_error, signed_gap};
pub use hierarchical::{Paired, hierarchical_bootstrap, hierarchical_bootstrap_mean};
pub use holm::holm;
pub use kendall::{kendall_null_standard_error, kendall_tau, within_band_tau};
pub use pearson::pearson_r;
pub use rankers::{TrivialRanker, trivial_rankers};
pub use regret::{Direction, top_k_regret};
pub use significance::{SignCount, sign_count, sign_flip_p_value};
pub use student::{mean_with_t_interval, student_t_cumulative, student_t_quantile};
pub use verdict::verdict;

use crate::{Error, Result};

/// The error for a statistic that these numbers do not have.
pub(crate) fn undefined(statistic: &'static str, problem: impl Into<String>) -> Error {
    Error::Undefined { statistic, problem: problem.into() }
}

/// Refuses fewer than `least` numbers, and numbers that are not finite.
pub(crate) fn check(statistic: &'static str, values: &[f64], least: usize) -> Result<()> {
    if values.len() < least {
        return Err(undefined(statistic, format!("it needs at least {least} values, not {}", values.len())));
    }
    match values.iter().position(|value| !value.is_finite()) {
        Some(index) => {
            Err(undefined(statistic, format!("value {index} (counted from 0) is {}", values[index])))
        }
        None => Ok(()),
    }
}

/// [`check`] on both columns, which must be equally long.
pub(crate) fn check_pair(statistic: &'static str, x: &[f64], y: &[f64], least: usize) -> Result<()> {
    if x.len() != y.len() {
        let problem = format!("the two columns have {} and {} values; they must pair up", x.len(), y.len());
        return Err(undefined(statistic, problem));
    }
    check(statistic, x, least)?;
    check(statistic, y, least)
}

/// The arithmetic mean of numbers that were checked to be at least one.
pub(crate) fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len() as f64
}
