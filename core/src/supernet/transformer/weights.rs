//! The shared tensors of an elastic transformer, and every way of sharing them: plain slices, mixtures routed by the
//! architecture, a hard split.

mod alone;

use burn::module::{Module, Param, ParamId};
use burn::prelude::*;

use super::drawing::Drawing;
use super::mixing::{Part, Served};
use super::subnet::{self, TransformerSubnet};
use super::{TransformerArchitecture, TransformerEncoding, TransformerSpace};
use crate::Result;
use crate::nn::elastic::{ElasticLayerNorm, ElasticLinear};
use crate::nn::precision::Precision;
use crate::rng::Streams;
use crate::supernet::provider::weights::parameter;
use crate::supernet::provider::{BlockMixing, ExpertBlock, Router};

pub use super::mixing::{Sharing, TransformerMixture};

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
    /// What mixes feed-forward weights, where they are mixed.
    pub router: Option<Router>,
    #[module(skip)]
    sharing: Sharing,
    #[module(skip)]
    space: TransformerSpace,
}

impl Drawing<'_> {
    fn attention(&self, index: u64, [width, memory, inner]: [usize; 3]) -> AttentionWeights {
        AttentionWeights {
            query: self.map(index, [width, inner], 1),
            key_value: self.map(index + 1, [memory, 2 * inner], 2),
            out: self.map(index + 2, [inner, width], 1),
            norm: ElasticLayerNorm::new(width, self.device),
        }
    }
}

/// Apart from each other in the stream `init`: layers, and the parts of a layer.
const LAYER: u64 = 100_000;
const CROSS: u64 = 10;
const FEED_FORWARD: u64 = 1000;

/// What the routers of a space serve.
pub(super) fn served(space: &TransformerSpace, encoding: TransformerEncoding) -> Served {
    let sizes = space.max_widths().into_iter().chain(space.max_ffn());
    Served {
        parts: space.max_depths().iter().sum(),
        widest: sizes.max().unwrap_or(1),
        code: encoding.length(space),
    }
}

impl ElasticTransformer {
    /// Draws the weights of a checked space: Glorot's for maps, normal with variance `1 / widest` for the embedding (fairseq's),
    /// biases zero; routers from the stream `router`.
    pub fn new(
        space: TransformerSpace,
        vocabulary: usize,
        sharing: Sharing,
        streams: &Streams,
        device: &Device,
    ) -> Self {
        let ([low, high], inner) = (space.max_widths(), space.inner);
        let ([encoder_ffn, decoder_ffn], [lower, upper]) = (space.max_ffn(), space.max_depths());
        let drawing = Drawing { streams, device, init: sharing.init() };
        let widest = low.max(high);
        let deviation = 1.0 / libm::sqrt(widest as f64);
        let embedding = streams.stream_at("init", 0).normals(vocabulary * widest, deviation);
        let encoder = (1..=lower as u64).map(|layer| EncoderWeights {
            attention: drawing.attention(LAYER * layer, [low, low, inner]),
            feed_forward: drawing.feed_forward(LAYER * layer + FEED_FORWARD, [low, encoder_ffn]),
        });
        // After any encoder, so that the decoder of a seed starts alike whatever the encoder's depth.
        let decoder = (1..=upper as u64).map(|layer| LAYER * (1000 + layer)).map(|index| DecoderWeights {
            attention: drawing.attention(index, [high, high, inner]),
            cross: drawing.attention(index + CROSS, [high, low, inner]),
            feed_forward: drawing.feed_forward(index + FEED_FORWARD, [high, decoder_ffn]),
        });
        let router = match sharing {
            Sharing::Mixture(mixture) => {
                Some(mixture.router(served(&space, mixture.encoding), streams, device))
            }
            _ => None,
        };
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
    pub fn sharing(&self) -> Sharing {
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
        let mixing = self.mixing(architecture);
        let low = architecture.encoder_width;
        let encoder = architecture.encoder.iter().zip(&self.encoder).zip(&mixing);
        let encoder = encoder.map(|((layer, weights), mixing)| subnet::Encoder {
            attention: subnet::Attention::of(&weights.attention),
            feed_forward: subnet::FeedForward {
                maps: weights.feed_forward.experts.mixed(low, layer.ffn, mixing),
                norm: subnet::Norm::of(&weights.feed_forward.norm),
            },
        });
        let high = architecture.decoder_width;
        let decoder =
            architecture.decoder.iter().zip(&self.decoder).zip(&mixing[architecture.encoder.len()..]);
        let decoder = decoder.map(|((layer, weights), mixing)| subnet::Decoder {
            attention: subnet::Attention::of(&weights.attention),
            cross: subnet::Attention::of(&weights.cross),
            feed_forward: subnet::FeedForward {
                maps: weights.feed_forward.experts.mixed(high, layer.ffn, mixing),
                norm: subnet::Norm::of(&weights.feed_forward.norm),
            },
        });
        Ok(TransformerSubnet {
            architecture: architecture.clone(),
            inner: self.space.inner,
            embedding: self.embedding.val(),
            position_width: self.embedding.dims()[1],
            encoder: encoder.collect(),
            encoder_norm: subnet::Norm::of(&self.encoder_norm),
            decoder: decoder.collect(),
            decoder_norm: subnet::Norm::of(&self.decoder_norm),
            precision: Precision::Single,
        })
    }

    /// How the feed-forward part of every layer is mixed: the encoder's layers, then the decoder's.
    pub fn mixing(&self, architecture: &TransformerArchitecture) -> Vec<BlockMixing> {
        let parts = architecture.encoder.len() + architecture.decoder.len();
        match (self.sharing, &self.router) {
            (Sharing::Mixture(mixture), Some(router)) => {
                let code = mixture.encoding.encode(&self.space, architecture);
                mixture.mixing(router, code, self.parts(architecture).into_iter())
            }
            (Sharing::Regions(regions), _) => {
                let widths = &self.space.encoder.widths;
                let rank = widths.iter().filter(|width| **width < architecture.encoder_width).count();
                vec![BlockMixing::Single(rank * regions / widths.len()); parts]
            }
            _ => vec![BlockMixing::Single(0); parts],
        }
    }

    /// The feed-forward parts of an architecture: the encoder's layers, then the decoder's.
    fn parts(&self, architecture: &TransformerArchitecture) -> Vec<Part> {
        let [lower, _] = self.space.max_depths();
        let TransformerArchitecture { encoder_width, encoder, decoder_width, decoder } = architecture;
        let low = encoder.iter().enumerate().map(|(place, layer)| (place, layer.ffn, *encoder_width));
        let high =
            decoder.iter().enumerate().map(|(place, layer)| (lower + place, layer.ffn, *decoder_width));
        low.chain(high).map(|(place, ffn, width)| Part { place, ffn, width }).collect()
    }
}
