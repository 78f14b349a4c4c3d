//! Multi-head self-attention on flattened tokens, as one step of the gradient tape between its two projections.
//!
//! Queries, keys and values come from one linear map. Its columns are ordered head by head, and within a head
//! query, key, value: so the leading columns are whole heads, and a narrower layer is a leading part.

use burn::backend::autodiff::checkpoint::base::Checkpointer;
use burn::backend::autodiff::checkpoint::strategy::CheckpointStrategy;
use burn::backend::autodiff::grads::Gradients;
use burn::backend::autodiff::ops::{Backward, Ops, OpsKind, unary};
use burn::backend::tensor::FloatTensor;
use burn::backend::{Autodiff, Backend, Dispatch, TensorMetadata as _};
use burn::prelude::*;
use burn::tensor::Slice;

use super::fused::Mask;
use super::fused::part::permuted;
use super::fused::softmax::SoftmaxKernel;
use crate::nn::fused::backends::{dispatched, everywhere};

/// How the rows of a matrix of tokens are to be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sequences {
    /// How many sequences there are.
    pub count: usize,
    /// The tokens of each.
    pub length: usize,
}

/// Attention on plain tensors, made of the backend's matrix products and the fused softmax.
#[derive(Debug, Clone, Copy)]
struct Attention {
    sequences: Sequences,
    heads: usize,
    mask: Mask,
}

/// The axes that turn `[part, sequence, token, head, entry]` into `[part, sequence, head, token, entry]`, and back.
const TOKENS_AND_HEADS: [usize; 5] = [0, 1, 3, 2, 4];

impl Attention {
    fn head_width(&self, columns: usize, parts: usize) -> usize {
        columns / (parts * self.heads)
    }

    fn scale(&self, columns: usize) -> f32 {
        1.0 / (self.head_width(columns, 3) as f32).sqrt()
    }

    /// One of query, key and value as `[1, sequence, head, token, entry]`: a view.
    fn part<B: Backend>(&self, qkv: &FloatTensor<B>, part: usize) -> FloatTensor<B> {
        let Sequences { count, length } = self.sequences;
        let width = self.head_width(qkv.shape()[1], 3);
        let split = B::float_reshape(qkv.clone(), [count, length, self.heads, 3, width].into());
        let first = permuted::<B, 5>(split, [3, 0, 2, 1, 4]);
        B::float_slice(first, &[Slice::from(part..part + 1)])
    }

    /// The attended values `[tokens, columns]` and the attention weights.
    fn forward<B: SoftmaxKernel>(&self, qkv: &FloatTensor<B>) -> (FloatTensor<B>, FloatTensor<B>) {
        let [query, key, value] = [0, 1, 2].map(|part| self.part::<B>(qkv, part));
        let (tokens, columns) = (qkv.shape()[0], qkv.shape()[1]);
        let scores = B::float_matmul(query, B::float_swap_dims(key, 3, 4));
        let weights = B::forward(scores, self.scale(columns), self.mask);
        let attended = permuted::<B, 5>(B::float_matmul(weights.clone(), value), TOKENS_AND_HEADS);
        (B::float_reshape(attended, [tokens, columns / 3].into()), weights)
    }

    /// The gradient for `qkv`.
    fn gradient<B: SoftmaxKernel>(
        &self,
        qkv: &FloatTensor<B>,
        weights: FloatTensor<B>,
        grad: FloatTensor<B>,
    ) -> FloatTensor<B> {
        let Sequences { count, length } = self.sequences;
        let [query, key, value] = [0, 1, 2].map(|part| self.part::<B>(qkv, part));
        let (shape, columns) = (qkv.shape(), qkv.shape()[1]);
        let width = self.head_width(columns, 3);
        let grad = B::float_reshape(grad, [1, count, length, self.heads, width].into());
        let grad = permuted::<B, 5>(grad, TOKENS_AND_HEADS);
        let value_grad = B::float_matmul(B::float_swap_dims(weights.clone(), 3, 4), grad.clone());
        let weights_grad = B::float_matmul(grad, B::float_swap_dims(value, 3, 4));
        let scores_grad = B::gradient(weights, weights_grad, self.scale(columns));
        let query_grad = B::float_matmul(scores_grad.clone(), key);
        let key_grad = B::float_matmul(B::float_swap_dims(scores_grad, 3, 4), query);
        let all = B::float_cat(vec![query_grad, key_grad, value_grad], 0);
        B::float_reshape(permuted::<B, 5>(all, [1, 3, 2, 0, 4]), shape)
    }
}

dispatched! {
    Autodiff =>
    /// The dispatched operation; call [`attend`].
    pub trait AttentionOperation: Backend {
        /// The attended values of `qkv`.
        fn fused_attention(
            qkv: FloatTensor<Self>,
            sequences: Sequences,
            heads: usize,
            mask: Mask,
        ) -> FloatTensor<Self>;
    }
}

everywhere! {
    impl AttentionOperation {
        fn fused_attention(
            qkv: FloatTensor<Self>,
            sequences: Sequences,
            heads: usize,
            mask: Mask,
        ) -> FloatTensor<Self> {
            Attention { sequences, heads, mask }.forward::<Self>(&qkv).0
        }
    }
}

#[derive(Debug)]
struct AttentionStep;

impl<B: SoftmaxKernel> Backward<B, 1> for AttentionStep {
    type State = (FloatTensor<B>, FloatTensor<B>, Attention);

    fn backward(self, ops: Ops<Self::State, 1>, grads: &mut Gradients, _checkpointer: &mut Checkpointer) {
        let (qkv, weights, attention) = ops.state;
        unary::<B, _>(ops.parents, ops.node, grads, |grad| attention.gradient::<B>(&qkv, weights, grad));
    }
}

impl<B: SoftmaxKernel, C: CheckpointStrategy> AttentionOperation for Autodiff<B, C> {
    fn fused_attention(
        qkv: FloatTensor<Self>,
        sequences: Sequences,
        heads: usize,
        mask: Mask,
    ) -> FloatTensor<Self> {
        let attention = Attention { sequences, heads, mask };
        let (qkv, guard) = qkv.into_parts();
        let (attended, weights) = attention.forward::<B>(&qkv);
        match AttentionStep.prepare::<C>([guard]).compute_bound().stateful() {
            OpsKind::Tracked(step) => step.finish((qkv, weights, attention), attended),
            OpsKind::UnTracked(step) => step.finish(attended),
        }
    }
}

/// Self-attention of `heads` heads: `[tokens, heads * (query, key, value)]` to `[tokens, heads * width]`.
///
/// Scores are divided by the root of the head's width. Tokens attend within their own sequence only.
///
/// # Panics
/// If the rows are not `count * length`, or the columns are not three equal parts per head.
pub fn attend(qkv: Tensor<2>, sequences: Sequences, heads: usize, mask: Mask) -> Tensor<2> {
    let [tokens, columns] = qkv.dims();
    let Sequences { count, length } = sequences;
    assert_eq!(tokens, count * length, "{tokens} tokens are not {count} sequences of {length}");
    assert!(
        heads > 0 && columns % (3 * heads) == 0,
        "{columns} columns are not query, key and value of {heads} heads"
    );
    let qkv = qkv.into_dispatch();
    Tensor::from_dispatch(<Dispatch as AttentionOperation>::fused_attention(qkv, sequences, heads, mask))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::nn::fused::checks::{assert_gradient, assert_near, leaf, plain};
    use burn::tensor::activation;

    fn reference(qkv: Tensor<2>, sequences: Sequences, heads: usize, mask: Mask) -> Tensor<2> {
        let Sequences { count, length } = sequences;
        let [tokens, columns] = qkv.dims();
        let width = columns / heads / 3;
        let split = qkv.reshape([count, length, heads, 3, width]).permute([3, 0, 2, 1, 4]);
        let part = |i: usize| split.clone().slice(s![i..i + 1]).squeeze_dim::<4>(0);
        let scores = part(0).matmul(part(1).swap_dims(2, 3)) / (width as f32).sqrt();
        let scores = match mask {
            Mask::Open => scores,
            Mask::Causal => {
                let hidden = Tensor::<2, Bool>::tril_mask([length, length], 0, &Device::flex());
                scores.mask_fill(hidden.unsqueeze::<4>(), f32::NEG_INFINITY)
            }
        };
        let attended = activation::softmax(scores, 3).matmul(part(2));
        attended.swap_dims(1, 2).reshape([tokens, columns / 3])
    }

    #[test]
    fn attention_and_its_gradient_agree_with_plain_tensor_code() {
        for (count, length, heads, width) in [(2, 5, 3, 4), (1, 1, 1, 1), (3, 7, 2, 8)] {
            for mask in [Mask::Open, Mask::Causal] {
                let sequences = Sequences { count, length };
                let shape = [count * length, heads * 3 * width];
                let (x1, x2) = (leaf("qkv", shape), leaf("qkv", shape));
                let weight = plain("weight", [count * length, heads * width]);
                let fast = attend(x1.clone(), sequences, heads, mask);
                let slow = reference(x2.clone(), sequences, heads, mask);
                assert_near(&fast, &slow, 1e-5);
                let (g1, g2) = ((fast * weight.clone()).sum().backward(), (slow * weight).sum().backward());
                let message = "the tensor is a tracked leaf";
                assert_near(&x1.grad(&g1).expect(message), &x2.grad(&g2).expect(message), 1e-4);
            }
        }
        let (sequences, weight) = (Sequences { count: 2, length: 3 }, plain("weight", [6, 4]));
        assert_gradient(plain("qkv", [6, 12]), |x| {
            (attend(x, sequences, 2, Mask::Causal) * weight.clone()).sum()
        });
    }

    #[test]
    fn fewer_heads_are_the_leading_columns_of_more() {
        let (sequences, qkv) = (Sequences { count: 2, length: 4 }, plain("qkv", [8, 36]));
        let whole = attend(qkv.clone(), sequences, 3, Mask::Open).slice([0..8, 0..8]);
        let part = attend(qkv.slice([0..8, 0..24]), sequences, 2, Mask::Open);
        assert_near(&part, &whole, 1e-6);
    }
}
