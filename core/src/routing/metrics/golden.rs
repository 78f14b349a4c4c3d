//! Golden values: constants computed elsewhere, and the published sanity values of a skewed router.

use super::*;
use crate::rng::Streams;
use crate::routing::{CombineMode, KeyKind, RoutingDecision, Scope, Slot, SlotKind, UnitKind};

fn close(found: f64, expected: f64, tolerance: f64) {
    assert!((found - expected).abs() < tolerance, "found {found}, expected {expected}");
}

fn routed(logits: Vec<f32>, slots: usize, k: usize) -> Result<RoutingDecision> {
    let table = Slot::table(SlotKind::Expert, slots);
    RoutingDecision::new("gate", Scope::Layer(0), UnitKind::Token, logits.len() / slots, table)
        .with_logits(logits)?
        .with_top_edges(k, CombineMode::MixOutputs)
}

/// The classical mistake: probabilities taken for logits, so that the loss sees a softmax of a softmax.
fn with_double_softmax(decision: &RoutingDecision) -> Result<RoutingDecision> {
    let mut wrong = decision.clone();
    let probabilities = decision.probabilities.clone().unwrap_or_default();
    wrong.probabilities = decision.clone().with_logits(probabilities)?.probabilities;
    Ok(wrong)
}

/// Constants from NumPy 2.4 in double precision, on the matrix below (exact in single precision), computed from the
/// definitions and independently of this code. Two rows of padding, which NumPy never saw, must change nothing.
#[test]
fn a_small_matrix_gives_the_numbers_that_numpy_gives() -> Result<()> {
    let logits = vec![
        1.5, -0.25, 0.5, 0.0, 2.0, 1.0, -1.0, 0.25, 0.75, 1.25, -0.5, -1.5, 3.0, 0.5, 1.0, -2.0, -0.5, 0.25,
        1.75, 0.0, 1.0, 0.0, -0.75, 0.5, 9.0, 8.0, -9.0, 0.0, 0.0, 9.0, 8.0, 7.0,
    ];
    let mut decision = routed(logits, 4, 2)?;
    decision.valid[6..].fill(false);
    decision.keys.class = Some(vec![0, 0, 1, 0, 1, 1, 5, 6]);
    let checked = decision.checked()?;
    let counts = load_counts(checked);
    assert_eq!(counts, [5, 3, 3, 1]);
    close(load_cv(&counts)?, 0.47140452079103173, 1e-12);
    close(max_violation(&counts)?, 2.0 / 3.0, 1e-12);
    close(jain_index(&counts)?, 0.8181818181818182, 1e-12);
    // Probabilities are kept in single precision: 1e-7 each.
    close(switch_loss(checked, Convention::KNormalised)?, 1.2447361971149664, 1e-6);
    close(switch_loss(checked, Convention::SumOverK)?, 2.489472394229933, 1e-6);
    close(switch_loss(checked, Convention::TopOne)?, 1.550611475208277, 1e-6);
    let wrong = with_double_softmax(&decision)?;
    close(switch_loss(wrong.checked()?, Convention::KNormalised)?, 1.0670828641793304, 1e-6);
    close(z_loss(checked)?, 5.306572523316766, 1e-9);
    let entropies = routing_entropies(checked)?;
    close(entropies.conditional, 0.9971859755142445, 1e-6);
    close(entropies.marginal, 1.2466056728403958, 1e-6);
    close(entropies.soft_mutual_information(), 0.24941969732615132, 1e-6);
    close(entropies.code_perplexity(), 3.478515675752385, 1e-6);
    close(entropies.normalised_conditional()?, 0.719317630859212, 1e-6);
    close(entropies.normalised_marginal()?, 0.8992359110754443, 1e-6);
    let mut stream = Streams::new(1).stream("permutation");
    let found = specialisation(checked, KeyKind::Class, Choice::TopOne, 20, &mut stream)?;
    close(found.raw, 0.3182570841474064, 1e-12);
    close(found.slot_entropy, 0.8675632284814612, 1e-12);
    close(found.key_entropy, std::f64::consts::LN_2, 1e-12);
    Ok(())
}

#[test]
fn an_even_router_has_loss_one_or_k() -> Result<()> {
    let even = routed(vec![1.0, 1.0, 0.0, 0.0, 0.0, 0.0, 1.0, 1.0], 4, 2)?;
    close(switch_loss(even.checked()?, Convention::KNormalised)?, 1.0, 1e-6);
    close(switch_loss(even.checked()?, Convention::SumOverK)?, 2.0, 1e-6);
    Ok(())
}

/// The sanity values of a skewed router over 1024 tokens and 8 experts: top-1 load CV .85, Switch loss 1.447, with a
/// double softmax 1.061, and for top-2 the Hugging Face value 2.764 = 2 x 1.382. The generator behind those numbers
/// is not known. So the *skew* here is ours: `a * normal + b * (slot / 7)^p`, with a, b, p and the seed searched for
/// among 40 until all five values agree to the rounding stated. That shows that the values fit together under our
/// definitions; it is not an independent reproduction. The relations (double softmax nearly blind, factor k) do not
/// depend on the search.
#[test]
fn a_skewed_router_gives_the_published_sanity_values() -> Result<()> {
    let mut stream = Streams::new(SKEW_SEED).stream("skew");
    let logit =
        |index: usize, normal: f64| SPREAD * normal + SKEW * libm::pow((index % 8) as f64 / 7.0, POWER);
    let logits: Vec<f32> = (0..1024 * 8).map(|index| logit(index, stream.normal()) as f32).collect();
    let (top_one, top_two) = (routed(logits.clone(), 8, 1)?, routed(logits, 8, 2)?);
    let checked = top_one.checked()?;
    close(load_cv(&load_counts(checked))?, 0.85, 0.005);
    let preferred = preferred_slots(checked)?;
    assert_eq!(preferred.iter().copied().map(Some).collect::<Vec<_>>(), checked.top_choices());
    let loss = switch_loss(checked, Convention::KNormalised)?;
    close(loss, 1.447, 0.0005);
    let wrong = with_double_softmax(&top_one)?;
    let blind = switch_loss(wrong.checked()?, Convention::KNormalised)?;
    close(blind, 1.061, 0.0005);
    assert!(blind - 1.0 < 0.15 * (loss - 1.0), "a double softmax hides most of the imbalance");
    let normalised = switch_loss(top_two.checked()?, Convention::KNormalised)?;
    close(normalised, 1.382, 0.0005);
    close(switch_loss(top_two.checked()?, Convention::SumOverK)?, 2.764, 0.001);
    close(switch_loss(top_two.checked()?, Convention::SumOverK)?, 2.0 * normalised, 1e-9);
    close(switch_loss(top_two.checked()?, Convention::TopOne)?, loss, 1e-9);
    Ok(())
}

const SKEW_SEED: u64 = 36;
const SPREAD: f64 = 0.963;
const SKEW: f64 = 2.289;
const POWER: f64 = 0.59;
