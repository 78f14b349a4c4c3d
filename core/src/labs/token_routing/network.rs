//! The network around the experts: patches in, layers with a way around each, the mean over patches, classes out.

use burn::module::{Module, Param};
use burn::prelude::*;

use super::context::Context;
use super::method::Method;
use crate::Result;
use crate::nn::elastic::{ElasticLayerNorm, ElasticLinear, constant};
use crate::nn::fused::Activation;
use crate::nn::mixture_of_experts::Experts;
use crate::nn::token_router::{Passage, Routed, RoutedLayer};
use crate::rng::Streams;
use crate::routing::RouterMemory;
use crate::routing::routers::Recipe;

/// What stands in a layer.
#[allow(clippy::large_enum_variant, reason = "there are a few layers for each training")]
#[derive(Module, Debug)]
pub(super) enum Middle {
    /// Experts behind a router.
    Routed(RoutedLayer),
    /// One network.
    Dense(Experts),
}

#[derive(Module, Debug)]
pub(super) struct Layer {
    norm: ElasticLayerNorm,
    middle: Middle,
}

/// A network of one method.
#[derive(Module, Debug)]
pub(super) struct Network {
    embed: ElasticLinear,
    /// `[patches, width]`.
    positions: Param<Tensor<2>>,
    layers: Vec<Layer>,
    norm: ElasticLayerNorm,
    head: ElasticLinear,
}

/// What changes routes besides the images.
#[derive(Debug, Clone, Copy)]
pub(super) struct Conditions<'a> {
    pub recipe: Option<&'a Recipe>,
    /// One memory a layer.
    pub memory: &'a [RouterMemory],
    pub training: bool,
    /// Noise and chance; one stream a layer.
    pub streams: Streams,
}

/// What a network says about a batch.
pub(super) struct Passed {
    /// Class logits, `[images, classes]`.
    pub logits: Tensor<2>,
    /// What each layer's router did; empty for one network.
    pub routed: Vec<Routed>,
}

impl Network {
    /// A network whose weights come from streams `init`: the same around any experts.
    pub fn new(context: &Context, method: &Method, streams: &Streams, device: &Device) -> Self {
        let (recipe, model) = (context.recipe(method), &context.specification.model);
        let (width, patch) = (model.width, context.specification.data.patch);
        let shape = context.shape(recipe.as_ref());
        let around = &mut streams.stream("init");
        let layer = |index: usize| {
            let stream = &mut streams.stream_at("init", index as u64 + 1);
            let middle = match &recipe {
                Some(recipe) => Middle::Routed(RoutedLayer::new(recipe, shape, stream, device)),
                None => Middle::Dense(Experts::new(1, shape, stream, device)),
            };
            Layer { norm: ElasticLayerNorm::new(width, device), middle }
        };
        Self {
            embed: ElasticLinear::new([patch * patch, width], around, device),
            positions: {
                let numbers = around.normals(context.patches * width, 0.3);
                Param::from_data(TensorData::new(numbers, [context.patches, width]), device)
            },
            layers: (0..model.layers).map(layer).collect(),
            norm: ElasticLayerNorm {
                scale: constant([width], 1.0, device),
                shift: constant([width], 0.0, device),
            },
            head: ElasticLinear::new([width, context.images.class_count()], around, device),
        }
    }

    /// Sends images through the network.
    ///
    /// # Errors
    /// When a router's numbers are none any more, or the device does not answer.
    pub async fn pass(
        &self,
        context: &Context,
        pixels: &[f32],
        device: &Device,
        conditions: Conditions<'_>,
    ) -> Result<Passed> {
        let patches = context.patches_of(pixels);
        let identities = context.identities(&patches);
        let (units, width) = (identities.len(), context.specification.model.width);
        let images = units / context.patches;
        let columns = patches.len() / units.max(1);
        let x = Tensor::<2>::from_data(TensorData::new(patches, [units, columns]), device);
        let x = self.embed.forward(x, width, Activation::Identity);
        let positions = self.positions.val().reshape([1, context.patches, width]);
        let mut x = (x.reshape([images, context.patches, width]) + positions).reshape([units, width]);
        let mut routed = Vec::new();
        for (index, layer) in self.layers.iter().enumerate() {
            let normal = layer.norm.forward(x.clone());
            match (&layer.middle, conditions.recipe) {
                (Middle::Routed(experts), Some(recipe)) => {
                    let passage = Passage {
                        recipe,
                        memory: &conditions.memory[index],
                        activation: context.activation,
                        sequence: context.patches,
                        valid: &[],
                        identities: &identities,
                        training: conditions.training,
                    };
                    let streams =
                        Streams::new(conditions.streams.stream_at("layer", index as u64).next_u64());
                    let found = experts.forward(normal, &passage, streams).await?;
                    x = x + found.output.clone();
                    routed.push(found);
                }
                (Middle::Dense(network), _)
                | (Middle::Routed(RoutedLayer { experts: network, .. }), None) => {
                    let gates = Tensor::<2>::ones([units, network.count()], device);
                    x = x + network.forward(normal, gates, context.activation);
                }
            }
        }
        let x = self.norm.forward(x).reshape([images, context.patches, width]);
        let pooled = x.mean_dim(1).reshape([images, width]);
        let classes = context.images.class_count();
        Ok(Passed { logits: self.head.forward(pooled, classes, Activation::Identity), routed })
    }

    /// How many numbers it learns.
    pub fn parameters(&self) -> usize {
        self.num_params()
    }
}
