//! The networks of the three methods, and how rows pass through them.

use burn::module::Module;
use burn::prelude::*;

use super::Method;
use super::context::Context;
use crate::Result;
use crate::nn::mixture_of_experts::gates::constant_gates;
use crate::nn::mixture_of_experts::{Experts, MixtureOfExperts, Scores, gates};
use crate::nn::readback::read;
use crate::rng::Streams;
use crate::routing::assigners::hashed;
use crate::routing::{BiasBalance, Choosing, Edge};

/// A network of one method.
#[allow(clippy::large_enum_variant, reason = "there is one network for each training")]
#[derive(Module, Debug)]
pub(super) enum Network {
    /// Experts behind a learned router.
    Routed(MixtureOfExperts),
    /// Experts named by a hash of the row.
    Random(Experts),
    /// One network for every row.
    Dense(Experts),
}

/// What changes the choice of experts besides the rows.
#[derive(Debug, Clone, Copy)]
pub(super) struct Conditions<'a> {
    pub choosing: Choosing,
    pub balance: Option<&'a BiasBalance>,
}

/// What a network says about a batch.
pub(super) struct Passed {
    /// Class logits, `[rows, classes]`.
    pub logits: Tensor<2>,
    /// What the router said; nothing without one.
    pub scores: Option<Scores>,
    /// The router's probabilities on the host, `[rows, experts]`; empty without a router.
    pub probabilities: Vec<f32>,
    /// Who went where; empty for a network without experts.
    pub edges: Vec<Edge>,
}

impl Network {
    /// A network whose weights come from the stream `init`.
    pub fn new(method: Method, context: &Context, streams: &Streams, device: &Device) -> Self {
        let (count, shape) = context.experts_of(method);
        let experts = || Experts::new(count, shape, &mut streams.stream("init"), device);
        match method {
            Method::Routed => Network::Routed(MixtureOfExperts::new(context.shape, streams, device)),
            Method::Random => Network::Random(experts()),
            Method::Dense => Network::Dense(experts()),
        }
    }

    /// Sends rows through the network. `noise` is added to the router's logits, `[rows, experts]`.
    ///
    /// # Errors
    /// When the router's probabilities are no numbers, or the device does not answer.
    pub async fn pass(
        &self,
        context: &Context,
        inputs: Vec<f32>,
        device: &Device,
        conditions: Conditions<'_>,
        noise: Option<Tensor<2>>,
    ) -> Result<Passed> {
        let columns = context.shape.expert.inputs;
        let (rows, activation, slots) = (inputs.len() / columns, context.activation, context.shape.count);
        let tensor = |inputs| Tensor::<2>::from_data(TensorData::new(inputs, [rows, columns]), device);
        let Conditions { choosing, balance } = conditions;
        match self {
            Network::Routed(mixture) => {
                let x = tensor(inputs);
                let scores = mixture.score(x.clone(), activation, noise);
                let probabilities = read(scores.probabilities.clone()).await?;
                let edges = choosing.choose(&probabilities, slots, balance)?;
                let gates = gates(scores.probabilities.clone(), &edges, choosing.k, choosing.combine);
                let logits = mixture.experts.forward(x, gates, activation);
                Ok(Passed { logits, scores: Some(scores), probabilities, edges })
            }
            Network::Random(experts) => {
                let edges = hashed(&inputs, columns, slots, choosing.k)?;
                let gates = constant_gates(&edges, [rows, slots], device);
                let logits = experts.forward(tensor(inputs), gates, activation);
                Ok(Passed { logits, scores: None, probabilities: Vec::new(), edges })
            }
            Network::Dense(network) => {
                let gates = Tensor::<2>::ones([rows, 1], device);
                let logits = network.forward(tensor(inputs), gates, activation);
                Ok(Passed { logits, scores: None, probabilities: Vec::new(), edges: Vec::new() })
            }
        }
    }
}
