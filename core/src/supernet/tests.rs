//! Acceptance tests of Mixture-of-Supernets: the identities that its equations imply, gradients against finite
//! differences, a slow reference twin in plain loops, exports, controls, and exact repetition.

use burn::module::Param;
use burn::tensor::{Device, Tensor, TensorData};
use ndarray::Array2;

use super::export::export;
use super::provider::{BlockMixing, ExpertInit, Granularity};
use super::sharing::MixingTable;
use super::space::tests::space;
use super::training::Examples;
use super::*;
use crate::rng::Streams;

mod gradients;
mod repetition;

const SEED: u64 = 11;

fn device() -> Device {
    Device::flex()
}

fn config(experts: usize, granularity: Granularity, encoding: Encoding) -> MixtureConfig {
    MixtureConfig { experts, granularity, encoding, hidden: 8, init: ExpertInit::Independent, scale: 1.0 }
}

fn mixture(experts: usize, granularity: Granularity) -> Mixture {
    Mixture::new(space(), config(experts, granularity, Encoding::PerLayer), &Streams::new(SEED), &device())
}

fn inputs(rows: usize) -> Tensor<2> {
    let values = Streams::new(SEED).stream("test-inputs").normals(rows * 6, 1.0);
    Tensor::from_data(TensorData::new(values, [rows, 6]), &device())
}

fn examples(rows: usize) -> Examples {
    let logits = Streams::new(SEED).stream("test-targets").normals(rows * 4, 1.0);
    let logits = Tensor::<2>::from_data(TensorData::new(logits, [rows, 4]), &device());
    Examples { inputs: inputs(rows), targets: burn::tensor::activation::softmax(logits, 1) }
}

fn architectures() -> Vec<Architecture> {
    ["w8-relu-f10.6.6", "w4-relu-f2", "w8-squared-relu-f2.10", "w4-squared-relu-f6.2.10"]
        .map(|text| text.parse().expect("well formed"))
        .to_vec()
}

fn logits<P: WeightProvider>(provider: &P, architecture: &Architecture) -> Vec<f32> {
    let subnets = provider.subnets(std::slice::from_ref(architecture)).expect("in the space");
    subnets[0].forward(inputs(5)).into_data().try_to_vec().expect("single precision")
}

fn assert_close(found: &[f32], expected: &[f32], tolerance: f32) {
    assert_eq!(found.len(), expected.len());
    for (found, expected) in found.iter().zip(expected) {
        assert!((found - expected).abs() <= tolerance * (1.0 + expected.abs()), "{found} is not {expected}");
    }
}

#[test]
fn one_expert_is_plain_sharing() {
    let shared = SharedWeights::new(space(), 1.0, &Streams::new(SEED), &device());
    for granularity in [Granularity::Network, Granularity::Layer, Granularity::Neuron] {
        for architecture in architectures() {
            assert_close(
                &logits(&mixture(1, granularity), &architecture),
                &logits(&shared, &architecture),
                1e-6,
            );
        }
    }
}

#[test]
fn equal_experts_are_plain_sharing_whatever_the_router_says() {
    let shared = SharedWeights::new(space(), 1.0, &Streams::new(SEED), &device());
    for granularity in [Granularity::Layer, Granularity::Neuron] {
        let config = MixtureConfig { init: ExpertInit::Copied, ..config(3, granularity, Encoding::PerLayer) };
        let copied = Mixture::new(space(), config, &Streams::new(SEED), &device());
        for architecture in architectures() {
            assert_close(&logits(&copied, &architecture), &logits(&shared, &architecture), 1e-5);
        }
    }
}

#[test]
fn a_one_hot_mixture_is_that_expert() {
    let provider = mixture(3, Granularity::Layer);
    for architecture in architectures() {
        for expert in 0..3 {
            let mut one_hot = [0.0; 3];
            one_hot[expert] = 1.0;
            let alpha = Tensor::<1>::from_floats(one_hot, &device());
            let rows = |count: usize| alpha.clone().unsqueeze::<2>().expand([count, 3]);
            let of = |mixing: Vec<BlockMixing>| {
                let subnet = provider.weights().subnet(&architecture, &mixing);
                subnet.forward(inputs(5)).into_data().try_to_vec::<f32>().expect("single precision")
            };
            let depth = architecture.depth();
            let single = of(vec![BlockMixing::Single(expert); depth]);
            assert_close(&of(vec![BlockMixing::Layer(Box::new(alpha.clone())); depth]), &single, 1e-6);
            let neurons = (0..depth)
                .map(|block| {
                    BlockMixing::Neuron(vec![rows(architecture.ffn[block]), rows(architecture.width)])
                })
                .collect();
            assert_close(&of(neurons), &single, 1e-6);
        }
    }
}

/// The slow twin: every weight mixed by the formula, one number at a time, and a forward pass in double precision.
fn reference_logits(provider: &Mixture, architecture: &Architecture, table: &MixingTable) -> Vec<f32> {
    let weights = provider.weights();
    let three = |tensor: &Param<Tensor<3>>| {
        (tensor.dims(), tensor.val().into_data().try_to_vec::<f32>().expect("single precision"))
    };
    let two = |tensor: &Param<Tensor<2>>| {
        (tensor.dims(), tensor.val().into_data().try_to_vec::<f32>().expect("single precision"))
    };
    let experts = table.experts;
    // alpha[r, k], or one row for all outputs.
    let alpha = |rows: &[f64], output: usize, expert: usize| {
        rows[if rows.len() == experts { expert } else { output * experts + expert }]
    };
    let mixed = |tensor: &Param<Tensor<3>>, rows: &[f64], shape: [usize; 2]| {
        let ([_, height, width], numbers) = three(tensor);
        Array2::from_shape_fn(shape, |(i, o)| {
            (0..experts)
                .map(|k| alpha(rows, o, k) * f64::from(numbers[(k * height + i) * width + o]))
                .sum::<f64>()
        })
    };
    let mixed_bias = |tensor: &Param<Tensor<2>>, rows: &[f64], count: usize| {
        let ([_, width], numbers) = two(tensor);
        Array2::from_shape_fn((1, count), |(_, o)| {
            (0..experts).map(|k| alpha(rows, o, k) * f64::from(numbers[k * width + o])).sum::<f64>()
        })
    };
    let plain = |tensor: &Param<Tensor<2>>, shape: [usize; 2]| {
        let ([_, width], numbers) = two(tensor);
        Array2::from_shape_fn(shape, |(i, o)| f64::from(numbers[i * width + o]))
    };
    let data = inputs(5).into_data().try_to_vec::<f32>().expect("single precision");
    let x = Array2::from_shape_fn((5, 6), |(row, column)| f64::from(data[row * 6 + column]));
    let mut h = x.dot(&plain(&weights.input, [6, architecture.width])); // the input bias starts at zero
    for (block, inner) in architecture.ffn.iter().enumerate() {
        let (experts, rows) = (&weights.blocks[block], &table.blocks[block]);
        // Layer-wise, one row serves both.
        let [up, down] = [0, rows.len() - 1].map(|layer| &rows[layer]);
        let z = h.dot(&mixed(&experts.up, up, [architecture.width, *inner]))
            + mixed_bias(&experts.up_bias, up, *inner);
        let z = z.mapv(|z| match architecture.activation {
            Activation::Relu => z.max(0.0),
            Activation::SquaredRelu => z.max(0.0).powi(2),
            Activation::Tanh => z.tanh(),
        });
        h = h
            + z.dot(&mixed(&experts.down, down, [*inner, architecture.width]))
            + mixed_bias(&experts.down_bias, down, architecture.width);
    }
    h.dot(&plain(&weights.head, [architecture.width, 4])).iter().map(|z| *z as f32).collect()
}

#[test]
fn the_fast_path_agrees_with_the_formula_written_out() {
    for granularity in [Granularity::Network, Granularity::Layer, Granularity::Neuron] {
        let provider = mixture(3, granularity);
        for architecture in architectures() {
            let mixing = provider.mixing(std::slice::from_ref(&architecture)).remove(0);
            let table = pollster::block_on(MixingTable::read(&mixing, 3)).expect("read");
            let expected = reference_logits(&provider, &architecture, &table);
            assert_close(&logits(&provider, &architecture), &expected, 1e-5);
        }
    }
}

#[test]
fn mixing_weights_lie_on_the_simplex_and_permuting_experts_permutes_them() {
    let provider = mixture(3, Granularity::Neuron);
    for mixing in provider.mixing(&architectures()) {
        let table = pollster::block_on(MixingTable::read(&mixing, 3)).expect("read");
        for row in table.blocks.iter().flatten().flat_map(|layer| layer.chunks(3)) {
            assert!(
                (row.iter().sum::<f64>() - 1.0).abs() < 1e-6 && row.iter().all(|alpha| *alpha >= 0.0),
                "{row:?}"
            );
        }
    }
}

#[test]
fn a_narrow_architecture_uses_the_leading_rows_of_the_full_mix() {
    let provider = mixture(2, Granularity::Neuron);
    let wide: Architecture = "w8-relu-f10.6.6".parse().expect("well formed");
    let mixing = provider.mixing(std::slice::from_ref(&wide)).remove(0);
    let full = provider.weights().subnet(&wide, &mixing);
    // The same alpha, cut to fewer rows, must give the corner of the full mix.
    let narrow: Architecture = "w4-relu-f6.6.2".parse().expect("well formed");
    let cut = |alpha: &Tensor<2>, rows: usize| alpha.clone().slice([0..rows, 0..2]);
    let mixing: Vec<BlockMixing> = mixing
        .iter()
        .enumerate()
        .map(|(block, mixing)| match mixing {
            BlockMixing::Neuron(alphas) => {
                BlockMixing::Neuron(vec![cut(&alphas[0], narrow.ffn[block]), cut(&alphas[1], 4)])
            }
            other => other.clone(),
        })
        .collect();
    let small = provider.weights().subnet(&narrow, &mixing);
    for (block, (small, full)) in small.blocks.iter().zip(&full.blocks).enumerate() {
        let inner = narrow.ffn[block];
        let corner = full.up.clone().slice([0..4, 0..inner]);
        assert_close(&numbers(small.up.clone()), &numbers(corner), 0.0);
        let corner = full.down.clone().slice([0..inner, 0..4]);
        assert_close(&numbers(small.down.clone()), &numbers(corner), 0.0);
    }
}

fn numbers(tensor: Tensor<2>) -> Vec<f32> {
    tensor.into_data().try_to_vec().expect("single precision")
}

#[test]
fn a_constant_router_input_gives_the_same_mixing_to_every_architecture() {
    let config = config(2, Granularity::Neuron, Encoding::Constant);
    let provider = Mixture::new(space(), config, &Streams::new(SEED), &device());
    let tables: Vec<MixingTable> = provider
        .mixing(&architectures())
        .iter()
        .map(|mixing| pollster::block_on(MixingTable::read(mixing, 2)).expect("read"))
        .collect();
    for table in &tables[1..] {
        for (block, first) in table.blocks.iter().zip(&tables[0].blocks) {
            for (rows, first) in block.iter().zip(first) {
                let common = rows.len().min(first.len());
                assert_eq!(rows[..common], first[..common]);
            }
        }
    }
    let routed = mixture(2, Granularity::Layer);
    let entropies: Vec<f64> = routed
        .mixing(&architectures())
        .iter()
        .map(|mixing| pollster::block_on(MixingTable::read(mixing, 2)).expect("read").entropy())
        .collect();
    assert!(
        entropies.iter().any(|entropy| (entropy - entropies[0]).abs() > 1e-4),
        "a router that sees tells apart"
    );
}

#[test]
fn few_shot_regions_are_disjoint_and_cover_every_width() {
    let provider = FewShot::new(space(), 2, &Streams::new(SEED), &device());
    let regions: Vec<usize> =
        architectures().iter().map(|architecture| provider.region(architecture)).collect();
    assert_eq!(regions, [1, 0, 1, 0]);
}

#[test]
fn an_exported_network_equals_its_sub_network_and_counts_as_the_formula_says() {
    let provider = mixture(2, Granularity::Neuron);
    for architecture in architectures() {
        let subnet = provider.subnets(std::slice::from_ref(&architecture)).expect("in the space").remove(0);
        let exported = pollster::block_on(export(&subnet)).expect("exported");
        assert_eq!(exported.description.parameters, size::parameters(&space(), &architecture));
        let loaded = exported.load(&device()).expect("readable");
        let found = numbers(loaded.forward(inputs(9)));
        assert_close(&found, &numbers(subnet.forward(inputs(9))), 1e-5);
        let mut damaged = exported.clone();
        damaged.weights.truncate(exported.weights.len() - 4);
        assert!(matches!(damaged.load(&device()), Err(crate::Error::Checkpoint { .. })));
        let mut other = exported;
        other.description.architecture.ffn.push(2);
        assert!(other.load(&device()).is_err_and(|error| error.to_string().contains("is missing")));
    }
}

#[test]
fn an_architecture_outside_the_space_is_refused_with_what_is_allowed() {
    let outside: Architecture = "w5-relu-f2".parse().expect("well formed");
    let error = mixture(2, Granularity::Layer).subnets(&[outside]).expect_err("no such width");
    assert_eq!(error.to_string(), "this architecture is not in the search space: width 5, allowed: 4, 8");
    let two_wide: Architecture = "w4-relu-f10.10".parse().expect("well formed");
    assert!(mixture(2, Granularity::Layer).subnets(&[two_wide]).is_err());
}

#[test]
fn initial_weights_of_a_matched_mixture_vary_like_plain_sharing() {
    let wide = SearchSpace { widths: vec![64], ffn: vec![64], wide_ffn: None, depths: vec![1], ..space() };
    let variance = |scale: f64| {
        let config = MixtureConfig { scale, ..config(2, Granularity::Layer, Encoding::Constant) };
        let provider = Mixture::new(wide.clone(), config, &Streams::new(SEED), &device());
        let subnet = provider.subnets(&[wide.largest()]).expect("in the space").remove(0);
        subnet.blocks[0].up.clone().powf_scalar(2.0).mean().into_scalar::<f32>()
    };
    // Var W = (2 / width) Σ alpha²: about half of plain sharing's 2/64, and equal to it when matched.
    assert!(variance(1.0) < 0.8 * 2.0 / 64.0, "{}", variance(1.0));
    assert!((variance(2f64.sqrt()) / (2.0 * variance(1.0)) - 1.0).abs() < 1e-3);
}
