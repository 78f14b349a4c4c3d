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
    pub positions: String,
    pub layers: usize,
    pub experts: usize,
    pub hidden: usize,
    pub feed_forward: String,
    pub activation: String,
}

/// Who goes where.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Router {
    pub k: usize,
    pub k_start: usize,
    pub capacity: String,
    pub capacity_factor: f64,
    pub loss_factor: f64,
}

impl Model {
    /// Whether every unit passes a dense feed-forward part beside the experts.
    pub fn is_residual(&self) -> bool {
        self.feed_forward == "residual"
    }
}

impl Router {
    /// How many experts a unit uses at a step: from `k_start` to `k` along a line in the first half of the training.
    pub fn k_at(&self, step: u64, steps: u64) -> usize {
        if self.k_start == 0 {
            return self.k;
        }
        let part = (2.0 * step as f64 / steps as f64).min(1.0);
        let (start, end) = (self.k_start as f64, self.k as f64);
        libm::round(start + part * (end - start)) as usize
    }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn k_goes_from_its_start_to_its_end_in_half_of_the_training() {
        let router = |k, k_start| Router {
            k,
            k_start,
            capacity: "paper".to_owned(),
            capacity_factor: 1.0,
            loss_factor: 1.0,
        };
        let all = |router: Router| [0, 10, 20, 30, 40, 50, 99].map(|step| router.k_at(step, 100));
        assert_eq!(all(router(2, 0)), [2; 7]);
        assert_eq!(all(router(1, 6)), [6, 5, 4, 3, 2, 1, 1]);
        assert_eq!(all(router(6, 1)), [1, 2, 3, 4, 5, 6, 6]);
    }
}
