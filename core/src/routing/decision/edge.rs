//! Edges: one unit that meets one slot, and what became of it.

use serde::{Deserialize, Serialize};

/// What happens with what the chosen slots return.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum CombineMode {
    /// One slot's result is used as it is.
    Select,
    /// Results are added, weighted by `combine` (mixture of experts).
    MixOutputs,
    /// Weights are added before anything is computed (mixture of supernets, adapter routing).
    MixWeights,
    /// Results are put side by side.
    Concat,
    /// Units are placed, nothing is computed.
    Place,
    /// Units are looked up.
    Cache,
}

/// What became of an edge.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Fate {
    /// The slot served the unit.
    Kept,
    /// The slot was full; the unit got nothing from it.
    Dropped,
    /// The unit chose a null slot.
    Null,
    /// The unit chose to skip the layer or to leave the network.
    Skipped,
    /// A shared slot served the unit, as it serves all.
    Shared,
    /// The slot was full; another one served the unit.
    Rerouted {
        /// The slot that served it, as an index into the slot table.
        slot: usize,
    },
    /// The unit was found in the cache.
    Hit,
    /// The unit was not found in the cache and was loaded.
    Miss {
        /// The key of what had to leave; `None` when the line was free.
        evicted: Option<usize>,
    },
}

impl Fate {
    /// Whether a router chose this edge, rather than a rule that sends every unit there.
    pub fn is_routed(self) -> bool {
        self != Fate::Shared
    }

    /// Whether something was computed or looked up for the unit by choice: kept, rerouted, hit or miss.
    pub fn is_computed(self) -> bool {
        matches!(self, Fate::Kept | Fate::Rerouted { .. } | Fate::Hit | Fate::Miss { .. })
    }
}

/// One unit that meets one slot.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Edge {
    /// The unit.
    pub unit: usize,
    /// The group: which of the unit's separate choices this is.
    pub group: usize,
    /// The slot that was asked for, as an index into the slot table. A rerouted edge names the other slot in its
    /// fate.
    pub slot: usize,
    /// The place among the slots of this unit and group: 0 for the first choice. Also in expert choice, where
    /// slots choose units, the rank is seen from the unit. Shared edges have no rank; theirs is not read.
    pub rank: usize,
    /// The number that the assigner compared.
    pub score: f32,
    /// How much of the unit goes in: 1 for hard routing, 0 when dropped.
    pub dispatch: f32,
    /// The weight of what comes out; 0 when dropped.
    pub combine: f32,
    /// What became of it.
    pub fate: Fate,
}

impl Edge {
    /// A kept edge with weight 1, group 0 and rank 0.
    pub fn kept(unit: usize, slot: usize) -> Self {
        Self { unit, group: 0, slot, rank: 0, score: 0.0, dispatch: 1.0, combine: 1.0, fate: Fate::Kept }
    }

    /// The slot that served the unit; `None` when it was dropped.
    pub fn served_by(&self) -> Option<usize> {
        match self.fate {
            Fate::Dropped => None,
            Fate::Rerouted { slot } => Some(slot),
            _ => Some(self.slot),
        }
    }
}

/// How often each slot was chosen, drops included.
pub fn chosen_counts(edges: &[Edge], slots: usize) -> Vec<usize> {
    let mut counts = vec![0; slots];
    edges.iter().for_each(|edge| counts[edge.slot] += 1);
    counts
}
