//! Assigners: from one number per unit and slot to edges. They neither score nor limit; weights and capacity come
//! after them, in [`super::weighing`] and [`super::capacity`].
//!
//! | file | who goes where |
//! | --- | --- |
//! | [`mod@top_k`] | each unit to the slots that score highest |
//! | [`grouped_top_k`] | the same, inside the best groups of slots |
//! | [`random_second`] | each unit to its best slot, and to the second best by chance |
//! | [`top_p`] | each unit to as many slots as make up a given probability |
//! | [`active`] | each unit to every slot with a positive score |
//! | [`expert_choice`] | each slot takes the units that score highest there |
//! | [`balanced`] | all units, evenly, with the largest sum of scores |
//! | [`sinkhorn`] | each unit to the best slots of a balanced soft plan |
//! | [`depth`] | the best units through the block, the others around it |
//! | [`fixed`] | all units to the same given slots |
//! | [`hash`] | each unit to slots that a fixed hash names: a control without learning |

pub mod active;
pub mod balanced;
pub mod depth;
pub mod expert_choice;
pub mod fixed;
pub mod grouped_top_k;
pub mod hash;
pub mod random_second;
pub mod sinkhorn;
pub mod top_k;
pub mod top_p;

pub use active::Active;
pub use balanced::{Balanced, balanced_assignment};
pub use depth::Depth;
pub use expert_choice::ExpertChoice;
pub use fixed::Fixed;
pub use grouped_top_k::GroupedTopK;
pub use hash::HashOfIdentity;
pub use random_second::RandomSecond;
pub use sinkhorn::{Sinkhorn, sinkhorn_plan};
pub use top_k::{TopK, tied_units, top_k};
pub use top_p::TopP;

use super::controllers::RouterMemory;
use super::{Edge, Fate, Scored};
use crate::Result;
use crate::order;
use crate::rng::Stream;

/// Says who goes where.
pub trait Assigner: std::fmt::Debug + Send + Sync {
    /// The edges of a batch, unit by unit, the best slot of each first; combine weights are still 0. Units that do
    /// not count get none.
    ///
    /// # Errors
    /// When the scores do not allow what is asked for.
    fn assign(&self, scored: &Scored<'_>, memory: &RouterMemory, stream: &mut Stream) -> Result<Vec<Edge>>;
}

/// A kept edge that is not weighed yet.
fn chosen(unit: usize, slot: usize, rank: usize, score: f32) -> Edge {
    Edge { unit, group: 0, slot, rank, score, dispatch: 1.0, combine: 0.0, fate: Fate::Kept }
}

/// One unit's slots, the largest number first; the lower slot first on a tie. Rows are short, so each slot is put into its
/// place among the ones before it.
pub fn ranked(row: &[f32]) -> Vec<usize> {
    let mut order: Vec<usize> = Vec::with_capacity(row.len());
    for (slot, number) in row.iter().enumerate() {
        let place = order.iter().rposition(|&before| row[before].total_cmp(number).is_ge());
        order.insert(place.map_or(0, |place| place + 1), slot);
    }
    order
}

/// One unit's affinities with the bias on the choice, if there is one.
fn compared(scored: &Scored<'_>, memory: &RouterMemory, unit: usize) -> Vec<f32> {
    let bias = memory.bias.iter().chain(std::iter::repeat(&0.0));
    scored.affinities_of(unit).iter().zip(bias).map(|(affinity, bias)| affinity + bias).collect()
}

/// Puts edges that slots chose into the order of units, and ranks each unit's slots by score.
fn by_unit(mut edges: Vec<Edge>) -> Vec<Edge> {
    order::sort(&mut edges, |a, b| {
        a.unit.cmp(&b.unit).then(b.score.total_cmp(&a.score)).then(a.slot.cmp(&b.slot))
    });
    let mut last = None;
    let mut rank = 0;
    for edge in &mut edges {
        rank = if last == Some(edge.unit) { rank + 1 } else { 0 };
        last = Some(edge.unit);
        edge.rank = rank;
    }
    edges
}
