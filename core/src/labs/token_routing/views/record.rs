//! From a layer's answers to the routing record.

use crate::Result;
use crate::labs::token_routing::context::Context;
use crate::labs::token_routing::method::Method;
use crate::labs::token_routing::task::Task;
use crate::labs::token_routing::trainer::LayerAnswers;
use crate::routing::routers::Recipe;
use crate::routing::{CombineMode, Edge, Fate, RoutingDecision, Scope, SlotCost, SlotKind, UnitKind};

/// What is known about the units of a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Keys {
    /// They are the held-out ones.
    OfHeldOut,
    /// Somebody asked about them.
    Unknown,
}

/// Whose decision it is.
pub struct About<'a> {
    pub method: &'a Method,
    pub recipe: &'a Recipe,
    pub step: u64,
    pub layer: usize,
}

/// The record of who went where, with what is known about held-out units; nothing is known about asked ones.
///
/// # Errors
/// When the record contradicts itself.
pub fn decision(
    context: &Context,
    about: &About<'_>,
    answers: &LayerAnswers,
    keys: Keys,
) -> Result<RoutingDecision> {
    let recipe = about.recipe;
    let units = answers.affinities.len() / recipe.slots();
    let sizes = context.sizes(about.method);
    let mut table = recipe.slot_table();
    for slot in table.iter_mut().filter(|slot| matches!(slot.kind, SlotKind::Expert | SlotKind::Shared)) {
        let count = if recipe.is_block { recipe.experts } else { 1 } as f64;
        let flops = count * sizes.flops(context.task.units());
        slot.cost = SlotCost { flops, parameters: count * sizes.parameters() as f64, ..SlotCost::default() };
    }
    let width = table.len();
    let mut decision =
        RoutingDecision::new(about.method.name, Scope::Layer(about.layer), UnitKind::Patch, units, table);
    decision.step = about.step;
    decision.combine_mode = CombineMode::MixOutputs;
    decision.edges = answers.edges.clone();
    for unit in 0..units {
        let shared = |shared: usize| Edge { fate: Fate::Shared, ..Edge::kept(unit, recipe.slots() + shared) };
        decision.edges.extend((0..recipe.shared).map(shared));
    }
    if recipe.has_distribution() {
        let padded = |numbers: &[f32]| -> Vec<f32> {
            let rows = numbers.chunks_exact(recipe.slots());
            rows.flat_map(|row| row.iter().copied().chain(std::iter::repeat_n(0.0, width - row.len())))
                .collect()
        };
        decision.logits = Some(padded(&answers.logits));
        decision.probabilities = Some(padded(&answers.affinities));
    }
    let length = context.task.units() as u32;
    decision.keys.position = Some((0..units as u32).map(|unit| unit % length).collect());
    if let Task::Text(_) = context.task {
        decision.unit_kind = UnitKind::Token;
    }
    if keys == Keys::OfHeldOut {
        let of = |name: &str| {
            let key = context.task.keys().into_iter().find(|key| key.name == name)?;
            Some(key.values.into_iter().map(|value| value as u32).collect::<Vec<u32>>())
        };
        match &context.task {
            Task::Digits(_) => decision.keys.class = of("specialisation"),
            Task::Text(text) => {
                decision.keys.token_id = Some(text.corpus.inputs(&text.test));
                (decision.keys.class, decision.keys.domain) = (of("positions"), of("specialisation"));
            }
        }
    }
    decision.validate()?;
    Ok(decision)
}
