//! Clipping by the norm of all gradients together (Pascanu et al., arXiv 1211.5063, algorithm 1): if their Euclidean norm
//! is above a bound, all are multiplied by the same factor so that it is the bound; their direction stays.

use burn::module::{Module, ModuleVisitor, Param, ParamId};
use burn::optim::GradientsParams;
use burn::prelude::*;

/// Gradients within a bound.
#[derive(Debug)]
pub struct Clipped {
    /// The gradients.
    pub gradients: GradientsParams,
    /// Their norm before, `[1]`, still on the device; nothing where no parameter has a gradient.
    pub norm: Option<Tensor<1>>,
}

struct SquaredNorm<'a> {
    gradients: &'a GradientsParams,
    sum: Option<Tensor<1>>,
}

impl ModuleVisitor for SquaredNorm<'_> {
    fn visit_float<const D: usize>(&mut self, parameter: &Param<Tensor<D>>) {
        if let Some(gradient) = self.gradients.get::<D>(parameter.id) {
            let squares = gradient.square().sum();
            self.sum = Some(match self.sum.take() {
                Some(sum) => sum + squares,
                None => squares,
            });
        }
    }
}

/// Multiplies every gradient of a module by a number on the device.
struct Rescale<'a> {
    gradients: &'a mut GradientsParams,
    factor: Tensor<1>,
}

impl ModuleVisitor for Rescale<'_> {
    fn visit_float<const D: usize>(&mut self, parameter: &Param<Tensor<D>>) {
        let id: ParamId = parameter.id;
        if let Some(gradient) = self.gradients.remove::<D>(id) {
            self.gradients.register::<D>(id, gradient * self.factor.clone().reshape([1; D]));
        }
    }
}

/// The Euclidean norm `[1]` of all gradients of a module together; nothing where no parameter has one.
pub fn gradient_norm<M: Module>(module: &M, gradients: &GradientsParams) -> Option<Tensor<1>> {
    let mut visitor = SquaredNorm { gradients, sum: None };
    module.visit(&mut visitor);
    visitor.sum.map(Tensor::sqrt)
}

/// Bounds the norm of all gradients of a module together. Nothing is read from the device. A gradient that is no number
/// makes all of them none, so a training that diverges is seen and not hidden.
///
/// # Panics
/// If `maximum` is not above 0.
pub fn clip_norm<M: Module>(module: &M, mut gradients: GradientsParams, maximum: f64) -> Clipped {
    assert!(maximum > 0.0, "gradients cannot be clipped to a norm of {maximum}; it must be above 0");
    let norm = gradient_norm(module, &gradients);
    if let Some(norm) = &norm {
        // As in PyTorch, a millionth keeps a norm of 0 from dividing by 0.
        let factor = (norm.clone() + 1e-6).recip().mul_scalar(maximum).clamp_max(1.0);
        module.visit(&mut Rescale { gradients: &mut gradients, factor });
    }
    Clipped { gradients, norm }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::nn::elastic::ElasticLinear;
    use crate::nn::fused::Activation;
    use crate::nn::fused::checks::{plain, values};
    use crate::rng::Streams;

    fn layer() -> ElasticLinear {
        let device = Device::flex().autodiff();
        ElasticLinear::new([5, 7], &mut Streams::new(1).stream("init"), &device)
    }

    fn gradients(layer: &ElasticLinear, x: Tensor<2>) -> GradientsParams {
        let loss = (layer.forward(x, 7, Activation::Tanh) * plain("w", [3, 7])).sum();
        GradientsParams::from_grads(loss.backward(), layer)
    }

    fn numbers(layer: &ElasticLinear, gradients: &GradientsParams) -> Vec<f64> {
        let found = "the layer takes part in the loss";
        let weight = values(&gradients.get::<2>(layer.weight.id).expect(found));
        let bias = values(&gradients.get::<1>(layer.bias.id).expect(found));
        weight.into_iter().chain(bias).map(f64::from).collect()
    }

    #[test]
    fn clipping_agrees_with_loops_over_all_numbers_and_leaves_small_gradients_alone() {
        let layer = layer();
        let before = numbers(&layer, &gradients(&layer, plain("x", [3, 5])));
        let norm = before.iter().map(|g| g * g).sum::<f64>().sqrt();
        for maximum in [0.01, 1.0, 0.99 * norm, 1.01 * norm, 1e6] {
            let clipped = clip_norm(&layer, gradients(&layer, plain("x", [3, 5])), maximum);
            let found = f64::from(values(&clipped.norm.expect("there are gradients"))[0]);
            assert!((found - norm).abs() < 1e-5 * norm, "{found} is not {norm}");
            let factor = if norm > maximum { maximum / norm } else { 1.0 };
            for (after, before) in numbers(&layer, &clipped.gradients).into_iter().zip(&before) {
                assert!((after - before * factor).abs() < 1e-5 * (1.0 + before.abs()), "{after}, {before}");
            }
        }
    }

    #[test]
    fn a_gradient_that_is_no_number_is_not_hidden_and_zeros_stay_zeros() {
        let layer = layer();
        let broken = plain("x", [3, 5]) * f32::NAN;
        let clipped = clip_norm(&layer, gradients(&layer, broken), 1.0);
        assert!(numbers(&layer, &clipped.gradients).iter().all(|g| g.is_nan()));
        let loss = (layer.forward(plain("x", [3, 5]), 7, Activation::Tanh) * 0.0).sum();
        let zeros = GradientsParams::from_grads(loss.backward(), &layer);
        let clipped = clip_norm(&layer, zeros, 1.0);
        assert!(numbers(&layer, &clipped.gradients).iter().all(|g| *g == 0.0));
        let none = clip_norm(&layer, GradientsParams::new(), 1.0);
        assert!(none.norm.is_none() && none.gradients.is_empty());
    }
}
