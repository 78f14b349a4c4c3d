//! What a router is made of, as plain data.

use crate::routing::assigners::Assigner;
use crate::routing::capacity::{CapacityPolicy, Overflow, of_factor};
use crate::routing::controllers::Controller;
use crate::routing::metrics::Convention;
use crate::routing::weighing::Weighing;
use crate::routing::{Pipeline, Slot, SlotKind};
use crate::{Error, Result};

/// What a user sets; each router reads what it needs.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Setting {
    /// How many experts a layer has.
    pub experts: usize,
    /// How many experts a unit uses, on average where the number varies. Routers whose paper fixes it keep theirs.
    pub k: usize,
    /// The capacity factor, in place of the paper's: above 0 a limit, 0 none, below 0 Tutel's bounded buffer; nothing
    /// for the paper's.
    pub capacity_factor: Option<f64>,
    /// What becomes of units that find a full slot, in place of the paper's; nothing for the paper's.
    pub overflow: Option<Overflow>,
    /// How many units a sequence has; Soft MoE's layer has a size that depends on it.
    pub sequence: usize,
}

impl Setting {
    /// Whether the numbers fit together.
    ///
    /// # Errors
    /// When there are no two experts, `k` is 0 or larger than their number, or the factor is no number.
    pub fn check(&self) -> Result<()> {
        let Self { experts, k, capacity_factor, sequence, .. } = *self;
        let problem = if experts < 2 {
            format!("a router needs two experts or more, not {experts}")
        } else if k == 0 || k > experts {
            format!("k is {k}, but must be between 1 and its {experts} experts")
        } else if capacity_factor.is_some_and(|factor| !factor.is_finite()) {
            "the capacity factor is no number".to_owned()
        } else if sequence == 0 {
            "a sequence needs at least one unit".to_owned()
        } else {
            return Ok(());
        };
        Err(Error::InvalidDecision { problem })
    }

    /// The capacity, the paper's where the user has none.
    pub(super) fn capacity(&self, factor: f64, overflow: Overflow) -> Box<dyn CapacityPolicy> {
        of_factor(self.capacity_factor.unwrap_or(factor), self.overflow.unwrap_or(overflow))
    }
}

/// How a unit gets one number per slot.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum ScorerKind {
    /// `x W`, without a bias.
    Linear,
    /// `x W + b`, or the same after a hidden layer with the experts' nonlinearity: where a unit has few numbers, a map
    /// without a bias could only cut through their origin.
    Perceptron {
        /// Hidden units; 0 for none.
        hidden: usize,
    },
    /// The cosine of a projection of `x` and each slot's direction, over a learned temperature.
    Cosine {
        /// Numbers of the projection.
        width: usize,
        /// The temperature at the start; logits are the cosine divided by it.
        temperature: f64,
    },
    /// A gated recurrent unit goes from layer to layer with each unit, and a slot's logit is linear in its state.
    DepthRecurrent {
        /// Numbers of the state.
        width: usize,
        /// Whether the state comes from the layer below; without, each layer starts from nothing (the paper's `NP`).
        is_recurrent: bool,
        /// Whether gradients flow through the state to the layers below.
        has_gradient: bool,
    },
    /// One map from all numbers of a sequence, so that its units are scored alike.
    WholeSequence {
        /// How many units a sequence has.
        length: usize,
    },
    /// Nothing: the choice does not look at the numbers.
    None,
}

/// What is added before the choice, in training only.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Noise {
    /// Nothing.
    None,
    /// The input of the scorer is multiplied by uniform numbers in `1 - width .. 1 + width`.
    Jitter {
        /// The half width.
        width: f64,
    },
    /// Normal noise on each logit.
    Fixed {
        /// Its deviation.
        deviation: f64,
    },
    /// Normal noise on each logit, its deviation the softplus of a second linear map of the input.
    Learned,
}

/// From logits to affinities, which weights are made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Affinity {
    /// A distribution over the slots.
    Softmax,
    /// Each slot on its own, between 0 and 1.
    Sigmoid,
    /// Each slot on its own, 0 or more.
    Relu,
}

/// Losses beside the task's.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum RouterLoss {
    /// Shares of choices times mean probabilities (Switch, GShard).
    LoadBalance(Convention),
    /// The squared coefficient of variation of each slot's summed weights (Shazeer et al., `L_importance`).
    Importance,
    /// The same of each slot's summed affinities, chosen or not (V-MoE).
    ImportanceOfAll,
    /// The mean entropy of a unit's affinities, which keeps small the sets that make up a probability (top-p).
    Entropy,
    /// The same of a smooth estimate of how many units each slot gets under the noise (`L_load`).
    Load,
    /// The mean square of `logsumexp` of the logits (ST-MoE).
    Z,
    /// The load-balance loss with all null slots as one bucket (AdaMoE).
    NullBucket,
    /// The mean affinity of active slots, heavier for busy slots; its weight is the memory's penalty (ReMoE).
    Activity,
}

/// Soft MoE in place of a choice: every expert reads mixtures of the whole sequence.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SoftSlots {
    /// How many mixtures each expert reads of a sequence.
    pub per_expert: usize,
}

/// The parts of a router.
#[derive(Debug)]
pub struct Recipe {
    /// How many experts it chooses from.
    pub experts: usize,
    /// Slots after them that compute nothing.
    pub nulls: usize,
    /// What the slots after the experts are.
    pub null_kind: SlotKind,
    /// Experts that serve every unit, beside the chosen ones.
    pub shared: usize,
    /// The experts work as one block, which a unit passes as a whole or not at all.
    pub is_block: bool,
    /// The mean number of experts that a unit is meant to use, shared ones included.
    pub active: f64,
    /// How units are scored.
    pub scorer: ScorerKind,
    /// What is added in training.
    pub noise: Noise,
    /// From logits to affinities.
    pub affinity: Affinity,
    /// Who goes where.
    pub assigner: Box<dyn Assigner>,
    /// What happens beyond a slot's capacity.
    pub capacity: Box<dyn CapacityPolicy>,
    /// What answers weigh.
    pub weighing: Weighing,
    /// Losses beside the task's, with their weights.
    pub losses: Vec<(RouterLoss, f64)>,
    /// What changes between steps.
    pub controller: Box<dyn Controller>,
    /// Mixtures instead of a choice.
    pub soft: Option<SoftSlots>,
}

impl Recipe {
    /// How many slots are scored.
    pub fn slots(&self) -> usize {
        if self.is_block { 2 } else { self.experts + self.nulls }
    }

    /// Whether affinities are a distribution over the slots.
    pub fn has_distribution(&self) -> bool {
        self.scorer != ScorerKind::None && self.affinity == Affinity::Softmax
    }

    /// Whether an answer depends on the whole sequence even outside training, so that a text would see its future.
    pub fn sees_sequence(&self) -> bool {
        let is_whole = matches!(self.scorer, ScorerKind::WholeSequence { .. });
        self.soft.is_some() || self.weighing == Weighing::OverMean || is_whole
    }

    /// The chosen parts as a router.
    pub fn pipeline(&self) -> Pipeline<&dyn Assigner, &dyn CapacityPolicy> {
        let experts = if self.is_block { 1 } else { self.experts };
        Pipeline {
            assigner: self.assigner.as_ref(),
            capacity: self.capacity.as_ref(),
            weighing: self.weighing,
            experts,
        }
    }

    /// The slots of its records; shared experts stand last.
    pub fn slot_table(&self) -> Vec<Slot> {
        let mut table = Vec::new();
        let mut add = |kind: SlotKind, label: String| table.push(Slot::new(table.len(), kind, label));
        if self.is_block {
            add(SlotKind::Expert, "Block".to_owned());
            add(SlotKind::Skip, "Around".to_owned());
            return table;
        }
        (0..self.experts).for_each(|expert| add(SlotKind::Expert, format!("Expert {expert}")));
        (0..self.nulls).for_each(|null| add(self.null_kind, format!("Null {null}")));
        (0..self.shared).for_each(|shared| add(SlotKind::Shared, format!("Shared {shared}")));
        table
    }
}
