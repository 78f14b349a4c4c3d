//! The gates of a gated recurrent unit as one operation, after its two matrix products.

use burn::backend::autodiff::checkpoint::base::Checkpointer;
use burn::backend::autodiff::checkpoint::strategy::CheckpointStrategy;
use burn::backend::autodiff::grads::Gradients;
use burn::backend::autodiff::ops::{Backward, Ops, OpsKind};
use burn::backend::tensor::FloatTensor;
use burn::backend::{Autodiff, Backend, Dispatch, TensorMetadata as _};
use burn::prelude::*;
use burn::tensor::Slice;

use super::backends::{dispatched, everywhere, portable};
#[cfg(feature = "flex")]
use super::{flat, rows};
#[cfg(feature = "flex")]
use burn::backend::Flex;

/// The gates on plain tensors: forward and gradient.
pub(crate) trait GruKernel: Backend {
    /// The next state `[rows, width]`, and what the gradient needs, `[rows, 4 * width]`: reset, update and new gate, and
    /// the new gate's part of `hidden`.
    fn forward(
        input: FloatTensor<Self>,
        hidden: FloatTensor<Self>,
        state: FloatTensor<Self>,
    ) -> (FloatTensor<Self>, FloatTensor<Self>) {
        portable_forward::<Self>(input, hidden, state)
    }

    /// The gradients for `input`, `hidden` and `state`.
    fn gradients(
        kept: FloatTensor<Self>,
        state: FloatTensor<Self>,
        grad: FloatTensor<Self>,
    ) -> [FloatTensor<Self>; 3] {
        portable_gradients::<Self>(kept, state, grad)
    }
}

/// The columns of one gate.
fn gate<B: Backend>(tensor: &FloatTensor<B>, index: usize, width: usize) -> FloatTensor<B> {
    let rows = tensor.shape()[0];
    let columns = Slice::from(index * width..(index + 1) * width);
    B::float_slice(tensor.clone(), &[Slice::from(0..rows), columns])
}

/// `1 - x`.
fn rest<B: Backend>(x: FloatTensor<B>) -> FloatTensor<B> {
    B::float_add_scalar(B::float_neg(x), 1.0.into())
}

fn portable_forward<B: Backend>(
    input: FloatTensor<B>,
    hidden: FloatTensor<B>,
    state: FloatTensor<B>,
) -> (FloatTensor<B>, FloatTensor<B>) {
    let width = state.shape()[1];
    let [reset, update] = [0, 1].map(|index| {
        let sum = B::float_add(gate::<B>(&input, index, width), gate::<B>(&hidden, index, width));
        B::sigmoid(sum)
    });
    let inner = gate::<B>(&hidden, 2, width);
    let new = B::float_add(gate::<B>(&input, 2, width), B::float_mul(reset.clone(), inner.clone()));
    let new = B::float_tanh(new);
    let next = B::float_add(
        B::float_mul(rest::<B>(update.clone()), new.clone()),
        B::float_mul(update.clone(), state),
    );
    (next, B::float_cat(vec![reset, update, new, inner], 1))
}

fn portable_gradients<B: Backend>(
    kept: FloatTensor<B>,
    state: FloatTensor<B>,
    grad: FloatTensor<B>,
) -> [FloatTensor<B>; 3] {
    let width = state.shape()[1];
    let [reset, update, new, inner] = [0, 1, 2, 3].map(|index| gate::<B>(&kept, index, width));
    let slope = |gate: FloatTensor<B>| B::float_mul(gate.clone(), rest::<B>(gate));
    let state_grad = B::float_mul(grad.clone(), update.clone());
    let update_grad = B::float_mul(grad.clone(), B::float_sub(state, new.clone()));
    let update_grad = B::float_mul(update_grad, slope(update.clone()));
    let new_grad = B::float_mul(grad, rest::<B>(update));
    let new_grad = B::float_mul(new_grad, rest::<B>(B::float_mul(new.clone(), new)));
    let reset_grad = B::float_mul(B::float_mul(new_grad.clone(), inner), slope(reset.clone()));
    let inner_grad = B::float_mul(new_grad.clone(), reset);
    let input_grad = B::float_cat(vec![reset_grad.clone(), update_grad.clone(), new_grad], 1);
    [input_grad, B::float_cat(vec![reset_grad, update_grad, inner_grad], 1), state_grad]
}

/// The logistic function, to about 1e-7; a NaN stays.
#[cfg(feature = "flex")]
#[inline(always)]
fn logistic(x: f32) -> f32 {
    let power = rows::exponential(-x.abs());
    let share = 1.0 / (1.0 + power);
    if x < 0.0 { power * share } else { share }
}

/// One row: reads `input` and `hidden` of three widths each and the state, writes the next state and what is kept.
#[cfg(feature = "flex")]
fn forward_row(input: &[f32], hidden: &[f32], state: &[f32], next: &mut [f32], kept: &mut [f32]) {
    let width = state.len();
    for index in 0..width {
        let reset = logistic(input[index] + hidden[index]);
        let update = logistic(input[width + index] + hidden[width + index]);
        let inner = hidden[2 * width + index];
        let new = rows::squashed(input[2 * width + index] + reset * inner);
        kept[index] = reset;
        kept[width + index] = update;
        kept[2 * width + index] = new;
        kept[3 * width + index] = inner;
        next[index] = (1.0 - update) * new + update * state[index];
    }
}

/// One row of the gradients: writes those for `input`, `hidden` and `state`.
#[cfg(feature = "flex")]
fn gradient_row(kept: &[f32], state: &[f32], grad: &[f32], [input, hidden, out]: [&mut [f32]; 3]) {
    let width = state.len();
    for index in 0..width {
        let (reset, update) = (kept[index], kept[width + index]);
        let (new, inner) = (kept[2 * width + index], kept[3 * width + index]);
        let new_grad = grad[index] * (1.0 - update) * (1.0 - new * new);
        let update_grad = grad[index] * (state[index] - new) * update * (1.0 - update);
        let reset_grad = new_grad * inner * reset * (1.0 - reset);
        input[index] = reset_grad;
        input[width + index] = update_grad;
        input[2 * width + index] = new_grad;
        hidden[index] = reset_grad;
        hidden[width + index] = update_grad;
        hidden[2 * width + index] = new_grad * reset;
        out[index] = grad[index] * update;
    }
}

#[cfg(feature = "flex")]
impl GruKernel for Flex {
    fn forward(
        input: FloatTensor<Self>,
        hidden: FloatTensor<Self>,
        state: FloatTensor<Self>,
    ) -> (FloatTensor<Self>, FloatTensor<Self>) {
        if ![&input, &hidden, &state].into_iter().all(flat::is_single) {
            return portable_forward::<Self>(input, hidden, state);
        }
        let [input, hidden, state] = [input, hidden, state].map(flat::ordered);
        let (count, width) = (state.layout().shape()[0], flat::row_length(&state));
        let (mut next, mut kept) = (vec![0f32; count * width], vec![0f32; 4 * count * width]);
        let given = flat::numbers(&input).chunks_exact(3 * width);
        let given = given.zip(flat::numbers(&hidden).chunks_exact(3 * width));
        let given = given.zip(flat::numbers(&state).chunks_exact(width));
        let written = next.chunks_exact_mut(width).zip(kept.chunks_exact_mut(4 * width));
        for (((input, hidden), state), (next, kept)) in given.zip(written) {
            forward_row(input, hidden, state, next, kept);
        }
        (flat::tensor(next, [count, width].into()), flat::tensor(kept, [count, 4 * width].into()))
    }

    fn gradients(
        kept: FloatTensor<Self>,
        state: FloatTensor<Self>,
        grad: FloatTensor<Self>,
    ) -> [FloatTensor<Self>; 3] {
        if ![&kept, &state, &grad].into_iter().all(flat::is_single) {
            return portable_gradients::<Self>(kept, state, grad);
        }
        let [kept, state, grad] = [kept, state, grad].map(flat::ordered);
        let (count, width) = (state.layout().shape()[0], flat::row_length(&state));
        let [mut input, mut hidden] = [(); 2].map(|()| vec![0f32; 3 * count * width]);
        let mut out = vec![0f32; count * width];
        let given = flat::numbers(&kept).chunks_exact(4 * width);
        let given = given.zip(flat::numbers(&state).chunks_exact(width));
        let given = given.zip(flat::numbers(&grad).chunks_exact(width));
        let written = input.chunks_exact_mut(3 * width).zip(hidden.chunks_exact_mut(3 * width));
        let written = written.zip(out.chunks_exact_mut(width));
        for (((kept, state), grad), ((input, hidden), out)) in given.zip(written) {
            gradient_row(kept, state, grad, [input, hidden, out]);
        }
        let wide = [count, 3 * width];
        [(input, wide), (hidden, wide), (out, [count, width])]
            .map(|(numbers, shape)| flat::tensor(numbers, shape.into()))
    }
}

portable! { impl GruKernel {} }

dispatched! {
    Autodiff =>
    /// The dispatched operation; call [`gru_gates`].
    pub trait GruOperation: Backend {
        /// The next state.
        fn fused_gru(
            input: FloatTensor<Self>,
            hidden: FloatTensor<Self>,
            state: FloatTensor<Self>,
        ) -> FloatTensor<Self>;
    }
}

everywhere! {
    impl GruOperation {
        fn fused_gru(
            input: FloatTensor<Self>,
            hidden: FloatTensor<Self>,
            state: FloatTensor<Self>,
        ) -> FloatTensor<Self> {
            Self::forward(input, hidden, state).0
        }
    }
}

#[derive(Debug)]
struct GruStep;

impl<B: GruKernel> Backward<B, 3> for GruStep {
    type State = (FloatTensor<B>, FloatTensor<B>);

    fn backward(self, ops: Ops<Self::State, 3>, grads: &mut Gradients, _checkpointer: &mut Checkpointer) {
        let (kept, state) = ops.state;
        let found = B::gradients(kept, state, grads.consume::<B>(&ops.node));
        for (node, grad) in ops.parents.into_iter().zip(found) {
            if let Some(node) = node {
                grads.register::<B>(node.id, grad);
            }
        }
    }
}

impl<B: GruKernel, C: CheckpointStrategy> GruOperation for Autodiff<B, C> {
    fn fused_gru(
        input: FloatTensor<Self>,
        hidden: FloatTensor<Self>,
        state: FloatTensor<Self>,
    ) -> FloatTensor<Self> {
        let ((input, input_guard), (hidden, hidden_guard), (state, state_guard)) =
            (input.into_parts(), hidden.into_parts(), state.into_parts());
        let (next, kept) = B::forward(input, hidden, state.clone());
        match GruStep.prepare::<C>([input_guard, hidden_guard, state_guard]).compute_bound().stateful() {
            OpsKind::Tracked(step) => step.finish((kept, state), next),
            OpsKind::UnTracked(step) => step.finish(next),
        }
    }
}

/// The next state `[rows, width]` of a gated recurrent unit, from what its two linear maps give.
///
/// `input` and `hidden` are `[rows, 3 * width]`, the columns of reset, update and new gate beside each other; `state` is
/// `[rows, width]`. See [`GruCell`](crate::nn::gru::GruCell) for the equations.
///
/// # Panics
/// If the shapes are others.
pub fn gru_gates(input: Tensor<2>, hidden: Tensor<2>, state: Tensor<2>) -> Tensor<2> {
    let [rows, width] = state.dims();
    let wide = [rows, 3 * width];
    assert!(
        width > 0 && input.dims() == wide && hidden.dims() == wide,
        "a state of {rows} rows and {width} columns needs gates of three times the width, not {:?} and {:?}",
        input.dims(),
        hidden.dims()
    );
    let (input, hidden, state) = (input.into_dispatch(), hidden.into_dispatch(), state.into_dispatch());
    Tensor::from_dispatch(<Dispatch as GruOperation>::fused_gru(input, hidden, state))
}
