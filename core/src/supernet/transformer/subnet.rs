//! The network of one architecture: encoder and decoder with a norm before every part (pre-norm), fixed positions, one
//! embedding for both languages and the last layer.
//!
//! HAT's attention to several encoder layers puts their outputs one behind the other as keys and values. Outputs below the
//! last pass through the encoder's last norm too, so that all are of one size.

use burn::prelude::*;

use super::attention::{Meeting, attend_both};
use super::{EncoderLayer, PairBatch, TransformerArchitecture};
use crate::nn::attention::Sequences;
use crate::nn::elastic::{ElasticLayerNorm, ElasticLinear};
use crate::nn::fused::{Activation, Mask, cross_entropy_smoothed, embed, layer_norm};
use crate::nn::precision::Precision;
use crate::rng::Stream;
use crate::supernet::provider::BlockMixing;
use crate::supernet::subnet::BlockWeights;
use crate::supernet::transformer::weights::AttentionWeights;

/// A linear map of which the leading part is read.
#[derive(Debug, Clone)]
pub struct Map {
    /// `[inputs, outputs]` or larger.
    pub weight: Tensor<2>,
    /// `[outputs]` or larger.
    pub bias: Tensor<1>,
}

/// A norm of which the leading part is read.
#[derive(Debug, Clone)]
pub struct Norm {
    /// Factors.
    pub scale: Tensor<1>,
    /// Offsets.
    pub shift: Tensor<1>,
}

/// Attention with its norm.
#[derive(Debug, Clone)]
pub struct Attention {
    /// From the stream to queries.
    pub query: Map,
    /// From the memory to keys, then values.
    pub key_value: Map,
    /// Back to the stream.
    pub out: Map,
    /// Before it.
    pub norm: Norm,
}

/// A feed-forward part with its norm.
#[derive(Debug, Clone)]
pub struct FeedForward {
    /// Its two maps, mixed.
    pub maps: BlockWeights,
    /// Before it.
    pub norm: Norm,
}

/// A layer of the encoder.
#[derive(Debug, Clone)]
pub struct Encoder {
    /// Self-attention.
    pub attention: Attention,
    /// The feed-forward part.
    pub feed_forward: FeedForward,
}

/// A layer of the decoder.
#[derive(Debug, Clone)]
pub struct Decoder {
    /// Self-attention.
    pub attention: Attention,
    /// Attention to the encoder.
    pub cross: Attention,
    /// The feed-forward part.
    pub feed_forward: FeedForward,
}

/// A network that translates. Its tensors may be larger than it; it reads their leading part.
#[derive(Debug, Clone)]
pub struct TransformerSubnet {
    /// What it is.
    pub architecture: TransformerArchitecture,
    /// Width of queries, keys and values.
    pub inner: usize,
    /// `[vocabulary, widest]`.
    pub embedding: Tensor<2>,
    /// The width that the angles of positions are made for: the widest of the space.
    pub position_width: usize,
    /// From the bottom.
    pub encoder: Vec<Encoder>,
    /// After the encoder.
    pub encoder_norm: Norm,
    /// From the bottom.
    pub decoder: Vec<Decoder>,
    /// After the decoder.
    pub decoder_norm: Norm,
    /// In which numbers its matrix products are computed.
    pub precision: Precision,
}

/// Numbers that are left out at random in training; the others grow so that their mean stays.
pub struct Dropout<'a> {
    /// The share that is left out, below 1.
    pub rate: f64,
    /// Where chance comes from.
    pub stream: &'a mut Stream,
}

impl Dropout<'_> {
    /// Each number is 0 with the rate's chance (in steps of a 256th).
    fn apply(&mut self, x: Tensor<2>) -> Tensor<2> {
        let [rows, columns] = x.dims();
        let threshold = libm::round(self.rate * 256.0) as u64;
        let kept = 256.0 / (256 - threshold) as f32;
        let mut mask = Vec::with_capacity(rows * columns + 8);
        while mask.len() < rows * columns {
            let bits = self.stream.next_u64();
            mask.extend((0..8).map(|byte| if (bits >> (8 * byte)) & 255 < threshold { 0.0 } else { kept }));
        }
        mask.truncate(rows * columns);
        let device = x.device();
        x * Tensor::from_data(TensorData::new(mask, [rows, columns]), &device)
    }
}

/// Dropout, where there is any.
pub(in crate::supernet) fn dropped(x: Tensor<2>, dropout: &mut Option<Dropout<'_>>) -> Tensor<2> {
    match dropout {
        Some(dropout) if dropout.rate > 0.0 => dropout.apply(x),
        _ => x,
    }
}

impl Map {
    pub(in crate::supernet) fn of(layer: &ElasticLinear) -> Self {
        Self { weight: layer.weight.val(), bias: layer.bias.val() }
    }

    /// The leading `[inputs, outputs]` of a map, mixed where it has several sets; `place` is its own among those of its part.
    pub(in crate::supernet) fn mixed(
        layer: &ElasticLinear,
        mixing: &BlockMixing,
        place: usize,
        extents: [usize; 2],
    ) -> Self {
        let sets = layer.sets();
        if sets == 1 {
            return Self::of(layer);
        }
        let [rows, columns] = layer.weight.dims();
        let weights = layer.weight.val().reshape([sets, rows / sets, columns]);
        let (weight, bias) = mixing.mixed(extents, place, weights, layer.bias.val().reshape([sets, columns]));
        Self { weight, bias }
    }

    pub(in crate::supernet) fn forward(
        &self,
        x: Tensor<2>,
        outputs: usize,
        precision: Precision,
    ) -> Tensor<2> {
        precision.linear(x, (self.weight.clone(), self.bias.clone()), outputs, Activation::Identity)
    }
}

impl Norm {
    pub(in crate::supernet) fn of(layer: &ElasticLayerNorm) -> Self {
        Self { scale: layer.scale.val(), shift: layer.shift.val() }
    }

    pub(in crate::supernet) fn forward(&self, x: Tensor<2>) -> Tensor<2> {
        layer_norm(x, self.scale.clone(), self.shift.clone())
    }
}

impl Attention {
    pub(super) fn mixed(
        weights: &AttentionWeights,
        mixing: &BlockMixing,
        [width, memory, inner]: [usize; 3],
    ) -> Self {
        Self {
            query: Map::mixed(&weights.query, mixing, 0, [width, inner]),
            key_value: Map::mixed(&weights.key_value, mixing, 1, [memory, 2 * inner]),
            out: Map::mixed(&weights.out, mixing, 2, [inner, width]),
            norm: Norm::of(&weights.norm),
        }
    }

    /// Keys and values of a memory, `[tokens, inner]` each.
    pub(super) fn keys_and_values(
        &self,
        memory: Tensor<2>,
        inner: usize,
        precision: Precision,
    ) -> [Tensor<2>; 2] {
        let both = self.key_value.forward(memory, 2 * inner, precision);
        [0, 1].map(|part| both.clone().narrow(1, part * inner, inner))
    }

    /// What normalised rows attend to in a memory, back in the width of the stream.
    fn forward(&self, x: Tensor<2>, memory: Tensor<2>, inner: usize, meeting: Meeting<'_>) -> Tensor<2> {
        let ([_, width], precision) = (x.dims(), meeting.precision);
        let key_value = self.key_value.forward(memory, 2 * inner, precision);
        let query = self.query.forward(x, inner, precision);
        self.out.forward(attend_both(query, key_value, meeting), width, precision)
    }
}

impl FeedForward {
    pub(super) fn forward(&self, x: Tensor<2>, ffn: usize, precision: Precision) -> Tensor<2> {
        let ([_, width], maps) = (x.dims(), &self.maps);
        let [up, down] =
            [(maps.up.clone(), maps.up_bias.clone()), (maps.down.clone(), maps.down_bias.clone())];
        let inside = precision.linear(x, up, ffn, Activation::Relu);
        precision.linear(inside, down, width, Activation::Identity)
    }
}

/// The positions of Vaswani et al. (arXiv 1706.03762, section 3.5), sine and cosine in turn so that a narrower network reads
/// the leading `width` of `all` columns: rows `from..from + length`.
pub(super) fn positions(from: usize, length: usize, [all, width]: [usize; 2]) -> Vec<f32> {
    let rate = |column: usize| libm::exp(-libm::log(10_000.0) * (column / 2 * 2) as f64 / all as f64);
    let rates: Vec<f64> = (0..width).map(rate).collect();
    let number = |place: usize, column: usize, rate: f64| {
        let angle = place as f64 * rate;
        (if column.is_multiple_of(2) { libm::sin(angle) } else { libm::cos(angle) }) as f32
    };
    let row = |place| rates.iter().enumerate().map(move |(column, rate)| number(place, column, *rate));
    (from..from + length).flat_map(row).collect()
}

impl TransformerSubnet {
    /// The stream before the first layer, `[sentences * length, width]`, of words that begin at place `from`.
    pub(super) fn embed(&self, words: Tensor<2, Int>, from: usize, width: usize) -> Tensor<2> {
        let ([count, length], [_, widest]) = (words.dims(), self.embedding.dims());
        let device = words.device();
        let nothing = Tensor::<2>::zeros([length, widest], &device);
        let x = embed(words, self.embedding.clone(), nothing, width) * (width as f32).sqrt();
        let places =
            TensorData::new(positions(from, length, [self.position_width, width]), [1, length, width]);
        let places = Tensor::<3>::from_data(places, &device);
        (x.reshape([count, length, width]) + places).reshape([count * length, width])
    }

    /// The encoder's outputs, normalised, from the bottom of those that the decoder attends to: `[tokens, width]` each.
    pub fn encode(&self, batch: &PairBatch, dropout: &mut Option<Dropout<'_>>) -> Vec<Tensor<2>> {
        let (sources, width) = (batch.sources(), self.architecture.encoder_width);
        let layers = &self.architecture.encoder;
        let most = self.architecture.decoder.iter().map(|layer| layer.attend).max().unwrap_or(1);
        let mut x = dropped(self.embed(batch.source.clone(), 0, width), dropout);
        let mut outputs = Vec::with_capacity(most);
        for (place, (layer, EncoderLayer { ffn, heads })) in self.encoder.iter().zip(layers).enumerate() {
            let meeting = Meeting {
                queries: sources,
                keys: sources,
                heads: *heads,
                mask: Mask::Open,
                precision: self.precision,
                padding: batch.padding.as_ref(),
            };
            let normal = layer.attention.norm.forward(x.clone());
            let found = layer.attention.forward(normal.clone(), normal, self.inner, meeting);
            x = x + dropped(found, dropout);
            let normal = layer.feed_forward.norm.forward(x.clone());
            x = x + dropped(layer.feed_forward.forward(normal, *ffn, self.precision), dropout);
            if place + most >= layers.len() {
                outputs.push(self.encoder_norm.forward(x.clone()));
            }
        }
        outputs
    }

    /// The decoder's stream after its last norm, `[tokens, width]`.
    fn decode(
        &self,
        batch: &PairBatch,
        memories: &[Tensor<2>],
        dropout: &mut Option<Dropout<'_>>,
    ) -> Tensor<2> {
        let (targets, width) = (batch.targets(), self.architecture.decoder_width);
        let mut x = dropped(self.embed(batch.target.clone(), 0, width), dropout);
        for (layer, choice) in self.decoder.iter().zip(&self.architecture.decoder) {
            let meeting = Meeting {
                queries: targets,
                keys: targets,
                heads: choice.heads,
                mask: Mask::Causal,
                precision: self.precision,
                padding: None,
            };
            let normal = layer.attention.norm.forward(x.clone());
            let found = layer.attention.forward(normal.clone(), normal, self.inner, meeting);
            x = x + dropped(found, dropout);
            let memory = Memory::of(memories, choice.attend, batch);
            let meeting = Meeting {
                queries: targets,
                keys: memory.sequences,
                heads: choice.cross_heads,
                mask: Mask::Open,
                precision: self.precision,
                padding: memory.padding.as_ref(),
            };
            let normal = layer.cross.norm.forward(x.clone());
            x = x + dropped(layer.cross.forward(normal, memory.rows, self.inner, meeting), dropout);
            let normal = layer.feed_forward.norm.forward(x.clone());
            x = x + dropped(layer.feed_forward.forward(normal, choice.ffn, self.precision), dropout);
        }
        self.decoder_norm.forward(x)
    }

    /// The logits `[rows, vocabulary]` of rows of the decoder's stream.
    pub(super) fn logits(&self, rows: Tensor<2>) -> Tensor<2> {
        self.precision.tied_logits(rows, self.embedding.clone())
    }

    /// The logits of every word that counts, `[words, vocabulary]`.
    pub fn forward(&self, batch: &PairBatch, mut dropout: Option<Dropout<'_>>) -> Tensor<2> {
        let memories = self.encode(batch, &mut dropout);
        let x = self.decode(batch, &memories, &mut dropout);
        self.logits(x.select(0, batch.places.clone()))
    }

    /// The mean cross entropy `[1]` of the words that count, in nats, the expected word's probability smoothed: `smoothing`
    /// is spread over all words.
    pub fn loss(&self, batch: &PairBatch, smoothing: f64, dropout: Option<Dropout<'_>>) -> Tensor<1> {
        cross_entropy_smoothed(self.forward(batch, dropout), batch.expected.clone(), smoothing as f32)
    }
}

/// What a decoder layer attends to.
pub(super) struct Memory {
    /// `[sentences * layers * length, width]`.
    pub rows: Tensor<2>,
    /// As many, each as long as all layers' outputs together.
    pub sequences: Sequences,
    /// Of every key.
    pub padding: Option<Tensor<4>>,
}

impl Memory {
    /// The outputs of the last `layers` encoder layers, one behind the other.
    pub fn of(memories: &[Tensor<2>], layers: usize, batch: &PairBatch) -> Self {
        let Sequences { count, length } = batch.sources();
        let last = &memories[memories.len() - layers..];
        if let [only] = last {
            let sequences = Sequences { count, length };
            return Self { rows: only.clone(), sequences, padding: batch.padding.clone() };
        }
        let [_, width] = last[0].dims();
        let split = last.iter().map(|rows| rows.clone().reshape([count, length, width])).collect();
        let rows = Tensor::cat(split, 1).reshape([count * layers * length, width]);
        let padding = batch.padding.clone().map(|padding| padding.repeat_dim(3, layers));
        Self { rows, sequences: Sequences { count, length: layers * length }, padding }
    }
}
