//! Whole runs of the lab: the same digest however they are stepped and watched, every method, own corpora, export, refusals.

use burn::tensor::Device;

use super::context::Context;
use crate::data::OwnData;
use crate::data::sentences::{SentenceCorpus, Side};
use crate::data::translation::grammar_pairs;
use crate::experiment::{Checked, Event, Experiment, Registry, Session};
use crate::labs::supernet_audit::Method;
use crate::nn::fused::checks::values;
use crate::plate::{Cell, Plate, Table};
use crate::rng::Streams;
use crate::supernet::bert::MaskedBatch;

const SMALL: &[&str] = &[
    "seeds=1",
    "methods=neuron-wise,fixed-input",
    "data.sentences=200",
    "space.hidden=8",
    "space.layers=2",
    "space.widths=4,8",
    "space.ffn=12",
    "supernet.router_hidden=4",
    "training.steps=4",
    "training.tokens=128",
    "audit.architectures=3",
    "audit.standalones=1",
    "audit.resamples=100",
];

fn checked(sets: &[&str]) -> Checked {
    let registry = Registry::standard();
    let mut experiment = Experiment::new("mos-bert-small");
    for set in SMALL.iter().chain(sets) {
        registry.set(&mut experiment, set).expect("a field of the lab");
    }
    registry.check(&experiment).expect("valid")
}

fn step(session: &mut Session, steps: u64) -> Vec<Event> {
    pollster::block_on(session.step(&Device::flex(), steps)).expect("steps")
}

fn run(session: &mut Session, steps: u64) -> (String, Vec<Event>) {
    let mut events = Vec::new();
    while !session.is_complete() {
        events.extend(step(session, steps));
    }
    (session.digest().expect("complete").to_owned(), events)
}

fn digest(sets: &[&str]) -> String {
    run(&mut Session::open(&checked(sets)).expect("opens"), 3).0
}

fn table<'a>(events: &'a [Event], wanted: &str) -> &'a Table {
    let found = events.iter().find_map(|event| match event {
        Event::Plate { plate: Plate::Table(table) } if table.title.starts_with(wanted) => Some(table),
        _ => None,
    });
    found.expect("it is in the conclusion")
}

fn last(row: &[Cell]) -> f64 {
    match row.last() {
        Some(Cell::Number { value, .. }) => *value,
        other => panic!("a number, not {other:?}"),
    }
}

#[test]
fn a_run_repeats_watched_or_not_and_its_settings_change_it() {
    let plain = digest(&[]);
    let mut watched = Session::open(&checked(&[])).expect("opens");
    while !watched.is_complete() {
        step(&mut watched, 1);
        let views = pollster::block_on(watched.look()).expect("there is something to see");
        assert!(views.iter().all(|view| !view.plate.title().is_empty()));
    }
    assert_eq!(watched.digest(), Some(plain.as_str()));
    for set in [
        "training.dropout=0.2",
        "training.schedule=cosine",
        "training.accumulation=2",
        "training.clip_norm=0.1",
        "training.weight_decay=0.5",
        "supernet.distillation=true",
        "supernet.encoding=one-hot",
        "supernet.matched_init=true",
        "supernet.mixed=attention",
        "supernet.mixed=feed-forward,bottlenecks",
        "data.side=both",
        "data.masked=0.3",
        "seed=5",
    ] {
        assert_ne!(digest(&[set]), plain, "{set}");
        assert_eq!(digest(&[set]), digest(&[set]), "{set}");
    }
}

#[test]
fn every_method_is_trained_tuned_and_audited_in_both_kinds_of_space() {
    let methods = format!("methods={}", Method::NAMES.join(","));
    let sets = [
        methods.as_str(),
        "seeds=3",
        "tuning.rates=1",
        "tuning.architectures=1",
        "training.steps=2",
        "audit.architectures=6",
        "space.widths=4,6,8",
    ];
    let homogeneous =
        ["space.kind=homogeneous", "space.layers=1,2", "space.heads=1,2", "space.ffn_percent=100,150"];
    for more in [&[][..], &homogeneous] {
        let sets: Vec<&str> = sets.iter().chain(more).copied().collect();
        let (_, events) = run(&mut Session::open(&checked(&sets)).expect("opens"), 10);
        let verdicts = events.iter().filter(|event| matches!(event, Event::Verdict { .. })).count();
        assert_eq!(verdicts, 10, "every question can be asked");
        assert_eq!(table(&events, "What the simplest guesses").rows.len(), 3);
    }
}

#[test]
fn one_supernet_guesses_far_better_than_the_left_neighbour() {
    let sets = [
        "methods=sandwich",
        "data.sentences=2000",
        "space.hidden=48",
        "space.widths=24,48",
        "space.ffn=96",
        "training.steps=700",
        "training.tokens=512",
        "audit.architectures=2",
    ];
    let (_, events) = run(&mut Session::open(&checked(&sets)).expect("opens"), 50);
    let simplest: Vec<f64> = table(&events, "What the simplest").rows.iter().map(|row| last(row)).collect();
    let best = simplest.iter().copied().fold(0.0, f64::max);
    let supernet = last(&table(&events, "How well each").rows[0]);
    assert!(supernet > best + 4.0, "{supernet} % against {simplest:?}");
}

#[test]
fn a_corpus_of_ones_own_is_trained_on_and_what_does_not_fit_is_refused() {
    let pairs = grammar_pairs([120, 20, 20], &mut Streams::new(9).stream("data")).expect("enough sentences");
    let own = OwnData::Pairs(pairs);
    let open = |sets: &[&str], data: Option<&OwnData>| Session::open_with(&checked(sets), data);
    let sets = ["data.source=own", "data.side=target", "data.longest=6"];
    let (_, events) = run(&mut open(&sets, Some(&own)).expect("opens"), 10);
    let cut =
        |event: &Event| matches!(event, Event::Warning { text } if text.contains("were cut to as many"));
    assert!(events.iter().any(cut), "{events:?}");
    let refusal = |sets: &[&str], data: Option<&OwnData>| {
        open(sets, data).err().map(|error| error.to_string()).unwrap_or_default()
    };
    let text = OwnData::Text(b"a b".to_vec());
    let OwnData::Pairs(pairs) = &own else { panic!("they are pairs") };
    let alone = OwnData::Sentences(SentenceCorpus::of(pairs, Side::Target));
    let of_alone = run(&mut open(&["data.source=own", "data.longest=6"], Some(&alone)).expect("opens"), 10);
    let of_pairs = run(&mut open(&sets, Some(&own)).expect("opens"), 10);
    assert_eq!(of_alone.0, of_pairs.0, "the same sentences without their partners");
    let cases = [
        (
            refusal(&["data.source=own", "data.side=both"], Some(&alone)),
            "`data.side`: the corpus is of one language",
        ),
        (refusal(&[], Some(&alone)), "a corpus was supplied, but it is `grammar`"),
        (refusal(&["data.source=own"], None), "`own` needs a packed corpus"),
        (refusal(&[], Some(&own)), "a corpus was supplied, but it is `grammar`"),
        (refusal(&["data.source=own"], Some(&text)), "make one with `switchyard data pack`"),
        (refusal(&["space.heads=3"], None), "`space.heads`: 3 heads do not share"),
        (
            refusal(&["space.kind=homogeneous", "supernet.mixed=bottlenecks"], None),
            "`supernet.mixed`: this space has no bottlenecks",
        ),
        (refusal(&["space.layers=1,2"], None), "`space.layers`: layers with bottlenecks differ"),
        (refusal(&["space.widths=4,9"], None), "is no bottleneck of a stream of 8"),
        (refusal(&["methods=few-shot", "supernet.experts=4"], None), "needs widths for each of its 4"),
        (refusal(&["data.longest=200"], None), "`training.tokens`: a batch must hold"),
        (refusal(&["space.ffn=16384", "training.tokens=1000000"], None), "would take about"),
    ];
    for (message, expected) in cases {
        assert!(message.contains(expected), "`{message}` should say `{expected}`");
    }
}

#[test]
fn a_finished_supernet_is_exported_and_guesses_as_it_did() {
    let checked = checked(&["methods=neuron-wise"]);
    let mut session = Session::open(&checked).expect("opens");
    let mut kept = None;
    while let Some(task) = session.take().expect("goes on") {
        let mut work = (task.start)(&Device::flex()).expect("starts");
        let outcome = pollster::block_on(work.advance(u64::MAX)).expect("advances").outcome.expect("done");
        if task.name == super::task_of(&checked, "neuron-wise", 0).expect("it trains that") {
            kept = Some((
                outcome.weights.clone().expect("supernets keep theirs"),
                outcome.numbers["quality"].clone(),
            ));
        }
        session.finish(&task.name, outcome).expect("accepted");
    }
    let (weights, losses) = kept.expect("there is a supernet");
    let (context, device) = (Context::new(&checked, None).expect("consistent"), Device::flex());
    for (architecture, expected) in context.audited.iter().zip(losses) {
        let exporting = super::export(&checked, None, "neuron-wise", &weights, architecture, &device);
        let (exported, corpus) = pollster::block_on(exporting).expect("exported");
        assert_eq!(corpus.vocabulary.len(), exported.description.vocabulary);
        let subnet = exported.load(&device).expect("whole");
        let (mut sum, mut words) = (0.0, 0.0);
        for sentence in &context.test {
            let batch = MaskedBatch::new(&[sentence], &device);
            sum += f64::from(values(&subnet.loss(&batch, None))[0]) * batch.masked as f64;
            words += batch.masked as f64;
        }
        assert!((sum / words - expected).abs() < 1e-4, "{} and {expected}", sum / words);
    }
    let wrong = super::export(&checked, None, "sandwich", &weights, &context.audited[0], &device);
    assert!(pollster::block_on(wrong).err().is_some_and(|error| error.to_string().contains("other weights")));
    assert!(super::task_of(&checked, "sandwich", 0).is_err());
}
