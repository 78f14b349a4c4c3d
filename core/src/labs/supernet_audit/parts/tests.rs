//! Parts on threads against parts in a row.

use std::sync::atomic::{AtomicUsize, Ordering};

use super::*;
use crate::nn::elastic::ElasticLinear;
use crate::nn::fused::Activation;
use crate::nn::fused::checks::{plain, values};
use crate::nn::optimisation::DescentConfig;
use crate::rng::Streams;

/// Processors with a thread for every job; counts the jobs.
pub struct Threads {
    devices: Vec<Device>,
    pub jobs: AtomicUsize,
}

impl Threads {
    pub fn new(count: usize) -> Arc<Self> {
        Arc::new(Self { devices: vec![Device::flex(); count], jobs: AtomicUsize::new(0) })
    }
}

impl Crew for Threads {
    fn devices(&self) -> &[Device] {
        &self.devices
    }

    fn work(&self, jobs: Vec<Job<'_>>) {
        assert!(jobs.len() <= self.devices.len());
        self.jobs.fetch_add(jobs.len(), Ordering::SeqCst);
        std::thread::scope(|scope| {
            for job in jobs {
                scope.spawn(job);
            }
        });
    }
}

/// Bits of weights and losses after one step over five batches of several sizes, with two losses each.
fn stepped(parts: &Parts) -> (Vec<u32>, f64, u64) {
    let layer = ElasticLinear::new([5, 7], &mut Streams::new(1).stream("init"), &Device::flex().autodiff());
    let config = DescentConfig { beta_2: 0.99, weight_decay: 0.1, clip_norm: 0.5, own_rate: 1.0 };
    let mut descent = Descent::new(&layer, config, Vec::new());
    let pass = |layer: &ElasticLinear, device: &Device, rows: &usize, follow: Follow<'_>| {
        for factor in [1.0, 0.3] {
            let x = plain("x", [*rows, 5]).to_device(device);
            let loss = layer.forward(x, 7, Activation::Tanh).powi_scalar(2).mean() * factor;
            follow(loss.clone().inner(), loss);
        }
        Ok(*rows as u64)
    };
    let said = parts.follow(&layer, &mut descent, &[3, 8, 1, 13, 4], pass).expect("nothing fails");
    let (words, loss) = (said.words, pollster::block_on(said.mean_loss()).expect("read"));
    let layer = descent.step(layer, 0.01);
    let bits = [values(&layer.weight.val()), values(&layer.bias.val())].concat();
    (bits.into_iter().map(f32::to_bits).collect(), loss, words)
}

#[test]
fn parts_on_several_devices_give_the_bits_of_one() {
    let mut parts = Parts::on(&Device::flex());
    let alone = stepped(&parts);
    assert_eq!(alone.2, 29);
    for count in [2, 3, 8] {
        let crew = Threads::new(count);
        parts.spread(crew.clone());
        assert_eq!(stepped(&parts), alone, "{count} devices");
        assert_eq!(crew.jobs.load(Ordering::SeqCst), 5, "the crew did the work");
    }
}

#[test]
fn what_goes_wrong_in_a_part_is_said() {
    let mut parts = Parts::on(&Device::flex());
    parts.spread(Threads::new(2));
    let layer = ElasticLinear::new([5, 7], &mut Streams::new(1).stream("init"), &Device::flex().autodiff());
    let config = DescentConfig { beta_2: 0.99, weight_decay: 0.0, clip_norm: 0.0, own_rate: 1.0 };
    let mut descent = Descent::new(&layer, config, Vec::new());
    let fails = |_: &ElasticLinear, _: &Device, place: &u64, _: Follow<'_>| match place {
        2 => Err(crate::Error::Diverged { task: "part".to_owned(), step: *place }),
        _ => Ok(0),
    };
    let error = parts.follow(&layer, &mut descent, &[0, 1, 2], fails).map(|_| ()).expect_err("the last");
    assert!(error.to_string().contains("`part` at step 2"), "{error}");
}
