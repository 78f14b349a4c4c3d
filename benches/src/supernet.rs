//! Sandwich steps of the `mos-digits` supernet: its space, batch and networks, on made-up rows of the same size.

use burn::prelude::*;
use switchyard::Result;
use switchyard::rng::Streams;
use switchyard::supernet::provider::{ExpertInit, Granularity};
use switchyard::supernet::training::Examples;
use switchyard::supernet::{
    Activation, Encoding, Mixture, MixtureConfig, Sampling, SearchSpace, SharedWeights, Trainer,
    TrainingConfig, WeightProvider,
};

/// Steps that are timed together, because every step draws another architecture.
pub const STEPS: usize = 100;
/// Rows of the training set.
const ROWS: usize = 719;

/// The space of `mos-digits`.
///
/// # Errors
/// Never: its lists are in order.
pub fn space() -> Result<SearchSpace> {
    SearchSpace {
        inputs: 64,
        outputs: 10,
        widths: vec![12, 24, 48],
        depths: vec![1, 2, 3],
        ffn: vec![8, 24, 64],
        wide_ffn: None,
        activations: vec![Activation::Relu],
    }
    .checked()
}

fn examples(device: &Device) -> Examples {
    let inputs = Streams::new(2).stream("rows").normals(ROWS * 64, 1.0);
    let target = |row: usize| (0..10).map(move |class| if class == row * 7 % 10 { 1f32 } else { 0.0 });
    let targets: Vec<f32> = (0..ROWS).flat_map(target).collect();
    Examples {
        inputs: Tensor::from_data(TensorData::new(inputs, [ROWS, 64]), device),
        targets: Tensor::from_data(TensorData::new(targets, [ROWS, 10]), device),
    }
}

/// [`STEPS`] training steps at a call; the last loss.
fn steps<P: WeightProvider + 'static>(provider: P, device: &Device) -> Box<dyn FnMut() -> f32> {
    let config = TrainingConfig {
        steps: 1_000_000,
        batch: 64,
        learning_rate: 0.003,
        warm_up: 0.1,
        router_learning_rate: 0.1,
        alternate: false,
        sampling: Sampling::Sandwich,
        distillation: false,
    };
    let mut trainer = Trainer::new(provider, config, Streams::new(1));
    let examples = examples(device);
    Box::new(move || {
        let mut last = f32::NAN;
        for _ in 0..STEPS {
            last = trainer.step(&examples).map_or(f32::NAN, |loss| loss.into_scalar::<f32>());
        }
        last
    })
}

/// The training steps of plain sharing.
///
/// # Errors
/// Never: the space is in order.
pub fn shared(device: &Device) -> Result<Box<dyn FnMut() -> f32>> {
    let provider = SharedWeights::new(space()?, 1.0, &Streams::new(1), &device.clone().autodiff());
    Ok(steps(provider, device))
}

/// The training steps of a mixture of two expert sets.
///
/// # Errors
/// Never: the space is in order.
pub fn mixture(granularity: Granularity, device: &Device) -> Result<Box<dyn FnMut() -> f32>> {
    let config = MixtureConfig {
        experts: 2,
        granularity,
        encoding: Encoding::PerLayer,
        hidden: 32,
        init: ExpertInit::Independent,
        scale: 1.0,
    };
    let provider = Mixture::new(space()?, config, &Streams::new(1), &device.clone().autodiff());
    Ok(steps(provider, device))
}
