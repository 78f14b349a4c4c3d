//! The learned side of token routers: a layer of experts behind any recipe of [`crate::routing::routers`].
//!
//! A recipe says what is scored, chosen, weighed and lost; this layer holds the weights and makes tensors of it. The
//! choice itself is made on the host from plain numbers, so its record is the choice. Gradients flow through weights
//! and losses; which experts were chosen, who was dropped and thresholds of the smooth load are constants.
//!
//! | file | what it holds |
//! | --- | --- |
//! | `choice` | who serves whom, whatever the experts are |
//! | [`heads`] | attention heads as experts |
//! | [`scorer`] | from units to logits |
//! | [`weights`] | from edges to a matrix of combine weights with a gradient |
//! | [`hooks`] | what a caller may run between its parts |
//! | [`losses`] | losses beside the task's |
//! | [`soft`] | Soft MoE's mixtures |

mod choice;
pub mod heads;
pub mod hooks;
pub mod losses;
pub mod scorer;
pub mod soft;
#[cfg(test)]
mod tests;
pub mod weights;

use burn::module::Module;
use burn::prelude::*;

use self::choice::{Choice, given};
use self::hooks::Hooks;
use self::scorer::TokenScorer;
use super::fused::{Activation, Mask, softmax};
use super::gru::GruCell;
use super::mixture_of_experts::{ExpertShape, Experts};
use crate::Result;
use crate::rng::{Stream, Streams};
use crate::routing::routers::{Affinity, Recipe, ScorerKind};
use crate::routing::{RouterMemory, Routing, Scored};

/// A scorer and its experts; shared experts stand last.
#[derive(Module, Debug)]
pub struct RoutedLayer {
    /// From units to logits; nothing where the choice does not look at them.
    pub scorer: Option<TokenScorer>,
    /// The experts, the shared ones last.
    pub experts: Experts,
}

/// What a pass depends on besides the units' numbers.
#[derive(Debug, Clone, Copy)]
pub struct Passage<'a> {
    /// How the router works.
    pub recipe: &'a Recipe,
    /// What it remembers.
    pub memory: &'a RouterMemory,
    /// The experts' nonlinearity.
    pub activation: Activation,
    /// How many units one sequence has; 0 for one sequence.
    pub sequence: usize,
    /// Which units count; all when empty.
    pub valid: &'a [bool],
    /// What each unit is; needed by hash routing only.
    pub identities: &'a [u32],
    /// Whether noise, limits and chance are at work.
    pub training: bool,
    /// The unit that all layers share, for a router that is recurrent over depth.
    pub cell: Option<&'a GruCell>,
    /// Its state after the layer below, `[units, width]`; nothing in the first layer.
    pub state: Option<&'a Tensor<2>>,
    /// What runs between the layer's parts; [`NoHooks`](hooks::NoHooks) for nothing.
    pub hooks: &'a dyn Hooks,
}

/// What a pass gives.
#[derive(Debug)]
pub struct Routed {
    /// What the experts answer, `[units, outputs]`; 0 for padding and for who was served by nobody, but the last map's biases
    /// where attention heads are the experts.
    pub output: Tensor<2>,
    /// The losses beside the task's, each times its weight; nothing outside training.
    pub loss: Option<Tensor<1>>,
    /// The logits that were compared, `[units, slots]`, on the host; zeros without a scorer.
    pub logits: Vec<f32>,
    /// The affinities, likewise.
    pub affinities: Vec<f32>,
    /// Who went where.
    pub routing: Routing,
    /// What the layer above begins with, for a router that is recurrent over depth.
    pub state: Option<Tensor<2>>,
}

impl RoutedLayer {
    /// A layer whose weights are drawn from one stream: experts first, so that layers with the same experts start alike
    /// whatever their scorer is.
    pub fn new(recipe: &Recipe, shape: ExpertShape, stream: &mut Stream, device: &Device) -> Self {
        let experts = Experts::new(recipe.experts + recipe.shared, shape, stream, device);
        let scorer = TokenScorer::new(recipe, shape.inputs, stream, device);
        Self { scorer, experts }
    }

    /// Sends units through the experts.
    ///
    /// # Shapes
    /// `x` is `[units, inputs]`.
    ///
    /// # Errors
    /// When the router's numbers are none any more, or the device does not answer.
    pub async fn forward(&self, x: Tensor<2>, passage: &Passage<'_>, streams: Streams) -> Result<Routed> {
        let hooks = passage.hooks;
        let x = hooks.before_gate(x);
        let stream = &mut streams.stream("router");
        let given = given(self.scorer.as_ref(), &x, passage, stream);
        if passage.recipe.soft.is_some() {
            let x = hooks.before_dispatch(x);
            let soft = soft::forward(&self.experts, x, given.noisy, passage).await?;
            hooks.after_gate(&soft.logits, &soft.affinities);
            hooks.after_order(&soft.edges);
            let routing = Routing { edges: soft.edges, capacity: None };
            let (logits, affinities) = (soft.logits, soft.affinities);
            let output = hooks.after_combine(soft.output);
            return Ok(Routed { output, loss: None, logits, affinities, routing, state: None });
        }
        let choice = Choice::new(given, passage, stream).await?;
        let (x, served) = (hooks.before_dispatch(x), || choice.served(passage));
        let output = self.experts.forward_served(x, choice.gates.clone(), served, passage.activation);
        Ok(choice.answered(output, passage))
    }
}

/// The unit that all layers of a recipe share; nothing for routers that are not recurrent over depth.
pub fn depth_cell(recipe: &Recipe, stream: &mut Stream, device: &Device) -> Option<GruCell> {
    match recipe.scorer {
        ScorerKind::DepthRecurrent { width, .. } => Some(GruCell::new(width, width, stream, device)),
        _ => None,
    }
}

impl<'a> Passage<'a> {
    /// A batch of this passage as assigners and controllers see it.
    pub fn scored(&self, logits: &'a [f32], affinities: &'a [f32]) -> Scored<'a> {
        Scored {
            slots: self.recipe.slots(),
            logits,
            affinities,
            valid: self.valid,
            sequence: self.sequence,
            identities: self.identities,
            training: self.training,
        }
    }
}

/// From logits to affinities, `[units, slots]`.
pub fn affinities(logits: Tensor<2>, rule: Affinity) -> Tensor<2> {
    match rule {
        Affinity::Softmax => softmax(logits, 1.0, Mask::Open),
        Affinity::Sigmoid => burn::tensor::activation::sigmoid(logits),
        Affinity::Relu => burn::tensor::activation::relu(logits),
    }
}
