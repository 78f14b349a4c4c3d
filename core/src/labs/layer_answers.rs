//! What one layer's router says about some units outside training, and its routing record.

use crate::nn::token_router::Routed;
use crate::routing::routers::Recipe;
use crate::routing::{CombineMode, Edge, Fate, RoutingDecision, Scope, SlotCost, SlotKind, UnitKind};

/// What one layer's router says.
#[derive(Debug, Clone, Default)]
pub(super) struct LayerAnswers {
    /// The logits that were compared, `[units, slots]`.
    pub logits: Vec<f32>,
    /// The affinities, likewise.
    pub affinities: Vec<f32>,
    /// Who goes where, unit by unit.
    pub edges: Vec<Edge>,
}

/// What a record is about.
pub(super) struct About<'a> {
    /// How the router works.
    pub recipe: &'a Recipe,
    /// What it is called.
    pub router: &'a str,
    /// Steps done.
    pub step: u64,
    /// Which layer it is.
    pub layer: usize,
    /// What its units are.
    pub units: UnitKind,
    /// What one expert takes for one unit.
    pub cost: SlotCost,
}

impl LayerAnswers {
    /// Takes in what a router did about units that come after `before` others.
    pub fn add(&mut self, routed: Routed, before: usize) {
        self.logits.extend(routed.logits);
        self.affinities.extend(routed.affinities);
        let moved = |edge: Edge| Edge { unit: edge.unit + before, ..edge };
        self.edges.extend(routed.routing.edges.into_iter().map(moved));
    }

    /// How often each scored expert serves a unit. A mixture of all counts for whom it weighs most.
    pub fn load(&self, recipe: &Recipe) -> Vec<usize> {
        let experts = recipe.pipeline().experts;
        let mut counts = vec![0; experts];
        let serves = |edge: &&Edge| {
            edge.slot < experts && edge.fate != Fate::Skipped && (recipe.soft.is_none() || edge.rank == 0)
        };
        self.edges.iter().filter(serves).for_each(|edge| counts[edge.slot] += 1);
        counts
    }

    /// The slot that each unit chose first; nothing for units that nobody took.
    pub fn first_slots(&self, units: usize) -> Vec<Option<usize>> {
        let mut slots = vec![None; units];
        self.edges.iter().filter(|edge| edge.rank == 0).for_each(|edge| slots[edge.unit] = Some(edge.slot));
        slots
    }

    /// The record of who went where; the caller adds what it knows about the units, and checks it.
    pub fn record(&self, about: &About<'_>) -> RoutingDecision {
        let recipe = about.recipe;
        let units = self.affinities.len() / recipe.slots();
        let mut table = recipe.slot_table();
        let count = if recipe.is_block { recipe.experts } else { 1 } as f64;
        for slot in table.iter_mut().filter(|slot| matches!(slot.kind, SlotKind::Expert | SlotKind::Shared)) {
            slot.cost = SlotCost {
                flops: count * about.cost.flops,
                parameters: count * about.cost.parameters,
                ..about.cost
            };
        }
        let width = table.len();
        let mut decision =
            RoutingDecision::new(about.router, Scope::Layer(about.layer), about.units, units, table);
        decision.step = about.step;
        decision.combine_mode = CombineMode::MixOutputs;
        decision.edges = self.edges.clone();
        for unit in 0..units {
            let shared =
                |shared: usize| Edge { fate: Fate::Shared, ..Edge::kept(unit, recipe.slots() + shared) };
            decision.edges.extend((0..recipe.shared).map(shared));
        }
        if recipe.has_distribution() {
            let padded = |numbers: &[f32]| -> Vec<f32> {
                let rows = numbers.chunks_exact(recipe.slots());
                rows.flat_map(|row| row.iter().copied().chain(std::iter::repeat_n(0.0, width - row.len())))
                    .collect()
            };
            decision.logits = Some(padded(&self.logits));
            decision.probabilities = Some(padded(&self.affinities));
        }
        decision
    }
}
