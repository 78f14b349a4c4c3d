//! How large the experts of a routed layer are and what they cost, whatever they are.

use crate::nn::mixture_of_experts::ExpertShape;
use crate::nn::token_router::heads::HeadShape;

/// The sizes of a layer's experts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sizes {
    /// Networks of one hidden layer.
    FeedForward(ExpertShape),
    /// The heads of a layer of attention.
    Heads(HeadShape),
}

impl Sizes {
    /// How many numbers one expert learns.
    pub fn parameters(self) -> usize {
        match self {
            Sizes::FeedForward(shape) => shape.parameters(),
            Sizes::Heads(shape) => shape.parameters(),
        }
    }

    /// How many numbers a layer learns that belong to no expert.
    pub fn parameters_of_all(self) -> usize {
        match self {
            Sizes::FeedForward(_) => 0,
            Sizes::Heads(shape) => shape.parameters_of_all(),
        }
    }

    /// Multiplications and additions of one expert for a unit that it answers, in samples of `length` units.
    pub fn flops(self, length: usize) -> f64 {
        match self {
            Sizes::FeedForward(shape) => 4.0 * (shape.inputs * shape.hidden) as f64,
            Sizes::Heads(shape) => shape.flops(length),
        }
    }

    /// The same of what a layer does for each unit whoever answers it.
    pub fn flops_of_all(self) -> f64 {
        match self {
            Sizes::FeedForward(_) => 0.0,
            Sizes::Heads(shape) => shape.flops_of_all(),
        }
    }

    /// How many numbers a layer of so many experts makes of one unit, as all of them are computed: hidden units as they are
    /// and gated; or queries, keys, values, results as they are and gated, and the weights of the sample's units.
    pub fn activations(self, experts: f64, length: f64) -> f64 {
        match self {
            Sizes::FeedForward(shape) => 2.0 * experts * shape.hidden as f64,
            Sizes::Heads(shape) => 5.0 * shape.width as f64 + experts * length,
        }
    }
}
