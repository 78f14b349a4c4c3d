//! Export of a sub-network as a plain static network: safetensors bytes and a small JSON, readable without any
//! supernet code.

use std::collections::BTreeMap;

use burn::tensor::{Device, Tensor, TensorData};
use safetensors::tensor::{Dtype, SafeTensors, TensorView, serialize};
use serde::{Deserialize, Serialize};

use super::subnet::BlockWeights;
use super::training::read;
use super::{Architecture, Subnet};
use crate::{Error, Result};

/// What the JSON beside the weights says.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Description {
    /// The kind of network: always `residual-mlp`.
    pub network: String,
    /// Input features.
    pub inputs: usize,
    /// Classes.
    pub outputs: usize,
    /// Width, activation and inner widths.
    pub architecture: Architecture,
    /// How many numbers the weights hold.
    pub parameters: usize,
}

/// An exported network.
#[derive(Debug, Clone, PartialEq)]
pub struct Exported {
    /// What it is.
    pub description: Description,
    /// The weights as safetensors, single precision, matrices `[in, out]`.
    pub weights: Vec<u8>,
}

/// Exports the weights of one architecture.
///
/// # Errors
/// When the device does not answer.
pub async fn export(subnet: &Subnet) -> Result<Exported> {
    let description = Description {
        network: "residual-mlp".to_owned(),
        inputs: subnet.input.dims()[0],
        outputs: subnet.head.dims()[1],
        architecture: subnet.architecture.clone(),
        parameters: subnet.parameters(),
    };
    Ok(Exported { description, weights: to_safetensors(subnet.tensors()).await? })
}

/// Named tensors as safetensors bytes, names in order.
///
/// # Errors
/// When the device does not answer.
pub async fn to_safetensors(tensors: Vec<(String, Vec<usize>, Tensor<1>)>) -> Result<Vec<u8>> {
    let mut buffers = Vec::with_capacity(tensors.len());
    for (name, shape, tensor) in tensors {
        let bytes: Vec<u8> = read(tensor).await?.iter().flat_map(|value| value.to_le_bytes()).collect();
        buffers.push((name, shape, bytes));
    }
    let unusable = |error: safetensors::SafeTensorError| Error::Checkpoint { problem: error.to_string() };
    let views = buffers
        .iter()
        .map(|(name, shape, bytes)| {
            Ok((name, TensorView::new(Dtype::F32, shape.clone(), bytes).map_err(unusable)?))
        })
        .collect::<Result<Vec<_>>>()?;
    serialize(views, None).map_err(unusable)
}

/// A tensor on the host: its shape and its numbers.
pub type Shaped = (Vec<usize>, Vec<f32>);

/// Single-precision tensors of safetensors bytes, by name.
///
/// # Errors
/// [`Error::Checkpoint`] when the bytes are no safetensors or hold another number type.
pub fn from_safetensors(bytes: &[u8]) -> Result<BTreeMap<String, Shaped>> {
    let unusable = |problem: String| Error::Checkpoint { problem };
    let file = SafeTensors::deserialize(bytes).map_err(|error| unusable(error.to_string()))?;
    file.iter()
        .map(|(name, view)| {
            if view.dtype() != Dtype::F32 {
                return Err(unusable(format!("tensor `{name}` is not of single precision")));
            }
            let numbers =
                view.data().chunks_exact(4).map(|b| f32::from_le_bytes([b[0], b[1], b[2], b[3]])).collect();
            Ok((name.to_owned(), (view.shape().to_vec(), numbers)))
        })
        .collect()
}

impl Exported {
    /// Builds the network again from nothing but this export.
    ///
    /// # Errors
    /// [`Error::Checkpoint`] naming the tensor that is missing or has another shape than the description says.
    pub fn load(&self, device: &Device) -> Result<Subnet> {
        let Description { inputs, outputs, architecture, parameters, .. } = &self.description;
        let mut tensors = from_safetensors(&self.weights)?;
        let width = architecture.width;
        let mut take = |name: String, shape: Vec<usize>| {
            let problem = |problem: &str| Error::Checkpoint { problem: format!("tensor `{name}` {problem}") };
            let (found, numbers) = tensors.remove(&name).ok_or_else(|| problem("is missing"))?;
            if found != shape {
                return Err(problem(&format!("has shape {found:?}, not {shape:?}")));
            }
            Ok(TensorData::new(numbers, shape))
        };
        let mut two = |name: &str, shape: [usize; 2]| {
            Ok::<_, Error>(Tensor::<2>::from_data(take(format!("{name}.weight"), shape.to_vec())?, device))
        };
        let input = two("input", [*inputs, width])?;
        let head = two("head", [width, *outputs])?;
        let mut matrices = Vec::new();
        for (index, inner) in architecture.ffn.iter().enumerate() {
            let up = two(&format!("blocks.{index}.up"), [width, *inner])?;
            matrices.push((up, two(&format!("blocks.{index}.down"), [*inner, width])?));
        }
        let mut one = |name: String, count: usize| {
            Ok::<_, Error>(Tensor::<1>::from_data(take(format!("{name}.bias"), vec![count])?, device))
        };
        let mut blocks = Vec::new();
        for (index, ((up, down), inner)) in matrices.into_iter().zip(&architecture.ffn).enumerate() {
            let up_bias = one(format!("blocks.{index}.up"), *inner)?;
            let down_bias = one(format!("blocks.{index}.down"), width)?;
            blocks.push(BlockWeights { up, up_bias, down, down_bias });
        }
        let (input_bias, head_bias) = (one("input".into(), width)?, one("head".into(), *outputs)?);
        let architecture = architecture.clone();
        let subnet = Subnet { architecture, input, input_bias, blocks, head, head_bias };
        if !tensors.is_empty() || subnet.parameters() != *parameters {
            let problem = format!("it holds other tensors than its description's {parameters} parameters");
            return Err(Error::Checkpoint { problem });
        }
        Ok(subnet)
    }
}
