//! An elastic transformer encoder that classifies every token: width, depth and feed-forward sizes can shrink.
//!
//! Blocks normalise before attention and before the feed-forward layers, and add their results to the stream.
//! A narrower encoder uses fewer attention heads, each of the same width. It is a measuring object for speed and a
//! stage for supernets of transformers; it reads no text and trains nothing by itself.

use burn::module::{Module, Param};
use burn::prelude::*;

use super::attention::{Sequences, attend};
use super::elastic::{ElasticLayerNorm, ElasticLinear, glorot};
use super::feed_forward::{FeedForward, Sharing};
use super::fused::{Activation, Mask, embed};
use crate::rng::Streams;
use crate::{Error, Result};

/// The sizes of the largest encoder.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct EncoderConfig {
    /// Tokens there are, which are also the classes.
    pub vocabulary: usize,
    /// The longest sequence.
    pub length: usize,
    /// Width of the stream of the largest encoder.
    pub width: usize,
    /// Width of an attention head, which divides every width.
    pub head_width: usize,
    /// Feed-forward units of the largest block.
    pub feed_forward: usize,
    /// Blocks of the deepest encoder.
    pub depth: usize,
    /// Which tokens a token sees.
    pub mask: Mask,
    /// How feed-forward weights depend on the architecture.
    pub sharing: Sharing,
}

/// One encoder out of the elastic one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EncoderShape {
    /// Width of the stream.
    pub width: usize,
    /// Feed-forward units of every block; as many as there are blocks.
    pub feed_forward: Vec<usize>,
}

impl EncoderConfig {
    /// The largest encoder.
    pub fn largest(&self) -> EncoderShape {
        EncoderShape { width: self.width, feed_forward: vec![self.feed_forward; self.depth] }
    }

    /// What a router reads: width and feed-forward sizes as shares of the largest, 0 for absent blocks.
    pub fn encoding(&self, shape: &EncoderShape) -> Vec<f32> {
        let mut numbers = vec![0f32; 1 + self.depth];
        numbers[0] = shape.width as f32 / self.width as f32;
        for (number, &inner) in numbers[1..].iter_mut().zip(&shape.feed_forward) {
            *number = inner as f32 / self.feed_forward as f32;
        }
        numbers
    }

    /// Checks that a shape is an encoder within these sizes.
    ///
    /// # Errors
    /// [`Error::InvalidArchitecture`] that names the size and what is allowed.
    pub fn check(&self, shape: &EncoderShape) -> Result<()> {
        let problem =
            if shape.width == 0 || shape.width > self.width || !shape.width.is_multiple_of(self.head_width) {
                format!(
                    "width is {}, but must be a multiple of {} up to {}",
                    shape.width, self.head_width, self.width
                )
            } else if shape.feed_forward.is_empty() || shape.feed_forward.len() > self.depth {
                format!("depth is {}, but must be in 1..={}", shape.feed_forward.len(), self.depth)
            } else if let Some(inner) =
                shape.feed_forward.iter().find(|inner| **inner == 0 || **inner > self.feed_forward)
            {
                format!("a feed-forward size is {inner}, but must be in 1..={}", self.feed_forward)
            } else {
                return Ok(());
            };
        Err(Error::InvalidArchitecture { problem })
    }
}

#[derive(Module, Debug)]
struct Block {
    attention_norm: ElasticLayerNorm,
    qkv: ElasticLinear,
    out: ElasticLinear,
    feed_forward_norm: ElasticLayerNorm,
    feed_forward: FeedForward,
}

/// The largest encoder, from which every smaller one takes the leading weights.
#[derive(Module, Debug)]
pub struct ElasticEncoder {
    tokens: Param<Tensor<2>>,
    positions: Param<Tensor<2>>,
    blocks: Vec<Block>,
    norm: ElasticLayerNorm,
    head: ElasticLinear,
    #[module(skip)]
    config: EncoderConfig,
}

impl ElasticEncoder {
    /// Draws the weights from the stream `init`. Gradients are kept if `device` keeps them.
    pub fn new(config: EncoderConfig, streams: &Streams, device: &Device) -> Self {
        let mut stream = streams.stream("init");
        let EncoderConfig { vocabulary, length, width, feed_forward, depth, .. } = config;
        let sizes = [width, feed_forward, 1 + depth];
        let mut block = || Block {
            attention_norm: ElasticLayerNorm::new(width, device),
            qkv: ElasticLinear::new([width, 3 * width], &mut stream, device),
            out: ElasticLinear::new([width, width], &mut stream, device),
            feed_forward_norm: ElasticLayerNorm::new(width, device),
            feed_forward: FeedForward::new(config.sharing, sizes, &mut stream, device),
        };
        let blocks = (0..depth).map(|_| block()).collect();
        Self {
            tokens: glorot([vocabulary, width], &mut stream, device),
            positions: glorot([length, width], &mut stream, device),
            blocks,
            norm: ElasticLayerNorm::new(width, device),
            head: ElasticLinear::new([width, vocabulary], &mut stream, device),
            config,
        }
    }

    /// The sizes of the largest encoder.
    pub fn config(&self) -> &EncoderConfig {
        &self.config
    }

    /// Logits `[sequences * length, vocabulary]` of tokens `[sequences, length]`, by the encoder of this shape.
    ///
    /// # Errors
    /// [`Error::InvalidArchitecture`] if the shape is not within the largest encoder.
    ///
    /// # Panics
    /// If the sequences are longer than the configuration's, or a token is not in the vocabulary.
    pub fn forward(&self, tokens: Tensor<2, Int>, shape: &EncoderShape) -> Result<Tensor<2>> {
        self.config.check(shape)?;
        let [count, length] = tokens.dims();
        let (sequences, heads) = (Sequences { count, length }, shape.width / self.config.head_width);
        let numbers = self.config.encoding(shape);
        let encoding_shape = [1, numbers.len()];
        let encoding = Tensor::<2>::from_data(TensorData::new(numbers, encoding_shape), &tokens.device());
        let mut stream = embed(tokens, self.tokens.val(), self.positions.val(), shape.width);
        for (block, &inner) in self.blocks.iter().zip(&shape.feed_forward) {
            let normal = block.attention_norm.forward(stream.clone());
            let qkv = block.qkv.forward(normal, 3 * shape.width, Activation::Identity);
            let attended = attend(qkv, sequences, heads, self.config.mask);
            stream = stream + block.out.forward(attended, shape.width, Activation::Identity);
            let normal = block.feed_forward_norm.forward(stream.clone());
            stream = stream + block.feed_forward.forward(normal, inner, &encoding);
        }
        let normal = self.norm.forward(stream);
        Ok(self.head.forward(normal, self.config.vocabulary, Activation::Identity))
    }
}

#[cfg(test)]
mod tests;
