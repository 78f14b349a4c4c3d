//! A decoder: a small transformer that says the next token of a text, after every token at once.
//!
//! Blocks normalise before attention and before their feed-forward part, and add both results to the stream (Radford et
//! al. 2019, *GPT-2*). The feed-forward part is the caller's: [`Decoder`] holds everything else, and hands out what goes
//! in, so that dense layers, a mixture of experts, or a router that reads the last layer's choice can stand there. For a
//! baseline, [`DenseDecoder`] fills it with two linear layers.
//!
//! A caller whose feed-forward part must stop in between, to read a router's scores, writes the loop of
//! [`Decoder::forward`] itself:
//!
//! ```text
//! let mut x = decoder.embed(tokens);
//! for block in 0..decoder.depth() {
//!     x = decoder.attend(block, x, sequences);
//!     let normal = decoder.feed_forward_input(block, x.clone());
//!     x = x + mixture(block, normal);                            // may await
//! }
//! let logits = decoder.logits(x);
//! ```

use burn::module::{Module, Param};
use burn::prelude::*;
use burn::tensor::activation;

use super::attention::Sequences;
use super::causal_attention::CausalAttention;
use super::elastic::{ElasticLayerNorm, ElasticLinear, constant};
use super::fused::{Activation, embed};
use super::rotary::Rotary;
use crate::rng::{Stream, Streams};
use crate::{Error, Result};

mod dense;

pub use dense::{DenseDecoder, DenseFeedForward};

/// How a decoder knows where a token stands.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Positions {
    /// A learned vector per position, added to the token's.
    Learned,
    /// Queries and keys are turned ([`Rotary`]); nothing is learned.
    Rotary {
        /// The base of the angles, above 1; [`Rotary::BASE`] in the paper.
        base: f64,
    },
}

/// The sizes of a decoder without its feed-forward parts.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct DecoderConfig {
    /// Tokens there are.
    pub vocabulary: usize,
    /// The longest sequence.
    pub length: usize,
    /// Width of the stream.
    pub width: usize,
    /// Attention heads, which share the width.
    pub heads: usize,
    /// Blocks.
    pub depth: usize,
    /// How it knows where a token stands.
    pub positions: Positions,
    /// Whether the embedding is also the last layer (Press and Wolf, arXiv 1608.05859).
    pub tied: bool,
}

impl DecoderConfig {
    /// Checks that these are the sizes of a decoder.
    ///
    /// # Errors
    /// [`Error::OutOfRange`] or [`Error::Inconsistent`] that names the size.
    pub fn check(&self) -> Result<()> {
        for (key, size) in [
            ("vocabulary", self.vocabulary),
            ("length", self.length),
            ("width", self.width),
            ("heads", self.heads),
            ("depth", self.depth),
        ] {
            if size == 0 {
                let (value, range) = ("0".to_owned(), "at least 1".to_owned());
                return Err(Error::OutOfRange { key: key.to_owned(), value, range });
            }
        }
        let inconsistent = |problem: String| Err(Error::Inconsistent { key: "heads".to_owned(), problem });
        if !self.width.is_multiple_of(self.heads) {
            return inconsistent(format!(
                "{} heads do not share a width of {} evenly",
                self.heads, self.width
            ));
        }
        if let Positions::Rotary { base } = self.positions {
            if !(base > 1.0 && base.is_finite()) {
                let (value, range) = (base.to_string(), "a number above 1".to_owned());
                return Err(Error::OutOfRange { key: "base".to_owned(), value, range });
            }
            if !(self.width / self.heads).is_multiple_of(2) {
                let width = self.width / self.heads;
                return inconsistent(format!(
                    "rotary positions turn pairs, so a head's width must be even, not {width}"
                ));
            }
        }
        Ok(())
    }

    /// How many numbers a decoder of these sizes learns, its feed-forward parts left out.
    pub fn parameters(&self) -> usize {
        let Self { vocabulary, length, width, depth, .. } = *self;
        let positions = match self.positions {
            Positions::Learned => length * width,
            Positions::Rotary { .. } => 0,
        };
        let head = if self.tied { 0 } else { (width + 1) * vocabulary };
        let block = 4 * width * (width + 1) + 4 * width;
        vocabulary * width + positions + depth * block + 2 * width + head
    }

    /// The factor on the first weights of layers that add to the stream: `1 / sqrt(2 * depth)`, so that the stream's size
    /// does not grow with the depth (GPT-2).
    pub fn residual_scale(&self) -> f64 {
        1.0 / (2.0 * self.depth as f64).sqrt()
    }
}

#[derive(Module, Debug)]
struct Block {
    attention_norm: ElasticLayerNorm,
    attention: CausalAttention,
    feed_forward_norm: ElasticLayerNorm,
}

/// A decoder without its feed-forward parts.
#[derive(Module, Debug)]
pub struct Decoder {
    tokens: Param<Tensor<2>>,
    positions: Option<Param<Tensor<2>>>,
    blocks: Vec<Block>,
    norm: ElasticLayerNorm,
    /// `[width, vocabulary]`; nothing when the embedding is the last layer too.
    head: Option<ElasticLinear>,
    #[module(skip)]
    rotary: Option<Rotary>,
    #[module(skip)]
    config: DecoderConfig,
}

impl Decoder {
    /// Draws the weights from the stream `init`; decoders of one seed start alike whatever their feed-forward parts are.
    /// Gradients are kept if `device` keeps them.
    ///
    /// # Errors
    /// As [`DecoderConfig::check`].
    pub fn new(config: DecoderConfig, streams: &Streams, device: &Device) -> Result<Self> {
        config.check()?;
        let DecoderConfig { vocabulary, length, width, heads, depth, .. } = config;
        let stream = &mut streams.stream("init");
        let tokens = embedding([vocabulary, width], stream, device);
        let block = |_| Block {
            attention_norm: ElasticLayerNorm::new(width, device),
            attention: CausalAttention::new(width, heads, config.residual_scale(), stream, device),
            feed_forward_norm: ElasticLayerNorm::new(width, device),
        };
        let blocks = (0..depth).map(block).collect();
        let (positions, rotary) = match config.positions {
            Positions::Learned => (Some(embedding([length, width], stream, device)), None),
            Positions::Rotary { base } => (None, Some(Rotary::new(width / heads, length, base))),
        };
        let head = (!config.tied).then(|| ElasticLinear {
            weight: embedding([width, vocabulary], stream, device),
            bias: constant([vocabulary], 0.0, device),
        });
        let norm = ElasticLayerNorm::new(width, device);
        Ok(Self { tokens, positions, blocks, norm, head, rotary, config })
    }

    /// The sizes.
    pub fn config(&self) -> &DecoderConfig {
        &self.config
    }

    /// How many blocks there are.
    pub fn depth(&self) -> usize {
        self.blocks.len()
    }

    /// The stream `[sequences * length, width]` before the first block, of tokens `[sequences, length]`.
    ///
    /// # Panics
    /// If the sequences are longer than the configuration's, or a token is not in the vocabulary.
    pub fn embed(&self, tokens: Tensor<2, Int>) -> Tensor<2> {
        let ([_, length], DecoderConfig { width, length: longest, .. }) = (tokens.dims(), self.config);
        assert!(length <= longest, "a sequence of {length} tokens is longer than the decoder's {longest}");
        let positions = match &self.positions {
            Some(positions) => positions.val(),
            None => Tensor::zeros([length, width], &tokens.device()),
        };
        embed(tokens, self.tokens.val(), positions, width)
    }

    /// The stream `x` of `[tokens, width]` with what `block`'s attention adds to it.
    ///
    /// # Panics
    /// If there is no such block, or the rows are not `count * length`.
    pub fn attend(&self, block: usize, x: Tensor<2>, sequences: Sequences) -> Tensor<2> {
        let block = &self.blocks[block];
        let normal = block.attention_norm.forward(x.clone());
        x + block.attention.forward(normal, sequences, self.rotary.as_ref())
    }

    /// What goes into `block`'s feed-forward part, `[tokens, width]`: the stream after attention, normalised.
    ///
    /// # Panics
    /// If there is no such block.
    pub fn feed_forward_input(&self, block: usize, x: Tensor<2>) -> Tensor<2> {
        self.blocks[block].feed_forward_norm.forward(x)
    }

    /// The logits `[tokens, vocabulary]` of the stream after the last block.
    pub fn logits(&self, x: Tensor<2>) -> Tensor<2> {
        let normal = self.norm.forward(x);
        match &self.head {
            Some(head) => head.forward(normal, self.config.vocabulary, Activation::Identity),
            None => normal.matmul(self.tokens.val().transpose()),
        }
    }

    /// The logits `[sequences * length, vocabulary]` of tokens `[sequences, length]`, where `feed_forward(block, normal)`
    /// is each block's feed-forward part on rows `[tokens, width]`.
    ///
    /// # Panics
    /// As [`Decoder::embed`].
    pub fn forward(
        &self,
        tokens: Tensor<2, Int>,
        mut feed_forward: impl FnMut(usize, Tensor<2>) -> Tensor<2>,
    ) -> Tensor<2> {
        let [count, length] = tokens.dims();
        let mut x = self.embed(tokens);
        for block in 0..self.depth() {
            x = self.attend(block, x, Sequences { count, length });
            let normal = self.feed_forward_input(block, x.clone());
            x = x + feed_forward(block, normal);
        }
        self.logits(x)
    }
}

/// The deviation of an embedding's first weights. The stream is normalised before every layer, so the size matters only
/// against what the blocks add; it is small enough that the first logits of a tied decoder are nearly equal.
const EMBEDDING_DEVIATION: f64 = 0.02;

fn embedding(shape: [usize; 2], stream: &mut Stream, device: &Device) -> Param<Tensor<2>> {
    let numbers = stream.normals(shape[0] * shape[1], EMBEDDING_DEVIATION);
    Param::from_data(TensorData::new(numbers, shape), device)
}

/// The cross entropy of every token on its own, `[tokens]`, of logits `[tokens, vocabulary]`: to look at, where training
/// takes the mean of [`cross_entropy_classes`](super::fused::cross_entropy_classes).
///
/// # Panics
/// If the numbers of rows differ, or a target is not in the vocabulary.
pub fn token_losses(logits: Tensor<2>, targets: Tensor<1, Int>) -> Tensor<1> {
    let ([rows, _], [found]) = (logits.dims(), targets.dims());
    assert_eq!(rows, found, "there are {rows} rows of logits but {found} targets");
    activation::log_softmax(logits, 1).gather(1, targets.unsqueeze_dim(1)).reshape([rows]).neg()
}

#[cfg(test)]
mod tests;
