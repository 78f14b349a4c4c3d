//! Export of one sub-network of a finished run: weights that no longer know of a supernet.

use std::sync::Arc;

use burn::tensor::Device;

use super::Method;
use super::context::Context;
use super::provision::{Provision, provision};
use crate::Result;
use crate::experiment::Checked;
use crate::labs::supernet_audit::task_of as task_of_audit;
use crate::nn::parameters::restored;
use crate::supernet::export::{Exported, export as export_subnet};
use crate::supernet::{Architecture, FewShot, Mixture, SharedWeights, WeightProvider};

/// The name of the task whose weights hold `method`'s supernet of `seed`.
///
/// # Errors
/// When the experiment did not train that method or that seed.
pub fn task_of(checked: &Checked, method: &str, seed: u64) -> Result<String> {
    let context = Context::new(checked)?;
    task_of_audit(&context.audit.methods, context.audit.seeds, method, seed)
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
    let (space, streams) = (context.space.clone(), context.audit.replicate("supernet", 0));
    let subnet = match provision(method, &context.specification) {
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
