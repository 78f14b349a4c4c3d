//! Tasks under way: saved without a trace in the result, taken up where they were, and lost files told.

use std::path::PathBuf;

use super::*;
use crate::halfway;

impl Listener {
    /// What it heard of tasks that go on: names and steps.
    fn went_on(&self) -> Vec<(&str, u64)> {
        let steps = self.asides.iter().filter_map(|aside| match aside {
            Aside::GoesOn { task, step, .. } => Some((task.as_str(), *step)),
            _ => None,
        });
        steps.collect()
    }

    fn cautions(&self) -> Vec<&str> {
        let texts = self.asides.iter().filter_map(|aside| match aside {
            Aside::Caution { text } => Some(text.as_str()),
            _ => None,
        });
        texts.collect()
    }

    fn saved(&self) -> usize {
        self.asides.iter().filter(|aside| matches!(aside, Aside::Saved { .. })).count()
    }
}

impl Bench {
    /// The files of tasks under way, in order of their names.
    fn halfway(&self) -> Vec<PathBuf> {
        let entries = std::fs::read_dir(self.directory.checkpoints()).expect("it is there").flatten();
        let paths = entries.map(|entry| entry.path());
        let mut paths: Vec<_> =
            paths.filter(|path| path.extension().is_some_and(|end| end == "halfway")).collect();
        paths.sort();
        paths
    }
}

#[test]
fn saving_all_the_time_changes_nothing_and_leaves_nothing() {
    let expected = undisturbed();
    for threads in [1, 3] {
        let bench = Bench::saving("none");
        let mut listener = Listener::default();
        let complete = bench.drive(threads, &mut listener).expect("nothing goes wrong");
        assert_eq!((complete.digest, complete.events), (expected.digest.clone(), expected.events.clone()));
        assert!(listener.saved() >= 6, "each task that can be saved was: {}", listener.saved());
        assert_eq!(bench.halfway(), Vec::<PathBuf>::new());
    }
}

#[test]
fn a_run_stopped_in_the_middle_of_every_task_goes_on_there() {
    let expected = undisturbed();
    // Far too rarely: these are saved because the run is stopped.
    let hour = Saving { every: Some(Duration::from_secs(3600)), keep: 1 };
    for threads in [1, 2] {
        let bench = Bench { saving: hour, ..Bench::new("stop") };
        let mut went_on = Vec::new();
        let complete = loop {
            let mut listener = Listener::default();
            let result = bench.drive(threads, &mut listener);
            went_on.extend(listener.went_on().into_iter().map(|(task, step)| (task.to_owned(), step)));
            assert_eq!(listener.cautions(), Vec::<&str>::new());
            match result {
                Ok(complete) => break complete,
                Err(Error::Interrupted { halfway, .. }) => assert_eq!(halfway, bench.halfway().len()),
                Err(error) => panic!("{error}"),
            }
        };
        assert_eq!((complete.digest, complete.events), (expected.digest.clone(), expected.events.clone()));
        let at_twenty = |stage, task| went_on.contains(&(format!("stage-{stage}/task-{task}"), 20));
        assert!((1..3).all(|stage| (1..4).all(|task| at_twenty(stage, task))), "{went_on:?}");
        assert_eq!(bench.halfway(), Vec::<PathBuf>::new());
    }
}

#[test]
fn a_run_that_never_saves_half_way_begins_its_tasks_anew() {
    let bench = Bench::new("stop");
    assert!(bench.drive(1, &mut Listener::default()).is_err());
    assert_eq!(bench.halfway(), Vec::<PathBuf>::new());
    let mut listener = Listener::default();
    assert!(bench.drive(1, &mut listener).is_err(), "it comes to step 20 once more");
    assert_eq!(listener.went_on(), []);
}

#[test]
fn a_place_that_cannot_be_written_is_told_once_and_the_run_goes_on() {
    let bench = Bench::saving("none");
    // A directory that is not empty cannot be replaced by a file, whoever asks.
    for stage in 1..=2 {
        for (number, step) in (1..4).flat_map(|number| (10..60).step_by(10).map(move |step| (number, step))) {
            let task = format!("stage-{stage}/task-{number}");
            let path = halfway::path(&bench.directory.checkpoints(), &task, step);
            std::fs::create_dir_all(path.join("inside")).expect("the directory is writable");
        }
    }
    let (checked, directory) = (&bench.checked, &bench.directory);
    let (identity, saving, stop) = (identity(checked, None), bench.saving, Arc::default());
    let job = Job {
        checked,
        data: None,
        identity,
        directory,
        saving,
        devices: Devices::One(Device::flex()),
        threads: 2,
        stop,
    };
    let mut listener = Listener::default();
    let complete = drive(&job, Restored::default(), &mut listener).expect("it goes on");
    assert_eq!(complete.digest, undisturbed().digest);
    let cautions = listener.cautions();
    assert_eq!((cautions.len(), listener.saved()), (1, 0), "{cautions:?}");
    for part in ["checkpoints", "the run goes on", "Make room"] {
        assert!(cautions[0].contains(part), "`{part}` is missing in `{}`", cautions[0]);
    }
}

#[test]
fn a_file_that_a_task_refuses_is_named_and_the_older_one_instead_of_a_damaged_is_told() {
    let (bench, task) = (Bench::new("none"), "stage-1/task-3");
    let (place, identity) = (bench.directory.checkpoints(), identity(&bench.checked, None));
    let (mut work, mut events) = (TestWork::new(task, 60), Vec::new());
    let files = [10, 20].map(|step| {
        events.extend(pollster::block_on(work.advance(10)).expect("it goes on").events);
        let saved = pollster::block_on(work.save()).expect("it is saved").expect("it can be");
        assert_eq!(saved.step, step);
        halfway::write(&place, &identity, (task, &events), &saved).expect("the directory is writable").0
    });
    let whole = std::fs::read(&files[1]).expect("it is there");
    std::fs::write(&files[1], &whole[..whole.len() / 2]).expect("the directory is writable");
    let mut listener = Listener::default();
    let complete = bench.drive(1, &mut listener).expect("the older file is good");
    assert_eq!(complete.events, undisturbed().events);
    assert_eq!(listener.went_on(), [(task, 10)]);
    let told = listener.cautions().concat();
    assert!(told.contains("step-0000000020") && told.contains("older file of step 10"), "{told}");

    // Sealed, of this task and this experiment, but of other tensors.
    let bench = Bench::new("none");
    let other = Saved { step: 10, tensors: b"other".to_vec(), ..Saved::default() };
    let place = bench.directory.checkpoints();
    let (path, _) =
        halfway::write(&place, &identity, (task, &[]), &other).expect("the directory is writable");
    let error = bench.drive(1, &mut Listener::default()).expect_err("the task refuses it");
    assert_eq!(error.exit(), crate::exit::Exit::Checkpoint);
    assert!(error.to_string().contains(&path.display().to_string()), "{error}");
    assert!(error.to_string().contains("other tensors") && path.exists(), "{error}");
}
