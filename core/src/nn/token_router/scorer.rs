//! Scorers: from a unit's numbers to one logit per slot, with the noise of training.

use burn::module::{Module, Param};
use burn::prelude::*;
use burn::tensor::activation::softplus;

use super::Passage;
use crate::nn::elastic::{constant, glorot};
use crate::nn::fused::{Activation, linear};
use crate::nn::gru::GruCell;
use crate::rng::Stream;
use crate::routing::routers::{Noise, Recipe, ScorerKind};

/// Kept out of divisions by a length.
const SMALLEST_LENGTH: f64 = 1e-6;
/// Kept in the deviation of learned noise, which is divided by (the released code's `noise_epsilon`).
const SMALLEST_DEVIATION: f64 = 0.01;
/// The logarithm of the largest factor on a cosine, which is 100, as in Tutel.
const LARGEST_SHARPNESS: f64 = 4.605_170_185_988_092;

/// A scorer's weights.
#[derive(Module, Debug)]
pub struct TokenScorer {
    /// `[inputs, slots]` (`W`), `[length * inputs, slots]` of a scorer of whole sequences, or `[inputs, width]` of a scorer
    /// with a hidden layer, a cosine or a recurrent one (`P`).
    pub projection: Param<Tensor<2>>,
    /// `[slots]`, or `[width]` with a hidden layer; nothing without biases.
    pub bias: Option<Param<Tensor<1>>>,
    /// Each slot's direction, `[width, slots]`, and the logarithm of the cosine's factor, `[1]`.
    pub cosine: Option<Directions>,
    /// `[width, slots]`: from the recurrent state (`G`) or the hidden layer to logits.
    pub readout: Option<Param<Tensor<2>>>,
    /// `[slots]`: what the hidden layer's logits begin with.
    pub readout_bias: Option<Param<Tensor<1>>>,
    /// `[inputs, slots]` (`W_noise`); starts at 0, so the deviation starts at `ln 2 + 0.01`.
    pub noise: Option<Param<Tensor<2>>>,
}

/// The second part of a cosine scorer.
#[derive(Module, Debug)]
pub struct Directions {
    /// `[width, slots]`.
    pub directions: Param<Tensor<2>>,
    /// `[1]`: the logarithm of one over the temperature.
    pub sharpness: Param<Tensor<1>>,
}

/// What a scorer says about a batch.
#[derive(Debug, Clone)]
pub struct Given {
    /// Logits without noise, `[units, slots]`.
    pub clean: Tensor<2>,
    /// Logits with noise, which are compared; the same tensor where there is none.
    pub noisy: Tensor<2>,
    /// The deviation of the noise, where it is learned.
    pub deviation: Option<Tensor<2>>,
    /// The recurrent state after this layer, `[units, width]`, where there is one.
    pub state: Option<Tensor<2>>,
}

impl Given {
    /// Zeros, where nothing is scored.
    pub fn nothing(shape: [usize; 2], device: &Device) -> Self {
        let zeros = Tensor::<2>::zeros(shape, device);
        Self { clean: zeros.clone(), noisy: zeros, deviation: None, state: None }
    }
}

impl TokenScorer {
    /// The scorer of a recipe for units of `inputs` numbers; nothing where it has none.
    pub fn new(recipe: &Recipe, inputs: usize, stream: &mut Stream, device: &Device) -> Option<Self> {
        let slots = columns(recipe);
        let (width, cosine) = match recipe.scorer {
            ScorerKind::None => return None,
            ScorerKind::Linear | ScorerKind::WholeSequence { .. } | ScorerKind::Perceptron { hidden: 0 } => {
                (slots, None)
            }
            ScorerKind::Perceptron { hidden } => (hidden, None),
            ScorerKind::DepthRecurrent { width, .. } => (width, None),
            ScorerKind::Cosine { width, temperature } => (width, Some(temperature)),
        };
        let read = match recipe.scorer {
            ScorerKind::WholeSequence { length } => length * inputs,
            _ => inputs,
        };
        let projection = glorot([read, width], stream, device);
        let cosine = cosine.map(|temperature| Directions {
            directions: glorot([width, slots], stream, device),
            sharpness: constant([1], -libm::log(temperature) as f32, device),
        });
        let has_bias = matches!(recipe.scorer, ScorerKind::Perceptron { .. });
        let is_hidden = matches!(recipe.scorer, ScorerKind::Perceptron { hidden: 1.. });
        let is_recurrent = matches!(recipe.scorer, ScorerKind::DepthRecurrent { .. });
        let readout = (is_hidden || is_recurrent).then(|| glorot([width, slots], stream, device));
        let bias = has_bias.then(|| constant([width], 0.0, device));
        let readout_bias = is_hidden.then(|| constant([slots], 0.0, device));
        let has_noise = recipe.noise == Noise::Learned;
        let noise = has_noise.then(|| constant([inputs, slots], 0.0, device));
        Some(Self { projection, bias, cosine, readout, readout_bias, noise })
    }

    /// Logits of units `[units, inputs]`; in training with the recipe's noise, drawn from `stream`.
    pub fn forward(&self, x: Tensor<2>, passage: &Passage<'_>, stream: &mut Stream) -> Given {
        let Passage { recipe, training, .. } = *passage;
        let (shape, device) = (x.dims(), x.device());
        let read = match recipe.noise {
            Noise::Jitter { width } if training => {
                let factors =
                    (0..shape[0] * shape[1]).map(|_| stream.uniform(1.0 - width, 1.0 + width) as f32);
                x.clone() * Tensor::from_data(TensorData::new(factors.collect::<Vec<_>>(), shape), &device)
            }
            _ => x.clone(),
        };
        let (clean, state) = self.logits(read, passage);
        let deviation =
            self.noise.as_ref().map(|weight| softplus(x.matmul(weight.val()), 1.0) + SMALLEST_DEVIATION);
        let [units, slots] = clean.dims();
        let mut drawn = |deviation: f64| {
            let numbers = stream.normals(units * slots, deviation);
            Tensor::<2>::from_data(TensorData::new(numbers, [units, slots]), &device)
        };
        let noisy = match (&deviation, recipe.noise) {
            (Some(deviation), _) if training => clean.clone() + drawn(1.0) * deviation.clone(),
            (_, Noise::Fixed { deviation }) if training => clean.clone() + drawn(deviation),
            _ => clean.clone(),
        };
        Given { clean, noisy, deviation, state }
    }

    /// Logits without noise, and the recurrent state where there is one.
    fn logits(&self, x: Tensor<2>, passage: &Passage<'_>) -> (Tensor<2>, Option<Tensor<2>>) {
        if let ScorerKind::WholeSequence { length } = passage.recipe.scorer {
            return (by_sequence(x, self.projection.val(), length, passage.valid), None);
        }
        if let ScorerKind::Perceptron { .. } = passage.recipe.scorer {
            return (with_around(self.perceptron(x, passage.activation), passage.recipe), None);
        }
        let projected = x.matmul(self.projection.val());
        if let (Some(readout), Some(cell)) = (&self.readout, passage.cell) {
            let state = cell.forward(projected.clone(), state_below(cell, &projected, passage));
            return (state.clone().matmul(readout.val()), Some(state));
        }
        let logits = match &self.cosine {
            None => projected,
            Some(Directions { directions, sharpness }) => {
                let cosine = unit_length(projected, 1).matmul(unit_length(directions.val(), 0));
                cosine * sharpness.val().clamp_max(LARGEST_SHARPNESS).exp().reshape([1, 1])
            }
        };
        (with_around(logits, passage.recipe), None)
    }

    /// The logits of a linear map with biases, or of a hidden layer.
    fn perceptron(&self, x: Tensor<2>, activation: Activation) -> Tensor<2> {
        let layer = |x, weight: &Param<Tensor<2>>, bias: &Option<Param<Tensor<1>>>, activation| {
            let bias = bias.as_ref().expect("a perceptron is made with a bias beside each of its maps").val();
            let [outputs] = bias.dims();
            linear(x, weight.val(), bias, outputs, activation)
        };
        match &self.readout {
            None => layer(x, &self.projection, &self.bias, Activation::Identity),
            Some(readout) => {
                let hidden = layer(x, &self.projection, &self.bias, activation);
                layer(hidden, readout, &self.readout_bias, Activation::Identity)
            }
        }
    }

    /// How many numbers the scorer of a recipe learns, and the unit that a recurrent one shares with other layers.
    pub fn parameters(recipe: &Recipe, inputs: usize) -> usize {
        let slots = columns(recipe);
        let scorer = match recipe.scorer {
            ScorerKind::None => 0,
            ScorerKind::Linear => inputs * slots,
            ScorerKind::Perceptron { hidden: 0 } => (inputs + 1) * slots,
            ScorerKind::Perceptron { hidden } => (inputs + 1) * hidden + (hidden + 1) * slots,
            ScorerKind::WholeSequence { length } => length * inputs * slots,
            ScorerKind::DepthRecurrent { width, .. } => {
                (inputs + slots) * width + GruCell::parameters(width, width)
            }
            ScorerKind::Cosine { width, .. } => (inputs + slots) * width + 1,
        };
        scorer + if recipe.noise == Noise::Learned { inputs * slots } else { 0 }
    }

    /// How many multiplications and additions scoring one unit takes.
    pub fn flops(recipe: &Recipe, inputs: usize) -> f64 {
        let slots = columns(recipe);
        let once = match recipe.scorer {
            ScorerKind::None => 0,
            ScorerKind::Linear | ScorerKind::WholeSequence { .. } | ScorerKind::Perceptron { hidden: 0 } => {
                inputs * slots
            }
            ScorerKind::Perceptron { hidden } => (inputs + slots) * hidden,
            ScorerKind::DepthRecurrent { width, .. } => inputs * width + 6 * width * width + width * slots,
            ScorerKind::Cosine { width, .. } => inputs * width + width * slots,
        };
        let noise = if recipe.noise == Noise::Learned { inputs * slots } else { 0 };
        // Mixtures are made of all units, and read by all.
        let mixing = if recipe.soft.is_some() { 2 * inputs * slots } else { 0 };
        2.0 * (once + noise + mixing) as f64
    }
}

/// The logits of a block and of the way around it, which is 0; other logits as they are.
fn with_around(logits: Tensor<2>, recipe: &Recipe) -> Tensor<2> {
    if !recipe.is_block {
        return logits;
    }
    let around = Tensor::zeros(logits.dims(), &logits.device());
    Tensor::cat(vec![logits, around], 1)
}

/// The logits `[units, slots]` of whole sequences of `length` units, the same for each unit; padding counts as 0.
fn by_sequence(x: Tensor<2>, projection: Tensor<2>, length: usize, valid: &[bool]) -> Tensor<2> {
    let ([units, inputs], [_, slots]) = (x.dims(), projection.dims());
    let x = match valid {
        [] => x,
        valid => {
            let padding: Vec<bool> = valid.iter().map(|valid| !valid).collect();
            let padding = Tensor::<2, Bool>::from_data(TensorData::new(padding, [units, 1]), &x.device());
            x.mask_fill(padding.expand([units, inputs]), 0.0)
        }
    };
    let logits = x.reshape([units / length, length * inputs]).matmul(projection);
    logits.reshape([units / length, 1, slots]).expand([units / length, length, slots]).reshape([units, slots])
}

/// The state that this layer's unit begins with, `[units, width]`.
fn state_below(cell: &GruCell, projected: &Tensor<2>, passage: &Passage<'_>) -> Tensor<2> {
    let nothing = || cell.start(projected.dims()[0], &projected.device());
    match (passage.recipe.scorer, passage.state) {
        (ScorerKind::DepthRecurrent { is_recurrent: true, has_gradient, .. }, Some(state)) => {
            if has_gradient { state.clone() } else { state.clone().detach() }
        }
        _ => nothing(),
    }
}

/// How many logits a unit gets: one a slot, one a mixture for Soft MoE, and one for a block: it or the way around.
fn columns(recipe: &Recipe) -> usize {
    match recipe.soft {
        Some(soft) => recipe.experts * soft.per_expert,
        None if recipe.is_block => 1,
        None => recipe.slots(),
    }
}

/// Vectors along `dim` divided by their lengths.
fn unit_length(x: Tensor<2>, dim: usize) -> Tensor<2> {
    let length = ((x.clone() * x.clone()).sum_dim(dim) + SMALLEST_LENGTH * SMALLEST_LENGTH).sqrt();
    x / length
}
