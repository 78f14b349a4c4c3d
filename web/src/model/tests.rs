//! The rules of the page: links, undo, refusals, promises, two runs in step.

use std::collections::BTreeMap;

use switchyard::experiment::{Answer, Place, Probe, Registry, VerdictWord, View};
use switchyard::plate::{Plate, Table};

use super::*;
use crate::lesson::{From, Go, RunRequest};
use crate::protocol::{Activity, Failure, Report, Status};

const LINK: &str = "#v=1&run=mos-tiny&supernet.experts=4&seed=7";

fn opened(fragment: &str) -> (Model, Vec<Effect>) {
    let mut model = Model::new(Registry::standard());
    let effects = model.apply(Action::Navigate(fragment.to_owned()));
    (model, effects)
}

fn set(model: &mut Model, key: &str, text: &str) -> Vec<Effect> {
    model.apply(Action::Set { key: key.to_owned(), text: text.to_owned(), settled: true })
}

fn hear(model: &mut Model, slot: usize, report: Report) -> Vec<Effect> {
    let run = model.panes[slot].run;
    model.apply(Action::Heard { slot, run, report: Box::new(report) })
}

fn status(activity: Activity, step: u64) -> Status {
    Status { activity, step, total: Some(900), rate: Some(80.0), task: None, tasks: [0, 1] }
}

fn ready(model: &mut Model, slot: usize) -> Vec<Effect> {
    let report = Report::Ready {
        build: switchyard::BUILD.to_owned(),
        experiment: LINK.to_owned(),
        status: status(Activity::Paused, 0),
        probes: Vec::new(),
    };
    hear(model, slot, report)
}

fn stopped(model: &mut Model, slot: usize, step: u64, digest: &str) -> Vec<Effect> {
    let report = Report::Stopped { status: status(Activity::Paused, step), digest: digest.to_owned() };
    hear(model, slot, report)
}

fn sent(effects: &[Effect]) -> Vec<(usize, &Command)> {
    effects
        .iter()
        .filter_map(|effect| match effect {
            Effect::Send { slot, command, .. } => Some((*slot, command)),
            _ => None,
        })
        .collect()
}

fn addresses(effects: &[Effect]) -> Vec<(&str, bool)> {
    effects
        .iter()
        .filter_map(|effect| match effect {
            Effect::Address { fragment, push } => Some((fragment.as_str(), *push)),
            _ => None,
        })
        .collect()
}

fn opens(effects: &[Effect]) -> Vec<String> {
    effects
        .iter()
        .filter_map(|effect| match effect {
            Effect::Open { init: Command::Init { experiment, .. }, .. } => Some(experiment.clone()),
            _ => None,
        })
        .collect()
}

#[test]
fn a_first_visit_opens_the_first_lesson_running() {
    let (model, effects) = opened("");
    assert_eq!(model.presentation.lesson.as_deref(), Some(FIRST_LESSON));
    assert!(model.playing && model.first_visit && model.pace == Some(STEADY));
    assert_eq!(opens(&effects).len(), 1);
    assert_eq!(addresses(&effects), [], "the address is the visitor's until something is changed");
}

#[test]
fn a_link_opens_exactly_its_experiment() {
    let (model, effects) = opened(LINK);
    assert_eq!(opens(&effects), [LINK]);
    assert_eq!(model.fragment(), LINK);
}

#[test]
fn a_bad_link_is_refused_whole_and_its_key_named() {
    for (link, named) in [
        ("#v=1&run=mos-tiny&supernet.expert=4", "supernet.expert"),
        ("#v=1&run=mos-tiny&supernet.experts=99", "supernet.experts"),
        ("#v=1&run=mos-tynt", "mos-tynt"),
        ("#v=1&run=mos-tiny&ui=lessen:x", "lessen"),
        ("#v=2&run=mos-tiny", "version 2"),
    ] {
        let (model, effects) = opened(link);
        let reason = model.bad_link.as_ref().map(|bad| bad.reason.clone()).unwrap_or_default();
        assert!(reason.contains(named), "{link}: {reason}");
        assert_eq!(opens(&effects), Vec::<String>::new(), "nothing of a bad link runs");
    }
}

#[test]
fn letting_go_pushes_an_entry_and_dragging_replaces_it() {
    let (mut model, _) = opened(LINK);
    let dragging =
        model.apply(Action::Set { key: "supernet.experts".to_owned(), text: "3".to_owned(), settled: false });
    assert_eq!(addresses(&dragging).len(), 1);
    assert!(!addresses(&dragging)[0].1);
    let settled = set(&mut model, "supernet.experts", "8");
    assert_eq!(addresses(&settled), [("#v=1&run=mos-tiny&supernet.experts=8&seed=7", true)]);
    // Back: the browser navigates to the entry before.
    let back = model.apply(Action::Navigate(LINK.to_owned()));
    assert_eq!(opens(&back), [LINK]);
    assert_eq!(model.checked.value("supernet.experts").map(ToString::to_string).as_deref(), Some("4"));
}

#[test]
fn a_refused_value_stays_in_its_field_and_changes_nothing() {
    let (mut model, _) = opened(LINK);
    let effects = set(&mut model, "supernet.experts", "99");
    assert_eq!(opens(&effects), Vec::<String>::new());
    assert_eq!(model.fragment(), LINK);
    let row = model.groups().into_iter().flat_map(|group| group.rows);
    let row = row.into_iter().find(|row| row.field.key == "supernet.experts").expect("a field");
    assert_eq!(row.text, "99");
    assert!(row.refused.is_some_and(|reason| reason.contains("from 1 to 16")));
    set(&mut model, "supernet.experts", "5");
    assert!(model.refused.is_empty());
}

#[test]
fn reset_opens_the_same_start_and_a_new_seed_another() {
    let (mut model, first) = opened(LINK);
    let again = model.apply(Action::Reset);
    assert_eq!(opens(&first), opens(&again));
    assert!(!model.playing);
    assert_ne!(opens(&set(&mut model, "seed", "8")), opens(&first));
}

#[test]
fn a_run_that_was_to_play_goes_off_when_its_worker_is_ready() {
    let (mut model, _) = opened(LINK);
    let effects = ready(&mut model, 0);
    assert_eq!(sent(&effects), [(0, &Command::Run { until: None, pace: None })]);
    let (mut still, _) = opened(LINK);
    still.apply(Action::Pause);
    assert_eq!(sent(&ready(&mut still, 0)), []);
}

#[test]
fn a_link_with_a_step_runs_there_and_pauses() {
    let (mut model, _) = opened(&format!("{LINK}&t=40"));
    assert_eq!(sent(&ready(&mut model, 0)), [(0, &Command::Run { until: Some(40), pace: None })]);
    stopped(&mut model, 0, 40, "ab");
    assert!(!model.playing && model.until.is_none());
}

#[test]
fn a_promise_is_kept_exactly_roughly_or_not() {
    let build = &switchyard::BUILD[..8];
    for (link, expected) in [
        (format!("{LINK}&t=40&digest=00112233&build={build}"), Replay::Exact),
        (format!("{LINK}&t=40&digest=ffffffff&build={build}"), Replay::Differs),
        (format!("{LINK}&t=40&digest=ffffffff&build=0000"), Replay::Approximate),
        (format!("{LINK}&t=40&digest=ffffffff"), Replay::Approximate),
    ] {
        let (mut model, _) = opened(&link);
        ready(&mut model, 0);
        stopped(&mut model, 0, 39, "0011223344");
        assert_eq!(model.panes[0].replay, None, "not there yet");
        stopped(&mut model, 0, 40, "0011223344");
        assert_eq!(model.panes[0].replay, Some(expected), "{link}");
    }
}

#[test]
fn a_link_given_away_holds_what_was_asked_for_and_reads_back() {
    let (mut model, _) = opened(LINK);
    ready(&mut model, 0);
    let digest = Sharing { step: true, digest: true, ..Sharing::default() };
    assert!(model.shared_link(digest).is_err_and(|problem| problem.contains("Pause")));
    stopped(&mut model, 0, 12, &"0123456789abcdef".repeat(4));
    let link = model.shared_link(digest).expect("it stands still");
    assert!(link.contains("&t=12&digest=0123456789abcdef&build="), "{link}");
    let (mut other, _) = opened(&link);
    ready(&mut other, 0);
    stopped(&mut other, 0, 12, &"0123456789abcdef".repeat(4));
    assert_eq!(other.panes[0].replay, Some(Replay::Exact));
    assert!(model.command().starts_with("switchyard run '#v=1&run=mos-tiny"));
}

#[test]
fn two_runs_go_in_step_and_differ_only_in_what_was_chosen() {
    let (mut model, _) = opened(LINK);
    ready(&mut model, 0);
    let effects = model.apply(Action::Compare(true));
    assert_eq!(opens(&effects).len(), 2);
    assert_eq!(model.differences().iter().map(|d| d.key.as_str()).collect::<Vec<_>>(), ["seed"]);
    model.apply(Action::SetVersus { key: "seed".to_owned(), text: "7".to_owned() });
    let effects = model.apply(Action::SetVersus { key: "supernet.experts".to_owned(), text: "8".to_owned() });
    assert_eq!(opens(&effects).len(), 2);
    assert_eq!(addresses(&effects), [(format!("{LINK}&versus.supernet.experts=8").as_str(), true)]);
    // What differs stays different when the first run changes, and everything else follows.
    set(&mut model, "training.steps", "77");
    let versus = model.versus.as_ref().expect("two runs");
    assert_eq!(versus.value("training.steps").map(ToString::to_string).as_deref(), Some("77"));
    assert_eq!(versus.value("supernet.experts").map(ToString::to_string).as_deref(), Some("8"));

    assert_eq!(sent(&ready(&mut model, 0)), [], "the first waits for the second");
    let effects = ready(&mut model, 1);
    let targets: Vec<Option<u64>> = sent(&effects)
        .into_iter()
        .map(|(_, command)| match command {
            Command::Run { until, .. } => *until,
            other => panic!("{other:?}"),
        })
        .collect();
    assert!(targets.len() == 2 && targets[0].is_some() && targets[0] == targets[1], "{targets:?}");
    let target = targets[0].unwrap_or(0);
    assert_eq!(sent(&stopped(&mut model, 0, target, "aa")), [], "the first waits at the common step");
    assert_eq!(sent(&stopped(&mut model, 1, target, "bb")).len(), 2, "then both go on");
    assert!(model.playing);
}

#[test]
fn the_link_of_two_runs_opens_two_runs() {
    let (model, effects) = opened(&format!("{LINK}&versus.supernet.experts=8"));
    assert!(model.is_comparing());
    assert_eq!(opens(&effects).len(), 2);
    assert_eq!(model.fragment(), format!("{LINK}&versus.supernet.experts=8"));
}

#[test]
fn a_lost_worker_is_told_and_the_run_starts_again_from_its_link() {
    let (mut model, first) = opened(LINK);
    ready(&mut model, 0);
    let effects = model.apply(Action::Lost { slot: 0, message: String::new() });
    assert!(effects.contains(&Effect::Close { slot: 0 }));
    assert!(model.panes[0].problem().is_some_and(|problem| problem.message.contains("does not answer")));
    let again = model.apply(Action::Restart);
    assert_eq!(opens(&again), opens(&first));
    assert_eq!(sent(&ready(&mut model, 0)), [], "it stood at its start");
    model.panes[0].status = Some(status(Activity::Paused, 40));
    model.apply(Action::Lost { slot: 0, message: String::new() });
    model.apply(Action::Restart);
    let until = Command::Run { until: Some(40), pace: None };
    assert_eq!(sent(&ready(&mut model, 0)), [(0, &until)], "it goes to where it stood");
}

#[test]
fn reports_of_an_older_run_are_left_unread() {
    let (mut model, _) = opened(LINK);
    let old = model.panes[0].run;
    set(&mut model, "supernet.experts", "2");
    let report =
        Report::Done { digest: "00".into(), verdict: VerdictWord::Supported, sentence: "Old.".into() };
    model.apply(Action::Heard { slot: 0, run: old, report: Box::new(report) });
    assert_eq!(model.panes[0].conclusion, None);
}

#[test]
fn another_build_loads_the_page_again_and_says_why() {
    let (mut model, _) = opened(LINK);
    let report = Report::Failed { code: Failure::Build, message: "other".into(), key: None };
    assert!(hear(&mut model, 0, report).contains(&Effect::Reload));
    assert!(model.panes[0].problem().is_some());
}

#[test]
fn a_lessons_button_sets_and_runs_as_it_says() {
    let (mut model, _) = opened(LINK);
    ready(&mut model, 0);
    let run = Some(RunRequest { from: From::Here, go: Go::Until(300) });
    let sets = vec![("supernet.experts".to_owned(), "2".to_owned())];
    let effects = model.apply(Action::Perform { sets, run, seed: 1 });
    assert_eq!(opens(&effects).len(), 1, "another experiment starts anew");
    assert_eq!(sent(&ready(&mut model, 0)), [(0, &Command::Run { until: Some(300), pace: None })]);
    let run = Some(RunRequest { from: From::Here, go: Go::Steps(5) });
    hear(&mut model, 0, Report::Tick { status: status(Activity::Running, 20), scalars: Vec::new() });
    let effects = model.apply(Action::Perform { sets: Vec::new(), run, seed: 1 });
    assert_eq!(sent(&effects), [(0, &Command::Run { until: Some(25), pace: None })]);
    let run = Some(RunRequest { from: From::Start, go: Go::Stay });
    let effects = model.apply(Action::Perform { sets: Vec::new(), run, seed: 1 });
    assert_eq!((opens(&effects).len(), model.playing), (1, false));
}

#[test]
fn hidden_fields_are_not_listed_and_locked_ones_say_so() {
    let (model, _) = opened(&format!("{LINK}&ui=hide:training.batch,lock:training.steps"));
    let rows: Vec<Row> = model.groups().into_iter().flat_map(|group| group.rows).collect();
    assert!(!rows.iter().any(|row| row.field.key == "training.batch"));
    assert!(rows.iter().any(|row| row.field.key == "training.steps" && row.locked));
    assert!(rows.iter().any(|row| row.was.as_deref() == Some("2") && row.field.key == "supernet.experts"));
}

/// A picture with a title, by name.
fn picture(name: &str, title: &str) -> View {
    let table = Table { title: title.to_owned(), ..Table::default() };
    View::new(name, Place::Yard, Plate::Table(table))
}

fn titles(model: &Model) -> Vec<String> {
    model.panes[0].at(Place::Yard).map(|view| view.plate.title().into_owned()).collect()
}

#[test]
fn an_answers_pictures_stand_in_the_place_of_the_runs_and_follow_it() {
    let (mut model, _) = opened(LINK);
    ready(&mut model, 0);
    let look = |model: &mut Model| {
        let views = vec![picture("network", "the largest"), picture("other", "another")];
        hear(model, 0, Report::Views { step: 1, views })
    };
    look(&mut model);
    let probe = Probe::Choices { options: BTreeMap::from([("width".to_owned(), "8".to_owned())]) };
    let asked = model.apply(Action::Ask(0, probe.clone()));
    assert_eq!(sent(&asked), [(0, &Command::Probe { id: 1, probe: probe.clone() })]);
    assert!(!sent(&look(&mut model)).iter().any(|(_, command)| matches!(command, Command::Probe { .. })));
    let answer = |id, title: &str| {
        let views = vec![picture("network", title), picture("beneath", "beneath")];
        Report::Answered { id, answer: Ok(Answer { sentence: title.to_owned(), views, ..Answer::default() }) }
    };
    let said = hear(&mut model, 0, answer(1, "a small one"));
    assert!(said.contains(&Effect::Announce("a small one".to_owned())));
    assert_eq!(titles(&model), ["a small one", "another"]);
    assert_eq!(model.panes[0].answer.as_ref().map(|answer| answer.views.len()), Some(1));
    let again = look(&mut model);
    assert!(sent(&again).contains(&(0, &Command::Probe { id: 2, probe })), "asked again as the run goes on");
    assert_eq!(hear(&mut model, 0, answer(2, "a small one, later")), [], "and not said again");
    assert_eq!(titles(&model), ["a small one, later", "another"]);
    model.apply(Action::CloseAnswer(0));
    assert_eq!(titles(&model), ["the largest", "another"]);
    assert!(!sent(&look(&mut model)).iter().any(|(_, command)| matches!(command, Command::Probe { .. })));
}

#[test]
fn a_reader_can_look_back_while_the_run_goes_on_and_a_question_is_put_to_the_present() {
    let (mut model, _) = opened(LINK);
    ready(&mut model, 0);
    let picture = |title: &str| {
        let table = Table { title: title.to_owned(), ..Table::default() };
        View::new("load", Place::Load, Plate::Table(table))
    };
    let show = |model: &mut Model, step: u64| {
        hear(model, 0, Report::Views { step, views: vec![picture(&format!("at {step}"))] });
    };
    let shown = |model: &Model| {
        let pane = model.pane().expect("one run");
        let titles: Vec<String> = pane.at(Place::Load).map(|view| view.plate.title().into_owned()).collect();
        titles.concat()
    };
    [0, 10, 20].into_iter().for_each(|step| show(&mut model, step));
    assert_eq!(shown(&model), "at 20");
    model.apply(Action::Look(0, Some(1)));
    show(&mut model, 30);
    assert_eq!(shown(&model), "at 10");
    assert_eq!(model.pane().and_then(|pane| pane.moments.looked()), Some(10));
    model.apply(Action::Ask(0, Probe::Row { row: 1 }));
    assert_eq!(shown(&model), "at 30");
    model.apply(Action::Look(0, Some(0)));
    assert_eq!(shown(&model), "at 0");
    model.apply(Action::Look(0, Some(3)));
    assert_eq!(
        (shown(&model).as_str(), model.pane().and_then(|pane| pane.moments.looked())),
        ("at 30", None)
    );
    model.apply(Action::Look(0, Some(0)));
    model.apply(Action::Reset);
    assert_eq!(
        model.pane().map(|pane| pane.moments.steps().len()),
        Some(0),
        "a new run has nothing to look back at"
    );
}
