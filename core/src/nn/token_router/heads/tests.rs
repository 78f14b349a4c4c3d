//! Heads as experts against the dense layer, against a slow twin, and against finite differences.

use burn::module::Param;

use super::*;
use crate::nn::causal_attention::CausalAttention;
use crate::nn::fused::checks::{assert_gradient, assert_near, plain, values};
use crate::nn::token_router::hooks::NoHooks;
use crate::routing::RouterMemory;
use crate::routing::routers::{Setting, token_router};

const SHAPE: HeadShape = HeadShape { width: 12, heads: 4 };
const SEQUENCES: Sequences = Sequences { count: 2, length: 5 };
const UNITS: usize = 10;

fn layer() -> HeadExperts {
    let device = Device::flex();
    let mut layer = HeadExperts::new(SHAPE, &mut Streams::new(3).stream("init"), &device);
    layer.qkv.bias = Param::from_data(plain("qkv bias", [36]).into_data(), &device);
    layer.out.bias = Param::from_data(plain("out bias", [12]).into_data(), &device);
    layer
}

fn x() -> Tensor<2> {
    plain("x", [UNITS, SHAPE.width])
}

fn gates() -> Tensor<2> {
    plain("gates", [UNITS, SHAPE.heads])
}

fn ones() -> Tensor<2> {
    Tensor::ones([UNITS, SHAPE.heads], &Device::flex())
}

fn rows<const D: usize>(tensor: &Tensor<D>, width: usize) -> Vec<Vec<f64>> {
    values(tensor).chunks(width).map(|row| row.iter().map(|&number| f64::from(number)).collect()).collect()
}

/// The layer in plain loops and double precision, from the equation; it shares no code with the tensors.
fn reference(layer: &HeadExperts, gates: &Tensor<2>, mask: Mask) -> Vec<Vec<f64>> {
    let (width, heads, each) = (SHAPE.width, SHAPE.heads, SHAPE.width / SHAPE.heads);
    let (x, gates) = (rows(&x(), width), rows(gates, heads));
    let linear = |row: &[f64], layer: &ElasticLinear, outputs: usize| -> Vec<f64> {
        let (weight, bias) = (values(&layer.weight.val()), values(&layer.bias.val()));
        let at = |i: usize, o: usize| f64::from(weight[i * outputs + o]);
        let sum = |o: usize| row.iter().enumerate().map(|(i, x)| x * at(i, o)).sum::<f64>();
        (0..outputs).map(|o| sum(o) + f64::from(bias[o])).collect()
    };
    let qkv: Vec<Vec<f64>> = x.iter().map(|row| linear(row, &layer.qkv, 3 * width)).collect();
    let part = |unit: usize, head: usize, part: usize| {
        let start = (3 * head + part) * each;
        &qkv[unit][start..start + each]
    };
    let answer = |unit: usize| {
        let start = unit / SEQUENCES.length * SEQUENCES.length;
        let end = if mask == Mask::Causal { unit + 1 } else { start + SEQUENCES.length };
        let mut gated = vec![0.0; width];
        for head in 0..heads {
            let score = |key: usize| -> f64 {
                let dot: f64 = part(unit, head, 0).iter().zip(part(key, head, 1)).map(|(q, k)| q * k).sum();
                (dot / (each as f64).sqrt()).exp()
            };
            let total: f64 = (start..end).map(score).sum();
            for key in start..end {
                for (entry, value) in part(key, head, 2).iter().enumerate() {
                    gated[head * each + entry] += gates[unit][head] * score(key) / total * value;
                }
            }
        }
        linear(&gated, &layer.out, width)
    };
    (0..UNITS).map(answer).collect()
}

#[test]
fn with_all_gates_one_the_heads_are_exactly_the_dense_layer() {
    for mask in [Mask::Open, Mask::Causal] {
        let layer = layer();
        let qkv = layer.qkv.forward(x(), 36, Activation::Identity);
        let dense = layer.out.forward(attend(qkv, SEQUENCES, 4, mask), 12, Activation::Identity);
        assert_near(&layer.forward(x(), ones(), SEQUENCES, mask), &dense, 1e-6);
    }
    // The same stream makes the same layer as a decoder's.
    let stream = || Streams::new(3).stream("init");
    let dense = CausalAttention::new(12, 4, 1.0, &mut stream(), &Device::flex());
    let heads = HeadExperts::new(SHAPE, &mut stream(), &Device::flex());
    let found = heads.forward(x(), ones(), SEQUENCES, Mask::Causal);
    assert_near(&found, &dense.forward(x(), SEQUENCES, None), 1e-6);
}

#[test]
fn gated_heads_agree_with_plain_loops() {
    let layer = layer();
    for mask in [Mask::Open, Mask::Causal] {
        let found = rows(&layer.forward(x(), gates(), SEQUENCES, mask), SHAPE.width);
        let expected = reference(&layer, &gates(), mask);
        for (found, expected) in found.iter().flatten().zip(expected.iter().flatten()) {
            assert!((found - expected).abs() < 1e-5 * (1.0 + expected.abs()), "{found}, not {expected}");
        }
    }
}

#[test]
fn gradients_for_units_and_for_gates_agree_with_finite_differences() {
    let (layer, weight) = (layer(), plain("weight", [UNITS, SHAPE.width]));
    for mask in [Mask::Open, Mask::Causal] {
        assert_gradient(x(), |x| (layer.forward(x, gates(), SEQUENCES, mask) * weight.clone()).sum());
        assert_gradient(gates(), |gates| (layer.forward(x(), gates, SEQUENCES, mask) * weight.clone()).sum());
    }
}

#[test]
fn who_chose_no_head_gets_the_biases_and_is_still_seen_by_the_others() {
    let layer = layer();
    let alone = gates().slice_fill([3..4, 0..4], 0.0);
    let found = rows(&layer.forward(x(), alone, SEQUENCES, Mask::Open), SHAPE.width);
    assert_eq!(found[3], rows(&layer.out.bias.val(), SHAPE.width)[0]);
    let others = rows(&layer.forward(x(), gates(), SEQUENCES, Mask::Open), SHAPE.width);
    assert!((0..UNITS).filter(|unit| *unit != 3).all(|unit| found[unit] == others[unit]));
}

#[test]
fn the_order_of_heads_with_their_gates_changes_nothing() {
    let (layer, order, each) = (layer(), [2usize, 0, 3, 1], SHAPE.head_width());
    let moved = |tensor: Tensor<2>, dim: usize, width: usize| {
        let parts = order.map(|head| tensor.clone().narrow(dim, head * width, width));
        Tensor::cat(parts.to_vec(), dim)
    };
    let mut other = layer.clone();
    let device = Device::flex();
    let bias = moved(layer.qkv.bias.val().reshape([1, 36]), 1, 3 * each).reshape([36]);
    other.qkv.weight = Param::from_data(moved(layer.qkv.weight.val(), 1, 3 * each).into_data(), &device);
    other.qkv.bias = Param::<Tensor<1>>::from_data(bias.into_data(), &device);
    other.out.weight = Param::from_data(moved(layer.out.weight.val(), 0, each).into_data(), &device);
    let found = other.forward(x(), moved(gates(), 1, 1), SEQUENCES, Mask::Open);
    assert_near(&found, &layer.forward(x(), gates(), SEQUENCES, Mask::Open), 1e-5);
}

#[test]
fn the_heads_taken_apart_add_up_to_the_layer() {
    let layer = layer();
    let apart = layer.apart(x(), SEQUENCES, Mask::Open);
    assert_eq!(apart.dims(), [UNITS, SHAPE.heads, SHAPE.width]);
    let whole = layer.forward(x(), ones(), SEQUENCES, Mask::Open);
    assert_near(&apart.clone().sum_dim(1).reshape([UNITS, SHAPE.width]), &whole, 1e-5);
    // One head alone, with all of the biases.
    let only = Tensor::<2>::zeros([UNITS, SHAPE.heads], &Device::flex()).slice_fill([0..UNITS, 2..3], 1.0);
    let alone = apart.narrow(1, 2, 1).reshape([UNITS, SHAPE.width]);
    let rest = layer.out.bias.val().reshape([1, SHAPE.width]) * 0.75;
    assert_near(&(alone + rest), &layer.forward(x(), only, SEQUENCES, Mask::Open), 1e-5);
}

#[test]
fn sizes_count_every_number_and_the_work_of_the_dense_layer() {
    let count = SHAPE.heads * SHAPE.parameters() + SHAPE.parameters_of_all();
    assert_eq!(count, layer().num_params());
    // Four square maps, then scores and mixtures over ten units: two operations a multiplication.
    let dense = 2.0 * (4 * 12 * 12 + 2 * 10 * 12) as f64;
    assert_eq!(SHAPE.flops_of_all() + 4.0 * SHAPE.flops(10), dense);
}

fn setting() -> Setting {
    Setting { experts: 4, k: 2, capacity_factor: None, overflow: None, sequence: SEQUENCES.length }
}

fn passage<'a>(recipe: &'a Recipe, memory: &'a RouterMemory) -> Passage<'a> {
    Passage {
        recipe,
        memory,
        activation: Activation::Identity,
        sequence: SEQUENCES.length,
        valid: &[],
        identities: &[7; UNITS],
        training: true,
        cell: None,
        state: None,
        hooks: &NoHooks,
    }
}

#[test]
fn chosen_heads_weigh_what_the_record_says() {
    for name in ["top-k", "hash", "union-of-experts", "expert-selection", "mixture-of-depths"] {
        let recipe = token_router(name).expect("known").recipe(&setting()).expect("fits");
        let memory = recipe.controller.begin(recipe.slots());
        let stream = &mut Streams::new(5).stream("init");
        let layer = RoutedHeads::new(&recipe, SHAPE.width, stream, &Device::flex());
        let passage = passage(&recipe, &memory);
        let routed =
            pollster::block_on(layer.forward(x(), &passage, Streams::new(8))).expect("units fill sequences");
        let mut cells = vec![0f32; UNITS * SHAPE.heads];
        for edge in routed.routing.edges.iter().filter(|edge| edge.slot < recipe.pipeline().experts) {
            // A block's one weight is every head's.
            let heads = if recipe.is_block { 0..SHAPE.heads } else { edge.slot..edge.slot + 1 };
            heads.for_each(|head| cells[edge.unit * SHAPE.heads + head] = edge.combine);
        }
        let gates = Tensor::from_data(TensorData::new(cells, [UNITS, SHAPE.heads]), &Device::flex());
        assert_near(&routed.output, &layer.heads.forward(x(), gates, SEQUENCES, Mask::Open), 1e-5);
    }
}

#[test]
fn what_heads_cannot_read_is_refused() {
    let refused = |name: &str, change: fn(Passage<'_>) -> Passage<'_>, expected: &str| {
        let recipe = token_router(name).expect("known").recipe(&setting()).expect("fits");
        let memory = recipe.controller.begin(recipe.slots());
        let stream = &mut Streams::new(5).stream("init");
        let layer = RoutedHeads::new(&recipe, SHAPE.width, stream, &Device::flex());
        let passage = change(passage(&recipe, &memory));
        let message = pollster::block_on(layer.forward(x(), &passage, Streams::new(8)))
            .err()
            .map(|error| error.to_string())
            .unwrap_or_default();
        assert!(message.contains(expected), "`{message}` should say `{expected}`");
    };
    refused("soft", |passage| passage, "not mixtures of them");
    refused("top-k", |passage| Passage { valid: &[true; UNITS], ..passage }, "would see padding");
    refused("top-k", |passage| Passage { sequence: 4, ..passage }, "10 units do not fill sequences of 4");
}
