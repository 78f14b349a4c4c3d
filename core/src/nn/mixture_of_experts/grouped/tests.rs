//! Each expert for its own units against all experts for every unit, and gradients against finite differences.

use std::sync::Arc;

use burn::module::{Module, ModuleVisitor, Param};
use burn::tensor::DType;
use proptest::prelude::*;

use super::*;
use crate::nn::fused::checks::{assert_gradient, assert_near, leaf, plain, values};
use crate::nn::mixture_of_experts::ExpertShape;
use crate::rng::Streams;

const SHAPE: ExpertShape = ExpertShape { inputs: 5, hidden: 7, outputs: 3 };

fn experts(count: usize, device: &Device) -> Experts {
    let stream = &mut Streams::new(3).stream("init");
    let mut experts = Experts::new(count, SHAPE, stream, device);
    // Biases that are seen.
    experts.up_bias = Param::from_data(plain("up bias", [count * SHAPE.hidden]).into_data(), device);
    experts.down_bias = Param::from_data(plain("down bias", [count, SHAPE.outputs]).into_data(), device);
    experts
}

fn plan(units: usize, experts: usize, pairs: &[(usize, usize)], activation: Activation) -> Plan {
    Plan { groups: Arc::new(Groups::new(units, experts, pairs)), activation }
}

/// 1 where an expert serves a unit.
fn mask(plan: &Plan) -> Tensor<2> {
    let shape = [plan.groups.units(), plan.groups.experts()];
    let mut cells = vec![0f32; shape[0] * shape[1]];
    plan.groups.gate_places().into_iter().for_each(|place| cells[place] = 1.0);
    Tensor::from_data(TensorData::new(cells, shape), &Device::flex())
}

/// The gradients of all weights, in the module's order.
fn weight_gradients(experts: &Experts, gradients: &burn::tensor::Gradients) -> Vec<f32> {
    struct Gather<'a>(&'a burn::tensor::Gradients, Vec<f32>);
    impl ModuleVisitor for Gather<'_> {
        fn visit_float<const D: usize>(&mut self, parameter: &Param<Tensor<D>>) {
            self.1.extend(values(&parameter.val().grad(self.0).expect("every weight takes part")));
        }
    }
    let mut gather = Gather(gradients, Vec::new());
    experts.visit(&mut gather);
    gather.1
}

fn compare(units: usize, count: usize, pairs: &[(usize, usize)], activation: Activation) {
    let plan = plan(units, count, pairs, activation);
    let mask = mask(&plan);
    let pass = |apart: bool| {
        let experts = experts(count, &Device::flex().autodiff());
        let (x, gates) = (leaf("x", [units, SHAPE.inputs]), leaf("gates", [units, count]));
        let masked = gates.clone() * mask.clone();
        let y = if apart {
            forward_grouped(&experts, x.clone(), masked, plan.clone())
        } else {
            experts.forward(x.clone(), masked, activation)
        };
        let gradients = (y.clone() * plain("task", [units, SHAPE.outputs])).sum().backward();
        let of = |tensor: &Tensor<2>| tensor.grad(&gradients).expect("a tracked leaf");
        (y, of(&x), of(&gates), weight_gradients(&experts, &gradients))
    };
    let (fast, slow) = (pass(true), pass(false));
    assert_near(&fast.0, &slow.0, 1e-5);
    assert_near(&fast.1, &slow.1, 1e-5);
    assert_near(&fast.2, &slow.2, 1e-5);
    assert_eq!(fast.3.len(), slow.3.len());
    for (a, b) in fast.3.iter().zip(&slow.3) {
        assert!((a - b).abs() <= 1e-5 * (1.0 + b.abs()), "{a} is not {b}");
    }
}

#[test]
fn apart_is_together_in_answers_and_gradients() {
    for activation in [Activation::Identity, Activation::Relu, Activation::Tanh] {
        // Nobody goes to expert 2, unit 1 goes nowhere, unit 3 everywhere else.
        compare(4, 4, &[(0, 1), (0, 0), (2, 3), (3, 0), (3, 1), (3, 3)], activation);
        compare(1, 1, &[(0, 0)], activation);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]
    #[test]
    fn any_batch_and_any_load_agree(
        units in 1usize..40, count in 1usize..12, chosen in prop::collection::vec((0usize..40, 0usize..12), 1..80),
    ) {
        let mut pairs: Vec<_> = chosen.into_iter().map(|(unit, expert)| (unit % units, expert % count)).collect();
        pairs.sort_unstable();
        compare(units, count, &pairs, Activation::Relu);
    }
}

#[test]
fn gradients_agree_with_finite_differences() {
    let plan = plan(4, 3, &[(0, 1), (1, 0), (1, 1), (3, 0)], Activation::Tanh);
    let (experts, task) = (experts(3, &Device::flex()), plain("task", [4, SHAPE.outputs]));
    let loss = |x: Tensor<2>, gates: Tensor<2>| {
        (forward_grouped(&experts, x, gates, plan.clone()) * task.clone()).sum()
    };
    assert_gradient(plain("x", [4, SHAPE.inputs]), |x| loss(x, plain("gates", [4, 3])));
    assert_gradient(plain("gates", [4, 3]), |gates| loss(plain("x", [4, SHAPE.inputs]), gates));
}

#[test]
fn double_precision_takes_the_portable_path_and_agrees() {
    let plan = plan(4, 3, &[(0, 1), (1, 0), (1, 1), (3, 0)], Activation::Tanh);
    let single = experts(3, &Device::flex());
    let double = {
        let cast = |w: &Param<Tensor<2>>| Param::initialized(w.id, w.val().cast(DType::F64));
        Experts {
            up: cast(&single.up),
            up_bias: Param::initialized(single.up_bias.id, single.up_bias.val().cast(DType::F64)),
            down: cast(&single.down),
            down_bias: cast(&single.down_bias),
        }
    };
    let (x, gates) = (plain("x", [4, SHAPE.inputs]), plain("gates", [4, 3]));
    let fast = forward_grouped(&single, x.clone(), gates.clone(), plan.clone());
    let slow = forward_grouped(&double, x.cast(DType::F64), gates.cast(DType::F64), plan);
    assert_near(&fast, &slow.cast(DType::F32), 1e-5);
}
