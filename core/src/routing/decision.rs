//! The routing record: what went where, as plain data without a backend.
//!
//! A [`RoutingDecision`] belongs to one router, one place in the network and one step. Raw logits and full
//! probabilities are kept apart, because most wrong balance losses come from confusing them. The record computes
//! nothing on its own but the softmax of its logits and the edges of the two simplest assigners.

mod build;
mod edge;
mod keys;
mod slot;
mod validation;

pub use edge::{CombineMode, Edge, Fate, chosen_counts};
pub use keys::{KeyKind, Keys};
pub use slot::{Slot, SlotCost, SlotKind};
pub use validation::Checked;

use serde::{Deserialize, Serialize};

/// Where in a network a router decides.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Scope {
    /// In one layer, counted from 0.
    Layer(usize),
    /// Once, for all layers together.
    AllLayers,
    /// For the whole model: which model, program or sub-network to use.
    Model,
}

impl std::fmt::Display for Scope {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Layer(layer) => write!(formatter, "layer {layer}"),
            Self::AllLayers => formatter.write_str("all layers"),
            Self::Model => formatter.write_str("model"),
        }
    }
}

/// What is being routed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum UnitKind {
    /// A token of a text.
    Token,
    /// A patch of an image.
    Patch,
    /// One sample of a data set.
    Sample,
    /// A whole sequence.
    Sequence,
    /// A task.
    Task,
    /// A prompt.
    Prompt,
    /// An architecture of a supernet.
    Architecture,
    /// A step of a process, such as a denoising step.
    Step,
    /// An expert that has to be placed on a device.
    Expert,
    /// One access to a cache.
    Access,
}

/// What one router decided at one place and one step.
///
/// # Shapes
/// `logits` and `probabilities` hold `units * groups * slots.len()` numbers, the slot running fastest; with one
/// group that is `[units, slots]`. `valid` and every key hold `units` entries.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RoutingDecision {
    /// The router's name.
    pub router: String,
    /// Where it decides.
    pub scope: Scope,
    /// The training step, counted from 0.
    pub step: u64,
    /// What the units are.
    pub unit_kind: UnitKind,
    /// How many units there are, padding included.
    pub units: usize,
    /// How many separate choices each unit makes: splits, heads, neurons. Usually 1.
    pub groups: usize,
    /// The slots that units can go to.
    pub slots: Vec<Slot>,
    /// What happens with what the slots return.
    pub combine_mode: CombineMode,
    /// Who goes where. The order carries no meaning.
    pub edges: Vec<Edge>,
    /// The scorer's raw numbers, before any softmax, noise or bias.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub logits: Option<Vec<f32>>,
    /// The full distribution over all slots, before any choice of k. `None` for scorers that give no distribution,
    /// such as independent sigmoids.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub probabilities: Option<Vec<f32>>,
    /// Which units count. Padding is `false` and enters no metric.
    pub valid: Vec<bool>,
    /// What is known about each unit.
    #[serde(default)]
    pub keys: Keys,
}

impl RoutingDecision {
    /// Where the numbers of `unit` and `group` lie in `logits` and `probabilities`.
    pub fn row(&self, unit: usize, group: usize) -> std::ops::Range<usize> {
        let start = (unit * self.groups + group) * self.slots.len();
        start..start + self.slots.len()
    }

    /// The same decision with the slots in another order: old slot `s` becomes slot `target[s]`.
    ///
    /// # Errors
    /// If the decision contradicts itself, or `target` is not a permutation of the slots.
    pub fn relabelled(&self, target: &[usize]) -> crate::Result<Self> {
        self.validate()?;
        let count = self.slots.len();
        let mut source = vec![None; count];
        for (old, &new) in target.iter().enumerate() {
            if new < count {
                source[new] = Some(old);
            }
        }
        let source: Option<Vec<usize>> = source.into_iter().collect();
        let Some(source) = source.filter(|_| target.len() == count) else {
            return Err(crate::Error::InvalidDecision {
                problem: format!(
                    "{target:?} is not a permutation of its {count} slots, so they cannot be relabelled"
                ),
            });
        };
        let reorder = |numbers: &Vec<f32>| -> Vec<f32> {
            numbers.chunks(count).flat_map(|row| source.iter().map(|&old| row[old])).collect()
        };
        let mut result = self.clone();
        result.slots = source.iter().map(|&old| self.slots[old].clone()).collect();
        result.logits = self.logits.as_ref().map(reorder);
        result.probabilities = self.probabilities.as_ref().map(reorder);
        for edge in &mut result.edges {
            edge.slot = target[edge.slot];
            if let Fate::Rerouted { slot } = &mut edge.fate {
                *slot = target[*slot];
            }
        }
        Ok(result)
    }
}

/// All decisions of a run, with what is needed to make them again.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RoutingTrace {
    /// The decisions, in the order in which they were made.
    pub decisions: Vec<RoutingDecision>,
    /// The seed of the run.
    pub seed: u64,
    /// SHA-256 of the experiment, as 64 hexadecimal digits.
    pub experiment_digest: String,
}
