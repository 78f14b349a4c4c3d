//! One training: batches in, weights and memories changed, a step at a time.

use std::sync::Arc;

use burn::module::Module;
use burn::prelude::*;
use sha2::{Digest as _, Sha256};

use super::context::Context;
use super::method::Method;
use super::network::{Conditions, Network, Passed};
use super::study::FirstChoices;
use super::task::Batch;
use crate::labs::layer_answers::LayerAnswers;
use crate::labs::numbers::cross_entropies;
use crate::nn::fused::cross_entropy_classes;
use crate::nn::optimisation::{Descent, DescentConfig};
use crate::nn::parameters::fingerprint;
use crate::nn::readback::{read, read_scalar};
use crate::nn::schedule::{Batches, warm_up_then_cosine};
use crate::nn::token_router::Passage;
use crate::nn::token_router::hooks::NoHooks;
use crate::rng::Streams;
use crate::routing::routers::Recipe;
use crate::routing::{Fate, RouterMemory, Routing};
use crate::{Error, Result};

/// Share of the steps in which the rate rises.
const WARM_UP: f64 = 0.05;

/// A network under training.
pub struct Trainer {
    context: Arc<Context>,
    method: Method,
    /// How many experts a unit uses now, and the recipe for it.
    k: usize,
    recipe: Option<Recipe>,
    /// Until this step every expert serves every unit, and nothing is routed.
    whole_until: u64,
    streams: Streams,
    device: Device,
    network: Option<Network>,
    descent: Descent<Network>,
    /// One a layer.
    memory: Vec<RouterMemory>,
    batches: Batches,
    step: u64,
    last: Vec<Routing>,
}

/// Weights that a training can go back to.
pub struct Best {
    network: Network,
    memory: Vec<RouterMemory>,
    k: usize,
}

/// What a network answers about some samples, without noise, limits or chance.
#[derive(Debug, Clone)]
pub struct Answers {
    /// Logits, `[answers, classes]`.
    pub logits: Vec<f32>,
    /// How many answers there are to choose from.
    pub classes: usize,
    /// Each layer's logits, affinities and edges over all units; empty for one network.
    pub layers: Vec<LayerAnswers>,
}

impl Answers {
    /// Each layer's first choice of each unit; nothing for units that nobody took.
    pub fn first_choices(&self, units: usize) -> FirstChoices {
        self.layers.iter().map(|layer| layer.first_slots(units)).collect()
    }
}

impl Trainer {
    /// A trainer at step 0. Weights come from streams `init`, batches from `data`, noise and chance from `router`.
    ///
    /// # Errors
    /// As [`Network::new`].
    pub fn new(context: Arc<Context>, method: &Method, streams: Streams, device: &Device) -> Result<Self> {
        let k = context.specification.router.k_at(0, context.specification.training.steps);
        let recipe = context.recipe_with(method, k);
        let layers = context.specification.model.layers;
        let network = Network::new(&context, method, &streams, &device.clone().autodiff())?;
        let training = &context.specification.training;
        let (weight_decay, clip_norm) = (training.weight_decay, training.clip_norm);
        let config = DescentConfig { beta_2: 0.99, weight_decay, clip_norm, own_rate: 1.0 };
        let begin = |recipe: &Recipe| vec![recipe.controller.begin(recipe.slots()); layers];
        Ok(Self {
            memory: recipe.as_ref().map(begin).unwrap_or_default(),
            descent: Descent::new(&network, config, Vec::new()),
            network: Some(network),
            whole_until: if method.is_routed() {
                method.whole_until(context.specification.training.steps)
            } else {
                u64::MAX
            },
            batches: Batches::new(
                context.task.training_samples(),
                context.specification.training.batch,
                streams,
            ),
            device: device.clone(),
            step: 0,
            last: Vec::new(),
            context,
            method: *method,
            k,
            recipe,
            streams,
        })
    }

    /// The network as it is.
    pub fn network(&self) -> &Network {
        self.network.as_ref().expect("the network is put back at the end of every step")
    }

    /// Where it trains.
    pub fn device(&self) -> &Device {
        &self.device
    }

    /// How units are routed; nothing where they are not, or not yet.
    pub fn recipe(&self) -> Option<&Recipe> {
        self.recipe.as_ref().filter(|_| !self.is_whole())
    }

    fn is_whole(&self) -> bool {
        self.step < self.whole_until
    }

    pub fn step_count(&self) -> u64 {
        self.step
    }

    pub fn parameters(&self) -> usize {
        self.network().parameters()
    }

    /// Who went where in the last batch, layer by layer; empty before the first step and for one network.
    pub fn last(&self) -> &[Routing] {
        &self.last
    }

    /// The share of the last batch's choices that were dropped.
    pub fn dropped_share(&self) -> f64 {
        let edges = || self.last.iter().flat_map(|routing| &routing.edges);
        let dropped = edges().filter(|edge| edge.fate == Fate::Dropped).count();
        dropped as f64 / edges().count().max(1) as f64
    }

    /// One step. Returns the mean cross entropy of its batches, without the routers' losses.
    ///
    /// # Errors
    /// When a router or the loss is no number any more, or the device does not answer.
    pub async fn step(&mut self) -> Result<f64> {
        let context = Arc::clone(&self.context);
        self.take_k(context.specification.router.k_at(self.step, context.specification.training.steps));
        let count = context.specification.training.accumulation;
        let mut sum = 0.0;
        for place in self.step * count..(self.step + 1) * count {
            let batch = context.task.training_batch(place, &mut self.batches, &self.streams)?;
            let streams = Streams::new(self.streams.stream_at("router", place).next_u64());
            let conditions = Conditions { training: true, streams, ..self.conditions() };
            let passed = self.network().pass(&context, &batch, &self.device, conditions).await?;
            let targets = TensorData::new(batch.targets.clone(), [batch.targets.len()]);
            let task = cross_entropy_classes(
                passed.logits.clone(),
                Tensor::<1, Int>::from_data(targets, &self.device),
            );
            sum += read_scalar(task.clone()).await?;
            let losses = passed.routed.iter().filter_map(|routed| routed.loss.clone());
            let loss = losses.fold(task, |sum, loss| sum + loss);
            self.remember(&passed);
            let network = self.network.as_ref().expect("it is put back at the end of every step");
            self.descent.add(network, &loss);
            self.last = passed.routed.into_iter().map(|routed| routed.routing).collect();
        }
        self.update();
        self.step += 1;
        Ok(sum / count as f64)
    }

    /// How many experts a unit uses now, where the router does not fix it.
    pub fn k(&self) -> usize {
        self.k
    }

    /// Takes the recipe for `k` experts a unit.
    fn take_k(&mut self, k: usize) {
        if k != self.k {
            self.k = k;
            self.recipe = self.context.recipe_with(&self.method, k);
        }
    }

    /// Lets the controller change each layer's memory.
    fn remember(&mut self, passed: &Passed) {
        let Some(recipe) = &self.recipe else { return };
        for (memory, routed) in self.memory.iter_mut().zip(&passed.routed) {
            let old = memory.clone();
            let passage = Passage {
                recipe,
                memory: &old,
                activation: self.context.activation,
                sequence: self.context.task.units(),
                valid: &[],
                identities: &[],
                training: true,
                cell: None,
                state: None,
                hooks: &NoHooks,
            };
            let scored = passage.scored(&routed.logits, &routed.affinities);
            recipe.controller.update(memory, &scored, &routed.routing.edges);
        }
    }

    fn update(&mut self) {
        let training = &self.context.specification.training;
        let rate = training.learning_rate * warm_up_then_cosine(self.step, training.steps, WARM_UP);
        let network = self.network.take().expect("the network is put back at the end of every step");
        self.network = Some(self.descent.step(network, rate));
    }

    /// The loss on the samples that say when to stop; nothing where nothing stops.
    ///
    /// # Errors
    /// As [`Trainer::answers`].
    pub async fn validation_loss(&self) -> Result<Option<f64>> {
        let Some(batch) = self.context.task.validation_batch() else { return Ok(None) };
        let targets: Vec<usize> = batch.targets.iter().map(|&target| target as usize).collect();
        Ok(Some(self.answers(std::iter::once(batch)).await?.loss(&targets)))
    }

    /// What can be gone back to: the weights, what routers remember, and how many experts a unit uses.
    pub fn kept(&self) -> Best {
        Best { network: self.network().clone(), memory: self.memory.clone(), k: self.k }
    }

    /// Goes back to earlier weights; the count of steps stays.
    pub fn go_back(&mut self, best: Best) {
        (self.network, self.memory) = (Some(best.network), best.memory);
        self.take_k(best.k);
    }

    /// The answers about all held-out samples.
    ///
    /// # Errors
    /// As [`Trainer::answers`].
    pub async fn held_out_answers(&self) -> Result<Answers> {
        self.answers(self.held_out_batches()).await
    }

    fn held_out_batches(&self) -> impl Iterator<Item = Batch> {
        let task = &self.context.task;
        let part = |start: usize| task.held_out_batch(start..(start + task.at_once()).min(task.held_out()));
        (0..task.held_out()).step_by(task.at_once()).map(part)
    }

    /// The answers about batches, one after the other.
    ///
    /// # Errors
    /// When a router's numbers are none any more, or the device does not answer.
    pub async fn answers(&self, batches: impl Iterator<Item = Batch>) -> Result<Answers> {
        self.answers_under(self.conditions(), batches).await
    }

    /// The answers about all held-out samples with another recipe, as if nothing had been learned but the weights: what
    /// routers remember belongs to their own recipe.
    ///
    /// # Errors
    /// As [`Trainer::answers`].
    pub async fn held_out_answers_with(&self, recipe: &Recipe) -> Result<Answers> {
        let memory = vec![recipe.controller.begin(recipe.slots()); self.memory.len()];
        let conditions =
            Conditions { recipe: Some(recipe), memory: &memory, whole: false, ..self.conditions() };
        self.answers_under(conditions, self.held_out_batches()).await
    }

    /// The cross entropy of every held-out answer, `[answers, recipes]`, when the last layer works in each of these ways.
    ///
    /// # Errors
    /// As [`Trainer::answers`].
    pub async fn held_out_losses_with_last(&self, lasts: &[Recipe]) -> Result<Vec<f64>> {
        let network = self.network().clone().valid();
        let classes = self.context.task.classes();
        let mut losses = Vec::new();
        for batch in self.held_out_batches() {
            let targets: Vec<usize> = batch.targets.iter().map(|&target| target as usize).collect();
            let mut of_routes = Vec::with_capacity(lasts.len());
            let passed =
                network.pass_with_last(&self.context, &batch, &self.device, self.conditions(), lasts);
            for logits in passed.await? {
                of_routes.push(cross_entropies(&read(logits).await?, classes, &targets));
            }
            losses
                .extend((0..targets.len()).flat_map(|place| of_routes.iter().map(move |route| route[place])));
        }
        Ok(losses)
    }

    /// Who goes where in these samples under the limits of training, each sample with limits of its own.
    ///
    /// # Errors
    /// As [`Trainer::answers`].
    pub async fn limited(&self, samples: impl Iterator<Item = Batch>) -> Result<Vec<Vec<Routing>>> {
        let network = self.network().clone().valid();
        let mut routings = Vec::new();
        for batch in samples {
            let conditions = Conditions { training: true, ..self.conditions() };
            let passed = network.pass(&self.context, &batch, &self.device, conditions).await?;
            routings.push(passed.routed.into_iter().map(|routed| routed.routing).collect());
        }
        Ok(routings)
    }

    /// Outside training.
    fn conditions(&self) -> Conditions<'_> {
        Conditions {
            recipe: self.recipe.as_ref(),
            memory: &self.memory,
            training: false,
            whole: self.is_whole(),
            streams: Streams::new(0),
        }
    }

    async fn answers_under(
        &self,
        conditions: Conditions<'_>,
        batches: impl Iterator<Item = Batch>,
    ) -> Result<Answers> {
        let network = self.network().clone().valid();
        let layers = if conditions.whole { 0 } else { self.memory.len() };
        let layers = vec![LayerAnswers::default(); layers];
        let mut all = Answers { logits: Vec::new(), classes: self.context.task.classes(), layers };
        let mut before = 0;
        for batch in batches {
            let passed = network.pass(&self.context, &batch, &self.device, conditions).await?;
            all.logits.extend(read(passed.logits).await?);
            for (layer, routed) in all.layers.iter_mut().zip(passed.routed) {
                layer.add(routed, before);
            }
            before += batch.identities.len();
        }
        Ok(all)
    }

    /// SHA-256 of every trained number and of what the routers remember.
    ///
    /// # Errors
    /// When the device does not answer.
    pub async fn fingerprint(&self) -> Result<String> {
        let weights = fingerprint(self.network()).await?;
        if self.memory.is_empty() {
            return Ok(weights);
        }
        let mut hash = Sha256::new();
        hash.update(weights);
        for number in self.memory.iter().flat_map(RouterMemory::numbers) {
            hash.update(number.to_bits().to_le_bytes());
        }
        Ok(hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect())
    }
}

/// The error for a loss that is no number.
pub(super) fn diverged(task: &str, step: u64) -> Error {
    Error::Diverged { task: task.to_owned(), step }
}
