//! The tensors that every provider slices: input and output layers, and for each block one or more experts.

use burn::module::{Module, Param};
use burn::tensor::{Device, Tensor, TensorData};

use super::BlockMixing;
use crate::nn::mixing::{
    mix_bias_layer_wise, mix_bias_neuron_wise, mix_layer_wise_within, mix_neuron_wise_within,
};
use crate::rng::Streams;
use crate::supernet::subnet::BlockWeights;
use crate::supernet::{Architecture, SearchSpace, Subnet};

/// Whether the experts of a block start apart or equal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ExpertInit {
    /// Every expert draws its own weights (the paper's translation runs).
    Independent,
    /// Every expert is a copy of the first (the paper's language-model runs). The router's gradient is then exactly
    /// zero at the first step.
    Copied,
}

/// How the weights start.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct WeightInit {
    /// Expert sets per block (`m`).
    pub experts: usize,
    /// Apart or equal.
    pub init: ExpertInit,
    /// Factor on the experts' initial weights. A mixture of `m` independent experts starts with `1/√m` of the
    /// variance of plain sharing; `√m` here, or `1/√m` for plain sharing, makes the two comparable.
    pub scale: f64,
}

impl WeightInit {
    /// One set of weights, unscaled.
    pub const PLAIN: WeightInit = WeightInit { experts: 1, init: ExpertInit::Independent, scale: 1.0 };

    /// Whose draw this expert starts with.
    pub(in crate::supernet) fn draw_of(&self, expert: u64) -> u64 {
        if self.init == ExpertInit::Copied { 0 } else { expert }
    }
}

/// The expert sets of one block.
#[derive(Module, Debug)]
pub struct ExpertBlock {
    /// First linear layer, `[experts, width, inner width]`.
    pub up: Param<Tensor<3>>,
    /// Its biases, `[experts, inner width]`.
    pub up_bias: Param<Tensor<2>>,
    /// Second linear layer, `[experts, inner width, width]`.
    pub down: Param<Tensor<3>>,
    /// Its biases, `[experts, width]`.
    pub down_bias: Param<Tensor<2>>,
}

/// Every shared tensor of a supernet.
#[derive(Module, Debug)]
pub struct ElasticWeights {
    /// Input layer, `[inputs, width]`.
    pub input: Param<Tensor<2>>,
    /// Its bias, `[width]`.
    pub input_bias: Param<Tensor<1>>,
    /// The residual blocks.
    pub blocks: Vec<ExpertBlock>,
    /// Output layer, `[width, outputs]`.
    pub head: Param<Tensor<2>>,
    /// Its bias, `[outputs]`.
    pub head_bias: Param<Tensor<1>>,
}

impl ElasticWeights {
    /// Draws the weights on the host, each tensor from its own place in the stream `init`, so that tensors which two
    /// providers have in common start equal. Normal with variance `1/inputs` (input and output layer), `2/width`
    /// (first linear layer), `1/(inner width · depth)` (second one); biases zero.
    pub fn new(space: &SearchSpace, init: WeightInit, streams: &Streams, device: &Device) -> Self {
        let (width, inner) = (space.max_width(), space.max_ffn());
        let gain = |fan_in: usize, gain: f64| (gain / fan_in as f64).sqrt();
        let plain = |index: u64, shape: [usize; 2]| {
            let values = streams.stream_at("init", index).normals(shape[0] * shape[1], gain(shape[0], 1.0));
            parameter(values, shape, device)
        };
        let blocks = (0..space.max_depth() as u64)
            .map(|block| {
                let expert = |part: u64, shape: [usize; 2], deviation: f64| {
                    let draw = |expert: u64| {
                        let index = 1000 * (block + 1) + 10 * expert + part;
                        streams.stream_at("init", index).normals(shape[0] * shape[1], deviation * init.scale)
                    };
                    let values: Vec<f32> =
                        (0..init.experts as u64).flat_map(|expert| draw(init.draw_of(expert))).collect();
                    parameter(values, [init.experts, shape[0], shape[1]], device)
                };
                ExpertBlock {
                    up: expert(0, [width, inner], gain(width, 2.0)),
                    up_bias: zeros([init.experts, inner], device),
                    down: expert(1, [inner, width], gain(inner * space.max_depth(), 1.0)),
                    down_bias: zeros([init.experts, width], device),
                }
            })
            .collect();
        Self {
            input: plain(0, [space.inputs, width]),
            input_bias: zeros([width], device),
            blocks,
            head: plain(1, [width, space.outputs]),
            head_bias: zeros([space.outputs], device),
        }
    }

    /// The weights of one architecture: experts mixed as `mixing` says. Shared tensors are passed on whole; the
    /// forward pass reads their leading part.
    pub fn subnet(&self, architecture: &Architecture, mixing: &[BlockMixing]) -> Subnet {
        let blocks = architecture
            .ffn
            .iter()
            .zip(&self.blocks)
            .zip(mixing)
            .map(|((inner, block), mixing)| block.mixed(architecture.width, *inner, mixing))
            .collect();
        Subnet {
            architecture: architecture.clone(),
            input: self.input.val(),
            input_bias: self.input_bias.val(),
            blocks,
            head: self.head.val(),
            head_bias: self.head_bias.val(),
        }
    }
}

impl ExpertBlock {
    /// This block's two linear layers for `width` and `inner`, mixed.
    pub(in crate::supernet) fn mixed(
        &self,
        width: usize,
        inner: usize,
        mixing: &BlockMixing,
    ) -> BlockWeights {
        let (up, up_bias) = mixing.mixed([width, inner], 0, self.up.val(), self.up_bias.val());
        let (down, down_bias) = mixing.mixed([inner, width], 1, self.down.val(), self.down_bias.val());
        BlockWeights { up, up_bias, down, down_bias }
    }
}

impl BlockMixing {
    /// The weight and the bias of a linear layer, mixed from its experts' `[experts, inputs, outputs]` and
    /// `[experts, outputs]`: the leading `[inputs, outputs]` of them, or more where nothing is mixed. `place` is the layer's
    /// among those of its block.
    pub(in crate::supernet) fn mixed(
        &self,
        [inputs, outputs]: [usize; 2],
        place: usize,
        weights: Tensor<3>,
        biases: Tensor<2>,
    ) -> (Tensor<2>, Tensor<1>) {
        match self {
            Self::Single(expert) => (pick(weights, *expert), pick_row(biases, *expert)),
            Self::Layer(alpha) => (
                mix_layer_wise_within(weights, (**alpha).clone(), [inputs, outputs]),
                mix_bias_layer_wise(biases, (**alpha).clone(), outputs),
            ),
            Self::Neuron(alphas) => (
                mix_neuron_wise_within(weights, alphas[place].clone(), [inputs, outputs]),
                mix_bias_neuron_wise(biases, alphas[place].clone(), outputs),
            ),
        }
    }
}

/// One expert's matrix; no copy when there is only one.
fn pick(experts: Tensor<3>, expert: usize) -> Tensor<2> {
    let [count, rows, columns] = experts.dims();
    let chosen = if count == 1 { experts } else { experts.slice([expert..expert + 1, 0..rows, 0..columns]) };
    chosen.reshape([rows, columns])
}

/// One expert's bias.
fn pick_row(biases: Tensor<2>, expert: usize) -> Tensor<1> {
    let [count, outputs] = biases.dims();
    let chosen = if count == 1 { biases } else { biases.slice([expert..expert + 1, 0..outputs]) };
    chosen.reshape([outputs])
}

/// A trainable tensor with these values.
pub(in crate::supernet) fn parameter<const D: usize>(
    values: Vec<f32>,
    shape: [usize; D],
    device: &Device,
) -> Param<Tensor<D>> {
    Param::from_tensor(Tensor::from_data(TensorData::new(values, shape), device))
}

/// A trainable tensor of zeros.
pub(in crate::supernet) fn zeros<const D: usize>(shape: [usize; D], device: &Device) -> Param<Tensor<D>> {
    Param::from_tensor(Tensor::zeros(shape, device))
}
