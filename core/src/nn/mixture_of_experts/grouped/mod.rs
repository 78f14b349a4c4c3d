//! Experts computed apart, each for its own units, as one operation with a hand-written gradient.
//!
//! The units' rows are copied in the order of [`Groups`], so that each expert's lie together: two matrix products an
//! expert, and a weighted sum back into the order of units. [`super::Experts::forward`] computes every expert for every
//! unit in two products and means the same; the tests compare them. Experts answer in a fixed order, so a sum has the
//! same bits on any number of threads.

mod kernel;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use burn::backend::autodiff::checkpoint::base::Checkpointer;
use burn::backend::autodiff::checkpoint::strategy::CheckpointStrategy;
use burn::backend::autodiff::grads::Gradients;
use burn::backend::autodiff::ops::{Backward, Ops, OpsKind};
use burn::backend::tensor::FloatTensor;
use burn::backend::{Autodiff, Backend, Dispatch, TensorMetadata as _};
use burn::prelude::*;
use burn::tensor::Slice;

use crate::nn::fused::backends::{dispatched, everywhere};

use self::kernel::GroupKernel;
use super::{Experts, Groups};
use crate::nn::fused::Activation;

/// How the experts are to be computed.
#[derive(Debug, Clone)]
pub struct Plan {
    /// Who is served by whom.
    pub groups: Arc<Groups>,
    /// The experts' nonlinearity.
    pub activation: Activation,
}

/// The tensors of all experts: `up`, `up_bias`, `down`, `down_bias`, as in [`Experts`].
type Weights<B> = [FloatTensor<B>; 4];

/// What the gradient needs of one pass; one entry for each expert that serves anybody.
#[derive(Debug, Clone)]
struct Kept<B: Backend> {
    /// The experts' rows, `[served, inputs]`.
    rows: FloatTensor<B>,
    /// The gates of these rows, `[served, 1]`.
    gates: FloatTensor<B>,
    hidden: Vec<FloatTensor<B>>,
    answers: Vec<FloatTensor<B>>,
}

/// A part of a matrix, as a view.
fn part<B: Backend>(
    tensor: &FloatTensor<B>,
    rows: std::ops::Range<usize>,
    columns: std::ops::Range<usize>,
) -> FloatTensor<B> {
    B::float_slice(tensor.clone(), &[Slice::from(rows), Slice::from(columns)])
}

fn entries<B: Backend>(tensor: &FloatTensor<B>, range: std::ops::Range<usize>) -> FloatTensor<B> {
    B::float_slice(tensor.clone(), &[Slice::from(range)])
}

/// One expert's four tensors, as views.
fn weights_of<B: Backend>([up, up_bias, down, down_bias]: &Weights<B>, expert: usize) -> Weights<B> {
    let ([inputs, all], [experts, outputs]) = (sizes::<B>(up), sizes::<B>(down_bias));
    let own = expert * (all / experts)..(expert + 1) * (all / experts);
    let bias = part::<B>(down_bias, expert..expert + 1, 0..outputs);
    [
        part::<B>(up, 0..inputs, own.clone()),
        entries::<B>(up_bias, own.clone()),
        part::<B>(down, own, 0..outputs),
        B::float_reshape(bias, [outputs].into()),
    ]
}

fn sizes<B: Backend>(tensor: &FloatTensor<B>) -> [usize; 2] {
    let shape = tensor.shape();
    [shape[0], shape[1]]
}

fn forward<B: GroupKernel>(
    x: FloatTensor<B>,
    gates: FloatTensor<B>,
    weights: &Weights<B>,
    Plan { groups, activation }: &Plan,
) -> (FloatTensor<B>, Kept<B>) {
    let ([_, inputs], [_, outputs]) = (sizes::<B>(&x), sizes::<B>(&weights[2]));
    let [units, experts] = sizes::<B>(&gates);
    let rows = B::take(x, groups.rows());
    let gates = B::take(B::float_reshape(gates, [units * experts, 1].into()), &groups.gate_places());
    let mut kept = Kept { rows, gates, hidden: Vec::new(), answers: Vec::new() };
    for (expert, range) in groups.busy() {
        let [up, up_bias, down, down_bias] = weights_of::<B>(weights, expert);
        let hidden = B::float_matmul(part::<B>(&kept.rows, range, 0..inputs), up);
        let hidden = B::finish(hidden, up_bias, *activation);
        let answers = B::float_matmul(hidden.clone(), down);
        kept.answers.push(B::finish(answers, down_bias, Activation::Identity));
        kept.hidden.push(hidden);
    }
    let sums = B::give(&kept.answers, Some(&kept.gates), groups.rows(), [units, outputs]);
    (sums, kept)
}

/// The gradients for `x`, the gates and the four tensors of weights.
fn backward<B: GroupKernel>(
    grad: FloatTensor<B>,
    kept: Kept<B>,
    weights: &Weights<B>,
    Plan { groups, activation }: &Plan,
) -> [FloatTensor<B>; 6] {
    let Kept { rows, gates, hidden, answers } = kept;
    let ([_, inputs], [units, outputs]) = (sizes::<B>(&rows), sizes::<B>(&grad));
    let experts = groups.experts();
    let (grad, gate_grad) = B::weigh(B::take(grad, groups.rows()), &answers, gates);
    let gate_grad = B::give(&[gate_grad], None, &groups.gate_places(), [units * experts, 1]);
    let mut parts = kernel::Parts::<B>::new(weights, experts);
    let mut x_grads = Vec::new();
    for ((expert, range), hidden) in groups.busy().zip(hidden) {
        let [up, _, down, _] = weights_of::<B>(weights, expert);
        let grad = part::<B>(&grad, range.clone(), 0..outputs);
        let (grad, down_bias) = B::unfinish(grad, None, Activation::Identity);
        let down_grad = B::float_matmul(B::float_transpose(hidden.clone()), grad.clone());
        let grad = B::float_matmul(grad, B::float_transpose(down));
        let changed = (*activation != Activation::Identity).then_some(hidden);
        let (grad, up_bias) = B::unfinish(grad, changed, *activation);
        let own = part::<B>(&rows, range, 0..inputs);
        let up_grad = B::float_matmul(B::float_transpose(own), grad.clone());
        x_grads.push(B::float_matmul(grad, B::float_transpose(up)));
        parts.set(expert, [up_grad, up_bias, down_grad, down_bias]);
    }
    let x_grad = B::give(&x_grads, None, groups.rows(), [units, inputs]);
    let [up, up_bias, down, down_bias] = parts.join();
    [x_grad, B::float_reshape(gate_grad, [units, experts].into()), up, up_bias, down, down_bias]
}

dispatched! {
    Autodiff =>
    /// The dispatched operation; call [`forward_grouped`].
    pub trait GroupedExpertsOperation: Backend {
        /// The sum of each unit's experts, each times its gate.
        #[allow(clippy::too_many_arguments, reason = "the macro passes tensors one by one")]
        fn grouped_experts(
            x: FloatTensor<Self>,
            gates: FloatTensor<Self>,
            up: FloatTensor<Self>,
            up_bias: FloatTensor<Self>,
            down: FloatTensor<Self>,
            down_bias: FloatTensor<Self>,
            plan: Plan,
        ) -> FloatTensor<Self>;
    }
}

everywhere! {
    impl GroupedExpertsOperation {
        fn grouped_experts(
            x: FloatTensor<Self>,
            gates: FloatTensor<Self>,
            up: FloatTensor<Self>,
            up_bias: FloatTensor<Self>,
            down: FloatTensor<Self>,
            down_bias: FloatTensor<Self>,
            plan: Plan,
        ) -> FloatTensor<Self> {
            forward::<Self>(x, gates, &[up, up_bias, down, down_bias], &plan).0
        }
    }
}

#[derive(Debug)]
struct GroupedExpertsStep;

impl<B: GroupKernel> Backward<B, 6> for GroupedExpertsStep {
    type State = (Kept<B>, Weights<B>, Plan);

    fn backward(self, ops: Ops<Self::State, 6>, grads: &mut Gradients, _checkpointer: &mut Checkpointer) {
        let (kept, weights, plan) = ops.state;
        let found = backward::<B>(grads.consume::<B>(&ops.node), kept, &weights, &plan);
        for (node, grad) in ops.parents.into_iter().zip(found) {
            if let Some(node) = node {
                grads.register::<B>(node.id, grad);
            }
        }
    }
}

impl<B: GroupKernel, C: CheckpointStrategy> GroupedExpertsOperation for Autodiff<B, C> {
    fn grouped_experts(
        x: FloatTensor<Self>,
        gates: FloatTensor<Self>,
        up: FloatTensor<Self>,
        up_bias: FloatTensor<Self>,
        down: FloatTensor<Self>,
        down_bias: FloatTensor<Self>,
        plan: Plan,
    ) -> FloatTensor<Self> {
        let ((x, x_guard), (gates, gates_guard)) = (x.into_parts(), gates.into_parts());
        let ((up, up_guard), (up_bias, up_bias_guard)) = (up.into_parts(), up_bias.into_parts());
        let ((down, down_guard), (down_bias, down_bias_guard)) = (down.into_parts(), down_bias.into_parts());
        let guards = [x_guard, gates_guard, up_guard, up_bias_guard, down_guard, down_bias_guard];
        let weights = [up, up_bias, down, down_bias];
        let (sums, kept) = forward::<B>(x, gates, &weights, &plan);
        match GroupedExpertsStep.prepare::<C>(guards).compute_bound().stateful() {
            OpsKind::Tracked(step) => step.finish((kept, weights, plan), sums),
            OpsKind::UnTracked(step) => step.finish(sums),
        }
    }
}

/// The sum over the experts that serve a row of `gates[row, expert] * expert(row)`; 0 for rows that nobody serves. A gate
/// of an expert that does not serve the row is not read and gets no gradient.
///
/// # Shapes
/// `x` is `[units, inputs]`, `gates` is `[units, experts]`, the result `[units, outputs]`.
///
/// # Panics
/// If the plan is for other numbers of units or experts, or serves nobody.
pub fn forward_grouped(experts: &Experts, x: Tensor<2>, gates: Tensor<2>, plan: Plan) -> Tensor<2> {
    let expected = [plan.groups.units(), plan.groups.experts()];
    let found = [x.dims()[0], experts.count()];
    assert_eq!(found, expected, "units and experts, and those that are grouped");
    assert!(!plan.groups.rows().is_empty(), "somebody is served");
    assert_eq!(gates.dims(), expected, "gates, and units and experts");
    let [x, gates] = [x, gates].map(Tensor::into_dispatch);
    let [up, down, down_bias] =
        [&experts.up, &experts.down, &experts.down_bias].map(|w| w.val().into_dispatch());
    let up_bias = experts.up_bias.val().into_dispatch();
    Tensor::from_dispatch(<Dispatch as GroupedExpertsOperation>::grouped_experts(
        x, gates, up, up_bias, down, down_bias, plan,
    ))
}
