//! Gradients of whole networks against finite differences, for tests.

use burn::module::{Module, ModuleMapper, ModuleVisitor, Param};
use burn::prelude::*;
use burn::tensor::Gradients;

use crate::nn::fused::checks::values;
use crate::nn::parameters::named_tensors;
use crate::rng::Streams;

/// The gradient of every parameter, in the module's order.
struct Gather<'a>(&'a Gradients, Vec<Option<Vec<f32>>>);

impl ModuleVisitor for Gather<'_> {
    fn visit_float<const D: usize>(&mut self, parameter: &Param<Tensor<D>>) {
        self.1.push(parameter.val().grad(self.0).map(|gradient| values(&gradient)));
    }
}

/// Moves one number of one tensor.
struct Nudge {
    tensor: usize,
    number: usize,
    by: f32,
    at: usize,
}

impl ModuleMapper for Nudge {
    fn map_float<const D: usize>(&mut self, parameter: Param<Tensor<D>>) -> Param<Tensor<D>> {
        let index = self.at;
        self.at += 1;
        if index != self.tensor {
            return parameter;
        }
        parameter.map(|tensor| {
            let (shape, device) = (tensor.dims(), tensor.device());
            let mut numbers = values(&tensor);
            numbers[self.number] += self.by;
            Tensor::from_data(TensorData::new(numbers, shape), &device).require_grad()
        })
    }
}

/// Fails unless the gradient of `loss` agrees with central differences at three numbers of every tensor that takes part.
/// Returns how many tensors do: what takes no part, as layers that an architecture lacks, has no gradient.
pub(in crate::supernet) fn assert_gradients<M: Module>(network: &M, loss: impl Fn(&M) -> Tensor<1>) -> usize {
    let stream = &mut Streams::new(4).stream("places");
    let gradients = loss(network).backward();
    let mut gather = Gather(&gradients, Vec::new());
    network.visit(&mut gather);
    let names: Vec<String> = named_tensors(network).into_iter().map(|(name, ..)| name).collect();
    for (tensor, gradient) in gather.1.iter().enumerate() {
        let Some(gradient) = gradient else { continue };
        for _ in 0..3 {
            let (number, by) = (stream.below(gradient.len()), 1e-3);
            let moved = |by: f32| {
                let mut nudge = Nudge { tensor, number, by, at: 0 };
                f64::from(values(&loss(&network.clone().map(&mut nudge)))[0])
            };
            let slope = (moved(by) - moved(-by)) / (2.0 * f64::from(by));
            let away = (slope - f64::from(gradient[number])).abs();
            let name = &names[tensor];
            assert!(away < 2e-3 + 0.015 * slope.abs(), "{name} {number}: {}, not {slope}", gradient[number]);
        }
    }
    gather.1.iter().flatten().count()
}

/// How far the gradients of two losses are from each other, as a share of the first one's length.
pub(in crate::supernet) fn distance<M: Module>(network: &M, losses: [Tensor<1>; 2]) -> f64 {
    let [one, other] = losses.map(|loss| {
        let gradients = loss.backward();
        let mut gather = Gather(&gradients, Vec::new());
        network.visit(&mut gather);
        gather.1.into_iter().flatten().flatten().map(f64::from).collect::<Vec<f64>>()
    });
    assert_eq!(one.len(), other.len(), "the same numbers take part");
    let length = |numbers: &mut dyn Iterator<Item = f64>| numbers.map(|x| x * x).sum::<f64>().sqrt();
    length(&mut one.iter().zip(&other).map(|(a, b)| a - b)) / length(&mut one.iter().copied())
}
