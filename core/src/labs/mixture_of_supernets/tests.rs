//! The lab seen live: looking and asking change nothing, and say what the audit says.

use std::collections::BTreeMap;

use burn::tensor::Device;

use crate::experiment::{Answer, Checked, Event, Experiment, Probe, Registry, Session, View};
use crate::plate::Plate;

fn checked(preset: &str, sets: &[&str]) -> Checked {
    let registry = Registry::standard();
    let mut experiment = Experiment::new(preset);
    for set in sets {
        registry.set(&mut experiment, set).expect("a field of the lab");
    }
    registry.check(&experiment).expect("valid")
}

/// Two methods with a router and one without, on four architectures.
fn small(sets: &[&str]) -> Session {
    let all = [&["training.steps=6", "audit.architectures=4", "methods=sandwich,neuron-wise"], sets].concat();
    Session::open(&checked("mos-tiny", &all)).expect("opens")
}

fn step(session: &mut Session) -> Vec<Event> {
    pollster::block_on(session.step(&Device::flex(), 2)).expect("steps")
}

fn look(session: &mut Session) -> Vec<View> {
    pollster::block_on(session.look()).expect("can be looked at")
}

fn ask(session: &mut Session, pairs: &[(&str, &str)]) -> crate::Result<Answer> {
    let options: BTreeMap<String, String> =
        pairs.iter().map(|(key, option)| ((*key).to_owned(), (*option).to_owned())).collect();
    pollster::block_on(session.probe(&Probe::Choices { options }))
}

/// Steps until a task of this name is under way, or the run is complete.
fn step_to(session: &mut Session, task: &str) {
    while !session.is_complete() && session.current_task().is_none_or(|(name, _)| name != task) {
        step(session);
    }
}

fn finish(session: &mut Session) -> Vec<Event> {
    let mut events = Vec::new();
    while !session.is_complete() {
        events.extend(step(session));
    }
    events
}

fn view<'a>(views: &'a [View], name: &str) -> &'a View {
    views.iter().find(|view| view.name == name).unwrap_or_else(|| {
        panic!("no view `{name}` among {:?}", views.iter().map(|view| &view.name).collect::<Vec<_>>())
    })
}

fn fact(answer: &Answer, name: &str) -> String {
    let fact = answer.facts.iter().find(|(candidate, _)| candidate == name);
    fact.map(|(_, value)| value.clone()).unwrap_or_default()
}

#[test]
fn a_run_that_is_looked_at_and_asked_at_every_step_ends_like_one_that_is_not() {
    for sets in [&["tuning.rates=1", "tuning.architectures=1"][..], &["seeds=2", "supernet.experts=3"]] {
        let mut left_alone = small(sets);
        finish(&mut left_alone);
        let mut watched = small(sets);
        let mut answers = 0;
        while !watched.is_complete() {
            step(&mut watched);
            look(&mut watched);
            let width = if answers % 2 == 0 { "8" } else { "16" };
            answers += usize::from(ask(&mut watched, &[("width", width), ("depth", "2")]).is_ok());
            assert_eq!(look(&mut watched), look(&mut watched), "looking twice shows the same");
        }
        assert!(answers > 5, "{answers} answers");
        assert_eq!(watched.digest(), left_alone.digest());
    }
}

#[test]
fn an_answer_says_what_the_audit_measures() {
    let mut session = small(&[]);
    finish(&mut session);
    // The last supernet stays open, and the largest architecture is the last that is audited.
    let outcome = &session.outcomes()["supernet/neuron-wise/seed-0"].numbers;
    let (loss, accuracy) = (outcome["quality"][3], outcome["accuracy"][3]);
    let experts: Vec<f64> = outcome["mixing"][outcome["mixing"].len() - 6..].to_vec();
    let answer = ask(&mut session, &[]).expect("a supernet answers");
    assert_eq!(fact(&answer, "architecture"), "w16-relu-f24.24.24");
    assert_eq!(fact(&answer, "method"), "neuron-wise");
    assert_eq!(fact(&answer, "loss"), format!("{} nats", crate::plate::number::significant(loss, 4)));
    assert_eq!(fact(&answer, "accuracy"), format!("{:.1}% of 4096 contexts", 100.0 * accuracy));
    let decision = answer.decision.expect("a router decided");
    let probabilities = decision.probabilities.clone().expect("mixing weights");
    for (found, expected) in probabilities.iter().zip(&experts) {
        assert!((f64::from(*found) - expected).abs() < 1e-6, "{probabilities:?} {experts:?}");
    }
    assert_eq!((decision.groups, decision.slots.len(), decision.edges.len()), (3, 2, 6));
    assert!(decision.validate().is_ok());
    let first = answer.explanation.expect("block 0 is explained");
    assert!(first.sentence.contains("comes first with probability"), "{}", first.sentence);
    assert!(answer.sentence.starts_with("w16-relu-f24.24.24 is right on "), "{}", answer.sentence);
}

#[test]
fn an_answer_lights_its_architecture_and_points_it_out_in_the_gap() {
    let mut session = small(&[]);
    finish(&mut session);
    let gap = |answer: &Answer| {
        answer.views.iter().find(|view| view.name == "gap").map(|view| match &view.plate {
            Plate::Scatter(scatter) => scatter.highlight.clone().expect("a point is pointed out"),
            other => panic!("the gap is a scatter, not {other:?}"),
        })
    };
    let largest = ask(&mut session, &[]).expect("a supernet answers");
    let highlight = gap(&largest).expect("the largest architecture is audited");
    assert_eq!((highlight.series, highlight.point, highlight.name.as_str()), (1, 3, "w16-relu-f24.24.24"));
    let audited: Vec<String> = session
        .outcomes()
        .keys()
        .filter_map(|task| task.strip_prefix("standalone/")?.split('/').next().map(str::to_owned))
        .collect();
    let other = [("width", "8"), ("depth", "3"), ("ffn.0", "24"), ("ffn.1", "8"), ("ffn.2", "24")];
    assert!(!audited.contains(&"w8-relu-f24.8.24".to_owned()), "choose another for this test: {audited:?}");
    let answer = ask(&mut session, &other).expect("a supernet answers");
    assert_eq!(gap(&answer), None, "it was not trained alone");
    let Plate::Network(network) = &view(&answer.views, "network").plate else { panic!("a network") };
    assert_eq!(network.columns.iter().map(|column| column.lit).collect::<Vec<_>>(), [48, 8, 24, 8, 24, 16]);
    assert_eq!(view(&look(&mut session), "network"), view(&answer.views, "network"), "it stays lit");
}

#[test]
fn the_pictures_have_the_same_names_from_the_first_step_to_the_end() {
    let mut session = small(&["tuning.rates=1", "tuning.architectures=1"]);
    session.prepare(&Device::flex()).expect("starts");
    let names =
        |session: &mut Session| look(session).into_iter().map(|view| view.name).collect::<Vec<_>>().join(" ");
    assert_eq!(names(&mut session), "tuning");
    assert!(ask(&mut session, &[]).is_err(), "nothing that is tried is asked");
    step_to(&mut session, "supernet/sandwich/seed-0");
    assert_eq!(names(&mut session), "network mixing sharing loss tuning");
    finish(&mut session);
    let views = look(&mut session);
    let all: Vec<&str> = views.iter().map(|view| view.name.as_str()).collect();
    assert_eq!(all, ["network", "mixing", "sharing", "loss", "tuning", "gap"]);
    for view in &views {
        assert!(!view.plate.title().is_empty() && !view.plate.caption().is_empty(), "{}", view.name);
        assert!(!view.plate.table().rows.is_empty(), "{}", view.name);
        assert!(view.plate.scene().height > 0.0, "{}", view.name);
    }
}

#[test]
fn at_the_end_the_live_gap_and_sharing_are_those_of_the_record() {
    let mut session = small(&[]);
    let mut partial = None;
    let mut events = Vec::new();
    while !session.is_complete() {
        events.extend(step(&mut session));
        if partial.is_none() {
            partial = look(&mut session).into_iter().find(|view| view.name == "gap");
        }
    }
    let plates: Vec<&Plate> = events
        .iter()
        .filter_map(|event| match event {
            Event::Plate { plate } => Some(plate),
            _ => None,
        })
        .collect();
    let views = look(&mut session);
    for name in ["gap", "sharing"] {
        assert!(plates.contains(&&view(&views, name).plate), "`{name}` at the end is not in the record");
    }
    let partial = partial.expect("there is a gap before the end");
    assert!(!plates.contains(&&partial.plate), "the first gap is partial");
    assert!(partial.plate.caption().contains("2 of 2 supernets, 1 of 4 architectures"), "{partial:?}");
}

#[test]
fn the_first_task_shown_is_a_supernet_and_the_last_one_is_the_papers() {
    let experiment = checked("mos-digits", &["tuning.rates=0"]);
    let mut session = Session::open(&experiment).expect("opens");
    let mut names = Vec::new();
    while let Some(task) = session.take().expect("goes on") {
        names.push(task.name);
        // Only the order of one stage is looked at, so no outcome is handed back.
        if names.len() == 15 + 64 {
            break;
        }
    }
    assert_eq!(names[0], "supernet/sandwich/seed-0");
    let last = names.iter().rev().find(|name| name.starts_with("supernet/"));
    assert_eq!(last.map(String::as_str), Some("supernet/neuron-wise/seed-2"));
    assert!(names[5].starts_with("standalone/"), "then a first comparison: {}", names[5]);
}

#[test]
fn a_point_of_a_plane_and_a_wrong_slider_are_refused_with_what_can_be_asked() {
    let mut session = small(&[]);
    let early = ask(&mut session, &[]).expect_err("nothing is there yet").to_string();
    assert!(early.contains("run some steps first"), "{early}");
    step(&mut session);
    let point = pollster::block_on(session.probe(&Probe::Input { features: vec![0.0, 1.0] }));
    let error = point.expect_err("it has no plane").to_string();
    assert!(error.contains("choose a width"), "{error}");
    let error = ask(&mut session, &[("width", "9")]).expect_err("no such width").to_string();
    assert!(error.contains("`width` is `9`, but must be one of 8, 16"), "{error}");
    let answer = ask(&mut session, &[("depth", "1"), ("ffn.1", "24")]).expect("block 1 does not count");
    assert_eq!(fact(&answer, "without effect"), "block 1 lies beyond the depth of 1");
    assert!(answer.decision.is_none() && answer.explanation.is_none(), "plain sharing routes nothing");
}
