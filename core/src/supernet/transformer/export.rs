//! Export of a sub-network as a plain static network: safetensors bytes and a small JSON, which load and translate without
//! any supernet.

use std::collections::BTreeMap;

use burn::prelude::*;
use serde::{Deserialize, Serialize};

use super::subnet::{Attention, Decoder, Encoder, FeedForward, Map, Norm, TransformerSubnet};
use super::{TransformerArchitecture, TransformerSpace, size};
use crate::nn::parameters::{NamedTensor, Shaped, from_safetensors, to_safetensors};
use crate::nn::precision::Precision;
use crate::supernet::subnet::BlockWeights;
use crate::{Error, Result};

/// The kind of network that a description says.
const KIND: &str = "transformer";

/// What the JSON beside the weights says.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TransformerDescription {
    /// The kind of network: always `transformer`.
    pub network: String,
    /// Words, the special ones included.
    pub vocabulary: usize,
    /// Width of queries, keys and values.
    pub inner: usize,
    /// The width that the angles of positions are made for.
    pub position_width: usize,
    /// Widths, layers, feed-forward widths and heads.
    pub architecture: TransformerArchitecture,
    /// How many numbers the weights hold.
    pub parameters: usize,
}

/// An exported network.
#[derive(Debug, Clone, PartialEq)]
pub struct ExportedTransformer {
    /// What it is.
    pub description: TransformerDescription,
    /// The weights as safetensors, single precision, matrices `[in, out]`.
    pub weights: Vec<u8>,
}

/// The parts of a network with their names and the sizes that they have in it.
#[derive(Default)]
pub(in crate::supernet) struct Named {
    pub all: Vec<NamedTensor>,
}

impl Named {
    pub fn matrix(&mut self, name: &str, tensor: &Tensor<2>, [rows, columns]: [usize; 2]) {
        let cut = tensor.clone().slice([0..rows, 0..columns]).reshape([rows * columns]);
        self.all.push((name.to_owned(), vec![rows, columns], cut));
    }

    pub fn vector(&mut self, name: &str, tensor: &Tensor<1>, length: usize) {
        self.all.push((name.to_owned(), vec![length], tensor.clone().narrow(0, 0, length)));
    }

    pub fn map(&mut self, name: &str, map: &Map, [inputs, outputs]: [usize; 2]) {
        self.matrix(&format!("{name}.weight"), &map.weight, [inputs, outputs]);
        self.vector(&format!("{name}.bias"), &map.bias, outputs);
    }

    pub fn norm(&mut self, name: &str, norm: &Norm, width: usize) {
        self.vector(&format!("{name}.scale"), &norm.scale, width);
        self.vector(&format!("{name}.shift"), &norm.shift, width);
    }

    fn attention(&mut self, name: &str, attention: &Attention, [width, memory, inner]: [usize; 3]) {
        self.norm(&format!("{name}.norm"), &attention.norm, width);
        self.map(&format!("{name}.query"), &attention.query, [width, inner]);
        self.map(&format!("{name}.key_value"), &attention.key_value, [memory, 2 * inner]);
        self.map(&format!("{name}.out"), &attention.out, [inner, width]);
    }

    pub fn feed_forward(&mut self, name: &str, part: &FeedForward, [width, ffn]: [usize; 2]) {
        self.norm(&format!("{name}.norm"), &part.norm, width);
        let BlockWeights { up, up_bias, down, down_bias } = &part.maps;
        self.matrix(&format!("{name}.up.weight"), up, [width, ffn]);
        self.vector(&format!("{name}.up.bias"), up_bias, ffn);
        self.matrix(&format!("{name}.down.weight"), down, [ffn, width]);
        self.vector(&format!("{name}.down.bias"), down_bias, width);
    }
}

impl TransformerSubnet {
    /// The architecture's own part of every tensor: exported name, shape, numbers.
    pub fn tensors(&self) -> Vec<NamedTensor> {
        let TransformerArchitecture { encoder_width, encoder, decoder_width, decoder } = &self.architecture;
        let (low, high, inner) = (*encoder_width, *decoder_width, self.inner);
        let mut named = Named::default();
        named.matrix("embedding", &self.embedding, [self.embedding.dims()[0], low.max(high)]);
        for (place, (part, layer)) in self.encoder.iter().zip(encoder).enumerate() {
            let name = |part: &str| format!("encoder.{place}.{part}");
            named.attention(&name("attention"), &part.attention, [low, low, inner]);
            named.feed_forward(&name("feed_forward"), &part.feed_forward, [low, layer.ffn]);
        }
        named.norm("encoder_norm", &self.encoder_norm, low);
        for (place, (part, layer)) in self.decoder.iter().zip(decoder).enumerate() {
            let name = |part: &str| format!("decoder.{place}.{part}");
            named.attention(&name("attention"), &part.attention, [high, high, inner]);
            named.attention(&name("cross"), &part.cross, [high, low, inner]);
            named.feed_forward(&name("feed_forward"), &part.feed_forward, [high, layer.ffn]);
        }
        named.norm("decoder_norm", &self.decoder_norm, high);
        named.all
    }

    /// Exports it.
    ///
    /// # Errors
    /// When the device does not answer.
    pub async fn export(&self) -> Result<ExportedTransformer> {
        let vocabulary = self.embedding.dims()[0];
        let description = TransformerDescription {
            network: KIND.to_owned(),
            vocabulary,
            inner: self.inner,
            position_width: self.position_width,
            architecture: self.architecture.clone(),
            parameters: size::parameters(&self.architecture, self.inner, vocabulary),
        };
        Ok(ExportedTransformer { description, weights: to_safetensors(self.tensors()).await? })
    }
}

/// Tensors that are taken out one by one and must have the right shape.
pub(in crate::supernet) struct Given<'a> {
    tensors: BTreeMap<String, Shaped>,
    device: &'a Device,
}

impl<'a> Given<'a> {
    /// The tensors of safetensors bytes.
    ///
    /// # Errors
    /// [`Error::Checkpoint`] when they are none.
    pub fn read(weights: &[u8], device: &'a Device) -> Result<Self> {
        Ok(Self { tensors: from_safetensors(weights)?, device })
    }

    /// Refuses what was not taken, and another number of parameters than the description's.
    ///
    /// # Errors
    /// [`Error::Checkpoint`] that says which.
    pub fn finish(&self, counted: usize, described: usize) -> Result<()> {
        if let Some(name) = self.tensors.keys().next() {
            let problem = format!("it holds a tensor `{name}` that its description has no place for");
            return Err(Error::Checkpoint { problem });
        }
        if counted != described {
            let problem = format!("its description says {described} parameters, but it has {counted}");
            return Err(Error::Checkpoint { problem });
        }
        Ok(())
    }

    fn take(&mut self, name: String, shape: Vec<usize>) -> Result<TensorData> {
        let problem = |problem: &str| Error::Checkpoint { problem: format!("tensor `{name}` {problem}") };
        let (found, numbers) = self.tensors.remove(&name).ok_or_else(|| problem("is missing"))?;
        if found != shape {
            return Err(problem(&format!("has shape {found:?}, not {shape:?}")));
        }
        Ok(TensorData::new(numbers, shape))
    }

    pub fn matrix(&mut self, name: String, shape: [usize; 2]) -> Result<Tensor<2>> {
        Ok(Tensor::from_data(self.take(name, shape.to_vec())?, self.device))
    }

    pub fn vector(&mut self, name: String, length: usize) -> Result<Tensor<1>> {
        Ok(Tensor::from_data(self.take(name, vec![length])?, self.device))
    }

    pub fn map(&mut self, name: &str, shape: [usize; 2]) -> Result<Map> {
        let weight = self.matrix(format!("{name}.weight"), shape)?;
        Ok(Map { weight, bias: self.vector(format!("{name}.bias"), shape[1])? })
    }

    pub fn norm(&mut self, name: &str, width: usize) -> Result<Norm> {
        let scale = self.vector(format!("{name}.scale"), width)?;
        Ok(Norm { scale, shift: self.vector(format!("{name}.shift"), width)? })
    }

    fn attention(&mut self, name: &str, [width, memory, inner]: [usize; 3]) -> Result<Attention> {
        Ok(Attention {
            norm: self.norm(&format!("{name}.norm"), width)?,
            query: self.map(&format!("{name}.query"), [width, inner])?,
            key_value: self.map(&format!("{name}.key_value"), [memory, 2 * inner])?,
            out: self.map(&format!("{name}.out"), [inner, width])?,
        })
    }

    pub fn feed_forward(&mut self, name: &str, [width, ffn]: [usize; 2]) -> Result<FeedForward> {
        let norm = self.norm(&format!("{name}.norm"), width)?;
        let up = self.map(&format!("{name}.up"), [width, ffn])?;
        let down = self.map(&format!("{name}.down"), [ffn, width])?;
        let maps = BlockWeights { up: up.weight, up_bias: up.bias, down: down.weight, down_bias: down.bias };
        Ok(FeedForward { maps, norm })
    }
}

impl ExportedTransformer {
    /// Refuses a description that no network can have.
    fn check(&self) -> Result<()> {
        let TransformerDescription { network, inner, position_width, architecture, .. } = &self.description;
        let refuse = |problem: String| Err(Error::Checkpoint { problem });
        if network != KIND {
            return refuse(format!("its description describes a network `{network}`, not a `{KIND}`"));
        }
        let alone = TransformerSpace { inner: *inner, ..TransformerSpace::hat_wmt().only(architecture) };
        if let Err(error) = alone.checked() {
            return refuse(format!("its description fits no network: {error}"));
        }
        let widest = architecture.encoder_width.max(architecture.decoder_width);
        if *position_width < widest {
            let problem =
                format!("its description has positions {position_width} wide for a network {widest} wide");
            return refuse(problem);
        }
        Ok(())
    }

    /// Builds the network again from nothing but this export.
    ///
    /// # Errors
    /// [`Error::Checkpoint`] naming the tensor that is missing or has another shape than the description says, or what in the
    /// description no network can have.
    pub fn load(&self, device: &Device) -> Result<TransformerSubnet> {
        self.check()?;
        let TransformerDescription { vocabulary, inner, position_width, architecture, parameters, .. } =
            &self.description;
        let TransformerArchitecture { encoder_width, encoder, decoder_width, decoder } = architecture;
        let (low, high, inner) = (*encoder_width, *decoder_width, *inner);
        let mut given = Given::read(&self.weights, device)?;
        let embedding = given.matrix("embedding".to_owned(), [*vocabulary, low.max(high)])?;
        let mut below = Vec::with_capacity(encoder.len());
        for (place, layer) in encoder.iter().enumerate() {
            below.push(Encoder {
                attention: given.attention(&format!("encoder.{place}.attention"), [low, low, inner])?,
                feed_forward: given
                    .feed_forward(&format!("encoder.{place}.feed_forward"), [low, layer.ffn])?,
            });
        }
        let mut above = Vec::with_capacity(decoder.len());
        for (place, layer) in decoder.iter().enumerate() {
            above.push(Decoder {
                attention: given.attention(&format!("decoder.{place}.attention"), [high, high, inner])?,
                cross: given.attention(&format!("decoder.{place}.cross"), [high, low, inner])?,
                feed_forward: given
                    .feed_forward(&format!("decoder.{place}.feed_forward"), [high, layer.ffn])?,
            });
        }
        let (encoder_norm, decoder_norm) =
            (given.norm("encoder_norm", low)?, given.norm("decoder_norm", high)?);
        given.finish(size::parameters(architecture, inner, *vocabulary), *parameters)?;
        Ok(TransformerSubnet {
            architecture: architecture.clone(),
            inner,
            embedding,
            position_width: *position_width,
            encoder: below,
            encoder_norm,
            decoder: above,
            decoder_norm,
            precision: Precision::Single,
        })
    }
}
