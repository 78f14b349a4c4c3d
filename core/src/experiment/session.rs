//! A session: carries out one checked experiment, a little at a time.
//!
//! [`Session::step`] does everything on the calling thread. Who has more threads takes tasks with
//! [`Session::take`], does them anywhere, and hands the outcomes back with [`Session::finish`]; the result is the
//! same, because tasks are independent and the digest is taken over outcomes in the order of their names.
//!
//! [`Session::look`], [`Session::probe`] and [`Session::state_digest`] read and change nothing: a run that is
//! watched ends like one that is not.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use burn::tensor::Device;
use sha2::{Digest as _, Sha256};

use super::{Answer, Checked, Conclusion, Demand, Event, Outcome, Plan, Probe, Task, View, Work};
use crate::data::OwnData;
use crate::{Error, Result};

/// The task that [`Session::step`] is at.
struct Current {
    name: String,
    work: Box<dyn Work>,
    /// Steps done, and steps in all.
    step: u64,
    steps: u64,
}

/// One run under way.
pub struct Session {
    plan: Box<dyn Plan>,
    restored: BTreeMap<String, Outcome>,
    waiting: VecDeque<Task>,
    running: BTreeSet<String>,
    finished: BTreeMap<String, Outcome>,
    current: Option<Current>,
    /// The last work that shows and answers, once it is done.
    shown: Option<(String, Box<dyn Work>)>,
    /// Steps of all tasks that were done on this thread to their end.
    steps: u64,
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

    /// Opens a session on data that the user supplied.
    ///
    /// # Errors
    /// When the experiment's fields do not fit together or do not ask for such data.
    pub fn open_with(checked: &Checked, data: Option<&OwnData>) -> Result<Self> {
        Self::with(checked, BTreeMap::new(), data)
    }

    /// Opens a session that already knows the outcomes of some tasks: those are not done again.
    ///
    /// # Errors
    /// When the experiment's fields do not fit together.
    pub fn resume(checked: &Checked, outcomes: BTreeMap<String, Outcome>) -> Result<Self> {
        Self::with(checked, outcomes, None)
    }

    fn with(checked: &Checked, outcomes: BTreeMap<String, Outcome>, data: Option<&OwnData>) -> Result<Self> {
        Ok(Self {
            plan: checked.lab().plan(checked, data)?,
            restored: outcomes,
            waiting: VecDeque::new(),
            running: BTreeSet::new(),
            finished: BTreeMap::new(),
            current: None,
            shown: None,
            steps: 0,
            events: Vec::new(),
            digest: None,
        })
    }

    /// How much memory the run asks for; nothing where that is not estimated.
    pub fn demand(&self) -> Option<Demand> {
        self.plan.demand()
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
        self.prepare(device)?;
        if let Some(mut current) = self.current.take() {
            let progress = current.work.advance(steps).await?;
            self.events.extend(progress.events);
            current.step = progress.step;
            match progress.outcome {
                Some(outcome) => {
                    self.steps += current.step;
                    if current.work.is_interactive() {
                        self.shown = Some((current.name.clone(), current.work));
                    }
                    self.finish(&current.name, outcome)?;
                }
                None => self.current = Some(current),
            }
        }
        Ok(self.drain())
    }

    /// Starts the next task, if none is under way, without doing a step: there is something to look at from the
    /// first moment on.
    ///
    /// # Errors
    /// Whatever the task or the plan says.
    pub fn prepare(&mut self, device: &Device) -> Result<()> {
        if self.current.is_none()
            && let Some(task) = self.take()?
        {
            let Task { name, steps, start } = task;
            self.current = Some(Current { name, work: start(device)?, step: 0, steps });
        }
        Ok(())
    }

    /// Steps of the tasks that are done, under way or waiting. A plan may have more to hand out later.
    pub fn planned_steps(&self) -> u64 {
        let waiting: u64 = self.waiting.iter().map(|task| task.steps).sum();
        self.steps + self.current.as_ref().map_or(0, |current| current.steps) + waiting
    }

    /// Steps of all tasks done by [`Session::step`] since the session was opened.
    pub fn steps(&self) -> u64 {
        self.steps + self.current.as_ref().map_or(0, |current| current.step)
    }

    /// The task under way, and how many of its steps are done.
    pub fn current_task(&self) -> Option<(&str, u64)> {
        self.current.as_ref().map(|current| (current.name.as_str(), current.step))
    }

    /// Whether all steps of the task under way are done and it still measures. A run does not stand still there: its state
    /// after a step is that with all measured which that step completes.
    pub fn is_measuring(&self) -> bool {
        self.current.as_ref().is_some_and(|current| current.step == current.steps)
    }

    /// What there is to see: of the task under way (or the last one that shows anything), and of the outcomes.
    ///
    /// # Errors
    /// Whatever the task or the plan says.
    pub async fn look(&mut self) -> Result<Vec<View>> {
        let mut views = match self.shown() {
            Some((_, work)) => work.look().await?,
            None => Vec::new(),
        };
        views.extend(self.plan.look()?);
        Ok(views)
    }

    /// Asks the task under way, or the last one that answers.
    ///
    /// # Errors
    /// When there is none, or the question does not fit it.
    pub async fn probe(&mut self, probe: &Probe) -> Result<Answer> {
        let Some((_, work)) = self.shown() else {
            let problem = "nothing that answers has been trained yet; run some steps first".into();
            return Err(Error::NotAnswerable { problem });
        };
        let mut answer = work.probe(probe).await?;
        self.plan.point_out(&mut answer)?;
        Ok(answer)
    }

    /// SHA-256 of where the run stands: every finished outcome, and the trained numbers of the task under way. The
    /// same for two runs at the same step, and different, but for chance, for any others.
    ///
    /// # Errors
    /// When the device does not answer.
    pub async fn state_digest(&mut self) -> Result<String> {
        let mut hash = Sha256::new();
        hash.update(digest_of(&self.finished));
        if let Some(current) = &mut self.current {
            let fingerprint = current.work.fingerprint().await?;
            hash.update(format!("{}/{}/{fingerprint}", current.name, current.step));
        }
        Ok(hexadecimal(&hash.finalize()))
    }

    /// The work to look at: the one under way if it shows anything, else the last that did.
    fn shown(&mut self) -> Option<(&str, &mut Box<dyn Work>)> {
        match &mut self.current {
            Some(current) if current.work.is_interactive() => Some((&current.name, &mut current.work)),
            _ => self.shown.as_mut().map(|(name, work)| (name.as_str(), work)),
        }
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
    hexadecimal(&hash.finalize())
}

fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
