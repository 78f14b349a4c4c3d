//! Capacity: how many units a slot takes in one batch, and what becomes of the others.
//!
//! | file | who is served when a slot is full |
//! | --- | --- |
//! | [`mod@first_come`] | whoever came first; the rest is dropped |
//! | [`mod@priority`] | whoever the router is surest about; the rest is dropped |
//! | [`mod@reroute`] | whoever came first; the rest goes to its next best slot with room |

pub mod first_come;
pub mod priority;
pub mod reroute;

pub use first_come::{FirstCome, capacity, first_come};
pub use priority::Priority;
pub use reroute::Reroute;

use super::{Edge, Scored};

/// What happens beyond a slot's capacity, in training.
pub trait CapacityPolicy: std::fmt::Debug + Send + Sync {
    /// Gives fates to the edges of a batch. Null slots (from `experts` on) hold everybody. Returns how many places
    /// each expert holds ready, used or not; nothing when it takes exactly what comes.
    fn limit(&self, edges: &mut [Edge], scored: &Scored<'_>, experts: usize) -> Option<usize>;
}

/// No limit: every slot takes what comes (MegaBlocks' "dropless"; Tutel's capacity factor 0).
#[derive(Debug, Clone, Copy)]
pub struct Dropless;

impl CapacityPolicy for Dropless {
    fn limit(&self, _: &mut [Edge], _: &Scored<'_>, _: usize) -> Option<usize> {
        None
    }
}

/// The mean number of choices of a unit, rounded up: the `k` of a batch.
fn choices(edges: &[Edge], scored: &Scored<'_>) -> usize {
    edges.len().div_ceil(scored.valid_units().count().max(1))
}

/// What becomes of units that find a full slot.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Overflow {
    /// Whoever comes late is dropped.
    Drop,
    /// Whoever the router is least sure about is dropped.
    DropLeastSure,
    /// Whoever comes late goes to the next best slot with room.
    Reroute,
}

/// The policy of a capacity factor as Tutel reads it (arXiv 2206.03382): above 0 a limit, 0 no limit, below 0 a limit
/// that holds ready only what is needed.
pub fn of_factor(factor: f64, overflow: Overflow) -> Box<dyn CapacityPolicy> {
    match overflow {
        _ if factor == 0.0 => Box::new(Dropless),
        Overflow::Drop => Box::new(FirstCome { factor }),
        Overflow::DropLeastSure => Box::new(Priority { factor }),
        Overflow::Reroute => Box::new(Reroute { factor }),
    }
}
