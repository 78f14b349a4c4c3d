//! Whole runs of labs about token routers: every method, the same digest however it is stepped and watched, records,
//! probes, refusals, and what a run says.

use std::sync::Arc;

use burn::tensor::Device;

use super::context::Context;
use super::trainer::Trainer;
use crate::experiment::{
    Checked, Event, Experiment, Place, Probe, ProbeKind, Registry, Session, VerdictWord, View,
};
use crate::labs::router_race;
use crate::routing::routers::ROUTER_NAMES;

const SMALL: &[&str] =
    &["training.steps=4", "training.batch=4", "model.width=6", "model.hidden=8", "model.experts=4"];

fn checked(preset: &str, sets: &[&str]) -> Checked {
    let registry = Registry::standard();
    let mut experiment = Experiment::new(preset);
    for set in SMALL.iter().chain(sets) {
        registry.set(&mut experiment, set).expect("a field of the lab");
    }
    registry.check(&experiment).expect("valid")
}

fn step(session: &mut Session, steps: u64) -> Vec<Event> {
    pollster::block_on(session.step(&Device::flex(), steps)).expect("steps")
}

fn run(session: &mut Session) -> Vec<Event> {
    let mut events = Vec::new();
    while !session.is_complete() {
        events.extend(step(session, 3));
    }
    events
}

fn look(session: &mut Session) -> Vec<View> {
    pollster::block_on(session.look()).expect("there is something to see")
}

fn one(method: &str) -> Checked {
    checked("router-live", &[format!("methods={method}").as_str()])
}

#[test]
fn every_router_runs_twice_alike_watched_or_not_and_leaves_a_record_for_each_layer() {
    for method in ROUTER_NAMES {
        let mut plain = Session::open(&one(method)).expect("opens");
        let events = run(&mut plain);
        let mut watched = Session::open(&one(method)).expect("opens");
        while !watched.is_complete() {
            step(&mut watched, 1);
            look(&mut watched);
            let probe = Probe::Input { features: vec![0.5; 64] };
            let answer = pollster::block_on(watched.probe(&probe)).expect("a drawing can be asked about");
            assert!(answer.sentence.starts_with("It is taken for a "), "{method}: {}", answer.sentence);
        }
        assert_eq!(watched.digest(), plain.digest(), "{method}");
        let records = events.iter().filter_map(|event| match event {
            Event::Decision { decision, .. } => Some(decision),
            _ => None,
        });
        let records: Vec<_> = records.collect();
        assert_eq!(records.len(), 2, "{method}");
        for record in records {
            let checked = record.checked().expect("a whole record");
            assert_eq!((checked.router.as_str(), checked.valid_units()), (method, 449 * 16), "{method}");
            assert!(checked.keys.class.is_some() && checked.keys.position.is_some());
        }
    }
}

#[test]
fn attention_heads_are_routed_to_alike_watched_or_not_drawn_and_asked_about() {
    for method in ["heads", "heads-hash"] {
        let name = format!("methods={method}");
        let checked = checked("union-of-heads", &["model.width=8", "seeds=1", &name]);
        let mut plain = Session::open(&checked).expect("opens");
        run(&mut plain);
        let mut watched = Session::open(&checked).expect("opens");
        while !watched.is_complete() {
            step(&mut watched, 1);
            let views = look(&mut watched);
            assert!(views.iter().any(|view| view.name == "strip"), "{method}");
            let probe = Probe::Input { features: vec![0.5; 64] };
            let answer = pollster::block_on(watched.probe(&probe)).expect("a drawing can be asked about");
            let record = answer.decision.expect("decided");
            // A head has queries, keys, values and results of 2 numbers.
            let cost = record.slots[0].cost;
            assert_eq!((record.slots.len(), cost.parameters), (4, f64::from(3 * 9 * 2 + 2 * 8)), "{method}");
            assert_eq!(cost.flops, f64::from(4 * 2 * (8 + 16)), "{method}");
        }
        assert_eq!(watched.digest(), plain.digest(), "{method}");
    }
}

#[test]
fn pictures_have_their_places_and_a_recipe_is_drawn_whatever_its_slots_are() {
    for method in ROUTER_NAMES {
        let mut session = Session::open(&one(method)).expect("opens");
        step(&mut session, 2);
        let views = look(&mut session);
        let names: Vec<_> = views.iter().map(|view| (view.name.as_str(), view.place)).collect();
        let expected = [
            ("strip", Place::Yard),
            ("flow", Place::More),
            ("scrambled", Place::More),
            ("load", Place::Load),
            ("positions", Place::More),
            ("specialisation", Place::More),
            ("weights", Place::More),
            ("history", Place::More),
            ("router", Place::More),
            ("loss", Place::Output),
            ("health", Place::Output),
            ("vitals", Place::More),
        ];
        assert_eq!(names, expected, "{method}");
        for view in &views {
            assert!(!view.plate.title().is_empty() && !view.plate.scene().all_marks().is_empty(), "{method}");
        }
        let text = serde_json::to_string(&views).expect("plain data");
        assert_eq!(serde_json::from_str::<Vec<View>>(&text).expect("reads back"), views);
    }
}

#[test]
fn methods_of_one_seed_share_everything_but_their_routers_and_active_parameters_are_even() {
    let context = |sets: &[&str]| {
        let checked = checked("router-race", sets);
        Context::new(&checked, &router_race::METHODS, None).expect("consistent")
    };
    let context = context(&["model.hidden=24"]);
    let streams = context.replicate(0);
    let network = |name: &str| {
        let method = context.methods.iter().find(|method| method.name == name).expect("known");
        super::network::Network::new(&context, method, &streams, &Device::flex()).expect("fits")
    };
    let first = |name: &str| {
        let tensors = crate::nn::parameters::named_tensors(&network(name));
        let (_, _, tensor) =
            tensors.into_iter().find(|(name, ..)| name.ends_with("embed.weight")).expect("there");
        tensor.into_data()
    };
    assert_eq!(first("dense"), first("top-k"));
    for method in &context.methods {
        let recipe = context.recipe(method);
        let active = recipe.as_ref().map_or(1.0, |recipe| recipe.active);
        let units = active * context.shape(method).hidden as f64;
        assert!((units - 24.0).abs() <= active / 2.0, "{}: {units} active units", method.name);
    }
}

#[test]
fn three_seeds_are_compared_with_every_reference_and_corrected() {
    let checked = checked("router-race", &["seeds=3", "methods=dense,top-k,hash"]);
    let mut session = Session::open(&checked).expect("opens");
    let events = run(&mut session);
    let verdicts: Vec<_> = events
        .iter()
        .filter_map(|event| match event {
            Event::Verdict { verdict } => Some(verdict.name.as_str()),
            _ => None,
        })
        .collect();
    assert_eq!(verdicts, ["top-k against dense", "hash against dense"]);
    let text = serde_json::to_string(&events).expect("plain data");
    assert!(
        text.contains("hash against top-k") && text.contains("after Holm's correction over 2 comparisons")
    );
    let one = run(&mut Session::open(&one("dense")).expect("opens"));
    let Some(Event::Finished { verdict, sentence, .. }) = one.last() else { panic!("it ends") };
    assert_eq!(*verdict, VerdictWord::Inconclusive);
    assert!(sentence.starts_with("One seed, an illustration: `dense` is right on "), "{sentence}");
}

#[test]
fn cures_of_collapse_are_compared_by_load() {
    let mut session = Session::open(&checked("collapse", &["seeds=2"])).expect("opens");
    let events = run(&mut session);
    let names = events.iter().filter(|event| matches!(event, Event::Verdict { .. })).count();
    assert_eq!(names, 9);
}

const TEXT: &[&str] = &["data.source=language", "data.characters=5000", "data.length=16", "model.width=8"];

#[test]
fn a_text_is_routed_by_every_router_that_does_not_see_the_future_and_can_be_asked() {
    for method in ROUTER_NAMES {
        let name = format!("methods={method}");
        let sets: Vec<&str> = TEXT.iter().copied().chain([name.as_str()]).collect();
        let checked = checked("text-live", &sets);
        if ["soft", "union-of-experts", "expert-selection"].contains(&method) {
            let message = Session::open(&checked).err().map(|error| error.to_string()).unwrap_or_default();
            assert!(message.contains(&format!("with `{method}` every character would see")), "{message}");
            continue;
        }
        let mut session = Session::open(&checked).expect("opens");
        step(&mut session, 2);
        let views = look(&mut session);
        assert!(views.iter().all(|view| !view.plate.title().is_empty()), "{method}");
        let ask = |session: &mut Session, text: &str| {
            pollster::block_on(session.probe(&Probe::Text { text: text.to_owned() }))
        };
        let answer = ask(&mut session, "the cats ").expect("a text can be asked about");
        assert!(answer.sentence.starts_with("Next it expects `"), "{method}: {}", answer.sentence);
        assert_eq!(answer.decision.expect("decided").units, 16);
        // A character's route never depends on what follows it.
        let routes = |session: &mut Session, text: &str| {
            let edges = ask(session, text).expect("a text").decision.expect("decided").edges;
            edges.into_iter().filter(|edge| edge.unit < 8).map(|e| (e.unit, e.slot)).collect::<Vec<_>>()
        };
        let [first, second] = ["the cats sleep..", "the cats xyzzy!!"].map(|text| routes(&mut session, text));
        assert_eq!(first, second, "{method}");
        assert!(ask(&mut session, "").is_err() && ask(&mut session, &"\u{1f600}".repeat(999)).is_ok());
    }
    let checked = checked("text-live", TEXT);
    assert_eq!(checked.lab().probes(&checked), [ProbeKind::Text { longest: 16 }]);
}

#[test]
fn what_does_not_fit_is_refused_with_a_sentence() {
    let refusal = |sets: &[&str]| {
        let error = Session::open(&checked("router-live", sets)).err();
        error.map(|error| error.to_string()).unwrap_or_default()
    };
    for (sets, expected) in [
        (["data.patch=3"], "`data.patch`: it is 3, but must divide the 8 pixels"),
        (["router.k=5"], "`router.k`: it is 5, but there are only 4 experts"),
        (["methods=hash,hash"], "a method is given twice"),
    ] {
        let message = refusal(&sets);
        assert!(message.contains(expected), "`{message}` should say `{expected}`");
    }
    let checked = checked("router-live", &[]);
    assert_eq!(checked.lab().probes(&checked), [ProbeKind::Drawing { width: 8, height: 8 }]);
    let mut session = Session::open(&checked).expect("opens");
    step(&mut session, 1);
    for probe in [Probe::Row { row: 1797 }, Probe::Input { features: vec![0.0; 63] }] {
        assert!(pollster::block_on(session.probe(&probe)).is_err(), "{probe:?}");
    }
    let row = pollster::block_on(session.probe(&Probe::Row { row: 5 })).expect("a row of the data");
    assert!(row.explanation.is_some());
}

#[test]
fn weights_that_are_gone_back_to_are_used_with_the_k_that_they_had() {
    let sets = ["methods=top-k", "router.k_start=4", "router.k=1", "training.patience=2", "training.steps=8"];
    let checked = checked("router-live", &sets);
    let context = Context::new(&checked, &router_race::METHODS, None).expect("consistent");
    let method = context.methods[0];
    let mut trainer =
        Trainer::new(Arc::clone(&context), &method, context.replicate(0), &Device::flex()).expect("fits");
    let step = |trainer: &mut Trainer| pollster::block_on(trainer.step()).map(|_| ()).expect("steps");
    step(&mut trainer);
    let (best, answers) = (trainer.kept(), pollster::block_on(trainer.held_out_answers()).expect("answers"));
    assert_eq!(trainer.k(), 4);
    (0..7).for_each(|_| step(&mut trainer));
    assert_eq!(trainer.k(), 1);
    trainer.go_back(best);
    let again = pollster::block_on(trainer.held_out_answers()).expect("answers");
    assert_eq!((trainer.k(), again.logits), (4, answers.logits));
    // And a whole run with both set repeats itself.
    let digest = || {
        let mut session = Session::open(&checked).expect("opens");
        run(&mut session);
        session.digest().map(str::to_owned)
    };
    assert_eq!(digest(), digest());
}
