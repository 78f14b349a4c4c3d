//! How much memory a training may take, told before anything is allocated.

use crate::{Error, Result};

/// The most bytes of one training: what a browser's tab may have, and a school's laptop has free.
pub const MOST_BYTES: f64 = 2e9;

/// Copies of a parameter: itself, its gradient, and Adam's two moments.
const COPIES_OF_PARAMETERS: f64 = 4.0;

/// Copies of an activation that live at once: as it was made, as the tape keeps it, and its gradient.
const COPIES_OF_ACTIVATIONS: f64 = 3.0;

/// About how many bytes a training step takes, of the numbers that it learns and of those that it computes.
pub fn bytes(parameters: f64, activations: f64) -> f64 {
    4.0 * (COPIES_OF_ACTIVATIONS * activations + COPIES_OF_PARAMETERS * parameters)
}

/// Refuses what would not fit.
///
/// # Errors
/// [`Error::Inconsistent`] that names the method, the field `key` and the others that make it smaller.
pub fn check(method: &str, bytes: f64, key: &str, others: &str) -> Result<()> {
    if bytes <= MOST_BYTES {
        return Ok(());
    }
    Err(Error::Inconsistent {
        key: key.to_owned(),
        problem: format!(
            "a step of `{method}` would take about {:.1} GB, and at most {:.0} GB are allowed; lower it, {others}",
            bytes / 1e9,
            MOST_BYTES / 1e9
        ),
    })
}
