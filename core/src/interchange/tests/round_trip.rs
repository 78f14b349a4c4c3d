use super::super::{Header, Options, Trace, Traced, json_lines};
use super::routes;
use crate::rng::{Stream, Streams};
use crate::routing::{CombineMode, Edge, Fate, Keys, RoutingDecision, Scope, Slot, SlotKind, UnitKind};

/// A random decision that does not contradict itself.
pub(super) fn draw(stream: &mut Stream, step: u64) -> RoutingDecision {
    let (units, groups, experts) = (stream.below(5), 1 + stream.below(2), 2 + stream.below(3));
    let mut slots = Slot::table(SlotKind::Expert, experts);
    slots.push(Slot::new(experts, SlotKind::NullZero, "null \"zero\"\n"));
    slots[0].capacity = (stream.below(2) == 0).then_some(3);
    slots[0].cost.flops = stream.uniform(0.0, 1e9);
    let scope = [Scope::Layer(stream.below(4)), Scope::AllLayers, Scope::Model][stream.below(3)];
    let mut decision =
        RoutingDecision::new("gate é", scope, UnitKind::Token, units, slots).with_groups(groups);
    decision.step = step;
    decision.combine_mode = CombineMode::MixOutputs;
    let count = units * groups * (experts + 1);
    if stream.below(2) == 0 {
        decision = decision.with_logits(stream.normals(count, 3.0)).unwrap();
    }
    for place in 0..units * groups {
        let order = stream.permutation(experts);
        for (rank, &slot) in order.iter().take(1 + stream.below(2)).enumerate() {
            let score = stream.normal() as f32;
            let weight = stream.unit() as f32;
            let (dispatch, combine, fate) = match stream.below(4) {
                0 => (0.0, 0.0, Fate::Dropped),
                1 => (1.0, weight, Fate::Rerouted { slot: (slot + 1) % experts }),
                _ => (1.0, weight, Fate::Kept),
            };
            let (unit, group) = (place / groups, place % groups);
            decision.edges.push(Edge { unit, group, slot, rank, score, dispatch, combine, fate });
        }
    }
    let key = |stream: &mut Stream| {
        (stream.below(2) == 0).then(|| (0..units).map(|_| stream.next_u64() as u32).collect())
    };
    decision.keys =
        Keys { position: key(stream), sequence: key(stream), domain: key(stream), ..Keys::default() };
    decision.valid.iter_mut().for_each(|valid| *valid = stream.below(4) > 0);
    decision
}

pub(super) fn trace(stream: &mut Stream) -> Trace {
    let decisions = (0..stream.below(4)).map(|step| Traced {
        task: (stream.below(2) == 0).then(|| "sandwich/seed-0".to_owned()),
        decision: draw(stream, step as u64),
    });
    let decisions = decisions.collect();
    let digest = (stream.below(2) == 0).then(|| "0f".repeat(32));
    Trace {
        header: Header { seed: Some(stream.next_u64()), experiment_digest: digest, ..Header::default() },
        decisions,
    }
}

#[test]
fn what_is_written_is_read_again_bit_for_bit() {
    let mut stream = Streams::new(3).stream("traces");
    for _ in 0..500 {
        let trace = trace(&mut stream);
        let bytes = json_lines(&trace).unwrap();
        let routes = routes(std::str::from_utf8(&bytes).unwrap());
        assert_eq!(routes.decisions, trace.decisions);
        let header = routes.header.unwrap();
        assert_eq!(header.decisions, Some(trace.decisions.len() as u64));
        assert_eq!(
            (header.seed, header.experiment_digest),
            (trace.header.seed, trace.header.experiment_digest)
        );
        assert!(routes.drops_known && routes.weights_known);
    }
}

#[test]
fn a_trace_that_contradicts_itself_is_not_written() {
    let mut stream = Streams::new(3).stream("traces");
    let mut decision = draw(&mut stream, 0);
    decision.groups = 0;
    let trace = Trace { header: Header::default(), decisions: vec![Traced { task: None, decision }] };
    assert!(json_lines(&trace).is_err());
}

#[test]
fn units_with_equal_weights_are_told_and_left_out_if_asked() {
    let slots = Slot::table(SlotKind::Expert, 4);
    let mut decision = RoutingDecision::new("gate", Scope::Layer(0), UnitKind::Token, 3, slots);
    for unit in 0..3 {
        let weights = if unit == 1 { [0.6, 0.4] } else { [0.5, 0.5] };
        decision.edges.extend(weights.iter().enumerate().map(|(rank, &combine)| Edge {
            rank,
            combine,
            ..Edge::kept(unit, rank)
        }));
    }
    let trace = || Trace {
        header: Header::default(),
        decisions: vec![Traced { task: None, decision: decision.clone() }],
    };
    let told = super::super::finish(trace(), "trace", &Options::default());
    assert_eq!(told.decisions[0].decision.valid, [true; 3]);
    assert!(told.notes[0].contains("2 of 3 units (the first is 0, the last 2)"), "{:?}", told.notes);
    let left_out =
        super::super::finish(trace(), "trace", &Options { leave_out_ties: true, ..Options::default() });
    assert_eq!(left_out.decisions[0].decision.valid, [false, true, false]);
}
