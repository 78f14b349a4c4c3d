//! Causal self-attention with its two linear maps: a token sees itself and what stands before it in its sequence.
//!
//! The layer of a decoder (Vaswani et al., arXiv 1706.03762, section 3.2.2, masked). All sequences of a batch are equally
//! long, so nothing is padded. Whether positions are turned into queries and keys is the caller's choice, as a value.

use burn::module::{Module, Param};
use burn::prelude::*;

use super::attention::{Sequences, attend};
use super::elastic::{ElasticLinear, constant, glorot, glorot_bound, uniform};
use super::fused::{Activation, Mask};
use super::rotary::{Rotary, rotate};
use crate::rng::Stream;

/// The weights of a layer of causal self-attention.
#[derive(Module, Debug)]
pub struct CausalAttention {
    /// Queries, keys and values: `[width, heads * (query, key, value)]`.
    pub qkv: ElasticLinear,
    /// From the heads' results back: `[width, width]`.
    pub out: ElasticLinear,
    heads: usize,
}

impl CausalAttention {
    /// A layer with Glorot's initialisation; the last map's weights are multiplied by `out_scale`.
    ///
    /// # Panics
    /// If there are no heads, or they do not divide the width.
    pub fn new(width: usize, heads: usize, out_scale: f64, stream: &mut Stream, device: &Device) -> Self {
        assert!(heads > 0 && width.is_multiple_of(heads), "{heads} heads do not share a width of {width}");
        // Bounds of three square maps, not of one wide map: each part has `width` inputs and outputs.
        let qkv = uniform([width, 3 * width], glorot_bound(2 * width), stream, device);
        Self {
            qkv: ElasticLinear { weight: qkv, bias: constant([3 * width], 0.0, device) },
            out: scaled_linear([width, width], out_scale, stream, device),
            heads,
        }
    }

    /// How many heads there are.
    pub fn heads(&self) -> usize {
        self.heads
    }

    /// What each token attends to, `[tokens, width]`, of rows `x` of `[tokens, width]`.
    ///
    /// # Panics
    /// If the rows are not `count * length`, or the angles are for other heads or shorter sequences.
    pub fn forward(&self, x: Tensor<2>, sequences: Sequences, rotary: Option<&Rotary>) -> Tensor<2> {
        let [_, width] = x.dims();
        let qkv = self.qkv.forward(x, 3 * width, Activation::Identity);
        let qkv = match rotary {
            Some(rotary) => rotate(qkv, sequences, self.heads, rotary),
            None => qkv,
        };
        let attended = attend(qkv, sequences, self.heads, Mask::Causal);
        self.out.forward(attended, width, Activation::Identity)
    }
}

/// A linear layer with Glorot's initialisation times `scale`, and zero biases.
pub(super) fn scaled_linear(
    shape: [usize; 2],
    scale: f64,
    stream: &mut Stream,
    device: &Device,
) -> ElasticLinear {
    let weight: Param<Tensor<2>> = if scale == 1.0 {
        glorot(shape, stream, device)
    } else {
        uniform(shape, scale * glorot_bound(shape[0] + shape[1]), stream, device)
    };
    ElasticLinear { weight, bias: constant([shape[1]], 0.0, device) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::nn::fused::checks::{assert_gradient, plain, values};
    use crate::rng::Streams;

    const SEQUENCES: Sequences = Sequences { count: 2, length: 5 };

    fn layer() -> CausalAttention {
        CausalAttention::new(8, 2, 0.5, &mut Streams::new(3).stream("init"), &Device::flex())
    }

    fn rotations() -> [Option<Rotary>; 2] {
        [None, Some(Rotary::new(4, 5, Rotary::BASE))]
    }

    #[test]
    fn a_later_token_never_changes_an_earlier_result_nor_another_sequence() {
        let layer = layer();
        for rotary in rotations() {
            let before = values(&layer.forward(plain("x", [10, 8]), SEQUENCES, rotary.as_ref()));
            for place in 0..10 {
                let moved = plain("x", [10, 8]).slice_fill([place..place + 1, 0..8], 7.0);
                let after = values(&layer.forward(moved, SEQUENCES, rotary.as_ref()));
                for row in 0..10 {
                    let is_equal = before[row * 8..row * 8 + 8] == after[row * 8..row * 8 + 8];
                    let may_see = row >= place && row / 5 == place / 5;
                    assert_eq!(is_equal, !may_see, "token {place} changed, row {row}");
                }
            }
        }
    }

    #[test]
    fn the_gradient_agrees_with_finite_differences() {
        let layer = layer();
        let weight = plain("weight", [10, 8]);
        for rotary in rotations() {
            assert_gradient(plain("x", [10, 8]), |x| {
                (layer.forward(x, SEQUENCES, rotary.as_ref()) * weight.clone()).sum()
            });
        }
    }

    #[test]
    #[should_panic(expected = "3 heads do not share a width of 8")]
    fn heads_that_do_not_divide_the_width_are_refused() {
        CausalAttention::new(8, 3, 1.0, &mut Streams::new(0).stream("init"), &Device::flex());
    }
}
