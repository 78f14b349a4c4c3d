//! Metrics of routing: plain numbers computed from routing records.
//!
//! All count valid units only, and all take records that were checked ([`super::RoutingDecision::checked`]). A
//! number that does not exist (no valid unit, no probabilities, one slot only) is an error that says why, never a
//! silent 0 or NaN. Entropies and informations are in nats.
//!
//! | file | what it measures |
//! | --- | --- |
//! | [`load`] | how many units each slot gets, and how unevenly |
//! | [`balance`] | the Switch load-balance loss in its three conventions, the z-loss |
//! | [`entropy`] | how sharp and how diverse the probabilities are |
//! | [`mod@specialisation`] | what a choice depends on, against a permutation null |
//! | [`mod@information`] | how much two labels of units tell about each other |
//! | [`path`] | how choices of several layers hang together |
//! | [`drops`] | who is dropped, and where; null slots; effective k |
//! | [`cost`] | floating-point operations against a reference |
//! | [`stability`] | how much choices change between checkpoints and seeds |
//! | [`regret`] | how much worse the chosen routes are than the best ones |

pub mod assignment;
pub mod balance;
pub mod cost;
pub mod drops;
pub mod entropy;
pub mod information;
pub mod load;
pub mod path;
pub mod regret;
pub mod specialisation;
pub mod stability;

#[cfg(test)]
mod fixtures;
#[cfg(test)]
mod golden;
#[cfg(test)]
mod properties;

pub use assignment::minimum_cost_assignment;
pub use balance::{Convention, log_sum_exp, switch_loss, switch_loss_of, z_loss};
pub use cost::{CostReference, flops_per_unit, flops_ratio};
pub use drops::{drop_rate, drop_rate_by_quartile, dropped_unit_share, effective_k, null_share};
pub use entropy::{RoutingEntropies, entropy_of, routing_entropies};
pub use information::{conditional_information, information};
pub use load::{
    dead_slots, importance, jain_index, load_counts, load_cv, max_violation, preferred_slots,
    routed_load_counts, served_shares,
};
pub use path::{co_activation, distinct_paths, path_information, transition_counts};
pub use regret::RouteLosses;
pub use specialisation::{Choice, Contingency, Specialisation, context_independence, specialisation};
pub use stability::{
    KeyDistance, align_slots, churn, mean_jaccard, mean_total_variation, top_one_agreement,
    total_variation_by_key,
};

use super::Checked;
use crate::{Error, Result};

fn undefined(statistic: &'static str, problem: impl Into<String>) -> Error {
    Error::Undefined { statistic, problem: problem.into() }
}

/// The number of choices that count: valid units times groups.
fn choices_that_count(statistic: &'static str, decision: Checked<'_>) -> Result<f64> {
    match decision.valid_units() {
        0 => Err(undefined(statistic, "the decision has no valid unit")),
        units => Ok((units * decision.groups) as f64),
    }
}

/// The rows of one number per slot that belong to valid units.
fn valid_rows<'a>(decision: &'a Checked<'_>, numbers: &'a [f32]) -> impl Iterator<Item = &'a [f32]> {
    numbers
        .chunks(decision.slots.len())
        .enumerate()
        .filter(|(row, _)| decision.valid[row / decision.groups])
        .map(|(_, row)| row)
}
