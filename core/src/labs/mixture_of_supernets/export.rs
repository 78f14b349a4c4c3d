//! Export of one sub-network of a finished run: weights that no longer know of a supernet.

use std::sync::Arc;

use burn::module::{ModuleMapper, Param};
use burn::tensor::{Device, Tensor, TensorData};

use super::Method;
use super::context::Context;
use super::provision::Provision;
use super::results::Results;
use crate::experiment::Checked;
use crate::supernet::export::{Exported, export as export_subnet, from_safetensors};
use crate::supernet::{Architecture, FewShot, Mixture, SharedWeights, WeightProvider};
use crate::{Error, Result};

/// The name of the task whose weights hold `method`'s supernet of `seed`.
///
/// # Errors
/// When the experiment did not train that method or that seed.
pub fn task_of(checked: &Checked, method: &str, seed: u64) -> Result<String> {
    let context = Context::new(checked)?;
    let method: Method = method.parse()?;
    if !context.methods.contains(&method) {
        let known = context.methods.iter().map(|method| method.name()).collect::<Vec<_>>();
        return Err(Error::unknown_name("method of this run", method.name(), known));
    }
    if seed >= context.specification.seeds {
        let range = format!("below {}, the number of supernets per method", context.specification.seeds);
        return Err(Error::OutOfRange { key: "seed".into(), value: seed.to_string(), range });
    }
    Ok(Results::supernet_name(method, seed))
}

/// Exports the sub-network `architecture` from a supernet's saved weights.
///
/// # Errors
/// When the architecture is not in the space, or the weights are not those of this experiment's `method`.
pub async fn export(
    checked: &Checked,
    method: &str,
    weights: &[u8],
    architecture: &Architecture,
    device: &Device,
) -> Result<Exported> {
    let context: Arc<Context> = Context::new(checked)?;
    let method: Method = method.parse()?;
    let (space, streams) = (context.space.clone(), context.replicate("supernet", 0));
    let subnet = match method.provision(&context.specification) {
        Provision::Shared(scale) => restored(SharedWeights::new(space, scale, &streams, device), weights)?
            .subnets(std::slice::from_ref(architecture)),
        Provision::Mixture(config) => restored(Mixture::new(space, config, &streams, device), weights)?
            .subnets(std::slice::from_ref(architecture)),
        Provision::FewShot(regions) => restored(FewShot::new(space, regions, &streams, device), weights)?
            .subnets(std::slice::from_ref(architecture)),
    }?
    .remove(0);
    export_subnet(&subnet).await
}

/// The provider with every tensor replaced by the saved one of the same path and shape.
fn restored<P: WeightProvider>(provider: P, weights: &[u8]) -> Result<P> {
    struct Restore {
        path: Vec<String>,
        saved: std::collections::BTreeMap<String, (Vec<usize>, Vec<f32>)>,
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
            let shape = parameter.lazy_shape().to_vec();
            match self.saved.remove(&name) {
                Some((found, numbers)) if found == shape => {
                    let tensor = Tensor::from_data(TensorData::new(numbers, shape), &parameter.lazy_device());
                    Param::from_tensor(tensor)
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
    let mut restore = Restore { path: Vec::new(), saved: from_safetensors(weights)?, problem: None };
    let provider = provider.map(&mut restore);
    if let Some(name) = restore.saved.keys().next() {
        restore.problem = Some(format!("`{name}` is not a tensor of this supernet"));
    }
    match restore.problem {
        None => Ok(provider),
        Some(problem) => Err(Error::Checkpoint { problem: format!("these are other weights: {problem}") }),
    }
}
