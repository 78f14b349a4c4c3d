use switchyard::interchange::{Header, Trace, Traced};
use switchyard::rng::Streams;
use switchyard::routing::{CombineMode, Edge, Fate, RoutingDecision, Scope, Slot, SlotKind, UnitKind};

use super::{read, write};

/// A decision with every fate that fits its slots, padding, keys, and a unit without edges.
fn decision(step: u64) -> RoutingDecision {
    let kinds = [
        SlotKind::Expert,
        SlotKind::Expert,
        SlotKind::NullZero,
        SlotKind::Skip,
        SlotKind::Shared,
        SlotKind::CacheLine,
    ];
    let slots = kinds.into_iter().enumerate().map(|(id, kind)| Slot::new(id, kind, format!("slot {id}")));
    let mut decision = RoutingDecision::new("gate", Scope::Layer(3), UnitKind::Token, 6, slots.collect());
    decision.step = step;
    decision.combine_mode = CombineMode::MixOutputs;
    decision.valid[5] = false;
    decision.keys.token_id = Some(vec![7, u32::MAX, 8, 8, 9, 0]);
    decision.keys.sequence = Some(vec![0, 0, 0, 1, 1, 1]);
    let edge = |unit, slot, rank, fate| {
        let weight = if fate == Fate::Dropped { 0.0 } else { 0.1 + rank as f32 };
        Edge { unit, group: 0, slot, rank, score: -1.5, dispatch: weight, combine: weight / 3.0, fate }
    };
    decision.edges = vec![
        edge(0, 0, 0, Fate::Kept),
        edge(0, 1, 1, Fate::Dropped),
        edge(1, 0, 0, Fate::Rerouted { slot: 1 }),
        edge(1, 2, 1, Fate::Null),
        edge(2, 3, 0, Fate::Skipped),
        edge(2, 4, 0, Fate::Shared),
        edge(3, 5, usize::MAX, Fate::Miss { evicted: Some(usize::MAX) }),
        edge(4, 5, 0, Fate::Miss { evicted: None }),
        edge(5, 5, 0, Fate::Hit),
    ];
    decision
}

fn trace() -> Trace {
    let header =
        Header { seed: Some(u64::MAX), experiment_digest: Some("ab".repeat(32)), ..Header::default() };
    let empty = RoutingDecision { edges: Vec::new(), ..decision(0) };
    let decisions = [decision(1), empty, decision(u64::MAX)].into_iter().enumerate();
    let decisions = decisions
        .map(|(index, decision)| Traced { task: (index > 0).then(|| format!("task {index}")), decision });
    Trace { header, decisions: decisions.collect() }
}

#[test]
fn a_trace_comes_back_as_it_was_but_for_logits_and_probabilities() {
    let mut trace = trace();
    trace.decisions[0].decision.logits = Some(vec![0.5; 36]);
    let mut back = read(write(&trace).expect("a valid trace")).expect("it was just written");
    assert_eq!(back.header.decisions.take(), Some(3));
    trace.decisions[0].decision.logits = None;
    assert_eq!(back, trace);
    let bytes = write(&trace).expect("a valid trace");
    assert_eq!(bytes, write(&trace).expect("a valid trace"), "the same trace gives the same bytes");
}

#[test]
fn a_trace_without_edges_and_one_without_decisions_come_back() {
    let empty = RoutingDecision { edges: Vec::new(), ..decision(0) };
    for decisions in [vec![Traced { task: None, decision: empty }], Vec::new()] {
        let trace = Trace { header: Header::default(), decisions };
        let back = read(write(&trace).expect("a valid trace")).expect("it was just written");
        assert_eq!(back.decisions, trace.decisions);
    }
}

#[test]
fn a_trace_that_contradicts_itself_is_not_written() {
    let mut trace = trace();
    trace.decisions[0].decision.edges[0].combine = -1.0;
    assert!(write(&trace).is_err());
}

#[test]
fn damaged_files_are_refused_with_a_sentence_and_never_a_panic() {
    let bytes = write(&trace()).expect("a valid trace");
    let whole = read(bytes.clone()).expect("it was just written");
    for end in 0..bytes.len() {
        let problem = read(bytes[..end].to_vec()).expect_err("a file that was cut off");
        assert!(problem.len() > 20, "{problem}");
    }
    let rounds = if std::env::var_os("SWITCHYARD_FUZZ").is_some() { 200_000 } else { 5_000 };
    let mut stream = Streams::new(1).stream("columns");
    let mut refused = 0;
    for _ in 0..rounds {
        let mut bytes = bytes.clone();
        for _ in 0..=stream.below(3) {
            let at = stream.below(bytes.len());
            bytes[at] = stream.next_u64() as u8;
        }
        match read(bytes) {
            Ok(trace) => assert_eq!(trace.decisions.len(), whole.decisions.len()),
            Err(problem) => {
                refused += 1;
                assert!(problem.len() > 20, "{problem}");
            }
        }
    }
    assert!(refused > rounds / 4, "{refused}");
}
