//! The trained tensors of a module: by name, and all together as one digest.

use burn::module::{Module, ModuleVisitor, Param};
use burn::tensor::Tensor;
use sha2::{Digest as _, Sha256};

use super::readback::read;
use crate::Result;

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
