//! A number with its 95% interval, a number without one, or no number: always with the reason for what is missing.

use serde::Serialize;

use super::reason;
use crate::Result;
use crate::statistics::{Distribution, Interval};

const SAME: &str = "every resample gives the same number, so resampling does not say how sure it is";

/// What was measured.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(tag = "known", rename_all = "kebab-case")]
pub enum Measure {
    /// A number with its 95% bootstrap interval.
    Interval(Interval),
    /// A number that has no interval.
    Point {
        /// The number.
        value: f64,
        /// Why it has no interval.
        reason: String,
    },
    /// No number.
    Undefined {
        /// Why there is none.
        reason: String,
    },
}

impl Measure {
    /// The number, if there is one.
    pub fn value(&self) -> Option<f64> {
        match self {
            Self::Interval(interval) => Some(interval.mean),
            Self::Point { value, .. } => Some(*value),
            Self::Undefined { .. } => None,
        }
    }

    /// No number, and why.
    pub fn undefined(reason: impl Into<String>) -> Self {
        Self::Undefined { reason: reason.into() }
    }

    /// An estimate with the interval of its values on resamples; a value that is not a number stands for a resample on
    /// which it is not defined. `resamples` may instead say why nothing can be resampled.
    pub(super) fn of(
        estimate: Result<f64>,
        resamples: std::result::Result<impl ExactSizeIterator<Item = f64>, &str>,
    ) -> Self {
        let value = match estimate {
            Ok(value) => value,
            Err(error) => return Self::undefined(reason(&error)),
        };
        let mut resamples = match resamples {
            Ok(resamples) => resamples,
            Err(why) => return Self::Point { value, reason: why.to_owned() },
        };
        let count = resamples.len();
        match Distribution::draw(value, count, || Ok(resamples.next().unwrap_or(f64::NAN))) {
            Ok(distribution) => match distribution.interval() {
                // No drop among what was seen does not mean that there is none.
                Interval { low, high, .. } if low == high => Self::Point { value, reason: SAME.to_owned() },
                interval => Self::Interval(interval),
            },
            Err(error) => Self::Point { value, reason: reason(&error) },
        }
    }
}
