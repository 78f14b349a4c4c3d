//! Whole training steps: what `peers/compare.py` sets against PyTorch.

use burn::prelude::Device;
use criterion::{Criterion, criterion_group, criterion_main};
use switchyard::nn::feed_forward::Sharing;
use switchyard::supernet::provider::Granularity;
use switchyard_benches::encoder::EncoderStep;
use switchyard_benches::supernet;

fn encoder(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("encoder sandwich step, 1024 tokens");
    group.sample_size(20);
    for (name, sharing) in [
        ("shared", Sharing::Plain),
        ("layer-wise, 2 experts", Sharing::LayerWise(2)),
        ("neuron-wise, 2 experts", Sharing::NeuronWise(2)),
    ] {
        let mut step = EncoderStep::new(sharing, &Device::flex(), 1);
        group.bench_function(name, |bencher| bencher.iter(|| step.run()));
    }
    group.finish();
}

fn mos_digits(criterion: &mut Criterion) {
    let device = Device::flex();
    let mut group = criterion.benchmark_group("mos-digits, 100 sandwich steps");
    group.sample_size(10);
    for (name, work) in [
        ("shared", supernet::shared(&device)),
        ("layer-wise, 2 experts", supernet::mixture(Granularity::Layer, &device)),
        ("neuron-wise, 2 experts", supernet::mixture(Granularity::Neuron, &device)),
    ] {
        if let Ok(mut steps) = work {
            group.bench_function(name, |bencher| bencher.iter(&mut steps));
        }
    }
    group.finish();
}

criterion_group!(benches, encoder, mos_digits);
criterion_main!(benches);
