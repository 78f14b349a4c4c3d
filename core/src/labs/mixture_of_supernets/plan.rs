//! The lab's plan: tune, then train standalones and supernets, then conclude.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::context::Context;
use super::results::Results;
use super::task::Job;
use super::tuning::{self, Rates, Subject};
use super::{Method, audit, progress};
use crate::experiment::{Answer, Conclusion, Event, Outcome, Plan, Task, View};
use crate::supernet::Architecture;
use crate::{Error, Result};

/// Which stage has been handed out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stage {
    Start,
    Tuning,
    Audit,
}

pub(super) struct AuditPlan {
    context: Arc<Context>,
    stage: Stage,
    /// Tasks handed out and not yet told.
    open: Vec<String>,
    outcomes: BTreeMap<String, Outcome>,
}

impl AuditPlan {
    pub fn new(context: Arc<Context>) -> Self {
        Self { context, stage: Stage::Start, open: Vec::new(), outcomes: BTreeMap::new() }
    }

    fn hand_out(&mut self, jobs: Vec<Job>) -> Vec<Task> {
        self.open.extend(jobs.iter().map(|job| job.name.clone()));
        let steps = self.context.specification.training.steps;
        let task = |job: Job| {
            let context = Arc::clone(&self.context);
            Task { name: job.name.clone(), steps, start: Box::new(move |device| job.start(context, device)) }
        };
        jobs.into_iter().map(task).collect()
    }

    /// Every trial of every subject, supernets first.
    fn tuning_jobs(&self) -> Vec<Job> {
        let context = &self.context;
        let mut jobs = Vec::new();
        let mut subjects = Subject::all(context);
        subjects.sort_by_key(|subject| *subject == Subject::Standalone);
        for subject in subjects {
            for (trial, rates) in tuning::trials(context, subject).into_iter().enumerate() {
                for repetition in 0..tuning::repetitions(context, subject) {
                    jobs.push(Job {
                        name: tuning::task_name(subject, trial, repetition),
                        subject,
                        rates,
                        streams: context.replicate("tuning", repetition),
                        architectures: tuning::judged_on(context, subject, repetition),
                        tuning: true,
                    });
                }
            }
        }
        jobs
    }

    /// A supernet of each method, then every architecture alone, and so on: who watches sees a first comparison
    /// early. Nothing else depends on the order.
    fn audit_jobs(&self) -> Result<Vec<Job>> {
        let seeds = self.context.specification.seeds;
        let repetitions = self.context.specification.audit.standalones;
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
        let context = &self.context;
        let mut methods = context.methods.clone();
        // The last one stays open to questions, so the paper's own methods come last.
        methods.sort_by_key(|method| matches!(method, Method::LayerWise | Method::NeuronWise));
        let job = |method: Method| {
            Ok(Job {
                name: Results::supernet_name(method, seed),
                subject: Subject::Supernet(method),
                rates: self.rates(Subject::Supernet(method))?,
                streams: context.replicate("supernet", seed),
                architectures: context.audited.clone(),
                tuning: false,
            })
        };
        methods.into_iter().map(job).collect()
    }

    /// Every audited architecture alone.
    fn standalones(&self, repetition: u64) -> Result<Vec<Job>> {
        let context = &self.context;
        let repetitions = context.specification.audit.standalones;
        let rates = self.rates(Subject::Standalone)?;
        let job = |(index, architecture): (usize, &Architecture)| Job {
            name: Results::standalone_name(architecture, repetition),
            subject: Subject::Standalone,
            rates,
            streams: context.replicate("standalone", index as u64 * repetitions + repetition),
            architectures: vec![architecture.clone()],
            tuning: false,
        };
        Ok(context.audited.iter().enumerate().map(job).collect())
    }

    fn rates(&self, subject: Subject) -> Result<Rates> {
        tuning::chosen(&self.context, subject, &self.outcomes)
    }
}

impl Plan for AuditPlan {
    fn ready(&mut self) -> Result<(Vec<Task>, Vec<Event>)> {
        if !self.open.is_empty() {
            return Ok((Vec::new(), Vec::new()));
        }
        let (name, jobs) = match self.stage {
            Stage::Start if self.context.specification.tuning.rates > 0 => {
                self.stage = Stage::Tuning;
                ("tuning", self.tuning_jobs())
            }
            Stage::Start | Stage::Tuning => {
                self.stage = Stage::Audit;
                ("supernets and standalones", self.audit_jobs()?)
            }
            Stage::Audit => return Ok((Vec::new(), Vec::new())),
        };
        let event = Event::Stage { name: name.to_owned(), tasks: jobs.len() };
        Ok((self.hand_out(jobs), vec![event]))
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
        audit::conclude(&self.context, &self.outcomes)
    }

    fn look(&self) -> Result<Vec<View>> {
        progress::look(&self.context, &self.outcomes, self.stage == Stage::Tuning)
    }

    fn point_out(&self, answer: &mut Answer) -> Result<()> {
        progress::point_out(&self.context, &self.outcomes, answer)
    }
}
