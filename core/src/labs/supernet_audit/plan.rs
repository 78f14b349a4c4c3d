//! The lab's plan: tune, then train standalones and supernets, then train some on where it is asked for, then conclude.

use std::collections::BTreeMap;
use std::sync::Arc;

use burn::tensor::Device;

use super::results::Results;
use super::retraining::{self, RetrainingJob};
use super::tuning::{self, Rates, Subject};
use super::{Audit, Method, conclusion, progress};
use crate::experiment::{Answer, Conclusion, Demand, Event, Outcome, Plan, Task, View, Work};
use crate::plate::Plate;
use crate::rng::Streams;
use crate::{Error, Result};

/// A lab's networks, as far as an audit needs them.
pub trait Networks: Send + Sync + 'static {
    /// What is audited.
    fn audit(&self) -> &Audit;

    /// What a reader must know besides, and tables that only this lab has.
    ///
    /// # Errors
    /// When a table cannot be made.
    fn remarks(&self) -> Result<(Vec<String>, Vec<Plate>)> {
        Ok((Vec::new(), Vec::new()))
    }

    /// How much memory a run asks for; nothing where that is not estimated.
    fn demand(&self) -> Option<Demand> {
        None
    }

    /// Makes the work of one task on a device.
    ///
    /// # Errors
    /// When the network cannot be made.
    fn start(self: Arc<Self>, job: Job, device: &Device) -> Result<Box<dyn Work>>;

    /// Makes the work of a retraining. It is asked only where [`Audit::retraining`] is set.
    ///
    /// # Errors
    /// When the network cannot be made, or the lab retrains nothing.
    fn retrain(self: Arc<Self>, job: RetrainingJob, _device: &Device) -> Result<Box<dyn Work>> {
        let problem = format!("this lab cannot do `{}`: it retrains nothing", job.job.name);
        Err(Error::Inconsistent { key: "retraining.architectures".to_owned(), problem })
    }
}

/// What a task trains and measures.
#[derive(Debug, Clone)]
pub struct Job {
    /// The task's name.
    pub name: String,
    /// A supernet's method, or a network alone.
    pub subject: Subject,
    /// With which rates it is trained.
    pub rates: Rates,
    /// Where its random numbers come from.
    pub streams: Streams,
    /// Which architectures are measured; of a network alone its own.
    pub architectures: Which,
    /// Judge on the validation part and leave nothing else: a tuning trial, which may diverge.
    pub tuning: bool,
    /// Leave the loss on the validation part too: what a retraining has to reach.
    #[cfg_attr(not(feature = "translation"), allow(dead_code, reason = "labs of transformers read it"))]
    pub validates: bool,
}

impl Job {
    /// The method of a supernet that is shown and asked: one that the run reports, not what it tries.
    pub fn shown(&self) -> Option<Method> {
        match self.subject {
            Subject::Supernet(method) if !self.tuning => Some(method),
            _ => None,
        }
    }
}

/// Some architectures of a lab.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Which {
    /// All that are audited.
    Audited,
    /// One of these.
    OneAudited(usize),
    /// All that tuning is judged on.
    Tuning,
    /// One of these.
    OneOfTuning(usize),
}

impl Which {
    /// These of a lab's audited and tuning architectures.
    pub fn of<A: Clone>(self, audited: &[A], tuning: &[A]) -> Vec<A> {
        match self {
            Which::Audited => audited.to_vec(),
            Which::OneAudited(place) => vec![audited[place].clone()],
            Which::Tuning => tuning.to_vec(),
            Which::OneOfTuning(place) => vec![tuning[place].clone()],
        }
    }
}

/// Which stage has been handed out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stage {
    Start,
    Tuning,
    Audit,
    Retraining,
}

/// The plan of an audit.
pub struct AuditPlan<N> {
    networks: Arc<N>,
    stage: Stage,
    /// Tasks handed out and not yet told.
    open: Vec<String>,
    outcomes: BTreeMap<String, Outcome>,
}

impl<N: Networks> AuditPlan<N> {
    /// A plan at its beginning.
    pub fn new(networks: Arc<N>) -> Self {
        Self { networks, stage: Stage::Start, open: Vec::new(), outcomes: BTreeMap::new() }
    }

    fn task(&self, job: Job) -> Task {
        let (networks, steps) = (Arc::clone(&self.networks), self.networks.audit().steps);
        let name = job.name.clone();
        Task { name, steps, start: Box::new(move |device| networks.start(job, device)) }
    }

    fn retraining_task(&self, job: RetrainingJob) -> Task {
        let (networks, steps) = (Arc::clone(&self.networks), job.settings.steps);
        let name = job.job.name.clone();
        Task { name, steps, start: Box::new(move |device| networks.retrain(job, device)) }
    }

    /// Every trial of every subject, supernets first.
    fn tuning_jobs(&self) -> Vec<Job> {
        let audit = self.networks.audit();
        let mut jobs = Vec::new();
        let mut subjects = Subject::all(audit);
        subjects.sort_by_key(|subject| *subject == Subject::Standalone);
        for subject in subjects {
            for (trial, rates) in tuning::trials(audit, subject).into_iter().enumerate() {
                for repetition in 0..tuning::repetitions(audit, subject) {
                    jobs.push(Job {
                        name: tuning::task_name(subject, trial, repetition),
                        subject,
                        rates,
                        streams: audit.replicate("tuning", repetition),
                        architectures: tuning::judged_on(audit, subject, repetition),
                        tuning: true,
                        validates: false,
                    });
                }
            }
        }
        jobs
    }

    /// A supernet of each method, then every architecture alone, and so on: who watches sees a first comparison
    /// early. Nothing else depends on the order.
    fn audit_jobs(&self) -> Result<Vec<Job>> {
        let audit = self.networks.audit();
        let seeds = audit.seeds;
        let repetitions = audit.standalones;
        let mut jobs = Vec::new();
        for round in 0..seeds.max(repetitions) {
            if round < seeds {
                jobs.extend(self.supernets(round)?);
            }
            if round < repetitions {
                jobs.extend(self.standalones(round)?);
            }
        }
        Ok(jobs)
    }

    /// One supernet of each method.
    fn supernets(&self, seed: u64) -> Result<Vec<Job>> {
        let audit = self.networks.audit();
        let mut methods = audit.methods.clone();
        // The last one stays open to questions, so the paper's own methods come last.
        methods.sort_by_key(|method| matches!(method, Method::LayerWise | Method::NeuronWise));
        let job = |method: Method| {
            Ok(Job {
                name: Results::supernet_name(method, seed),
                subject: Subject::Supernet(method),
                rates: self.rates(Subject::Supernet(method))?,
                streams: audit.replicate("supernet", seed),
                architectures: Which::Audited,
                tuning: false,
                validates: false,
            })
        };
        methods.into_iter().map(job).collect()
    }

    /// Every audited architecture alone.
    fn standalones(&self, repetition: u64) -> Result<Vec<Job>> {
        let audit = self.networks.audit();
        let repetitions = audit.standalones;
        let rates = self.rates(Subject::Standalone)?;
        let job = |(index, audited): (usize, &super::Audited)| Job {
            name: Results::standalone_name(audited, repetition),
            subject: Subject::Standalone,
            rates,
            streams: audit.replicate("standalone", index as u64 * repetitions + repetition),
            architectures: Which::OneAudited(index),
            tuning: false,
            validates: retraining::places(audit).contains(&index),
        };
        Ok(audit.audited.iter().enumerate().map(job).collect())
    }

    fn rates(&self, subject: Subject) -> Result<Rates> {
        tuning::chosen(self.networks.audit(), subject, &self.outcomes)
    }
}

impl<N: Networks> Plan for AuditPlan<N> {
    fn ready(&mut self) -> Result<(Vec<Task>, Vec<Event>)> {
        if !self.open.is_empty() {
            return Ok((Vec::new(), Vec::new()));
        }
        let audit = self.networks.audit();
        let of = |jobs: Vec<Job>| jobs.into_iter().map(|job| self.task(job)).collect::<Vec<_>>();
        let (stage, name, tasks) = match self.stage {
            Stage::Start if audit.tuning.rates > 0 => (Stage::Tuning, "tuning", of(self.tuning_jobs())),
            Stage::Start | Stage::Tuning => {
                (Stage::Audit, "supernets and standalones", of(self.audit_jobs()?))
            }
            Stage::Audit if audit.retraining.is_some() => {
                let jobs = retraining::jobs(audit, &self.outcomes)?;
                let tasks = jobs.into_iter().map(|job| self.retraining_task(job)).collect();
                (Stage::Retraining, "retraining", tasks)
            }
            Stage::Audit | Stage::Retraining => return Ok((Vec::new(), Vec::new())),
        };
        self.stage = stage;
        self.open.extend(tasks.iter().map(|task| task.name.clone()));
        let event = Event::Stage { name: name.to_owned(), tasks: tasks.len() };
        Ok((tasks, vec![event]))
    }

    fn tell(&mut self, task: &str, outcome: Outcome) -> Result<Vec<Event>> {
        let place = self.open.iter().position(|open| open == task);
        let Some(place) = place else {
            return Err(Error::Checkpoint { problem: format!("`{task}` is not a task of this experiment") });
        };
        self.open.swap_remove(place);
        self.outcomes.insert(task.to_owned(), outcome);
        Ok(Vec::new())
    }

    fn conclude(&mut self) -> Result<Conclusion> {
        let remarks = self.networks.remarks()?;
        conclusion::conclude(self.networks.audit(), &self.outcomes, remarks)
    }

    fn demand(&self) -> Option<Demand> {
        self.networks.demand()
    }

    fn look(&self) -> Result<Vec<View>> {
        progress::look(self.networks.audit(), &self.outcomes, self.stage == Stage::Tuning)
    }

    fn point_out(&self, answer: &mut Answer) -> Result<()> {
        progress::point_out(self.networks.audit(), &self.outcomes, answer)
    }
}
