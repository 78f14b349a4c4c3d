//! The trained tensors of a module: by name, all together as one digest, and as safetensors bytes and back.

use std::collections::BTreeMap;

use burn::module::{Module, ModuleMapper, ModuleVisitor, Param};
use burn::tensor::{Tensor, TensorData};
use safetensors::tensor::{Dtype, SafeTensors, TensorView, serialize};
use sha2::{Digest as _, Sha256};

use super::readback::read;
use crate::{Error, Result};

/// One trained tensor: its path in the module, its shape, its numbers in a row.
pub type NamedTensor = (String, Vec<usize>, Tensor<1>);

/// Every trained tensor of a module, in the module's own order.
pub fn named_tensors<M: Module>(module: &M) -> Vec<NamedTensor> {
    #[derive(Default)]
    struct Gather {
        path: Vec<String>,
        tensors: Vec<NamedTensor>,
    }
    impl ModuleVisitor for Gather {
        fn enter_module(&mut self, name: &str, _container: &str) {
            self.path.push(name.to_owned());
        }
        fn exit_module(&mut self, _name: &str, _container: &str) {
            self.path.pop();
        }
        fn visit_float<const D: usize>(&mut self, parameter: &Param<Tensor<D>>) {
            let tensor = parameter.val();
            let (shape, count) = (tensor.dims().to_vec(), tensor.shape().num_elements());
            self.tensors.push((self.path.join("."), shape, tensor.reshape([count])));
        }
    }
    let mut gather = Gather::default();
    module.visit(&mut gather);
    gather.tensors
}

/// SHA-256 over every trained tensor: its path, its shape, its numbers by their bits; in hexadecimal.
///
/// # Errors
/// When the device does not answer.
pub async fn fingerprint<M: Module>(module: &M) -> Result<String> {
    let mut hash = Sha256::new();
    for (name, shape, tensor) in named_tensors(module) {
        hash.update((name.len() as u64).to_le_bytes());
        hash.update(name.as_bytes());
        for side in shape {
            hash.update((side as u64).to_le_bytes());
        }
        for number in read(tensor).await? {
            hash.update(number.to_bits().to_le_bytes());
        }
    }
    Ok(hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect())
}

/// Named tensors as safetensors bytes, names in order.
///
/// # Errors
/// When the device does not answer.
pub async fn to_safetensors(tensors: Vec<NamedTensor>) -> Result<Vec<u8>> {
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

/// The module with every tensor replaced by the saved one of the same path and shape, from safetensors bytes.
///
/// # Errors
/// [`Error::Checkpoint`] naming a tensor that is missing, left over, or of another shape.
pub fn restored<M: Module>(module: M, weights: &[u8]) -> Result<M> {
    with_tensors(module, from_safetensors(weights)?)
}

/// The module with every tensor replaced by the one of the same path and shape. Parameters stay themselves: those that
/// were trained still are, and an optimiser that knows them still does.
///
/// # Errors
/// [`Error::Checkpoint`] naming a tensor that is missing, left over, or of another shape.
pub fn with_tensors<M: Module>(module: M, tensors: BTreeMap<String, Shaped>) -> Result<M> {
    struct Restore {
        path: Vec<String>,
        saved: BTreeMap<String, Shaped>,
        problem: Option<String>,
    }
    impl ModuleMapper for Restore {
        fn enter_module(&mut self, name: &str, _container: &str) {
            self.path.push(name.to_owned());
        }
        fn exit_module(&mut self, _name: &str, _container: &str) {
            self.path.pop();
        }
        fn map_float<const D: usize>(&mut self, parameter: Param<Tensor<D>>) -> Param<Tensor<D>> {
            let name = self.path.join(".");
            let (shape, device) = (parameter.lazy_shape().to_vec(), parameter.lazy_device());
            match self.saved.remove(&name) {
                Some((found, numbers)) if found == shape => {
                    let (id, old, mapper) = parameter.consume();
                    let tensor = Tensor::from_data(TensorData::new(numbers, shape), &device);
                    let tensor = tensor.set_require_grad(old.is_require_grad());
                    Param::from_mapped_value(id, tensor, mapper)
                }
                Some((found, _)) => {
                    self.problem = Some(format!("`{name}` has shape {found:?}, not {shape:?}"));
                    parameter
                }
                None => {
                    self.problem = Some(format!("`{name}` is missing"));
                    parameter
                }
            }
        }
    }
    let mut restore = Restore { path: Vec::new(), saved: tensors, problem: None };
    let module = module.map(&mut restore);
    if let Some(name) = restore.saved.keys().next() {
        restore.problem = Some(format!("`{name}` is not a tensor of it"));
    }
    match restore.problem {
        None => Ok(module),
        Some(problem) => Err(Error::Checkpoint { problem: format!("these are other weights: {problem}") }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::nn::elastic::ElasticLinear;
    use crate::rng::Streams;
    use burn::tensor::Device;

    fn print(seed: u64) -> String {
        let layer = ElasticLinear::new([3, 4], &mut Streams::new(seed).stream("init"), &Device::flex());
        assert_eq!(named_tensors(&layer).len(), 2);
        pollster::block_on(fingerprint(&layer)).expect("read")
    }

    #[test]
    fn equal_weights_have_one_digest_and_others_another() {
        assert_eq!(print(1), print(1));
        assert_ne!(print(1), print(2));
        assert_eq!(print(1).len(), 64);
    }
}
