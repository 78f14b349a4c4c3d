//! One way down for every loop: gradients of micro-batches are averaged, clipped, and followed by AdamW at the rate of the
//! step; some parameters may have a rate of their own.

use burn::module::{Module, ModuleVisitor, Param, ParamId};
use burn::optim::GradientsParams;
use burn::prelude::*;

use super::{MicroBatches, ModuleAdam, clip_norm};
use crate::Result;
use crate::nn::fused::{Adam, AdamW, decayed_matrices};

/// How gradients are followed.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct DescentConfig {
    /// Adam's memory of squared gradients (`beta_2`); that of gradients is 0.9, epsilon 1e-8.
    pub beta_2: f32,
    /// AdamW's decay of matrices, times the learning rate; 0 for plain Adam.
    pub weight_decay: f64,
    /// The largest norm of all gradients together; 0 for no bound.
    pub clip_norm: f64,
    /// Factor on the learning rate of the parameters that have one of their own.
    pub own_rate: f64,
}

/// The state of a descent.
pub struct Descent<M: Module> {
    optimiser: ModuleAdam,
    gradients: MicroBatches<M>,
    own: Vec<ParamId>,
    config: DescentConfig,
}

impl<M: Module> Descent<M> {
    /// A descent at its beginning. `own` are the parameters with a rate of their own.
    pub fn new(module: &M, config: DescentConfig, own: Vec<ParamId>) -> Self {
        let adam = Adam { beta_1: 0.9, beta_2: config.beta_2, epsilon: 1e-8 };
        let decayed = if config.weight_decay == 0.0 { Vec::new() } else { decayed_matrices(module) };
        let optimiser = ModuleAdam::new(AdamW { adam, decay: config.weight_decay }, decayed);
        Self { optimiser, gradients: MicroBatches::new(), own, config }
    }

    /// One more micro-batch of this step, by its loss.
    pub fn add(&mut self, module: &M, loss: &Tensor<1>) {
        self.gradients.add(module, loss);
    }

    /// The summed gradients of `count` micro-batches that were followed back elsewhere.
    pub fn add_sum(&mut self, module: &M, gradients: GradientsParams, count: usize) {
        self.gradients.add_sum(module, gradients, count);
    }

    /// The module after one step at this rate along the mean gradient of the micro-batches since the last step.
    #[must_use]
    pub fn step(&mut self, mut module: M, rate: f64) -> M {
        let mean = self.gradients.take_mean(&module);
        let mut gradients = match self.config.clip_norm {
            0.0 => mean,
            most => clip_norm(&module, mean, most).gradients,
        };
        if self.config.own_rate != 1.0 && !self.own.is_empty() {
            let mut own = GradientsParams::new();
            module.visit(&mut Take { from: &mut gradients, to: &mut own, which: &self.own });
            module = self.optimiser.step(rate * self.config.own_rate, module, own);
        }
        self.optimiser.step(rate, module, gradients)
    }

    /// The module's parameters and all that the descent remembers of them, as safetensors bytes.
    ///
    /// # Errors
    /// When the device does not answer.
    ///
    /// # Panics
    /// Between the micro-batches of a step: their gradients would be lost.
    pub async fn save(&self, module: &M) -> Result<Vec<u8>> {
        assert_eq!(self.gradients.count(), 0, "a descent is saved between two steps");
        self.optimiser.save(module).await
    }

    /// The module as it was saved; the descent goes on from there as if it had never stopped.
    ///
    /// # Errors
    /// [`Error::Checkpoint`](crate::Error::Checkpoint) naming what is missing, left over, or of another form.
    pub fn restore(&mut self, module: M, saved: &[u8]) -> Result<M> {
        self.optimiser.restore(module, saved)
    }
}

struct Take<'a> {
    from: &'a mut GradientsParams,
    to: &'a mut GradientsParams,
    which: &'a [ParamId],
}

impl ModuleVisitor for Take<'_> {
    fn visit_float<const D: usize>(&mut self, parameter: &Param<Tensor<D>>) {
        if self.which.contains(&parameter.id)
            && let Some(gradient) = self.from.remove::<D>(parameter.id)
        {
            self.to.register::<D>(parameter.id, gradient);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::nn::elastic::ElasticLinear;
    use crate::nn::fused::Activation;
    use crate::nn::fused::checks::{plain, values};
    use crate::rng::Streams;

    const PLAIN: DescentConfig =
        DescentConfig { beta_2: 0.99, weight_decay: 0.0, clip_norm: 0.0, own_rate: 1.0 };

    fn layer() -> ElasticLinear {
        ElasticLinear::new([5, 7], &mut Streams::new(1).stream("init"), &Device::flex().autodiff())
    }

    /// How far weights and biases move in one step from the same start.
    fn moved(config: DescentConfig, times: usize) -> [Vec<f32>; 2] {
        let layer = layer();
        let before = [values(&layer.weight.val()), values(&layer.bias.val())];
        let mut descent = Descent::new(&layer, config, vec![layer.bias.id]);
        for _ in 0..times {
            let loss = layer.forward(plain("x", [3, 5]), 7, Activation::Tanh) * plain("w", [3, 7]);
            descent.add(&layer, &loss.sum());
        }
        let layer = descent.step(layer, 0.01);
        let after = [values(&layer.weight.val()), values(&layer.bias.val())];
        [0, 1].map(|part| after[part].iter().zip(&before[part]).map(|(a, b)| a - b).collect())
    }

    #[test]
    fn micro_batches_of_the_same_rows_are_one_and_only_own_parameters_have_their_own_rate() {
        let [weight, bias] = moved(PLAIN, 1);
        assert!(bias.iter().all(|move_| (move_.abs() - 0.01).abs() < 1e-4), "Adam's first step: {bias:?}");
        assert_eq!(moved(PLAIN, 4), [weight.clone(), bias.clone()]);
        let [same, faster] = moved(DescentConfig { own_rate: 3.0, ..PLAIN }, 1);
        assert_eq!(same, weight);
        for (fast, plain) in faster.iter().zip(&bias) {
            assert!((fast - 3.0 * plain).abs() < 1e-6, "{fast} {plain}");
        }
        let [decayed, kept] = moved(DescentConfig { weight_decay: 0.5, ..PLAIN }, 1);
        assert!(decayed != weight && kept == bias, "matrices decay, biases do not");
    }

    #[test]
    fn what_was_clipped_moves_as_far_in_adams_first_step_and_the_second_tells_it_apart() {
        let two = |clip_norm: f64| {
            let mut layer = layer();
            let mut descent = Descent::new(&layer, DescentConfig { clip_norm, ..PLAIN }, Vec::new());
            for factor in [1.0, 0.001] {
                let loss = layer.forward(plain("x", [3, 5]), 7, Activation::Tanh) * plain("w", [3, 7]);
                descent.add(&layer, &(loss.sum() * factor));
                layer = descent.step(layer, 0.01);
            }
            values(&layer.bias.val())
        };
        assert_eq!(two(1e6), two(0.0));
        assert_ne!(two(1e-4), two(0.0), "both gradients were as long as the bound");
    }
}
