//! Softmax over the last dimension as one operation, with a scale and an optional causal mask.

use burn::backend::autodiff::checkpoint::base::Checkpointer;
use burn::backend::autodiff::checkpoint::strategy::CheckpointStrategy;
use burn::backend::autodiff::grads::Gradients;
use burn::backend::autodiff::ops::{Backward, Ops, OpsKind, unary};
use burn::backend::tensor::FloatTensor;
use burn::backend::{Autodiff, Backend, Dispatch, TensorMetadata as _};
use burn::prelude::*;

use super::backends::{dispatched, everywhere, portable};
#[cfg(feature = "flex")]
use super::{flat, rows};
#[cfg(feature = "flex")]
use burn::backend::Flex;

/// Which entries of a row take part.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mask {
    /// All of them.
    Open,
    /// In a matrix `[.., query, key]`: only keys at or before the query's position.
    Causal,
}

/// Softmax on plain tensors: forward and gradient.
pub(crate) trait SoftmaxKernel: Backend {
    /// The softmax of `scale * x`.
    fn forward(x: FloatTensor<Self>, scale: f32, mask: Mask) -> FloatTensor<Self> {
        portable_forward::<Self>(x, scale, mask)
    }

    /// The gradient for `x`, from the result `y` and its gradient.
    fn gradient(y: FloatTensor<Self>, grad: FloatTensor<Self>, scale: f32) -> FloatTensor<Self> {
        portable_gradient::<Self>(y, grad, scale)
    }
}

fn portable_forward<B: Backend>(x: FloatTensor<B>, scale: f32, mask: Mask) -> FloatTensor<B> {
    let last = x.rank() - 1;
    let scaled = B::float_mul_scalar(x, scale.into());
    let scaled = match mask {
        Mask::Open => scaled,
        Mask::Causal => {
            let shape = scaled.shape();
            let (queries, keys) = (shape[last - 1], shape[last]);
            let mut penalty = vec![0f32; queries * keys];
            for (query, row) in penalty.chunks_mut(keys.max(1)).enumerate() {
                row.iter_mut().skip(query + 1).for_each(|value| *value = -1e9);
            }
            let mut extents = vec![1; last + 1];
            extents[last - 1] = queries;
            extents[last] = keys;
            let data = TensorData::new(penalty, extents).convert_dtype(scaled.dtype());
            B::float_add(scaled.clone(), B::float_from_data(data, &scaled.device()))
        }
    };
    let top = B::float_max_dim(scaled.clone(), last);
    let power = B::float_exp(B::float_sub(scaled, top));
    let total = B::float_sum_dim(power.clone(), last);
    B::float_div(power, total)
}

fn portable_gradient<B: Backend>(y: FloatTensor<B>, grad: FloatTensor<B>, scale: f32) -> FloatTensor<B> {
    let last = y.rank() - 1;
    let weighted = B::float_mul(grad, y.clone());
    let total = B::float_sum_dim(weighted.clone(), last);
    B::float_mul_scalar(B::float_sub(weighted, B::float_mul(y, total)), scale.into())
}

#[cfg(feature = "flex")]
impl SoftmaxKernel for Flex {
    fn forward(x: FloatTensor<Self>, scale: f32, mask: Mask) -> FloatTensor<Self> {
        if !flat::is_single(&x) || scale < 0.0 {
            return portable_forward::<Self>(x, scale, mask);
        }
        let length = flat::row_length(&x);
        let queries = x.layout().shape().iter().rev().nth(1).copied().unwrap_or(1).max(1);
        flat::change(x, |numbers| {
            for (index, row) in numbers.chunks_exact_mut(length).enumerate() {
                let seen = if mask == Mask::Causal { (index % queries + 1).min(length) } else { length };
                let (seen, hidden) = row.split_at_mut(seen);
                let (total, _) = rows::exponentiate(seen, scale);
                rows::rescale(seen, 1.0 / total);
                hidden.fill(0.0);
            }
        })
    }

    fn gradient(y: FloatTensor<Self>, grad: FloatTensor<Self>, scale: f32) -> FloatTensor<Self> {
        if !flat::is_single(&y) || !flat::is_single(&grad) {
            return portable_gradient::<Self>(y, grad, scale);
        }
        let (length, y) = (flat::row_length(&y), flat::ordered(y));
        flat::change(grad, |numbers| {
            for (grad, y) in numbers.chunks_exact_mut(length).zip(flat::numbers(&y).chunks_exact(length)) {
                rows::softmax_gradient(grad, y, scale);
            }
        })
    }
}

portable! { impl SoftmaxKernel {} }

dispatched! {
    Autodiff =>
    /// The dispatched operation; call [`softmax`].
    pub trait SoftmaxOperation: Backend {
        /// Softmax of `scale * x` over the last dimension.
        fn fused_softmax(x: FloatTensor<Self>, scale: f32, mask: Mask) -> FloatTensor<Self>;
    }
}

everywhere! {
    impl SoftmaxOperation {
        fn fused_softmax(x: FloatTensor<Self>, scale: f32, mask: Mask) -> FloatTensor<Self> {
            Self::forward(x, scale, mask)
        }
    }
}

#[derive(Debug)]
struct SoftmaxStep;

impl<B: SoftmaxKernel> Backward<B, 1> for SoftmaxStep {
    type State = (FloatTensor<B>, f32);

    fn backward(self, ops: Ops<Self::State, 1>, grads: &mut Gradients, _checkpointer: &mut Checkpointer) {
        let (y, scale) = ops.state;
        unary::<B, _>(ops.parents, ops.node, grads, |grad| B::gradient(y, grad, scale));
    }
}

impl<B: SoftmaxKernel, C: CheckpointStrategy> SoftmaxOperation for Autodiff<B, C> {
    fn fused_softmax(x: FloatTensor<Self>, scale: f32, mask: Mask) -> FloatTensor<Self> {
        let (x, guard) = x.into_parts();
        match SoftmaxStep.prepare::<C>([guard]).compute_bound().stateful() {
            OpsKind::Tracked(step) => {
                let y = B::forward(x, scale, mask);
                step.finish((y.clone(), scale), y)
            }
            OpsKind::UnTracked(step) => step.finish(B::forward(x, scale, mask)),
        }
    }
}

/// The softmax of `scale * x` over the last dimension.
///
/// A row of which every entry is minus infinity gives NaN, as in every softmax.
pub fn softmax<const D: usize>(x: Tensor<D>, scale: f32, mask: Mask) -> Tensor<D> {
    Tensor::from_dispatch(<Dispatch as SoftmaxOperation>::fused_softmax(x.into_dispatch(), scale, mask))
}
