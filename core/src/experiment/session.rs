//! A session: carries out one checked experiment, a little at a time.
//!
//! [`Session::step`] does everything on the calling thread. Who has more threads takes tasks with
//! [`Session::take`], does them anywhere, and hands the outcomes back with [`Session::finish`]; the result is the
//! same, because tasks are independent and the digest is taken over outcomes in the order of their names.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use burn::tensor::Device;
use sha2::{Digest as _, Sha256};

use super::{Checked, Conclusion, Event, Outcome, Plan, Task, Work};
use crate::{Error, Result};

/// One run under way.
pub struct Session {
    plan: Box<dyn Plan>,
    restored: BTreeMap<String, Outcome>,
    waiting: VecDeque<Task>,
    running: BTreeSet<String>,
    finished: BTreeMap<String, Outcome>,
    current: Option<(String, Box<dyn Work>)>,
    events: Vec<Event>,
    digest: Option<String>,
}

impl Session {
    /// Opens a session on a checked experiment. Nothing is trained yet.
    ///
    /// # Errors
    /// When the experiment's fields do not fit together.
    pub fn open(checked: &Checked) -> Result<Self> {
        Self::resume(checked, BTreeMap::new())
    }

    /// Opens a session that already knows the outcomes of some tasks: those are not done again.
    ///
    /// # Errors
    /// When the experiment's fields do not fit together.
    pub fn resume(checked: &Checked, outcomes: BTreeMap<String, Outcome>) -> Result<Self> {
        Ok(Self {
            plan: checked.lab().plan(checked)?,
            restored: outcomes,
            waiting: VecDeque::new(),
            running: BTreeSet::new(),
            finished: BTreeMap::new(),
            current: None,
            events: Vec::new(),
            digest: None,
        })
    }

    /// The digest of the results, once the session is complete.
    pub fn digest(&self) -> Option<&str> {
        self.digest.as_deref()
    }

    /// The outcomes of the tasks finished so far, by name.
    pub fn outcomes(&self) -> &BTreeMap<String, Outcome> {
        &self.finished
    }

    /// Takes the next task that can start, if any. The caller does it and hands the outcome to [`Session::finish`].
    ///
    /// # Errors
    /// When the plan cannot go on.
    pub fn take(&mut self) -> Result<Option<Task>> {
        self.refill()?;
        let task = self.waiting.pop_front();
        if let Some(task) = &task {
            self.running.insert(task.name.clone());
            self.events.push(Event::TaskStarted { task: task.name.clone(), steps: task.steps });
        }
        Ok(task)
    }

    /// Hands back the outcome of a task taken before.
    ///
    /// # Errors
    /// When the plan refuses the outcome, or a statistic at the end is undefined.
    pub fn finish(&mut self, task: &str, outcome: Outcome) -> Result<()> {
        if !self.running.remove(task) {
            return Err(Error::Checkpoint { problem: format!("task `{task}` was not under way") });
        }
        self.accept(task, outcome)?;
        self.refill()
    }

    /// The events since this was last asked.
    pub fn drain(&mut self) -> Vec<Event> {
        std::mem::take(&mut self.events)
    }

    /// Whether everything is done and concluded.
    pub fn is_complete(&self) -> bool {
        self.digest.is_some()
    }

    /// Goes on by at most `steps` steps of one task on this thread, and returns what there is to report.
    ///
    /// # Errors
    /// Whatever the task or the plan says.
    pub async fn step(&mut self, device: &Device, steps: u64) -> Result<Vec<Event>> {
        if self.current.is_none()
            && let Some(task) = self.take()?
        {
            self.current = Some((task.name, (task.start)(device)?));
        }
        if let Some((name, mut work)) = self.current.take() {
            let progress = work.advance(steps).await?;
            self.events.extend(progress.events);
            match progress.outcome {
                Some(outcome) => self.finish(&name, outcome)?,
                None => self.current = Some((name, work)),
            }
        }
        Ok(self.drain())
    }

    /// Asks the plan for tasks until there is one to do, one under way, or nothing left.
    fn refill(&mut self) -> Result<()> {
        while self.waiting.is_empty() && self.digest.is_none() {
            let (tasks, events) = self.plan.ready()?;
            self.events.extend(events);
            if tasks.is_empty() {
                if self.running.is_empty() {
                    self.conclude()?;
                }
                break;
            }
            for task in tasks {
                match self.restored.remove(&task.name) {
                    Some(outcome) => self.accept(&task.name, outcome)?,
                    None => self.waiting.push_back(task),
                }
            }
        }
        Ok(())
    }

    fn accept(&mut self, task: &str, outcome: Outcome) -> Result<()> {
        self.finished.insert(task.to_owned(), outcome.clone());
        let events = self.plan.tell(task, outcome)?;
        self.events.extend(events);
        Ok(())
    }

    fn conclude(&mut self) -> Result<()> {
        let Conclusion { events, verdict, sentence } = self.plan.conclude()?;
        let digest = digest_of(&self.finished);
        self.events.extend(events);
        self.events.push(Event::Finished { digest: digest.clone(), verdict, sentence });
        self.digest = Some(digest);
        Ok(())
    }
}

/// SHA-256 over every outcome's numbers, tasks and names in order, each number by its bits.
pub fn digest_of(outcomes: &BTreeMap<String, Outcome>) -> String {
    let mut hash = Sha256::new();
    let text = |hash: &mut Sha256, text: &str| {
        hash.update((text.len() as u64).to_le_bytes());
        hash.update(text.as_bytes());
    };
    for (task, outcome) in outcomes {
        text(&mut hash, task);
        for (name, numbers) in &outcome.numbers {
            text(&mut hash, name);
            hash.update((numbers.len() as u64).to_le_bytes());
            for number in numbers {
                hash.update(number.to_bits().to_le_bytes());
            }
        }
    }
    hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
}
