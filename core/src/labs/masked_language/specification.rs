//! The lab's specification as typed values, read from a checked experiment.

use serde::Deserialize;

use crate::data::sentences::Side;
use crate::labs::supernet_audit::specification::{Supernet, Tuning};
use crate::nn::precision::Precision;
use crate::supernet::bert::{BertEncoding, BertSpace, BottleneckSpace, HomogeneousSpace};
use crate::{Error, Result};

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
    pub tuning: Tuning,
    pub audit: Audit,
}

/// What is read.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Data {
    pub source: String,
    pub side: String,
    pub sentences: usize,
    pub longest: usize,
    pub masked: f64,
}

/// Which sub-networks exist.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Space {
    pub kind: String,
    pub hidden: usize,
    pub layers: Vec<usize>,
    pub widths: Vec<usize>,
    pub heads: Vec<usize>,
    pub ffn: usize,
    pub ffn_percent: Vec<usize>,
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
    pub dropout: f64,
    pub clip_norm: f64,
    pub weight_decay: f64,
    pub precision: Precision,
}

/// How the gap is measured.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Audit {
    pub architectures: usize,
    pub bands: usize,
    pub standalones: u64,
    pub resamples: usize,
    pub smallest_effect: f64,
}

impl Specification {
    /// The search space.
    ///
    /// # Errors
    /// When fields that are each in range do not fit together.
    pub fn search_space(&self) -> Result<BertSpace> {
        let Space { kind, hidden, layers, widths, heads, ffn, ffn_percent } = self.space.clone();
        let only = |key: &str, list: &[usize]| match list {
            [one] => Ok(*one),
            _ => Err(Error::Inconsistent {
                key: key.into(),
                problem: "layers with bottlenecks differ in their widths only; give one number, or take \
                          `space.kind=homogeneous`"
                    .into(),
            }),
        };
        let space = if kind == "homogeneous" {
            BertSpace::Homogeneous(HomogeneousSpace { widths, heads, ffn_percent, layers })
        } else {
            let (layers, heads) = (only("space.layers", &layers)?, only("space.heads", &heads)?);
            BertSpace::Bottlenecks(BottleneckSpace { hidden, heads, ffn, layers, widths })
        };
        space.checked()
    }

    /// What routers read.
    pub fn encoding(&self) -> BertEncoding {
        match self.supernet.encoding.as_str() {
            "aggregate" => BertEncoding::Aggregate,
            "one-hot" => BertEncoding::OneHot,
            _ => BertEncoding::PerLayer,
        }
    }

    /// Which sentences of pairs are read.
    pub fn side(&self) -> Side {
        match self.data.side.as_str() {
            "target" => Side::Target,
            "both" => Side::Both,
            _ => Side::Source,
        }
    }
}
