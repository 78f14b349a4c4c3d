//! The lab's specification as typed values, read from a checked experiment.

use serde::Deserialize;

use crate::Result;
use crate::supernet::SearchSpace;

/// Every field of the lab; `fields.rs` says what each one means.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Specification {
    /// Supernet seeds per method.
    pub seeds: u64,
    /// Which methods are compared.
    pub methods: Vec<String>,
    /// The data.
    pub data: Data,
    /// The search space.
    pub space: Space,
    /// How weights are shared.
    pub supernet: Supernet,
    /// How networks are trained.
    pub training: Training,
    /// How learning rates are chosen.
    pub tuning: Tuning,
    /// How the gap is measured.
    pub audit: Audit,
}

impl Specification {
    /// The search space of networks from `inputs` features to `outputs` classes.
    ///
    /// # Errors
    /// When fields that are each in range do not fit together.
    pub fn search_space(&self, inputs: usize, outputs: usize) -> Result<SearchSpace> {
        let space = &self.space;
        SearchSpace {
            inputs,
            outputs,
            widths: space.widths.clone(),
            depths: space.depths.clone(),
            ffn: space.ffn.clone(),
            wide_ffn: (space.wide_ffn > 0).then_some(space.wide_ffn),
            activations: space.activations.iter().map(|name| name.parse()).collect::<Result<_>>()?,
        }
        .checked()
    }
}

/// What is learned.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Data {
    /// `digits` or `teacher`.
    pub source: String,
    /// Share of the rows held out for the audit.
    pub test_share: f64,
    /// How sure the teacher is.
    pub temperature: f64,
}

/// Which sub-networks exist.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Space {
    /// Widths of the residual stream.
    pub widths: Vec<usize>,
    /// Numbers of blocks.
    pub depths: Vec<usize>,
    /// Inner widths.
    pub ffn: Vec<usize>,
    /// Inner width of the one wide layer, 0 for none.
    pub wide_ffn: usize,
    /// Names of activations.
    pub activations: Vec<String>,
}

/// How weights are shared.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Supernet {
    /// Expert sets (`m`).
    pub experts: usize,
    /// Experts start equal.
    pub copied_init: bool,
    /// Experts start `√m` larger.
    pub matched_init: bool,
    /// What routers read.
    pub encoding: String,
    /// Units of the router.
    pub router_hidden: usize,
    /// In-place distillation.
    pub distillation: bool,
}

/// How networks are trained.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Training {
    /// Optimiser steps.
    pub steps: u64,
    /// Rows in a batch.
    pub batch: usize,
    /// Centre of the learning-rate grid.
    pub learning_rate: f64,
    /// Factor for the router when nothing is tuned.
    pub router_learning_rate: f64,
    /// Share of the steps in which the rate rises.
    pub warm_up: f64,
}

/// How learning rates are chosen.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Tuning {
    /// Learning rates tried; 0 tunes nothing.
    pub rates: usize,
    /// Supernet seeds per method.
    pub seeds: u64,
    /// Architectures used.
    pub architectures: usize,
}

/// How the gap is measured.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Audit {
    /// Architectures used.
    pub architectures: usize,
    /// Parameter bands.
    pub bands: usize,
    /// Standalone trainings per architecture.
    pub standalones: u64,
    /// Bootstrap resamples.
    pub resamples: usize,
    /// Smallest relative change of the gap that matters.
    pub smallest_effect: f64,
}
