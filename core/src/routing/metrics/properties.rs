//! Properties that hold for every record, on random ones.

use proptest::prelude::*;

use super::*;
use crate::rng::Streams;
use crate::routing::{CombineMode, Fate, KeyKind, RoutingDecision, Scope, Slot, SlotKind, UnitKind};

/// A random top-k decision with drops by first come, and some padding that has edges as well.
fn random_decision(seed: u64, units: usize, slots: usize, k: usize, capacity: usize) -> RoutingDecision {
    let mut stream = Streams::new(seed).stream("property");
    let table = Slot::table(SlotKind::Expert, slots);
    let mut decision = RoutingDecision::new("gate", Scope::Layer(0), UnitKind::Token, units, table)
        .with_logits(stream.normals(units * slots, 1.5))
        .and_then(|decision| decision.with_top_edges(k, CombineMode::MixOutputs))
        .expect("as many finite logits as needed, and k between 1 and the number of slots");
    for valid in &mut decision.valid[1..] {
        *valid = stream.unit() < 0.8;
    }
    let mut used = vec![0; slots];
    for edge in &mut decision.edges {
        used[edge.slot] += 1;
        if used[edge.slot] > capacity {
            (edge.dispatch, edge.combine, edge.fate) = (0.0, 0.0, Fate::Dropped);
        }
    }
    decision
}

fn sizes() -> impl Strategy<Value = (u64, usize, usize, usize, usize)> {
    (any::<u64>(), 1usize..60, 2usize..9)
        .prop_flat_map(|(seed, units, slots)| (Just(seed), Just(units), Just(slots), 1..=slots, 1usize..20))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn permuting_slots_permutes_loads_and_leaves_evenness((seed, units, slots, k, capacity) in sizes()) {
        let decision = random_decision(seed, units, slots, k, capacity);
        let target = Streams::new(seed).stream("target").permutation(slots);
        let permuted = decision.relabelled(&target)?;
        let (a, b) = (decision.checked()?, permuted.checked()?);
        let (before, after) = (load_counts(a), load_counts(b));
        for slot in 0..slots {
            prop_assert_eq!(before[slot], after[target[slot]]);
        }
        prop_assert!((load_cv(&before)? - load_cv(&after)?).abs() < 1e-9);
        for convention in [Convention::KNormalised, Convention::SumOverK, Convention::TopOne] {
            prop_assert!((switch_loss(a, convention)? - switch_loss(b, convention)?).abs() < 1e-9);
        }
        prop_assert!((z_loss(a)? - z_loss(b)?).abs() < 1e-9);
    }

    #[test]
    fn padding_never_counts((seed, units, slots, k, capacity) in sizes()) {
        let decision = random_decision(seed, units, slots, k, capacity);
        let mut other = decision.clone();
        let logits = other.logits.as_mut().expect("it was built from logits");
        for (index, logit) in logits.iter_mut().enumerate() {
            if !decision.valid[index / slots] {
                *logit = 50.0;
            }
        }
        let probabilities = other.probabilities.as_mut().expect("it was built from logits");
        for (index, probability) in probabilities.iter_mut().enumerate() {
            if !decision.valid[index / slots] {
                *probability = 1.0;
            }
        }
        other.edges.retain(|edge| decision.valid[edge.unit]);
        let (a, b) = (decision.checked()?, other.checked()?);
        prop_assert_eq!(load_counts(a), load_counts(b));
        prop_assert_eq!(switch_loss(a, Convention::KNormalised)?, switch_loss(b, Convention::KNormalised)?);
        prop_assert_eq!(z_loss(a)?, z_loss(b)?);
        prop_assert_eq!(routing_entropies(a)?, routing_entropies(b)?);
        prop_assert_eq!(drop_rate(a)?, drop_rate(b)?);
        prop_assert_eq!(dropped_unit_share(a)?, dropped_unit_share(b)?);
        prop_assert_eq!(effective_k(a)?, effective_k(b)?);
        prop_assert_eq!(a.top_choices(), b.top_choices());
    }

    #[test]
    fn loads_sum_to_kept_and_dropped_edges((seed, units, slots, k, capacity) in sizes()) {
        let decision = random_decision(seed, units, slots, k, capacity);
        let checked = decision.checked()?;
        let dropped = checked.valid_edges().filter(|edge| edge.fate == Fate::Dropped).count();
        let kept = checked.valid_edges().filter(|edge| edge.fate == Fate::Kept).count();
        prop_assert_eq!(load_counts(checked).iter().sum::<usize>(), kept + dropped);
        prop_assert_eq!(kept + dropped, k * checked.valid_units());
        prop_assert!((drop_rate(checked)? - dropped as f64 / (kept + dropped) as f64).abs() < 1e-12);
        prop_assert!((effective_k(checked)? - kept as f64 / checked.valid_units() as f64).abs() < 1e-12);
        let hugging_face = switch_loss(checked, Convention::SumOverK)?;
        prop_assert!((hugging_face - k as f64 * switch_loss(checked, Convention::KNormalised)?).abs() < 1e-9);
    }

    #[test]
    fn entropies_stay_in_their_bounds((seed, units, slots, k, capacity) in sizes()) {
        let decision = random_decision(seed, units, slots, k, capacity);
        let found = routing_entropies(decision.checked()?)?;
        let most = (slots as f64).ln() + 1e-9;
        prop_assert!(found.conditional >= 0.0 && found.conditional <= found.marginal + 1e-6, "{:?}", found);
        prop_assert!(found.marginal <= most && found.code_perplexity() <= slots as f64 + 1e-6);
        prop_assert!(found.code_perplexity() >= 1.0 && found.normalised_marginal()? <= 1.0 + 1e-9);
    }

    #[test]
    fn a_record_survives_json((seed, units, slots, k, capacity) in sizes()) {
        let decision = random_decision(seed, units, slots, k, capacity);
        let text = serde_json::to_string(&decision).expect("its numbers are finite");
        prop_assert_eq!(serde_json::from_str::<RoutingDecision>(&text).expect("it was just written"), decision);
    }
}

#[test]
fn independent_keys_tell_nothing_after_the_null() -> Result<()> {
    let mut corrected = Vec::new();
    for seed in 0..20 {
        let mut decision = random_decision(seed, 600, 8, 1, 600);
        let mut stream = Streams::new(seed).stream("keys");
        decision.keys.token_id = Some((0..600).map(|_| stream.below(12) as u32).collect());
        let found = specialisation(decision.checked()?, KeyKind::TokenId, Choice::TopOne, 20, &mut stream)?;
        assert!(found.raw > 0.03, "the raw value is biased upwards: {found:?}");
        assert!(found.corrected().abs() < 6.0 * found.null_deviation, "{found:?}");
        corrected.push(found.corrected());
    }
    let mean = corrected.iter().sum::<f64>() / 20.0;
    assert!(mean.abs() < 0.01, "{mean}");
    Ok(())
}
