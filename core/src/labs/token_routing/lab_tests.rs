//! The labs' own measures: each small lab runs to its verdicts, twice alike, and numbers that are known beforehand come
//! out.

use burn::tensor::Device;

use crate::data::OwnData;
use crate::experiment::{Checked, Event, Experiment, Outcome, Registry, Session};

const SMALL: &[&str] = &[
    "seeds=3",
    "training.steps=24",
    "training.batch=4",
    "model.width=8",
    "model.hidden=8",
    "model.experts=4",
    "model.layers=2",
];

fn checked(preset: &str) -> Checked {
    let registry = Registry::standard();
    let mut experiment = Experiment::new(preset);
    let text = ["data.characters=6000", "data.length=16"];
    let more = if preset.starts_with("union-of-") { &[][..] } else { &text };
    for set in SMALL.iter().chain(more) {
        registry.set(&mut experiment, set).expect("a field of the lab");
    }
    registry.check(&experiment).expect("valid")
}

fn run(preset: &str) -> (Session, Vec<Event>) {
    let mut session = Session::open(&checked(preset)).expect("opens");
    let mut events = Vec::new();
    while !session.is_complete() {
        events.extend(pollster::block_on(session.step(&Device::flex(), 7)).expect("steps"));
    }
    (session, events)
}

fn numbers<'a>(session: &'a Session, method: &str, name: &str) -> &'a [f64] {
    let outcome: &Outcome = &session.outcomes()[&format!("train/{method}/seed-1")];
    outcome.numbers.get(name).map_or(&[], Vec::as_slice)
}

fn titles(events: &[Event]) -> Vec<String> {
    let plates = events.iter().filter_map(|event| match event {
        Event::Plate { plate } => Some(plate.title().into_owned()),
        _ => None,
    });
    plates.collect()
}

#[test]
fn adamoe_measures_from_the_line_of_top_1_and_top_2() {
    let (session, events) = run("adamoe");
    let (again, _) = run("adamoe");
    assert_eq!(session.digest(), again.digest());
    for title in ["Loss against the number of true experts", "How many experts does a character need?"] {
        assert!(
            titles(&events).iter().any(|found| found == title),
            "{title} is missing from {:?}",
            titles(&events)
        );
    }
    for (method, experts) in [("top-1", 1.0), ("top-2", 2.0), ("top-3", 3.0)] {
        assert_eq!(numbers(&session, method, "experts"), [experts], "{method}");
        assert_eq!(numbers(&session, method, "idle"), [0.0], "{method}");
    }
    assert!(numbers(&session, "adamoe-6-nulls", "idle")[0] > 0.1, "half of the slots are null");
    let text = serde_json::to_string(&events).expect("plain data");
    assert!(
        text.contains("adamoe-4-nulls: height above the line from top-1 to top-2, against 0"),
        "the claim is compared with the line"
    );
    assert!(
        numbers(&session, "top-2", "null_correlation").is_empty(),
        "who varies nothing has no correlation"
    );
}

#[test]
fn openmoe_tells_apart_what_explains_a_choice() {
    let (session, events) = run("openmoe");
    let (again, _) = run("openmoe");
    assert_eq!(session.digest(), again.digest());
    // A hash follows the character alone, from the first step on, and has no limit.
    assert!(numbers(&session, "hash", "by_character")[0] > 0.9);
    for moment in ["start", "twentieth", "tenth", "quarter", "half"] {
        assert_eq!(numbers(&session, "hash", &format!("agreement_at_{moment}")), [1.0]);
        let share = numbers(&session, "openmoe", &format!("agreement_at_{moment}"))[0];
        assert!((0.0..=1.0).contains(&share), "{share}");
    }
    assert!(numbers(&session, "hash", "by_place")[0].abs() < 0.2);
    assert_eq!(numbers(&session, "hash", "dropped_by_quarter"), [0.0; 4]);
    assert_eq!(numbers(&session, "openmoe", "dropped_by_quarter").len(), 4);
    // Who comes first finds room: the first two characters of a window can never be dropped.
    assert!(
        numbers(&session, "openmoe", "dropped_early")[0] < numbers(&session, "openmoe", "dropped_late")[0]
    );
    assert!(titles(&events).contains(&"Who is dropped".to_owned()));
    assert!(numbers(&session, "dense", "by_character").is_empty());
}

#[test]
fn rmoe_finds_that_a_hash_takes_one_route_through_all_layers() {
    let (session, events) = run("rmoe");
    assert_eq!(session.digest(), run("rmoe").0.digest());
    assert!(numbers(&session, "hash", "path_share")[0] > 0.9);
    assert!(numbers(&session, "hash", "path_information_within")[0].abs() < 1e-9);
    assert!(numbers(&session, "rmoe", "path_information")[0].is_finite());
    let text = serde_json::to_string(&events).expect("plain data");
    assert!(text.contains("rmoe against rmoe-np") && text.contains("after Holm's correction"));
}

#[test]
fn a_block_is_the_sum_of_its_shards_and_a_cut_block_is_routed_afterwards() {
    let (session, events) = run("union-of-experts");
    assert_eq!(session.digest(), run("union-of-experts").0.digest());
    assert!(numbers(&session, "dense-block", "cut_error")[0] < 1e-5);
    for name in ["error_by_k", "error_by_k_in_order"] {
        let errors = numbers(&session, "dense-block", name);
        assert_eq!(errors.len(), 4);
        assert!(errors[3] < 1e-5 && errors[0] > 0.1, "{name}: {errors:?}");
    }
    assert_eq!(numbers(&session, "union-cut", "loss_by_k").len(), 4);
    assert!(
        numbers(&session, "dense-block", "load").is_empty()
            && !numbers(&session, "union-cut", "load").is_empty()
    );
    // The whole block does the work of all shards, a cut one of k.
    let work = |method: &str| numbers(&session, method, "flops")[0];
    assert!((work("dense-block") / work("dense") - 2.0).abs() < 1e-9, "four shards against two");
    assert!(titles(&events).contains(&"What is missing while not all shards serve".to_owned()));
    // The same seed trains the same block until it is cut at step 12; step 10 is measured.
    let first = |method: &str| numbers(&session, method, "curve_test")[0];
    assert_eq!(first("union-cut"), first("dense-block"));
}

#[test]
fn attention_is_the_sum_of_its_heads_and_chosen_heads_leave_records_and_answers() {
    let heads = ["dense-heads", "heads", "heads-cut", "heads-hash"];
    let (session, events) = run("union-of-heads");
    assert!(numbers(&session, "dense-heads", "cut_error")[0] < 1e-5);
    assert!(numbers(&session, "dense-heads", "load").is_empty());
    for method in &heads[1..] {
        assert_eq!(numbers(&session, method, "loss_by_k").len(), 4, "{method}");
        assert_eq!(numbers(&session, method, "load").len(), 8, "{method}: four heads in two layers");
        let records = events
            .iter()
            .filter(|event| matches!(event, Event::Decision { decision, .. } if decision.router == *method));
        assert_eq!(records.count(), 2, "{method}");
    }
    // The same seed trains the same layers until they are cut at step 12; step 10 is measured.
    let first = |method: &str| numbers(&session, method, "curve_test")[0];
    assert_eq!(first("heads-cut"), first("dense-heads"));
    // Four square maps of width 8, scores and mixtures over 16 patches; a chosen head has half of a query's work.
    let work = |method: &str| numbers(&session, method, "flops")[0];
    assert_eq!(work("dense-heads"), 2.0 * f64::from(4 * 8 * 8 + 2 * 16 * 8));
    assert_eq!(work("heads-hash"), f64::from(4 * 8 * 8) + 2.0 * f64::from(4 * 2 * (8 + 16)));
    let parameters = |method: &str| numbers(&session, method, "parameters")[0];
    assert_eq!(parameters("heads") - parameters("dense-heads"), 0.0, "both have a scorer");
    assert_eq!(
        parameters("heads") - parameters("heads-hash"),
        f64::from(2 * 8 * 4),
        "the scorers of two layers"
    );
    let text = serde_json::to_string(&events).expect("plain data");
    assert!(text.contains("heads against heads-hash: test loss"));
    assert!(
        text.contains("Against `heads-hash`, after Holm") && !text.contains("Against `dense-heads`, after")
    );
}

#[test]
fn heads_that_do_not_share_the_width_are_refused_only_where_there_are_heads() {
    let registry = Registry::standard();
    let open = |methods: &str| {
        let mut experiment = Experiment::new("union-of-heads");
        for set in ["model.experts=5", methods] {
            registry.set(&mut experiment, set).expect("a field of the lab");
        }
        Session::open(&registry.check(&experiment).expect("valid")).err().map(|error| error.to_string())
    };
    let message = open("methods=union,heads-hash").unwrap_or_default();
    for part in ["`model.experts`: it is 5, but with `heads-hash`", "`model.width` is 24", "a multiple of 5"]
    {
        assert!(message.contains(part), "`{message}` should say `{part}`");
    }
    assert_eq!(open("methods=dense,union-cut"), None);
}

#[test]
fn an_oracle_is_never_worse_than_any_route_and_only_text_has_one() {
    let (session, events) = run("rmoe");
    for method in ["top-k", "hash", "rmoe"] {
        let of = |name: &str| numbers(&session, method, &format!("oracle_{name}"))[0];
        for other in ["router", "random", "single", "half"] {
            assert!(of("best") <= of(other) + 1e-9, "{method}: {other}");
        }
        assert!(of("luck") <= of("random"), "{method}");
        // The router's own loss is one of the routes: trying it gives what the network answers.
        let own = numbers(&session, method, "test_loss")[0];
        assert!((of("router") - own).abs() < 1e-4, "{method}: {} and {own}", of("router"));
    }
    assert!(titles(&events).contains(&"What an oracle would gain".to_owned()));
    let (digits, events) = run("union-of-experts");
    assert!(numbers(&digits, "top-k", "oracle_best").is_empty());
    assert!(!titles(&events).contains(&"What an oracle would gain".to_owned()));
}

#[test]
fn a_full_scale_is_heavier_in_every_lab() {
    let registry = Registry::standard();
    for preset in
        ["router-race", "collapse", "adamoe", "openmoe", "rmoe", "union-of-experts", "union-of-heads"]
    {
        let steps = |set: &str| {
            let mut experiment = Experiment::new(preset);
            registry.set(&mut experiment, set).expect("a field");
            let mut session = Session::open(&registry.check(&experiment).expect("valid")).expect("opens");
            session.take().expect("opens").map(|task| task.steps)
        };
        let (usual, full) = (steps("scale=default").expect("a task"), steps("scale=full").expect("a task"));
        assert_eq!(full, 5 * usual, "{preset}");
    }
}

/// Opens `text-live` on a text of one's own, and runs it to its end.
fn on_text(sets: &[&str], data: Option<OwnData>) -> crate::Result<Vec<Event>> {
    let registry = Registry::standard();
    let mut experiment = Experiment::new("text-live");
    for set in ["training.steps=6", "training.batch=4", "model.width=8", "model.hidden=8", "data.length=8"]
        .iter()
        .chain(sets)
    {
        registry.set(&mut experiment, set)?;
    }
    let mut session = Session::open_with(&registry.check(&experiment)?, data.as_ref())?;
    let mut events = Vec::new();
    while !session.is_complete() {
        events.extend(pollster::block_on(session.step(&Device::flex(), 7))?);
    }
    Ok(events)
}

#[test]
fn a_text_of_ones_own_is_trained_on_as_characters_or_bytes_and_refused_with_a_reason() {
    let own = |bytes: &[u8]| Some(OwnData::Text(bytes.to_vec()));
    let text = "Wo Weichen sind, da geht es weiter. 12 Gleise!\n".repeat(20);
    for level in ["characters", "bytes"] {
        let level = format!("data.level={level}");
        let events = on_text(&["data.source=own", &level], own(text.as_bytes())).expect("a text");
        let plates = serde_json::to_string(&events).expect("plain data");
        assert!(plates.contains("upper-case letter") && plates.contains("digit"), "kinds are told");
        assert!(plates.contains("What each method reaches on "));
    }
    // As bytes anything is a text.
    let noise: Vec<u8> = (0..2000u32).map(|at| (at * 167 % 256) as u8).collect();
    assert!(on_text(&["data.source=own", "data.level=bytes"], own(&noise)).is_ok());
    let many: String = (0..1500u32).filter_map(|at| char::from_u32(0x4e00 + at)).collect();
    let rows = crate::data::Dataset::new(
        "rows",
        vec![0.0, 1.0],
        1,
        crate::data::Targets::Classes { labels: vec![0, 1], count: 2 },
        None,
    );
    let cases: [(&[&str], Option<OwnData>, &str); 8] = [
        (&["data.source=own"], None, "`data.source`: it is `own`, but there is no text"),
        (&[], own(text.as_bytes()), "it is `language`, but a text was supplied"),
        (&["data.source=digits"], own(text.as_bytes()), "it is `digits`, but a text was supplied"),
        (&["data.source=own"], own(b""), "it is empty"),
        (&["data.source=own"], own(b"short"), "windows"),
        (&["data.source=own"], own(&noise), "does not belong to any character of UTF-8"),
        (&["data.source=own"], own(many.as_bytes()), "set it to `bytes`"),
        (&["data.source=own"], rows.ok().map(OwnData::Rows), "not on rows; give a text"),
    ];
    for (sets, data, expected) in cases {
        let message = on_text(sets, data).expect_err(expected).to_string();
        assert!(message.contains(expected), "`{message}` should say `{expected}`");
    }
}

#[test]
fn every_part_of_a_training_step_does_something_and_a_patient_training_stops_at_its_best() {
    let trained = |preset: &str, sets: &[&str]| {
        let registry = Registry::standard();
        let mut experiment = Experiment::new(preset);
        let small = ["training.steps=40", "training.batch=8", "model.width=8", "model.hidden=8"];
        for set in small.iter().chain(sets) {
            registry.set(&mut experiment, set).expect("a field of the lab");
        }
        let mut session = Session::open(&registry.check(&experiment).expect("valid")).expect("opens");
        while !session.is_complete() {
            pollster::block_on(session.step(&Device::flex(), 9)).expect("steps");
        }
        let outcome = session.outcomes().values().next().expect("one training").clone();
        (outcome, session.digest().map(str::to_owned))
    };
    for preset in ["router-live", "text-live"] {
        let plain = trained(preset, &[]);
        let same = [
            "training.accumulation=1",
            "training.clip_norm=0",
            "training.weight_decay=0",
            "training.patience=0",
        ];
        assert_eq!(trained(preset, &same).1, plain.1);
        let changes = [
            "training.accumulation=3",
            "training.clip_norm=0.05",
            "training.weight_decay=0.5",
            "model.feed_forward=residual",
            "router.k_start=5",
            "model.positions=learned",
        ];
        // Patches always have learned positions.
        let count = if preset == "text-live" { changes.len() } else { changes.len() - 1 };
        for set in &changes[..count] {
            let (outcome, digest) = trained(preset, &[set]);
            assert_ne!(digest, plain.1, "{preset}: {set}");
            assert_eq!(outcome.numbers["steps"], [40.0]);
            assert_eq!(trained(preset, &[set]).1, digest, "{preset}: {set} repeats");
        }
        // With a rate that is far too high nothing becomes better for long.
        let restless = ["training.patience=1", "training.learning_rate=1", "training.steps=150"];
        let (outcome, digest) = trained(preset, &restless);
        assert!(outcome.numbers["steps"][0] < 150.0, "{preset}: {:?}", outcome.numbers["steps"]);
        let again = trained(preset, &restless);
        assert_eq!(again.1, digest);
        let losses = &outcome.numbers["curve_test"];
        let worst = losses.iter().copied().fold(f64::MIN, f64::max);
        assert!(outcome.numbers["test_loss"][0] < worst, "{preset}: it went back");
    }
}
