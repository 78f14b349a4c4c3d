//! The lab's specification as typed values, read from a checked experiment.

use serde::Deserialize;

use crate::Result;
use crate::labs::supernet_audit::specification::{Supernet, Tuning};
use crate::nn::precision::Precision;
use crate::supernet::transformer::{Side, TransformerSpace};

/// Every field of the lab; `fields.rs` says what each one means.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Specification {
    pub seeds: u64,
    pub methods: Vec<String>,
    pub data: Data,
    pub space: Space,
    pub supernet: Supernet,
    pub training: Training,
    pub decoding: Decoding,
    pub tuning: Tuning,
    pub audit: Audit,
    pub retraining: Retraining,
}

/// What is translated.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Data {
    pub source: String,
    pub pairs: usize,
    pub longest: usize,
}

/// Which sub-networks exist.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Space {
    pub encoder_widths: Vec<usize>,
    pub encoder_layers: Vec<usize>,
    pub encoder_ffn: Vec<usize>,
    pub encoder_heads: Vec<usize>,
    pub decoder_widths: Vec<usize>,
    pub decoder_layers: Vec<usize>,
    pub decoder_ffn: Vec<usize>,
    pub decoder_heads: Vec<usize>,
    pub cross_heads: Vec<usize>,
    pub attend: Vec<usize>,
    pub inner: usize,
}

/// How networks are trained.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Training {
    pub steps: u64,
    pub tokens: usize,
    pub accumulation: u64,
    pub learning_rate: f64,
    pub router_learning_rate: f64,
    pub schedule: String,
    pub warm_up: f64,
    pub label_smoothing: f64,
    pub dropout: f64,
    pub clip_norm: f64,
    pub weight_decay: f64,
    pub precision: Precision,
}

/// How sentences are translated.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Decoding {
    pub beam: usize,
    pub length_penalty: f64,
}

/// How the gap is measured.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Audit {
    pub architectures: usize,
    pub bands: usize,
    pub standalones: u64,
    pub sentences: usize,
    pub resamples: usize,
    pub smallest_effect: f64,
}

/// How sub-networks are trained on.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Retraining {
    pub architectures: usize,
    pub steps: u64,
    pub every: u64,
}

impl Specification {
    /// The search space.
    ///
    /// # Errors
    /// When fields that are each in range do not fit together.
    pub fn search_space(&self) -> Result<TransformerSpace> {
        let space = self.space.clone();
        TransformerSpace {
            encoder: Side {
                widths: space.encoder_widths,
                depths: space.encoder_layers,
                ffn: space.encoder_ffn,
                heads: space.encoder_heads,
            },
            decoder: Side {
                widths: space.decoder_widths,
                depths: space.decoder_layers,
                ffn: space.decoder_ffn,
                heads: space.decoder_heads,
            },
            cross_heads: space.cross_heads,
            attend: space.attend,
            inner: space.inner,
        }
        .checked()
    }
}
