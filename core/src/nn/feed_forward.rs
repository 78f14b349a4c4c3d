//! The feed-forward layers of an elastic encoder: plain sharing, or a Mixture-of-Supernets.
//!
//! Section 2 of the paper: a router reads the architecture's encoding and mixes `m` full sets of weights, once per
//! architecture and step. Only the two linear layers of a block are mixed.

use burn::module::{Module, Param};
use burn::prelude::*;

use super::elastic::{ElasticLinear, constant, glorot};
use super::fused::{Activation, Mask, linear, softmax};
use super::mixing::{
    mix_bias_layer_wise, mix_bias_neuron_wise, mix_layer_wise_within, mix_neuron_wise_within,
};
use crate::rng::Stream;

/// Units of a router's hidden layer, as in the paper's runs.
const ROUTER_HIDDEN: usize = 128;

/// How a block's feed-forward weights depend on the architecture.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sharing {
    /// The leading part of one set of weights.
    Plain,
    /// The leading part of a mixture of this many sets, one mixing vector per block.
    LayerWise(usize),
    /// The leading part of a mixture of this many sets, one mixing vector per output neuron.
    NeuronWise(usize),
}

/// `m` linear layers of one size.
#[derive(Module, Debug)]
pub struct LinearExperts {
    weight: Param<Tensor<3>>,
    bias: Param<Tensor<2>>,
}

impl LinearExperts {
    fn new(count: usize, [inputs, outputs]: [usize; 2], stream: &mut Stream, device: &Device) -> Self {
        let weight = glorot([count, inputs, outputs], stream, device);
        Self { weight, bias: constant([count, outputs], 0.0, device) }
    }

    fn run(&self, x: Tensor<2>, alpha: Alpha, outputs: usize, activation: Activation) -> Tensor<2> {
        let (weight, bias, inputs) = (self.weight.val(), self.bias.val(), x.dims()[1]);
        let (weight, bias) = match alpha {
            Alpha::Layer(alpha) => (
                mix_layer_wise_within(weight, alpha.clone(), [inputs, outputs]),
                mix_bias_layer_wise(bias, alpha, outputs),
            ),
            Alpha::Neuron(alpha) => (
                mix_neuron_wise_within(weight, alpha.clone(), [inputs, outputs]),
                mix_bias_neuron_wise(bias, alpha, outputs),
            ),
        };
        linear(x, weight, bias, outputs, activation)
    }
}

/// Mixing weights of one linear layer.
enum Alpha {
    Layer(Tensor<1>),
    Neuron(Tensor<2>),
}

/// From an architecture's encoding to mixing weights: linear, rectifier, linear, softmax over the experts.
#[derive(Module, Debug)]
pub struct Router {
    hidden: ElasticLinear,
    out: ElasticLinear,
}

impl Router {
    fn new(inputs: usize, outputs: usize, stream: &mut Stream, device: &Device) -> Self {
        Self {
            hidden: ElasticLinear::new([inputs, ROUTER_HIDDEN], stream, device),
            out: ElasticLinear::new([ROUTER_HIDDEN, outputs], stream, device),
        }
    }

    /// Mixing weights `[rows, experts]`, each row on the simplex; logits are ordered row by row.
    fn alpha(&self, encoding: Tensor<2>, rows: usize, experts: usize) -> Tensor<2> {
        let hidden = self.hidden.forward(encoding, ROUTER_HIDDEN, Activation::Relu);
        let logits = self.out.forward(hidden, rows * experts, Activation::Identity);
        softmax(logits.reshape([rows, experts]), 1.0, Mask::Open)
    }
}

/// The two linear layers of a block, with the rectifier between them.
#[derive(Module, Debug)]
pub enum FeedForward {
    /// One set of weights.
    Plain(PlainLayers),
    /// Sets of weights and their routers.
    Mixed(MixedLayers),
}

/// One set of feed-forward weights.
#[derive(Module, Debug)]
pub struct PlainLayers {
    up: ElasticLinear,
    down: ElasticLinear,
}

/// Several sets of feed-forward weights: one router for both layers, or one for each.
#[derive(Module, Debug)]
pub struct MixedLayers {
    up: LinearExperts,
    down: LinearExperts,
    routers: Vec<Router>,
}

impl FeedForward {
    /// Layers from `width` over `inner` units and back; `encoding` is the length of an architecture's encoding.
    pub fn new(
        sharing: Sharing,
        [width, inner, encoding]: [usize; 3],
        stream: &mut Stream,
        device: &Device,
    ) -> Self {
        let (experts, outputs) = match sharing {
            Sharing::Plain => {
                let up = ElasticLinear::new([width, inner], stream, device);
                return FeedForward::Plain(PlainLayers {
                    up,
                    down: ElasticLinear::new([inner, width], stream, device),
                });
            }
            Sharing::LayerWise(experts) => (experts, vec![experts]),
            Sharing::NeuronWise(experts) => (experts, vec![inner * experts, width * experts]),
        };
        FeedForward::Mixed(MixedLayers {
            up: LinearExperts::new(experts, [width, inner], stream, device),
            down: LinearExperts::new(experts, [inner, width], stream, device),
            routers: outputs.into_iter().map(|count| Router::new(encoding, count, stream, device)).collect(),
        })
    }

    /// The layers on rows `x`, with `inner` units between them.
    ///
    /// # Panics
    /// If the layers are smaller than that.
    pub fn forward(&self, x: Tensor<2>, inner: usize, encoding: &Tensor<2>) -> Tensor<2> {
        let width = x.dims()[1];
        match self {
            FeedForward::Plain(layers) => {
                let inside = layers.up.forward(x, inner, Activation::Relu);
                layers.down.forward(inside, width, Activation::Identity)
            }
            FeedForward::Mixed(layers) => {
                let [up, down] = layers.alphas([inner, width], encoding);
                let inside = layers.up.run(x, up, inner, Activation::Relu);
                layers.down.run(inside, down, width, Activation::Identity)
            }
        }
    }
}

impl MixedLayers {
    fn alphas(&self, outputs: [usize; 2], encoding: &Tensor<2>) -> [Alpha; 2] {
        let experts = self.up.bias.dims()[0];
        if let [up, down] = self.routers.as_slice() {
            return [(up, outputs[0]), (down, outputs[1])]
                .map(|(router, rows)| Alpha::Neuron(router.alpha(encoding.clone(), rows, experts)));
        }
        let router = self.routers.first().expect("a mixture is built with one or two routers");
        let alpha = router.alpha(encoding.clone(), 1, experts).reshape([experts]);
        [Alpha::Layer(alpha.clone()), Alpha::Layer(alpha)]
    }
}
