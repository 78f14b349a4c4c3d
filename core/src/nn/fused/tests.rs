//! The fused operations against plain differentiable tensor code, and against finite differences.

use burn::prelude::*;
use burn::tensor::{DType, activation};

use super::checks::{assert_gradient, assert_near, leaf, plain, values};
use super::{
    Activation, EPSILON, Mask, cross_entropy, cross_entropy_classes, embed, layer_norm, linear, softmax,
};

const LEAF: &str = "the tensor is a tracked leaf and the loss depends on it";

fn classes(rows: usize, classes: usize) -> Tensor<1, Int> {
    let numbers: Vec<i64> = (0..rows).map(|row| ((row * 7 + 3) % classes) as i64).collect();
    Tensor::from_data(TensorData::new(numbers, [rows]), &Device::flex())
}

fn reference_softmax(x: Tensor<3>, scale: f32, mask: Mask) -> Tensor<3> {
    let [_, queries, keys] = x.dims();
    let x = x * scale;
    let x = match mask {
        Mask::Open => x,
        Mask::Causal => {
            let hidden = Tensor::<2, Bool>::tril_mask([queries, keys], 0, &Device::flex());
            x.mask_fill(hidden.unsqueeze::<3>(), f32::NEG_INFINITY)
        }
    };
    activation::softmax(x, 2)
}

#[test]
fn softmax_and_its_gradient_agree_with_plain_tensor_code() {
    for (shape, mask) in [
        ([2, 3, 5], Mask::Open),
        ([1, 1, 1], Mask::Open),
        ([3, 17, 33], Mask::Open),
        ([2, 19, 19], Mask::Causal),
        ([2, 4, 7], Mask::Causal),
    ] {
        let (x1, x2, weight) = (leaf("x", shape), leaf("x", shape), plain("w", shape));
        let (fast, slow) = (softmax(x1.clone(), 0.7, mask), reference_softmax(x2.clone(), 0.7, mask));
        assert_near(&fast, &slow, 1e-6);
        let (g1, g2) = ((fast * weight.clone()).sum().backward(), (slow * weight).sum().backward());
        assert_near(&x1.grad(&g1).expect(LEAF), &x2.grad(&g2).expect(LEAF), 1e-5);
    }
    let weight = plain("w", [3, 4, 4]);
    assert_gradient(plain("x", [3, 4, 4]), |x| (softmax(x, 0.5, Mask::Causal) * weight.clone()).sum());
}

#[test]
fn softmax_reads_a_transposed_tensor_in_its_logical_order() {
    let x = plain("x", [2, 5, 7]).swap_dims(1, 2);
    assert_near(&softmax(x.clone(), 1.0, Mask::Open), &reference_softmax(x, 1.0, Mask::Open), 1e-6);
}

#[test]
fn softmax_leaves_its_argument_alone_when_somebody_else_holds_it() {
    let x = plain("x", [2, 3, 4]);
    let before = values(&x);
    let _ = softmax(x.clone(), 1.0, Mask::Open);
    assert_eq!(values(&x), before);
}

fn reference_norm(x: Tensor<2>, scale: Tensor<1>, shift: Tensor<1>) -> Tensor<2> {
    let [_, width] = x.dims();
    let centred = x.clone() - x.mean_dim(1);
    let variance = centred.clone().powf_scalar(2.0).mean_dim(1);
    let scale = scale.slice(s![0..width]).unsqueeze::<2>();
    centred / (variance + EPSILON).sqrt() * scale + shift.slice(s![0..width]).unsqueeze::<2>()
}

#[test]
fn layer_norm_and_its_gradients_agree_with_plain_tensor_code() {
    for (shape, whole) in [([4, 8], 8), ([3, 17], 20), ([1, 2], 2), ([33, 100], 128)] {
        let inputs = || (leaf("x", shape), leaf("scale", [whole]), leaf("shift", [whole]));
        let ((x1, a1, b1), (x2, a2, b2), weight) = (inputs(), inputs(), plain("w", shape));
        let fast = layer_norm(x1.clone(), a1.clone(), b1.clone());
        let slow = reference_norm(x2.clone(), a2.clone(), b2.clone());
        assert_near(&fast, &slow, 1e-5);
        let (g1, g2) = ((fast * weight.clone()).sum().backward(), (slow * weight).sum().backward());
        assert_near(&x1.grad(&g1).expect(LEAF), &x2.grad(&g2).expect(LEAF), 1e-4);
        assert_near(&a1.grad(&g1).expect(LEAF), &a2.grad(&g2).expect(LEAF), 1e-4);
        assert_near(&b1.grad(&g1).expect(LEAF), &b2.grad(&g2).expect(LEAF), 1e-4);
    }
    let (scale, shift, weight) = (plain("scale", [6]), plain("shift", [6]), plain("w", [3, 6]));
    assert_gradient(plain("x", [3, 6]), |x| {
        (layer_norm(x, scale.clone(), shift.clone()) * weight.clone()).sum()
    });
}

#[test]
fn linear_and_its_gradients_agree_with_plain_tensor_code() {
    for (tokens, part, whole) in [(5, [3, 4], [3, 4]), (7, [17, 33], [20, 40]), (1, [1, 1], [2, 3])] {
        for activation in [Activation::Identity, Activation::Relu, Activation::Tanh] {
            let inputs = || (leaf("x", [tokens, part[0]]), leaf("w", whole), leaf("b", [whole[1]]));
            let ((x1, w1, b1), (x2, w2, b2)) = (inputs(), inputs());
            let fast = linear(x1.clone(), w1.clone(), b1.clone(), part[1], activation);
            let used = w2.clone().slice([0..part[0], 0..part[1]]);
            let sum = x2.clone().matmul(used) + b2.clone().narrow(0, 0, part[1]).unsqueeze::<2>();
            let slow = match activation {
                Activation::Identity => sum,
                Activation::Relu => activation::relu(sum),
                Activation::Tanh => sum.tanh(),
            };
            assert_near(&fast, &slow, 1e-5);
            let weight = plain("weight", [tokens, part[1]]);
            let (g1, g2) = ((fast * weight.clone()).sum().backward(), (slow * weight).sum().backward());
            assert_near(&x1.grad(&g1).expect(LEAF), &x2.grad(&g2).expect(LEAF), 1e-4);
            assert_near(&w1.grad(&g1).expect(LEAF), &w2.grad(&g2).expect(LEAF), 1e-4);
            assert_near(&b1.grad(&g1).expect(LEAF), &b2.grad(&g2).expect(LEAF), 1e-4);
        }
    }
    let (w, b) = (plain("w", [4, 3]), plain("b", [3]));
    assert_gradient(plain("x", [5, 4]), |x| linear(x, w.clone(), b.clone(), 3, Activation::Identity).sum());
    assert_gradient(plain("x", [5, 4]), |x| linear(x, w.clone(), b.clone(), 3, Activation::Tanh).sum());
}

#[test]
fn cross_entropy_and_its_gradient_agree_with_plain_tensor_code() {
    for [rows, count] in [[1, 2], [5, 3], [7, 33], [64, 10]] {
        let (x1, x2, x3) = (leaf("x", [rows, count]), leaf("x", [rows, count]), leaf("x", [rows, count]));
        let target = classes(rows, count);
        let one_hot = target.clone().unsqueeze_dim::<2>(1);
        let row = Tensor::<1, Int>::arange(0..count as i64, &Device::flex()).unsqueeze::<2>();
        let one_hot = one_hot.equal(row).float();
        let fast = cross_entropy_classes(x1.clone(), target);
        let slow = -(activation::log_softmax(x2.clone(), 1) * one_hot.clone()).sum() / rows as f32;
        let soft = cross_entropy(x3.clone(), one_hot);
        assert_near(&fast, &slow, 1e-5);
        assert_near(&soft, &slow, 1e-5);
        let (g1, g2, g3) = ((fast * 3.0).backward(), (slow * 3.0).backward(), (soft * 3.0).backward());
        let expected = x2.grad(&g2).expect(LEAF);
        assert_near(&x1.grad(&g1).expect(LEAF), &expected, 1e-6);
        assert_near(&x3.grad(&g3).expect(LEAF), &expected, 1e-6);
    }
    assert_gradient(plain("x", [3, 4]), |x| cross_entropy_classes(x, classes(3, 4)));
    let target = activation::softmax(plain("target", [3, 4]), 1) * 2.0; // mass other than one
    assert_gradient(plain("x", [3, 4]), |x| cross_entropy(x, target.clone()));
}

#[test]
fn embedding_and_its_gradients_agree_with_plain_tensor_code() {
    let tokens = classes(6, 5).reshape([2, 3]);
    for width in [1, 4, 7] {
        let inputs = || (leaf("table", [5, 7]), leaf("positions", [4, 7]));
        let ((t1, p1), (t2, p2), weight) = (inputs(), inputs(), plain("w", [6, width]));
        let fast = embed(tokens.clone(), t1.clone(), p1.clone(), width);
        let rows = t2.clone().select(0, tokens.clone().reshape([6])).slice([0..6, 0..width]);
        let slow = rows + p2.clone().slice([0..3, 0..width]).repeat_dim(0, 2);
        assert_near(&fast, &slow, 0.0);
        let (g1, g2) = ((fast * weight.clone()).sum().backward(), (slow * weight).sum().backward());
        assert_near(&t1.grad(&g1).expect(LEAF), &t2.grad(&g2).expect(LEAF), 1e-6);
        assert_near(&p1.grad(&g1).expect(LEAF), &p2.grad(&g2).expect(LEAF), 1e-6);
    }
    let wide = |name| plain::<2>(name, [5, 7]).cast(DType::F64);
    let double = embed(tokens.clone(), wide("table"), wide("positions"), 4).cast(DType::F32);
    assert_near(&double, &embed(tokens, plain("table", [5, 7]), plain("positions", [5, 7]), 4), 1e-6);
}

#[test]
fn double_precision_takes_the_portable_paths() {
    let device = Device::flex();
    let double = |name: &str, shape: [usize; 2]| plain(name, shape).cast(DType::F64);
    let row = |name: &str| plain::<1>(name, [6]).cast(DType::F64);
    let single = |tensor: Tensor<2>| tensor.cast(DType::F32);
    let x = || plain("x", [4, 6]);
    let soft = softmax(double("x", [4, 6]), 0.5, Mask::Open);
    assert_eq!(soft.dtype(), DType::F64);
    assert_near(&single(soft), &softmax(x(), 0.5, Mask::Open), 1e-6);
    let norm = layer_norm(double("x", [4, 6]), row("a"), row("b"));
    assert_near(&single(norm), &layer_norm(x(), plain("a", [6]), plain("b", [6])), 1e-5);
    for activation in [Activation::Relu, Activation::Tanh] {
        let map = linear(double("x", [4, 6]), double("w", [6, 6]), row("b"), 5, activation);
        let twin = linear(x(), plain("w", [6, 6]), plain("b", [6]), 5, activation);
        assert_near(&single(map), &twin, 1e-5);
    }
    let loss = cross_entropy_classes(double("x", [4, 6]), classes(4, 6)).cast(DType::F32);
    assert_near(&loss, &cross_entropy_classes(x(), classes(4, 6)), 1e-6);
    let tracked = Tensor::<2>::from_data(double("x", [4, 6]).into_data(), (&device.autodiff(), DType::F64));
    let tracked = tracked.require_grad();
    let y = softmax(tracked.clone(), 0.5, Mask::Causal) * double("w", [4, 6]);
    let gradients = y.sum().backward();
    assert_eq!(tracked.grad(&gradients).expect(LEAF).dtype(), DType::F64);
}

#[test]
#[should_panic(expected = "an index is 4, but must be in 0..3")]
fn a_class_outside_the_logits_is_named() {
    let class = Tensor::<1, Int>::from_ints([4], &Device::flex());
    cross_entropy_classes(plain("x", [1, 3]), class);
}
