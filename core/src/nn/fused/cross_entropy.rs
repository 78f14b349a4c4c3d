//! Cross entropy from logits as one operation: the mean over rows, with class numbers or probabilities as targets.

use burn::backend::autodiff::checkpoint::base::Checkpointer;
use burn::backend::autodiff::checkpoint::strategy::CheckpointStrategy;
use burn::backend::autodiff::grads::Gradients;
use burn::backend::autodiff::ops::{Backward, Ops, OpsKind, unary};
use burn::backend::tensor::{FloatTensor, IntTensor};
use burn::backend::{Autodiff, Backend, Dispatch, TensorMetadata as _};
use burn::prelude::*;
use burn::tensor::IndexingUpdateOp;

use super::backends::{dispatched, everywhere, portable};
#[cfg(feature = "flex")]
use super::{flat, rows};
#[cfg(feature = "flex")]
use burn::backend::Flex;

/// What the rows should have been.
#[derive(Debug, Clone)]
pub(crate) enum Target<B: Backend> {
    /// One class per row, `[rows]`.
    Class(IntTensor<B>),
    /// A distribution per row, `[rows, classes]`; the gradient does not reach it.
    Distribution(FloatTensor<B>),
    /// One class per row, of whose probability the given share is spread evenly over all classes.
    Smoothed(IntTensor<B>, f32),
}

/// Cross entropy on plain tensors: forward and gradient.
pub(crate) trait CrossEntropyKernel: Backend {
    /// The mean loss `[1]` and the probabilities `[rows, classes]`.
    fn loss(logits: FloatTensor<Self>, target: Target<Self>) -> (FloatTensor<Self>, FloatTensor<Self>) {
        portable_loss::<Self>(logits, target)
    }

    /// The gradient for the logits: `grad * (mass * probabilities - target) / rows`.
    fn gradient(
        probabilities: FloatTensor<Self>,
        target: Target<Self>,
        grad: FloatTensor<Self>,
    ) -> FloatTensor<Self> {
        portable_gradient::<Self>(probabilities, target, grad)
    }
}

/// The target as a distribution.
fn distribution<B: Backend>(target: Target<B>, like: &FloatTensor<B>) -> FloatTensor<B> {
    match target {
        Target::Distribution(target) => target,
        Target::Smoothed(class, share) => {
            let classes = like.shape()[1] as f32;
            let sharp = distribution::<B>(Target::Class(class), like);
            let scaled = B::float_mul_scalar(sharp, (1.0 - share).into());
            B::float_add_scalar(scaled, (share / classes).into())
        }
        Target::Class(class) => {
            let (rows, dtype, device) = (like.shape()[0], like.dtype().into(), like.device());
            let zeros = B::float_zeros(like.shape(), &device, dtype);
            let ones = B::float_ones([rows, 1].into(), &device, dtype);
            let column = B::int_reshape(class, [rows, 1].into());
            B::float_scatter(1, zeros, column, ones, IndexingUpdateOp::Add)
        }
    }
}

fn portable_loss<B: Backend>(logits: FloatTensor<B>, target: Target<B>) -> (FloatTensor<B>, FloatTensor<B>) {
    let rows = logits.shape()[0];
    let centred = B::float_sub(logits.clone(), B::float_max_dim(logits, 1));
    let power = B::float_exp(centred.clone());
    let total = B::float_sum_dim(power.clone(), 1);
    let log_probability = B::float_sub(centred, B::float_log(total.clone()));
    let target = distribution::<B>(target, &log_probability);
    let sum = B::float_sum(B::float_mul(log_probability, target));
    (B::float_mul_scalar(sum, (-1.0 / rows as f32).into()), B::float_div(power, total))
}

fn portable_gradient<B: Backend>(
    probabilities: FloatTensor<B>,
    target: Target<B>,
    grad: FloatTensor<B>,
) -> FloatTensor<B> {
    let rows = probabilities.shape()[0];
    let target = distribution::<B>(target, &probabilities);
    let mass = B::float_sum_dim(target.clone(), 1);
    let grad = B::float_reshape(B::float_mul_scalar(grad, (1.0 / rows as f32).into()), [1, 1].into());
    B::float_mul(B::float_sub(B::float_mul(probabilities, mass), target), grad)
}

#[cfg(feature = "flex")]
impl CrossEntropyKernel for Flex {
    fn loss(logits: FloatTensor<Self>, target: Target<Self>) -> (FloatTensor<Self>, FloatTensor<Self>) {
        if !flat::is_single(&logits) || logits.layout().num_elements() == 0 {
            return portable_loss::<Self>(logits, target);
        }
        let classes = flat::row_length(&logits);
        let target = FlatTarget::new(target, classes);
        let mut total = 0f64;
        let mut count = 0usize;
        let probabilities = flat::change(logits, |numbers| {
            for (index, row) in numbers.chunks_exact_mut(classes).enumerate() {
                let (expected, mass) = target.expected(index, row);
                let (sum, top) = rows::exponentiate(row, 1.0);
                total += f64::from(mass * (sum.ln() + top) - expected);
                count += 1;
                rows::rescale(row, 1.0 / sum);
            }
        });
        (flat::tensor(vec![(total / count as f64) as f32], [1].into()), probabilities)
    }

    fn gradient(
        probabilities: FloatTensor<Self>,
        target: Target<Self>,
        grad: FloatTensor<Self>,
    ) -> FloatTensor<Self> {
        if !flat::is_single(&probabilities) || probabilities.layout().num_elements() == 0 {
            return portable_gradient::<Self>(probabilities, target, grad);
        }
        let classes = flat::row_length(&probabilities);
        let target = FlatTarget::new(target, classes);
        let grad = flat::ordered(grad);
        let factor = flat::numbers(&grad)[0] / (probabilities.layout().num_elements() / classes) as f32;
        flat::change(probabilities, |numbers| {
            for (index, row) in numbers.chunks_exact_mut(classes).enumerate() {
                target.subtract(index, row, factor);
            }
        })
    }
}

/// The targets as plain slices.
#[cfg(feature = "flex")]
enum FlatTarget {
    Class(Vec<usize>),
    Distribution(FloatTensor<Flex>),
    Smoothed(Vec<usize>, f32),
}

#[cfg(feature = "flex")]
impl FlatTarget {
    fn new(target: Target<Flex>, classes: usize) -> Self {
        match target {
            Target::Class(class) => FlatTarget::Class(flat::positions(&class, classes)),
            Target::Distribution(target) => FlatTarget::Distribution(flat::ordered(target)),
            Target::Smoothed(class, share) => FlatTarget::Smoothed(flat::positions(&class, classes), share),
        }
    }

    fn row(target: &FloatTensor<Flex>, index: usize, length: usize) -> &[f32] {
        &flat::numbers(target)[index * length..(index + 1) * length]
    }

    /// The expected logit of a row under the target, and the target's total mass.
    fn expected(&self, index: usize, logits: &[f32]) -> (f32, f32) {
        match self {
            FlatTarget::Class(class) => (logits[class[index]], 1.0),
            FlatTarget::Smoothed(class, share) => {
                let even = rows::sum(logits) / logits.len() as f32;
                ((1.0 - share) * logits[class[index]] + share * even, 1.0)
            }
            FlatTarget::Distribution(target) => {
                let target = Self::row(target, index, logits.len());
                (
                    rows::sum_pairs(target, logits, |p, l| if p == 0.0 { 0.0 } else { p * l }),
                    rows::sum(target),
                )
            }
        }
    }

    /// Turns a row of probabilities into the row's gradient.
    fn subtract(&self, index: usize, row: &mut [f32], factor: f32) {
        match self {
            FlatTarget::Class(class) => {
                rows::rescale(row, factor);
                row[class[index]] -= factor;
            }
            FlatTarget::Smoothed(class, share) => {
                let even = share / row.len() as f32;
                row.iter_mut().for_each(|value| *value = (*value - even) * factor);
                row[class[index]] -= (1.0 - share) * factor;
            }
            FlatTarget::Distribution(target) => {
                let target = Self::row(target, index, row.len());
                let mass = rows::sum(target);
                for (value, &target) in row.iter_mut().zip(target) {
                    *value = (*value * mass - target) * factor;
                }
            }
        }
    }
}

portable! { impl CrossEntropyKernel {} }

dispatched! {
    Autodiff =>
    /// The dispatched operations; call [`cross_entropy_classes`] or [`cross_entropy`].
    pub trait CrossEntropyOperation: Backend {
        /// The mean cross entropy `[1]` of logits `[rows, classes]` against classes `[rows]`.
        fn fused_cross_entropy(logits: FloatTensor<Self>, class: IntTensor<Self>) -> FloatTensor<Self>;
        /// The mean cross entropy `[1]` of logits `[rows, classes]` against distributions `[rows, classes]`.
        fn fused_cross_entropy_soft(logits: FloatTensor<Self>, target: FloatTensor<Self>) -> FloatTensor<Self>;
        /// The mean cross entropy `[1]` of logits `[rows, classes]` against classes `[rows]`, smoothed by a share.
        fn fused_cross_entropy_smoothed(
            logits: FloatTensor<Self>,
            class: IntTensor<Self>,
            share: f32,
        ) -> FloatTensor<Self>;
    }
}

everywhere! {
    impl CrossEntropyOperation {
        fn fused_cross_entropy(logits: FloatTensor<Self>, class: IntTensor<Self>) -> FloatTensor<Self> {
            Self::loss(logits, Target::Class(class)).0
        }

        fn fused_cross_entropy_soft(logits: FloatTensor<Self>, target: FloatTensor<Self>) -> FloatTensor<Self> {
            Self::loss(logits, Target::Distribution(target)).0
        }

        fn fused_cross_entropy_smoothed(
            logits: FloatTensor<Self>,
            class: IntTensor<Self>,
            share: f32,
        ) -> FloatTensor<Self> {
            Self::loss(logits, Target::Smoothed(class, share)).0
        }
    }
}

#[derive(Debug)]
struct CrossEntropyStep;

impl<B: CrossEntropyKernel> Backward<B, 1> for CrossEntropyStep {
    type State = (FloatTensor<B>, Target<B>);

    fn backward(self, ops: Ops<Self::State, 1>, grads: &mut Gradients, _checkpointer: &mut Checkpointer) {
        let (probabilities, target) = ops.state;
        unary::<B, _>(ops.parents, ops.node, grads, |grad| B::gradient(probabilities, target, grad));
    }
}

fn tracked<B: CrossEntropyKernel, C: CheckpointStrategy>(
    logits: FloatTensor<Autodiff<B, C>>,
    target: Target<B>,
) -> FloatTensor<Autodiff<B, C>> {
    let (logits, guard) = logits.into_parts();
    let (loss, probabilities) = B::loss(logits, target.clone());
    match CrossEntropyStep.prepare::<C>([guard]).compute_bound().stateful() {
        OpsKind::Tracked(step) => step.finish((probabilities, target), loss),
        OpsKind::UnTracked(step) => step.finish(loss),
    }
}

impl<B: CrossEntropyKernel, C: CheckpointStrategy> CrossEntropyOperation for Autodiff<B, C> {
    fn fused_cross_entropy(logits: FloatTensor<Self>, class: IntTensor<Self>) -> FloatTensor<Self> {
        tracked::<B, C>(logits, Target::Class(class))
    }

    fn fused_cross_entropy_soft(logits: FloatTensor<Self>, target: FloatTensor<Self>) -> FloatTensor<Self> {
        tracked::<B, C>(logits, Target::Distribution(target.into_primitive()))
    }

    fn fused_cross_entropy_smoothed(
        logits: FloatTensor<Self>,
        class: IntTensor<Self>,
        share: f32,
    ) -> FloatTensor<Self> {
        tracked::<B, C>(logits, Target::Smoothed(class, share))
    }
}

/// The mean over rows of the cross entropy of logits `[rows, classes]` against class numbers `[rows]`.
///
/// # Panics
/// If the numbers of rows differ, or a class is not below the number of classes.
pub fn cross_entropy_classes(logits: Tensor<2>, class: Tensor<1, Int>) -> Tensor<1> {
    let ([rows, _], [classes]) = (logits.dims(), class.dims());
    assert_eq!(rows, classes, "there are {rows} rows of logits but {classes} targets");
    let (logits, class) = (logits.into_dispatch(), class.into_dispatch());
    Tensor::from_dispatch(<Dispatch as CrossEntropyOperation>::fused_cross_entropy(logits, class))
}

/// The same against classes of whose probability the share `smoothing` is spread evenly over all classes (Szegedy et al.,
/// arXiv 1512.00567, section 7).
///
/// # Panics
/// As [`cross_entropy_classes`].
pub fn cross_entropy_smoothed(logits: Tensor<2>, class: Tensor<1, Int>, smoothing: f32) -> Tensor<1> {
    let ([rows, _], [classes]) = (logits.dims(), class.dims());
    assert_eq!(rows, classes, "there are {rows} rows of logits but {classes} targets");
    let (logits, class) = (logits.into_dispatch(), class.into_dispatch());
    Tensor::from_dispatch(<Dispatch as CrossEntropyOperation>::fused_cross_entropy_smoothed(
        logits, class, smoothing,
    ))
}

/// The mean over rows of the cross entropy of logits against target probabilities of the same shape.
///
/// The targets are constants: no gradient reaches them.
///
/// # Panics
/// If the shapes differ.
pub fn cross_entropy(logits: Tensor<2>, target: Tensor<2>) -> Tensor<1> {
    assert_eq!(logits.dims(), target.dims(), "logits and target probabilities differ in shape");
    let (logits, target) = (logits.into_dispatch(), target.into_dispatch());
    Tensor::from_dispatch(<Dispatch as CrossEntropyOperation>::fused_cross_entropy_soft(logits, target))
}
