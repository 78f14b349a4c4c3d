//! The same seed natively and in WebAssembly: identical draws, architectures and decisions, losses within 1e-4.
//!
//! One program, run twice: natively by its test, and in Node.js by `cargo xtask test --only parity`. Both compare
//! with the same recorded numbers, so they agree with each other. In WebAssembly what differs is left in the global
//! `switchyardParity`, an empty text when nothing does.

mod rings;

use burn::tensor::{Device, Tensor, TensorData, activation};
use switchyard::rng::Streams;
use switchyard::supernet::provider::{ExpertInit, Granularity};
use switchyard::supernet::training::Examples;
use switchyard::supernet::{
    Activation, Encoding, Mixture, MixtureConfig, Sampling, SearchSpace, Trainer, TrainingConfig,
};

const SEED: u64 = 7;
const STEPS: u64 = 50;

fn space() -> SearchSpace {
    SearchSpace {
        inputs: 12,
        outputs: 5,
        widths: vec![8, 16],
        depths: vec![1, 2, 3],
        ffn: vec![8, 24],
        wide_ffn: Some(32),
        activations: vec![Activation::Relu, Activation::SquaredRelu],
    }
    .checked()
    .expect("the space is valid")
}

fn examples(device: &Device) -> Examples {
    let draw = |name: &str, columns: usize| {
        let numbers = Streams::new(SEED).stream(name).normals(256 * columns, 1.0);
        Tensor::<2>::from_data(TensorData::new(numbers, [256, columns]), device)
    };
    Examples { inputs: draw("inputs", 12), targets: activation::softmax(draw("targets", 5), 1) }
}

/// The losses of the steps 1, 25 and 50 of a sandwich-trained neuron-wise mixture.
fn losses() -> [f64; 3] {
    let device = Device::flex();
    let config = MixtureConfig {
        experts: 2,
        granularity: Granularity::Neuron,
        encoding: Encoding::PerLayer,
        hidden: 16,
        init: ExpertInit::Independent,
        scale: 1.0,
    };
    let streams = Streams::new(SEED);
    let provider = Mixture::new(space(), config, &streams, &device.clone().autodiff());
    let training = TrainingConfig {
        steps: STEPS,
        batch: 32,
        learning_rate: 0.01,
        warm_up: 0.1,
        router_learning_rate: 0.1,
        alternate: false,
        sampling: Sampling::Sandwich,
        distillation: false,
    };
    let mut trainer = Trainer::new(provider, training, streams);
    let examples = examples(&device);
    let all: Vec<f64> = (0..STEPS)
        .map(|_| {
            f64::from(
                trainer.step(&examples).expect("every architecture is in the space").into_scalar::<f32>(),
            )
        })
        .collect();
    [all[0], all[24], all[49]]
}

/// What differs from the recorded numbers, one sentence each.
fn differences() -> Vec<String> {
    let mut differences = Vec::new();
    let mut stream = Streams::new(SEED).stream("init");
    let integer = stream.next_u64();
    if integer != INTEGER {
        differences.push(format!("the first integer is {integer}, not {INTEGER}"));
    }
    let normals: Vec<u32> = stream.normals(3, 1.0).iter().map(|x| x.to_bits()).collect();
    if normals != NORMALS {
        differences.push(format!("the normals are {normals:?}, not {NORMALS:?}"));
    }
    let streams = Streams::new(SEED);
    let sequence: Vec<String> =
        (0..6).map(|step| Sampling::Random.architectures(&space(), &streams, step)[0].to_string()).collect();
    if sequence != SEQUENCE {
        differences.push(format!("the architectures are {sequence:?}, not {SEQUENCE:?}"));
    }
    let losses = losses();
    if losses.iter().zip(LOSSES).any(|(loss, recorded)| (loss / recorded - 1.0).abs() >= 1e-4) {
        differences.push(format!("the losses are {losses:?}, not {LOSSES:?}"));
    }
    differences.extend(rings::differences());
    differences
}

#[cfg(target_arch = "wasm32")]
fn main() {
    let text = differences().join("; ");
    // Setting a new property of the global object cannot fail.
    let _ = js_sys::Reflect::set(&js_sys::global(), &"switchyardParity".into(), &text.into());
}

#[cfg(not(target_arch = "wasm32"))]
fn main() {
    println!("{:?}", differences());
}

#[test]
fn native_numbers_are_the_recorded_ones() {
    assert_eq!(differences(), Vec::<String>::new());
}

const INTEGER: u64 = 7_793_651_769_750_998_230;
const NORMALS: [u32; 3] = [1_068_199_575, 1_038_505_932, 1_073_812_470];
const SEQUENCE: [&str; 6] = [
    "w16-relu-f32.24",
    "w8-squared-relu-f24.8.24",
    "w16-relu-f8.24",
    "w8-relu-f32",
    "w8-relu-f24.24",
    "w16-squared-relu-f8.8",
];
const LOSSES: [f64; 3] = [2.136_009_454_727_173, 1.618_770_003_318_786_6, 1.609_525_322_914_123_5];
