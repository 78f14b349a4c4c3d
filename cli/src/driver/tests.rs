//! The driver on a lab made for it: order, failure, panic, stopping, and going on.

use std::sync::atomic::AtomicBool;

use switchyard::experiment::work::Local;
use switchyard::experiment::{
    Conclusion, Experiment, Field, Kind, Lab, Paper, Plan, Preset, Progress, Registry, Saved, Task, Value,
    VerdictWord, Work,
};

use super::*;
use crate::checkpoint::Checkpoint;
use crate::device::DeviceNames;
use crate::directory::identity;
use crate::environment::Environment;
use crate::reporter::Answer;

/// Two stages of four tasks; the field `fault` says what happens in one of them, that the plan asks for data, or that
/// every task that comes to step 20 stops the run, as a user does.
struct TestLab {
    stop: Arc<AtomicBool>,
}

const FIELDS: &[Field] = &[Field {
    key: "fault",
    label: "Fault",
    help: "What goes wrong.",
    unit: "",
    kind: Kind::Choice(&["none", "panic", "error", "data", "stop"]),
    default: || "none".into(),
}];
const PRESETS: &[Preset] =
    &[Preset { name: "drive", summary: "A test.", duration: "no time", values: Vec::new }];

impl Lab for TestLab {
    fn name(&self) -> &'static str {
        "test"
    }
    fn paper(&self) -> Paper {
        Paper { title: "none", reference: "none", claim: "none" }
    }
    fn fields(&self) -> &'static [Field] {
        FIELDS
    }
    fn presets(&self) -> &'static [Preset] {
        PRESETS
    }
    fn plan(&self, checked: &Checked, data: Option<&OwnData>) -> switchyard::Result<Box<dyn Plan>> {
        let fault = checked.value("fault").map(Value::to_string).unwrap_or_default();
        if fault == "data" && data.is_none() {
            let problem = "it asks for data".to_owned();
            return Err(switchyard::Error::Inconsistent { key: "fault".to_owned(), problem });
        }
        Ok(Box::new(TestPlan { fault, stop: Arc::clone(&self.stop), stage: 0, told: 0 }))
    }
}

struct TestPlan {
    fault: String,
    stop: Arc<AtomicBool>,
    stage: usize,
    told: usize,
}

impl Plan for TestPlan {
    fn ready(&mut self) -> switchyard::Result<(Vec<Task>, Vec<Event>)> {
        if self.stage == 2 || self.told < 4 * self.stage {
            return Ok((Vec::new(), Vec::new()));
        }
        self.stage += 1;
        let tasks = (0..4).map(|number| {
            let name = format!("stage-{}/task-{number}", self.stage);
            let mut work = TestWork::new(&name, 15 * (number + 1));
            work.stop = (self.fault == "stop").then(|| Arc::clone(&self.stop));
            if name == "stage-2/task-1" {
                work.fault.clone_from(&self.fault);
            }
            Task { name, steps: work.steps, start: Box::new(move |_| Ok(Box::new(work))) }
        });
        let stage = Event::Stage { name: format!("stage-{}", self.stage), tasks: 4 };
        Ok((tasks.collect(), vec![stage]))
    }

    fn tell(&mut self, task: &str, outcome: Outcome) -> switchyard::Result<Vec<Event>> {
        if !outcome.numbers.contains_key("steps") {
            return Err(switchyard::Error::Checkpoint { problem: format!("`{task}` has no steps") });
        }
        self.told += 1;
        Ok(vec![Event::Warning { text: format!("{task} told") }])
    }

    fn conclude(&mut self) -> switchyard::Result<Conclusion> {
        let events = vec![Event::Warning { text: "concluded".to_owned() }];
        Ok(Conclusion {
            events,
            verdict: VerdictWord::Inconclusive,
            sentence: "Nothing was asked.".to_owned(),
        })
    }
}

struct TestWork {
    name: String,
    step: u64,
    steps: u64,
    /// Changes in every step, and is part of the outcome.
    weight: f64,
    fault: String,
    /// Raised at step 20.
    stop: Option<Arc<AtomicBool>>,
}

impl TestWork {
    fn new(name: &str, steps: u64) -> Self {
        Self { name: name.to_owned(), step: 0, steps, weight: 0.0, fault: String::new(), stop: None }
    }
}

impl Work for TestWork {
    fn advance(&mut self, steps: u64) -> Local<'_, switchyard::Result<Progress>> {
        Box::pin(async move {
            let mut events = Vec::new();
            for _ in 0..steps.min(self.steps - self.step) {
                self.step += 1;
                if let Some(stop) = self.stop.as_ref().filter(|_| self.step == 20) {
                    stop.store(true, Ordering::SeqCst);
                }
                self.weight = 0.9 * self.weight + self.step as f64;
                if self.step.is_multiple_of(10) || self.step == self.steps {
                    let (task, step, name) = (self.name.clone(), self.step, "step".to_owned());
                    events.push(Event::Scalar { task, step, name, value: self.weight });
                }
            }
            match self.fault.as_str() {
                "panic" => panic!("on purpose"),
                "error" => {
                    return Err(switchyard::Error::Diverged { task: self.name.clone(), step: self.step });
                }
                _ => {}
            }
            // Later tasks of a stage would end first.
            std::thread::sleep(Duration::from_micros(3000 / self.steps));
            let numbers = BTreeMap::from([("steps".to_owned(), vec![self.steps as f64, self.weight])]);
            let outcome = (self.step == self.steps).then_some(Outcome { numbers, weights: None });
            Ok(Progress { step: self.step, events, outcome })
        })
    }

    /// The first task of each stage can only be done in one go.
    fn save(&mut self) -> Local<'_, switchyard::Result<Option<Saved>>> {
        let numbers = BTreeMap::from([("weight".to_owned(), vec![self.weight])]);
        let saved = Saved { step: self.step, numbers, tensors: self.name.clone().into_bytes() };
        let is_saved = !self.name.ends_with("task-0");
        Box::pin(async move { Ok(is_saved.then_some(saved)) })
    }

    fn restore(&mut self, saved: &Saved) -> switchyard::Result<()> {
        if saved.tensors != self.name.as_bytes() {
            return Err(switchyard::Error::Checkpoint { problem: "it has other tensors".to_owned() });
        }
        (self.step, self.weight) = (saved.step, saved.list("weight")?[0]);
        Ok(())
    }

    fn fingerprint(&mut self) -> Local<'_, switchyard::Result<String>> {
        Box::pin(async { Ok(self.step.to_string()) })
    }
}

/// Hears everything, and may raise the stop flag when it has heard enough.
#[derive(Default)]
struct Listener {
    heard: usize,
    asides: Vec<Aside>,
    stop_after: Option<(usize, Arc<AtomicBool>)>,
    closed: bool,
}

impl Reporter for Listener {
    fn event(&mut self, _event: &Event) -> Result<()> {
        self.heard += 1;
        if let Some((limit, flag)) = &self.stop_after
            && self.heard >= *limit
        {
            flag.store(true, Ordering::SeqCst);
        }
        if self.closed { Err(Error::BrokenPipe) } else { Ok(()) }
    }
    fn aside(&mut self, aside: &Aside) -> Result<()> {
        self.asides.push(aside.clone());
        Ok(())
    }
    fn progress(&mut self, _status: &Status) {}
    fn note(&mut self, _text: &str) {}
    fn answer(&mut self, _answer: &dyn Answer) -> Result<()> {
        Ok(())
    }
    fn failure(&mut self, _error: &Error) {}
}

/// Nothing half-way.
const NEVER: Saving = Saving { every: None, keep: 1 };

/// A run directory and what is needed to drive in it.
struct Bench {
    checked: Checked,
    data: Option<OwnData>,
    directory: RunDirectory,
    saving: Saving,
    stop: Arc<AtomicBool>,
    _place: tempfile::TempDir,
}

impl Bench {
    fn new(fault: &str) -> Self {
        let stop = Arc::new(AtomicBool::new(false));
        let lab: &'static dyn Lab = Box::leak(Box::new(TestLab { stop: Arc::clone(&stop) }));
        let registry = Registry::new(Box::leak(Box::new([lab])));
        let mut experiment = Experiment::new("drive");
        registry.set(&mut experiment, &format!("fault={fault}")).expect("the field exists");
        let checked = registry.check(&experiment).expect("the value is in range");
        let place = tempfile::tempdir().expect("a temporary directory");
        let environment = Environment::current(&DeviceNames::default(), 1);
        let directory = RunDirectory::create(Some(&place.path().join("run")), &checked, &environment, None)
            .expect("the directory is new");
        Self { checked, data: None, directory, saving: NEVER, stop, _place: place }
    }

    fn saving(fault: &str) -> Self {
        Self { saving: Saving { every: Some(Duration::ZERO), keep: 2 }, ..Self::new(fault) }
    }

    fn drive(&self, threads: usize, listener: &mut Listener) -> Result<Complete> {
        self.stop.store(false, Ordering::SeqCst);
        let stop = listener.stop_after.as_ref().map_or(&self.stop, |(_, flag)| flag);
        let stop = Arc::clone(stop);
        let identity = identity(&self.checked, None);
        let restored = Restored::read(&self.directory.checkpoints(), &identity)?;
        let (checked, directory) = (&self.checked, &self.directory);
        let (data, saving, devices) = (self.data.as_ref(), self.saving, Devices::One(Device::flex()));
        let job = Job { checked, data, identity, directory, saving, devices, threads, stop };
        drive(&job, restored, listener)
    }

    fn saved(&self) -> usize {
        let all = Checkpoint::read_all(&self.directory.checkpoints(), &identity(&self.checked, None));
        all.expect("what was saved can be read").len()
    }
}

fn undisturbed() -> Complete {
    Bench::new("none").drive(1, &mut Listener::default()).expect("nothing goes wrong")
}

#[test]
fn the_record_is_the_same_for_any_number_of_threads() {
    let one = undisturbed();
    assert!(one.events.iter().any(|event| *event == Event::Warning { text: "concluded".to_owned() }));
    for threads in [2, 3, 8] {
        let several =
            Bench::new("none").drive(threads, &mut Listener::default()).expect("nothing goes wrong");
        assert_eq!(several.digest, one.digest);
        assert_eq!(several.events, one.events, "{threads} threads");
    }
}

#[test]
fn a_stopped_run_goes_on_to_the_same_record() {
    let expected = undisturbed();
    for limit in [1, 5, 14, 25, 40] {
        let bench = Bench::new("none");
        let flag = Arc::new(AtomicBool::new(false));
        let mut listener = Listener { stop_after: Some((limit, flag)), ..Listener::default() };
        let error = bench.drive(2, &mut listener).expect_err("it was stopped");
        assert!(matches!(error, Error::Interrupted { .. }), "{error}");
        assert!(bench.saved() < 8);
        let complete = bench.drive(2, &mut Listener::default()).expect("nothing goes wrong");
        assert_eq!((complete.digest, complete.events), (expected.digest.clone(), expected.events.clone()));
    }
}

#[test]
fn a_failing_or_panicking_task_ends_the_run_and_finished_tasks_stay() {
    for (fault, words) in [("panic", "on purpose"), ("error", "diverged")] {
        for threads in [1, 3] {
            let bench = Bench::new(fault);
            let error = bench.drive(threads, &mut Listener::default()).expect_err("a task fails");
            let sentence = error.to_string();
            assert!(sentence.contains("stage-2/task-1") && sentence.contains(words), "{sentence}");
            assert_eq!(error.exit(), crate::exit::Exit::Unexpected);
            assert!((4..8).contains(&bench.saved()), "the first stage is saved");
        }
    }
}

#[test]
fn the_users_rows_reach_the_plan_also_when_the_record_is_made() {
    let mut bench = Bench::new("data");
    let refused = bench.drive(1, &mut Listener::default()).expect_err("there are no rows");
    assert!(refused.to_string().contains("asks for data"), "{refused}");
    let targets = switchyard::data::Targets::Classes { labels: vec![0, 1], count: 2 };
    let rows = switchyard::data::Dataset::new("rows", vec![0.0, 1.0], 1, targets, None);
    bench.data = Some(OwnData::Rows(rows.expect("two whole rows")));
    let complete = bench.drive(2, &mut Listener::default()).expect("nothing goes wrong");
    assert_eq!(complete.digest, undisturbed().digest);
}

#[test]
fn a_closed_output_loses_no_finished_task() {
    let bench = Bench::new("none");
    let mut listener = Listener { closed: true, ..Listener::default() };
    assert!(matches!(bench.drive(2, &mut listener), Err(Error::BrokenPipe)));
    let complete = bench.drive(2, &mut Listener::default()).expect("nothing goes wrong");
    assert_eq!(complete.digest, undisturbed().digest);
}

#[test]
fn a_checkpoint_that_the_plan_refuses_is_named() {
    let bench = Bench::new("none");
    let task = "stage-1/task-2".to_owned();
    let foreign = Checkpoint { task, outcome: Outcome::default(), events: Vec::new() };
    let place = bench.directory.checkpoints();
    foreign.write(&place, &identity(&bench.checked, None)).expect("the directory is writable");
    let error = bench.drive(1, &mut Listener::default()).expect_err("the plan refuses it");
    assert_eq!(error.exit(), crate::exit::Exit::Checkpoint);
    assert!(error.to_string().contains("stage-1~task-2.json"), "{error}");
}

mod halfway;
