//! Places in a routed layer where a caller may look or change something, in FSMoE's order (arXiv 2501.10714):
//! gate, order, dispatch, experts, combine.
//!
//! FSMoE splits a layer into these parts so that each can be replaced and hooks can run between them. Here the gate is
//! the recipe's scorer and affinity, the order its assigner, capacity and weighing. Dispatch, experts and combination
//! are one operation, whichever way it is computed, so hooks stand before and after it, not within.

use std::fmt::Debug;

use burn::prelude::*;

use crate::routing::Edge;

/// What runs between the parts of a layer; every method does nothing unless it is written anew.
///
/// They run in the order of the methods; in Soft MoE, which computes everything at once, `before_dispatch` runs before
/// `after_gate`. One that changes a tensor keeps its shape.
pub trait Hooks: Debug {
    /// Before anything: the units `[units, inputs]` as the gate and the experts will read them.
    fn before_gate(&self, x: Tensor<2>) -> Tensor<2> {
        x
    }

    /// After the gate: the logits and affinities that are compared, both `[units, slots]`, on the host.
    fn after_gate(&self, logits: &[f32], affinities: &[f32]) {
        let _ = (logits, affinities);
    }

    /// After the order: who goes where, with what weight, and who found no room.
    fn after_order(&self, edges: &[Edge]) {
        let _ = edges;
    }

    /// Before the dispatch: the units `[units, inputs]` as the experts will read them; the gate has read them already.
    fn before_dispatch(&self, x: Tensor<2>) -> Tensor<2> {
        x
    }

    /// After the combination: the answers `[units, outputs]`.
    fn after_combine(&self, output: Tensor<2>) -> Tensor<2> {
        output
    }
}

/// No hooks.
#[derive(Debug, Clone, Copy)]
pub struct NoHooks;

impl Hooks for NoHooks {}
