//! The shared tensors of an elastic masked language model.

use burn::module::{Module, Param, ParamId};
use burn::prelude::*;

use super::subnet::{self, BertSubnet};
use super::{BertArchitecture, BertEncoding, BertSpace};
use crate::Result;
use crate::nn::elastic::{ElasticLayerNorm, ElasticLinear, constant};
use crate::nn::precision::Precision;
use crate::rng::Streams;
use crate::supernet::provider::weights::parameter;
use crate::supernet::provider::{BlockMixing, Router};
use crate::supernet::transformer::drawing::Drawing;
use crate::supernet::transformer::mixing::{Part, Served, Sharing};
use crate::supernet::transformer::weights::FeedForwardWeights;

/// A layer of the largest network.
#[derive(Module, Debug)]
pub struct BertLayerWeights {
    /// Its input bottleneck `[hidden, width]`, where it has one.
    pub squeeze: Option<ElasticLinear>,
    /// Queries, `[width, width]`.
    pub query: ElasticLinear,
    /// Keys, `[width, width]`.
    pub key: ElasticLinear,
    /// Values, `[width, width]`.
    pub value: ElasticLinear,
    /// What was attended to, `[width, width]`.
    pub out: ElasticLinear,
    /// After attention.
    pub norm: ElasticLayerNorm,
    /// The feed-forward part; its norm stands after it.
    pub feed_forward: FeedForwardWeights,
    /// Its output bottleneck `[width, hidden]`, where it has one.
    pub expand: Option<ElasticLinear>,
}

/// A supernet of masked language models. A space of one architecture makes it a network that is trained alone.
#[derive(Module, Debug)]
pub struct ElasticBert {
    /// Rows of words, `[vocabulary, hidden]`: the first layer and, turned, the last one.
    pub embedding: Param<Tensor<2>>,
    /// Rows of positions, `[places, hidden]`.
    pub positions: Param<Tensor<2>>,
    /// After their sum.
    pub embedding_norm: ElasticLayerNorm,
    /// From the bottom.
    pub layers: Vec<BertLayerWeights>,
    /// Before the last layer, `[hidden, hidden]`.
    pub head: ElasticLinear,
    /// After it.
    pub head_norm: ElasticLayerNorm,
    /// The last layer's bias, `[vocabulary]`.
    pub bias: Param<Tensor<1>>,
    /// What mixes feed-forward weights, where they are mixed.
    pub router: Option<Router>,
    #[module(skip)]
    sharing: Sharing<BertEncoding>,
    #[module(skip)]
    space: BertSpace,
}

/// How many rows its tables have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rows {
    /// Words, the special ones included.
    pub vocabulary: usize,
    /// Positions: the longest sentence, its begin and end included.
    pub places: usize,
}

/// Apart from each other in the stream `init`: layers, and the parts of a layer.
const LAYER: u64 = 100_000;
const FEED_FORWARD: u64 = 1000;

/// What the routers of a space serve.
pub(super) fn served(space: &BertSpace, encoding: BertEncoding) -> Served {
    let largest = space.largest();
    Served { parts: largest.depth(), widest: largest.hidden.max(largest.ffn), code: encoding.length(space) }
}

impl ElasticBert {
    /// Draws the weights of a checked space: embeddings normal with variance `1 / widest`, Glorot's for maps, biases zero;
    /// routers from the stream `router`. Bottlenecks start as the identity's leading part, so that a network whose layers
    /// are as wide as its stream starts as a BERT without bottlenecks; this is ours.
    pub fn new(
        space: BertSpace,
        rows: Rows,
        sharing: Sharing<BertEncoding>,
        streams: &Streams,
        device: &Device,
    ) -> Self {
        let drawing = Drawing { streams, device, init: sharing.init() };
        let largest = space.largest();
        let (hidden, has_bottlenecks) = (largest.hidden, largest.has_bottlenecks());
        let deviation = 1.0 / libm::sqrt(hidden as f64);
        let table = |index: u64, rows: usize| {
            let numbers = streams.stream_at("init", index).normals(rows * hidden, deviation);
            parameter(numbers, [rows, hidden], device)
        };
        let layer = |(index, width): (u64, usize)| {
            let square = |place: u64| drawing.map(LAYER * index + place, [width, width], 1);
            BertLayerWeights {
                squeeze: has_bottlenecks.then(|| identity([hidden, width], device)),
                query: square(0),
                key: square(1),
                value: square(2),
                out: square(3),
                norm: ElasticLayerNorm::new(width, device),
                feed_forward: drawing.feed_forward(LAYER * index + FEED_FORWARD, [width, largest.ffn]),
                expand: has_bottlenecks.then(|| identity([width, hidden], device)),
            }
        };
        let router = match sharing {
            Sharing::Mixture(mixture) => {
                Some(mixture.router(served(&space, mixture.encoding), streams, device))
            }
            _ => None,
        };
        Self {
            embedding: table(0, rows.vocabulary),
            positions: table(1, rows.places),
            embedding_norm: ElasticLayerNorm::new(hidden, device),
            layers: (1..).zip(largest.widths()).map(layer).collect(),
            head: drawing.map(2, [hidden, hidden], 1),
            head_norm: ElasticLayerNorm::new(hidden, device),
            bias: constant([rows.vocabulary], 0.0, device),
            router,
            sharing,
            space,
        }
    }

    /// The space whose architectures it serves.
    pub fn space(&self) -> &BertSpace {
        &self.space
    }

    /// The router's parameters: they may have a learning rate of their own.
    pub fn router_parameters(&self) -> Vec<ParamId> {
        self.router.as_ref().map(Router::parameters).unwrap_or_default()
    }

    /// The network of one architecture.
    ///
    /// # Errors
    /// [`crate::Error::InvalidArchitecture`] when it is not in the space.
    pub fn subnet(&self, architecture: &BertArchitecture) -> Result<BertSubnet> {
        self.space.check(architecture)?;
        let mixing = self.mixing(architecture);
        let layers = self.layers.iter().zip(architecture.widths()).zip(&mixing);
        let layers = layers.map(|((layer, width), mixing)| subnet::Layer {
            squeeze: layer.squeeze.as_ref().map(subnet::Map::of),
            query: subnet::Map::of(&layer.query),
            key: subnet::Map::of(&layer.key),
            value: subnet::Map::of(&layer.value),
            out: subnet::Map::of(&layer.out),
            norm: subnet::Norm::of(&layer.norm),
            feed_forward: subnet::FeedForward {
                maps: layer.feed_forward.experts.mixed(width, architecture.ffn, mixing),
                norm: subnet::Norm::of(&layer.feed_forward.norm),
            },
            expand: layer.expand.as_ref().map(subnet::Map::of),
        });
        Ok(BertSubnet {
            architecture: architecture.clone(),
            embedding: self.embedding.val(),
            positions: self.positions.val(),
            embedding_norm: subnet::Norm::of(&self.embedding_norm),
            layers: layers.collect(),
            head: subnet::Map::of(&self.head),
            head_norm: subnet::Norm::of(&self.head_norm),
            bias: self.bias.val(),
            precision: Precision::Single,
        })
    }

    /// How the feed-forward part of every layer is mixed.
    pub fn mixing(&self, architecture: &BertArchitecture) -> Vec<BlockMixing> {
        let depth = architecture.depth();
        match (self.sharing, &self.router) {
            (Sharing::Mixture(mixture), Some(router)) => {
                let code = mixture.encoding.encode(&self.space, architecture);
                let parts = architecture.widths().into_iter().enumerate();
                let parts = parts.map(|(place, width)| Part { place, ffn: architecture.ffn, width });
                mixture.mixing(router, code, parts)
            }
            (Sharing::Regions(regions), _) => {
                vec![BlockMixing::Single(self.space.region(architecture, regions)); depth]
            }
            _ => vec![BlockMixing::Single(0); depth],
        }
    }
}

/// A map that starts as the leading part of the identity.
fn identity([inputs, outputs]: [usize; 2], device: &Device) -> ElasticLinear {
    let number = |place: usize| f32::from(u8::from(place / outputs == place % outputs));
    let numbers = (0..inputs * outputs).map(number).collect();
    ElasticLinear {
        weight: parameter(numbers, [inputs, outputs], device),
        bias: constant([outputs], 0.0, device),
    }
}
