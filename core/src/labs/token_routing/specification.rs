//! The specification as typed values, read from a checked experiment.

use serde::Deserialize;

/// Every field; `fields.rs` says what each one means.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Specification {
    pub scale: String,
    pub seeds: u64,
    pub methods: Vec<String>,
    pub data: Data,
    pub model: Model,
    pub router: Router,
    pub training: Training,
    pub comparison: Comparison,
}

impl Data {
    /// Whether a text is learned.
    pub fn is_text(&self) -> bool {
        self.source != "digits"
    }
}

impl Specification {
    /// What `scale` makes of the other fields.
    pub fn scaled(mut self) -> Self {
        if self.scale == "full" {
            self.seeds = self.seeds.max(5);
            self.training.steps *= 5;
            self.model.width *= 2;
            self.model.hidden *= 2;
        }
        self
    }
}

/// What is learned.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Data {
    pub source: String,
    pub level: String,
    pub test_share: f64,
    pub patch: usize,
    pub characters: usize,
    pub length: usize,
    pub topics: usize,
    pub copy_share: f64,
}

/// The networks.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Model {
    pub width: usize,
    pub heads: usize,
    pub layers: usize,
    pub experts: usize,
    pub hidden: usize,
    pub activation: String,
}

/// Who goes where.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Router {
    pub k: usize,
    pub capacity: String,
    pub capacity_factor: f64,
    pub loss_factor: f64,
}

/// How networks are trained.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Training {
    pub steps: u64,
    pub batch: usize,
    pub learning_rate: f64,
    pub accumulation: u64,
    pub clip_norm: f64,
    pub weight_decay: f64,
    pub patience: usize,
}

impl Training {
    /// The share of the data that is kept to decide when to stop.
    pub fn validation_share(&self) -> f64 {
        if self.patience > 0 { 0.1 } else { 0.0 }
    }
}

/// What counts as a difference.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Comparison {
    pub smallest_effect: f64,
}
