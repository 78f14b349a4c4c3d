//! Measuring a million edges: validation and every number of `switchyard inspect`, and reading them from text.

use std::hint::black_box;

use criterion::{Criterion, criterion_group, criterion_main};
use switchyard::inspection::inspect;
use switchyard::interchange::{Contents, Options, Trace, Traced, finish, json_lines, read};
use switchyard::rng::Streams;
use switchyard::routing::{CombineMode, Edge, Fate, RoutingDecision, Scope, Slot, SlotKind, UnitKind};

/// A trace of `1_000_000` edges: so many layers, k choices of each token among 64 experts, keys, drops at the end.
fn million(layers: usize, steps: u64, k: usize) -> Trace {
    const EXPERTS: usize = 64;
    let units = 1_000_000 / (layers * steps as usize * k);
    let mut stream = Streams::new(5).stream("bench");
    let tokens: Vec<u32> = (0..units).map(|_| (stream.unit().powi(3) * 20_000.0) as u32).collect();
    let mut decisions = Vec::new();
    for step in 0..steps {
        for layer in 0..layers {
            let table = Slot::table(SlotKind::Expert, EXPERTS);
            let mut decision =
                RoutingDecision::new("gate", Scope::Layer(layer), UnitKind::Token, units, table);
            decision.step = step;
            decision.combine_mode = CombineMode::MixOutputs;
            for (unit, token) in tokens.iter().enumerate() {
                let first = (*token as usize + stream.below(4)) % EXPERTS;
                for rank in 0..k {
                    let slot = (first + 7 * rank) % EXPERTS;
                    let is_dropped = unit % 512 > 400 && rank == 1;
                    let (fate, weight) =
                        if is_dropped { (Fate::Dropped, 0.0) } else { (Fate::Kept, 1.0 / (1 + rank) as f32) };
                    let edge =
                        Edge { unit, group: 0, slot, rank, score: 0.5, dispatch: 1.0, combine: weight, fate };
                    decision.edges.push(Edge { dispatch: if is_dropped { 0.0 } else { 1.0 }, ..edge });
                }
            }
            decision.keys.token_id = Some(tokens.clone());
            decision.keys.position = Some((0..units as u32).map(|unit| unit % 512).collect());
            decision.keys.sequence = Some((0..units as u32).map(|unit| unit / 512).collect());
            decision.keys.domain = Some((0..units as u32).map(|unit| unit / 4_096 % 5).collect());
            decisions.push(Traced { task: None, decision });
        }
    }
    Trace { decisions, ..Trace::default() }
}

fn contents(trace: Trace) -> Contents {
    Contents::Routes(finish(trace, "trace", &Options::default()))
}

fn routes(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("a million edges");
    group.sample_size(10);
    for (name, layers, steps, k) in [
        ("1 layer, top-8", 1, 1, 8),
        ("1 layer, top-1", 1, 1, 1),
        ("32 layers, top-2", 32, 1, 2),
        ("4 layers, 5 steps, top-2", 4, 5, 2),
    ] {
        let contents = contents(million(layers, steps, k));
        group.bench_function(format!("summary/{name}"), |bencher| {
            bencher.iter(|| black_box(inspect(&contents, 0)));
        });
    }
    let bytes = json_lines(&million(1, 1, 8)).expect("a valid trace");
    group.bench_function("reading JSON Lines/1 layer, top-8", |bencher| {
        bencher.iter(|| black_box(read(&bytes, &Options::default())));
    });
    let rows: String =
        (0..1_000_000).map(|row| format!("{},{},{},0.5\n", row / 8, row / 8 % 512, (row * 7) % 64)).collect();
    let csv = format!("unit,position,expert,weight\n{rows}");
    group.bench_function("reading CSV/1 layer, top-8", |bencher| {
        bencher.iter(|| black_box(read(csv.as_bytes(), &Options::default())));
    });
    group.finish();
}

criterion_group!(benches, routes);
criterion_main!(benches);
