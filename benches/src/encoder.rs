//! One sandwich step of the elastic encoder: largest, smallest and one more shape, one update by Adam.

use burn::optim::{GradientsAccumulator, GradientsParams, ModuleOptimizer};
use burn::prelude::*;
use switchyard::nn::encoder::{ElasticEncoder, EncoderConfig, EncoderShape};
use switchyard::nn::feed_forward::Sharing;
use switchyard::nn::fused::{Adam, Mask, cross_entropy_classes};
use switchyard::rng::Streams;

/// Sequences in a batch.
pub const BATCH: usize = 32;
/// Tokens in a sequence.
pub const LENGTH: usize = 32;
/// Tokens there are, which are also the classes.
pub const VOCABULARY: usize = 1000;

/// A model in training with its fixed batch.
pub struct EncoderStep {
    model: Option<ElasticEncoder>,
    optimiser: ModuleOptimizer,
    tokens: Tensor<2, Int>,
    targets: Tensor<1, Int>,
    config: EncoderConfig,
    step: usize,
    device: Device,
    threads: usize,
}

impl EncoderStep {
    /// A new model. The tokens are fixed numbers that the peer computes in the same way.
    ///
    /// With two `threads` the shapes of a step run side by side.
    pub fn new(sharing: Sharing, device: &Device, threads: usize) -> Self {
        let config = EncoderConfig {
            vocabulary: VOCABULARY,
            length: LENGTH,
            width: 128,
            head_width: 32,
            feed_forward: 256,
            depth: 3,
            mask: Mask::Open,
            sharing,
        };
        let token = |index: usize| ((index * 7919 + 13) % VOCABULARY) as i32;
        let tokens: Vec<i32> = (0..BATCH * LENGTH).map(token).collect();
        let targets: Vec<i32> = (0..BATCH * LENGTH).map(|index| token(index + 1)).collect();
        Self {
            model: Some(ElasticEncoder::new(config, &Streams::new(1), &device.clone().autodiff())),
            optimiser: Adam { beta_1: 0.9, beta_2: 0.98, epsilon: 1e-8 }.init(),
            tokens: Tensor::from_data(TensorData::new(tokens, [BATCH, LENGTH]), device),
            targets: Tensor::from_data(TensorData::new(targets, [BATCH * LENGTH]), device),
            config,
            step: 0,
            device: device.clone().autodiff(),
            threads,
        }
    }

    /// The third shape of a step: four shapes in turn, the same in the peer.
    fn between(&self) -> EncoderShape {
        let (width, feed_forward): (usize, &[usize]) = match self.step % 4 {
            0 => (96, &[192, 256]),
            1 => (128, &[128, 192, 256]),
            2 => (64, &[256, 128]),
            _ => (96, &[192, 192, 128]),
        };
        EncoderShape { width, feed_forward: feed_forward.to_vec() }
    }

    /// Forward and backward through one shape: gradients and loss.
    fn pass(&self, model: &ElasticEncoder, shape: &EncoderShape) -> (GradientsParams, f32) {
        let logits = model
            .forward(self.tokens.clone(), shape)
            .expect("the three shapes of a step are within the configuration");
        let loss = cross_entropy_classes(logits, self.targets.clone());
        let value = loss.clone().inner().into_scalar::<f32>();
        (GradientsParams::from_grads(loss.backward(), model), value)
    }

    /// One step; the summed loss of the three shapes.
    ///
    /// # Panics
    /// Never: the shapes are within the configuration.
    pub fn run(&mut self) -> f32 {
        let model = self.model.take().expect("the model is put back at the end of every step");
        let smallest = EncoderShape { width: 64, feed_forward: vec![128] };
        let between = self.between();
        let mut gradients = GradientsAccumulator::new();
        let mut total = 0.0;
        let mut add = |(found, loss): (GradientsParams, f32)| {
            gradients.accumulate(&model, found);
            total += loss;
        };
        if self.threads > 1 {
            // The largest shape is about half of the work. The second thread has leaves of its own, hence a tape of
            // its own, on the same numbers.
            let second = model.clone().fork(&self.device);
            // It is the quicker one, so it also adds up its two shapes' gradients.
            let (first, rest) = std::thread::scope(|scope| {
                let rest = scope.spawn(|| {
                    let mut sum = GradientsAccumulator::new();
                    let [small, middle] = [&smallest, &between].map(|shape| self.pass(&second, shape));
                    sum.accumulate(&second, small.0);
                    sum.accumulate(&second, middle.0);
                    (sum.grads(), small.1 + middle.1)
                });
                (self.pass(&model, &self.config.largest()), rest.join())
            });
            add(first);
            add(rest.expect("the second thread runs what the first one runs, which did not panic"));
        } else {
            for shape in [&self.config.largest(), &smallest, &between] {
                add(self.pass(&model, shape));
            }
        }
        self.model = Some(self.optimiser.step(1e-3, model, gradients.grads()));
        self.step += 1;
        total
    }
}
