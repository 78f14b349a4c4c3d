//! What the tests of the fused operations share: seeded tensors, comparison, finite differences.

use burn::prelude::*;

use crate::rng::Streams;

/// Seeded normal numbers on the plain device; the same name gives the same numbers.
pub(crate) fn plain<const D: usize>(name: &str, shape: [usize; D]) -> Tensor<D> {
    let numbers = Streams::new(11).stream(name).normals(shape.iter().product(), 1.0);
    Tensor::from_data(TensorData::new(numbers, shape), &Device::flex())
}

/// The numbers of [`plain`] as a leaf that collects a gradient.
pub(crate) fn leaf<const D: usize>(name: &str, shape: [usize; D]) -> Tensor<D> {
    Tensor::from_data(plain(name, shape).into_data(), &Device::flex().autodiff()).require_grad()
}

/// The numbers of a single-precision tensor.
pub(crate) fn values<const D: usize>(tensor: &Tensor<D>) -> Vec<f32> {
    tensor.clone().inner_or_self().to_data().try_to_vec::<f32>().expect("the tensor is of single precision")
}

/// A tensor without its gradient tape, if it has one.
trait InnerOrSelf {
    fn inner_or_self(self) -> Self;
}

impl<const D: usize> InnerOrSelf for Tensor<D> {
    fn inner_or_self(self) -> Self {
        if self.is_autodiff() { self.inner() } else { self }
    }
}

/// Fails unless the tensors agree to `tolerance`, absolutely and relatively.
pub(crate) fn assert_near<const D: usize>(left: &Tensor<D>, right: &Tensor<D>, tolerance: f32) {
    assert_eq!(left.dims(), right.dims());
    for (index, (a, b)) in values(left).into_iter().zip(values(right)).enumerate() {
        assert!((a - b).abs() <= tolerance * (1.0 + b.abs()), "entry {index}: {a} is not {b}");
    }
}

/// Fails unless the gradient of `loss` at `x` agrees with central differences in every entry.
pub(crate) fn assert_gradient<const D: usize>(x: Tensor<D>, loss: impl Fn(Tensor<D>) -> Tensor<1>) {
    let leaf = Tensor::<D>::from_data(x.to_data(), &Device::flex().autodiff()).require_grad();
    let gradients = loss(leaf.clone()).backward();
    let gradient = values(&leaf.grad(&gradients).expect("the leaf is tracked and the loss depends on it"));
    let numbers = values(&x);
    let at = |index: usize, change: f32| {
        let mut moved = numbers.clone();
        moved[index] += change;
        f64::from(values(&loss(Tensor::from_data(TensorData::new(moved, x.dims()), &x.device())))[0])
    };
    let step = 1e-2;
    for (index, &gradient) in gradient.iter().enumerate() {
        let slope = (at(index, step) - at(index, -step)) / f64::from(2.0 * step);
        let difference = (slope - f64::from(gradient)).abs();
        assert!(
            difference < 5e-3 * (1.0 + slope.abs()),
            "entry {index}: {gradient}, differences give {slope}"
        );
    }
}
