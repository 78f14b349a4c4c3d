//! Carries out a session with several worker threads.
//!
//! The main thread owns the session, the reporter and the disk; [`worker`]s train. Tasks are independent, so the number
//! of workers and the order in which they end change nothing: the record of the run is made by [`replay`], in plan order.
//! A task under way is saved now and then ([`keeping`]), which changes nothing either.

mod crew;
mod keeping;
mod worker;

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use burn::prelude::Device;
use switchyard::data::OwnData;
use switchyard::experiment::{Checked, Crew, Event, Outcome, Session};

use crate::checkpoint;
use crate::directory::RunDirectory;
use crate::error::{Error, Result};
use crate::halfway::{Restored, Saving};
use crate::reporter::{Reporter, Status};
use crate::watch::Aside;
use crew::Pools;
pub use worker::words_of;
use worker::{Assignment, Message, Worker};

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
    /// Where tasks are saved.
    pub directory: &'a RunDirectory,
    /// When those under way are.
    pub saving: Saving,
    /// What to compute on.
    pub devices: Devices,
    /// How many tasks at a time.
    pub threads: usize,
    /// Raised when the user wants to stop.
    pub stop: Arc<AtomicBool>,
}

/// Where tasks are computed.
#[derive(Clone)]
pub enum Devices {
    /// Each task on this one.
    One(Device),
    /// Each step of a task on all of these.
    Several(Arc<dyn Crew>),
}

impl Devices {
    /// These devices, at least one, with threads where there are several.
    ///
    /// # Errors
    /// When the system gives no more threads.
    pub fn of(mut devices: Vec<Device>) -> Result<Self> {
        match devices.len() {
            1 => Ok(Self::One(devices.remove(0))),
            _ => Ok(Self::Several(Arc::new(Pools::new(devices)?))),
        }
    }
}

/// A complete run.
#[derive(Debug)]
pub struct Complete {
    /// Every event, in plan order: the same whatever the number of workers, interrupted or not.
    pub events: Vec<Event>,
    /// The digest of the results.
    pub digest: String,
}

/// Carries out the job, except for what is in `restored`, which is done already.
///
/// # Errors
/// When a task fails, a finished one cannot be saved, the output cannot be written, or the user stops the run. Tasks
/// that finished are saved.
pub fn drive(job: &Job<'_>, mut restored: Restored, reporter: &mut dyn Reporter) -> Result<Complete> {
    for text in std::mem::take(&mut restored.cautions) {
        reporter.aside(&Aside::Caution { text })?;
    }
    let mut driver = Driver::new(job, restored)?;
    let result = driver.run(reporter);
    if result.is_err() {
        job.stop.store(true, Ordering::SeqCst);
        driver.settle();
    }
    result?;
    for task in driver.restored.finished.keys().chain(driver.restored.halfway.keys()) {
        reporter
            .note(&format!("note: the checkpoint of `{task}` is of no task of this run and was not used"));
    }
    let outcomes = driver.session.outcomes().clone();
    replay(job, outcomes, driver.events, driver.session.digest())
}

struct Driver<'a> {
    job: &'a Job<'a>,
    session: Session,
    restored: Restored,
    /// The events of each task, in its order.
    events: BTreeMap<String, Vec<Event>>,
    work: Sender<Assignment>,
    messages: Receiver<Message>,
    busy: usize,
    /// The newest file of each task that was begun, saved half-way and is not finished.
    halfway: BTreeMap<String, PathBuf>,
    /// Whether it was said that where tasks stand cannot be saved; taken back when it can.
    is_warned: bool,
    status: Status,
}

impl<'a> Driver<'a> {
    fn new(job: &'a Job<'a>, restored: Restored) -> Result<Self> {
        let session = Session::open_with(job.checked, job.data)?;
        let (work, tasks) = channel();
        let (sender, messages) = channel();
        let tasks = Arc::new(Mutex::new(tasks));
        for number in 0..job.threads {
            let worker = Worker {
                tasks: Arc::clone(&tasks),
                sender: sender.clone(),
                devices: job.devices.clone(),
                stop: Arc::clone(&job.stop),
                every: job.saving.every,
                alone: job.threads == 1,
            };
            std::thread::Builder::new()
                .name(format!("worker-{number}"))
                .spawn(move || worker.work())
                .map_err(|error| Error::Unexpected { problem: format!("cannot start a thread: {error}") })?;
        }
        Ok(Self {
            job,
            session,
            restored,
            events: BTreeMap::new(),
            work,
            messages,
            busy: 0,
            halfway: BTreeMap::new(),
            is_warned: false,
            status: Status::new(),
        })
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
                    let halfway = self.halfway.len() + self.restored.halfway.len();
                    Error::Interrupted { directory: self.job.directory.path().to_owned(), halfway }
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

    /// Gives tasks to idle workers; a finished one that was restored is finished on the spot.
    fn hand_out(&mut self, reporter: &mut dyn Reporter) -> Result<()> {
        while self.busy < self.job.threads && !self.stopping() {
            let Some(task) = self.session.take()? else { break };
            self.report(reporter)?;
            if let Some(checkpoint) = self.restored.finished.remove(&task.name) {
                self.take_in(&task.name, checkpoint.events, reporter)?;
                self.finish(&task.name, checkpoint.outcome)
                    .map_err(|error| self.name_file(&task.name, error))?;
                continue;
            }
            let saved = self.take_up(&task, reporter)?;
            self.work
                .send(Assignment { task, saved })
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
            Message::Saved { task, saved, took } => self.save_halfway(&task, (&saved, took), reporter),
            Message::NotSaved { task, problem } => self.warn(self.not_saved(&task, &problem), reporter),
            Message::Refused { task, problem } => {
                self.busy -= 1;
                let path = self.halfway.remove(&task).unwrap_or_default();
                Err(Error::Checkpoint { path, problem })
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
                Ok(Message::Saved { task, saved, .. }) => {
                    let _ = self.write_halfway(&task, &saved);
                }
                Ok(Message::NotSaved { .. }) => {}
                Ok(Message::Refused { .. } | Message::Failed { .. } | Message::Stopped) => self.busy -= 1,
                Err(_) => break,
            }
        }
    }
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
