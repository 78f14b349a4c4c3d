//! Every router's layer against its slow twin, with gradients against finite differences; padding; repetition.

mod reference;

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::sync::Arc;

use burn::module::{Module, ModuleVisitor, Param};
use burn::prelude::*;
use proptest::prelude::*;

use super::hooks::NoHooks;
use super::*;
use crate::nn::fused::checks::{assert_near, plain, values};
use crate::nn::mixture_of_experts::grouped::{Plan, forward_grouped};
use crate::nn::parameters::named_tensors;
use crate::routing::Edge;
use crate::routing::routers::{Noise, Setting, TOKEN_ROUTERS, TokenRouter, token_router};
use reference::Reference;

const UNITS: usize = 12;
const SEQUENCE: usize = 6;
const SHAPE: ExpertShape = ExpertShape { inputs: 3, hidden: 4, outputs: 2 };

fn setting(k: usize) -> Setting {
    Setting { experts: 4, k, capacity_factor: None, overflow: None, sequence: SEQUENCE }
}

fn identities() -> Vec<u32> {
    (0..UNITS as u32).map(|unit| unit % 5).collect()
}

struct Case {
    recipe: Recipe,
    memory: RouterMemory,
    layer: RoutedLayer,
    cell: Option<GruCell>,
    state: Tensor<2>,
    identities: Vec<u32>,
}

impl Case {
    fn new(router: &TokenRouter, k: usize) -> Self {
        Self::of(router.recipe(&setting(k)).expect("fits"))
    }

    /// Softmax top-k with a scorer and noise that no paper's router has.
    fn perceptron(k: usize, hidden: usize) -> Self {
        let recipe = token_router("top-k").and_then(|router| router.recipe(&setting(k))).expect("fits");
        let noise = Noise::Fixed { deviation: 0.5 };
        Self::of(Recipe { scorer: ScorerKind::Perceptron { hidden }, noise, ..recipe })
    }

    fn of(recipe: Recipe) -> Self {
        let mut memory = recipe.controller.begin(recipe.slots());
        // A penalty that is seen.
        memory.penalty *= 1e7;
        let stream = &mut Streams::new(5).stream("init");
        let mut layer = RoutedLayer::new(&recipe, SHAPE, stream, &Device::flex().autodiff());
        if let Some(scorer) = &mut layer.scorer
            && let Some(noise) = &mut scorer.noise
        {
            let device = Device::flex().autodiff();
            *noise = Param::from_data(plain("noise", noise.val().dims()).into_data(), &device);
        }
        if let Some(TokenScorer { bias: Some(bias), .. }) = &mut layer.scorer {
            let device = Device::flex().autodiff();
            *bias = Param::from_data(plain("bias", bias.val().dims()).into_data(), &device);
        }
        let cell = depth_cell(&recipe, stream, &Device::flex());
        Self { recipe, memory, layer, cell, state: plain("state", [UNITS, 16]), identities: identities() }
    }

    fn passage(&self) -> Passage<'_> {
        Passage {
            recipe: &self.recipe,
            memory: &self.memory,
            activation: Activation::Tanh,
            sequence: SEQUENCE,
            valid: &[],
            identities: &self.identities,
            training: true,
            cell: self.cell.as_ref(),
            state: Some(&self.state),
            hooks: &NoHooks,
        }
    }

    fn forward(&self, x: Tensor<2>, passage: &Passage<'_>) -> Routed {
        pollster::block_on(self.layer.forward(x, passage, Streams::new(8))).expect("finite")
    }
}

fn x() -> Tensor<2> {
    plain("x", [UNITS, SHAPE.inputs]) * 2.0
}

/// A loss that every output and router loss enters.
fn whole(routed: &Routed) -> Tensor<1> {
    let task = (routed.output.clone() * plain("task", [UNITS, SHAPE.outputs])).sum();
    match &routed.loss {
        Some(loss) => task + loss.clone() * 3.0,
        None => task,
    }
}

/// The gradient of every parameter by name; 0 where it takes no part.
fn gradients(layer: &RoutedLayer, loss: &Tensor<1>) -> BTreeMap<String, Vec<f32>> {
    struct Gather(burn::tensor::Gradients, Vec<Vec<f32>>);
    impl ModuleVisitor for Gather {
        fn visit_float<const D: usize>(&mut self, parameter: &Param<Tensor<D>>) {
            let zeros = || vec![0.0; parameter.val().dims().iter().product()];
            self.1.push(parameter.val().grad(&self.0).map_or_else(zeros, |gradient| values(&gradient)));
        }
    }
    let mut gather = Gather(loss.backward(), Vec::new());
    layer.visit(&mut gather);
    let names = named_tensors(&layer.clone().valid()).into_iter().map(|(name, ..)| name);
    names.zip(gather.1).collect()
}

fn slow<'a>(case: &'a Case, routed: &Routed) -> Reference<'a> {
    let tensors = named_tensors(&case.layer.clone().valid());
    let numbers = |tensor: &Tensor<1>| values(tensor).into_iter().map(f64::from).collect::<Vec<f64>>();
    let cell = case
        .cell
        .iter()
        .flat_map(named_tensors)
        .map(|(name, shape, tensor)| (format!("cell.{name}"), shape, tensor));
    let state =
        values(&case.state).chunks(16).map(|row| row.iter().map(|&v| f64::from(v)).collect()).collect();
    Reference {
        numbers: tensors.into_iter().chain(cell).map(|(name, _, tensor)| (name, numbers(&tensor))).collect(),
        state,
        recipe: &case.recipe,
        memory: &case.memory,
        inputs: SHAPE.inputs,
        hidden: SHAPE.hidden,
        outputs: SHAPE.outputs,
        sequence: SEQUENCE,
        edges: routed.routing.edges.clone(),
        compared: routed.logits.clone(),
        streams: Streams::new(8),
    }
}

fn slow_loss(reference: &Reference<'_>, x: &Vec<Vec<f64>>) -> f64 {
    let (outputs, losses) = reference.forward(x);
    let task: Vec<f32> = values(&plain("task", [UNITS, SHAPE.outputs]));
    let sum: f64 =
        outputs.iter().flatten().zip(task).map(|(output, factor)| output * f64::from(factor)).sum();
    sum + 3.0 * losses
}

fn cases() -> Vec<(&'static str, usize, Case)> {
    let ks = |router: &&'static TokenRouter| [1, 2].map(|k| (router.name, k, Case::new(router, k)));
    let perceptrons = [(1, 0), (2, 5)].map(|(k, hidden)| ("perceptron", k, Case::perceptron(k, hidden)));
    TOKEN_ROUTERS.iter().flat_map(ks).chain(perceptrons).collect()
}

#[test]
fn every_router_agrees_with_plain_loops_and_its_gradient_with_finite_differences() {
    let rows: Vec<Vec<f64>> =
        values(&x()).chunks(SHAPE.inputs).map(|row| row.iter().map(|&v| f64::from(v)).collect()).collect();
    for (name, k, case) in cases() {
        let routed = case.forward(x(), &case.passage());
        let mut reference = slow(&case, &routed);
        let (outputs, _) = reference.forward(&rows);
        for (found, expected) in values(&routed.output).into_iter().zip(outputs.iter().flatten()) {
            assert!((f64::from(found) - expected).abs() < 1e-4, "{name}, k {k}: {found}, not {expected}");
        }
        let loss = whole(&routed);
        let expected = slow_loss(&reference, &rows);
        let found = f64::from(values(&loss)[0]);
        assert!(
            (found - expected).abs() < 2e-4 * (1.0 + expected.abs()),
            "{name}, k {k}: {found}, {expected}"
        );
        for (parameter, gradient) in gradients(&case.layer, &loss) {
            for (at, gradient) in gradient.into_iter().enumerate() {
                let step = 1e-5;
                let mut moved = |by: f64| {
                    let number = &mut reference.numbers.get_mut(&parameter).expect("the same names")[at];
                    *number += by;
                    let loss = slow_loss(&reference, &rows);
                    reference.numbers.get_mut(&parameter).expect("the same names")[at] -= by;
                    loss
                };
                let slope = (moved(step) - moved(-step)) / (2.0 * step);
                let away = (slope - f64::from(gradient)).abs();
                let place = format!("{name}, k {k}, {parameter} {at}");
                assert!(away < 1e-3 * (1.0 + slope.abs()), "{place}: {gradient}, not {slope}");
            }
        }
    }
}

#[test]
fn gates_are_the_combine_weights_of_the_record() {
    for (name, k, case) in cases() {
        if case.recipe.soft.is_some() || case.recipe.is_block {
            continue;
        }
        let routed = case.forward(x(), &case.passage());
        let passage = case.passage();
        let scored = passage.scored(&routed.logits, &routed.affinities);
        let slots = case.recipe.slots();
        let shape = [UNITS, slots];
        let affinity =
            Tensor::<2>::from_data(TensorData::new(routed.affinities.clone(), shape), &Device::flex());
        let gates = weights::gates(affinity, &routed.routing.edges, &scored, &case.recipe);
        let mut expected = vec![0f32; UNITS * (case.recipe.experts + case.recipe.shared)];
        let width = case.recipe.experts + case.recipe.shared;
        for edge in routed.routing.edges.iter().filter(|edge| edge.slot < case.recipe.experts) {
            expected[edge.unit * width + edge.slot] = edge.combine;
        }
        for unit in 0..UNITS {
            expected[unit * width + case.recipe.experts..(unit + 1) * width].fill(1.0);
        }
        for (found, expected) in values(&gates).into_iter().zip(expected) {
            assert!((found - expected).abs() < 1e-6, "{name}, k {k}: {found}, not {expected}");
        }
    }
}

#[test]
fn each_expert_for_its_own_units_gives_what_all_experts_together_give() {
    let mut valid = vec![true; UNITS];
    valid[7] = false;
    for (name, k, case) in cases() {
        let passage = Passage { valid: &valid, ..case.passage() };
        let routed = case.forward(x(), &passage);
        if case.recipe.soft.is_some() || routed.routing.edges.is_empty() {
            continue;
        }
        let scored = passage.scored(&routed.logits, &routed.affinities);
        let (edges, shape) = (&routed.routing.edges, [UNITS, case.recipe.slots()]);
        let affinity = TensorData::new(routed.affinities.clone(), shape);
        let affinity = Tensor::<2>::from_data(affinity, &Device::flex());
        let gates = weights::gates(affinity, edges, &scored, &case.recipe);
        let groups = Arc::new(weights::served(edges, &scored, &case.recipe));
        let experts = case.layer.experts.clone().valid();
        let plan = Plan { groups, activation: Activation::Tanh };
        let apart = forward_grouped(&experts, x(), gates.clone(), plan);
        let together = experts.forward(x(), gates, Activation::Tanh);
        for (a, b) in values(&apart).into_iter().zip(values(&together)) {
            assert!((a - b).abs() < 1e-5, "{name}, k {k}: {a} is not {b}");
        }
    }
}

#[test]
fn padding_answers_nothing_and_changes_no_answer_and_no_loss() {
    let mut valid = vec![true; UNITS];
    valid[5] = false;
    valid[11] = false;
    for (name, k, case) in cases() {
        let with = |filler: f32| {
            let mut numbers = values(&x());
            for unit in [5, 11] {
                numbers[unit * SHAPE.inputs..(unit + 1) * SHAPE.inputs].fill(filler);
            }
            let x = Tensor::<2>::from_data(TensorData::new(numbers, [UNITS, SHAPE.inputs]), &Device::flex());
            let passage = Passage { valid: &valid, ..case.passage() };
            let routed = case.forward(x, &passage);
            (values(&routed.output), routed.loss.map(|loss| values(&loss)), routed.routing)
        };
        let (first, second) = (with(0.5), with(-40.0));
        assert!(first == second, "{name}, k {k}: {:?} and {:?}", first.1, second.1);
        let padding = [&first.0[10..12], &first.0[22..24]].concat();
        assert_eq!(padding, [0.0; 4], "{name}, k {k}");
    }
}

#[test]
fn a_seed_repeats_a_pass_and_experts_start_alike_whatever_scores_them() {
    let up = |name: &str| {
        let case = Case::new(token_router(name).expect("known"), 2);
        values(&case.layer.experts.up.val())
    };
    assert_eq!(up("top-k"), up("cosine"));
    assert_eq!(up("top-k"), up("soft"));
    for (name, k, case) in cases() {
        let [first, second] = [0, 1].map(|_| values(&case.forward(x(), &case.passage()).output));
        assert_eq!(first, second, "{name}, k {k}");
    }
}

/// The same layer with its experts renamed: expert `e` becomes expert `target[e]`.
fn renamed(layer: &RoutedLayer, target: &[usize]) -> RoutedLayer {
    let mut source = vec![0; target.len()];
    target.iter().enumerate().for_each(|(old, &new)| source[new] = old);
    let blocks = |tensor: Tensor<2>, dim: usize, width: usize| {
        Param::from_tensor(Tensor::cat(
            source.iter().map(|&old| tensor.clone().narrow(dim, old * width, width)).collect(),
            dim,
        ))
    };
    let flat = |tensor: Tensor<1>, width: usize| {
        let [length] = tensor.dims();
        Param::from_tensor(blocks(tensor.reshape([1, length]), 1, width).val().reshape([length]))
    };
    let mut other = layer.clone();
    let experts = &mut other.experts;
    experts.up = blocks(experts.up.val(), 1, SHAPE.hidden);
    experts.up_bias = flat(experts.up_bias.val(), SHAPE.hidden);
    experts.down = blocks(experts.down.val(), 0, SHAPE.hidden);
    experts.down_bias = blocks(experts.down_bias.val(), 0, 1);
    let scorer = other.scorer.as_mut().expect("its router has one");
    scorer.projection = blocks(scorer.projection.val(), 1, 1);
    scorer.bias = Some(flat(scorer.bias.as_ref().expect("it has biases").val(), 1));
    other
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(16))]
    #[test]
    fn renaming_the_experts_renames_the_choices_and_changes_no_output(
        seed in 0u64..1000, k in 1usize..=4, limited: bool,
    ) {
        let factor = if limited { 1.0 } else { 0.0 };
        let router = token_router("top-k").expect("known");
        let limited = Setting { capacity_factor: Some(factor), ..setting(k) };
        let recipe = router.recipe(&limited).expect("fits");
        let mut case = Case::of(Recipe { scorer: ScorerKind::Perceptron { hidden: 0 }, ..recipe });
        let stream = &mut Streams::new(seed).stream("init");
        case.layer = RoutedLayer::new(&case.recipe, SHAPE, stream, &Device::flex());
        let target = Streams::new(seed).stream("names").permutation(4);
        let first = case.forward(x(), &case.passage());
        case.layer = renamed(&case.layer, &target);
        let second = case.forward(x(), &case.passage());
        assert_near(&first.output, &second.output, 1e-5);
        for (edge, other) in first.routing.edges.iter().zip(&second.routing.edges) {
            prop_assert_eq!((edge.unit, target[edge.slot], edge.fate), (other.unit, other.slot, other.fate));
        }
    }
}

#[test]
fn all_shards_together_are_exactly_the_dense_layer() {
    // Union of Experts, section 3.1: with every shard at weight 1 nothing is lost by cutting.
    let case = Case::new(token_router("union-of-experts").expect("known"), 2);
    let experts = case.layer.experts.clone().valid();
    let whole = experts.forward(x(), Tensor::ones([UNITS, 4], &Device::flex()), Activation::Tanh);
    let hidden = crate::nn::fused::linear(x(), experts.up.val(), experts.up_bias.val(), 16, Activation::Tanh);
    let dense = hidden.matmul(experts.down.val()) + experts.down_bias.val().sum_dim(0);
    assert_near(&whole, &dense, 1e-5);
    let all = case.recipe.slots() as f64;
    let every = crate::routing::assigners::ExpertChoice { share: all }.takes(SEQUENCE, 4);
    assert_eq!(every, SEQUENCE, "at k = S every shard takes every unit");
}

/// Notes which hooks ran, hides the units from the experts and doubles the answers.
#[derive(Debug, Default)]
struct Noting(RefCell<Vec<&'static str>>);

impl Hooks for Noting {
    fn before_gate(&self, x: Tensor<2>) -> Tensor<2> {
        self.0.borrow_mut().push("before gate");
        x
    }

    fn after_gate(&self, logits: &[f32], affinities: &[f32]) {
        assert_eq!(logits.len(), affinities.len());
        self.0.borrow_mut().push("after gate");
    }

    fn after_order(&self, edges: &[Edge]) {
        assert!(!edges.is_empty());
        self.0.borrow_mut().push("after order");
    }

    fn before_dispatch(&self, x: Tensor<2>) -> Tensor<2> {
        self.0.borrow_mut().push("before dispatch");
        x.zeros_like()
    }

    fn after_combine(&self, output: Tensor<2>) -> Tensor<2> {
        self.0.borrow_mut().push("after combine");
        output * 2.0
    }
}

#[test]
fn hooks_run_in_order_see_the_choice_and_change_what_the_experts_read_and_answer() {
    for router in TOKEN_ROUTERS {
        let case = Case::new(router, 2);
        let x = plain("x", [UNITS, SHAPE.inputs]);
        let (noting, plainly) = (Noting::default(), case.forward(x.clone(), &case.passage()));
        let hooked = case.forward(x.clone(), &Passage { hooks: &noting, ..case.passage() });
        let mut ran = noting.0.into_inner();
        if case.recipe.soft.is_some() {
            ran[1..4].rotate_left(1);
        }
        let all = ["before gate", "after gate", "after order", "before dispatch", "after combine"];
        assert_eq!(ran, all, "{}", router.name);
        assert_eq!(hooked.routing, plainly.routing, "{}: the gate reads what it read", router.name);
        // First biases are zero, so experts that read nothing say nothing.
        assert!(values(&hooked.output).iter().all(|number| *number == 0.0), "{}", router.name);
        let seen = values(&plainly.output);
        assert!(seen.iter().any(|number| *number != 0.0), "{}", router.name);
    }
}
