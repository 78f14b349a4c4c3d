//! The dense twin: a decoder whose feed-forward parts are two linear layers each, as a baseline for mixtures.

use burn::module::Module;
use burn::prelude::*;

use super::{Decoder, DecoderConfig};
use crate::Result;
use crate::nn::causal_attention::scaled_linear;
use crate::nn::elastic::ElasticLinear;
use crate::nn::fused::Activation;
use crate::rng::{Stream, Streams};

/// Two linear layers with a rectifier between them.
#[derive(Module, Debug)]
pub struct DenseFeedForward {
    /// `[width, inner]`.
    pub up: ElasticLinear,
    /// `[inner, width]`.
    pub down: ElasticLinear,
}

impl DenseFeedForward {
    /// Layers with Glorot's initialisation; the second's weights are multiplied by `out_scale`.
    pub fn new([width, inner]: [usize; 2], out_scale: f64, stream: &mut Stream, device: &Device) -> Self {
        let up = ElasticLinear::new([width, inner], stream, device);
        Self { up, down: scaled_linear([inner, width], out_scale, stream, device) }
    }

    /// The layers on rows `[tokens, width]`.
    pub fn forward(&self, x: Tensor<2>) -> Tensor<2> {
        let ([_, width], [inner]) = (x.dims(), self.up.bias.dims());
        self.down.forward(self.up.forward(x, inner, Activation::Relu), width, Activation::Identity)
    }

    /// How many numbers it learns.
    pub fn parameters([width, inner]: [usize; 2]) -> usize {
        (width + 1) * inner + (inner + 1) * width
    }
}

/// A decoder with dense feed-forward parts.
#[derive(Module, Debug)]
pub struct DenseDecoder {
    /// Everything but the feed-forward parts.
    pub decoder: Decoder,
    /// One per block.
    pub feed_forward: Vec<DenseFeedForward>,
}

impl DenseDecoder {
    /// A decoder with feed-forward parts of `inner` units. The decoder's weights come from the stream `init`, each part's
    /// from the stream `feed-forward` of its block.
    ///
    /// # Errors
    /// As [`DecoderConfig::check`].
    pub fn new(config: DecoderConfig, inner: usize, streams: &Streams, device: &Device) -> Result<Self> {
        let decoder = Decoder::new(config, streams, device)?;
        let part = |block| {
            let mut stream = streams.stream_at("feed-forward", block as u64);
            let sizes = [config.width, inner];
            DenseFeedForward::new(sizes, config.residual_scale(), &mut stream, device)
        };
        Ok(Self { decoder, feed_forward: (0..config.depth).map(part).collect() })
    }

    /// Logits `[sequences * length, vocabulary]` of tokens `[sequences, length]`.
    ///
    /// # Panics
    /// As [`Decoder::embed`].
    pub fn forward(&self, tokens: Tensor<2, Int>) -> Tensor<2> {
        self.decoder.forward(tokens, |block, normal| self.feed_forward[block].forward(normal))
    }
}
