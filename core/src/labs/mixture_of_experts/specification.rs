//! The lab's specification as typed values, read from a checked experiment.

use serde::Deserialize;

/// Every field of the lab; `fields.rs` says what each one means.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Specification {
    /// Trainings per method.
    pub seeds: u64,
    /// Which methods are compared.
    pub methods: Vec<String>,
    /// The data.
    pub data: Data,
    /// The experts.
    pub model: Model,
    /// Who goes where.
    pub router: Router,
    /// How networks are trained.
    pub training: Training,
    /// How learning rates are chosen.
    pub tuning: Tuning,
    /// What counts as a difference.
    pub comparison: Comparison,
}

/// What is learned.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Data {
    /// `rings`, `spirals`, `gaussians`, `digits` or `own`.
    pub source: String,
    /// Points that are drawn.
    pub points: usize,
    /// Classes of drawn points.
    pub classes: usize,
    /// Deviation of drawn points.
    pub noise: f64,
    /// Turns of a spiral.
    pub turns: f64,
    /// Clusters of each class.
    pub clusters: usize,
    /// Share of the rows held out.
    pub test_share: f64,
}

/// The experts.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Model {
    /// How many there are.
    pub experts: usize,
    /// Hidden units of each.
    pub hidden: usize,
    /// `tanh` or `relu`.
    pub activation: String,
}

/// Who goes where.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Router {
    /// `parts`, or a router of the registry.
    pub kind: String,
    /// Experts per row.
    pub k: usize,
    /// Hidden units of the router.
    pub hidden: usize,
    /// `renormalised` or `raw`.
    pub combine: String,
    /// Deviation of the noise on its logits.
    pub noise: f64,
    /// `none`, `auxiliary` or `bias`.
    pub balance: String,
    /// Weight of the auxiliary loss, or speed of the bias.
    pub balance_weight: f64,
    /// Weight of the z-loss.
    pub z_weight: f64,
    /// Capacity factor in training.
    pub capacity_factor: f64,
}

/// How networks are trained.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Training {
    /// Optimiser steps.
    pub steps: u64,
    /// Rows in a batch.
    pub batch: usize,
    /// Batches whose mean gradient makes one step.
    pub accumulation: u64,
    /// Largest norm of all gradients together; 0 for no bound.
    pub clip_norm: f64,
    /// AdamW's decay of matrices.
    pub weight_decay: f64,
    /// Peak learning rate, and centre of the tuning grid.
    pub learning_rate: f64,
    /// Factor for the router.
    pub router_rate: f64,
    /// Share of the steps in which the rate rises.
    pub warm_up: f64,
}

/// How learning rates are chosen.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Tuning {
    /// Learning rates tried; 0 tunes nothing.
    pub rates: usize,
    /// Trainings per trial.
    pub seeds: u64,
}

/// What counts as a difference.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Comparison {
    /// Smallest relative change of the test loss that matters.
    pub smallest_effect: f64,
}
