//! Export of a sub-network as a plain static network: safetensors bytes and a small JSON, readable without any
//! supernet code.

use burn::tensor::{Device, Tensor, TensorData};
use serde::{Deserialize, Serialize};

use super::subnet::BlockWeights;
use super::{Architecture, Subnet};
use crate::nn::parameters::{from_safetensors, to_safetensors};
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
