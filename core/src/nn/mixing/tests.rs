//! Mixing against plain tensor code, and the identities every mixture of weights must have.

use super::*;
use crate::nn::fused::checks::{assert_near, leaf, plain, values};
use burn::tensor::TensorData;

/// The slow twin: multiply, then sum over the experts.
fn reference(experts: Tensor<3>, alpha: Tensor<2>, extents: [usize; 2]) -> Tensor<2> {
    let [count, _, _] = experts.dims();
    let [inputs, outputs] = extents;
    let experts = experts.slice([0..count, 0..inputs, 0..outputs]);
    (experts * alpha.transpose().unsqueeze_dim::<3>(1)).sum_dim(0).reshape(extents)
}

fn one_per_neuron(alpha: Tensor<1>, outputs: usize) -> Tensor<2> {
    let [count] = alpha.dims();
    alpha.reshape([1, count]).repeat_dim(0, outputs)
}

#[test]
fn both_mixtures_and_their_gradients_agree_with_plain_tensor_code() {
    for (count, extents, whole) in
        [(2, [3, 5], [3, 5]), (2, [17, 33], [20, 40]), (3, [1, 1], [4, 2]), (1, [7, 16], [7, 16])]
    {
        let [inputs, outputs] = extents;
        let experts = || leaf("experts", [count, whole[0], whole[1]]);
        let weight = || plain("weight", extents);
        for neuron_wise in [false, true] {
            let (e1, e2) = (experts(), experts());
            let rows = if neuron_wise { outputs } else { 1 };
            let (a1, a2) = (leaf("alpha", [rows, count]), leaf("alpha", [rows, count]));
            let fast = if neuron_wise {
                mix_neuron_wise_within(e1.clone(), a1.clone(), extents)
            } else {
                mix_layer_wise_within(e1.clone(), a1.clone().reshape([count]), extents)
            };
            let spread = if neuron_wise { a2.clone() } else { a2.clone().repeat_dim(0, outputs) };
            let slow = reference(e2.clone(), spread, [inputs, outputs]);
            assert_near(&fast, &slow, 1e-6);
            let (g1, g2) = ((fast * weight()).sum().backward(), (slow * weight()).sum().backward());
            let message = "both tensors are tracked leaves";
            assert_near(&e1.grad(&g1).expect(message), &e2.grad(&g2).expect(message), 1e-6);
            assert_near(&a1.grad(&g1).expect(message), &a2.grad(&g2).expect(message), 1e-4);
        }
    }
}

#[test]
fn one_expert_with_weight_one_is_that_expert() {
    let experts = plain("experts", [1, 4, 6]);
    let one = Tensor::<1>::ones([1], &experts.device());
    let same = experts.clone().reshape([4, 6]);
    assert_eq!(values(&mix_layer_wise(experts.clone(), one.clone())), values(&same));
    assert_eq!(values(&mix_neuron_wise(experts, one_per_neuron(one, 6))), values(&same));
}

#[test]
fn a_one_hot_mixture_is_that_expert_and_only_it_gets_a_gradient() {
    let experts = leaf("experts", [3, 4, 6]);
    let chosen = Tensor::<1>::from_floats([0.0, 1.0, 0.0], &Device::flex());
    let mixed = mix_layer_wise(experts.clone(), chosen.clone());
    assert_eq!(values(&mixed), values(&experts.clone().inner().slice(s![1..2]).reshape([4, 6])));
    let gradients = mixed.sum().backward();
    let gradient = experts.grad(&gradients).expect("the experts are a tracked leaf");
    assert_eq!(values(&gradient), [vec![0.0; 24], vec![1.0; 24], vec![0.0; 24]].concat());
    let mixed = mix_neuron_wise(experts.clone(), one_per_neuron(chosen, 6));
    assert_eq!(values(&mixed), values(&experts.inner().slice(s![1..2]).reshape([4, 6])));
}

#[test]
fn identical_experts_mix_to_themselves() {
    let expert = plain("expert", [1, 5, 7]);
    let experts = expert.clone().repeat_dim(0, 3);
    let alpha = burn::tensor::activation::softmax(plain("alpha", [7, 3]), 1);
    assert_near(&mix_neuron_wise(experts.clone(), alpha.clone()), &expert.clone().reshape([5, 7]), 1e-6);
    let row = alpha.slice(s![0..1]).reshape([3]);
    assert_near(&mix_layer_wise(experts, row), &expert.reshape([5, 7]), 1e-6);
}

#[test]
fn the_part_of_a_mixture_is_the_mixture_of_the_parts() {
    let (experts, alpha) = (plain("experts", [2, 9, 11]), plain("alpha", [11, 2]));
    let whole = mix_neuron_wise(experts.clone(), alpha.clone()).slice([0..4, 0..6]);
    let parts = experts.clone().slice([0..2, 0..4, 0..6]);
    let short = alpha.slice(s![0..6]);
    assert_eq!(values(&whole), values(&mix_neuron_wise(parts.clone(), short.clone())));
    assert_eq!(values(&whole), values(&mix_neuron_wise_within(experts.clone(), short.clone(), [4, 6])));
    let row = short.slice(s![0..1]).reshape([2]);
    let whole = mix_layer_wise(experts, row.clone()).slice([0..4, 0..6]);
    assert_eq!(values(&whole), values(&mix_layer_wise(parts, row)));
}

#[test]
fn biases_mix_as_a_matrix_with_one_input_does() {
    let (biases, alpha) = (plain("biases", [2, 8]), plain("alpha", [5, 2]));
    let matrix = mix_neuron_wise_within(biases.clone().unsqueeze_dim::<3>(1), alpha.clone(), [1, 5]);
    assert_eq!(values(&mix_bias_neuron_wise(biases.clone(), alpha.clone(), 5)), values(&matrix));
    let row = alpha.slice(s![0..1]).reshape([2]);
    let matrix = mix_layer_wise_within(biases.clone().unsqueeze_dim::<3>(1), row.clone(), [1, 5]);
    assert_eq!(values(&mix_bias_layer_wise(biases, row, 5)), values(&matrix));
}

#[test]
fn double_precision_takes_the_portable_path() {
    let cast = |tensor: Tensor<3>| tensor.cast(burn::tensor::DType::F64);
    let (experts, alpha) = (plain("experts", [2, 4, 3]), plain("alpha", [3, 2]));
    let exact = mix_neuron_wise(cast(experts.clone()), alpha.clone().cast(burn::tensor::DType::F64));
    assert_eq!(exact.dtype(), burn::tensor::DType::F64);
    assert_near(&exact.cast(burn::tensor::DType::F32), &mix_neuron_wise(experts, alpha), 1e-6);
}

#[test]
#[should_panic(expected = "there are 2 experts but mixing weights for 3")]
fn a_wrong_number_of_mixing_weights_is_named() {
    let device = Device::flex();
    let alpha = Tensor::<1>::from_data(TensorData::new(vec![1f32; 3], [3]), &device);
    mix_layer_wise(plain("experts", [2, 4, 3]), alpha);
}
