//! The shared tensors of an elastic transformer, and every way of sharing them: plain slices, mixtures routed by the
//! architecture, a hard split.

mod alone;

use burn::module::{Module, Param, ParamId};
use burn::prelude::*;

use super::drawing::Drawing;
use super::mixing::{Mixings, Served};
use super::places::{Part, Place, Places};
use super::subnet::{self, TransformerSubnet};
use super::{TransformerArchitecture, TransformerEncoding, TransformerSpace};
use crate::Result;
use crate::nn::elastic::{ElasticLayerNorm, ElasticLinear};
use crate::nn::precision::Precision;
use crate::rng::Streams;
use crate::supernet::provider::weights::parameter;
use crate::supernet::provider::{BlockMixing, ExpertBlock, Router, WeightInit};

pub use super::mixing::{PlacedSharing, Sharing, TransformerMixture};

/// Attention's linear maps: queries from the stream, keys and values from the memory, and back to the stream.
#[derive(Module, Debug)]
pub struct AttentionWeights {
    /// `[width, inner]`.
    pub query: ElasticLinear,
    /// `[memory width, 2 * inner]`: keys, then values.
    pub key_value: ElasticLinear,
    /// `[inner, width]`.
    pub out: ElasticLinear,
    /// Before it.
    pub norm: ElasticLayerNorm,
}

/// A feed-forward part.
#[derive(Module, Debug)]
pub struct FeedForwardWeights {
    /// Its expert sets.
    pub experts: ExpertBlock,
    /// Before it.
    pub norm: ElasticLayerNorm,
}

/// A layer of the encoder.
#[derive(Module, Debug)]
pub struct EncoderWeights {
    /// Self-attention.
    pub attention: AttentionWeights,
    /// The feed-forward part.
    pub feed_forward: FeedForwardWeights,
}

/// A layer of the decoder.
#[derive(Module, Debug)]
pub struct DecoderWeights {
    /// Self-attention.
    pub attention: AttentionWeights,
    /// Attention to the encoder.
    pub cross: AttentionWeights,
    /// The feed-forward part.
    pub feed_forward: FeedForwardWeights,
}

/// A supernet of transformers. A space of one architecture makes it a network that is trained alone.
#[derive(Module, Debug)]
pub struct ElasticTransformer {
    /// Rows of both languages' words, `[vocabulary, widest]`: both embeddings and, turned, the last layer.
    pub embedding: Param<Tensor<2>>,
    /// The encoder, from the bottom.
    pub encoder: Vec<EncoderWeights>,
    /// After it.
    pub encoder_norm: ElasticLayerNorm,
    /// The decoder, from the bottom.
    pub decoder: Vec<DecoderWeights>,
    /// After it.
    pub decoder_norm: ElasticLayerNorm,
    /// What mixes weights, where they are mixed.
    pub router: Option<Router>,
    #[module(skip)]
    sharing: PlacedSharing,
    #[module(skip)]
    space: TransformerSpace,
}

impl Drawing<'_> {
    fn attention(
        &self,
        index: u64,
        [width, memory, inner]: [usize; 3],
        init: WeightInit,
    ) -> AttentionWeights {
        AttentionWeights {
            query: self.map(index, [width, inner], 1, init),
            key_value: self.map(index + 1, [memory, 2 * inner], 2, init),
            out: self.map(index + 2, [inner, width], 1, init),
            norm: ElasticLayerNorm::new(width, self.device),
        }
    }
}

/// Apart from each other in the stream `init`: layers, and the parts of a layer.
const LAYER: u64 = 100_000;
const CROSS: u64 = 10;
const FEED_FORWARD: u64 = 1000;

/// The parts of these kinds of an architecture: kind by kind, in each the encoder's layers, then the decoder's.
pub fn parts(space: &TransformerSpace, architecture: &TransformerArchitecture, places: Places) -> Vec<Part> {
    let ([below, _], inner) = (space.max_depths(), space.inner);
    let TransformerArchitecture { encoder_width: low, encoder, decoder_width: high, decoder } = architecture;
    let attention = |place, layer, width: usize, memory: usize| Part {
        place,
        layer,
        maps: vec![[width, inner], [memory, 2 * inner], [inner, width]],
    };
    let mut parts = Vec::new();
    for place in places.iter() {
        parts.extend(encoder.iter().enumerate().filter_map(|(layer, choice)| match place {
            Place::FeedForward => Some(Part::feed_forward(layer, *low, choice.ffn)),
            Place::Attention => Some(attention(place, layer, *low, *low)),
            Place::CrossAttention | Place::Bottlenecks => None,
        }));
        parts.extend((below..).zip(decoder).filter_map(|(layer, choice)| match place {
            Place::FeedForward => Some(Part::feed_forward(layer, *high, choice.ffn)),
            Place::Attention => Some(attention(place, layer, *high, *high)),
            Place::CrossAttention => Some(attention(place, layer, *high, *low)),
            Place::Bottlenecks => None,
        }));
    }
    parts
}

/// What the routers of a space serve.
pub(super) fn served(space: &TransformerSpace, places: Places, encoding: TransformerEncoding) -> Served {
    Served { parts: parts(space, &space.largest(), places), code: encoding.length(space) }
}

impl ElasticTransformer {
    /// Draws the weights of a checked space: Glorot's for maps, normal with variance `1 / widest` for the embedding (fairseq's),
    /// biases zero; routers from the stream `router`.
    pub fn new(
        space: TransformerSpace,
        vocabulary: usize,
        sharing: impl Into<PlacedSharing>,
        streams: &Streams,
        device: &Device,
    ) -> Self {
        let sharing = sharing.into();
        let ([low, high], inner) = (space.max_widths(), space.inner);
        let ([encoder_ffn, decoder_ffn], [lower, upper]) = (space.max_ffn(), space.max_depths());
        let drawing = Drawing { streams, device };
        let [feed_forward, attention, cross] =
            [Place::FeedForward, Place::Attention, Place::CrossAttention].map(|place| sharing.init(place));
        let widest = low.max(high);
        let deviation = 1.0 / libm::sqrt(widest as f64);
        let embedding = streams.stream_at("init", 0).normals(vocabulary * widest, deviation);
        let encoder = (1..=lower as u64).map(|layer| EncoderWeights {
            attention: drawing.attention(LAYER * layer, [low, low, inner], attention),
            feed_forward: drawing.feed_forward(
                LAYER * layer + FEED_FORWARD,
                [low, encoder_ffn],
                feed_forward,
            ),
        });
        // After any encoder, so that the decoder of a seed starts alike whatever the encoder's depth.
        let decoder = (1..=upper as u64).map(|layer| LAYER * (1000 + layer)).map(|index| DecoderWeights {
            attention: drawing.attention(index, [high, high, inner], attention),
            cross: drawing.attention(index + CROSS, [high, low, inner], cross),
            feed_forward: drawing.feed_forward(index + FEED_FORWARD, [high, decoder_ffn], feed_forward),
        });
        let router = sharing.mixture().map(|mixture| {
            mixture.router(&served(&space, sharing.places, mixture.encoding), streams, device)
        });
        Self {
            embedding: parameter(embedding, [vocabulary, widest], device),
            encoder: encoder.collect(),
            encoder_norm: ElasticLayerNorm::new(low, device),
            decoder: decoder.collect(),
            decoder_norm: ElasticLayerNorm::new(high, device),
            router,
            sharing,
            space,
        }
    }

    /// The space whose architectures it serves.
    pub fn space(&self) -> &TransformerSpace {
        &self.space
    }

    /// Who shares which weights.
    pub fn sharing(&self) -> PlacedSharing {
        self.sharing
    }

    /// How many words there are.
    pub fn vocabulary(&self) -> usize {
        self.embedding.dims()[0]
    }

    /// The router's parameters: they may have a learning rate of their own.
    pub fn router_parameters(&self) -> Vec<ParamId> {
        self.router.as_ref().map(Router::parameters).unwrap_or_default()
    }

    /// The network of one architecture.
    ///
    /// # Errors
    /// [`crate::Error::InvalidArchitecture`] when it is not in the space.
    pub fn subnet(&self, architecture: &TransformerArchitecture) -> Result<TransformerSubnet> {
        self.space.check(architecture)?;
        let mixings = self.mixings(architecture);
        let ([below, _], inner) = (self.space.max_depths(), self.space.inner);
        let TransformerArchitecture { encoder_width: low, decoder_width: high, .. } = architecture;
        let (low, high) = (*low, *high);
        let attention = |weights: &AttentionWeights, place, layer, sizes: [usize; 2]| {
            let [width, memory] = sizes;
            subnet::Attention::mixed(weights, mixings.of(place, layer), [width, memory, inner])
        };
        let feed_forward = |weights: &FeedForwardWeights, layer, width, ffn| subnet::FeedForward {
            maps: weights.experts.mixed(width, ffn, mixings.of(Place::FeedForward, layer)),
            norm: subnet::Norm::of(&weights.norm),
        };
        let encoder = (0..).zip(architecture.encoder.iter().zip(&self.encoder));
        let encoder = encoder.map(|(layer, (choice, weights))| subnet::Encoder {
            attention: attention(&weights.attention, Place::Attention, layer, [low, low]),
            feed_forward: feed_forward(&weights.feed_forward, layer, low, choice.ffn),
        });
        let decoder = (below..).zip(architecture.decoder.iter().zip(&self.decoder));
        let decoder = decoder.map(|(layer, (choice, weights))| subnet::Decoder {
            attention: attention(&weights.attention, Place::Attention, layer, [high, high]),
            cross: attention(&weights.cross, Place::CrossAttention, layer, [high, low]),
            feed_forward: feed_forward(&weights.feed_forward, layer, high, choice.ffn),
        });
        Ok(TransformerSubnet {
            architecture: architecture.clone(),
            inner,
            embedding: self.embedding.val(),
            position_width: self.embedding.dims()[1],
            encoder: encoder.collect(),
            encoder_norm: subnet::Norm::of(&self.encoder_norm),
            decoder: decoder.collect(),
            decoder_norm: subnet::Norm::of(&self.decoder_norm),
            precision: Precision::Single,
        })
    }

    /// How every mixed part of an architecture is mixed, in the order of [`parts`].
    pub fn mixing(&self, architecture: &TransformerArchitecture) -> Vec<BlockMixing> {
        self.mixings(architecture).all()
    }

    fn mixings(&self, architecture: &TransformerArchitecture) -> Mixings {
        let (space, PlacedSharing { places, .. }) = (&self.space, self.sharing);
        let alpha = |mixture: TransformerMixture, found: &[Part]| {
            let router = self.router.as_ref().expect("a mixture has routers since it was made");
            let code = mixture.encoding.encode(space, architecture);
            mixture.mixing(router, code, found, &parts(space, &space.largest(), places))
        };
        let region = |regions: usize| {
            let widths = &space.encoder.widths;
            let rank = widths.iter().filter(|width| **width < architecture.encoder_width).count();
            rank * regions / widths.len()
        };
        self.sharing.mixings(parts(space, architecture, places), alpha, region)
    }
}
