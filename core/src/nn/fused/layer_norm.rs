//! Layer normalisation over the last dimension as one operation, with the leading part of scale and shift.

use burn::backend::autodiff::checkpoint::base::Checkpointer;
use burn::backend::autodiff::checkpoint::strategy::CheckpointStrategy;
use burn::backend::autodiff::grads::Gradients;
use burn::backend::autodiff::ops::{Backward, Ops, OpsKind};
use burn::backend::tensor::FloatTensor;
use burn::backend::{Autodiff, Backend, Dispatch, TensorMetadata as _};
use burn::prelude::*;
use burn::tensor::Shape;

use super::backends::{dispatched, everywhere, portable};
use super::part;
#[cfg(feature = "flex")]
use super::{flat, rows};
#[cfg(feature = "flex")]
use burn::backend::Flex;

/// What is added to the variance before the root.
pub const EPSILON: f32 = 1e-5;

/// The output of the forward pass and what its gradient needs.
#[derive(Debug, Clone)]
pub(crate) struct Normalised<B: Backend> {
    y: FloatTensor<B>,
    /// The rows before scale and shift.
    standard: FloatTensor<B>,
    /// One over the standard deviation, one per row, with a last dimension of 1.
    inverse: FloatTensor<B>,
}

/// The gradients for `x`, scale and shift.
pub(crate) type NormGradients<B> = (FloatTensor<B>, FloatTensor<B>, FloatTensor<B>);

/// Layer normalisation on plain tensors: forward and gradient.
pub(crate) trait LayerNormKernel: Backend {
    /// `scale * (x - mean) / sqrt(variance + EPSILON) + shift`.
    fn normalise(
        x: FloatTensor<Self>,
        scale: FloatTensor<Self>,
        shift: FloatTensor<Self>,
    ) -> Normalised<Self> {
        portable_normalise::<Self>(x, scale, shift)
    }

    /// The gradients, from the standardised rows and their inverse deviations.
    fn gradients(
        grad: FloatTensor<Self>,
        standard: FloatTensor<Self>,
        inverse: FloatTensor<Self>,
        scale: FloatTensor<Self>,
    ) -> NormGradients<Self> {
        portable_gradients::<Self>(grad, standard, inverse, scale)
    }
}

fn along_last<B: Backend>(row: FloatTensor<B>, rank: usize) -> FloatTensor<B> {
    let mut extents = vec![1; rank];
    extents[rank - 1] = row.shape()[0];
    B::float_reshape(row, extents.into())
}

fn portable_normalise<B: Backend>(
    x: FloatTensor<B>,
    scale: FloatTensor<B>,
    shift: FloatTensor<B>,
) -> Normalised<B> {
    let rank = x.rank();
    let centred = B::float_sub(x.clone(), B::float_mean_dim(x, rank - 1));
    let variance = B::float_mean_dim(B::float_mul(centred.clone(), centred.clone()), rank - 1);
    let inverse = B::float_recip(B::float_sqrt(B::float_add_scalar(variance, EPSILON.into())));
    let standard = B::float_mul(centred, inverse.clone());
    let y = B::float_mul(standard.clone(), along_last::<B>(scale, rank));
    Normalised { y: B::float_add(y, along_last::<B>(shift, rank)), standard, inverse }
}

fn portable_gradients<B: Backend>(
    grad: FloatTensor<B>,
    standard: FloatTensor<B>,
    inverse: FloatTensor<B>,
    scale: FloatTensor<B>,
) -> NormGradients<B> {
    let (rank, columns) = (grad.rank(), scale.shape()[0]);
    let over_rows = |tensor: FloatTensor<B>| {
        let rows = tensor.shape().num_elements() / columns.max(1);
        let flat = B::float_reshape(tensor, [rows, columns].into());
        B::float_reshape(B::float_sum_dim(flat, 0), [columns].into())
    };
    let shift_grad = over_rows(grad.clone());
    let scale_grad = over_rows(B::float_mul(grad.clone(), standard.clone()));
    let grad = B::float_mul(grad, along_last::<B>(scale, rank));
    let mean = B::float_mean_dim(grad.clone(), rank - 1);
    let slope = B::float_mean_dim(B::float_mul(grad.clone(), standard.clone()), rank - 1);
    let inner = B::float_sub(B::float_sub(grad, mean), B::float_mul(standard, slope));
    (B::float_mul(inner, inverse), scale_grad, shift_grad)
}

#[cfg(feature = "flex")]
impl LayerNormKernel for Flex {
    fn normalise(
        x: FloatTensor<Self>,
        scale: FloatTensor<Self>,
        shift: FloatTensor<Self>,
    ) -> Normalised<Self> {
        if ![&x, &scale, &shift].into_iter().all(flat::is_single) {
            return portable_normalise::<Self>(x, scale, shift);
        }
        let (x, scale, shift) = (flat::ordered(x), flat::ordered(scale), flat::ordered(shift));
        let (columns, shape) = (flat::row_length(&x), x.layout().shape().clone());
        let (numbers, scale, shift) = (flat::numbers(&x), flat::numbers(&scale), flat::numbers(&shift));
        let mut standard = numbers.to_vec();
        let mut y = vec![0f32; numbers.len()];
        let mut inverses = Vec::with_capacity(numbers.len() / columns);
        rows::wide(|| {
            for (row, y) in standard.chunks_exact_mut(columns).zip(y.chunks_exact_mut(columns)) {
                inverses.push(rows::standardise(row, y, [scale, shift], EPSILON));
            }
        });
        let mut row_shape = shape.to_vec();
        if let Some(last) = row_shape.last_mut() {
            *last = 1;
        }
        Normalised {
            y: flat::tensor(y, shape.clone()),
            standard: flat::tensor(standard, shape),
            inverse: flat::tensor(inverses, row_shape.into()),
        }
    }

    fn gradients(
        grad: FloatTensor<Self>,
        standard: FloatTensor<Self>,
        inverse: FloatTensor<Self>,
        scale: FloatTensor<Self>,
    ) -> NormGradients<Self> {
        if ![&grad, &scale, &standard].into_iter().all(flat::is_single) {
            return portable_gradients::<Self>(grad, standard, inverse, scale);
        }
        let (columns, scale) = (flat::row_length(&grad), flat::ordered(scale));
        let (scale, inverse) = (flat::numbers(&scale), flat::numbers(&inverse));
        let (mut scale_grad, mut shift_grad) = (vec![0f32; columns], vec![0f32; columns]);
        let grad = flat::change(grad, |numbers| {
            let rows = numbers.chunks_exact_mut(columns).zip(flat::numbers(&standard).chunks_exact(columns));
            for ((grad, standard), &inverse) in rows.zip(inverse) {
                rows::standardise_gradient(
                    grad,
                    standard,
                    inverse,
                    scale,
                    [&mut scale_grad, &mut shift_grad],
                );
            }
        });
        (grad, flat::tensor(scale_grad, [columns].into()), flat::tensor(shift_grad, [columns].into()))
    }
}

portable! { impl LayerNormKernel {} }

dispatched! {
    Autodiff =>
    /// The dispatched operation; call [`layer_norm`].
    pub trait LayerNormOperation: Backend {
        /// Layer normalisation of the last dimension with the leading part of `scale` and `shift`.
        fn fused_layer_norm(
            x: FloatTensor<Self>,
            scale: FloatTensor<Self>,
            shift: FloatTensor<Self>,
        ) -> FloatTensor<Self>;
    }
}

fn forward<B: LayerNormKernel>(
    x: FloatTensor<B>,
    scale: FloatTensor<B>,
    shift: FloatTensor<B>,
) -> Normalised<B> {
    let extents = [x.shape()[x.rank() - 1]];
    B::normalise(x, part::leading::<B>(scale, &extents), part::leading::<B>(shift, &extents))
}

everywhere! {
    impl LayerNormOperation {
        fn fused_layer_norm(
            x: FloatTensor<Self>,
            scale: FloatTensor<Self>,
            shift: FloatTensor<Self>,
        ) -> FloatTensor<Self> {
            forward::<Self>(x, scale, shift).y
        }
    }
}

#[derive(Debug)]
struct LayerNormStep;

#[derive(Debug, Clone)]
struct LayerNormState<B: Backend> {
    standard: FloatTensor<B>,
    inverse: FloatTensor<B>,
    scale: FloatTensor<B>,
    whole: Shape,
}

impl<B: LayerNormKernel> Backward<B, 3> for LayerNormStep {
    type State = LayerNormState<B>;

    fn backward(self, ops: Ops<Self::State, 3>, grads: &mut Gradients, _checkpointer: &mut Checkpointer) {
        let LayerNormState { standard, inverse, scale, whole } = ops.state;
        let [x_node, scale_node, shift_node] = ops.parents;
        let columns = standard.shape()[standard.rank() - 1];
        let scale = part::leading::<B>(scale, &[columns]);
        let (x_grad, scale_grad, shift_grad) =
            B::gradients(grads.consume::<B>(&ops.node), standard, inverse, scale);
        if let Some(node) = x_node {
            grads.register::<B>(node.id, x_grad);
        }
        if let Some(node) = scale_node {
            grads.register::<B>(node.id, part::widen::<B>(scale_grad, whole.clone()));
        }
        if let Some(node) = shift_node {
            grads.register::<B>(node.id, part::widen::<B>(shift_grad, whole));
        }
    }
}

impl<B: LayerNormKernel, C: CheckpointStrategy> LayerNormOperation for Autodiff<B, C> {
    fn fused_layer_norm(
        x: FloatTensor<Self>,
        scale: FloatTensor<Self>,
        shift: FloatTensor<Self>,
    ) -> FloatTensor<Self> {
        let ((x, x_guard), (scale, scale_guard), (shift, shift_guard)) =
            (x.into_parts(), scale.into_parts(), shift.into_parts());
        let whole = scale.shape();
        let Normalised { y, standard, inverse } = forward::<B>(x, scale.clone(), shift);
        match LayerNormStep.prepare::<C>([x_guard, scale_guard, shift_guard]).compute_bound().stateful() {
            OpsKind::Tracked(step) => step.finish(LayerNormState { standard, inverse, scale, whole }, y),
            OpsKind::UnTracked(step) => step.finish(y),
        }
    }
}

/// Layer normalisation of the last dimension, with the leading entries of `scale` and `shift`.
///
/// # Panics
/// If scale and shift differ in length or are shorter than the last dimension.
pub fn layer_norm<const D: usize>(x: Tensor<D>, scale: Tensor<1>, shift: Tensor<1>) -> Tensor<D> {
    let ([scales], [shifts], width) = (scale.dims(), shift.dims(), x.dims()[D - 1]);
    assert!(
        scales == shifts && width <= scales,
        "rows of {width} cannot be normalised with {scales} scales and {shifts} shifts"
    );
    let (x, scale, shift) = (x.into_dispatch(), scale.into_dispatch(), shift.into_dispatch());
    Tensor::from_dispatch(<Dispatch as LayerNormOperation>::fused_layer_norm(x, scale, shift))
}
