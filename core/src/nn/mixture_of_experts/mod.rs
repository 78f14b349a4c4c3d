//! A mixture of expert networks: a scorer says how well each expert suits a row, a choice made on the host says which
//! experts serve it, and all experts are computed together with a gate on what each contributes.
//!
//! Jacobs et al. 1991 (*Adaptive mixtures of local experts*) with the sparse choice of Shazeer et al. 2017 (arXiv
//! 1701.06538). A few small experts are computed all together in two matrix products: an expert that was not chosen has
//! the gate 0, so it adds nothing and gets no gradient. Where much would be computed for nobody, each expert gets its own
//! rows ([`Groups::pays`]). The choice itself is in [`crate::routing`]; nothing here is random but the initial weights.
//!
//! | file | what it holds |
//! | --- | --- |
//! | [`scorer`] | from a row to one logit per expert |
//! | [`experts`] | the expert networks, computed together |
//! | [`groups`] | units sorted by expert, and when sorting pays |
//! | [`grouped`] | the expert networks, each computed for its own units |
//! | [`mod@gates`] | from edges to the gate matrix, with the gradient of the probabilities |
//! | [`losses`] | the Switch load-balance loss and the z-loss, differentiable |

pub mod experts;
pub mod gates;
pub mod grouped;
pub mod groups;
pub mod losses;
pub mod scorer;
#[cfg(test)]
mod tests;

use burn::module::Module;
use burn::prelude::*;

pub use experts::{ExpertShape, Experts};
pub use gates::gates;
pub use groups::Groups;
pub use scorer::Scorer;

use super::fused::{Activation, Mask, softmax};
use crate::rng::Streams;

/// A scorer and its experts.
#[derive(Module, Debug)]
pub struct MixtureOfExperts {
    /// From a row to one logit per expert.
    pub scorer: Scorer,
    /// The experts.
    pub experts: Experts,
}

/// The sizes of a mixture.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MixtureShape {
    /// How many experts there are.
    pub count: usize,
    /// The sizes of each expert.
    pub expert: ExpertShape,
    /// Units of the scorer's hidden layer; 0 for a linear scorer.
    pub scorer_hidden: usize,
}

/// What a scorer says about a batch.
#[derive(Debug, Clone)]
pub struct Scores {
    /// The raw logits, `[rows, experts]`.
    pub logits: Tensor<2>,
    /// The softmax of the logits and the noise, `[rows, experts]`.
    pub probabilities: Tensor<2>,
}

impl MixtureOfExperts {
    /// A mixture whose weights are drawn from the stream `init` (experts first, so that networks with the same
    /// experts start alike whatever their scorer is).
    pub fn new(shape: MixtureShape, streams: &Streams, device: &Device) -> Self {
        let stream = &mut streams.stream("init");
        let experts = Experts::new(shape.count, shape.expert, stream, device);
        let scorer = Scorer::new([shape.expert.inputs, shape.scorer_hidden, shape.count], stream, device);
        Self { scorer, experts }
    }

    /// Logits and probabilities of rows `[rows, inputs]`; `noise` is added to the logits before the softmax.
    pub fn score(&self, x: Tensor<2>, activation: Activation, noise: Option<Tensor<2>>) -> Scores {
        let logits = self.scorer.forward(x, activation);
        let noisy = match noise {
            Some(noise) => logits.clone() + noise,
            None => logits.clone(),
        };
        Scores { logits, probabilities: softmax(noisy, 1.0, Mask::Open) }
    }
}
