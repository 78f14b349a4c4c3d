//! Gradient accumulation: the mean gradient of several micro-batches, as if they had been one batch.
//!
//! It is the gradient of the one batch exactly where each loss is a mean over equally many rows. Losses that look at a
//! whole batch, as a load-balance loss does, are those of each micro-batch here, and that is another loss.

use burn::module::{Module, ModuleVisitor, Param};
use burn::optim::{GradientsAccumulator, GradientsParams};
use burn::prelude::*;

/// The gradients of some micro-batches, added up.
pub struct MicroBatches<M: Module> {
    sum: GradientsAccumulator<M>,
    count: usize,
}

impl<M: Module> Default for MicroBatches<M> {
    fn default() -> Self {
        Self { sum: GradientsAccumulator::new(), count: 0 }
    }
}

impl<M: Module> MicroBatches<M> {
    /// No micro-batch yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// How many there are.
    pub fn count(&self) -> usize {
        self.count
    }

    /// One more: the gradient of its loss. The loss's tape is used up, so only one batch's activations are ever held.
    pub fn add(&mut self, module: &M, loss: &Tensor<1>) {
        self.add_sum(module, GradientsParams::from_grads(loss.backward(), module), 1);
    }

    /// The summed gradients of `count` losses that were followed back elsewhere.
    pub fn add_sum(&mut self, module: &M, gradients: GradientsParams, count: usize) {
        self.sum.accumulate(module, gradients);
        self.count += count;
    }

    /// The mean gradient; no gradients where no batch was added. What is added next begins anew.
    pub fn take_mean(&mut self, module: &M) -> GradientsParams {
        let mut gradients = self.sum.grads();
        if self.count > 1 {
            module.visit(&mut Divide { gradients: &mut gradients, by: self.count as f64 });
        }
        self.count = 0;
        gradients
    }
}

struct Divide<'a> {
    gradients: &'a mut GradientsParams,
    by: f64,
}

impl ModuleVisitor for Divide<'_> {
    fn visit_float<const D: usize>(&mut self, parameter: &Param<Tensor<D>>) {
        if let Some(gradient) = self.gradients.remove::<D>(parameter.id) {
            self.gradients.register::<D>(parameter.id, gradient / self.by);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::nn::elastic::ElasticLinear;
    use crate::nn::fused::checks::{assert_near, plain};
    use crate::nn::fused::{Activation, cross_entropy_classes};
    use crate::rng::Streams;

    fn loss(layer: &ElasticLinear, rows: std::ops::Range<usize>) -> Tensor<1> {
        let classes: Vec<i32> = rows.clone().map(|row| (row * 5 % 7) as i32).collect();
        let classes = Tensor::<1, Int>::from_data(TensorData::new(classes, [rows.len()]), &Device::flex());
        let x = plain("x", [12, 5]).slice([rows]);
        cross_entropy_classes(layer.forward(x, 7, Activation::Identity), classes)
    }

    #[test]
    fn micro_batches_give_the_gradient_of_the_one_large_batch() {
        let device = Device::flex().autodiff();
        let layer = ElasticLinear::new([5, 7], &mut Streams::new(1).stream("init"), &device);
        let whole = GradientsParams::from_grads(loss(&layer, 0..12).backward(), &layer);
        let mut batches = MicroBatches::new();
        for size in [12, 6, 3] {
            for start in (0..12).step_by(size) {
                batches.add(&layer, &loss(&layer, start..start + size));
            }
            assert_eq!(batches.count(), 12 / size);
            let mean = batches.take_mean(&layer);
            let found = "the layer takes part in the loss";
            let weights = [&mean, &whole].map(|g| g.get::<2>(layer.weight.id).expect(found));
            let biases = [&mean, &whole].map(|g| g.get::<1>(layer.bias.id).expect(found));
            assert_near(&weights[0], &weights[1], 1e-6);
            assert_near(&biases[0], &biases[1], 1e-6);
        }
        assert!(batches.take_mean(&layer).is_empty());
    }
}
