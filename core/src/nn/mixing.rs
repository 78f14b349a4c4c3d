//! Mixing experts' weights: one matrix out of `m`, once per architecture (Mixture-of-Supernets, section 2).
//!
//! Weights are laid out `[inputs, outputs]` as in burn's linear layer. Layer-wise mixing gives the whole matrix one
//! weight per expert, neuron-wise mixing gives every output neuron its own. Each function is one step of the
//! gradient tape whatever `m` is, and each takes the leading part of larger experts without a copy. Outputs of
//! experts are never mixed here, only their weights.

use burn::backend::autodiff::checkpoint::base::Checkpointer;
use burn::backend::autodiff::checkpoint::strategy::CheckpointStrategy;
use burn::backend::autodiff::grads::Gradients;
use burn::backend::autodiff::ops::{Backward, Ops, OpsKind};
use burn::backend::tensor::FloatTensor;
use burn::backend::{Autodiff, Backend, Dispatch, TensorMetadata as _};
use burn::prelude::*;

use super::fused::part;
#[cfg(feature = "flex")]
use super::fused::{flat, rows};
use crate::nn::fused::backends::{dispatched, everywhere, portable};
#[cfg(feature = "flex")]
use burn::backend::Flex;

/// The weight matrix `W = sum_k alpha_k E_k` of experts `[m, inputs, outputs]` and mixing weights `[m]`.
///
/// # Panics
/// If the numbers of experts differ.
pub fn mix_layer_wise(experts: Tensor<3>, alpha: Tensor<1>) -> Tensor<2> {
    let [_, inputs, outputs] = experts.dims();
    mix_layer_wise_within(experts, alpha, [inputs, outputs])
}

/// [`mix_layer_wise`] of the leading `[inputs, outputs]` of every expert.
///
/// # Panics
/// If the numbers of experts differ, or the experts are smaller than that.
pub fn mix_layer_wise_within(experts: Tensor<3>, alpha: Tensor<1>, extents: [usize; 2]) -> Tensor<2> {
    mix(experts, alpha, extents.to_vec())
}

/// The weight matrix `W[i, r] = sum_k alpha[r, k] E_k[i, r]` of experts `[m, inputs, outputs]` and mixing weights
/// `[outputs, m]`, one row per output neuron.
///
/// # Panics
/// If the numbers of experts or of outputs differ.
pub fn mix_neuron_wise(experts: Tensor<3>, alpha: Tensor<2>) -> Tensor<2> {
    let [_, inputs, outputs] = experts.dims();
    mix_neuron_wise_within(experts, alpha, [inputs, outputs])
}

/// [`mix_neuron_wise`] of the leading `[inputs, outputs]` of every expert; `alpha` has exactly `outputs` rows.
///
/// # Panics
/// If the numbers of experts or of outputs differ, or the experts are smaller than that.
pub fn mix_neuron_wise_within(experts: Tensor<3>, alpha: Tensor<2>, extents: [usize; 2]) -> Tensor<2> {
    mix(experts, alpha, extents.to_vec())
}

/// The bias `b = sum_k alpha_k b_k` of the leading `outputs` of biases `[m, outputs]`.
///
/// # Panics
/// If the numbers of experts differ, or there are fewer outputs than that.
pub fn mix_bias_layer_wise(biases: Tensor<2>, alpha: Tensor<1>, outputs: usize) -> Tensor<1> {
    mix(biases, alpha, vec![outputs])
}

/// The bias `b[r] = sum_k alpha[r, k] b_k[r]` of the leading `outputs` of biases `[m, outputs]`.
///
/// # Panics
/// If the numbers of experts or of outputs differ, or there are fewer outputs than that.
pub fn mix_bias_neuron_wise(biases: Tensor<2>, alpha: Tensor<2>, outputs: usize) -> Tensor<1> {
    mix(biases, alpha, vec![outputs])
}

fn mix<const E: usize, const A: usize, const W: usize>(
    experts: Tensor<E>,
    alpha: Tensor<A>,
    extents: Vec<usize>,
) -> Tensor<W> {
    let (have, given) = (experts.dims(), alpha.dims());
    assert_eq!(
        have[0],
        given[A - 1],
        "there are {} experts but mixing weights for {}",
        have[0],
        given[A - 1]
    );
    assert!(
        have[1..].iter().zip(&extents).all(|(have, want)| want <= have),
        "a part {extents:?} of experts {have:?} was asked for"
    );
    assert!(
        A == 1 || given[0] == extents[W - 1],
        "there are {} outputs but mixing weights for {}",
        extents[W - 1],
        given[0]
    );
    let (experts, alpha) = (experts.into_dispatch(), alpha.into_dispatch());
    Tensor::from_dispatch(<Dispatch as MixOperation>::mix_experts(experts, alpha, extents))
}

/// Mixing on plain tensors: forward and gradient. `experts` is `[m, .., outputs]`, already cut to its part.
pub(crate) trait MixKernel: Backend {
    /// The mixture: `experts` without its first dimension.
    fn forward(experts: FloatTensor<Self>, alpha: FloatTensor<Self>) -> FloatTensor<Self> {
        portable_forward::<Self>(experts, alpha)
    }

    /// The gradients for the experts and for alpha.
    fn gradients(
        experts: FloatTensor<Self>,
        alpha: FloatTensor<Self>,
        grad: FloatTensor<Self>,
    ) -> (FloatTensor<Self>, FloatTensor<Self>) {
        portable_gradients::<Self>(experts, alpha, grad)
    }
}

/// Alpha in the experts' layout: `[m, 1, 1]` or `[m, 1, outputs]`.
fn spread<B: Backend>(alpha: FloatTensor<B>, experts: &FloatTensor<B>) -> FloatTensor<B> {
    let mut extents = vec![1; experts.rank()];
    extents[0] = experts.shape()[0];
    if alpha.rank() == 1 {
        return B::float_reshape(alpha, extents.into());
    }
    extents[experts.rank() - 1] = alpha.shape()[0];
    B::float_reshape(B::float_transpose(alpha), extents.into())
}

fn portable_forward<B: Backend>(experts: FloatTensor<B>, alpha: FloatTensor<B>) -> FloatTensor<B> {
    let extents = experts.shape().as_slice()[1..].to_vec();
    let alpha = spread::<B>(alpha, &experts);
    B::float_reshape(B::float_sum_dim(B::float_mul(experts, alpha), 0), extents.into())
}

fn portable_gradients<B: Backend>(
    experts: FloatTensor<B>,
    alpha: FloatTensor<B>,
    grad: FloatTensor<B>,
) -> (FloatTensor<B>, FloatTensor<B>) {
    let (count, rank) = (experts.shape()[0], experts.rank());
    let mut extents = experts.shape().to_vec();
    extents[0] = 1;
    let grad = B::float_reshape(grad, extents.into());
    let layer_wise = alpha.rank() == 1;
    let expert_grad = B::float_mul(grad.clone(), spread::<B>(alpha, &experts));
    let mut inner = B::float_mul(experts, grad);
    for dimension in 1..(if layer_wise { rank } else { rank - 1 }) {
        inner = B::float_sum_dim(inner, dimension);
    }
    let alpha_grad = if layer_wise {
        B::float_reshape(inner, [count].into())
    } else {
        let outputs = inner.shape()[rank - 1];
        B::float_transpose(B::float_reshape(inner, [count, outputs].into()))
    };
    (expert_grad, alpha_grad)
}

#[cfg(feature = "flex")]
impl MixKernel for Flex {
    fn forward(experts: FloatTensor<Self>, alpha: FloatTensor<Self>) -> FloatTensor<Self> {
        if !flat::is_single(&experts) || !flat::is_single(&alpha) {
            return portable_forward::<Self>(experts, alpha);
        }
        let alphas = Alphas::new(&alpha);
        let extents = experts.layout().shape()[1..].to_vec();
        let (outputs, each) = (flat::row_length(&experts), extents.iter().product());
        let mut mixed = vec![0f32; each];
        with_rows(&experts, |expert, row, values| {
            let to = &mut mixed[row * outputs..(row + 1) * outputs];
            match alphas.of(expert) {
                [one] => rows::add_scaled(to, values, *one),
                many => rows::add_products(to, values, many),
            }
        });
        flat::tensor(mixed, extents.into())
    }

    fn gradients(
        experts: FloatTensor<Self>,
        alpha: FloatTensor<Self>,
        grad: FloatTensor<Self>,
    ) -> (FloatTensor<Self>, FloatTensor<Self>) {
        if ![&experts, &alpha, &grad].into_iter().all(flat::is_single) {
            return portable_gradients::<Self>(experts, alpha, grad);
        }
        let alphas = Alphas::new(&alpha);
        let (shape, outputs) = (experts.layout().shape().clone(), flat::row_length(&experts));
        let (count, per_neuron) = (shape[0], alpha.rank() == 2);
        let grad = flat::ordered(grad);
        let grad = flat::numbers(&grad);
        let mut expert_grad = Vec::with_capacity(shape.num_elements());
        let mut alpha_grad = vec![0f32; count * if per_neuron { outputs } else { 1 }];
        with_rows(&experts, |expert, row, values| {
            let grad = &grad[row * outputs..(row + 1) * outputs];
            if per_neuron {
                expert_grad.extend(grad.iter().zip(alphas.of(expert)).map(|(grad, alpha)| grad * alpha));
                let sums = alpha_grad.iter_mut().skip(expert).step_by(count);
                for ((sum, &grad), &value) in sums.zip(grad).zip(values) {
                    *sum += grad * value;
                }
            } else {
                let alpha = alphas.of(expert)[0];
                expert_grad.extend(grad.iter().map(|grad| grad * alpha));
                alpha_grad[expert] += rows::dot(grad, values);
            }
        });
        let alpha_shape = alpha.layout().shape().clone();
        (flat::tensor(expert_grad, shape), flat::tensor(alpha_grad, alpha_shape))
    }
}

/// Mixing weights with the experts first: `[m, 1]` or `[m, outputs]`.
#[cfg(feature = "flex")]
struct Alphas {
    values: Vec<f32>,
    width: usize,
}

#[cfg(feature = "flex")]
impl Alphas {
    fn new(alpha: &FloatTensor<Flex>) -> Self {
        let alpha = flat::ordered(alpha.clone());
        let (numbers, count) = (flat::numbers(&alpha), flat::row_length(&alpha));
        let width = numbers.len() / count;
        let values = (0..count).flat_map(|k| numbers.iter().skip(k).step_by(count).copied()).collect();
        Self { values, width }
    }

    fn of(&self, expert: usize) -> &[f32] {
        &self.values[expert * self.width..(expert + 1) * self.width]
    }
}

/// Calls `visit(expert, row, values)` for every row of every expert, without copying a cut-out part.
#[cfg(feature = "flex")]
fn with_rows(experts: &FloatTensor<Flex>, mut visit: impl FnMut(usize, usize, &[f32])) {
    let (layout, length) = (experts.layout(), flat::row_length(experts));
    let extents = layout.shape();
    let (count, inputs) = (extents[0], if extents.num_dims() == 3 { extents[1] } else { 1 });
    if extents.num_elements() == 0 {
        return;
    }
    let strides = layout.strides();
    let (expert_stride, row_stride) = (strides[0], if extents.num_dims() == 3 { strides[1] } else { 0 });
    if expert_stride < 0 || row_stride < 0 || (strides[strides.len() - 1] != 1 && length > 1) {
        return with_rows(&experts.to_contiguous(), visit);
    }
    let storage = experts.storage::<f32>();
    for expert in 0..count {
        for row in 0..inputs {
            let start = layout.start_offset() + expert * expert_stride as usize + row * row_stride as usize;
            visit(expert, row, &storage[start..start + length]);
        }
    }
}

portable! { impl MixKernel {} }

dispatched! {
    Autodiff =>
    /// The dispatched operation; call [`mix_layer_wise`] or [`mix_neuron_wise`].
    pub trait MixOperation: Backend {
        /// The mixture of the leading `extents` of every expert.
        fn mix_experts(
            experts: FloatTensor<Self>,
            alpha: FloatTensor<Self>,
            extents: Vec<usize>,
        ) -> FloatTensor<Self>;
    }
}

fn cut<B: Backend>(experts: FloatTensor<B>, extents: &[usize]) -> FloatTensor<B> {
    let whole = [&[experts.shape()[0]], extents].concat();
    part::leading::<B>(experts, &whole)
}

everywhere! {
    impl MixOperation {
        fn mix_experts(
            experts: FloatTensor<Self>,
            alpha: FloatTensor<Self>,
            extents: Vec<usize>,
        ) -> FloatTensor<Self> {
            <Self as MixKernel>::forward(cut::<Self>(experts, &extents), alpha)
        }
    }
}

#[derive(Debug)]
struct MixStep;

impl<B: MixKernel> Backward<B, 2> for MixStep {
    type State = (FloatTensor<B>, FloatTensor<B>, Vec<usize>);

    fn backward(self, ops: Ops<Self::State, 2>, grads: &mut Gradients, _checkpointer: &mut Checkpointer) {
        let (experts, alpha, extents) = ops.state;
        let [experts_node, alpha_node] = ops.parents;
        let grad = grads.consume::<B>(&ops.node);
        let whole = experts.shape();
        let (experts_grad, alpha_grad) = B::gradients(cut::<B>(experts, &extents), alpha, grad);
        if let Some(node) = experts_node {
            grads.register::<B>(node.id, part::widen::<B>(experts_grad, whole));
        }
        if let Some(node) = alpha_node {
            grads.register::<B>(node.id, alpha_grad);
        }
    }
}

impl<B: MixKernel, C: CheckpointStrategy> MixOperation for Autodiff<B, C> {
    fn mix_experts(
        experts: FloatTensor<Self>,
        alpha: FloatTensor<Self>,
        extents: Vec<usize>,
    ) -> FloatTensor<Self> {
        let ((experts, experts_guard), (alpha, alpha_guard)) = (experts.into_parts(), alpha.into_parts());
        let mixed = B::forward(cut::<B>(experts.clone(), &extents), alpha.clone());
        match MixStep.prepare::<C>([experts_guard, alpha_guard]).compute_bound().stateful() {
            OpsKind::Tracked(step) => step.finish((experts, alpha, extents), mixed),
            OpsKind::UnTracked(step) => step.finish(mixed),
        }
    }
}

#[cfg(test)]
mod tests;
