//! The choice of a routed layer, before anybody answers: scores, edges, gates, and losses afterwards. Feed-forward experts
//! and attention heads are chosen in the same way; who they are is not known here.

use burn::prelude::*;

use super::scorer::{Given, TokenScorer};
use super::{Passage, Routed, affinities, losses, weights};
use crate::Result;
use crate::nn::mixture_of_experts::Groups;
use crate::nn::readback::read;
use crate::rng::Stream;
use crate::routing::{Router as _, Routing};

/// Who serves whom in a batch.
pub(super) struct Choice {
    given: Given,
    /// `[units, slots]`.
    affinity: Tensor<2>,
    /// The weight of every unit and expert, `[units, experts + shared]`.
    pub gates: Tensor<2>,
    /// The logits that were compared, on the host.
    logits: Vec<f32>,
    affinities: Vec<f32>,
    routing: Routing,
}

/// What a scorer says about units `[units, inputs]`; zeros without one.
pub(super) fn given(
    scorer: Option<&TokenScorer>,
    x: &Tensor<2>,
    passage: &Passage<'_>,
    stream: &mut Stream,
) -> Given {
    match scorer {
        Some(scorer) => scorer.forward(x.clone(), passage, stream),
        None => Given::nothing([x.dims()[0], passage.recipe.slots()], &x.device()),
    }
}

impl Choice {
    /// Chooses by what the scorer gave.
    ///
    /// # Errors
    /// When the router's numbers are none any more, or the device does not answer.
    pub async fn new(given: Given, passage: &Passage<'_>, stream: &mut Stream) -> Result<Self> {
        let recipe = passage.recipe;
        let affinity = affinities(given.noisy.clone(), recipe.affinity);
        let (logits, affinities) = (read(given.noisy.clone()).await?, read(affinity.clone()).await?);
        passage.hooks.after_gate(&logits, &affinities);
        let scored = passage.scored(&logits, &affinities);
        let routing = recipe.pipeline().route(&scored, passage.memory, stream)?;
        passage.hooks.after_order(&routing.edges);
        let gates = weights::gates(affinity.clone(), &routing.edges, &scored, recipe);
        Ok(Self { given, affinity, gates, logits, affinities, routing })
    }

    /// The units sorted by who serves them.
    pub fn served(&self, passage: &Passage<'_>) -> Groups {
        let scored = passage.scored(&self.logits, &self.affinities);
        weights::served(&self.routing.edges, &scored, passage.recipe)
    }

    /// The pass, once the chosen have answered with `output`, `[units, outputs]`.
    pub fn answered(self, output: Tensor<2>, passage: &Passage<'_>) -> Routed {
        let Self { given, affinity, logits, affinities, routing, .. } = self;
        let scored = passage.scored(&logits, &affinities);
        let terms =
            losses::Terms { given: &given, affinity: &affinity, scored: &scored, edges: &routing.edges };
        let loss = if passage.training { terms.total(passage.recipe, passage.memory) } else { None };
        let output = passage.hooks.after_combine(output);
        Routed { output, loss, logits, affinities, routing, state: given.state }
    }
}
