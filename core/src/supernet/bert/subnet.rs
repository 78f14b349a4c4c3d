//! The network of one architecture: an encoder with a norm after every part (post-norm), learned positions, one embedding
//! for the first and the last layer (BERT, Devlin et al., arXiv 1810.04805, without segments).
//!
//! With bottlenecks every layer works in a width of its own (SuperShaper): a linear map leads into it, attention and the
//! feed-forward part add to what came through that map, and another map leads back. Nothing bypasses the two.

use burn::prelude::*;
use burn::tensor::activation::gelu;

use super::{BertArchitecture, MaskedBatch};
use crate::nn::fused::{Mask, cross_entropy_classes, embed};
use crate::nn::precision::Precision;
use crate::supernet::subnet::BlockWeights;
use crate::supernet::transformer::attention::{Meeting, attend_both};
use crate::supernet::transformer::subnet::dropped;

pub use crate::supernet::transformer::subnet::{Dropout, FeedForward, Map, Norm};

/// A layer.
#[derive(Debug, Clone)]
pub struct Layer {
    /// Its input bottleneck, where it has one.
    pub squeeze: Option<Map>,
    /// From its stream to queries.
    pub query: Map,
    /// To keys.
    pub key: Map,
    /// To values.
    pub value: Map,
    /// Back to its stream.
    pub out: Map,
    /// After attention.
    pub norm: Norm,
    /// The feed-forward part; its norm stands after it.
    pub feed_forward: FeedForward,
    /// Its output bottleneck, where it has one.
    pub expand: Option<Map>,
}

/// A masked language model. Its tensors may be larger than it; it reads their leading part.
#[derive(Debug, Clone)]
pub struct BertSubnet {
    /// What it is.
    pub architecture: BertArchitecture,
    /// `[vocabulary, hidden]`.
    pub embedding: Tensor<2>,
    /// `[places, hidden]`.
    pub positions: Tensor<2>,
    /// After the sum of both.
    pub embedding_norm: Norm,
    /// From the bottom.
    pub layers: Vec<Layer>,
    /// Before the last layer.
    pub head: Map,
    /// After it.
    pub head_norm: Norm,
    /// The last layer's bias.
    pub bias: Tensor<1>,
    /// In which numbers its matrix products are computed.
    pub precision: Precision,
}

impl Layer {
    /// What rows `[tokens, hidden]` become, in the same width.
    fn forward(
        &self,
        x: Tensor<2>,
        [width, ffn]: [usize; 2],
        meeting: Meeting<'_>,
        dropout: &mut Option<Dropout<'_>>,
    ) -> Tensor<2> {
        let ([_, hidden], precision) = (x.dims(), meeting.precision);
        let x = match &self.squeeze {
            Some(squeeze) => squeeze.forward(x, width, precision),
            None => x,
        };
        let [query, key, value] =
            [&self.query, &self.key, &self.value].map(|map| map.forward(x.clone(), width, precision));
        let found = attend_both(query, Tensor::cat(vec![key, value], 1), meeting);
        let found = self.out.forward(found, width, precision);
        let x = self.norm.forward(x + dropped(found, dropout));
        let found = self.feed(x.clone(), ffn, precision);
        let x = self.feed_forward.norm.forward(x + dropped(found, dropout));
        match &self.expand {
            Some(expand) => expand.forward(x, hidden, precision),
            None => x,
        }
    }

    /// The feed-forward part, with BERT's Gaussian error linear units.
    fn feed(&self, x: Tensor<2>, ffn: usize, precision: Precision) -> Tensor<2> {
        let [_, width] = x.dims();
        let BlockWeights { up, up_bias, down, down_bias } = self.feed_forward.maps.clone();
        let inside = gelu(Map { weight: up, bias: up_bias }.forward(x, ffn, precision));
        Map { weight: down, bias: down_bias }.forward(inside, width, precision)
    }
}

impl BertSubnet {
    /// The stream after the last layer, `[sentences * length, hidden]`.
    fn encode(&self, batch: &MaskedBatch, dropout: &mut Option<Dropout<'_>>) -> Tensor<2> {
        let BertArchitecture { hidden, heads, ffn, .. } = &self.architecture;
        let sequences = batch.sequences();
        let meeting = Meeting {
            queries: sequences,
            keys: sequences,
            heads: *heads,
            mask: Mask::Open,
            precision: self.precision,
            padding: batch.padding.as_ref(),
        };
        let x = embed(batch.words.clone(), self.embedding.clone(), self.positions.clone(), *hidden);
        let mut x = dropped(self.embedding_norm.forward(x), dropout);
        for (layer, width) in self.layers.iter().zip(self.architecture.widths()) {
            x = layer.forward(x, [width, *ffn], meeting, dropout);
        }
        x
    }

    /// The logits of every masked place, `[places, vocabulary]`.
    ///
    /// # Panics
    /// If a sentence is longer than there are positions.
    pub fn forward(&self, batch: &MaskedBatch, mut dropout: Option<Dropout<'_>>) -> Tensor<2> {
        let hidden = self.architecture.hidden;
        let rows = self.encode(batch, &mut dropout).select(0, batch.places.clone());
        let rows = self.head_norm.forward(gelu(self.head.forward(rows, hidden, self.precision)));
        self.precision.tied_logits(rows, self.embedding.clone()) + self.bias.clone().unsqueeze()
    }

    /// The mean cross entropy `[1]` of the words behind the masks, in nats.
    pub fn loss(&self, batch: &MaskedBatch, dropout: Option<Dropout<'_>>) -> Tensor<1> {
        cross_entropy_classes(self.forward(batch, dropout), batch.expected.clone())
    }
}
