//! Works that are saved and taken up again: whatever the recipe and however often, the outcome and the events are those of
//! the work that was left alone. A lab that learns to save its work gets a row here.

mod mixed;
mod several;

use burn::tensor::Device;

use crate::experiment::{Checked, Event, Experiment, Outcome, Registry, Saved, Session, Work};

/// What is set in every translation.
const TRANSLATION: &[&str] = &[
    "data.pairs=200",
    "space.encoder_widths=8,12",
    "space.encoder_ffn=8,16",
    "space.encoder_heads=1,2",
    "space.decoder_widths=8,12",
    "space.decoder_ffn=8,16",
    "space.decoder_heads=1,2",
    "space.cross_heads=1,2",
    "space.inner=8",
    "supernet.router_hidden=4",
    "training.tokens=128",
    "audit.architectures=3",
    "audit.sentences=3",
    "training.steps=7",
];

/// What is set in every masked language model.
const MASKED_LANGUAGE: &[&str] = &[
    "data.sentences=200",
    "space.hidden=8",
    "space.layers=2",
    "space.widths=4,8",
    "space.ffn=12",
    "supernet.router_hidden=4",
    "training.tokens=128",
    "audit.architectures=3",
    "training.steps=7",
];

fn checked(preset: &str, sets: &[&[&str]]) -> Checked {
    let registry = Registry::standard();
    let mut experiment = Experiment::new(preset);
    for set in sets.concat() {
        registry.set(&mut experiment, set).expect("a field of the lab");
    }
    registry.check(&experiment).expect("valid")
}

/// The work of the first task whose name begins so, at its beginning.
fn work(preset: &str, sets: &[&[&str]], task: &str) -> Box<dyn Work> {
    let mut session = Session::open(&checked(preset, sets)).expect("opens");
    while let Some(found) = session.take().expect("goes on") {
        if found.name.starts_with(task) {
            return (found.start)(&Device::flex()).expect("starts");
        }
    }
    panic!("no task `{task}`")
}

fn translation(sets: &[&str], task: &str) -> Box<dyn Work> {
    work("mos-mt-small", &[TRANSLATION, sets], task)
}

fn save(work: &mut dyn Work) -> Saved {
    pollster::block_on(work.save()).expect("read").expect("this lab saves its work")
}

/// The end of a work; with `every`, it is saved after so many steps, thrown away, and taken up by a new one.
fn end(begin: &dyn Fn() -> Box<dyn Work>, every: Option<u64>) -> (Outcome, Vec<Event>, String) {
    let (mut work, mut events) = (begin(), Vec::new());
    loop {
        let progress = pollster::block_on(work.advance(every.unwrap_or(u64::MAX))).expect("advances");
        events.extend(progress.events);
        if let Some(outcome) = progress.outcome {
            return (outcome, events, pollster::block_on(work.fingerprint()).expect("read"));
        }
        let saved = save(work.as_mut());
        assert_eq!(saved.step, progress.step);
        work = begin();
        work.restore(&saved).expect("it fits");
        assert_eq!(save(work.as_mut()), saved, "nothing is lost");
    }
}

fn ends_the_same(begin: &dyn Fn() -> Box<dyn Work>) {
    let expected = end(begin, None);
    assert!(expected.1.len() > 1);
    for every in [1, 2, 3, 5] {
        assert_eq!(end(begin, Some(every)), expected, "saved after every {every} steps");
    }
}

#[test]
fn a_translation_taken_up_half_way_ends_the_same() {
    let plain = ["methods=sandwich", "training.schedule=inverse-sqrt", "supernet.distillation=true"];
    ends_the_same(&|| translation(&plain, "supernet/sandwich"));
    // Two batches a step pass the end of an epoch; the router has a rate of its own.
    let routed = [
        "methods=neuron-wise",
        "training.dropout=0.2",
        "training.accumulation=2",
        "training.schedule=cosine",
        "training.clip_norm=0.5",
        "training.weight_decay=0.01",
        "training.router_learning_rate=3",
        "training.steps=11",
    ];
    ends_the_same(&|| translation(&routed, "supernet/neuron-wise"));
    ends_the_same(&|| translation(&["methods=sandwich", "training.dropout=0.1"], "standalone/"));
}

#[test]
fn a_retraining_taken_up_half_way_ends_the_same() {
    let more = ["methods=sandwich", "seeds=1", "retraining.architectures=1", "retraining.steps=6"];
    let checked = checked("mos-mt-small", &[TRANSLATION, &more, &["retraining.every=2"]]);
    let mut session = Session::open(&checked).expect("opens");
    while let Some(task) = session.take().expect("goes on") {
        if task.name.starts_with("retraining/") {
            continue;
        }
        let mut work = (task.start)(&Device::flex()).expect("starts");
        let progress = pollster::block_on(work.advance(u64::MAX)).expect("advances");
        session.finish(&task.name, progress.outcome.expect("all steps are done")).expect("it is accepted");
    }
    for place in [0, 1] {
        ends_the_same(&|| {
            let trained = session.outcomes().clone();
            let mut session = Session::resume(&checked, trained).expect("opens");
            let taken = (0..=place).map(|_| session.take().expect("goes on").expect("a retraining"));
            let task = taken.last().expect("at least one");
            assert!(task.name.starts_with("retraining/"), "{}", task.name);
            (task.start)(&Device::flex()).expect("starts")
        });
    }
}

#[test]
fn a_masked_language_model_taken_up_half_way_ends_the_same() {
    let routed = ["methods=neuron-wise", "training.dropout=0.2", "training.accumulation=2"];
    for task in ["supernet/neuron-wise", "standalone/"] {
        ends_the_same(&|| work("mos-bert-small", &[MASKED_LANGUAGE, &routed], task));
    }
}

#[test]
fn a_supernet_of_feed_forward_networks_taken_up_half_way_ends_the_same() {
    let steps = ["training.steps=8", "audit.architectures=4", "methods=neuron-wise,k-shot,few-shot"];
    for task in ["supernet/neuron-wise", "supernet/k-shot", "supernet/few-shot", "standalone/"] {
        ends_the_same(&|| work("mos-tiny", &[&steps], task));
    }
}

#[test]
fn a_state_that_does_not_fit_is_refused_and_says_why() {
    let task = "supernet/neuron-wise";
    let mut trained = translation(&["methods=neuron-wise"], task);
    pollster::block_on(trained.advance(5)).expect("advances");
    let saved = save(trained.as_mut());
    let refusal = |sets: &[&str], task: &str, saved: &Saved| {
        let methods = ["methods=neuron-wise,sandwich"];
        let mut fresh = work("mos-mt-small", &[TRANSLATION, &methods, sets], task);
        fresh.restore(saved).expect_err("it does not fit").to_string()
    };
    let with = |name: &str, numbers: Vec<f64>| {
        let mut changed = saved.clone();
        changed.numbers.insert(name.to_owned(), numbers);
        changed
    };
    let cases = [
        (refusal(&["training.steps=4"], task, &saved), "of step 5 of a training of 4 steps"),
        (refusal(&["space.encoder_ffn=8,24"], task, &saved), "has shape"),
        (refusal(&[], "supernet/sandwich", &saved), "other weights"),
        (refusal(&[], task, &with("next", vec![0.0, 1e6])), "at batch 1000000 of an epoch of"),
        (refusal(&[], task, &with("next", vec![0.0])), "`next`"),
        (refusal(&[], task, &with("curve", vec![6.0, 0.1])), "no curve up to its step"),
        (refusal(&[], task, &Saved { tensors: vec![1, 2, 3], ..saved.clone() }), "cannot be used"),
    ];
    for (sentence, expected) in cases {
        assert!(sentence.contains(expected), "`{sentence}` should say `{expected}`");
    }
}

#[test]
fn a_lab_that_does_not_save_its_work_says_so() {
    let mut work = work("moe-rings", &[&["training.steps=4"]], "");
    assert_eq!(pollster::block_on(work.save()).expect("nothing is read"), None);
    let refusal = work.restore(&Saved { step: 3, ..Saved::default() }).expect_err("it cannot").to_string();
    assert!(refusal.contains("cannot go on from step 3"), "{refusal}");
}
