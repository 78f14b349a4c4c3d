//! The scorer: a linear map, or one hidden layer, from a row to one logit per expert.

use burn::module::Module;
use burn::prelude::*;

use crate::nn::elastic::ElasticLinear;
use crate::nn::fused::Activation;
use crate::rng::Stream;

/// From a row to one logit per expert.
#[derive(Module, Debug)]
pub struct Scorer {
    /// The hidden layer, if there is one.
    pub hidden: Option<ElasticLinear>,
    /// The last layer.
    pub out: ElasticLinear,
}

impl Scorer {
    /// A scorer of `[inputs, hidden, experts]`; linear when `hidden` is 0.
    pub fn new([inputs, hidden, experts]: [usize; 3], stream: &mut Stream, device: &Device) -> Self {
        let first = (hidden > 0).then(|| ElasticLinear::new([inputs, hidden], stream, device));
        let width = if hidden > 0 { hidden } else { inputs };
        Self { hidden: first, out: ElasticLinear::new([width, experts], stream, device) }
    }

    /// Logits `[rows, experts]` of rows `[rows, inputs]`.
    pub fn forward(&self, x: Tensor<2>, activation: Activation) -> Tensor<2> {
        let [experts] = self.out.bias.dims();
        let x = match &self.hidden {
            Some(hidden) => {
                let [width] = hidden.bias.dims();
                hidden.forward(x, width, activation)
            }
            None => x,
        };
        self.out.forward(x, experts, Activation::Identity)
    }

    /// How many numbers it learns.
    pub fn parameters([inputs, hidden, experts]: [usize; 3]) -> usize {
        match hidden {
            0 => (inputs + 1) * experts,
            _ => (inputs + 1) * hidden + (hidden + 1) * experts,
        }
    }
}
