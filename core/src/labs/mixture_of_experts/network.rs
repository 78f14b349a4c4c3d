//! The networks of the three methods, and how rows pass through them.

use burn::module::Module;
use burn::prelude::*;

use super::Method;
use super::context::Context;
use crate::Result;
use crate::nn::gru::GruCell;
use crate::nn::mixture_of_experts::Experts;
use crate::nn::token_router::hooks::NoHooks;
use crate::nn::token_router::{Passage, Routed, RoutedLayer, depth_cell};
use crate::rng::Streams;
use crate::routing::RouterMemory;
use crate::routing::assigners::hash::identities;
use crate::routing::routers::Recipe;

/// A network of one method.
#[allow(clippy::large_enum_variant, reason = "there is one network for each training")]
#[derive(Module, Debug)]
pub(super) enum Network {
    /// Experts behind a router.
    Routed(Mixture),
    /// One network for every row.
    Dense(Experts),
}

/// Experts behind a router.
#[derive(Module, Debug)]
pub(super) struct Mixture {
    pub layer: RoutedLayer,
    /// What a recurrent router keeps from layer to layer; with one layer it starts from nothing.
    pub cell: Option<GruCell>,
}

/// What changes the choice of experts besides the rows.
#[derive(Debug, Clone, Copy)]
pub(super) struct Conditions<'a> {
    pub recipe: Option<&'a Recipe>,
    pub memory: &'a RouterMemory,
    /// Whether noise, limits and chance are at work.
    pub training: bool,
    /// Noise and chance.
    pub streams: Streams,
}

/// What a network says about a batch.
pub(super) struct Passed {
    /// Class logits, `[rows, classes]`.
    pub logits: Tensor<2>,
    /// What the router did; nothing for a network without experts.
    pub routed: Option<Routed>,
}

impl<'a> Conditions<'a> {
    /// Outside training.
    pub fn new(recipe: Option<&'a Recipe>, memory: &'a RouterMemory) -> Self {
        Self { recipe, memory, training: false, streams: Streams::new(0) }
    }

    /// The passage of rows whose features have these hashes.
    pub fn passage(&self, recipe: &'a Recipe, context: &Context, identities: &'a [u32]) -> Passage<'a> {
        Passage {
            recipe,
            memory: self.memory,
            activation: context.activation,
            sequence: 0,
            valid: &[],
            identities,
            training: self.training,
            cell: None,
            state: None,
            hooks: &NoHooks,
        }
    }
}

impl Network {
    /// A network whose weights come from the stream `init`.
    pub fn new(method: Method, context: &Context, streams: &Streams, device: &Device) -> Self {
        let shape = context.expert_shape(method);
        let stream = &mut streams.stream("init");
        match context.recipe(method) {
            Some(recipe) => Network::Routed(Mixture {
                layer: RoutedLayer::new(recipe, shape, stream, device),
                cell: depth_cell(recipe, stream, device),
            }),
            None => Network::Dense(Experts::new(1, shape, stream, device)),
        }
    }

    /// Sends rows through the network.
    ///
    /// # Errors
    /// When the router's numbers are none any more, or the device does not answer.
    pub async fn pass(
        &self,
        context: &Context,
        inputs: Vec<f32>,
        device: &Device,
        conditions: Conditions<'_>,
    ) -> Result<Passed> {
        let columns = context.shape.inputs;
        let rows = inputs.len() / columns;
        let hashes = match conditions.recipe {
            Some(_) => identities(&inputs, columns)?,
            None => Vec::new(),
        };
        let x = Tensor::<2>::from_data(TensorData::new(inputs, [rows, columns]), device);
        match (self, conditions.recipe) {
            (Network::Routed(Mixture { layer, cell }), Some(recipe)) => {
                let passage = Passage { cell: cell.as_ref(), ..conditions.passage(recipe, context, &hashes) };
                let routed = layer.forward(x, &passage, conditions.streams).await?;
                Ok(Passed { logits: routed.output.clone(), routed: Some(routed) })
            }
            (Network::Dense(network), _) => {
                let gates = Tensor::<2>::ones([rows, 1], device);
                Ok(Passed { logits: network.forward(x, gates, context.activation), routed: None })
            }
            (Network::Routed(_), None) => unreachable!("who makes a mixture has its recipe"),
        }
    }
}
