//! The parts of a step: micro-batches, each through all sub-networks of the step, one after the other or on several devices.
//!
//! Where a part is computed changes nothing: gradients are gathered on the first device and added in the order of the parts,
//! so devices that are equal give the bits that one of them gives. A batch stays together with all its sub-networks: smaller
//! ones may learn from what the largest one answered, and what dropout hides is drawn for one after the other.

use std::sync::Arc;

use burn::module::Module;
use burn::optim::GradientsParams;
use burn::prelude::*;

use crate::Result;
use crate::experiment::crew::{Crew, Job};
use crate::nn::optimisation::Descent;
use crate::nn::readback::read_scalar;

/// Takes a loss to show, without its gradient, and the one to follow, `[1]` each.
pub type Follow<'a> = &'a mut dyn FnMut(Tensor<1>, Tensor<1>);

/// Where the parts of a training's steps are computed.
pub struct Parts {
    device: Device,
    crew: Option<Arc<dyn Crew>>,
}

/// What the parts of a step said.
#[derive(Default)]
pub struct Said {
    /// Words trained on.
    pub words: u64,
    /// The losses to show.
    losses: Vec<Tensor<1>>,
}

impl Said {
    /// The mean of the losses.
    ///
    /// # Errors
    /// When a device does not answer.
    pub async fn mean_loss(self) -> Result<f64> {
        let (count, mut sum) = (self.losses.len(), 0.0);
        for loss in self.losses {
            sum += read_scalar(loss).await?;
        }
        Ok(sum / count as f64)
    }
}

/// One part, computed elsewhere.
struct Computed {
    said: Said,
    /// Of one sub-network after the other: added up in another order they would round otherwise.
    gradients: Vec<GradientsParams>,
}

impl Parts {
    /// All on this device, one after the other.
    pub fn on(device: &Device) -> Self {
        Self { device: device.clone(), crew: None }
    }

    /// From now on each on a device of the crew.
    pub fn spread(&mut self, crew: Arc<dyn Crew>) {
        self.crew = Some(crew);
    }

    /// Follows the losses of all batches back into the descent, whose next step takes their mean. `pass` takes a network and a
    /// batch through the sub-networks of the step, on the device that it is given, and returns how many words it had.
    ///
    /// # Errors
    /// What `pass` says.
    pub fn follow<M, B, P>(
        &self,
        network: &M,
        descent: &mut Descent<M>,
        batches: &[B],
        pass: P,
    ) -> Result<Said>
    where
        M: Module,
        B: Sync,
        P: Fn(&M, &Device, &B, Follow<'_>) -> Result<u64> + Sync,
    {
        let mut said = Said::default();
        let Some(crew) = &self.crew else {
            for batch in batches {
                said.words += pass(network, &self.device, batch, &mut |shown, loss| {
                    said.losses.push(shown);
                    descent.add(network, &loss);
                })?;
            }
            return Ok(said);
        };
        let devices = crew.devices();
        let forks: Vec<M> = devices.iter().map(|device| network.clone().fork(device)).collect();
        for batches in batches.chunks(devices.len()) {
            let mut computed: Vec<Option<Result<Computed>>> = batches.iter().map(|_| None).collect();
            let places = computed.iter_mut().zip(batches).zip(forks.iter().zip(devices));
            let jobs = places.map(|((computed, batch), (fork, device))| {
                let (fork, device, pass) = (fork.clone(), device.clone(), &pass);
                let job: Job<'_> = Box::new(move || *computed = Some(compute(&fork, &device, batch, pass)));
                job
            });
            crew.work(jobs.collect());
            for part in computed {
                let part = part.expect("a crew returns when all its jobs are done")?;
                said.words += part.said.words;
                said.losses.extend(part.said.losses);
                for gradients in part.gradients {
                    descent.add_sum(network, gradients.to_device(&self.device, network), 1);
                }
            }
        }
        Ok(said)
    }
}

fn compute<M, B, P>(network: &M, device: &Device, batch: &B, pass: &P) -> Result<Computed>
where
    M: Module,
    P: Fn(&M, &Device, &B, Follow<'_>) -> Result<u64>,
{
    let (mut losses, mut gradients) = (Vec::new(), Vec::new());
    let words = pass(network, device, batch, &mut |shown, loss| {
        losses.push(shown);
        gradients.push(GradientsParams::from_grads(loss.backward(), network));
    })?;
    Ok(Computed { said: Said { words, losses }, gradients })
}

#[cfg(test)]
pub(in crate::labs) mod tests;
