//! The first weights of elastic transformers: tensor by tensor, each from its own place in the stream `init`, so that
//! tensors which two ways of sharing have in common start equal.

use burn::prelude::*;

use super::weights::FeedForwardWeights;
use crate::nn::elastic::{ElasticLayerNorm, ElasticLinear, constant, glorot_bound};
use crate::rng::Streams;
use crate::supernet::provider::weights::parameter;
use crate::supernet::provider::{ExpertBlock, WeightInit};

/// What weights are drawn with.
pub(in crate::supernet) struct Drawing<'a> {
    pub streams: &'a Streams,
    pub device: &'a Device,
}

/// Between the draws of a map's sets in the stream `init`.
const SET: u64 = 2000;

impl Drawing<'_> {
    /// Uniform numbers within Glorot's bound for `fans` inputs and outputs.
    fn uniform(&self, index: u64, count: usize, fans: usize, scale: f64) -> Vec<f32> {
        let (mut stream, bound) = (self.streams.stream_at("init", index), scale * glorot_bound(fans));
        (0..count).map(|_| stream.uniform(-bound, bound) as f32).collect()
    }

    /// A map of `parts` square-ish maps side by side, each with the bound of its own size, its sets as `init` says.
    pub fn map(
        &self,
        index: u64,
        [inputs, outputs]: [usize; 2],
        parts: usize,
        init: WeightInit,
    ) -> ElasticLinear {
        let of = |set: u64| {
            let index = index + SET * init.draw_of(set);
            self.uniform(index, inputs * outputs, inputs + outputs / parts, init.scale)
        };
        let numbers = (0..init.experts as u64).flat_map(of).collect();
        ElasticLinear {
            weight: parameter(numbers, [init.experts * inputs, outputs], self.device),
            bias: constant([init.experts * outputs], 0.0, self.device),
        }
    }

    /// A feed-forward part with its norm, its experts as `init` says.
    pub fn feed_forward(&self, index: u64, [width, ffn]: [usize; 2], init: WeightInit) -> FeedForwardWeights {
        let WeightInit { experts, scale, .. } = init;
        let drawn = |part: u64, shape: [usize; 2]| {
            let of = |expert: u64| {
                let expert = init.draw_of(expert);
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
