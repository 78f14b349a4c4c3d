//! A worker thread: takes a task, makes its work on its own thread, advances it slice by slice, and sends what comes out.
//! Between two slices it also sends where the work stands, when that is due; the main thread writes it down.

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, Sender};
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::time::{Duration, Instant};

use switchyard::experiment::work::Start;
use switchyard::experiment::{Event, Outcome, Progress, Saved, Task, Work};

use super::Devices;

/// Steps between two looks at the stop flag, while they are quick. What a task reports does not depend on it.
const SLICE: u32 = 10;
/// Steps that take longer than this are done one at a time.
const SLOW: Duration = Duration::from_millis(100);

/// What a worker says.
pub enum Message {
    Progress { task: String, step: u64, events: Vec<Event> },
    Saved { task: String, saved: Arc<Saved>, took: Duration },
    NotSaved { task: String, problem: String },
    Done { task: String, step: u64, events: Vec<Event>, outcome: Outcome },
    Refused { task: String, problem: String },
    Failed { task: String, problem: String },
    Stopped,
}

/// A task, and where its work was saved, if it was.
pub struct Assignment {
    pub task: Task,
    pub saved: Option<Saved>,
}

/// What a worker works with.
pub struct Worker {
    pub tasks: Arc<Mutex<Receiver<Assignment>>>,
    pub sender: Sender<Message>,
    pub devices: Devices,
    pub stop: Arc<AtomicBool>,
    /// How often where a work stands is sent; also when the run is stopped. Nothing for never.
    pub every: Option<Duration>,
    /// Whether it is the only one.
    pub alone: bool,
}

impl Worker {
    /// A worker's life: task after task until nobody sends any more.
    pub fn work(&self) {
        share_loops_among(if self.alone { 0 } else { 1 });
        loop {
            // A receiver cannot be left half changed, so another worker's panic does not matter here.
            let next = self.tasks.lock().unwrap_or_else(PoisonError::into_inner).recv();
            let Ok(assignment) = next else { break };
            let name = assignment.task.name.clone();
            let message = catch_unwind(AssertUnwindSafe(|| self.carry_out(assignment)))
                .unwrap_or_else(|panic| Message::Failed { task: name, problem: sentence_of(panic.as_ref()) });
            if self.sender.send(message).is_err() {
                break;
            }
        }
    }

    fn is_stopping(&self) -> bool {
        self.stop.load(Ordering::SeqCst)
    }

    /// Makes a task's work, on all devices.
    fn begin(&self, start: Start) -> switchyard::Result<Box<dyn Work>> {
        match &self.devices {
            Devices::One(device) => start(device),
            Devices::Several(crew) => {
                let mut work = start(&crew.devices()[0])?;
                assert!(work.spread(Arc::clone(crew)), "its lab says that its steps have parts");
                Ok(work)
            }
        }
    }

    fn carry_out(&self, Assignment { task, saved }: Assignment) -> Message {
        let Task { name, start, .. } = task;
        if self.is_stopping() {
            return Message::Stopped;
        }
        let failed =
            |error: switchyard::Error| Message::Failed { task: name.clone(), problem: error.to_string() };
        let mut work = match self.begin(start) {
            Ok(work) => work,
            Err(error) => return failed(error),
        };
        if let Some(Err(error)) = saved.map(|saved| work.restore(&saved)) {
            let problem = match error {
                switchyard::Error::Checkpoint { problem } => problem,
                other => other.to_string(),
            };
            return Message::Refused { task: name, problem };
        }
        let mut saver = Saver::new(self, &name);
        let mut steps = SLICE;
        loop {
            let began = Instant::now();
            let Progress { step, events, outcome } = match pollster::block_on(work.advance(steps.into())) {
                Ok(progress) => progress,
                Err(error) => return failed(error),
            };
            steps = if began.elapsed() > SLOW * steps { 1 } else { SLICE };
            let task = name.clone();
            if let Some(outcome) = outcome {
                return Message::Done { task, step, events, outcome };
            }
            let is_heard = self.sender.send(Message::Progress { task, step, events }).is_ok();
            // Asked once: whoever stops here has saved here.
            let is_stopping = self.is_stopping();
            if !is_heard || !saver.save_if_due(work.as_mut(), is_stopping) || is_stopping {
                return Message::Stopped;
            }
        }
    }
}

/// Sends where a work stands, when it is due.
struct Saver<'a> {
    worker: &'a Worker,
    task: &'a str,
    /// How often; nothing for never, and for works that can only be done in one go.
    every: Option<Duration>,
    last: Instant,
    /// What was sent last; gone when it was written.
    sent: Weak<Saved>,
}

impl<'a> Saver<'a> {
    fn new(worker: &'a Worker, task: &'a str) -> Self {
        Self { worker, task, every: worker.every, last: Instant::now(), sent: Weak::new() }
    }

    /// Saves if it is time or the run is stopped. Returns whether somebody still listens.
    fn save_if_due(&mut self, work: &mut dyn Work, is_stopping: bool) -> bool {
        let Some(every) = self.every else { return true };
        // A disk that is slower than the training gets the next state later, not more of them at once.
        let is_time = self.last.elapsed() >= every && self.sent.strong_count() == 0;
        if !is_time && !is_stopping {
            return true;
        }
        let (began, task) = (Instant::now(), self.task.to_owned());
        let message = match pollster::block_on(work.save()) {
            Ok(None) => {
                self.every = None;
                return true;
            }
            Ok(Some(saved)) => {
                let saved = Arc::new(saved);
                self.sent = Arc::downgrade(&saved);
                Message::Saved { task, saved, took: began.elapsed() }
            }
            Err(error) => Message::NotSaved { task, problem: error.to_string() },
        };
        self.last = Instant::now();
        self.worker.sender.send(message).is_ok()
    }
}

/// Shares parallel loops inside tensor operations among so many threads, of which this is one; 0 for as many as there are
/// cores. Where several tasks fill the cores, one is enough for each.
fn share_loops_among(threads: usize) {
    let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).use_current_thread().build();
    // The pool lives as long as the thread. If it cannot be made, operations share the common pool: slower only.
    let _ = pool.map(std::mem::forget);
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
