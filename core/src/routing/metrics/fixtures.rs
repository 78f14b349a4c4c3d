//! Every metric on a record small enough to be computed by hand.

use super::*;
use crate::rng::Streams;
use crate::routing::{
    CombineMode, Edge, Fate, KeyKind, RoutingDecision, RoutingTrace, Scope, Slot, SlotKind, UnitKind,
};

fn close(found: f64, expected: f64) {
    assert!((found - expected).abs() < 1e-6, "found {found}, expected {expected}");
}

fn edge(unit: usize, slot: usize, rank: usize, fate: Fate) -> Edge {
    let weight = if fate == Fate::Dropped { 0.0 } else { 0.5 };
    Edge { unit, group: 0, slot, rank, score: 0.5, dispatch: 2.0 * weight, combine: weight, fate }
}

/// Five tokens, the last one padding; experts 0 to 2, null slot 3, shared slot 4.
fn small() -> RoutingDecision {
    let kinds = [SlotKind::Expert, SlotKind::Expert, SlotKind::Expert, SlotKind::NullZero, SlotKind::Shared];
    let flops = [10.0, 10.0, 10.0, 0.0, 4.0];
    let slots = kinds.into_iter().zip(flops).enumerate().map(|(id, (kind, flops))| {
        let mut slot = Slot::new(id, kind, format!("slot {id}"));
        slot.cost.flops = flops;
        slot
    });
    let mut decision = RoutingDecision::new("gate", Scope::Layer(1), UnitKind::Token, 5, slots.collect());
    decision.combine_mode = CombineMode::MixOutputs;
    decision.valid[4] = false;
    decision.keys.position = Some(vec![0, 1, 2, 3, 9]);
    decision.keys.token_id = Some(vec![7, 7, 8, 8, 9]);
    decision.edges = vec![
        edge(0, 0, 0, Fate::Kept),
        edge(0, 1, 1, Fate::Kept),
        edge(1, 0, 0, Fate::Kept),
        edge(1, 3, 1, Fate::Null),
        edge(2, 0, 0, Fate::Dropped),
        edge(2, 1, 1, Fate::Dropped),
        edge(3, 1, 0, Fate::Rerouted { slot: 2 }),
        edge(3, 0, 1, Fate::Dropped),
        edge(4, 2, 0, Fate::Dropped),
    ];
    decision.edges.extend((0..4).map(|unit| edge(unit, 4, 0, Fate::Shared)));
    decision
}

/// A decision of one choice per unit.
fn chosen(slots: &[usize], count: usize) -> RoutingDecision {
    let table = Slot::table(SlotKind::Expert, count);
    let mut decision = RoutingDecision::new("gate", Scope::Layer(0), UnitKind::Token, slots.len(), table);
    decision.edges = slots.iter().enumerate().map(|(unit, &slot)| Edge::kept(unit, slot)).collect();
    decision
}

#[test]
fn loads_count_before_drops_and_shares_after() -> Result<()> {
    let decision = small();
    let checked = decision.checked()?;
    assert_eq!(load_counts(checked), [4, 3, 0, 1, 4]);
    assert_eq!(routed_load_counts(checked), [4, 3, 0]);
    assert_eq!(dead_slots(&[4, 3, 0]), [2]);
    // Served: slot 0 twice, slot 1 once, slot 2 once by rerouting, the null slot once, the shared one four times.
    let shares = served_shares(checked)?;
    for (share, count) in shares.iter().zip([2.0, 1.0, 1.0, 1.0, 4.0]) {
        close(*share, count / 9.0);
    }
    assert_eq!(importance(checked), [1.0, 0.5, 0.5, 0.5, 2.0]);
    Ok(())
}

#[test]
fn evenness_of_two_four_six() -> Result<()> {
    close(load_cv(&[2, 4, 6])?, (8.0f64 / 3.0).sqrt() / 4.0);
    close(max_violation(&[2, 4, 6])?, 0.5);
    close(jain_index(&[2, 4, 6])?, 144.0 / (3.0 * 56.0));
    assert!(load_cv(&[0, 0]).is_err() && max_violation(&[]).is_err() && jain_index(&[0]).is_err());
    Ok(())
}

#[test]
fn drops_nulls_effective_k_and_cost() -> Result<()> {
    let decision = small();
    let checked = decision.checked()?;
    close(drop_rate(checked)?, 3.0 / 8.0);
    close(null_share(checked)?, 1.0 / 8.0);
    close(dropped_unit_share(checked)?, 0.25);
    close(effective_k(checked)?, 1.0);
    assert_eq!(drop_rate_by_quartile(checked)?, [0.0, 0.0, 1.0, 0.5]);
    // Four computed edges of 10 and four shared ones of 4, over four tokens.
    close(flops_per_unit(checked)?, 14.0);
    close(flops_ratio(checked, CostReference::AllSlots)?, 14.0 / 34.0);
    close(flops_ratio(checked, CostReference::CostliestSlots(2))?, 14.0 / 24.0);
    close(flops_ratio(checked, CostReference::Flops(7.0))?, 2.0);
    assert!(flops_ratio(checked, CostReference::CostliestSlots(5)).is_err());
    assert!(flops_ratio(checked, CostReference::Flops(0.0)).is_err());
    Ok(())
}

#[test]
fn a_quarter_without_edges_and_missing_positions_are_undefined() -> Result<()> {
    let mut decision = small();
    decision.keys.position = Some(vec![0, 0, 0, 100, 0]);
    assert!(matches!(drop_rate_by_quartile(decision.checked()?), Err(Error::Undefined { .. })));
    decision.keys.position = None;
    assert!(drop_rate_by_quartile(decision.checked()?).is_err());
    Ok(())
}

#[test]
fn a_key_that_decides_the_slot_explains_all_of_it() -> Result<()> {
    let slots: Vec<usize> = (0..200).map(|unit| unit % 2).collect();
    let mut decision = chosen(&slots, 2);
    decision.keys.token_id = Some((0..200).map(|unit| unit % 4).collect());
    let mut stream = Streams::new(5).stream("permutation");
    let found = specialisation(decision.checked()?, KeyKind::TokenId, Choice::TopOne, 40, &mut stream)?;
    close(found.raw, 2f64.ln());
    close(found.slot_entropy, 2f64.ln());
    close(found.key_entropy, 4f64.ln());
    assert!(found.null_mean > 0.0 && found.null_mean < 0.03, "{found:?}");
    close(found.p_value, 1.0 / 41.0);
    close(found.share_of_choice()?, found.corrected() / 2f64.ln());
    close(found.share_of_key()?, found.corrected() / 4f64.ln());
    let weighted = specialisation(decision.checked()?, KeyKind::TokenId, Choice::Combine, 40, &mut stream)?;
    close(weighted.raw, found.raw);
    assert!(context_independence(decision.checked()?, 20, &mut stream)? > 0.95);
    assert!(
        context_independence(decision.checked()?, 19, &mut stream).is_err(),
        "19 permutations are too few"
    );
    assert!(specialisation(decision.checked()?, KeyKind::Task, Choice::TopOne, 20, &mut stream).is_err());
    Ok(())
}

#[test]
fn one_slot_for_all_leaves_nothing_to_explain() -> Result<()> {
    let mut decision = chosen(&[1, 1, 1, 1], 2);
    decision.keys.class = Some(vec![0, 0, 1, 1]);
    let mut stream = Streams::new(5).stream("permutation");
    let found = specialisation(decision.checked()?, KeyKind::Class, Choice::TopOne, 20, &mut stream)?;
    close(found.raw, 0.0);
    close(found.p_value, 1.0);
    assert!(matches!(found.share_of_choice(), Err(Error::Undefined { .. })));
    Ok(())
}

#[test]
fn paths_between_two_layers() -> Result<()> {
    let (first, second) = (chosen(&[0, 0, 1, 1], 2), chosen(&[1, 1, 0, 1], 2));
    let (first, second) = (first.checked()?, second.checked()?);
    assert_eq!(transition_counts(first, second)?, [[0, 2], [1, 1]]);
    assert_eq!(distinct_paths(&[first, second])?, 3);
    // ln 2 + H(1/4) - H(1/2, 1/4, 1/4).
    let quarter = 4f64.ln() / 4.0 + 0.75 * (4.0f64 / 3.0).ln();
    let mut stream = Streams::new(5).stream("permutation");
    let found = path_information(first, second, 30, &mut stream)?;
    close(found.raw, 2f64.ln() + quarter - (2f64.ln() / 2.0 + 4f64.ln() / 2.0));
    let decision = small();
    let together = co_activation(decision.checked()?);
    assert_eq!(together[0], [4, 3, 0, 1, 0]);
    assert_eq!(together[1], [3, 3, 0, 0, 0]);
    let (mut padded, mut other) = (chosen(&[0, 1], 2), chosen(&[0, 1], 2));
    (padded.valid[1], other.valid[1]) = (false, false);
    assert_eq!(distinct_paths(&[padded.checked()?, other.checked()?])?, 1, "padding takes no path");
    assert!(path_information(padded.checked()?, first, 20, &mut stream).is_err(), "other units");
    assert!(distinct_paths(&[]).is_err() && distinct_paths(&[first, decision.checked()?]).is_err());
    Ok(())
}

#[test]
fn stability_between_two_checkpoints() -> Result<()> {
    let (mut a, mut b) = (chosen(&[0, 1, 2, 2], 3), chosen(&[0, 1, 2, 0], 3));
    for decision in [&mut a, &mut b] {
        decision.keys.token_id = Some(vec![4, 4, 9, 9]);
    }
    let second = Edge { rank: 1, ..Edge::kept(3, 1) };
    b.edges.push(second);
    let (a, b) = (a.checked()?, b.checked()?);
    close(top_one_agreement(a, b)?, 0.75);
    close(churn(a, b)?, 0.25);
    close(mean_jaccard(a, b)?, 0.75);
    let distances = total_variation_by_key(a, b, KeyKind::TokenId)?;
    assert_eq!(
        distances.iter().map(|d| (d.key, d.choices, d.distance)).collect::<Vec<_>>(),
        [(4, 2, 0.0), (9, 2, 0.5)]
    );
    close(mean_total_variation(a, b, KeyKind::TokenId)?, 0.25);
    assert!(total_variation_by_key(a, b, KeyKind::Task).is_err());
    Ok(())
}

#[test]
fn the_jaccard_index_of_two_of_three() -> Result<()> {
    let (mut a, mut b) = (chosen(&[0], 3), chosen(&[1], 3));
    a.edges.push(Edge { rank: 1, ..Edge::kept(0, 1) });
    b.edges.push(Edge { rank: 1, ..Edge::kept(0, 2) });
    close(mean_jaccard(a.checked()?, b.checked()?)?, 1.0 / 3.0);
    Ok(())
}

#[test]
fn alignment_undoes_a_renaming_of_slots() -> Result<()> {
    let a = chosen(&[0, 0, 0, 1, 1, 2, 2, 2], 3);
    let b = a.relabelled(&[2, 0, 1])?;
    close(top_one_agreement(a.checked()?, b.checked()?)?, 0.0);
    let target = align_slots(a.checked()?, b.checked()?)?;
    let b = b.relabelled(&target)?;
    close(top_one_agreement(a.checked()?, b.checked()?)?, 1.0);
    assert_eq!(a, b);
    assert!(
        a.relabelled(&[0, 0, 1]).is_err()
            && a.relabelled(&[0, 1]).is_err()
            && a.relabelled(&[0, 1, 3]).is_err()
    );
    Ok(())
}

#[test]
fn regret_against_the_best_route() -> Result<()> {
    let losses = RouteLosses::new(vec![1.0, 2.0, 3.0, 3.0, 1.0, 5.0, 2.0, 2.0, 8.0], 3)?;
    let chosen = [Some(0), Some(0), None];
    close(losses.oracle_regret(&chosen)?, 1.0);
    // Chance: (1 + 2) / 2 worse than the best.
    close(losses.regret_ratio(&chosen)?, 1.0 / 1.5);
    close(losses.selection_accuracy(&chosen)?, 0.5);
    close(losses.selection_accuracy(&[Some(0), Some(1), Some(1)])?, 1.0);
    assert_eq!(losses.best_routes(), [Some(0), Some(1), Some(0)]);
    assert!(RouteLosses::new(vec![1.0, f64::NAN], 2).is_err() && RouteLosses::new(vec![1.0], 2).is_err());
    assert!(losses.oracle_regret(&[None; 3]).is_err() && losses.oracle_regret(&[Some(3); 3]).is_err());
    assert!(RouteLosses::new(vec![1.0, 1.0], 2)?.regret_ratio(&[Some(0)]).is_err());
    Ok(())
}

#[test]
fn broken_routers_are_reported_and_never_measured() -> Result<()> {
    let empty = || {
        RoutingDecision::new("gate", Scope::Layer(0), UnitKind::Token, 2, Slot::table(SlotKind::Expert, 2))
    };
    assert!(empty().with_logits(vec![0.0, f32::NAN, 0.0, 0.0]).is_err());
    let mut broken = empty();
    broken.logits = Some(vec![0.0, f32::NAN, 0.0, 0.0]);
    assert!(matches!(broken.checked(), Err(Error::InvalidDecision { .. })));
    let equal = empty().with_logits(vec![0.5; 4])?;
    assert!(matches!(preferred_slots(equal.checked()?), Err(Error::Undefined { .. })));
    let mut padded = empty().with_logits(vec![1.0, 0.0, 0.0, 1.0])?.with_top_edges(1, CombineMode::Select)?;
    assert_eq!(preferred_slots(padded.checked()?)?, [0, 1]);
    padded.valid = vec![false; 2];
    let padded = padded.checked()?;
    assert!(switch_loss(padded, Convention::KNormalised).is_err() && z_loss(padded).is_err());
    assert!(routing_entropies(padded).is_err() && effective_k(padded).is_err() && drop_rate(padded).is_err());
    assert!(served_shares(padded).is_err() && top_one_agreement(padded, padded).is_err());
    let bare = empty();
    assert!(switch_loss(bare.checked()?, Convention::TopOne).is_err() && z_loss(bare.checked()?).is_err());
    Ok(())
}

#[test]
fn log_sum_exp_does_not_overflow() -> Result<()> {
    close(log_sum_exp(&[1000.0, 1000.0])?, 1000.0 + 2f64.ln());
    close(log_sum_exp(&[-1000.0, -1000.0])?, -1000.0 + 2f64.ln());
    assert!(log_sum_exp(&[]).is_err() && log_sum_exp(&[f64::INFINITY]).is_err());
    Ok(())
}

/// Three architectures, two neurons each, two experts: a dense mixture with a choice per neuron.
#[test]
fn groups_are_separate_choices_of_one_unit() -> Result<()> {
    let slots = Slot::table(SlotKind::Expert, 2);
    let (low, high) = (0.0, 3f32.ln());
    let mut decision = RoutingDecision::new("mix", Scope::Layer(0), UnitKind::Architecture, 3, slots)
        .with_groups(2)
        .with_logits(vec![low, high, high, low, low, high, low, high, high, low, high, low])?
        .with_dense_edges(CombineMode::MixWeights)?;
    decision.valid[2] = false;
    let checked = decision.checked()?;
    assert_eq!(checked.top_choices(), [Some(1), Some(0), Some(1), Some(1), None, None]);
    assert_eq!(load_counts(checked), [4, 4]);
    let weights = importance(checked);
    close(weights[0], 0.25 + 0.75 + 0.25 + 0.25);
    close(weights[1], 0.75 + 0.25 + 0.75 + 0.75);
    close(effective_k(checked)?, 2.0);
    let certain = -(0.25 * 0.25f64.ln() + 0.75 * 0.75f64.ln());
    close(routing_entropies(checked)?.conditional, certain);
    close(z_loss(checked)?, 4f64.ln().powi(2));
    // First choices 1/4 and 3/4, mean probabilities 3/8 and 5/8.
    close(switch_loss(checked, Convention::TopOne)?, 2.0 * (0.25 * 0.375 + 0.75 * 0.625));
    close(switch_loss(checked, Convention::SumOverK)?, 2.0);
    Ok(())
}

fn complaint(change: impl Fn(&mut RoutingDecision)) -> String {
    let mut decision = small();
    change(&mut decision);
    decision.validate().expect_err("the decision contradicts itself").to_string()
}

#[test]
fn contradictions_are_named() {
    let cases: [(String, &str); 14] = [
        (complaint(|d| d.edges[0].slot = 9), "out of range"),
        (complaint(|d| d.edges[0].unit = 5), "out of range"),
        (complaint(|d| d.edges[1].slot = 0), "there twice"),
        (complaint(|d| d.edges[1].rank = 0), "rank 0"),
        (complaint(|d| d.edges[0].score = f32::NAN), "must be finite"),
        (complaint(|d| d.edges[4].combine = 0.5), "was dropped"),
        (complaint(|d| d.edges[3].fate = Fate::Kept), "does not fit a slot of kind NullZero"),
        (complaint(|d| d.edges[6].fate = Fate::Rerouted { slot: 7 }), "rerouted to slot 7"),
        (complaint(|d| d.valid = vec![true; 3]), "validity mask has 3 entries"),
        (complaint(|d| d.keys.task = Some(vec![1])), "task has 1 entries"),
        (complaint(|d| d.logits = Some(vec![0.0; 7])), "7 logits"),
        (complaint(|d| d.probabilities = Some(vec![0.1; 25])), "sum to 0.5"),
        (complaint(|d| d.slots[1].id = 0), "repeats the id 0"),
        (complaint(|d| d.groups = usize::MAX), "split the record"),
    ];
    for (found, expected) in cases {
        assert!(found.contains(expected), "`{found}` does not say `{expected}`");
    }
}

#[test]
fn a_record_survives_json_and_unknown_fields_are_refused() -> Result<()> {
    let decision = small();
    let mut trace =
        RoutingTrace { decisions: vec![decision], seed: u64::MAX, experiment_digest: "ab".repeat(32) };
    trace.validate()?;
    let text =
        serde_json::to_string(&trace).expect("a valid trace holds finite numbers and string keys only");
    assert_eq!(serde_json::from_str::<RoutingTrace>(&text).expect("it was just written"), trace);
    let other = text.replacen("\"units\"", "\"unitz\"", 1);
    assert!(serde_json::from_str::<RoutingTrace>(&other).is_err());
    trace.decisions[0].keys.parent_decision = Some(vec![0; 5]);
    assert!(trace.validate().is_err(), "a decision cannot come from itself");
    trace.decisions.clear();
    trace.experiment_digest.pop();
    assert!(trace.validate().is_err());
    Ok(())
}
