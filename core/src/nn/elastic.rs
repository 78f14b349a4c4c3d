//! Layers that hold the largest weights and run with the leading part of them.

use burn::module::{Module, Param};
use burn::prelude::*;

use super::fused::{Activation, layer_norm, linear};
use crate::rng::Stream;

/// A weight of the given shape, uniform in `±sqrt(6 / (inputs + outputs))` (Glorot and Bengio's initialisation,
/// with the last two dimensions as inputs and outputs).
pub fn glorot<const D: usize>(shape: [usize; D], stream: &mut Stream, device: &Device) -> Param<Tensor<D>> {
    let fans: usize = shape.iter().rev().take(2).sum();
    uniform(shape, glorot_bound(fans), stream, device)
}

/// The bound of Glorot and Bengio's initialisation for a layer whose inputs and outputs sum to `fans`.
pub fn glorot_bound(fans: usize) -> f64 {
    (6.0 / fans.max(1) as f64).sqrt()
}

/// A weight of the given shape, uniform in `±bound`.
pub fn uniform<const D: usize>(
    shape: [usize; D],
    bound: f64,
    stream: &mut Stream,
    device: &Device,
) -> Param<Tensor<D>> {
    let numbers: Vec<f32> =
        (0..shape.iter().product()).map(|_| stream.uniform(-bound, bound) as f32).collect();
    Param::from_data(TensorData::new(numbers, shape), device)
}

/// A parameter with the same number everywhere.
pub fn constant<const D: usize>(shape: [usize; D], value: f32, device: &Device) -> Param<Tensor<D>> {
    Param::from_data(TensorData::new(vec![value; shape.iter().product()], shape), device)
}

/// A linear layer of which the leading inputs and outputs can be used alone. Where its weights are mixed it has several sets
/// of them, one below the other; then it has no forward pass of its own.
#[derive(Module, Debug)]
pub struct ElasticLinear {
    /// `[sets * inputs, outputs]`.
    pub weight: Param<Tensor<2>>,
    /// `[sets * outputs]`.
    pub bias: Param<Tensor<1>>,
}

impl ElasticLinear {
    /// A layer of this size, with zero bias.
    pub fn new(shape: [usize; 2], stream: &mut Stream, device: &Device) -> Self {
        Self { weight: glorot(shape, stream, device), bias: constant([shape[1]], 0.0, device) }
    }

    /// How many sets of weights it has.
    pub fn sets(&self) -> usize {
        let ([_, outputs], [biases]) = (self.weight.dims(), self.bias.dims());
        biases / outputs
    }

    /// The leading `outputs` of the layer, which has one set of weights, on rows `[tokens, inputs]` of any width up to its own.
    ///
    /// # Panics
    /// If the layer is smaller than that.
    pub fn forward(&self, x: Tensor<2>, outputs: usize, activation: Activation) -> Tensor<2> {
        linear(x, self.weight.val(), self.bias.val(), outputs, activation)
    }
}

/// Layer normalisation of rows of any width up to its own.
#[derive(Module, Debug)]
pub struct ElasticLayerNorm {
    /// The factors.
    pub scale: Param<Tensor<1>>,
    /// The offsets.
    pub shift: Param<Tensor<1>>,
}

impl ElasticLayerNorm {
    /// Factors of 1 and offsets of 0.
    pub fn new(width: usize, device: &Device) -> Self {
        Self { scale: constant([width], 1.0, device), shift: constant([width], 0.0, device) }
    }

    /// The normalised rows.
    ///
    /// # Panics
    /// If the rows are wider than the layer.
    pub fn forward(&self, x: Tensor<2>) -> Tensor<2> {
        layer_norm(x, self.scale.val(), self.shift.val())
    }
}
