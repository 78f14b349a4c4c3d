//! The fast ways agree with the metrics, intervals have the width that they should, and what is not known is said.

#![allow(clippy::unwrap_used)]

use super::resampling::{Draws, Items, RESAMPLES, stream};
use super::*;
use crate::interchange::{Options, Routes, Trace, Traced, finish, read};
use crate::rng::{Stream, Streams};
use crate::routing::metrics;
use crate::routing::{CombineMode, Edge, Fate, KeyKind, RoutingDecision, Scope, Slot, SlotKind, UnitKind};

/// Tokens that choose `k` of `slots` in `groups` groups, some dropped, some padding; the first choice leans on the key.
fn decision(stream: &mut Stream, (units, groups, k): (usize, usize, usize), slots: usize) -> RoutingDecision {
    let mut table = Slot::table(SlotKind::Expert, slots);
    table.push(Slot::new(slots, SlotKind::NullZero, "null"));
    table.push(Slot::new(slots + 1, SlotKind::Shared, "shared"));
    let mut decision =
        RoutingDecision::new("gate", Scope::Layer(0), UnitKind::Token, units, table).with_groups(groups);
    decision.combine_mode = CombineMode::MixOutputs;
    let domains: Vec<u32> = (0..units).map(|_| stream.below(5) as u32).collect();
    for (unit, &domain) in domains.iter().enumerate() {
        for group in 0..groups {
            let mut order = stream.permutation(slots);
            if stream.below(2) == 0 {
                let favourite = domain as usize % slots;
                let at = order.iter().position(|&slot| slot == favourite).unwrap();
                order.swap(0, at);
            }
            for (rank, &slot) in order[..k].iter().enumerate() {
                let (fate, weight) = if stream.below(5) == 0 {
                    (Fate::Dropped, 0.0)
                } else {
                    (Fate::Kept, stream.unit() as f32)
                };
                let edge =
                    Edge { unit, group, slot, rank, score: 0.0, dispatch: weight, combine: weight, fate };
                decision.edges.push(edge);
            }
        }
        decision.edges.push(Edge { fate: Fate::Shared, ..Edge::kept(unit, slots + 1) });
    }
    decision.valid.iter_mut().for_each(|valid| *valid = stream.below(10) > 0);
    decision.keys.domain = Some(domains);
    decision.keys.position = Some((0..units as u32).map(|unit| unit % 40).collect());
    decision
}

fn routes(decisions: Vec<RoutingDecision>) -> Routes {
    let decisions = decisions.into_iter().map(|decision| Traced { task: None, decision }).collect();
    finish(Trace { decisions, ..Trace::default() }, "trace", &Options::default())
}

fn summary(decisions: Vec<RoutingDecision>) -> RouteSummary {
    routes::summary(&routes(decisions), 0).unwrap()
}

fn close(found: Option<f64>, expected: f64) {
    let found = found.expect("it is defined");
    assert!((found - expected).abs() < 1e-9, "found {found}, expected {expected}");
}

#[test]
fn every_number_is_the_one_of_the_metric() {
    let mut stream = Streams::new(2).stream("inspection");
    for shape in [(300, 1, 2), (120, 3, 1), (80, 1, 1), (50, 2, 3)] {
        let decision = decision(&mut stream, shape, 6);
        let checked = decision.checked().unwrap();
        let found = &summary(vec![decision.clone()]).places[0];
        let counts = metrics::routed_load_counts(checked);
        // The null slot takes no part, and no edge goes there.
        let counts = &counts[..6];
        close(found.balance.load_cv.value(), metrics::load_cv(counts).unwrap());
        close(found.balance.max_violation.value(), metrics::max_violation(counts).unwrap());
        close(found.balance.jain.value(), metrics::jain_index(counts).unwrap());
        assert_eq!(found.balance.slots, 6);
        let weights = &metrics::importance(checked)[..6];
        close(found.balance.importance_cv.value(), balance::Evenness::of(weights).cv);
        close(found.drops.rate.value(), metrics::drop_rate(checked).unwrap());
        close(found.drops.units_without.value(), metrics::dropped_unit_share(checked).unwrap());
        close(found.drops.effective_k.value(), metrics::effective_k(checked).unwrap());
        for (measure, rate) in
            found.drops.by_quarter.iter().zip(metrics::drop_rate_by_quartile(checked).unwrap())
        {
            close(measure.value(), rate);
        }
        let domain = found.specialisation.iter().find(|key| key.key == "domain").unwrap();
        let mut other = Streams::new(9).stream("null");
        let choice = metrics::Choice::TopOne;
        let slow = metrics::specialisation(checked, KeyKind::Domain, choice, 400, &mut other).unwrap();
        let detail = domain.detail.unwrap();
        close(Some(detail.raw), slow.raw);
        close(Some(detail.slot_entropy), slow.slot_entropy);
        close(Some(detail.key_entropy), slow.key_entropy);
        let error = slow.null_deviation / (detail.permutations as f64).sqrt();
        assert!((detail.null_mean - slow.null_mean).abs() < 5.0 * error, "{detail:?} {slow:?}");
        close(domain.share_of_choice.value(), (detail.raw - detail.null_mean) / detail.slot_entropy);
    }
}

#[test]
fn stability_and_paths_are_those_of_the_metrics() {
    let mut stream = Streams::new(3).stream("inspection");
    let mut first = decision(&mut stream, (200, 1, 2), 5);
    let mut second = decision(&mut stream, (200, 1, 2), 5);
    (first.valid, second.valid) = (vec![true; 200], vec![true; 200]);
    second.keys = first.keys.clone();
    second.step = 7;
    let found = summary(vec![first.clone(), second.clone()]);
    let (a, b) = (first.checked().unwrap(), second.checked().unwrap());
    let pair = &found.places[0].stability[0];
    assert_eq!((pair.from, pair.to), (0, 7));
    close(pair.agreement.value(), metrics::top_one_agreement(a, b).unwrap());
    close(pair.jaccard.value(), metrics::mean_jaccard(a, b).unwrap());
    assert_eq!(found.places[0].against_last, found.places[0].stability);

    (second.step, second.scope) = (0, Scope::Layer(3));
    let found = summary(vec![first.clone(), second.clone()]);
    assert_eq!(found.places[1].name, "layer 3");
    let (a, b) = (first.checked().unwrap(), second.checked().unwrap());
    let slow = metrics::path_information(a, b, 400, &mut stream).unwrap();
    let share = found.places[1].path.value().unwrap();
    assert!((share - slow.share_of_choice().unwrap()).abs() < 0.01, "{share} {slow:?}");
    assert!(matches!(&found.places[0].path, Measure::Undefined { reason } if reason.contains("no layer")));

    second.keys.domain = None;
    second.keys.position.as_mut().unwrap()[4] += 1;
    (second.step, second.scope) = (7, Scope::Layer(0));
    let other = summary(vec![first, second]);
    let reason = format!("{:?}", other.places[0].stability[0].agreement);
    assert!(reason.contains("the position differs"), "{reason}");
}

#[test]
fn intervals_are_as_wide_as_theory_says() {
    // 4,000 independent tokens: the standard error of a share p is sqrt(p (1 - p) / n).
    let mut stream = Streams::new(4).stream("inspection");
    let decision = decision(&mut stream, (4_000, 1, 1), 4);
    let units = decision.valid.iter().filter(|&&valid| valid).count() as f64;
    let found = &summary(vec![decision]).places[0];
    let Measure::Interval(rate) = &found.drops.rate else { panic!("{:?}", found.drops.rate) };
    let expected = 2.0 * 1.96 * (rate.mean * (1.0 - rate.mean) / units).sqrt();
    let width = rate.high - rate.low;
    assert!((width / expected - 1.0).abs() < 0.2, "{width} {expected}");
    assert_eq!(found.resampled, "200 blocks of consecutive units");
}

#[test]
fn a_key_that_says_nothing_is_within_its_interval_of_nothing() {
    let mut stream = Streams::new(5).stream("inspection");
    let mut holds = 0;
    for _ in 0..40 {
        let mut decision = decision(&mut stream, (2_000, 1, 1), 4);
        decision.keys.domain = Some((0..2_000).map(|_| stream.below(3) as u32).collect());
        let found = &summary(vec![decision]).places[0];
        let Measure::Interval(share) = found.specialisation[1].share_of_choice else { panic!("{found:?}") };
        assert!(share.mean.abs() < 0.01, "{share:?}");
        holds += usize::from(share.low <= 0.0 && share.high >= 0.0);
    }
    assert!(holds >= 34, "{holds} of 40 intervals hold 0");
}

#[test]
fn sequences_are_resampled_whole_where_there_are_enough() {
    let mut stream = Streams::new(6).stream("inspection");
    let mut decision = decision(&mut stream, (600, 1, 1), 4);
    let words = |decision: &RoutingDecision| Items::of(decision).words;
    decision.keys.sequence = Some((0..600).map(|unit| unit / 20).collect());
    decision.valid = vec![true; 600];
    assert_eq!(words(&decision), "30 sequences");
    let items = Items::of(&decision);
    assert_eq!((items.of_unit[0], items.of_unit[19], items.of_unit[20]), (0, 0, 1));
    decision.keys.sequence = Some((0..600).collect());
    assert_eq!(words(&decision), "600 sequences in 200 groups");
    decision.keys.sequence = Some(vec![3; 600]);
    assert_eq!(words(&decision), "200 blocks of consecutive units");
    decision.unit_kind = UnitKind::Sample;
    assert_eq!(words(&decision), "200 groups of units");
    assert_eq!(Items::of(&decision).of_unit[201], 1);
}

#[test]
fn few_units_give_numbers_without_intervals_and_say_so() {
    let mut decision = decision(&mut Streams::new(7).stream("inspection"), (6, 1, 1), 2);
    decision.valid = vec![true; 6];
    let found = summary(vec![decision]);
    assert!(
        matches!(&found.places[0].drops.rate, Measure::Point { reason, .. } if reason.contains("needs 10"))
    );
    let said = missing(&Inspection::Routes(found)).join("\n");
    assert!(said.contains("no interval: there are 6 items"), "{said}");
}

#[test]
fn a_rate_that_no_resample_changes_has_no_interval() {
    let mut decision = decision(&mut Streams::new(7).stream("inspection"), (400, 1, 1), 3);
    decision.edges.retain(|edge| edge.fate != Fate::Dropped);
    let found = summary(vec![decision]);
    assert!(
        matches!(&found.places[0].drops.rate, Measure::Point { value: 0.0, reason } if reason.contains("same"))
    );
}

#[test]
fn what_a_file_does_not_know_is_said_and_never_0() {
    let rows: String = (0..40).map(|unit| format!("{unit},{}\n", unit % 3)).collect();
    let contents = read(format!("unit,expert\n{rows}").as_bytes(), &Options::default()).unwrap();
    let inspection = inspect(&contents, 0).unwrap();
    let said = missing(&inspection).join("\n");
    for words in
        ["drop rate", "does not say which choices were dropped", "importance CV: the file has no weights"]
    {
        assert!(said.contains(words), "`{words}` is missing in {said}");
    }
    let Inspection::Routes(found) = &inspection else { panic!("routes") };
    assert_eq!(found.places[0].drops.rate.value(), None);
    assert_eq!(found.places[0].drops.chosen_k.value(), Some(1.0));
}

#[test]
fn padding_alone_and_empty_decisions_are_measured_without_a_panic() {
    let mut padded = decision(&mut Streams::new(8).stream("inspection"), (30, 1, 1), 3);
    padded.valid = vec![false; 30];
    let empty =
        RoutingDecision::new("gate", Scope::Model, UnitKind::Token, 0, Slot::table(SlotKind::Shared, 1));
    let found = summary(vec![padded, empty]);
    for place in &found.places {
        assert_eq!(place.balance.load_cv.value(), None);
        assert_eq!(place.drops.rate.value(), None);
    }
    let inspection = Inspection::Routes(found);
    assert!(!plates(&inspection).is_empty() && !missing(&inspection).is_empty());
}

#[test]
fn a_load_table_has_the_divergence_of_its_contexts() {
    let rows: String = (0..12)
        .map(|context| {
            let share = if context % 2 == 0 { 1.0 } else { 0.0 };
            format!("{context},0,{share}\n{context},1,{}\n", 1.0 - share)
        })
        .collect();
    let contents = read(format!("who,expert,fraction\n{rows}").as_bytes(), &Options::default()).unwrap();
    let inspection = inspect(&contents, 0).unwrap();
    let Inspection::Loads(found) = &inspection else { panic!("loads") };
    close(found.layers[0].share_of_choice.value(), 1.0);
    close(found.layers[0].load_cv.value(), 0.0);
    close(found.layers[0].context_cv.value(), 1.0);
    assert!(plates(&inspection).len() == 2);
    let said = missing(&inspection).join("\n");
    assert!(said.contains("stability, drops, paths, permutation null: a load table"), "{said}");
}

#[test]
fn the_same_seed_gives_the_same_inspection_and_draws_are_with_replacement() {
    let decision = decision(&mut Streams::new(9).stream("inspection"), (100, 1, 2), 4);
    assert_eq!(summary(vec![decision.clone()]), summary(vec![decision]));
    let draws = Draws::new(20, RESAMPLES, &mut stream(0, "items", 0));
    for row in draws.rows().unwrap() {
        assert_eq!(row.iter().sum::<f64>(), 20.0);
    }
}
