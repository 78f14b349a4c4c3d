//! The host driven natively: what a page sees, message by message.

use std::cell::Cell;

use super::*;
use crate::protocol::Command;

const EXPERIMENT: &str = "#v=1&run=mos-tiny&training.steps=6&audit.architectures=4&tuning.rates=0";

/// A page that plays against a host, with a clock that goes on by a fixed amount at every look.
struct Page {
    host: Host,
    time: Cell<f64>,
    sequence: u64,
    heard: Vec<Report>,
}

impl Page {
    fn new() -> Self {
        let mut page = Self {
            host: Host::new(Registry::standard()),
            time: Cell::new(0.0),
            sequence: 0,
            heard: Vec::new(),
        };
        page.listen();
        page
    }

    /// Of the worker that trains transformers.
    fn of_transformers(experiment: &str) -> Self {
        let mut page = Self::new();
        page.host = Host::new(Registry::new(switchyard::labs::registry::transformers()));
        page.send(init(experiment));
        page
    }

    fn opened(experiment: &str) -> Self {
        let mut page = Self::new();
        page.send(init(experiment));
        page
    }

    fn listen(&mut self) {
        self.heard.extend(self.host.drain().into_iter().map(|envelope| envelope.body));
    }

    fn send(&mut self, body: Command) {
        let envelope = Envelope { run: 1, sequence: self.sequence, body };
        self.sequence += 1;
        pollster::block_on(self.host.receive(&envelope.to_text(), self.time.get()));
        self.listen();
    }

    /// Runs slices, acknowledging every view when told to, until the host rests.
    fn play(&mut self, acknowledge: bool) {
        while self.host.is_running() {
            self.slice(acknowledge);
        }
    }

    fn slice(&mut self, acknowledge: bool) {
        let time = &self.time;
        let clock = || {
            time.set(time.get() + 3.0);
            time.get()
        };
        pollster::block_on(self.host.slice(&clock));
        let before = self.heard.len();
        self.listen();
        let views = self.heard[before..].iter().any(|report| matches!(report, Report::Views { .. }));
        if acknowledge && views {
            self.send(Command::Acknowledge);
        }
    }

    fn count(&self, wanted: impl Fn(&Report) -> bool) -> usize {
        self.heard.iter().filter(|report| wanted(report)).count()
    }

    fn last_stop(&self) -> (u64, String) {
        let stops = self.heard.iter().rev().find_map(|report| match report {
            Report::Stopped { status, digest } => Some((status.step, digest.clone())),
            _ => None,
        });
        stops.expect("the run stopped")
    }
}

fn init(experiment: &str) -> Command {
    Command::Init {
        protocol: VERSION,
        build: switchyard::BUILD.to_owned(),
        experiment: experiment.to_owned(),
        data: None,
    }
}

#[test]
fn a_run_goes_to_its_end_and_says_so_once() {
    let mut page = Page::opened(EXPERIMENT);
    assert!(matches!(page.heard[0], Report::Loaded { .. }));
    assert!(page.heard.iter().any(|report| matches!(report, Report::Ready { .. })));
    page.send(Command::Run { until: None, pace: None });
    page.play(true);
    assert_eq!(page.count(|report| matches!(report, Report::Done { .. })), 1);
    let Some(Report::Done { digest, .. }) = page.heard.iter().find(|r| matches!(r, Report::Done { .. }))
    else {
        unreachable!("counted above")
    };
    assert_eq!(page.last_stop().1, *digest, "at the end the digest is that of the results");
}

#[test]
fn pausing_stepping_and_looking_change_nothing() {
    let mut straight = Page::opened(EXPERIMENT);
    straight.send(Command::Run { until: Some(20), pace: None });
    straight.play(false);
    let mut halting = Page::opened(EXPERIMENT);
    halting.send(Command::Step { count: 7 });
    halting.play(true);
    assert_eq!(halting.last_stop().0, 7);
    halting.send(Command::Pause);
    halting.send(Command::Run { until: Some(20), pace: Some(50.0) });
    halting.play(true);
    assert_eq!(straight.last_stop(), halting.last_stop());
    assert_eq!(straight.last_stop().0, 20);
}

#[test]
fn views_wait_for_the_page() {
    let mut slow = Page::opened(EXPERIMENT);
    let shown = slow.count(|report| matches!(report, Report::Views { .. }));
    slow.send(Command::Run { until: Some(20), pace: Some(5.0) });
    slow.play(false);
    assert_eq!(shown, 1, "the start is shown");
    assert_eq!(slow.count(|report| matches!(report, Report::Views { .. })), 1, "no second one unasked");
    slow.send(Command::Acknowledge);
    assert_eq!(slow.count(|report| matches!(report, Report::Views { .. })), 2, "the newest one when asked");
}

#[test]
fn a_page_of_another_build_and_an_absurd_experiment_are_refused() {
    let mut page = Page::new();
    let Command::Init { protocol, experiment, data, .. } = init(EXPERIMENT) else {
        unreachable!("made here")
    };
    page.send(Command::Init { protocol, build: "0".to_owned(), experiment, data });
    let refused = |page: &Page| match page.heard.last() {
        Some(Report::Failed { code, key, .. }) => (*code, key.clone()),
        other => panic!("{other:?}"),
    };
    assert_eq!(refused(&page), (Failure::Build, None));
    page.send(init("#v=1&run=mos-tiny&training.steps=-3"));
    assert_eq!(refused(&page), (Failure::Refused, Some("training.steps".to_owned())));
    page.send(init("#v=1&run=mos-tiny&space.widths=8&space.depths=1&space.ffn=8&audit.architectures=9"));
    assert_eq!(refused(&page), (Failure::Refused, Some("audit.architectures".to_owned())));
    page.send(Command::Run { until: None, pace: None });
    assert!(!page.host.is_running(), "a refused run does not start");
}

#[test]
fn a_paused_host_is_still_heard() {
    let mut page = Page::opened(EXPERIMENT);
    let before = page.count(|report| matches!(report, Report::Tick { .. }));
    for second in 1..=3 {
        let now = f64::from(second) * 1_100.0;
        pollster::block_on(page.host.slice(&|| now));
        page.listen();
    }
    assert_eq!(page.count(|report| matches!(report, Report::Tick { .. })), before + 3);
}

#[test]
fn what_was_seen_can_be_exported_as_json_lines() {
    let mut page = Page::opened(EXPERIMENT);
    page.send(Command::Run { until: None, pace: None });
    page.play(true);
    page.send(Command::Export);
    let Some(Report::Exported { text }) = page.heard.last() else { panic!("exported last") };
    let events: Vec<serde_json::Value> =
        text.lines().map(|line| serde_json::from_str(line).expect("every line is JSON")).collect();
    assert!(events.iter().all(|event| event["schema_version"] == 1));
    assert_eq!(events.last().map(|event| event["event"].clone()), Some("finished".into()));
}

/// The presets of transformers that are meant for a tab, made shorter.
const OF_TRANSFORMERS: [&str; 2] = [
    "#v=1&run=mos-mt-live&training.steps=4&audit.architectures=2&data.pairs=100&audit.sentences=4",
    "#v=1&run=mos-bert-live&training.steps=4&audit.architectures=2&data.sentences=100",
];

#[test]
fn transformers_watched_or_not_end_as_a_session_alone_does() {
    for experiment in OF_TRANSFORMERS {
        let registry = Registry::standard();
        let link = Link::parse(&registry, experiment).expect("a link");
        let mut session = Session::open(&registry.check(&link.experiment).expect("valid")).expect("opens");
        while !session.is_complete() {
            pollster::block_on(session.step(&Device::flex(), 3)).expect("steps");
        }
        let alone = session.digest().expect("complete").to_owned();
        for watched in [true, false] {
            let mut page = Page::of_transformers(experiment);
            let views = page.heard.iter().find_map(|report| match report {
                Report::Views { views, .. } => Some(views.iter().map(|view| view.name.clone()).collect()),
                _ => None,
            });
            let views: Vec<String> = views.expect("there is something to see before the first step");
            assert!(["mixing", "loss"].iter().all(|name| views.iter().any(|view| view == name)), "{views:?}");
            page.send(Command::Run { until: None, pace: None });
            page.play(watched);
            assert_eq!(page.last_stop().1, alone, "{experiment}, watched: {watched}");
        }
    }
}

#[test]
fn a_pause_while_a_task_measures_stands_where_a_run_to_its_last_step_does() {
    for experiment in OF_TRANSFORMERS {
        let mut straight = Page::of_transformers(experiment);
        straight.send(Command::Run { until: Some(4), pace: None });
        straight.play(false);
        let mut pausing = Page::of_transformers(experiment);
        pausing.send(Command::Run { until: None, pace: Some(1.0) });
        let is_measuring =
            |page: &Page| page.host.open.as_ref().is_some_and(|open| open.session.is_measuring());
        while !is_measuring(&pausing) {
            pausing.time.set(pausing.time.get() + 1_000.0);
            pausing.slice(false);
        }
        pausing.send(Command::Pause);
        assert!(pausing.host.is_running() && is_measuring(&pausing), "it measures on");
        pausing.play(false);
        assert!(!is_measuring(&pausing));
        assert_eq!(pausing.last_stop(), straight.last_stop(), "{experiment}");
        assert_eq!(pausing.last_stop().0, 4);
    }
}

#[test]
fn a_worker_knows_its_own_labs_only_and_refuses_what_no_tab_can_hold_or_read() {
    let refusal = |experiment: &str| match Page::of_transformers(experiment).heard.last() {
        Some(Report::Failed { code, message, .. }) => (*code, message.clone()),
        other => panic!("{other:?}"),
    };
    for (experiment, words) in [
        ("#v=1&run=mos-tiny", "mos-mt-live"),
        ("#v=1&run=mos-mt-hat", "GB, and a tab has at most 2 GB"),
        ("#v=1&run=mos-bert", "GB, and a tab has at most 2 GB"),
        ("#v=1&run=mos-mt&data.source=own", "switchyard data pack"),
    ] {
        let (code, message) = refusal(experiment);
        assert_eq!(code, Failure::Refused, "{message}");
        assert!(message.contains(words), "`{message}` should say `{words}`");
    }
}

#[test]
fn the_script_that_starts_a_worker_early_knows_the_presets_of_transformers() {
    let script = include_str!("../../../static/early-engine.js");
    let list = script.split_once("OF_TRANSFORMERS = [").and_then(|(_, rest)| rest.split_once(']'));
    let starts: Vec<&str> =
        list.expect("the list").0.split(',').map(|part| part.trim().trim_matches('"')).collect();
    for (lab, preset) in Registry::standard().presets() {
        let is_told = starts.iter().any(|start| preset.name.starts_with(start));
        assert_eq!(is_told, lab.needs_transformers(), "{}", preset.name);
    }
}
