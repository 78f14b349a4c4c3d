//! Training a supernet, a step at a time.

use burn::module::ParamId;
use burn::optim::GradientsParams;
use burn::tensor::{Int, Tensor, TensorData};

use super::distillation::distilled_loss;
use super::{Sampling, WeightProvider};
use crate::Result;
use crate::nn::fused::{Adam, AdamW, cross_entropy};
use crate::nn::optimisation::ModuleAdam;
pub use crate::nn::readback::{read, read_scalar};
use crate::rng::Streams;

/// How a supernet, or a standalone network, is trained.
#[derive(Debug, Clone, PartialEq)]
pub struct TrainingConfig {
    /// Optimiser steps.
    pub steps: u64,
    /// Rows in a batch.
    pub batch: usize,
    /// Peak learning rate of Adam (β 0.9, 0.98).
    pub learning_rate: f64,
    /// Share of the steps in which the learning rate rises linearly; it falls along a cosine afterwards.
    pub warm_up: f64,
    /// Factor on the learning rate for the router.
    pub router_learning_rate: f64,
    /// Train the router and the weights in turn, as K-shot supernets do, instead of together.
    pub alternate: bool,
    /// Which sub-networks a step trains.
    pub sampling: Sampling,
    /// Smaller sub-networks learn from the largest one's output instead of the labels (in-place distillation).
    pub distillation: bool,
}

/// Rows with their target distributions, on a device.
#[derive(Debug, Clone)]
pub struct Examples {
    /// Features, `[rows, inputs]`.
    pub inputs: Tensor<2>,
    /// Target distributions, `[rows, outputs]`.
    pub targets: Tensor<2>,
}

impl Examples {
    /// How many rows there are.
    pub fn rows(&self) -> usize {
        self.inputs.dims()[0]
    }

    /// Some of the rows.
    pub fn select(&self, rows: &[usize]) -> Self {
        let index: Vec<i32> = rows.iter().map(|row| *row as i32).collect();
        let index = Tensor::<1, Int>::from_data(TensorData::new(index, [rows.len()]), &self.inputs.device());
        Self {
            inputs: self.inputs.clone().select(0, index.clone()),
            targets: self.targets.clone().select(0, index),
        }
    }
}

/// A supernet under training.
pub struct Trainer<P: WeightProvider> {
    provider: Option<P>,
    optimiser: ModuleAdam,
    router: Vec<ParamId>,
    weights: Vec<ParamId>,
    config: TrainingConfig,
    streams: Streams,
    step: u64,
    epoch: Option<(u64, Vec<usize>)>,
}

impl<P: WeightProvider> Trainer<P> {
    /// A trainer at step 0. Batches come from the stream `data`, architectures from the stream `architecture`.
    pub fn new(provider: P, config: TrainingConfig, streams: Streams) -> Self {
        let adam = Adam { beta_1: 0.9, beta_2: 0.98, epsilon: 1e-8 };
        let optimiser = ModuleAdam::new(AdamW { adam, decay: 0.0 }, Vec::new());
        let router = provider.router_parameters();
        let all = burn::module::list_param_ids(&provider);
        let weights = all.into_iter().filter(|id| !router.contains(id)).collect();
        Self { provider: Some(provider), optimiser, router, weights, config, streams, step: 0, epoch: None }
    }

    /// The supernet as it is now.
    pub fn provider(&self) -> &P {
        self.provider.as_ref().expect("the provider is put back at the end of every step")
    }

    /// Steps done.
    pub fn step_count(&self) -> u64 {
        self.step
    }

    /// The supernet and what its optimiser remembers, as safetensors bytes.
    ///
    /// # Errors
    /// When the device does not answer.
    pub async fn save(&self) -> Result<Vec<u8>> {
        self.optimiser.save(self.provider()).await
    }

    /// Takes up a saved supernet after `step` steps, as if it had been trained here. After an error this trainer is of no
    /// more use.
    ///
    /// # Errors
    /// [`crate::Error::Checkpoint`] when it is the state of another training, or of a step that this one does not have.
    pub fn restore(&mut self, step: u64, saved: &[u8]) -> Result<()> {
        if step > self.config.steps {
            let problem = format!("it is of step {step} of a training of {} steps", self.config.steps);
            return Err(crate::Error::Checkpoint { problem });
        }
        let provider = self.provider.take().expect("the provider is put back at the end of every step");
        self.provider = Some(self.optimiser.restore(provider, saved)?);
        self.step = step;
        Ok(())
    }

    /// One step: a batch, the architectures of the sampling rule, one backward pass through the mean of their
    /// losses, one update. Returns the mean loss, still on the device and detached from the gradient tape.
    ///
    /// # Errors
    /// [`crate::Error::InvalidArchitecture`] cannot happen for spaces that were checked; it is passed on all the same.
    pub fn step(&mut self, examples: &Examples) -> Result<Tensor<1>> {
        let rows = self.batch_rows(examples.rows());
        let batch = examples.select(&rows);
        let provider = self.provider.take().expect("the provider is put back at the end of every step");
        let architectures = self.config.sampling.architectures(provider.space(), &self.streams, self.step);
        let subnets = match provider.subnets(&architectures) {
            Ok(subnets) => subnets,
            Err(error) => {
                self.provider = Some(provider);
                return Err(error);
            }
        };
        let logits: Vec<Tensor<2>> =
            subnets.iter().map(|subnet| subnet.forward(batch.inputs.clone())).collect();
        let count = logits.len() as f32;
        let loss = if self.config.distillation {
            distilled_loss(logits, &batch.targets)
        } else {
            logits
                .into_iter()
                .map(|logits| cross_entropy(logits, batch.targets.clone()))
                .reduce(|total, loss| total + loss)
                .expect("every sampling rule trains at least one architecture")
                / count
        };
        let value = loss.clone().inner();
        let mut gradients = loss.backward();
        let provider = self.update(provider, |provider, parameters| {
            GradientsParams::from_params(&mut gradients, provider, parameters)
        });
        self.provider = Some(provider);
        self.step += 1;
        Ok(value)
    }

    /// Applies the gradients: the router's with its own rate, the rest with the plain one.
    fn update(&mut self, mut provider: P, mut gradients: impl FnMut(&P, &[ParamId]) -> GradientsParams) -> P {
        let rate = self.learning_rate();
        let alternate = self.config.alternate && !self.router.is_empty();
        if !alternate || self.step.is_multiple_of(2) {
            let found = gradients(&provider, &self.weights);
            provider = self.optimiser.step(rate, provider, found);
        }
        if !self.router.is_empty() && (!alternate || !self.step.is_multiple_of(2)) {
            let found = gradients(&provider, &self.router);
            provider = self.optimiser.step(rate * self.config.router_learning_rate, provider, found);
        }
        provider
    }

    /// The learning rate of this step: linear warm-up, then half a cosine to zero.
    pub fn learning_rate(&self) -> f64 {
        let (step, steps) = (self.step as f64, self.config.steps as f64);
        let warm = (steps * self.config.warm_up).max(1.0);
        let factor = if step < warm {
            (step + 1.0) / warm
        } else {
            0.5 * (1.0 + libm::cos(std::f64::consts::PI * (step - warm) / (steps - warm).max(1.0)))
        };
        self.config.learning_rate * factor
    }

    /// The rows of this step's batch: a new permutation for every pass through the data.
    fn batch_rows(&mut self, rows: usize) -> Vec<usize> {
        let batch = self.config.batch.min(rows);
        let batches = (rows / batch) as u64;
        let (epoch, place) = (self.step / batches, (self.step % batches) as usize);
        if self.epoch.as_ref().is_none_or(|(current, _)| *current != epoch) {
            self.epoch = Some((epoch, self.streams.stream_at("data", epoch).permutation(rows)));
        }
        let order = self.epoch.as_ref().map(|(_, order)| order.as_slice()).unwrap_or_default();
        order[place * batch..(place + 1) * batch].to_vec()
    }
}
