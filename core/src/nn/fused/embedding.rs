//! Token and position embedding as one operation: rows of a table, cut to a width, plus one row per position.

use burn::backend::autodiff::checkpoint::base::Checkpointer;
use burn::backend::autodiff::checkpoint::strategy::CheckpointStrategy;
use burn::backend::autodiff::grads::Gradients;
use burn::backend::autodiff::ops::{Backward, Ops, OpsKind};
use burn::backend::tensor::{FloatTensor, IntTensor};
use burn::backend::{Autodiff, Backend, Dispatch, TensorMetadata as _};
use burn::prelude::*;
use burn::tensor::{IndexingUpdateOp, Shape};

use super::backends::{dispatched, everywhere, portable};
use super::part;
#[cfg(feature = "flex")]
use super::{flat, rows};
#[cfg(feature = "flex")]
use burn::backend::Flex;

/// Embedding on plain tensors: forward and gradient. `tokens` is `[sequence, position]`.
pub(crate) trait EmbeddingKernel: Backend {
    /// The sums `[sequences * length, width]`.
    fn look_up(
        tokens: IntTensor<Self>,
        table: FloatTensor<Self>,
        positions: FloatTensor<Self>,
        width: usize,
    ) -> FloatTensor<Self> {
        portable_look_up::<Self>(tokens, table, positions, width)
    }

    /// The gradients for the table and the positions, of the given whole shapes.
    fn gradients(
        tokens: IntTensor<Self>,
        grad: FloatTensor<Self>,
        shapes: [Shape; 2],
    ) -> (FloatTensor<Self>, FloatTensor<Self>) {
        portable_gradients::<Self>(tokens, grad, shapes)
    }
}

fn portable_look_up<B: Backend>(
    tokens: IntTensor<B>,
    table: FloatTensor<B>,
    positions: FloatTensor<B>,
    width: usize,
) -> FloatTensor<B> {
    let (count, length, entries) = (tokens.shape()[0], tokens.shape()[1], table.shape()[0]);
    let flat = B::int_reshape(tokens, [count * length].into());
    let rows = B::float_select(part::leading::<B>(table, &[entries, width]), 0, flat);
    let rows = B::float_reshape(rows, [count, length, width].into());
    let positions = part::leading::<B>(positions, &[length, width]);
    let sum = B::float_add(rows, B::float_reshape(positions, [1, length, width].into()));
    B::float_reshape(sum, [count * length, width].into())
}

fn portable_gradients<B: Backend>(
    tokens: IntTensor<B>,
    grad: FloatTensor<B>,
    [table, positions]: [Shape; 2],
) -> (FloatTensor<B>, FloatTensor<B>) {
    let (count, length, width) = (tokens.shape()[0], tokens.shape()[1], grad.shape()[1]);
    let flat = B::int_reshape(tokens, [count * length].into());
    let zeros = B::float_zeros([table[0], width].into(), &grad.device(), grad.dtype().into());
    let table_grad = B::float_select_assign(zeros, 0, flat, grad.clone(), IndexingUpdateOp::Add);
    let position_grad = B::float_sum_dim(B::float_reshape(grad, [count, length * width].into()), 0);
    let position_grad = B::float_reshape(position_grad, [length, width].into());
    (part::widen::<B>(table_grad, table), part::widen::<B>(position_grad, positions))
}

#[cfg(feature = "flex")]
impl EmbeddingKernel for Flex {
    fn look_up(
        tokens: IntTensor<Self>,
        table: FloatTensor<Self>,
        positions: FloatTensor<Self>,
        width: usize,
    ) -> FloatTensor<Self> {
        if !flat::is_single(&table) || !flat::is_single(&positions) {
            return portable_look_up::<Self>(tokens, table, positions, width);
        }
        let (table, positions) = (flat::ordered(table), flat::ordered(positions));
        let (stride, length) = (flat::row_length(&table), flat::row_length(&tokens));
        let tokens = flat::positions(&tokens, table.layout().shape()[0]);
        let (table, positions) = (flat::numbers(&table), flat::numbers(&positions));
        let mut sums = Vec::with_capacity(tokens.len() * width);
        for (index, &token) in tokens.iter().enumerate() {
            let row = &table[token * stride..token * stride + width];
            let position = &positions[index % length * stride..index % length * stride + width];
            sums.extend(row.iter().zip(position).map(|(row, position)| row + position));
        }
        flat::tensor(sums, [tokens.len(), width].into())
    }

    fn gradients(
        tokens: IntTensor<Self>,
        grad: FloatTensor<Self>,
        [table, positions]: [Shape; 2],
    ) -> (FloatTensor<Self>, FloatTensor<Self>) {
        if !flat::is_single(&grad) {
            return portable_gradients::<Self>(tokens, grad, [table, positions]);
        }
        let (grad, stride) = (flat::ordered(grad), table[1]);
        let (width, length) = (flat::row_length(&grad), flat::row_length(&tokens));
        let mut table_grad = vec![0f32; table.num_elements()];
        let mut position_grad = vec![0f32; positions.num_elements()];
        let tokens = flat::positions(&tokens, table[0]).into_iter().enumerate();
        for ((index, token), grad) in tokens.zip(flat::numbers(&grad).chunks_exact(width)) {
            rows::add_scaled(&mut table_grad[token * stride..token * stride + width], grad, 1.0);
            let start = index % length * stride;
            rows::add_scaled(&mut position_grad[start..start + width], grad, 1.0);
        }
        (flat::tensor(table_grad, table), flat::tensor(position_grad, positions))
    }
}

portable! { impl EmbeddingKernel {} }

dispatched! {
    Autodiff =>
    /// The dispatched operation; call [`embed`].
    pub trait EmbeddingOperation: Backend {
        /// Table rows plus position rows, cut to `width`.
        fn fused_embedding(
            table: FloatTensor<Self>,
            positions: FloatTensor<Self>,
            tokens: IntTensor<Self>,
            width: usize,
        ) -> FloatTensor<Self>;
    }
}

everywhere! {
    impl EmbeddingOperation {
        fn fused_embedding(
            table: FloatTensor<Self>,
            positions: FloatTensor<Self>,
            tokens: IntTensor<Self>,
            width: usize,
        ) -> FloatTensor<Self> {
            Self::look_up(tokens, table, positions, width)
        }
    }
}

#[derive(Debug)]
struct EmbeddingStep;

impl<B: EmbeddingKernel> Backward<B, 2> for EmbeddingStep {
    type State = (IntTensor<B>, [Shape; 2]);

    fn backward(self, ops: Ops<Self::State, 2>, grads: &mut Gradients, _checkpointer: &mut Checkpointer) {
        let (tokens, shapes) = ops.state;
        let (table_grad, position_grad) = B::gradients(tokens, grads.consume::<B>(&ops.node), shapes);
        for (node, grad) in ops.parents.into_iter().zip([table_grad, position_grad]) {
            if let Some(node) = node {
                grads.register::<B>(node.id, grad);
            }
        }
    }
}

impl<B: EmbeddingKernel, C: CheckpointStrategy> EmbeddingOperation for Autodiff<B, C> {
    fn fused_embedding(
        table: FloatTensor<Self>,
        positions: FloatTensor<Self>,
        tokens: IntTensor<Self>,
        width: usize,
    ) -> FloatTensor<Self> {
        let ((table, table_guard), (positions, positions_guard)) =
            (table.into_parts(), positions.into_parts());
        let shapes = [table.shape(), positions.shape()];
        let sums = B::look_up(tokens.clone(), table, positions, width);
        match EmbeddingStep.prepare::<C>([table_guard, positions_guard]).compute_bound().stateful() {
            OpsKind::Tracked(step) => step.finish((tokens, shapes), sums),
            OpsKind::UnTracked(step) => step.finish(sums),
        }
    }
}

/// The leading `width` entries of every token's row of `table` plus its position's row of `positions`.
///
/// `tokens` is `[sequences, length]`; the result has one row per token, `[sequences * length, width]`.
///
/// # Panics
/// If table and positions differ in width, are narrower than `width`, the positions are fewer than the length, or
/// a token is not a row of the table.
pub fn embed(tokens: Tensor<2, Int>, table: Tensor<2>, positions: Tensor<2>, width: usize) -> Tensor<2> {
    let ([_, length], [_, columns], [places, place_columns]) =
        (tokens.dims(), table.dims(), positions.dims());
    assert!(
        columns == place_columns && width <= columns && length <= places,
        "{length} positions of width {width} do not fit a table of width {columns} \
         with {places} positions of width {place_columns}"
    );
    let (table, positions, tokens) =
        (table.into_dispatch(), positions.into_dispatch(), tokens.into_dispatch());
    Tensor::from_dispatch(<Dispatch as EmbeddingOperation>::fused_embedding(table, positions, tokens, width))
}
