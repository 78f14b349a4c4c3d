//! The mixture against its slow twin, and the properties that every mixture has.

mod reference;

use burn::module::{Module, ModuleVisitor, Param};
use burn::prelude::*;
use proptest::prelude::*;

use super::*;
use crate::nn::fused::checks::{assert_near, plain, values};
use crate::nn::fused::cross_entropy_classes;
use crate::nn::parameters::named_tensors;
use crate::routing::metrics::{self, Convention};
use crate::routing::{
    Choosing, CombineMode, CombineRule, Edge, Fate, RoutingDecision, Scope, Slot, SlotKind, UnitKind,
    chosen_counts,
};
use reference::{Losses, Reference};

const ROWS: usize = 9;
const LOSSES: Losses = Losses { switch: 0.3, z: 0.2 };

fn shape(count: usize, scorer_hidden: usize) -> MixtureShape {
    MixtureShape { count, expert: ExpertShape { inputs: 3, hidden: 5, outputs: 4 }, scorer_hidden }
}

fn choosing(k: usize, combine: CombineRule, capacity_factor: f64) -> Choosing {
    Choosing { k, combine, capacity_factor }
}

fn classes() -> Vec<usize> {
    (0..ROWS).map(|row| row * 7 % 4).collect()
}

/// A whole training loss of the fast mixture, with the edges that it chose.
fn fast_loss(
    model: &MixtureOfExperts,
    choosing: Choosing,
    activation: Activation,
    noise: Option<Tensor<2>>,
) -> (Tensor<1>, Vec<Edge>) {
    let x = plain("x", [ROWS, 3]);
    let scores = model.score(x.clone(), activation, noise);
    let slots = model.experts.count();
    let edges = choosing.choose(&values(&scores.probabilities), slots, None).expect("finite");
    let gates = gates(scores.probabilities.clone(), &edges, choosing.k, choosing.combine);
    let logits = model.experts.forward(x, gates, activation);
    let targets: Vec<i64> = classes().into_iter().map(|class| class as i64).collect();
    let targets = Tensor::<1, Int>::from_data(TensorData::new(targets, [ROWS]), &Device::flex());
    let loss = cross_entropy_classes(logits, targets)
        + losses::switch_loss(scores.probabilities, &chosen_counts(&edges, slots)) * LOSSES.switch
        + losses::z_loss(scores.logits) * LOSSES.z;
    (loss, edges)
}

/// The gradient of every parameter, in the module's order.
fn gradients(model: &MixtureOfExperts, loss: &Tensor<1>) -> Vec<f32> {
    struct Gather(burn::tensor::Gradients, Vec<f32>);
    impl ModuleVisitor for Gather {
        fn visit_float<const D: usize>(&mut self, parameter: &Param<Tensor<D>>) {
            let gradient = parameter.val().grad(&self.0).expect("every parameter takes part in the loss");
            self.1.extend(values(&gradient));
        }
    }
    let mut gather = Gather(loss.backward(), Vec::new());
    model.visit(&mut gather);
    gather.1
}

fn slow(model: &MixtureOfExperts, activation: Activation) -> Reference {
    let tensors = named_tensors(&model.clone().valid());
    let numbers = tensors.iter().flat_map(|(_, _, tensor)| values(tensor)).map(f64::from).collect();
    let hidden = tensors.iter().find(|(name, ..)| name == "scorer.hidden.bias").map(|(_, shape, _)| shape[0]);
    Reference { numbers, sizes: [3, 5, 4, model.experts.count(), hidden.unwrap_or(0)], activation }
}

#[test]
fn outputs_losses_and_gradients_agree_with_plain_loops_and_finite_differences() {
    let x: Vec<f64> = values(&plain("x", [ROWS, 3])).into_iter().map(f64::from).collect();
    for (k, combine, factor, hidden, activation) in [
        (1, CombineRule::Raw, 0.0, 0, Activation::Tanh),
        (1, CombineRule::Renormalised, 1.0, 4, Activation::Relu),
        (2, CombineRule::Renormalised, 0.0, 4, Activation::Tanh),
        (2, CombineRule::Renormalised, 1.0, 0, Activation::Tanh),
        (3, CombineRule::Raw, 0.0, 0, Activation::Relu),
        (4, CombineRule::Renormalised, 0.5, 0, Activation::Tanh),
    ] {
        let case = format!("k {k}, {combine:?}, capacity {factor}, scorer {hidden}, {activation:?}");
        let model = MixtureOfExperts::new(shape(4, hidden), &Streams::new(5), &Device::flex().autodiff());
        let rule = choosing(k, combine, factor);
        let (loss, edges) = fast_loss(&model, rule, activation, None);
        let mut slow = slow(&model, activation);
        let expected = slow.loss(&x, &classes(), rule, LOSSES);
        assert!((f64::from(values(&loss)[0]) - expected).abs() < 1e-5, "{case}: {expected}");
        assert_eq!(
            slow.choices(&x, rule),
            edges.iter().map(|e| (e.unit, e.slot, e.fate)).collect::<Vec<_>>()
        );
        let gradients = gradients(&model, &loss);
        assert_eq!(gradients.len(), slow.numbers.len());
        for (at, gradient) in gradients.into_iter().enumerate() {
            let step = 1e-5;
            let moved = |slow: &mut Reference, by: f64| {
                slow.numbers[at] += by;
                let loss = slow.loss(&x, &classes(), rule, LOSSES);
                slow.numbers[at] -= by;
                loss
            };
            let slope = (moved(&mut slow, step) - moved(&mut slow, -step)) / (2.0 * step);
            let difference = (slope - f64::from(gradient)).abs();
            assert!(difference < 2e-4 * (1.0 + slope.abs()), "{case}, number {at}: {gradient}, not {slope}");
        }
    }
}

#[test]
fn gates_are_the_combine_weights_of_the_record() {
    let probabilities = softmax(plain("logits", [ROWS, 4]), 1.0, Mask::Open);
    for (k, combine, factor) in
        [(1, CombineRule::Raw, 0.0), (2, CombineRule::Renormalised, 0.0), (3, CombineRule::Renormalised, 0.7)]
    {
        let edges = choosing(k, combine, factor).choose(&values(&probabilities), 4, None).expect("finite");
        let fast = gates(probabilities.clone(), &edges, k, combine);
        assert_near(&fast, &gates::constant_gates(&edges, [ROWS, 4], &Device::flex()), 1e-6);
        assert_eq!(edges.iter().any(|edge| edge.fate == Fate::Dropped), factor > 0.0);
    }
}

#[test]
fn the_losses_are_those_that_the_metrics_measure() {
    let logits = plain("logits", [ROWS, 4]);
    let probabilities = softmax(logits.clone(), 1.0, Mask::Open);
    let slots = Slot::table(SlotKind::Expert, 4);
    let record = RoutingDecision::new("gate", Scope::Layer(0), UnitKind::Sample, ROWS, slots)
        .with_logits(values(&logits))
        .and_then(|record| record.with_top_edges(2, CombineMode::MixOutputs))
        .expect("a whole record");
    let counts = metrics::load_counts(record.checked().expect("whole"));
    let expected = metrics::switch_loss(record.checked().expect("whole"), Convention::KNormalised);
    let found = f64::from(values(&losses::switch_loss(probabilities, &counts))[0]);
    assert!((found - expected.expect("defined")).abs() < 1e-5);
    let expected = metrics::z_loss(record.checked().expect("whole")).expect("defined");
    let found = f64::from(values(&losses::z_loss(logits.clone() + 50.0))[0]);
    let shifted = f64::from(values(&losses::z_loss(logits))[0]);
    assert!((shifted - expected).abs() < 1e-5 && found.is_finite() && found > 2500.0, "{found} {shifted}");
}

#[test]
fn noise_changes_the_probabilities_and_not_the_logits_and_the_same_stream_repeats_it() {
    let model = MixtureOfExperts::new(shape(4, 0), &Streams::new(5), &Device::flex());
    let noise = |step| {
        let numbers = Streams::new(1).stream_at("router", step).normals(ROWS * 4, 0.5);
        Tensor::<2>::from_data(TensorData::new(numbers, [ROWS, 4]), &Device::flex())
    };
    let score = |noise| model.score(plain("x", [ROWS, 3]), Activation::Tanh, noise);
    let (quiet, noisy) = (score(None), score(Some(noise(0))));
    assert_near(&quiet.logits, &noisy.logits, 0.0);
    assert_near(&noisy.probabilities, &softmax(quiet.logits + noise(0), 1.0, Mask::Open), 0.0);
    assert_ne!(values(&noisy.probabilities), values(&score(Some(noise(1))).probabilities));
}

#[test]
fn experts_apart_add_up_to_the_mixture() {
    let model = MixtureOfExperts::new(shape(3, 0), &Streams::new(5), &Device::flex());
    let (x, gates) = (plain("x", [ROWS, 3]), softmax(plain("g", [ROWS, 3]), 1.0, Mask::Open));
    let apart = model.experts.apart(x.clone(), Activation::Tanh) * gates.clone().reshape([ROWS, 3, 1]);
    let together = model.experts.forward(x, gates, Activation::Tanh);
    assert_near(&apart.sum_dim(1).reshape([ROWS, 4]), &together, 1e-5);
}

/// The same mixture with its experts renamed: expert `e` becomes expert `target[e]`.
fn renamed(model: &MixtureOfExperts, target: &[usize]) -> MixtureOfExperts {
    let mut source = vec![0; target.len()];
    target.iter().enumerate().for_each(|(old, &new)| source[new] = old);
    let blocks = |tensor: Tensor<2>, dim: usize, width: usize| {
        Tensor::cat(source.iter().map(|&old| tensor.clone().narrow(dim, old * width, width)).collect(), dim)
    };
    let mut other = model.clone();
    let experts = &mut other.experts;
    let bias = experts.up_bias.val().reshape([1, target.len() * 5]);
    experts.up = Param::from_tensor(blocks(experts.up.val(), 1, 5));
    experts.up_bias = Param::from_tensor(blocks(bias, 1, 5).reshape([target.len() * 5]));
    experts.down = Param::from_tensor(blocks(experts.down.val(), 0, 5));
    experts.down_bias = Param::from_tensor(blocks(experts.down_bias.val(), 0, 1));
    let scorer = &mut other.scorer;
    let bias = scorer.out.bias.val().reshape([1, target.len()]);
    scorer.out.weight = Param::from_tensor(blocks(scorer.out.weight.val(), 1, 1));
    scorer.out.bias = Param::from_tensor(blocks(bias, 1, 1).reshape([target.len()]));
    other
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(16))]
    #[test]
    fn renaming_the_experts_renames_the_choices_and_changes_no_output(
        seed in 0u64..1000, k in 1usize..=4, limited: bool,
    ) {
        let model = MixtureOfExperts::new(shape(4, 0), &Streams::new(seed), &Device::flex());
        let target = Streams::new(seed).stream("names").permutation(4);
        let rule = choosing(k, CombineRule::Renormalised, if limited { 1.0 } else { 0.0 });
        let (first, edges) = fast_loss(&model, rule, Activation::Tanh, None);
        let (second, others) = fast_loss(&renamed(&model, &target), rule, Activation::Tanh, None);
        assert_near(&first, &second, 1e-5);
        for (edge, other) in edges.iter().zip(&others) {
            prop_assert_eq!((edge.unit, target[edge.slot], edge.fate), (other.unit, other.slot, other.fate));
        }
    }
}

#[test]
fn a_seed_repeats_the_weights_and_a_scorer_does_not_change_the_experts() {
    let make = |seed, hidden| MixtureOfExperts::new(shape(4, hidden), &Streams::new(seed), &Device::flex());
    let up = |model: &MixtureOfExperts| values(&model.experts.up.val());
    assert_eq!(up(&make(1, 0)), up(&make(1, 0)));
    assert_eq!(up(&make(1, 0)), up(&make(1, 6)));
    assert_ne!(up(&make(1, 0)), up(&make(2, 0)));
    let count = |hidden| make(1, hidden).num_params();
    let expected = |hidden| 4 * shape(4, 0).expert.parameters() + Scorer::parameters([3, hidden, 4]);
    assert_eq!([count(0), count(6)], [expected(0), expected(6)]);
}

#[test]
fn a_router_that_diverged_is_refused_by_name() {
    let scores = [0.5, 0.5, f32::NAN, f32::NAN];
    let error = choosing(1, CombineRule::Raw, 0.0).choose(&scores, 2, None).expect_err("not a number");
    assert!(error.to_string().contains("the router has diverged"), "{error}");
}
