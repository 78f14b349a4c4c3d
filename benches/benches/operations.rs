//! Nanoseconds per small operation, on the plain device and on the gradient tape.

use std::hint::black_box;

use burn::prelude::*;
use burn::tensor::activation;
use criterion::{BenchmarkId, Criterion, criterion_group, criterion_main};
use switchyard::nn::fused::{self, Activation, Mask};
use switchyard::rng::Streams;

fn random<const D: usize>(name: &str, shape: [usize; D], device: &Device) -> Tensor<D> {
    let numbers = Streams::new(5).stream(name).normals(shape.iter().product(), 0.1);
    Tensor::from_data(TensorData::new(numbers, shape), device)
}

type Operation = fn(Tensor<2>) -> Tensor<2>;

const OPERATIONS: [(&str, usize, Operation); 12] = [
    ("add", 8, |x| x.clone() + x),
    ("add", 128, |x| x.clone() + x),
    ("matmul", 8, |x| x.clone().matmul(x)),
    ("matmul", 64, |x| x.clone().matmul(x)),
    ("matmul", 256, |x| x.clone().matmul(x)),
    ("slice", 64, |x| x.slice([0..32, 0..32])),
    ("relu", 64, activation::relu),
    ("softmax, burn's", 64, |x| activation::softmax(x, 1)),
    ("softmax, fused", 64, |x| fused::softmax(x, 1.0, Mask::Open)),
    ("layer norm, burn's", 64, plain_norm),
    ("layer norm, fused", 64, |x| {
        let (scale, shift) = (Tensor::ones([64], &x.device()), Tensor::zeros([64], &x.device()));
        fused::layer_norm(x, scale, shift)
    }),
    ("linear and relu, fused", 64, |x| {
        let bias = Tensor::zeros([64], &x.device());
        fused::linear(x.clone(), x, bias, 64, Activation::Relu)
    }),
];

/// Layer normalisation the way a module of small operations does it.
fn plain_norm(x: Tensor<2>) -> Tensor<2> {
    let (variance, mean) = x.clone().var_mean_bias(1);
    (x - mean) / (variance + 1e-5).sqrt()
}

fn operations(criterion: &mut Criterion) {
    let plain = Device::flex();
    let tape = Device::flex().autodiff();
    let mut group = criterion.benchmark_group("operation");
    for (name, size, operation) in OPERATIONS {
        let x = random("x", [size, size], &plain);
        group.bench_function(BenchmarkId::new(format!("{name}, forward"), size), |bencher| {
            bencher.iter(|| black_box(operation(x.clone())));
        });
        let x = random("x", [size, size], &tape).require_grad();
        group.bench_function(BenchmarkId::new(format!("{name}, forward and backward"), size), |bencher| {
            bencher.iter(|| black_box(operation(x.clone()).sum().backward()));
        });
    }
    group.finish();
}

fn losses(criterion: &mut Criterion) {
    let tape = Device::flex().autodiff();
    let logits = random("logits", [64, 10], &tape).require_grad();
    let target = activation::softmax(random("target", [64, 10], &Device::flex()), 1);
    criterion.bench_function("cross entropy/small operations, forward and backward", |bencher| {
        bencher.iter(|| {
            let log = activation::log_softmax(logits.clone(), 1);
            black_box((log * target.clone()).sum().neg().backward())
        });
    });
    criterion.bench_function("cross entropy/fused, forward and backward", |bencher| {
        bencher.iter(|| black_box(fused::cross_entropy(logits.clone(), target.clone()).backward()));
    });
}

criterion_group!(benches, operations, losses);
criterion_main!(benches);
