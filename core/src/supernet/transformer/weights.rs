//! The shared tensors of an elastic transformer, and every way of sharing them: plain slices, mixtures routed by the
//! architecture, a hard split.

mod alone;

use burn::module::{Module, Param, ParamId};
use burn::prelude::*;
use burn::tensor::activation;

use super::subnet::{self, TransformerSubnet};
use super::{TransformerArchitecture, TransformerEncoding, TransformerSpace};
use crate::Result;
use crate::nn::elastic::{ElasticLayerNorm, ElasticLinear, constant, glorot_bound};
use crate::rng::Streams;
use crate::supernet::provider::weights::parameter;
use crate::supernet::provider::{BlockMixing, ExpertBlock, ExpertInit, Granularity, NeuronMixing, Router};

/// Who shares which feed-forward weights; everything else is one set of weights for all, sliced.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Sharing {
    /// One set, sliced (HAT). The factor is on the feed-forward maps' first weights: 1, or `1/sqrt(m)` to start like a
    /// mixture of `m` experts.
    Plain(f64),
    /// Several sets, mixed by a router that reads the architecture (Mixture-of-Supernets; K-shot for
    /// [`Granularity::Network`]).
    Mixture(TransformerMixture),
    /// One set for each region of encoder widths (few-shot supernets).
    Regions(usize),
}

/// The fields of a mixture.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct TransformerMixture {
    /// Expert sets for each feed-forward part (`m`).
    pub experts: usize,
    /// What shares a mixing vector.
    pub granularity: Granularity,
    /// What the router reads.
    pub encoding: TransformerEncoding,
    /// Units of the router's hidden layer (128 in the paper's runs).
    pub hidden: usize,
    /// Whether experts start apart.
    pub init: ExpertInit,
    /// Factor on the experts' first weights.
    pub scale: f64,
}

impl Sharing {
    /// Expert sets of a feed-forward part.
    pub fn experts(self) -> usize {
        match self {
            Sharing::Plain(_) => 1,
            Sharing::Mixture(mixture) => mixture.experts,
            Sharing::Regions(regions) => regions,
        }
    }
}

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

/// Draws weights tensor by tensor, each from its own place in the stream `init`, so that tensors which two ways of sharing
/// have in common start equal.
struct Drawing<'a> {
    streams: &'a Streams,
    device: &'a Device,
    sharing: Sharing,
}

impl Drawing<'_> {
    /// Uniform numbers within Glorot's bound for `fans` inputs and outputs.
    fn uniform(&self, index: u64, count: usize, fans: usize, scale: f64) -> Vec<f32> {
        let (mut stream, bound) = (self.streams.stream_at("init", index), scale * glorot_bound(fans));
        (0..count).map(|_| stream.uniform(-bound, bound) as f32).collect()
    }

    /// A map of `parts` square-ish maps side by side, each with the bound of its own size.
    fn map(&self, index: u64, [inputs, outputs]: [usize; 2], parts: usize) -> ElasticLinear {
        let numbers = self.uniform(index, inputs * outputs, inputs + outputs / parts, 1.0);
        ElasticLinear {
            weight: parameter(numbers, [inputs, outputs], self.device),
            bias: constant([outputs], 0.0, self.device),
        }
    }

    fn attention(&self, index: u64, [width, memory, inner]: [usize; 3]) -> AttentionWeights {
        AttentionWeights {
            query: self.map(index, [width, inner], 1),
            key_value: self.map(index + 1, [memory, 2 * inner], 2),
            out: self.map(index + 2, [inner, width], 1),
            norm: ElasticLayerNorm::new(width, self.device),
        }
    }

    fn feed_forward(&self, index: u64, [width, ffn]: [usize; 2]) -> FeedForwardWeights {
        let (experts, init, scale) = match self.sharing {
            Sharing::Plain(scale) => (1, ExpertInit::Independent, scale),
            Sharing::Mixture(TransformerMixture { experts, init, scale, .. }) => (experts, init, scale),
            Sharing::Regions(regions) => (regions, ExpertInit::Independent, 1.0),
        };
        let drawn = |part: u64, shape: [usize; 2]| {
            let of = |expert: u64| {
                let expert = if init == ExpertInit::Copied { 0 } else { expert };
                self.uniform(index + 10 * expert + part, shape[0] * shape[1], shape[0] + shape[1], scale)
            };
            let numbers = (0..experts as u64).flat_map(of).collect();
            parameter(numbers, [experts, shape[0], shape[1]], self.device)
        };
        FeedForwardWeights {
            experts: ExpertBlock {
                up: drawn(0, [width, ffn]),
                up_bias: constant([experts, ffn], 0.0, self.device),
                down: drawn(1, [ffn, width]),
                down_bias: constant([experts, width], 0.0, self.device),
            },
            norm: ElasticLayerNorm::new(width, self.device),
        }
    }
}

/// Apart from each other in the stream `init`: layers, and the parts of a layer.
const LAYER: u64 = 100_000;
const CROSS: u64 = 10;
const FEED_FORWARD: u64 = 1000;

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
        let drawing = Drawing { streams, device, sharing };
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
            Sharing::Mixture(mixture) => Some(mixture.router(&space, streams, device)),
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
        })
    }

    /// How the feed-forward part of every layer is mixed: the encoder's layers, then the decoder's.
    pub fn mixing(&self, architecture: &TransformerArchitecture) -> Vec<BlockMixing> {
        let parts = architecture.encoder.len() + architecture.decoder.len();
        match (self.sharing, &self.router) {
            (Sharing::Mixture(mixture), Some(router)) => mixture.mixing(&self.space, router, architecture),
            (Sharing::Regions(regions), _) => {
                let widths = &self.space.encoder.widths;
                let rank = widths.iter().filter(|width| **width < architecture.encoder_width).count();
                vec![BlockMixing::Single(rank * regions / widths.len()); parts]
            }
            _ => vec![BlockMixing::Single(0); parts],
        }
    }
}

impl TransformerMixture {
    /// Routers for every feed-forward part of the largest network: one for all, one each, or one for each linear map.
    fn router(&self, space: &TransformerSpace, streams: &Streams, device: &Device) -> Router {
        let parts: usize = space.max_depths().iter().sum();
        let widest = space.max_widths().into_iter().chain(space.max_ffn()).max().unwrap_or(1);
        let (count, rows) = match self.granularity {
            Granularity::Network => (1, 1),
            Granularity::Layer => (parts, 1),
            Granularity::Neuron => (2 * parts, widest),
        };
        Router::new(count, [self.encoding.length(space), self.hidden, rows * self.experts], streams, device)
    }

    /// Mixing weights `[routers, rows, experts]`, each last row on the simplex. Logits are neuron-major.
    fn alpha(
        &self,
        space: &TransformerSpace,
        router: &Router,
        architecture: &TransformerArchitecture,
    ) -> Tensor<3> {
        let code = self.encoding.encode(space, architecture);
        let length = code.len();
        let code = Tensor::<2>::from_data(TensorData::new(code, [1, length]), &router.device());
        let logits = router.logits(code);
        let [routers, _, outputs] = logits.dims();
        activation::softmax(logits.reshape([routers, outputs / self.experts, self.experts]), 2)
    }

    fn mixing(
        &self,
        space: &TransformerSpace,
        router: &Router,
        architecture: &TransformerArchitecture,
    ) -> Vec<BlockMixing> {
        let (alpha, experts) = (self.alpha(space, router, architecture), self.experts);
        let rows = |router: usize, count: usize| {
            alpha.clone().slice([router..router + 1, 0..count, 0..experts]).reshape([count, experts])
        };
        let [lower, _] = space.max_depths();
        let TransformerArchitecture { encoder_width, encoder, decoder_width, decoder } = architecture;
        let low = encoder.iter().enumerate().map(|(place, layer)| (place, layer.ffn, *encoder_width));
        let high =
            decoder.iter().enumerate().map(|(place, layer)| (lower + place, layer.ffn, *decoder_width));
        let mixing = |(part, ffn, width): (usize, usize, usize)| match self.granularity {
            Granularity::Network => BlockMixing::Layer(Box::new(rows(0, 1).reshape([experts]))),
            Granularity::Layer => BlockMixing::Layer(Box::new(rows(part, 1).reshape([experts]))),
            Granularity::Neuron => BlockMixing::Neuron(Box::new(NeuronMixing {
                up: rows(2 * part, ffn),
                down: rows(2 * part + 1, width),
            })),
        };
        low.chain(high).map(mixing).collect()
    }
}
