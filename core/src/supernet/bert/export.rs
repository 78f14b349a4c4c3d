//! Export of a masked language model as a plain static network: safetensors bytes and a small JSON, which load without any
//! supernet.

use burn::prelude::*;
use serde::{Deserialize, Serialize};

use super::subnet::{BertSubnet, Layer, Map};
use super::weights::Rows;
use super::{BertArchitecture, size};
use crate::Result;
use crate::nn::parameters::{NamedTensor, to_safetensors};
use crate::nn::precision::Precision;
use crate::supernet::transformer::export::{Given, Named};

/// What the JSON beside the weights says.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BertDescription {
    /// The kind of network: always `masked-language-model`.
    pub network: String,
    /// Words, the special ones included.
    pub vocabulary: usize,
    /// Positions: the longest sentence, its begin and end included.
    pub places: usize,
    /// Widths, heads and layers.
    pub architecture: BertArchitecture,
    /// How many numbers the weights hold.
    pub parameters: usize,
}

/// An exported network.
#[derive(Debug, Clone, PartialEq)]
pub struct ExportedBert {
    /// What it is.
    pub description: BertDescription,
    /// The weights as safetensors, single precision, matrices `[in, out]`.
    pub weights: Vec<u8>,
}

/// A layer's maps: their names, and the sizes that they have in a layer of this width.
fn maps(hidden: usize, width: usize, has_bottlenecks: bool) -> Vec<(&'static str, [usize; 2])> {
    let square = ["query", "key", "value", "out"].map(|name| (name, [width, width]));
    let bottlenecks = [("squeeze", [hidden, width]), ("expand", [width, hidden])];
    square.into_iter().chain(bottlenecks.into_iter().filter(|_| has_bottlenecks)).collect()
}

impl Layer {
    fn map(&self, name: &str) -> Option<&Map> {
        match name {
            "query" => Some(&self.query),
            "key" => Some(&self.key),
            "value" => Some(&self.value),
            "out" => Some(&self.out),
            "squeeze" => self.squeeze.as_ref(),
            _ => self.expand.as_ref(),
        }
    }
}

impl BertSubnet {
    /// How many rows its tables have.
    pub fn rows(&self) -> Rows {
        Rows { vocabulary: self.embedding.dims()[0], places: self.positions.dims()[0] }
    }

    /// The architecture's own part of every tensor: exported name, shape, numbers.
    pub fn tensors(&self) -> Vec<NamedTensor> {
        let BertArchitecture { hidden, ffn, .. } = &self.architecture;
        let (hidden, Rows { vocabulary, places }) = (*hidden, self.rows());
        let mut named = Named::default();
        named.matrix("embedding", &self.embedding, [vocabulary, hidden]);
        named.matrix("positions", &self.positions, [places, hidden]);
        named.norm("embedding_norm", &self.embedding_norm, hidden);
        let has_bottlenecks = self.architecture.has_bottlenecks();
        for (place, (layer, width)) in self.layers.iter().zip(self.architecture.widths()).enumerate() {
            let name = |part: &str| format!("layers.{place}.{part}");
            for (part, shape) in maps(hidden, width, has_bottlenecks) {
                if let Some(map) = layer.map(part) {
                    named.map(&name(part), map, shape);
                }
            }
            named.norm(&name("norm"), &layer.norm, width);
            named.feed_forward(&name("feed_forward"), &layer.feed_forward, [width, *ffn]);
        }
        named.map("head", &self.head, [hidden, hidden]);
        named.norm("head_norm", &self.head_norm, hidden);
        named.vector("bias", &self.bias, vocabulary);
        named.all
    }

    /// Exports it.
    ///
    /// # Errors
    /// When the device does not answer.
    pub async fn export(&self) -> Result<ExportedBert> {
        let Rows { vocabulary, places } = self.rows();
        let description = BertDescription {
            network: "masked-language-model".to_owned(),
            vocabulary,
            places,
            architecture: self.architecture.clone(),
            parameters: size::parameters(&self.architecture, vocabulary, places),
        };
        Ok(ExportedBert { description, weights: to_safetensors(self.tensors()).await? })
    }
}

impl ExportedBert {
    /// Builds the network again from nothing but this export.
    ///
    /// # Errors
    /// [`crate::Error::Checkpoint`] naming the tensor that is missing or has another shape than the description says.
    pub fn load(&self, device: &Device) -> Result<BertSubnet> {
        let BertDescription { vocabulary, places, architecture, parameters, .. } = &self.description;
        let (hidden, ffn) = (architecture.hidden, architecture.ffn);
        let mut given = Given::read(&self.weights, device)?;
        let embedding = given.matrix("embedding".to_owned(), [*vocabulary, hidden])?;
        let positions = given.matrix("positions".to_owned(), [*places, hidden])?;
        let embedding_norm = given.norm("embedding_norm", hidden)?;
        let has_bottlenecks = architecture.has_bottlenecks();
        let mut layers = Vec::with_capacity(architecture.depth());
        for (place, width) in architecture.widths().into_iter().enumerate() {
            let name = |part: &str| format!("layers.{place}.{part}");
            let mut bottleneck = |part: &str, shape: [usize; 2]| match has_bottlenecks {
                true => given.map(&name(part), shape).map(Some),
                false => Ok(None),
            };
            let squeeze = bottleneck("squeeze", [hidden, width])?;
            let expand = bottleneck("expand", [width, hidden])?;
            layers.push(Layer {
                squeeze,
                query: given.map(&name("query"), [width, width])?,
                key: given.map(&name("key"), [width, width])?,
                value: given.map(&name("value"), [width, width])?,
                out: given.map(&name("out"), [width, width])?,
                norm: given.norm(&name("norm"), width)?,
                feed_forward: given.feed_forward(&name("feed_forward"), [width, ffn])?,
                expand,
            });
        }
        let (head, head_norm) = (given.map("head", [hidden, hidden])?, given.norm("head_norm", hidden)?);
        let bias = given.vector("bias".to_owned(), *vocabulary)?;
        given.finish(size::parameters(architecture, *vocabulary, *places), *parameters)?;
        let architecture = architecture.clone();
        let precision = Precision::Single;
        Ok(BertSubnet {
            architecture,
            embedding,
            positions,
            embedding_norm,
            layers,
            head,
            head_norm,
            bias,
            precision,
        })
    }
}
