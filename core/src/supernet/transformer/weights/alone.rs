//! A sub-network taken out of its supernet, so that it can be trained on alone.

use burn::module::Param;
use burn::prelude::*;

use super::{
    AttentionWeights, DecoderWeights, ElasticTransformer, EncoderWeights, FeedForwardWeights, Sharing,
};
use crate::Result;
use crate::nn::elastic::{ElasticLayerNorm, ElasticLinear};
use crate::supernet::provider::weights::ExpertBlock;
use crate::supernet::subnet::BlockWeights;
use crate::supernet::transformer::TransformerArchitecture;
use crate::supernet::transformer::subnet::{Attention, FeedForward, Map, Norm};

impl ElasticTransformer {
    /// The network of one architecture with weights of its own, equal to those it has here: mixtures are mixed, and what it
    /// does not read is cut off. Only the embedding stays as wide as it is, because the angles of positions are made for that
    /// width; columns that are not read are never trained. To be asked of a network on a device without gradients; `train`
    /// then makes the parameters trainable.
    ///
    /// # Errors
    /// [`crate::Error::InvalidArchitecture`] when it is not in the space.
    pub fn alone(&self, architecture: &TransformerArchitecture) -> Result<Self> {
        let subnet = self.subnet(architecture)?;
        let (low, high, inner) = (architecture.encoder_width, architecture.decoder_width, subnet.inner);
        let encoder = subnet.encoder.iter().zip(&architecture.encoder).map(|(part, layer)| EncoderWeights {
            attention: attention(&part.attention, [low, low, inner]),
            feed_forward: feed_forward(&part.feed_forward, [low, layer.ffn]),
        });
        let decoder = subnet.decoder.iter().zip(&architecture.decoder).map(|(part, layer)| DecoderWeights {
            attention: attention(&part.attention, [high, high, inner]),
            cross: attention(&part.cross, [high, low, inner]),
            feed_forward: feed_forward(&part.feed_forward, [high, layer.ffn]),
        });
        Ok(Self {
            embedding: Param::from_tensor(subnet.embedding.clone()),
            encoder: encoder.collect(),
            encoder_norm: norm(&subnet.encoder_norm, low),
            decoder: decoder.collect(),
            decoder_norm: norm(&subnet.decoder_norm, high),
            router: None,
            sharing: Sharing::Plain(1.0).into(),
            space: self.space.only(architecture),
        })
    }
}

fn matrix(tensor: &Tensor<2>, [rows, columns]: [usize; 2]) -> Tensor<2> {
    tensor.clone().slice([0..rows, 0..columns])
}

fn vector(tensor: &Tensor<1>, length: usize) -> Tensor<1> {
    tensor.clone().narrow(0, 0, length)
}

fn norm(norm: &Norm, width: usize) -> ElasticLayerNorm {
    ElasticLayerNorm {
        scale: Param::from_tensor(vector(&norm.scale, width)),
        shift: Param::from_tensor(vector(&norm.shift, width)),
    }
}

fn map(map: &Map, [inputs, outputs]: [usize; 2]) -> ElasticLinear {
    ElasticLinear {
        weight: Param::from_tensor(matrix(&map.weight, [inputs, outputs])),
        bias: Param::from_tensor(vector(&map.bias, outputs)),
    }
}

fn attention(part: &Attention, [width, memory, inner]: [usize; 3]) -> AttentionWeights {
    AttentionWeights {
        query: map(&part.query, [width, inner]),
        key_value: map(&part.key_value, [memory, 2 * inner]),
        out: map(&part.out, [inner, width]),
        norm: norm(&part.norm, width),
    }
}

/// As one expert set.
fn feed_forward(part: &FeedForward, [width, ffn]: [usize; 2]) -> FeedForwardWeights {
    let BlockWeights { up, up_bias, down, down_bias } = &part.maps;
    FeedForwardWeights {
        experts: ExpertBlock {
            up: Param::from_tensor(matrix(up, [width, ffn]).reshape([1, width, ffn])),
            up_bias: Param::from_tensor(vector(up_bias, ffn).reshape([1, ffn])),
            down: Param::from_tensor(matrix(down, [ffn, width]).reshape([1, ffn, width])),
            down_bias: Param::from_tensor(vector(down_bias, width).reshape([1, width])),
        },
        norm: norm(&part.norm, width),
    }
}
