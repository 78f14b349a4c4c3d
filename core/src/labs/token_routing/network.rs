//! Networks around the experts: units in, layers with a way around each, answers out.

use burn::module::{Module, Param};
use burn::prelude::*;

use super::context::Context;
use super::method::{ExpertKind, Method};
use super::task::{Batch, Digits, Inputs, Task};
use crate::Result;
use crate::nn::attention::Sequences;
use crate::nn::decoder::{Decoder, DecoderConfig, Positions};
use crate::nn::elastic::{ElasticLayerNorm, ElasticLinear};
use crate::nn::fused::{Activation, Mask};
use crate::nn::gru::GruCell;
use crate::nn::mixture_of_experts::{ExpertShape, Experts};
use crate::nn::rotary::Rotary;
use crate::nn::token_router::heads::RoutedHeads;
use crate::nn::token_router::hooks::NoHooks;
use crate::nn::token_router::{Passage, Routed, RoutedLayer, depth_cell};
use crate::rng::Streams;
use crate::routing::RouterMemory;
use crate::routing::routers::Recipe;

/// What stands in a layer.
#[allow(clippy::large_enum_variant, reason = "there are a few layers for each training")]
#[derive(Module, Debug)]
pub enum Middle {
    /// Experts behind a router.
    Routed(RoutedLayer),
    /// Attention heads behind a router.
    Heads(RoutedHeads),
    /// One network.
    Dense(Experts),
}

/// What stands around the experts.
#[allow(clippy::large_enum_variant, reason = "there is one for each training")]
#[derive(Module, Debug)]
pub enum Around {
    /// Patches in, the mean over patches out.
    Patches(Patches),
    /// Characters in, attention before each layer, the next character out.
    Text(Decoder),
}

/// The parts around experts of a network that reads patches.
#[derive(Module, Debug)]
pub struct Patches {
    embed: ElasticLinear,
    /// `[patches, width]`.
    positions: Param<Tensor<2>>,
    norms: Vec<ElasticLayerNorm>,
    norm: ElasticLayerNorm,
    head: ElasticLinear,
}

/// A network of one method.
#[derive(Module, Debug)]
pub struct Network {
    around: Around,
    layers: Vec<Middle>,
    /// A dense part beside each layer's experts, where they do not stand in its place.
    residual: Vec<Experts>,
    /// The unit that routers recurrent over depth share.
    cell: Option<GruCell>,
}

/// What changes routes besides the images.
#[derive(Debug, Clone, Copy)]
pub struct Conditions<'a> {
    pub recipe: Option<&'a Recipe>,
    /// One memory a layer.
    pub memory: &'a [RouterMemory],
    pub training: bool,
    /// Every expert serves every unit with weight one, and nothing is routed.
    pub whole: bool,
    /// Noise and chance; one stream a layer.
    pub streams: Streams,
}

/// What a network says about a batch.
pub struct Passed {
    /// Logits, `[answers, classes]`.
    pub logits: Tensor<2>,
    /// What each layer's router did; empty for one network.
    pub routed: Vec<Routed>,
}

/// One pass of samples.
struct Journey<'a> {
    context: &'a Context,
    batch: &'a Batch,
    conditions: Conditions<'a>,
}

impl Journey<'_> {
    fn sequences(&self) -> Sequences {
        let length = self.context.task.units();
        Sequences { count: self.batch.identities.len() / length, length }
    }
}

impl Network {
    /// A network whose weights come from streams `init`: the same around any experts.
    ///
    /// # Errors
    /// When the sizes of a decoder do not fit, which the specification's check excludes.
    pub fn new(context: &Context, method: &Method, streams: &Streams, device: &Device) -> Result<Self> {
        let (recipe, model) = (context.recipe(method), &context.specification.model);
        let shape = || context.shape(method);
        let middle = |index: usize| {
            let stream = &mut streams.stream_at("init", index as u64 + 1);
            match (&recipe, method.experts) {
                (None, _) => Middle::Dense(Experts::new(1, shape(), stream, device)),
                (Some(recipe), ExpertKind::FeedForward) => {
                    Middle::Routed(RoutedLayer::new(recipe, shape(), stream, device))
                }
                (Some(recipe), ExpertKind::Heads) => {
                    Middle::Heads(RoutedHeads::new(recipe, model.width, stream, device))
                }
            }
        };
        let around = match &context.task {
            Task::Digits(digits) => Around::Patches(Patches::new(context, digits, streams, device)),
            Task::Text(_) => Around::Text(Decoder::new(
                DecoderConfig {
                    vocabulary: context.task.classes(),
                    length: context.task.units(),
                    width: model.width,
                    heads: model.heads,
                    depth: model.layers,
                    positions: match model.positions.as_str() {
                        "learned" => Positions::Learned,
                        _ => Positions::Rotary { base: Rotary::BASE },
                    },
                    tied: false,
                },
                streams,
                device,
            )?),
        };
        let cell = recipe.as_ref().and_then(|recipe| {
            depth_cell(recipe, &mut streams.stream_at("init", model.layers as u64 + 1), device)
        });
        // After the streams of the layers and of the cell, so that these draw the same with and without it.
        let beside = |(index, shape): (usize, ExpertShape)| {
            let stream = &mut streams.stream_at("init", (model.layers + 2 + index) as u64);
            Experts::new(1, shape, stream, device)
        };
        let shapes = (0..model.layers).filter_map(|index| Some((index, context.residual_shape()?)));
        let residual = shapes.map(beside).collect();
        Ok(Self { around, layers: (0..model.layers).map(middle).collect(), residual, cell })
    }

    /// Sends samples through the network.
    ///
    /// # Errors
    /// When a router's numbers are none any more, or the device does not answer.
    pub async fn pass(
        &self,
        context: &Context,
        batch: &Batch,
        device: &Device,
        conditions: Conditions<'_>,
    ) -> Result<Passed> {
        let journey = Journey { context, batch, conditions };
        let (x, routed) = self.climb(self.layers.len(), &journey, device).await?;
        Ok(Passed { logits: self.around.finish(x, journey.sequences()), routed })
    }

    /// The logits of samples under each of several recipes of the last layer; the layers below work once for all.
    ///
    /// # Errors
    /// As [`Network::pass`].
    pub async fn pass_with_last(
        &self,
        context: &Context,
        batch: &Batch,
        device: &Device,
        conditions: Conditions<'_>,
        lasts: &[Recipe],
    ) -> Result<Vec<Tensor<2>>> {
        let mut journey = Journey { context, batch, conditions };
        let last = self.layers.len() - 1;
        let (x, routed) = self.climb(last, &journey, device).await?;
        let (stream, normal) = self.before(last, x, &journey);
        let state = routed.last().and_then(|below| below.state.as_ref());
        let mut logits = Vec::with_capacity(lasts.len());
        for recipe in lasts {
            journey.conditions.recipe = Some(recipe);
            let (answer, _) = self.layer(last, normal.clone(), state, &journey).await?;
            logits.push(self.around.finish(stream.clone() + answer, journey.sequences()));
        }
        Ok(logits)
    }

    /// The stream after the first `layers` layers, and what their routers did.
    async fn climb(
        &self,
        layers: usize,
        journey: &Journey<'_>,
        device: &Device,
    ) -> Result<(Tensor<2>, Vec<Routed>)> {
        let mut x = self.around.start(&journey.batch.inputs, journey.sequences(), device);
        let mut routed: Vec<Routed> = Vec::new();
        for index in 0..layers {
            let (stream, normal) = self.before(index, x, journey);
            let state = routed.last().and_then(|below| below.state.as_ref());
            let (answer, found) = self.layer(index, normal, state, journey).await?;
            x = stream + answer;
            routed.extend(found);
        }
        Ok((x, routed))
    }

    /// The stream before a layer's experts, with the dense part beside them, and what goes into the experts.
    fn before(&self, index: usize, x: Tensor<2>, journey: &Journey<'_>) -> (Tensor<2>, Tensor<2>) {
        let (stream, normal) = self.around.before(index, x, journey.sequences());
        match self.residual.get(index) {
            Some(dense) => (stream + all(dense, normal.clone(), journey.context.activation), normal),
            None => (stream, normal),
        }
    }

    /// What a layer's experts answer, and what its router did.
    async fn layer(
        &self,
        index: usize,
        normal: Tensor<2>,
        state: Option<&Tensor<2>>,
        journey: &Journey<'_>,
    ) -> Result<(Tensor<2>, Option<Routed>)> {
        let Journey { context, batch, conditions } = journey;
        let middle = &self.layers[index];
        if let Some(recipe) = conditions.recipe.filter(|_| !conditions.whole) {
            let passage = Passage {
                recipe,
                memory: &conditions.memory[index],
                activation: context.activation,
                sequence: journey.sequences().length,
                valid: &[],
                identities: &batch.identities,
                training: conditions.training,
                cell: self.cell.as_ref(),
                state,
                hooks: &NoHooks,
            };
            let streams = Streams::new(conditions.streams.stream_at("layer", index as u64).next_u64());
            if let Some(found) = middle.routed(normal.clone(), &passage, streams).await? {
                return Ok((found.output.clone(), Some(found)));
            }
        }
        Ok((middle.whole(normal, journey.sequences(), context.activation), None))
    }

    /// What the first layer answers in one piece, `[units, width]`, and what each of its experts adds to that,
    /// `[units, experts, width]`.
    pub fn first_layer(&self, context: &Context, batch: &Batch, device: &Device) -> (Tensor<2>, Tensor<3>) {
        let length = context.task.units();
        let sequences = Sequences { count: batch.identities.len() / length, length };
        let (_, normal) =
            self.around.before(0, self.around.start(&batch.inputs, sequences, device), sequences);
        let first = &self.layers[0];
        let whole = first.whole(normal.clone(), sequences, context.activation);
        (whole, first.apart(normal, sequences, context.activation))
    }

    /// How many numbers it learns.
    pub fn parameters(&self) -> usize {
        self.num_params()
    }
}

impl Middle {
    /// What the experts that a router chooses answer; nothing where there is no router.
    async fn routed(&self, x: Tensor<2>, passage: &Passage<'_>, streams: Streams) -> Result<Option<Routed>> {
        match self {
            Middle::Routed(layer) => layer.forward(x, passage, streams).await.map(Some),
            Middle::Heads(layer) => layer.forward(x, passage, streams).await.map(Some),
            Middle::Dense(_) => Ok(None),
        }
    }

    /// What all experts answer with weight one, `[units, width]`.
    fn whole(&self, x: Tensor<2>, sequences: Sequences, activation: Activation) -> Tensor<2> {
        match self {
            Middle::Heads(layer) => layer.whole(x, sequences),
            Middle::Routed(RoutedLayer { experts, .. }) | Middle::Dense(experts) => {
                all(experts, x, activation)
            }
        }
    }

    /// What each expert adds to that, `[units, experts, width]`.
    fn apart(&self, x: Tensor<2>, sequences: Sequences, activation: Activation) -> Tensor<3> {
        match self {
            Middle::Heads(layer) => layer.heads.apart(x, sequences, Mask::Open),
            Middle::Routed(RoutedLayer { experts, .. }) | Middle::Dense(experts) => {
                experts.apart(x, activation)
            }
        }
    }
}

/// What all experts together say about units, each with weight one.
fn all(experts: &Experts, x: Tensor<2>, activation: Activation) -> Tensor<2> {
    let gates = Tensor::<2>::ones([x.dims()[0], experts.count()], &x.device());
    experts.forward(x, gates, activation)
}

impl Patches {
    fn new(context: &Context, digits: &Digits, streams: &Streams, device: &Device) -> Self {
        let (width, layers) = (context.specification.model.width, context.specification.model.layers);
        let patch = context.specification.data.patch;
        let stream = &mut streams.stream("init");
        let embed = ElasticLinear::new([patch * patch, width], stream, device);
        let numbers = stream.normals(digits.patches * width, 0.3);
        Self {
            embed,
            positions: Param::from_data(TensorData::new(numbers, [digits.patches, width]), device),
            norms: (0..layers).map(|_| ElasticLayerNorm::new(width, device)).collect(),
            norm: ElasticLayerNorm::new(width, device),
            head: ElasticLinear::new([width, digits.images.class_count()], stream, device),
        }
    }
}

impl Around {
    /// The stream before the first layer, `[units, width]`.
    fn start(&self, inputs: &Inputs, sequences: Sequences, device: &Device) -> Tensor<2> {
        let Sequences { count, length } = sequences;
        match (self, inputs) {
            (Around::Patches(patches), Inputs::Patches(ink)) => {
                let ([pixels, width], [_]) = (patches.embed.weight.dims(), patches.embed.bias.dims());
                let x =
                    Tensor::<2>::from_data(TensorData::new(ink.clone(), [count * length, pixels]), device);
                let x = patches.embed.forward(x, width, Activation::Identity).reshape([count, length, width]);
                (x + patches.positions.val().reshape([1, length, width])).reshape([count * length, width])
            }
            (Around::Text(decoder), Inputs::Tokens(tokens)) => {
                let tokens = TensorData::new(tokens.clone(), [count, length]);
                decoder.embed(Tensor::<2, Int>::from_data(tokens, device))
            }
            _ => unreachable!("a network reads what its own task makes"),
        }
    }

    /// The stream before a layer, and what goes into it.
    fn before(&self, layer: usize, x: Tensor<2>, sequences: Sequences) -> (Tensor<2>, Tensor<2>) {
        match self {
            Around::Patches(patches) => {
                let normal = patches.norms[layer].forward(x.clone());
                (x, normal)
            }
            Around::Text(decoder) => {
                let x = decoder.attend(layer, x, sequences);
                let normal = decoder.feed_forward_input(layer, x.clone());
                (x, normal)
            }
        }
    }

    /// The logits: one row an image, or one row a character.
    fn finish(&self, x: Tensor<2>, Sequences { count, length }: Sequences) -> Tensor<2> {
        match self {
            Around::Patches(patches) => {
                let [width, classes] = patches.head.weight.dims();
                let x = patches.norm.forward(x).reshape([count, length, width]);
                let pooled = x.mean_dim(1).reshape([count, width]);
                patches.head.forward(pooled, classes, Activation::Identity)
            }
            Around::Text(decoder) => decoder.logits(x),
        }
    }
}
