//! Gradients of experts and routers against finite differences.

use burn::module::{Module, ModuleMapper, Param};
use burn::tensor::{Tensor, TensorData};

use super::*;
use crate::nn::fused::cross_entropy;

/// Adds `change` to one number of the parameter with this id.
struct Nudge {
    id: burn::module::ParamId,
    place: usize,
    change: f32,
}

impl ModuleMapper for Nudge {
    fn map_float<const D: usize>(&mut self, parameter: Param<Tensor<D>>) -> Param<Tensor<D>> {
        if parameter.id != self.id {
            return parameter;
        }
        let (shape, device) = (parameter.dims(), parameter.val().device());
        let mut values = parameter.val().into_data().try_to_vec::<f32>().expect("single precision");
        values[self.place] += self.change;
        Param::initialized(self.id, Tensor::from_data(TensorData::new(values, shape), &device).require_grad())
    }
}

#[test]
fn gradients_of_experts_and_router_agree_with_finite_differences() {
    let tracked = device().autodiff();
    let examples = examples(16);
    for granularity in [Granularity::Network, Granularity::Layer, Granularity::Neuron] {
        let config = config(2, granularity, Encoding::PerLayer);
        let provider = Mixture::new(space(), config, &Streams::new(SEED), &tracked);
        let chosen = architectures();
        let loss = |provider: &Mixture| {
            let subnets = provider.subnets(&chosen).expect("in the space");
            let losses = subnets.iter().map(|subnet| {
                cross_entropy(subnet.forward(examples.inputs.clone()), examples.targets.clone())
            });
            losses.reduce(|a, b| a + b).expect("some")
        };
        let gradients = loss(&provider).backward();
        let block = &provider.weights().blocks[0];
        let mut checked = 0;
        for (id, gradient) in [
            (block.up.id, block.up.grad(&gradients).map(|g| g.into_data())),
            (block.down.id, block.down.grad(&gradients).map(|g| g.into_data())),
        ] {
            let gradient = gradient.expect("trained").try_to_vec::<f32>().expect("single precision");
            for place in (0..gradient.len()).step_by(7) {
                checked += check_difference(&provider, id, place, gradient[place], &loss);
            }
        }
        for id in provider.router_parameters() {
            let gradient = router_gradient(&provider, id, &gradients);
            for place in (0..gradient.len()).step_by(11) {
                checked += check_difference(&provider, id, place, gradient[place], &loss);
            }
        }
        assert!(checked > 40, "only {checked} gradients were compared");
    }
}

/// Compares one gradient with a central difference; counts 1.
fn check_difference(
    provider: &Mixture,
    id: burn::module::ParamId,
    place: usize,
    gradient: f32,
    loss: &impl Fn(&Mixture) -> Tensor<1>,
) -> usize {
    let step = 1e-2;
    let at = |change: f32| {
        let moved = provider.clone().map(&mut Nudge { id, place, change });
        f64::from(loss(&moved).into_scalar::<f32>())
    };
    let difference = (at(step) - at(-step)) / (2.0 * f64::from(step));
    assert!(
        (difference - f64::from(gradient)).abs() < 2e-3 + 0.02 * difference.abs(),
        "gradient {gradient}, finite difference {difference} at {place}"
    );
    1
}

fn router_gradient(
    provider: &Mixture,
    id: burn::module::ParamId,
    gradients: &burn::tensor::Gradients,
) -> Vec<f32> {
    struct Find<'a> {
        id: burn::module::ParamId,
        gradients: &'a burn::tensor::Gradients,
        found: Vec<f32>,
    }
    impl burn::module::ModuleVisitor for Find<'_> {
        fn visit_float<const D: usize>(&mut self, parameter: &Param<Tensor<D>>) {
            if parameter.id == self.id {
                let gradient = parameter.grad(self.gradients).expect("the router is trained");
                self.found = gradient.into_data().try_to_vec().expect("single precision");
            }
        }
    }
    let mut find = Find { id, gradients, found: Vec::new() };
    provider.visit(&mut find);
    find.found
}

#[test]
fn copied_experts_give_the_router_no_gradient_at_the_first_step() {
    let tracked = device().autodiff();
    let config =
        MixtureConfig { init: ExpertInit::Copied, ..config(2, Granularity::Layer, Encoding::PerLayer) };
    let provider = Mixture::new(space(), config, &Streams::new(SEED), &tracked);
    let examples = examples(16);
    let subnet = provider.subnets(&architectures()[..1]).expect("in the space").remove(0);
    let gradients =
        cross_entropy(subnet.forward(examples.inputs.clone()), examples.targets.clone()).backward();
    for id in provider.router_parameters() {
        assert!(router_gradient(&provider, id, &gradients).iter().all(|gradient| gradient.abs() < 1e-7));
    }
}
