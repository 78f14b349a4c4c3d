//! Recorded first steps of a run: those that the command line makes, and those that are kept for the page.

mod cli_harness;

use std::path::Path;

use cli_harness::{code, errors, last_line, run, succeeded, text};
use switchyard::experiment::message::{Envelope, Report};
use switchyard::experiment::{Experiment, Link, Registry, Showing};
use switchyard::plate::Plate;

/// The largest recording that the page should have to fetch, in bytes; it compresses to a ninth.
const LARGEST: usize = 500_000;

fn read(text: &str) -> Vec<Report> {
    let reports = text.lines().enumerate().map(|(index, line)| {
        let envelope = Envelope::<Report>::from_text(line);
        let envelope = envelope.unwrap_or_else(|error| panic!("line {}: {error}", index + 1));
        assert_eq!((envelope.run, envelope.sequence), (0, index as u64), "line {}", index + 1);
        envelope.body
    });
    reports.collect()
}

/// The steps of the views, in order.
fn steps(reports: &[Report]) -> Vec<u64> {
    let steps = reports.iter().filter_map(|report| match report {
        Report::Views { step, .. } => Some(*step),
        _ => None,
    });
    steps.collect()
}

fn experiment(reports: &[Report]) -> (String, u64) {
    match reports.first() {
        Some(Report::Ready { experiment, status, .. }) => (experiment.clone(), status.step),
        other => panic!("a recording begins with `ready`, not {other:?}"),
    }
}

#[test]
fn every_recording_kept_for_the_page_is_the_beginning_of_its_preset() {
    let registry = Registry::standard();
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../static/recorded");
    let mut presets = Vec::new();
    for entry in std::fs::read_dir(&folder).expect("there are recordings").flatten() {
        let path = entry.path();
        if path.extension().is_none_or(|extension| extension != "jsonl") {
            continue;
        }
        let name = path.file_stem().and_then(|stem| stem.to_str()).expect("a plain name").to_owned();
        let text = std::fs::read_to_string(&path).expect("it can be read");
        assert!(text.len() <= LARGEST, "{name} has {} bytes; thin its pictures", text.len());
        let reports = read(&text);
        let checked = registry.check(&Experiment::new(name.as_str())).expect("it is called like its preset");
        let link = registry.link(&checked, Showing::default()).expect("short").fragment();
        assert_eq!(experiment(&reports), (link, 0), "{name}: record it again");
        let steps = steps(&reports);
        assert_eq!(steps.first(), Some(&0), "{name}");
        assert!(steps.len() >= 30 && steps.windows(2).all(|pair| pair[0] < pair[1]), "{name}: {steps:?}");
        let all_drawn = reports.iter().all(|report| match report {
            Report::Views { views, .. } => {
                views.iter().all(|view| view.plate.scene().width > 0.0 && view.plate.scene().height > 0.0)
            }
            _ => true,
        });
        assert!(all_drawn, "{name}: a picture cannot be drawn");
        presets.push(name);
    }
    assert!(!presets.is_empty(), "no recording in {}", folder.display());
}

#[test]
fn a_recording_tells_what_a_page_would_be_told_and_is_the_same_each_time() {
    let directory = tempfile::tempdir().expect("a temporary directory");
    let place = directory.path();
    let record = |out: &'static str, more: &[&'static str]| {
        let arguments = ["record", "mos-tiny", "--steps", "50", "--every", "10", "--out", out, "--json"];
        let answer = last_line(&succeeded(run(place, &[arguments.as_slice(), more].concat())));
        let text = std::fs::read_to_string(place.join(out)).expect("it was written");
        assert_eq!(answer["bytes"], text.len());
        assert_eq!(answer["steps"], 50);
        text
    };
    let whole = record("whole.jsonl", &[]);
    let reports = read(&whole);
    assert_eq!(experiment(&reports), ("#v=1&run=mos-tiny".to_owned(), 0));
    assert_eq!(steps(&reports), [0, 10, 20, 30, 40, 50]);
    let ticks = reports.iter().filter(|report| matches!(report, Report::Tick { .. })).count();
    assert_eq!(ticks, 5);
    let scalars = reports.iter().map(|report| match report {
        Report::Tick { scalars, .. } => scalars.len(),
        _ => 0,
    });
    assert!(scalars.sum::<usize>() > 0, "what is measured is told");
    let Some(Report::Stopped { status, digest }) = reports.last() else { panic!("it ends with `stopped`") };
    assert_eq!((status.step, digest.len()), (50, 64));
    assert_eq!(record("again.jsonl", &[]), whole);
    // An older recording is replaced.
    let thin = record("again.jsonl", &["--digits", "3"]);
    assert!(thin.len() < whole.len(), "{} < {}", thin.len(), whole.len());
    assert_eq!(steps(&read(&thin)), [0, 10, 20, 30, 40, 50]);
}

#[test]
fn pictures_that_have_not_changed_are_not_told_again() {
    let directory = tempfile::tempdir().expect("a temporary directory");
    let link = "#v=1&run=mos-tiny&methods=sandwich&training.steps=60&t=40";
    succeeded(run(directory.path(), &["record", link, "--every", "20", "--out", "r.jsonl"]));
    let text = std::fs::read_to_string(directory.path().join("r.jsonl")).expect("it was written");
    let reports = read(&text);
    assert_eq!(steps(&reports), [0, 20, 40], "the link's `t` says how many steps");
    let named = |name: &str| {
        let views = reports.iter().map(|report| match report {
            Report::Views { views, .. } => views.iter().filter(|view| view.name == name).count(),
            _ => 0,
        });
        views.sum::<usize>()
    };
    assert_eq!((named("network"), named("sharing")), (3, 1), "plain sharing shares all, always");
    let first = reports.iter().find_map(|report| match report {
        Report::Views { views, .. } => views.iter().find(|view| view.name == "network"),
        _ => None,
    });
    assert!(first.is_some_and(|view| matches!(view.plate, Plate::Network(_))));
}

#[test]
fn what_cannot_be_recorded_is_refused_and_changes_nothing() {
    let directory = tempfile::tempdir().expect("a temporary directory");
    let place = directory.path();
    std::fs::write(place.join("notes.txt"), "mine").expect("writable");
    let before = cli_harness::snapshot(place);
    for (arguments, expected, word) in [
        (vec!["record", "mos-tiny", "--out", "new.jsonl"], 2, "--steps"),
        (vec!["record", "mos-tiny", "--steps", "0", "--out", "new.jsonl"], 2, "0"),
        (vec!["record", "mos-tine", "--steps", "5", "--out", "new.jsonl"], 2, "did you mean `mos-tiny`"),
        (vec!["record", "mos-tiny", "--steps", "5", "--out", "notes.txt"], 5, "no recording"),
        (vec!["record", "mos-tiny", "--steps", "5", "--out", "."], 5, "directory"),
    ] {
        let output = run(place, &arguments);
        assert_eq!(code(&output), Some(expected), "{arguments:?}: {}", errors(&output));
        assert!(errors(&output).contains(word), "{arguments:?}: {}", errors(&output));
        assert_eq!(text(&output), "");
        assert_eq!(cli_harness::snapshot(place), before, "{arguments:?} changed files");
    }
    let link = Link::parse(&Registry::standard(), "#v=1&run=mos-tiny").expect("a link");
    assert_eq!(link.until, None, "without `t` a link does not say how many steps");
}
