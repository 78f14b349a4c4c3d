//! What a router remembers between steps besides its weights, and who writes it.

use super::super::{Edge, Scored};

/// Numbers that controllers keep for a router. They are part of a run's digest.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct RouterMemory {
    /// Added to each slot's affinity for the choice only; empty for none.
    pub bias: Vec<f32>,
    /// The affinity that a unit needs at each slot outside training; empty while nothing is known.
    pub thresholds: Vec<f32>,
    /// The weight of a penalty that follows a target; 0 for none.
    pub penalty: f64,
}

impl RouterMemory {
    /// Every number, for digests.
    pub fn numbers(&self) -> impl Iterator<Item = f64> + '_ {
        let single = self.bias.iter().chain(&self.thresholds).map(|&number| f64::from(number));
        single.chain(std::iter::once(self.penalty))
    }
}

/// A rule that changes a router's memory after each training step, without a gradient.
pub trait Controller: std::fmt::Debug + Send + Sync {
    /// The memory before the first step.
    fn begin(&self, slots: usize) -> RouterMemory;

    /// One step, from what the last batch did.
    fn update(&self, memory: &mut RouterMemory, scored: &Scored<'_>, edges: &[Edge]);
}

/// The controller of routers that need none.
#[derive(Debug, Clone, Copy)]
pub struct Nothing;

impl Controller for Nothing {
    fn begin(&self, _: usize) -> RouterMemory {
        RouterMemory::default()
    }

    fn update(&self, _: &mut RouterMemory, _: &Scored<'_>, _: &[Edge]) {}
}
