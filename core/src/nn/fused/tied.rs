//! Logits by way of an embedding's own table, as one step of the gradient tape: each word's logit is the inner product of
//! a row with the word's leading columns (Press and Wolf 2017, section 2).

use burn::backend::autodiff::checkpoint::base::Checkpointer;
use burn::backend::autodiff::checkpoint::strategy::CheckpointStrategy;
use burn::backend::autodiff::grads::Gradients;
use burn::backend::autodiff::ops::{Backward, Ops, OpsKind};
use burn::backend::tensor::FloatTensor;
use burn::backend::{Autodiff, Backend, Dispatch, TensorMetadata as _};
use burn::prelude::*;
use burn::tensor::Shape;

use super::backends::{dispatched, everywhere, portable};
#[cfg(all(feature = "flex", feature = "native"))]
use super::flat;
use super::part;
#[cfg(all(feature = "flex", feature = "native"))]
use super::product::{matrix, product, product_into, readable};
#[cfg(feature = "flex")]
use burn::backend::Flex;

/// Products with the leading columns of a table, and with those of its transpose.
pub(crate) trait TiedKernel: Backend {
    /// `x T^T`: `[rows, words]` of `[rows, width]` and the table `[words, columns]`.
    fn logits(x: FloatTensor<Self>, table: FloatTensor<Self>) -> FloatTensor<Self> {
        portable_logits::<Self>(x, table)
    }

    /// The gradient of `x`, which has this width.
    fn row_gradient(grad: FloatTensor<Self>, table: FloatTensor<Self>, width: usize) -> FloatTensor<Self> {
        portable_row_gradient::<Self>(grad, table, width)
    }

    /// The gradient of the whole table.
    fn table_gradient(x: FloatTensor<Self>, grad: FloatTensor<Self>, table: Shape) -> FloatTensor<Self> {
        portable_table_gradient::<Self>(x, grad, table)
    }
}

fn portable_logits<B: Backend>(x: FloatTensor<B>, table: FloatTensor<B>) -> FloatTensor<B> {
    let used = part::leading::<B>(table.clone(), &[table.shape()[0], x.shape()[1]]);
    B::float_matmul(x, B::float_transpose(used))
}

fn portable_row_gradient<B: Backend>(
    grad: FloatTensor<B>,
    table: FloatTensor<B>,
    width: usize,
) -> FloatTensor<B> {
    let words = table.shape()[0];
    B::float_matmul(grad, part::leading::<B>(table, &[words, width]))
}

fn portable_table_gradient<B: Backend>(
    x: FloatTensor<B>,
    grad: FloatTensor<B>,
    table: Shape,
) -> FloatTensor<B> {
    part::widen::<B>(B::float_matmul(B::float_transpose(grad), x), table)
}

#[cfg(feature = "flex")]
impl TiedKernel for Flex {
    #[cfg(feature = "native")]
    fn logits(x: FloatTensor<Self>, table: FloatTensor<Self>) -> FloatTensor<Self> {
        if !flat::are_single([&x, &table]) {
            return portable_logits::<Self>(x, table);
        }
        let (x, table) = (readable(x), readable(table));
        let (x, table) = (matrix(&x), matrix(&table));
        let used = table.part([0, 0], [table.rows(), x.columns()]);
        flat::tensor(product(x, used.turn()), [x.rows(), table.rows()].into())
    }

    #[cfg(feature = "native")]
    fn row_gradient(grad: FloatTensor<Self>, table: FloatTensor<Self>, width: usize) -> FloatTensor<Self> {
        if !flat::are_single([&grad, &table]) {
            return portable_row_gradient::<Self>(grad, table, width);
        }
        let (grad, table) = (readable(grad), readable(table));
        let (grad, table) = (matrix(&grad), matrix(&table));
        let used = table.part([0, 0], [table.rows(), width]);
        flat::tensor(product(grad, used), [grad.rows(), width].into())
    }

    #[cfg(feature = "native")]
    fn table_gradient(x: FloatTensor<Self>, grad: FloatTensor<Self>, table: Shape) -> FloatTensor<Self> {
        if !flat::are_single([&x, &grad]) {
            return portable_table_gradient::<Self>(x, grad, table);
        }
        let (x, grad) = (readable(x), readable(grad));
        let mut gradient = vec![0.0; table.num_elements()];
        product_into(&mut gradient, table[1], matrix(&grad).turn(), matrix(&x));
        flat::tensor(gradient, table)
    }
}

portable! { impl TiedKernel {} }

dispatched! {
    Autodiff =>
    /// The dispatched operation; call [`tied_logits`].
    pub trait TiedOperation: Backend {
        /// The logits of rows by the leading columns of a table.
        fn fused_tied_logits(x: FloatTensor<Self>, table: FloatTensor<Self>) -> FloatTensor<Self>;
    }
}

everywhere! {
    impl TiedOperation {
        fn fused_tied_logits(x: FloatTensor<Self>, table: FloatTensor<Self>) -> FloatTensor<Self> {
            Self::logits(x, table)
        }
    }
}

#[derive(Debug)]
struct TiedStep;

impl<B: TiedKernel> Backward<B, 2> for TiedStep {
    type State = [FloatTensor<B>; 2];

    fn backward(self, ops: Ops<Self::State, 2>, grads: &mut Gradients, _checkpointer: &mut Checkpointer) {
        let [x, table] = ops.state;
        let [x_node, table_node] = ops.parents;
        let grad = grads.consume::<B>(&ops.node);
        let (width, whole) = (x.shape()[1], table.shape());
        if let Some(node) = table_node {
            grads.register::<B>(node.id, B::table_gradient(x, grad.clone(), whole));
        }
        if let Some(node) = x_node {
            grads.register::<B>(node.id, B::row_gradient(grad, table, width));
        }
    }
}

impl<B: TiedKernel, C: CheckpointStrategy> TiedOperation for Autodiff<B, C> {
    fn fused_tied_logits(x: FloatTensor<Self>, table: FloatTensor<Self>) -> FloatTensor<Self> {
        let ((x, x_guard), (table, table_guard)) = (x.into_parts(), table.into_parts());
        match TiedStep.prepare::<C>([x_guard, table_guard]).compute_bound().stateful() {
            OpsKind::Tracked(step) => {
                let y = B::logits(x.clone(), table.clone());
                step.finish([x, table], y)
            }
            OpsKind::UnTracked(step) => step.finish(B::logits(x, table)),
        }
    }
}

/// The logits `[rows, words]` of rows `[rows, width]` by the leading `width` columns of an embedding `[words, columns]`.
///
/// # Panics
/// If the rows are wider than the embedding.
pub fn tied_logits(x: Tensor<2>, table: Tensor<2>) -> Tensor<2> {
    let ([_, width], [_, columns]) = (x.dims(), table.dims());
    assert!(width <= columns, "rows of width {width} need an embedding at least as wide, not {columns}");
    let (x, table) = (x.into_dispatch(), table.into_dispatch());
    Tensor::from_dispatch(<Dispatch as TiedOperation>::fused_tied_logits(x, table))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::nn::fused::checks::{assert_gradient, assert_near, plain};
    use burn::tensor::DType;

    #[test]
    fn logits_and_gradients_agree_with_the_composed_form_and_with_finite_differences() {
        for (width, dtype) in [(5, DType::F32), (3, DType::F32), (3, DType::F64)] {
            let (x, table) = (plain("x", [4, width]), plain("table", [7, 5]));
            let (weight, device) = (plain("weight", [4, 7]).cast(dtype), Device::flex().autodiff());
            let run = |fused: bool| {
                let leaf = |x: &Tensor<2>| {
                    Tensor::<2>::from_data(x.clone().cast(dtype).into_data(), (&device, dtype)).require_grad()
                };
                let (x, table) = (leaf(&x), leaf(&table));
                let found = match fused {
                    true => tied_logits(x.clone(), table.clone()),
                    false => x.clone().matmul(table.clone().narrow(1, 0, width).transpose()),
                };
                let gradients = (found.clone() * weight.clone()).sum().backward();
                let leaf = "the tensor is a tracked leaf";
                [found.inner(), x.grad(&gradients).expect(leaf), table.grad(&gradients).expect(leaf)]
                    .map(|x| x.cast(DType::F32))
            };
            for (fused, composed) in run(true).iter().zip(&run(false)) {
                assert_near(fused, composed, 1e-5);
            }
        }
        let (x, table, weight) = (plain("x", [4, 3]), plain("table", [7, 5]), plain("weight", [4, 7]));
        let run = |x, table| (tied_logits(x, table) * weight.clone()).sum();
        assert_gradient(x.clone(), |x| run(x, table.clone()));
        assert_gradient(table.clone(), |table| run(x.clone(), table));
    }
}
