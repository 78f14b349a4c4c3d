//! One training step of a tiny transformer with routed experts: causal attention, then two of several experts for each
//! token, the load-balance loss, one update by Adam.

use burn::module::Module;
use burn::optim::{GradientsAccumulator, GradientsParams, ModuleOptimizer};
use burn::prelude::*;
use switchyard::Result;
use switchyard::nn::attention::Sequences;
use switchyard::nn::decoder::{Decoder, DecoderConfig, Positions};
use switchyard::nn::fused::{Activation, Adam, cross_entropy_classes};
use switchyard::nn::mixture_of_experts::ExpertShape;
use switchyard::nn::token_router::hooks::NoHooks;
use switchyard::nn::token_router::losses::Terms;
use switchyard::nn::token_router::weights::gates;
use switchyard::nn::token_router::{Passage, Routed, RoutedLayer, affinities};
use switchyard::rng::Streams;
use switchyard::routing::routers::{Recipe, Setting, token_router};
use switchyard::routing::{CombineMode, Router as _, RouterMemory, RoutingDecision, Scope, UnitKind};

/// Sequences in a batch.
pub const BATCH: usize = 32;
/// Tokens in a sequence.
pub const LENGTH: usize = 64;
/// Tokens there are, which are also the classes.
pub const VOCABULARY: usize = 64;
/// Width of the stream.
pub const WIDTH: usize = 64;
/// Hidden units of one expert: two experts make up the usual four widths.
pub const HIDDEN: usize = 128;
/// Attention heads.
pub const HEADS: usize = 4;
/// Blocks.
pub const DEPTH: usize = 2;
/// How many experts a token uses.
pub const CHOSEN: usize = 2;

/// The weights.
#[derive(Module, Debug)]
struct Network {
    decoder: Decoder,
    layers: Vec<RoutedLayer>,
}

/// A network in training with its fixed batch.
pub struct MixtureStep {
    network: Option<Network>,
    optimiser: ModuleOptimizer,
    recipe: Recipe,
    memory: RouterMemory,
    /// The batch, in one part for each thread.
    parts: Vec<Part>,
    device: Device,
    last: Vec<Routed>,
    step: u64,
}

/// Some sequences of the batch.
struct Part {
    tokens: Tensor<2, Int>,
    identities: Vec<u32>,
    targets: Tensor<1, Int>,
}

/// What a pass through a part gives.
struct Passed {
    gradients: GradientsParams,
    loss: f32,
    routed: Vec<Routed>,
}

impl Part {
    fn new(first: usize, sequences: usize, device: &Device) -> Self {
        let token = |index: usize| ((index * 7919 + index / 7 + 13) % VOCABULARY) as i32;
        let places = || first * LENGTH..(first + sequences) * LENGTH;
        let tokens: Vec<i32> = places().map(token).collect();
        let targets: Vec<i32> = places().map(|index| token(index + 1)).collect();
        Self {
            identities: tokens.iter().map(|&token| token as u32).collect(),
            tokens: Tensor::from_data(TensorData::new(tokens, [sequences, LENGTH]), device),
            targets: Tensor::from_data(TensorData::new(targets, [sequences * LENGTH]), device),
        }
    }
}

impl MixtureStep {
    /// A new network with so many experts a layer. The tokens are fixed numbers that the peer computes in the same way.
    ///
    /// With two `threads` each takes half of the sequences, and their gradients are added; the load-balance loss is then
    /// the mean of both halves', as it is where a batch is spread over devices.
    ///
    /// # Errors
    /// When there are fewer experts than a token uses.
    pub fn new(experts: usize, device: &Device, threads: usize) -> Result<Self> {
        let setting = Setting { experts, k: CHOSEN, capacity_factor: None, overflow: None, sequence: LENGTH };
        let recipe = token_router("top-k")?.recipe(&setting)?;
        let config = DecoderConfig {
            vocabulary: VOCABULARY,
            length: LENGTH,
            width: WIDTH,
            heads: HEADS,
            depth: DEPTH,
            positions: Positions::Learned,
            tied: false,
        };
        let (streams, tape) = (Streams::new(1), device.clone().autodiff());
        let shape = ExpertShape { inputs: WIDTH, hidden: HIDDEN, outputs: WIDTH };
        let layer = |index: usize| {
            RoutedLayer::new(&recipe, shape, &mut streams.stream_at("init", index as u64 + 1), &tape)
        };
        let layers = (0..DEPTH).map(layer).collect();
        let sequences = BATCH / threads;
        let parts = (0..threads).map(|part| Part::new(part * sequences, sequences, device)).collect();
        Ok(Self {
            network: Some(Network { decoder: Decoder::new(config, &streams, &tape)?, layers }),
            optimiser: Adam { beta_1: 0.9, beta_2: 0.98, epsilon: 1e-8 }.init(),
            memory: recipe.controller.begin(recipe.slots()),
            recipe,
            parts,
            device: tape,
            last: Vec::new(),
            step: 0,
        })
    }

    fn passage<'a>(&'a self, part: &'a Part) -> Passage<'a> {
        Passage {
            recipe: &self.recipe,
            memory: &self.memory,
            activation: Activation::Relu,
            sequence: LENGTH,
            valid: &[],
            identities: &part.identities,
            training: true,
            cell: None,
            state: None,
            hooks: &NoHooks,
        }
    }

    /// Forward and backward through a part.
    fn pass(&self, network: &Network, part: &Part) -> Result<Passed> {
        let sequences = Sequences { count: part.tokens.dims()[0], length: LENGTH };
        let decoder = &network.decoder;
        let mut x = decoder.embed(part.tokens.clone());
        let mut routed = Vec::new();
        for (index, layer) in network.layers.iter().enumerate() {
            x = decoder.attend(index, x, sequences);
            let normal = decoder.feed_forward_input(index, x.clone());
            let streams = Streams::new(self.step * DEPTH as u64 + index as u64);
            let found = pollster::block_on(layer.forward(normal, &self.passage(part), streams))?;
            x = x + found.output.clone();
            routed.push(found);
        }
        let task = cross_entropy_classes(decoder.logits(x), part.targets.clone());
        let value = task.clone().inner().into_scalar::<f32>();
        let balance = routed.iter().filter_map(|found: &Routed| found.loss.clone());
        let share = 1.0 / self.parts.len() as f32;
        let loss = balance.fold(task, |sum, loss| sum + loss) * share;
        let gradients = GradientsParams::from_grads(loss.backward(), network);
        Ok(Passed { gradients, loss: value * share, routed })
    }

    /// One step; the batch's cross entropy.
    ///
    /// # Errors
    /// When the router's numbers are none any more.
    ///
    /// # Panics
    /// After a step that failed.
    pub fn run(&mut self) -> Result<f32> {
        let network =
            self.network.take().expect("the network is put back at the end of every step that succeeds");
        // Each further thread has leaves of its own, hence a tape of its own, on the same numbers.
        let (first, rest) = std::thread::scope(|scope| {
            let this = &*self;
            let copies: Vec<Network> =
                self.parts[1..].iter().map(|_| network.clone().fork(&self.device)).collect();
            let running: Vec<_> = this.parts[1..]
                .iter()
                .zip(copies)
                .map(|(part, copy)| scope.spawn(move || this.pass(&copy, part)))
                .collect();
            let first = this.pass(&network, &this.parts[0]);
            let rest: Vec<_> = running.into_iter().map(|thread| thread.join()).collect();
            (first, rest)
        });
        let mut gradients = GradientsAccumulator::new();
        let (mut total, mut last) = (0.0, Vec::new());
        let others = rest
            .into_iter()
            .map(|passed| passed.expect("a thread runs what the first one runs, which did not panic"));
        for passed in std::iter::once(first).chain(others) {
            let Passed { gradients: found, loss, routed } = passed?;
            gradients.accumulate(&network, found);
            total += loss;
            last.extend(routed);
        }
        self.network = Some(self.optimiser.step(1e-3, network, gradients.grads()));
        self.last = last;
        self.step += 1;
        Ok(total)
    }

    /// Chooses again what the last step chose, from the scores on the host to edges with weights and fates.
    ///
    /// # Errors
    /// When the router's numbers are none any more.
    pub fn choose(&self) -> Result<usize> {
        let mut edges = 0;
        for (index, routed) in self.last.iter().enumerate() {
            let passage = self.passage(&self.parts[index / DEPTH]);
            let scored = passage.scored(&routed.logits, &routed.affinities);
            let stream = &mut Streams::new(self.step).stream("router");
            edges += self.recipe.pipeline().route(&scored, &self.memory, stream)?.edges.len();
        }
        Ok(edges)
    }

    /// What the router does on tensors: scores, affinities, gates and losses of the last step's choice, forward and
    /// backward, on rows of the same size.
    ///
    /// # Panics
    /// After a step that failed.
    pub fn score(&self, rows: &Tensor<2>) -> f32 {
        let network =
            self.network.as_ref().expect("the network is put back at the end of every step that succeeds");
        let mut total = 0.0;
        for (index, routed) in self.last.iter().enumerate() {
            let passage = self.passage(&self.parts[index / DEPTH]);
            let scored = passage.scored(&routed.logits, &routed.affinities);
            let Some(scorer) = &network.layers[index % DEPTH].scorer else { continue };
            let given = scorer.forward(rows.clone(), &passage, &mut Streams::new(0).stream("router"));
            let affinity = affinities(given.noisy.clone(), self.recipe.affinity);
            let edges = &routed.routing.edges;
            let gates = gates(affinity.clone(), edges, &scored, &self.recipe);
            let terms = Terms { given: &given, affinity: &affinity, scored: &scored, edges };
            let sum = (gates.clone() * gates).sum();
            let loss = terms.total(&self.recipe, &self.memory).map_or(sum.clone(), |loss| sum + loss);
            total += loss.clone().inner().into_scalar::<f32>();
            std::hint::black_box(loss.backward());
        }
        total
    }

    /// The last step's decisions, one a part and layer, as they are written down: scores, probabilities, edges and keys.
    ///
    /// # Errors
    /// When a record contradicts itself.
    pub fn record(&self) -> Result<Vec<RoutingDecision>> {
        let record = |(index, routed): (usize, &Routed)| {
            let (part, scope) = (&self.parts[index / DEPTH], Scope::Layer(index % DEPTH));
            let (units, table) = (part.identities.len(), self.recipe.slot_table());
            let mut decision = RoutingDecision::new("top-k", scope, UnitKind::Token, units, table);
            decision.step = self.step;
            decision.combine_mode = CombineMode::MixOutputs;
            decision.edges = routed.routing.edges.clone();
            decision.logits = Some(routed.logits.clone());
            decision.probabilities = Some(routed.affinities.clone());
            decision.keys.token_id = Some(part.identities.clone());
            decision.keys.position = Some((0..units as u32).map(|unit| unit % LENGTH as u32).collect());
            decision.validate()?;
            Ok(decision)
        };
        self.last.iter().enumerate().map(record).collect()
    }

    /// How many numbers it learns.
    pub fn parameters(&self) -> usize {
        self.network.as_ref().map_or(0, Network::num_params)
    }
}
