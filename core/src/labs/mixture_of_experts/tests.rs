//! Whole runs of the lab: the same digest however they are stepped and watched, own data, views, probes, refusals.

use burn::module::Module;
use burn::tensor::Device;

use super::Method;
use crate::data::csv::{self, CsvOptions};
use crate::data::{Dataset, OwnData, Targets};
use crate::experiment::{
    Answer, Checked, Event, Experiment, Place, Probe, ProbeKind, Registry, Session, VerdictWord, View,
};
use crate::plate::Plate;
use crate::routing::routers::TOKEN_ROUTERS;

fn checked(preset: &str, sets: &[&str]) -> Checked {
    let registry = Registry::standard();
    let mut experiment = Experiment::new(preset);
    for set in sets {
        registry.set(&mut experiment, set).expect("a field of the lab");
    }
    registry.check(&experiment).expect("valid")
}

const SMALL: &[&str] = &["training.steps=24", "data.points=80", "training.batch=16", "model.experts=3"];

fn with<'a>(sets: &[&'a str]) -> Vec<&'a str> {
    SMALL.iter().chain(sets).copied().collect()
}

fn step(session: &mut Session, steps: u64) -> Vec<Event> {
    pollster::block_on(session.step(&Device::flex(), steps)).expect("steps")
}

fn run(session: &mut Session) -> Vec<Event> {
    let mut events = Vec::new();
    while !session.is_complete() {
        events.extend(step(session, 10));
    }
    events
}

fn look(session: &mut Session) -> Vec<View> {
    pollster::block_on(session.look()).expect("there is something to see")
}

fn ask(session: &mut Session, probe: &Probe) -> Answer {
    pollster::block_on(session.probe(probe)).expect("an answer")
}

fn digest(checked: &Checked) -> String {
    let mut session = Session::open(checked).expect("opens");
    run(&mut session);
    session.digest().expect("complete").to_owned()
}

#[test]
fn looking_and_asking_change_nothing() {
    for sets in [
        &["router.balance=bias", "router.noise=0.5", "router.k=2"][..],
        &["router.capacity_factor=1", "router.hidden=4", "router.z_weight=0.01", "training.router_rate=3"],
    ] {
        let checked = checked("moe-rings", &with(sets));
        let expected = digest(&checked);
        let mut watched = Session::open(&checked).expect("opens");
        let mut plain = Session::open(&checked).expect("opens");
        while !watched.is_complete() {
            step(&mut watched, 1);
            step(&mut plain, 1);
            look(&mut watched);
            ask(&mut watched, &Probe::Row { row: 3 });
            ask(&mut watched, &Probe::Input { features: vec![0.2, -0.4] });
            let state = |session: &mut Session| pollster::block_on(session.state_digest()).expect("digest");
            assert_eq!(state(&mut watched), state(&mut plain));
        }
        assert_eq!(watched.digest(), Some(expected.as_str()));
        assert_eq!(look(&mut watched), look(&mut plain), "the last network can still be looked at");
    }
}

#[test]
fn the_digest_does_not_depend_on_the_order_of_tasks_and_a_seed_changes_it() {
    let sets = with(&["methods=routed,dense,random", "seeds=2", "tuning.rates=2", "tuning.seeds=1"]);
    let mut checked = checked("moe-rings", &sets);
    let expected = digest(&checked);
    let mut session = Session::open(&checked).expect("opens");
    let mut taken = Vec::new();
    while !session.is_complete() {
        while let Some(task) = session.take().expect("goes on") {
            taken.push(task);
        }
        let task = taken.pop().expect("a session that is not complete has a task");
        let mut work = (task.start)(&Device::flex()).expect("starts");
        let progress = pollster::block_on(work.advance(u64::MAX)).expect("advances");
        session.finish(&task.name, progress.outcome.expect("done")).expect("accepted");
    }
    assert_eq!(session.digest(), Some(expected.as_str()));
    checked = super::tests::checked("moe-rings", &[&sets[..], &["seed=1"]].concat());
    assert_ne!(digest(&checked), expected);
}

#[test]
fn methods_of_one_seed_share_their_experts_initial_weights_and_only_the_router_of_a_bias_has_one() {
    let context = super::context::Context::new(&checked("moe-rings", SMALL), None).expect("consistent");
    let streams = context.replicate("training", 0);
    let network = |method| super::network::Network::new(method, &context, &streams, &Device::flex());
    let super::network::Network::Routed(routed) = network(Method::Routed) else { panic!("routed") };
    let super::network::Network::Routed(random) = network(Method::Random) else { panic!("random") };
    assert_eq!(routed.layer.experts.up.val().into_data(), random.layer.experts.up.val().into_data());
    assert!(routed.layer.scorer.is_some() && random.layer.scorer.is_none());
    for method in Method::ALL {
        assert_eq!(network(method).num_params(), context.total_parameters(method), "{method:?}");
    }
    let [routed, dense, random] = Method::ALL.map(|method| context.active_parameters(method) as f64);
    assert!((dense / routed - 1.0).abs() < 0.1, "{dense} and {routed} active parameters");
    assert!(random < routed);
}

#[test]
fn every_router_of_the_registry_trains_here_and_is_seen_and_asked_or_says_why_not() {
    let refused = ["soft", "mixture-of-depths", "union-of-experts", "expert-selection"];
    for router in TOKEN_ROUTERS {
        let kind = format!("router.kind={}", router.name);
        for limit in ["router.capacity_factor=0", "router.capacity_factor=0.5"] {
            let sets = with(&[&kind, limit, "router.k=2", "router.hidden=3", "training.batch=32"]);
            let checked = checked("moe-rings", &sets);
            let mut session = match Session::open(&checked) {
                Ok(session) => session,
                Err(error) => {
                    let message = error.to_string();
                    assert!(message.contains("`router.kind`: `"), "{}: {message}", router.name);
                    assert!(refused.contains(&router.name), "{}: {message}", router.name);
                    continue;
                }
            };
            step(&mut session, 3);
            let views = look(&mut session);
            let answer = ask(&mut session, &Probe::Row { row: 3 });
            assert!(answer.sentence.starts_with("Point 3 goes to "), "{}", answer.sentence);
            run(&mut session);
            let expected = digest(&checked);
            assert_eq!(session.digest(), Some(expected.as_str()), "{}", router.name);
            for view in views {
                let scene = view.plate.scene();
                assert!(!scene.all_marks().is_empty(), "{}: `{}` draws nothing", router.name, view.name);
            }
            let context = super::context::Context::new(&checked, None).expect("consistent");
            let streams = context.replicate("training", 0);
            let network = super::network::Network::new(Method::Routed, &context, &streams, &Device::flex());
            assert_eq!(network.num_params(), context.total_parameters(Method::Routed), "{}", router.name);
        }
    }
}

#[test]
fn a_run_on_points_shows_its_field_and_answers_about_points() {
    let checked = checked("moe-rings", &with(&["router.k=2"]));
    let mut session = Session::open(&checked).expect("opens");
    step(&mut session, 20);
    let views = look(&mut session);
    let names: Vec<_> = views.iter().map(|view| (view.name.as_str(), view.place)).collect();
    let expected = [
        ("field", Place::Yard),
        ("load", Place::Load),
        ("specialisation", Place::More),
        ("loss", Place::Output),
        ("health", Place::Output),
    ];
    assert_eq!(names, expected);
    let text = serde_json::to_string(&views).expect("plain data");
    assert_eq!(serde_json::from_str::<Vec<View>>(&text).expect("reads back"), views);
    let Plate::Field(field) = &views[0].plate else { panic!("the yard shows a field") };
    let units = views[0].units.as_ref().expect("points can be asked about");
    assert_eq!((field.points.len(), units.rows.len(), field.slots.len()), (80, 80, 56 * 56));
    let scene = views[0].plate.scene();
    let marks = scene.all_marks();
    let unit = marks.iter().find_map(|mark| units.row(&mark.id)).expect("a mark of the scene is a unit");
    let answer = ask(&mut session, &Probe::Row { row: unit });
    let record = answer.decision.expect("a router decided");
    assert_eq!((record.units, record.edges.len()), (1, 2));
    assert!(answer.sentence.starts_with(&format!("Point {unit} goes to experts ")), "{}", answer.sentence);
    assert!(answer.facts.iter().any(|(name, _)| name == "true class"));
    assert_eq!(answer.explanation.expect("it is explained").slots.len(), 3);

    let [ProbeKind::Plane { x, .. }] = &checked.lab().probes(&checked)[..] else { panic!("a plane") };
    assert_eq!(*x, field.x_range);
    let answer = ask(&mut session, &Probe::Input { features: vec![0.31, -0.52] });
    assert!(answer.sentence.starts_with("The point (0.31, −0.52) goes to"), "{}", answer.sentence);
}

#[test]
fn a_field_and_a_probe_agree_about_every_place() {
    let mut session = Session::open(&checked("moe-rings", SMALL)).expect("opens");
    step(&mut session, 20);
    let views = look(&mut session);
    let Plate::Field(field) = &views[0].plate else { panic!("the yard shows a field") };
    for (column, row) in [(0, 0), (55, 0), (20, 40), (55, 55)] {
        let place = |[low, high]: [f64; 2], cell: usize| low + (high - low) * (cell as f64 + 0.5) / 56.0;
        let features = vec![place(field.x_range, column) as f32, place(field.y_range, 55 - row) as f32];
        let answer = ask(&mut session, &Probe::Input { features });
        let slot = answer.decision.expect("decided").edges[0].slot;
        assert_eq!(usize::from(field.slots[row * 56 + column]), slot);
    }
}

#[test]
fn a_run_on_digits_shows_who_takes_which_digit_and_reads_a_drawing() {
    let checked = checked("moe-digits", &["training.steps=12"]);
    assert_eq!(checked.lab().probes(&checked), [ProbeKind::Drawing { width: 8, height: 8 }]);
    let mut session = Session::open(&checked).expect("opens");
    let events = run(&mut session);
    let views = look(&mut session);
    let names: Vec<_> = views.iter().map(|view| view.name.as_str()).collect();
    assert_eq!(names, ["flow", "strip", "gallery", "load", "specialisation", "loss", "health"]);
    for name in ["strip", "gallery"] {
        let view = views.iter().find(|view| view.name == name).expect("shown");
        let units = view.units.as_ref().expect("images can be asked about");
        let scene = view.plate.scene();
        let found = scene.all_marks().iter().filter(|mark| units.row(&mark.id).is_some()).count();
        assert_eq!(found, units.rows.len(), "{name}");
    }
    let answer = ask(&mut session, &Probe::Input { features: vec![0.5; 64] });
    assert!(answer.sentence.starts_with("This drawing goes to expert "), "{}", answer.sentence);
    let decisions = events.iter().filter(|event| matches!(event, Event::Decision { .. })).count();
    let plates = events.iter().filter(|event| matches!(event, Event::Plate { .. })).count();
    assert_eq!((decisions, plates), (1, views.len() + 1));
}

#[test]
fn own_rows_are_read_from_a_table_and_used_in_their_own_units() {
    let mut text = "width,height,kind\n".to_owned();
    for row in 0..60 {
        let (x, y) = (f64::from(row % 10), f64::from(row / 10));
        text +=
            &format!("{},{},{}\n", 1000.0 + 10.0 * x, 0.001 * y, if x + y > 7.0 { "far" } else { "near" });
    }
    let table = csv::parse("own", text.as_bytes(), &CsvOptions::default()).expect("a whole table");
    let checked = checked("moe-rings", &["data.source=own", "training.steps=30"]);
    let mut session = Session::open_with(&checked, Some(&OwnData::Rows(table.dataset))).expect("opens");
    run(&mut session);
    let views = look(&mut session);
    let Plate::Field(field) = &views[0].plate else { panic!("two columns are a plane") };
    assert!(field.x_range[0] < 1000.0 && field.x_range[1] > 1090.0 && field.y_range[1] < 0.01);
    let answer = ask(&mut session, &Probe::Input { features: vec![1000.0, 0.0] });
    assert!(answer.sentence.contains("(1000, 0)"), "{}", answer.sentence);
}

fn own(rows: usize, columns: usize, classes: u32) -> Dataset {
    let features = (0..rows * columns).map(|at| (at * 37 % 101) as f32 / 50.0).collect();
    let labels = (0..rows as u32).map(|row| row % classes).collect();
    let targets = Targets::Classes { labels, count: classes as usize };
    Dataset { name: "own".to_owned(), features, columns, targets, image: None }
}

#[test]
fn own_rows_of_other_widths_have_no_field_and_are_asked_about_by_their_number() {
    let checked = checked("moe-rings", &["data.source=own", "training.steps=5"]);
    let mut session = Session::open_with(&checked, Some(&OwnData::Rows(own(40, 5, 3)))).expect("opens");
    run(&mut session);
    assert_eq!(look(&mut session)[0].name, "flow");
    let answer = ask(&mut session, &Probe::Row { row: 7 });
    assert!(answer.sentence.starts_with("Row 7 goes to"), "{}", answer.sentence);
    let wrong = pollster::block_on(session.probe(&Probe::Input { features: vec![0.0; 2] }));
    let message = wrong.expect_err("five columns").to_string();
    assert!(message.contains("a row has 5 numbers here, but 2 were given"), "{message}");
}

#[test]
fn what_does_not_fit_is_refused_with_a_sentence() {
    let refusal = |sets: &[&str], data: Option<&Dataset>| {
        let checked = checked("moe-rings", sets);
        Session::open_with(&checked, data.cloned().map(OwnData::Rows).as_ref())
            .err()
            .map(|error| error.to_string())
            .unwrap_or_default()
    };
    let source = ["data.source=own"];
    let cases = [
        (refusal(&["router.k=5"], None), "`router.k`: it is 5, but there are only 4 experts"),
        (refusal(&["methods=dense,dense"], None), "a method is given twice"),
        (refusal(&source, None), "`own` needs rows"),
        (refusal(&[], Some(&own(40, 2, 2))), "rows of your own were supplied, but it is `rings`"),
        (refusal(&source, Some(&own(7, 2, 2))), "your data have 7 rows"),
        (refusal(&source, Some(&own(40, 65, 2))), "your data have 65 columns"),
        (refusal(&source, Some(&own(99, 2, 33))), "your data have 33 classes"),
        (refusal(&source, Some(&own(40, 2, 1))), "of one class"),
    ];
    for (message, expected) in cases {
        assert!(message.contains(expected), "`{message}` should say `{expected}`");
    }
    let mut torn = own(40, 2, 2);
    torn.features[3] = f32::NAN;
    assert!(refusal(&source, Some(&torn)).contains("row 2, column 2 is NaN"));
    let mut session = Session::open(&checked("moe-rings", SMALL)).expect("opens");
    step(&mut session, 1);
    for probe in [
        Probe::Row { row: 80 },
        Probe::Input { features: vec![f32::NAN, 0.0] },
        Probe::Choices { options: Default::default() },
    ] {
        assert!(pollster::block_on(session.probe(&probe)).is_err(), "{probe:?}");
    }
}

#[test]
fn one_seed_is_an_illustration_and_a_rate_that_is_far_too_high_is_named() {
    let mut session = Session::open(&checked("moe-rings", SMALL)).expect("opens");
    let events = run(&mut session);
    let Some(Event::Finished { verdict, sentence, .. }) = events.last() else { panic!("it ends") };
    assert_eq!(*verdict, VerdictWord::Inconclusive);
    assert!(sentence.starts_with("One seed, an illustration: `routed` is right on "), "{sentence}");
    let names = ["train_loss", "test_loss", "test_accuracy", "load_cv", "router_entropy", "dropped_share"];
    for name in names {
        assert!(
            events.iter().any(|event| matches!(event, Event::Scalar { name: known, .. } if known == name))
        );
    }
}

#[test]
fn a_limit_that_is_too_tight_drops_and_the_load_says_so() {
    let mut session =
        Session::open(&checked("moe-rings", &with(&["router.capacity_factor=0.5"]))).expect("opens");
    step(&mut session, 5);
    let views = look(&mut session);
    let load = views.iter().find(|view| view.name == "load").expect("shown");
    let Plate::Bars(bars) = &load.plate else { panic!("bars") };
    // Three experts take three rows each of a batch of sixteen.
    assert_eq!(bars.line, Some((3.0, "capacity".to_owned())));
    let (kept, dropped): (f64, f64) =
        (bars.series[0].values.iter().sum(), bars.series[0].dropped.iter().sum());
    assert!(kept <= 9.0 && kept + dropped == 16.0, "{kept} kept, {dropped} dropped");
    assert!(bars.title.ends_with(&format!("{dropped} of 16 choices are dropped")), "{}", bars.title);
}
