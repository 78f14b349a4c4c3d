//! What a file of routes says: balance, specialisation, paths, stability and drops, each with a 95% interval where
//! something can be resampled, and with the reason where a number does not exist.
//!
//! It reads what [`interchange`](crate::interchange) made of a file, so it works on routes of other programs too. The
//! definitions are those of [`routing::metrics`](crate::routing::metrics); what is computed here in another way, because
//! a million edges must take less than a second, is tested against them. It draws nothing from a clock or a file.
//!
//! | file | what it holds |
//! | --- | --- |
//! | [`measure`] | a number with its interval, or the reason why there is none |
//! | [`resampling`](mod@resampling) | which units are resampled together, and how often each is drawn |
//! | `sums` | sums for each item and slot |
//! | [`balance`] | how even the load is |
//! | [`information`] | what a choice depends on, against a permutation null |
//! | [`stability`] | how much choices change between steps |
//! | [`drops`] | what was thrown away, and where |
//! | [`routes`] | a summary of decisions |
//! | [`loads`] | a summary of a load table |
//! | [`mod@plates`] | pictures of a summary |
//! | [`missing`](mod@missing) | what is not known, and why |
//! | [`findings`] | all of this as it is shown |

pub mod balance;
pub mod drops;
pub mod findings;
pub mod information;
pub mod loads;
pub mod measure;
pub mod missing;
pub mod plates;
pub mod resampling;
pub mod routes;
pub mod stability;
mod sums;

#[cfg(test)]
mod tests;

pub use findings::Findings;
pub use loads::{LayerLoad, LoadSummary};
pub use measure::Measure;
pub use missing::missing;
pub use plates::plates;
pub use routes::{PlaceSummary, RouteSummary};

use serde::Serialize;

use crate::Result;
use crate::interchange::Contents;

/// What a file says.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum Inspection {
    /// About single decisions.
    Routes(RouteSummary),
    /// About shares of load.
    Loads(LoadSummary),
}

/// Measures what a file holds. The same contents and seed give the same numbers.
///
/// # Errors
/// If a decision contradicts itself; contents that were read from a file do not.
pub fn inspect(contents: &Contents, seed: u64) -> Result<Inspection> {
    match contents {
        Contents::Routes(routes) => routes::summary(routes, seed).map(Inspection::Routes),
        Contents::Loads(table) => Ok(Inspection::Loads(loads::summary(table, seed))),
    }
}

/// Why a number does not exist, as the half of a sentence.
fn reason(error: &crate::Error) -> String {
    match error {
        crate::Error::Undefined { problem, .. } => problem.clone(),
        other => other.to_string(),
    }
}
