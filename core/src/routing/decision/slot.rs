//! Slots: the places a unit can go to, with what they cost.

use serde::{Deserialize, Serialize};

/// What a slot is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SlotKind {
    /// A network that units are sent to by choice.
    Expert,
    /// A network that every unit goes through; no router scores it.
    Shared,
    /// A slot that returns zero and computes nothing.
    NullZero,
    /// A slot that returns its input and computes nothing.
    NullIdentity,
    /// The way around a layer.
    Skip,
    /// The way out of the network.
    Exit,
    /// A low-rank or bottleneck adapter.
    Adapter,
    /// A part of a larger weight.
    Shard,
    /// A code that stands for an architecture.
    ArchitectureCode,
    /// A whole model.
    Model,
    /// A program.
    Program,
    /// A device.
    Device,
    /// A line of a cache.
    CacheLine,
}

impl SlotKind {
    /// Whether the slot computes nothing (zero or identity).
    pub fn is_null(self) -> bool {
        matches!(self, SlotKind::NullZero | SlotKind::NullIdentity)
    }

    /// Whether a router scores the slot: every slot but the shared ones.
    pub fn is_scored(self) -> bool {
        self != SlotKind::Shared
    }

    /// Whether the slot takes part in load balance: scored, and not null.
    pub fn is_balanced(self) -> bool {
        self.is_scored() && !self.is_null()
    }
}

/// What one edge into a slot costs.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct SlotCost {
    /// Floating-point operations.
    pub flops: f64,
    /// Parameters that have to be present.
    pub parameters: f64,
    /// Bytes that have to be moved.
    pub bytes: f64,
    /// Seconds.
    pub latency: f64,
}

/// One place that units can go to.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Slot {
    /// Its identity, which stays when slots are reordered; unique in its table.
    pub id: usize,
    /// What a reader should see.
    pub label: String,
    /// What it is.
    pub kind: SlotKind,
    /// What one edge into it costs.
    #[serde(default)]
    pub cost: SlotCost,
    /// How many units it takes in one capacity group; `None` for no limit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub capacity: Option<usize>,
}

impl Slot {
    /// A slot without cost and without limit.
    pub fn new(id: usize, kind: SlotKind, label: impl Into<String>) -> Self {
        Self { id, label: label.into(), kind, cost: SlotCost::default(), capacity: None }
    }

    /// `count` slots of one kind, labelled by their numbers.
    pub fn table(kind: SlotKind, count: usize) -> Vec<Self> {
        (0..count).map(|id| Self::new(id, kind, id.to_string())).collect()
    }
}
