//! Carries out a session with several worker threads.
//!
//! The main thread owns the session, the reporter and the disk. A worker takes a task, makes its work on its own
//! thread, advances it slice by slice, and sends what comes out. Tasks are independent, so the number of workers
//! and the order in which they end change nothing: the record of the run is made by [`replay`], in plan order.

use std::any::Any;
use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use burn::prelude::Device;
use switchyard::data::OwnData;
use switchyard::experiment::{Checked, Event, Outcome, Session, Task};

use crate::checkpoint::{self, Checkpoint};
use crate::directory::RunDirectory;
use crate::error::{Error, Result};
use crate::reporter::{Reporter, Status};

/// Steps between two looks at the stop flag. Fixed, so that no event depends on the machine's speed.
const SLICE: u64 = 10;
/// How often progress is shown while nothing happens.
const TICK: Duration = Duration::from_millis(200);

/// What to carry out, where, and with what.
pub struct Job<'a> {
    /// The experiment.
    pub checked: &'a Checked,
    /// Rows of the user's own.
    pub data: Option<&'a OwnData>,
    /// Its identity, written into every checkpoint.
    pub identity: String,
    /// Where finished tasks are saved.
    pub directory: &'a RunDirectory,
    /// What to compute on.
    pub device: Device,
    /// How many tasks at a time.
    pub threads: usize,
    /// Raised when the user wants to stop.
    pub stop: Arc<AtomicBool>,
}

/// A complete run.
#[derive(Debug)]
pub struct Complete {
    /// Every event, in plan order: the same whatever the number of workers, interrupted or not.
    pub events: Vec<Event>,
    /// The digest of the results.
    pub digest: String,
}

/// What a worker says.
enum Message {
    Progress { task: String, step: u64, events: Vec<Event> },
    Done { task: String, step: u64, events: Vec<Event>, outcome: Outcome },
    Failed { task: String, problem: String },
    Stopped,
}

/// Carries out the job, except for the tasks in `restored`, which are done already.
///
/// # Errors
/// When a task fails, a file cannot be written, the output cannot be written, or the user stops the run. Tasks
/// that finished are saved.
pub fn drive(
    job: &Job<'_>,
    restored: BTreeMap<String, Checkpoint>,
    reporter: &mut dyn Reporter,
) -> Result<Complete> {
    let mut driver = Driver::new(job, restored)?;
    let result = driver.run(reporter);
    if result.is_err() {
        job.stop.store(true, Ordering::SeqCst);
        driver.settle();
    }
    result?;
    for task in driver.restored.keys() {
        reporter
            .note(&format!("note: the checkpoint of `{task}` is of no task of this run and was not used"));
    }
    let outcomes = driver.session.outcomes().clone();
    replay(job, outcomes, driver.events, driver.session.digest())
}

struct Driver<'a> {
    job: &'a Job<'a>,
    session: Session,
    restored: BTreeMap<String, Checkpoint>,
    /// The events of each task, in its order.
    events: BTreeMap<String, Vec<Event>>,
    work: Sender<Task>,
    messages: Receiver<Message>,
    busy: usize,
    status: Status,
}

impl<'a> Driver<'a> {
    fn new(job: &'a Job<'a>, restored: BTreeMap<String, Checkpoint>) -> Result<Self> {
        let session = Session::open_with(job.checked, job.data)?;
        let (work, tasks) = channel();
        let (sender, messages) = channel();
        let alone = job.threads == 1;
        let tasks = Arc::new(Mutex::new(tasks));
        for number in 0..job.threads {
            let (tasks, sender) = (Arc::clone(&tasks), sender.clone());
            let (device, stop) = (job.device.clone(), Arc::clone(&job.stop));
            let worker = move || {
                if !alone {
                    keep_to_this_thread();
                }
                work_on(&tasks, &sender, &device, &stop);
            };
            std::thread::Builder::new()
                .name(format!("worker-{number}"))
                .spawn(worker)
                .map_err(|error| Error::Unexpected { problem: format!("cannot start a thread: {error}") })?;
        }
        let events = BTreeMap::new();
        Ok(Self { job, session, restored, events, work, messages, busy: 0, status: Status::new() })
    }

    fn run(&mut self, reporter: &mut dyn Reporter) -> Result<()> {
        loop {
            self.hand_out(reporter)?;
            self.report(reporter)?;
            if self.session.is_complete() {
                return Ok(());
            }
            if self.busy == 0 {
                return Err(if self.stopping() {
                    Error::Interrupted { directory: self.job.directory.path().to_owned() }
                } else {
                    Error::Unexpected { problem: "the plan has no task to do, but is not complete".into() }
                });
            }
            match self.messages.recv_timeout(TICK) {
                Ok(message) => self.receive(message, reporter)?,
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => {
                    return Err(Error::Unexpected { problem: "every worker thread is gone".into() });
                }
            }
            reporter.progress(&self.status);
        }
    }

    fn stopping(&self) -> bool {
        self.job.stop.load(Ordering::SeqCst)
    }

    /// Gives tasks to idle workers; a restored task is finished on the spot.
    fn hand_out(&mut self, reporter: &mut dyn Reporter) -> Result<()> {
        while self.busy < self.job.threads && !self.stopping() {
            let Some(task) = self.session.take()? else { break };
            self.report(reporter)?;
            if let Some(checkpoint) = self.restored.remove(&task.name) {
                self.take_in(&task.name, checkpoint.events, reporter)?;
                self.finish(&task.name, checkpoint.outcome)
                    .map_err(|error| self.name_file(&task.name, error))?;
                continue;
            }
            self.work
                .send(task)
                .map_err(|_| Error::Unexpected { problem: "every worker thread is gone".into() })?;
            self.busy += 1;
        }
        Ok(())
    }

    /// Passes the session's own events on.
    fn report(&mut self, reporter: &mut dyn Reporter) -> Result<()> {
        for event in self.session.drain() {
            self.status.event(&event);
            reporter.event(&event)?;
        }
        Ok(())
    }

    fn receive(&mut self, message: Message, reporter: &mut dyn Reporter) -> Result<()> {
        match message {
            Message::Progress { task, step, events } => {
                self.status.step(&task, step);
                self.take_in(&task, events, reporter)
            }
            Message::Done { task, step, events, outcome } => {
                self.busy -= 1;
                self.status.step(&task, step);
                // Saved first: if the output is closed, the work is not lost.
                let outcome = self.save(&task, &events, outcome)?;
                self.take_in(&task, events, reporter)?;
                self.finish(&task, outcome)
            }
            Message::Failed { task, problem } => {
                self.busy -= 1;
                let directory = self.job.directory.path().to_owned();
                Err(Error::Task { task, problem, directory })
            }
            Message::Stopped => {
                self.busy -= 1;
                Ok(())
            }
        }
    }

    /// Keeps and passes on a task's events.
    fn take_in(&mut self, task: &str, events: Vec<Event>, reporter: &mut dyn Reporter) -> Result<()> {
        let result = events.iter().try_for_each(|event| {
            self.status.event(event);
            reporter.event(event)
        });
        self.events.entry(task.to_owned()).or_default().extend(events);
        result
    }

    fn save(&self, task: &str, last: &[Event], outcome: Outcome) -> Result<Outcome> {
        let before = self.events.get(task).into_iter().flatten();
        let events = before.chain(last).cloned().collect();
        let checkpoint = Checkpoint { task: task.to_owned(), outcome, events };
        checkpoint.write(&self.job.directory.checkpoints(), &self.job.identity)?;
        Ok(checkpoint.outcome)
    }

    fn finish(&mut self, task: &str, outcome: Outcome) -> Result<()> {
        self.status.finished(task);
        Ok(self.session.finish(task, outcome)?)
    }

    /// Names the checkpoint's file when the plan refuses what it holds.
    fn name_file(&self, task: &str, error: Error) -> Error {
        match error {
            Error::Core(switchyard::Error::Checkpoint { problem }) => {
                Error::Checkpoint { path: checkpoint::path(&self.job.directory.checkpoints(), task), problem }
            }
            other => other,
        }
    }

    /// After the stop flag was raised: waits for the workers, and saves what they still finish.
    fn settle(&mut self) {
        while self.busy > 0 {
            match self.messages.recv() {
                Ok(Message::Progress { task, events, .. }) => {
                    self.events.entry(task).or_default().extend(events);
                }
                Ok(Message::Done { task, events, outcome, .. }) => {
                    self.busy -= 1;
                    // The first error is the one that is told.
                    let _ = self.save(&task, &events, outcome);
                }
                Ok(Message::Failed { .. } | Message::Stopped) => self.busy -= 1,
                Err(_) => break,
            }
        }
    }
}

/// Makes parallel loops inside tensor operations stay on this thread: the tasks themselves fill the cores.
fn keep_to_this_thread() {
    // The pool lives as long as the thread. If it cannot be made, operations share the common pool: slower only.
    let _ = rayon::ThreadPoolBuilder::new().num_threads(1).use_current_thread().build().map(std::mem::forget);
}

/// A worker's life: task after task until nobody sends any more.
fn work_on(tasks: &Mutex<Receiver<Task>>, sender: &Sender<Message>, device: &Device, stop: &AtomicBool) {
    loop {
        // A receiver cannot be left half changed, so another worker's panic does not matter here.
        let next = tasks.lock().unwrap_or_else(PoisonError::into_inner).recv();
        let Ok(task) = next else { break };
        let name = task.name.clone();
        let message = catch_unwind(AssertUnwindSafe(|| carry_out(task, sender, device, stop)))
            .unwrap_or_else(|panic| Message::Failed { task: name, problem: sentence_of(panic.as_ref()) });
        if sender.send(message).is_err() {
            break;
        }
    }
}

fn carry_out(task: Task, sender: &Sender<Message>, device: &Device, stop: &AtomicBool) -> Message {
    let Task { name, start, .. } = task;
    if stop.load(Ordering::SeqCst) {
        return Message::Stopped;
    }
    let failed =
        |error: switchyard::Error| Message::Failed { task: name.clone(), problem: error.to_string() };
    let mut work = match start(device) {
        Ok(work) => work,
        Err(error) => return failed(error),
    };
    loop {
        let progress = match pollster::block_on(work.advance(SLICE)) {
            Ok(progress) => progress,
            Err(error) => return failed(error),
        };
        let (task, step, events) = (name.clone(), progress.step, progress.events);
        if let Some(outcome) = progress.outcome {
            return Message::Done { task, step, events, outcome };
        }
        if stop.load(Ordering::SeqCst) || sender.send(Message::Progress { task, step, events }).is_err() {
            return Message::Stopped;
        }
    }
}

fn sentence_of(panic: &(dyn Any + Send)) -> String {
    format!("it panicked ({}); this is a bug", words_of(panic))
}

/// What a panic said.
pub fn words_of(panic: &(dyn Any + Send)) -> String {
    let text = panic.downcast_ref::<&str>().map(|text| (*text).to_owned());
    let text = text.or_else(|| panic.downcast_ref::<String>().cloned());
    text.unwrap_or_else(|| "without a message".to_owned())
}

/// Goes through the plan once more, one finished task after the other: the events that a single worker without
/// interruption would have reported.
fn replay(
    job: &Job<'_>,
    mut outcomes: BTreeMap<String, Outcome>,
    mut events: BTreeMap<String, Vec<Event>>,
    digest: Option<&str>,
) -> Result<Complete> {
    let missing = |task: &str| Error::Unexpected {
        problem: format!("task `{task}` is asked for in one order of the run and not in another"),
    };
    let mut session = Session::open_with(job.checked, job.data)?;
    let mut record = Vec::new();
    while let Some(task) = session.take()? {
        record.extend(session.drain());
        record.extend(events.remove(&task.name).unwrap_or_default());
        let outcome = outcomes.remove(&task.name).ok_or_else(|| missing(&task.name))?;
        session.finish(&task.name, outcome)?;
    }
    record.extend(session.drain());
    match (session.digest(), digest) {
        (Some(again), Some(digest)) if again == digest => {
            Ok(Complete { events: record, digest: digest.to_owned() })
        }
        _ => Err(missing("(all)")),
    }
}

#[cfg(test)]
mod tests;
