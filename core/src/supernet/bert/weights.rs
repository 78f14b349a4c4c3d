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
use crate::supernet::provider::{BlockMixing, Router, WeightInit};
use crate::supernet::transformer::drawing::Drawing;
use crate::supernet::transformer::mixing::{Mixings, PlacedSharing, Served, TransformerMixture};
use crate::supernet::transformer::places::{Part, Place, Places};
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
    /// What mixes weights, where they are mixed.
    pub router: Option<Router>,
    #[module(skip)]
    sharing: PlacedSharing<BertEncoding>,
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

/// The parts of these kinds of an architecture: kind by kind, from the bottom.
pub fn parts(architecture: &BertArchitecture, places: Places) -> Vec<Part> {
    let BertArchitecture { hidden, ffn, .. } = architecture;
    let part = |place, (layer, width): (usize, usize)| match place {
        Place::FeedForward => Some(Part::feed_forward(layer, width, *ffn)),
        Place::Attention => Some(Part { place, layer, maps: vec![[width, width]; 4] }),
        Place::Bottlenecks if architecture.has_bottlenecks() => {
            Some(Part { place, layer, maps: vec![[*hidden, width], [width, *hidden]] })
        }
        Place::Bottlenecks | Place::CrossAttention => None,
    };
    let layers = || architecture.widths().into_iter().enumerate();
    places.iter().flat_map(|place| layers().filter_map(move |layer| part(place, layer))).collect()
}

/// What the routers of a space serve.
pub(super) fn served(space: &BertSpace, places: Places, encoding: BertEncoding) -> Served {
    Served { parts: parts(&space.largest(), places), code: encoding.length(space) }
}

impl ElasticBert {
    /// Draws the weights of a checked space: embeddings normal with variance `1 / widest`, Glorot's for maps, biases zero;
    /// routers from the stream `router`. Bottlenecks start as the identity's leading part, so that a network whose layers
    /// are as wide as its stream starts as a BERT without bottlenecks; this is ours, and so is that every set of mixed ones
    /// does.
    pub fn new(
        space: BertSpace,
        rows: Rows,
        sharing: impl Into<PlacedSharing<BertEncoding>>,
        streams: &Streams,
        device: &Device,
    ) -> Self {
        let sharing = sharing.into();
        let drawing = Drawing { streams, device };
        let [feed_forward, attention, bottlenecks] =
            [Place::FeedForward, Place::Attention, Place::Bottlenecks].map(|place| sharing.init(place));
        let largest = space.largest();
        let (hidden, has_bottlenecks) = (largest.hidden, largest.has_bottlenecks());
        let deviation = 1.0 / libm::sqrt(hidden as f64);
        let table = |index: u64, rows: usize| {
            let numbers = streams.stream_at("init", index).normals(rows * hidden, deviation);
            parameter(numbers, [rows, hidden], device)
        };
        let layer = |(index, width): (u64, usize)| {
            let square = |place: u64| drawing.map(LAYER * index + place, [width, width], 1, attention);
            BertLayerWeights {
                squeeze: has_bottlenecks.then(|| identity([hidden, width], bottlenecks.experts, device)),
                query: square(0),
                key: square(1),
                value: square(2),
                out: square(3),
                norm: ElasticLayerNorm::new(width, device),
                feed_forward: drawing.feed_forward(
                    LAYER * index + FEED_FORWARD,
                    [width, largest.ffn],
                    feed_forward,
                ),
                expand: has_bottlenecks.then(|| identity([width, hidden], bottlenecks.experts, device)),
            }
        };
        let router = sharing.mixture().map(|mixture| {
            mixture.router(&served(&space, sharing.places, mixture.encoding), streams, device)
        });
        Self {
            embedding: table(0, rows.vocabulary),
            positions: table(1, rows.places),
            embedding_norm: ElasticLayerNorm::new(hidden, device),
            layers: (1..).zip(largest.widths()).map(layer).collect(),
            head: drawing.map(2, [hidden, hidden], 1, WeightInit::PLAIN),
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
        let (mixings, hidden) = (self.mixings(architecture), architecture.hidden);
        let layers = (0..).zip(self.layers.iter().zip(architecture.widths()));
        let layers = layers.map(|(place, (layer, width))| {
            let attention = mixings.of(Place::Attention, place);
            let square = |weights, map| subnet::Map::mixed(weights, attention, map, [width, width]);
            let bottleneck = |weights, map, extents| {
                subnet::Map::mixed(weights, mixings.of(Place::Bottlenecks, place), map, extents)
            };
            let feed_forward = mixings.of(Place::FeedForward, place);
            subnet::Layer {
                squeeze: layer.squeeze.as_ref().map(|squeeze| bottleneck(squeeze, 0, [hidden, width])),
                query: square(&layer.query, 0),
                key: square(&layer.key, 1),
                value: square(&layer.value, 2),
                out: square(&layer.out, 3),
                norm: subnet::Norm::of(&layer.norm),
                feed_forward: subnet::FeedForward {
                    maps: layer.feed_forward.experts.mixed(width, architecture.ffn, feed_forward),
                    norm: subnet::Norm::of(&layer.feed_forward.norm),
                },
                expand: layer.expand.as_ref().map(|expand| bottleneck(expand, 1, [width, hidden])),
            }
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

    /// How every mixed part of an architecture is mixed, in the order of [`parts`].
    pub fn mixing(&self, architecture: &BertArchitecture) -> Vec<BlockMixing> {
        self.mixings(architecture).all()
    }

    fn mixings(&self, architecture: &BertArchitecture) -> Mixings {
        let (space, PlacedSharing { places, .. }) = (&self.space, self.sharing);
        let alpha = |mixture: TransformerMixture<BertEncoding>, found: &[Part]| {
            let router = self.router.as_ref().expect("a mixture has routers since it was made");
            let code = mixture.encoding.encode(space, architecture);
            mixture.mixing(router, code, found, &parts(&space.largest(), places))
        };
        let region = |regions| space.region(architecture, regions);
        self.sharing.mixings(parts(architecture, places), alpha, region)
    }
}

/// A map every set of which starts as the leading part of the identity.
fn identity([inputs, outputs]: [usize; 2], sets: usize, device: &Device) -> ElasticLinear {
    let number = |place: usize| f32::from(u8::from(place / outputs % inputs == place % outputs));
    let numbers = (0..sets * inputs * outputs).map(number).collect();
    ElasticLinear {
        weight: parameter(numbers, [sets * inputs, outputs], device),
        bias: constant([sets * outputs], 0.0, device),
    }
}
