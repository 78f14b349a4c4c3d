//! Experts together against each one alone, and the losses against the metrics of the record.

use burn::module::Module;
use burn::prelude::*;

use super::*;
use crate::nn::fused::checks::{assert_near, plain, values};
use crate::nn::fused::{Activation, Mask, softmax};
use crate::rng::Streams;
use crate::routing::metrics::{self, Convention};
use crate::routing::{CombineMode, RoutingDecision, Scope, Slot, SlotKind, UnitKind};

const ROWS: usize = 9;
const SHAPE: ExpertShape = ExpertShape { inputs: 3, hidden: 5, outputs: 4 };

fn experts(count: usize, seed: u64) -> Experts {
    Experts::new(count, SHAPE, &mut Streams::new(seed).stream("init"), &Device::flex())
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
fn experts_apart_add_up_to_the_mixture() {
    let experts = experts(3, 5);
    let (x, gates) = (plain("x", [ROWS, 3]), softmax(plain("g", [ROWS, 3]), 1.0, Mask::Open));
    let apart = experts.apart(x.clone(), Activation::Tanh) * gates.clone().reshape([ROWS, 3, 1]);
    let together = experts.forward(x, gates, Activation::Tanh);
    assert_near(&apart.sum_dim(1).reshape([ROWS, 4]), &together, 1e-5);
}

#[test]
fn a_seed_repeats_the_weights_and_their_number_is_known() {
    let up = |seed| values(&experts(4, seed).up.val());
    assert_eq!(up(1), up(1));
    assert_ne!(up(1), up(2));
    assert_eq!(experts(4, 1).num_params(), 4 * SHAPE.parameters());
}
