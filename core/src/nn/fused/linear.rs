//! A linear layer as one operation: the leading part of a weight matrix, the bias, and an activation if wanted.
//!
//! Tokens are rows of a matrix: flatten `[batch, position, features]` first. The gradient of a cut-out weight is
//! written into the corner of the whole one, so elastic layers need no separate slices.

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

#[cfg(all(feature = "flex", feature = "native"))]
mod native;
#[cfg(feature = "flex")]
use super::{flat, rows};
#[cfg(feature = "flex")]
use burn::backend::Flex;

/// What follows the linear map.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Activation {
    /// Nothing.
    Identity,
    /// `max(0, x)`.
    Relu,
    /// The hyperbolic tangent.
    Tanh,
}

/// The layer on plain tensors, as its parts.
pub(crate) trait LinearKernel: Backend {
    /// `activation(x W + bias)` with the leading part of weight and bias that has `outputs` columns.
    fn map(
        x: FloatTensor<Self>,
        weight: FloatTensor<Self>,
        bias: FloatTensor<Self>,
        outputs: usize,
        activation: Activation,
    ) -> FloatTensor<Self> {
        portable_map::<Self>(x, weight, bias, outputs, activation)
    }

    /// The gradient of the weight of this whole shape, from that of its products with `x`.
    fn weight_gradient(x: FloatTensor<Self>, grad: FloatTensor<Self>, whole: Shape) -> FloatTensor<Self> {
        portable_weight_gradient::<Self>(x, grad, whole)
    }

    /// The gradient of the inputs, of which there are `inputs`.
    fn input_gradient(
        grad: FloatTensor<Self>,
        weight: FloatTensor<Self>,
        inputs: usize,
    ) -> FloatTensor<Self> {
        portable_input_gradient::<Self>(grad, weight, inputs)
    }

    /// `activation(z + bias)`, one bias per column.
    fn finish(z: FloatTensor<Self>, bias: FloatTensor<Self>, activation: Activation) -> FloatTensor<Self> {
        portable_finish::<Self>(z, bias, activation)
    }

    /// The gradient before the activation, and the bias's: its sums over rows. `y` is the layer's output, where the
    /// activation's gradient needs it.
    fn unfinish(
        grad: FloatTensor<Self>,
        y: Option<FloatTensor<Self>>,
        activation: Activation,
    ) -> (FloatTensor<Self>, FloatTensor<Self>) {
        portable_unfinish::<Self>(grad, y, activation)
    }
}

fn portable_map<B: LinearKernel>(
    x: FloatTensor<B>,
    weight: FloatTensor<B>,
    bias: FloatTensor<B>,
    outputs: usize,
    activation: Activation,
) -> FloatTensor<B> {
    let inputs = x.shape()[1];
    let product = B::float_matmul(x, part::leading::<B>(weight, &[inputs, outputs]));
    B::finish(product, part::leading::<B>(bias, &[outputs]), activation)
}

fn portable_weight_gradient<B: Backend>(
    x: FloatTensor<B>,
    grad: FloatTensor<B>,
    whole: Shape,
) -> FloatTensor<B> {
    part::widen::<B>(B::float_matmul(B::float_transpose(x), grad), whole)
}

fn portable_input_gradient<B: Backend>(
    grad: FloatTensor<B>,
    weight: FloatTensor<B>,
    inputs: usize,
) -> FloatTensor<B> {
    let used = part::leading::<B>(weight, &[inputs, grad.shape()[1]]);
    B::float_matmul(grad, B::float_transpose(used))
}

fn portable_finish<B: Backend>(
    z: FloatTensor<B>,
    bias: FloatTensor<B>,
    activation: Activation,
) -> FloatTensor<B> {
    let columns = bias.shape()[0];
    let z = B::float_add(z, B::float_reshape(bias, [1, columns].into()));
    match activation {
        Activation::Identity => z,
        Activation::Relu => B::relu(z),
        Activation::Tanh => B::float_tanh(z),
    }
}

fn portable_unfinish<B: Backend>(
    grad: FloatTensor<B>,
    y: Option<FloatTensor<B>>,
    activation: Activation,
) -> (FloatTensor<B>, FloatTensor<B>) {
    let grad = match y {
        Some(y) if activation == Activation::Tanh => {
            let lost = B::float_mul(grad.clone(), B::float_mul(y.clone(), y));
            B::float_sub(grad, lost)
        }
        Some(y) => B::relu_backward(y, grad),
        None => grad,
    };
    let columns = grad.shape()[1];
    let sums = B::float_reshape(B::float_sum_dim(grad.clone(), 0), [columns].into());
    (grad, sums)
}

#[cfg(feature = "flex")]
impl LinearKernel for Flex {
    #[cfg(feature = "native")]
    fn map(
        x: FloatTensor<Self>,
        weight: FloatTensor<Self>,
        bias: FloatTensor<Self>,
        outputs: usize,
        activation: Activation,
    ) -> FloatTensor<Self> {
        if flat::are_single([&x, &weight, &bias]) {
            return native::map(x, weight, bias, outputs, activation);
        }
        portable_map::<Self>(x, weight, bias, outputs, activation)
    }

    #[cfg(feature = "native")]
    fn weight_gradient(x: FloatTensor<Self>, grad: FloatTensor<Self>, whole: Shape) -> FloatTensor<Self> {
        if flat::are_single([&x, &grad]) {
            return native::weight_gradient(x, grad, whole);
        }
        portable_weight_gradient::<Self>(x, grad, whole)
    }

    #[cfg(feature = "native")]
    fn input_gradient(
        grad: FloatTensor<Self>,
        weight: FloatTensor<Self>,
        inputs: usize,
    ) -> FloatTensor<Self> {
        if flat::are_single([&grad, &weight]) {
            return native::input_gradient(grad, weight, inputs);
        }
        portable_input_gradient::<Self>(grad, weight, inputs)
    }

    fn finish(z: FloatTensor<Self>, bias: FloatTensor<Self>, activation: Activation) -> FloatTensor<Self> {
        if !flat::is_single(&z) || !flat::is_single(&bias) {
            return portable_finish::<Self>(z, bias, activation);
        }
        let (columns, bias) = (flat::row_length(&z), flat::ordered(bias));
        let bias = flat::numbers(&bias);
        flat::change(z, |numbers| {
            for row in numbers.chunks_exact_mut(columns) {
                match activation {
                    Activation::Identity => rows::add_scaled(row, bias, 1.0),
                    Activation::Relu => rows::add_and_rectify(row, bias),
                    Activation::Tanh => rows::add_and_squash(row, bias),
                }
            }
        })
    }

    fn unfinish(
        grad: FloatTensor<Self>,
        y: Option<FloatTensor<Self>>,
        activation: Activation,
    ) -> (FloatTensor<Self>, FloatTensor<Self>) {
        if !flat::is_single(&grad) {
            return portable_unfinish::<Self>(grad, y, activation);
        }
        let columns = flat::row_length(&grad);
        let Some(y) = y.map(flat::ordered) else {
            let grad = flat::ordered(grad);
            let sums = rows::column_sums(flat::numbers(&grad), columns);
            return (grad, flat::tensor(sums, [columns].into()));
        };
        let mut sums = vec![0f32; columns];
        let grad = flat::change(grad, |numbers| {
            let y = flat::numbers(&y).chunks_exact(columns);
            for (row, y) in numbers.chunks_exact_mut(columns).zip(y) {
                match activation {
                    Activation::Tanh => rows::unsquash_and_sum(row, y, &mut sums),
                    _ => rows::gate_and_sum(row, y, &mut sums),
                }
            }
        });
        (grad, flat::tensor(sums, [columns].into()))
    }
}

portable! { impl LinearKernel {} }

dispatched! {
    Autodiff =>
    /// The dispatched operation; call [`linear`].
    pub trait LinearOperation: Backend {
        /// `activation(x W + b)` with the leading part of `weight` and `bias` that has `outputs` columns.
        fn fused_linear(
            x: FloatTensor<Self>,
            weight: FloatTensor<Self>,
            bias: FloatTensor<Self>,
            outputs: usize,
            activation: Activation,
        ) -> FloatTensor<Self>;
    }
}

everywhere! {
    impl LinearOperation {
        fn fused_linear(
            x: FloatTensor<Self>,
            weight: FloatTensor<Self>,
            bias: FloatTensor<Self>,
            outputs: usize,
            activation: Activation,
        ) -> FloatTensor<Self> {
            Self::map(x, weight, bias, outputs, activation)
        }
    }
}

#[derive(Debug)]
struct LinearStep;

/// What the gradient needs: the inputs, the whole bias's shape, and the output where the activation changed it.
#[derive(Debug, Clone)]
struct LinearState<B: Backend> {
    x: FloatTensor<B>,
    weight: FloatTensor<B>,
    bias_shape: Shape,
    activation: Activation,
    changed: Option<FloatTensor<B>>,
}

impl<B: LinearKernel> Backward<B, 3> for LinearStep {
    type State = LinearState<B>;

    fn backward(self, ops: Ops<Self::State, 3>, grads: &mut Gradients, _checkpointer: &mut Checkpointer) {
        let LinearState { x, weight, bias_shape, activation, changed } = ops.state;
        let [x_node, weight_node, bias_node] = ops.parents;
        let (grad, sums) = B::unfinish(grads.consume::<B>(&ops.node), changed, activation);
        let (inputs, whole) = (x.shape()[1], weight.shape());
        if let Some(node) = bias_node {
            grads.register::<B>(node.id, part::widen::<B>(sums, bias_shape));
        }
        if let Some(node) = weight_node {
            grads.register::<B>(node.id, B::weight_gradient(x, grad.clone(), whole));
        }
        if let Some(node) = x_node {
            grads.register::<B>(node.id, B::input_gradient(grad, weight, inputs));
        }
    }
}

impl<B: LinearKernel, C: CheckpointStrategy> LinearOperation for Autodiff<B, C> {
    fn fused_linear(
        x: FloatTensor<Self>,
        weight: FloatTensor<Self>,
        bias: FloatTensor<Self>,
        outputs: usize,
        activation: Activation,
    ) -> FloatTensor<Self> {
        let ((x, x_guard), (weight, weight_guard), (bias, bias_guard)) =
            (x.into_parts(), weight.into_parts(), bias.into_parts());
        let bias_shape = bias.shape();
        match LinearStep.prepare::<C>([x_guard, weight_guard, bias_guard]).compute_bound().stateful() {
            OpsKind::Tracked(step) => {
                let y = B::map(x.clone(), weight.clone(), bias, outputs, activation);
                let changed = (activation != Activation::Identity).then(|| y.clone());
                step.finish(LinearState { x, weight, bias_shape, activation, changed }, y)
            }
            OpsKind::UnTracked(step) => step.finish(B::map(x, weight, bias, outputs, activation)),
        }
    }
}

/// `activation(x W + b)` for rows `x` of shape `[tokens, inputs]`, with the leading `[inputs, outputs]` of `weight`
/// and the leading `outputs` of `bias`.
///
/// # Panics
/// If the weight or the bias is smaller than that.
pub fn linear(
    x: Tensor<2>,
    weight: Tensor<2>,
    bias: Tensor<1>,
    outputs: usize,
    activation: Activation,
) -> Tensor<2> {
    let ([_, inputs], [rows, columns], [biases]) = (x.dims(), weight.dims(), bias.dims());
    assert!(
        inputs <= rows && outputs <= columns && outputs <= biases,
        "a linear layer of {inputs} inputs and {outputs} outputs needs a weight at least that large, \
         not [{rows}, {columns}] with {biases} biases"
    );
    let (x, weight, bias) = (x.into_dispatch(), weight.into_dispatch(), bias.into_dispatch());
    Tensor::from_dispatch(<Dispatch as LinearOperation>::fused_linear(x, weight, bias, outputs, activation))
}
