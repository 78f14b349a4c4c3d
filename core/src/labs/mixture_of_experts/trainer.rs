//! One training: batches in, weights changed, a step at a time.

use std::sync::Arc;

use burn::module::ParamId;
use burn::optim::{GradientsParams, ModuleOptimizer};
use burn::prelude::*;
use sha2::{Digest as _, Sha256};

use super::Method;
use super::context::Context;
use super::network::{Conditions, Network, Passed};
use crate::nn::fused::{Adam, cross_entropy_classes};
use crate::nn::mixture_of_experts::losses::{switch_loss, z_loss};
use crate::nn::parameters::fingerprint;
use crate::nn::readback::read_scalar;
use crate::nn::schedule::{Batches, warm_up_then_cosine};
use crate::rng::Streams;
use crate::routing::{BiasBalance, Edge, chosen_counts};
use crate::{Error, Result};

/// What went where in the last batch.
#[derive(Debug, Clone)]
pub(super) struct LastBatch {
    pub edges: Vec<Edge>,
    /// How many rows it had.
    pub units: usize,
}

/// A network under training.
pub(super) struct Trainer {
    context: Arc<Context>,
    streams: Streams,
    device: Device,
    rate: f64,
    network: Option<Network>,
    optimiser: ModuleOptimizer,
    /// The parameters with a learning rate of their own: the router's, where its factor is not 1.
    router: Vec<ParamId>,
    others: Vec<ParamId>,
    balance: Option<BiasBalance>,
    batches: Batches,
    step: u64,
    last: Option<LastBatch>,
}

impl Trainer {
    /// A trainer at step 0. Weights come from the stream `init`, batches from `data`, noise from `router`.
    pub fn new(context: Arc<Context>, method: Method, rate: f64, streams: Streams, device: &Device) -> Self {
        let network = Network::new(method, &context, &streams, &device.clone().autodiff());
        let router = match &network {
            Network::Routed(mixture) if context.specification.training.router_rate != 1.0 => {
                burn::module::list_param_ids(&mixture.scorer)
            }
            _ => Vec::new(),
        };
        let all = burn::module::list_param_ids(&network);
        let fields = &context.specification.router;
        let is_biased = method == Method::Routed && fields.balance == "bias";
        Self {
            balance: is_biased.then(|| BiasBalance::new(context.shape.count, fields.balance_weight)),
            batches: Batches::new(context.rows.train.len(), context.specification.training.batch, streams),
            optimiser: Adam { beta_1: 0.9, beta_2: 0.99, epsilon: 1e-8 }.init(),
            others: all.into_iter().filter(|id| !router.contains(id)).collect(),
            network: Some(network),
            device: device.clone(),
            step: 0,
            last: None,
            context,
            streams,
            rate,
            router,
        }
    }

    fn network(&self) -> &Network {
        self.network.as_ref().expect("the network is put back at the end of every step")
    }

    /// The network as it is now, without its gradient tape.
    pub fn trained(&self) -> Network {
        self.network().clone().valid()
    }

    /// The biases on the choice, where balance works by them.
    pub fn balance(&self) -> Option<&BiasBalance> {
        self.balance.as_ref()
    }

    pub fn step_count(&self) -> u64 {
        self.step
    }

    /// What went where in the last batch; nothing before the first step and for a network without experts.
    pub fn last_batch(&self) -> Option<&LastBatch> {
        self.last.as_ref()
    }

    /// One step. Returns the batch's cross entropy, without the router's losses.
    ///
    /// # Errors
    /// When the router or the loss is no number any more, or the device does not answer.
    pub async fn step(&mut self) -> Result<f64> {
        let context = Arc::clone(&self.context);
        let train = &context.rows.train;
        let rows: Vec<usize> = self.batches.rows_of(self.step).iter().map(|&place| train[place]).collect();
        let inputs = context.rows.inputs_of(&rows);
        let conditions = Conditions { choosing: context.choosing, balance: self.balance.as_ref() };
        let noise = self.noise(rows.len());
        let passed = self.network().pass(&context, inputs, &self.device, conditions, noise).await?;
        let targets: Vec<i32> = rows.iter().map(|&row| context.rows.classes[row] as i32).collect();
        let targets = Tensor::<1, Int>::from_data(TensorData::new(targets, [rows.len()]), &self.device);
        let task = cross_entropy_classes(passed.logits.clone(), targets);
        let value = read_scalar(task.clone()).await?;
        self.update(self.with_router_losses(task, &passed));
        if let Some(balance) = &mut self.balance {
            balance.update(&chosen_counts(&passed.edges, context.shape.count));
        }
        self.last =
            (!passed.edges.is_empty()).then_some(LastBatch { edges: passed.edges, units: rows.len() });
        self.step += 1;
        Ok(value)
    }

    fn noise(&self, rows: usize) -> Option<Tensor<2>> {
        let (deviation, slots) = (self.context.specification.router.noise, self.context.shape.count);
        let is_routed = matches!(self.network(), Network::Routed(_));
        (is_routed && deviation > 0.0).then(|| {
            let numbers = self.streams.stream_at("router", self.step).normals(rows * slots, deviation);
            Tensor::from_data(TensorData::new(numbers, [rows, slots]), &self.device)
        })
    }

    fn with_router_losses(&self, task: Tensor<1>, passed: &Passed) -> Tensor<1> {
        let Some(scores) = &passed.scores else { return task };
        let fields = &self.context.specification.router;
        let mut loss = task;
        if fields.balance == "auxiliary" && fields.balance_weight > 0.0 {
            let counts = chosen_counts(&passed.edges, self.context.shape.count);
            loss = loss + switch_loss(scores.probabilities.clone(), &counts) * fields.balance_weight;
        }
        if fields.z_weight > 0.0 {
            loss = loss + z_loss(scores.logits.clone()) * fields.z_weight;
        }
        loss
    }

    /// Follows the gradient of a loss: the router with its own rate, where it has one.
    fn update(&mut self, loss: Tensor<1>) {
        let training = &self.context.specification.training;
        let rate = self.rate * warm_up_then_cosine(self.step, training.steps, training.warm_up);
        let mut network = self.network.take().expect("the network is put back at the end of every step");
        let mut gradients = loss.backward();
        if self.router.is_empty() {
            network =
                self.optimiser.step(rate, network.clone(), GradientsParams::from_grads(gradients, &network));
        } else {
            let found = GradientsParams::from_params(&mut gradients, &network, &self.others);
            network = self.optimiser.step(rate, network, found);
            let found = GradientsParams::from_params(&mut gradients, &network, &self.router);
            network = self.optimiser.step(rate * training.router_rate, network, found);
        }
        self.network = Some(network);
    }

    /// SHA-256 of every trained number, the biases included.
    ///
    /// # Errors
    /// When the device does not answer.
    pub async fn fingerprint(&self) -> Result<String> {
        let weights = fingerprint(self.network()).await?;
        let Some(balance) = &self.balance else { return Ok(weights) };
        let mut hash = Sha256::new();
        hash.update(weights);
        balance.bias().iter().for_each(|bias| hash.update(bias.to_bits().to_le_bytes()));
        Ok(hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect())
    }
}

/// The error for a loss that is no number.
pub(super) fn diverged(task: &str, step: u64) -> Error {
    Error::Diverged { task: task.to_owned(), step }
}
