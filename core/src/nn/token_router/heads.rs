//! Attention heads as experts: a layer of attention cut head by head (Union of Experts, Yang et al. 2025, arXiv
//! 2503.02495, selective multi-head attention).
//!
//! `y_t = sum over heads h of g_{t,h} A_h(X)_t W_h + b`: `A_h(X)_t` is what unit `t` attends to in head `h`, `W_h` are the head's
//! rows of the last map, `g` the gates. With all gates 1 that is exactly the dense layer. A gate says whether a head answers
//! a unit. A unit that did not choose a head still serves it as key and value, so what a unit sees does not depend on
//! what others chose, and keys and values are computed for all.
//!
//! The released code is incomplete, and what can be read of it (`SMHA_v3.py` of YujiaoYang-work/UoE) differs: there a head's
//! keys and values are those of the units that chose it, no others, and gates choose but do not weigh.
//!
//! All heads are computed for all units, whatever the gates are: no work is saved here. Nothing is padded.

use burn::module::Module;
use burn::prelude::*;

use super::choice::{Choice, given};
use super::scorer::TokenScorer;
use super::{Passage, Routed};
use crate::nn::attention::{Sequences, attend};
use crate::nn::elastic::{ElasticLinear, constant, glorot_bound, uniform};
use crate::nn::fused::{Activation, Mask, linear};
use crate::rng::{Stream, Streams};
use crate::routing::routers::Recipe;
use crate::{Error, Result};

/// The sizes of a layer's heads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct HeadShape {
    /// Numbers that stand for a unit, shared evenly by the heads.
    pub width: usize,
    /// How many heads there are.
    pub heads: usize,
}

impl HeadShape {
    /// Numbers of a query, a key or a value.
    pub fn head_width(self) -> usize {
        self.width / self.heads
    }

    /// How many numbers one head learns: queries, keys, values, and its rows of the last map.
    pub fn parameters(self) -> usize {
        self.head_width() * (3 * (self.width + 1) + self.width)
    }

    /// How many numbers belong to no head: the last map's biases.
    pub fn parameters_of_all(self) -> usize {
        self.width
    }

    /// Multiplications and additions of one head for a unit that it answers, in a sequence of `length` units: the query,
    /// its scores, the mixture of values, and the last map.
    pub fn flops(self, length: usize) -> f64 {
        4.0 * (self.head_width() * (self.width + length)) as f64
    }

    /// The same for each unit, whoever answers it: its keys and values for all heads.
    pub fn flops_of_all(self) -> f64 {
        4.0 * (self.width * self.width) as f64
    }
}

/// The heads of one layer of self-attention.
#[derive(Module, Debug)]
pub struct HeadExperts {
    /// Queries, keys and values: `[width, heads * (query, key, value)]`.
    pub qkv: ElasticLinear,
    /// From the heads' results back, `[width, width]`: each head's rows above the next one's.
    pub out: ElasticLinear,
    heads: usize,
}

impl HeadExperts {
    /// Heads with Glorot's initialisation of a dense layer's four square maps, and zero biases.
    ///
    /// # Panics
    /// If there are no heads, or they do not divide the width.
    pub fn new(shape: HeadShape, stream: &mut Stream, device: &Device) -> Self {
        let HeadShape { width, heads } = shape;
        assert!(heads > 0 && width.is_multiple_of(heads), "{heads} heads do not share a width of {width}");
        let weight = uniform([width, 3 * width], glorot_bound(2 * width), stream, device);
        Self {
            qkv: ElasticLinear { weight, bias: constant([3 * width], 0.0, device) },
            out: ElasticLinear::new([width, width], stream, device),
            heads,
        }
    }

    /// How many heads there are.
    pub fn count(&self) -> usize {
        self.heads
    }

    /// The sum over heads of their results, each times its gate.
    ///
    /// # Shapes
    /// `x` is `[units, width]`, `gates` is `[units, heads]`, the result `[units, width]`.
    ///
    /// # Panics
    /// If the units are not `count * length` of the sequences, or the gates are of another shape.
    pub fn forward(&self, x: Tensor<2>, gates: Tensor<2>, sequences: Sequences, mask: Mask) -> Tensor<2> {
        let ([units, width], heads) = (x.dims(), self.heads);
        let qkv = self.qkv.forward(x, 3 * width, Activation::Identity);
        let attended = attend(qkv, sequences, heads, mask).reshape([units, heads, width / heads]);
        let gated = attended * gates.reshape([units, heads, 1]);
        self.out.forward(gated.reshape([units, width]), width, Activation::Identity)
    }

    /// What each head alone would add, `[units, heads, width]`, from its own part of the weights and an equal share of the
    /// last biases: for probes, not for training. `x` is `[units, width]`.
    ///
    /// # Panics
    /// As [`HeadExperts::forward`].
    pub fn apart(&self, x: Tensor<2>, sequences: Sequences, mask: Mask) -> Tensor<3> {
        let ([_, width], heads) = (x.dims(), self.heads);
        let each = width / heads;
        let bias = self.out.bias.val() / heads as f64;
        let alone = |head: usize| {
            let weight = self.qkv.weight.val().narrow(1, 3 * each * head, 3 * each);
            let own = self.qkv.bias.val().narrow(0, 3 * each * head, 3 * each);
            let qkv = linear(x.clone(), weight, own, 3 * each, Activation::Identity);
            let rows = self.out.weight.val().narrow(0, each * head, each);
            linear(attend(qkv, sequences, 1, mask), rows, bias.clone(), width, Activation::Identity)
        };
        Tensor::stack((0..heads).map(alone).collect(), 1)
    }
}

/// A scorer and the heads that it chooses from. Every unit of a sequence is seen by all others: nothing is causal.
#[derive(Module, Debug)]
pub struct RoutedHeads {
    /// From units to logits; nothing where the choice does not look at them.
    pub scorer: Option<TokenScorer>,
    /// The heads, the shared ones last.
    pub heads: HeadExperts,
}

impl RoutedHeads {
    /// A layer whose weights are drawn from one stream, heads first, so that layers start alike whatever their scorer is.
    ///
    /// # Panics
    /// If the recipe's experts do not divide the width.
    pub fn new(recipe: &Recipe, width: usize, stream: &mut Stream, device: &Device) -> Self {
        let shape = HeadShape { width, heads: recipe.experts + recipe.shared };
        let heads = HeadExperts::new(shape, stream, device);
        Self { scorer: TokenScorer::new(recipe, width, stream, device), heads }
    }

    /// Sends units `[units, width]` through the heads that a router chooses. Who is served by no head gets the biases.
    ///
    /// # Errors
    /// When the router's numbers are none any more, the units do not fill sequences, some are padding, the recipe mixes
    /// units, or the device does not answer.
    pub async fn forward(&self, x: Tensor<2>, passage: &Passage<'_>, streams: Streams) -> Result<Routed> {
        let sequences = sequences(x.dims()[0], passage)?;
        let x = passage.hooks.before_gate(x);
        let stream = &mut streams.stream("router");
        let given = given(self.scorer.as_ref(), &x, passage, stream);
        let choice = Choice::new(given, passage, stream).await?;
        let x = passage.hooks.before_dispatch(x);
        let output = self.heads.forward(x, choice.gates.clone(), sequences, Mask::Open);
        Ok(choice.answered(output, passage))
    }

    /// The dense layer: every head answers every unit. `x` and the result are `[units, width]`.
    pub fn whole(&self, x: Tensor<2>, sequences: Sequences) -> Tensor<2> {
        let gates = Tensor::<2>::ones([x.dims()[0], self.heads.count()], &x.device());
        self.heads.forward(x, gates, sequences, Mask::Open)
    }
}

/// How a passage's units are read, where heads can read them.
fn sequences(units: usize, passage: &Passage<'_>) -> Result<Sequences> {
    let length = if passage.sequence == 0 { units } else { passage.sequence };
    let problem = if passage.recipe.soft.is_some() {
        "attention heads read units, not mixtures of them: Soft MoE has feed-forward experts only".to_owned()
    } else if !passage.valid.is_empty() {
        "attention heads would see padding; leave it out".to_owned()
    } else if length == 0 || !units.is_multiple_of(length) {
        format!("{units} units do not fill sequences of {length}")
    } else {
        return Ok(Sequences { count: units / length, length });
    };
    Err(Error::InvalidDecision { problem })
}

#[cfg(test)]
mod tests;
