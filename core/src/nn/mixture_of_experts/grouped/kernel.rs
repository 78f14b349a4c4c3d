//! Moving rows to experts and back, and putting the experts' gradients together.

use burn::backend::tensor::{FloatTensor, IntTensor};
use burn::backend::{Backend, TensorMetadata as _};
use burn::prelude::*;
use burn::tensor::IndexingUpdateOp;

use crate::nn::fused::backends::portable;
#[cfg(feature = "flex")]
use burn::backend::Flex;

use super::{Weights, sizes};
use crate::nn::fused::linear::LinearKernel;
#[cfg(feature = "flex")]
use crate::nn::fused::{flat, rows};

/// Rows on plain tensors.
pub(crate) trait GroupKernel: LinearKernel {
    /// The named rows of `x`, in the order of their names.
    fn take(x: FloatTensor<Self>, names: &[usize]) -> FloatTensor<Self> {
        portable_take::<Self>(x, names)
    }

    /// Zeros of the given shape plus every row of `parts`, times its factor, at its name. There is a part at least.
    fn give(
        parts: &[FloatTensor<Self>],
        factors: Option<&FloatTensor<Self>>,
        names: &[usize],
        shape: [usize; 2],
    ) -> FloatTensor<Self> {
        portable_give::<Self>(parts, factors, names, shape)
    }

    /// The rows of `grad` times their factors `[rows, 1]`, and the factors' gradient: the inner products of `grad` with
    /// the rows of `parts`.
    fn weigh(
        grad: FloatTensor<Self>,
        parts: &[FloatTensor<Self>],
        factors: FloatTensor<Self>,
    ) -> (FloatTensor<Self>, FloatTensor<Self>) {
        portable_weigh::<Self>(grad, parts, factors)
    }
}

fn int_tensor<B: Backend>(names: &[usize], like: &FloatTensor<B>) -> IntTensor<B> {
    let names: Vec<i32> = names.iter().map(|&name| name as i32).collect();
    let count = names.len();
    B::int_from_data(TensorData::new(names, [count]), &like.device())
}

fn portable_take<B: Backend>(x: FloatTensor<B>, names: &[usize]) -> FloatTensor<B> {
    let names = int_tensor::<B>(names, &x);
    B::float_select(x, 0, names)
}

fn portable_give<B: Backend>(
    parts: &[FloatTensor<B>],
    factors: Option<&FloatTensor<B>>,
    names: &[usize],
    shape: [usize; 2],
) -> FloatTensor<B> {
    let first = &parts[0];
    let zeros = B::float_zeros(shape.into(), &first.device(), first.dtype().into());
    let names = int_tensor::<B>(names, first);
    let rows = B::float_cat(parts.to_vec(), 0);
    let rows = match factors {
        Some(factors) => B::float_mul(rows, factors.clone()),
        None => rows,
    };
    B::float_select_assign(zeros, 0, names, rows, IndexingUpdateOp::Add)
}

fn portable_weigh<B: Backend>(
    grad: FloatTensor<B>,
    parts: &[FloatTensor<B>],
    factors: FloatTensor<B>,
) -> (FloatTensor<B>, FloatTensor<B>) {
    let products = B::float_mul(grad.clone(), B::float_cat(parts.to_vec(), 0));
    (B::float_mul(grad, factors), B::float_sum_dim(products, 1))
}

#[cfg(feature = "flex")]
impl GroupKernel for Flex {
    fn take(x: FloatTensor<Self>, names: &[usize]) -> FloatTensor<Self> {
        if !flat::is_single(&x) {
            return portable_take::<Self>(x, names);
        }
        let (width, x) = (sizes::<Self>(&x)[1], flat::ordered(x));
        let numbers = flat::numbers(&x);
        let mut taken = Vec::with_capacity(names.len() * width);
        for &name in names {
            taken.extend_from_slice(&numbers[name * width..(name + 1) * width]);
        }
        flat::tensor(taken, [names.len(), width].into())
    }

    fn give(
        parts: &[FloatTensor<Self>],
        factors: Option<&FloatTensor<Self>>,
        names: &[usize],
        shape: [usize; 2],
    ) -> FloatTensor<Self> {
        if !parts.iter().chain(factors).all(flat::is_single) {
            return portable_give::<Self>(parts, factors, names, shape);
        }
        let width = shape[1];
        let mut sums = vec![0f32; shape[0] * width];
        let factors = factors.cloned().map(flat::ordered);
        let factors = factors.as_ref().map(flat::numbers);
        let mut place = 0;
        for part in parts {
            let part = flat::ordered(part.clone());
            for row in flat::numbers(&part).chunks_exact(width.max(1)) {
                let to = &mut sums[names[place] * width..(names[place] + 1) * width];
                rows::add_scaled(to, row, factors.map_or(1.0, |factors| factors[place]));
                place += 1;
            }
        }
        flat::tensor(sums, shape.into())
    }

    fn weigh(
        grad: FloatTensor<Self>,
        parts: &[FloatTensor<Self>],
        factors: FloatTensor<Self>,
    ) -> (FloatTensor<Self>, FloatTensor<Self>) {
        if !parts.iter().chain([&grad, &factors]).all(flat::is_single) {
            return portable_weigh::<Self>(grad, parts, factors);
        }
        let (width, factors) = (sizes::<Self>(&grad)[1].max(1), flat::ordered(factors));
        let factors = flat::numbers(&factors);
        let mut products = Vec::with_capacity(factors.len());
        let grad = flat::change(grad, |numbers| {
            let mut grads = numbers.chunks_exact_mut(width);
            for part in parts {
                let part = flat::ordered(part.clone());
                for (row, grad) in flat::numbers(&part).chunks_exact(width).zip(&mut grads) {
                    let place = products.len();
                    products.push(rows::dot(grad, row));
                    rows::rescale(grad, factors[place]);
                }
            }
        });
        let count = products.len();
        (grad, flat::tensor(products, [count, 1].into()))
    }
}

portable! { impl GroupKernel {} }

/// The gradients of the experts' weights, put together to those of all.
pub(super) struct Parts<B: Backend> {
    found: Vec<Option<Weights<B>>>,
    /// One expert's zeros: nobody asked it.
    nothing: Weights<B>,
}

impl<B: Backend> Parts<B> {
    pub(super) fn new(weights: &Weights<B>, experts: usize) -> Self {
        let ([inputs, all], [_, outputs]) = (sizes::<B>(&weights[0]), sizes::<B>(&weights[2]));
        let (device, kind) = (weights[0].device(), weights[0].dtype().into());
        let hidden = all / experts;
        let shapes: [Vec<usize>; 4] =
            [vec![inputs, hidden], vec![hidden], vec![hidden, outputs], vec![outputs]];
        let nothing = shapes.map(|shape| B::float_zeros(shape.into(), &device, kind));
        Self { found: vec![None; experts], nothing }
    }

    pub(super) fn set(&mut self, expert: usize, gradients: Weights<B>) {
        self.found[expert] = Some(gradients);
    }

    /// The gradients in the shapes of [`super::super::Experts`].
    pub(super) fn join(self) -> Weights<B> {
        let Self { found, nothing } = self;
        let (experts, outputs) = (found.len(), nothing[3].shape()[0]);
        let mut all: [Vec<FloatTensor<B>>; 4] = std::array::from_fn(|_| Vec::with_capacity(experts));
        for gradients in found {
            let gradients = gradients.unwrap_or_else(|| nothing.clone());
            all.iter_mut().zip(gradients).for_each(|(all, gradient)| all.push(gradient));
        }
        let [up, up_bias, down, down_bias] = all;
        let down_bias = B::float_reshape(B::float_cat(down_bias, 0), [experts, outputs].into());
        [B::float_cat(up, 1), B::float_cat(up_bias, 0), B::float_cat(down, 0), down_bias]
    }
}
