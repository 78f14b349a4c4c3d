//! One training: batches in, weights changed, a step at a time.

use std::sync::Arc;

use burn::prelude::*;
use sha2::{Digest as _, Sha256};

use super::Method;
use super::context::Context;
use super::network::{Conditions, Network, Passed};
use crate::nn::fused::cross_entropy_classes;
use crate::nn::optimisation::{Descent, DescentConfig};
use crate::nn::parameters::fingerprint;
use crate::nn::readback::read_scalar;
use crate::nn::schedule::{Batches, warm_up_then_cosine};
use crate::rng::Streams;
use crate::routing::routers::Recipe;
use crate::routing::{RouterMemory, Routing};
use crate::{Error, Result};

/// What went where in the last batch.
#[derive(Debug, Clone)]
pub(super) struct LastBatch {
    pub routing: Routing,
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
    descent: Descent<Network>,
    recipe: Option<Arc<Recipe>>,
    memory: RouterMemory,
    batches: Batches,
    step: u64,
    last: Option<LastBatch>,
}

impl Trainer {
    /// A trainer at step 0. Weights come from the stream `init`, batches from `data`, noise from `router`.
    pub fn new(context: Arc<Context>, method: Method, rate: f64, streams: Streams, device: &Device) -> Self {
        let network = Network::new(method, &context, &streams, &device.clone().autodiff());
        let router = match &network {
            Network::Routed(mixture) => {
                let mut ids = burn::module::list_param_ids(&mixture.layer.scorer);
                ids.extend(burn::module::list_param_ids(&mixture.cell));
                ids
            }
            Network::Dense(_) => Vec::new(),
        };
        let training = &context.specification.training;
        let config = DescentConfig {
            beta_2: 0.99,
            weight_decay: training.weight_decay,
            clip_norm: training.clip_norm,
            own_rate: training.router_rate,
        };
        let recipe = context.recipe(method).cloned();
        Self {
            memory: recipe.as_ref().map(|recipe| recipe.controller.begin(recipe.slots())).unwrap_or_default(),
            recipe,
            batches: Batches::new(context.rows.train.len(), context.specification.training.batch, streams),
            descent: Descent::new(&network, config, router),
            network: Some(network),
            device: device.clone(),
            step: 0,
            last: None,
            context,
            streams,
            rate,
        }
    }

    fn network(&self) -> &Network {
        self.network.as_ref().expect("the network is put back at the end of every step")
    }

    /// The network as it is now, without its gradient tape.
    pub fn trained(&self) -> Network {
        self.network().clone().valid()
    }

    /// How its router works; nothing without experts.
    pub fn recipe(&self) -> Option<&Recipe> {
        self.recipe.as_deref()
    }

    /// What its router remembers.
    pub fn memory(&self) -> &RouterMemory {
        &self.memory
    }

    pub fn step_count(&self) -> u64 {
        self.step
    }

    /// What went where in the last batch; nothing before the first step and for a network without experts.
    pub fn last_batch(&self) -> Option<&LastBatch> {
        self.last.as_ref()
    }

    /// One step. Returns the mean cross entropy of its batches, without the router's losses.
    ///
    /// # Errors
    /// When the router or the loss is no number any more, or the device does not answer.
    pub async fn step(&mut self) -> Result<f64> {
        let context = Arc::clone(&self.context);
        let count = context.specification.training.accumulation;
        let mut sum = 0.0;
        for place in self.step * count..(self.step + 1) * count {
            let rows: Vec<usize> =
                self.batches.rows_of(place).iter().map(|&row| context.rows.train[row]).collect();
            let inputs = context.rows.inputs_of(&rows);
            let streams = Streams::new(self.streams.stream_at("router", place).next_u64());
            let conditions =
                Conditions { training: true, streams, ..Conditions::new(self.recipe(), &self.memory) };
            let passed = self.network().pass(&context, inputs, &self.device, conditions).await?;
            let targets: Vec<i32> = rows.iter().map(|&row| context.rows.classes[row] as i32).collect();
            let targets = Tensor::<1, Int>::from_data(TensorData::new(targets, [rows.len()]), &self.device);
            let task = cross_entropy_classes(passed.logits.clone(), targets);
            sum += read_scalar(task.clone()).await?;
            let loss = match passed.routed.as_ref().and_then(|routed| routed.loss.clone()) {
                Some(losses) => task + losses,
                None => task,
            };
            self.remember(&passed);
            let network = self.network.as_ref().expect("it is put back at the end of every step");
            self.descent.add(network, &loss);
            self.last = passed.routed.map(|routed| LastBatch { routing: routed.routing, units: rows.len() });
        }
        self.update();
        self.step += 1;
        Ok(sum / count as f64)
    }

    /// Lets the controller change the router's memory.
    fn remember(&mut self, passed: &Passed) {
        let (Some(recipe), Some(routed)) = (self.recipe.clone(), &passed.routed) else { return };
        let old = self.memory.clone();
        let conditions = Conditions { training: true, ..Conditions::new(Some(&recipe), &old) };
        let passage = conditions.passage(&recipe, &self.context, &[]);
        let scored = passage.scored(&routed.logits, &routed.affinities);
        recipe.controller.update(&mut self.memory, &scored, &routed.routing.edges);
    }

    /// Follows the mean gradient of the step's batches.
    fn update(&mut self) {
        let training = &self.context.specification.training;
        let rate = self.rate * warm_up_then_cosine(self.step, training.steps, training.warm_up);
        let network = self.network.take().expect("the network is put back at the end of every step");
        self.network = Some(self.descent.step(network, rate));
    }

    /// SHA-256 of every trained number and of what the router remembers.
    ///
    /// # Errors
    /// When the device does not answer.
    pub async fn fingerprint(&self) -> Result<String> {
        let weights = fingerprint(self.network()).await?;
        if self.recipe.is_none() {
            return Ok(weights);
        }
        let mut hash = Sha256::new();
        hash.update(weights);
        self.memory.numbers().for_each(|number| hash.update(number.to_bits().to_le_bytes()));
        Ok(hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect())
    }
}

/// The error for a loss that is no number.
pub(super) fn diverged(task: &str, step: u64) -> Error {
    Error::Diverged { task: task.to_owned(), step }
}
