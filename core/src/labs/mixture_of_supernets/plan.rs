//! The lab's plan: tune, then train standalones and supernets, then conclude.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::audit;
use super::context::Context;
use super::results::Results;
use super::task::Job;
use super::tuning::{self, Rates, Subject};
use crate::experiment::{Conclusion, Event, Outcome, Plan, Task};
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

    /// Every trial of every subject.
    fn tuning_jobs(&self) -> Vec<Job> {
        let context = &self.context;
        let mut jobs = Vec::new();
        for subject in Subject::all(context) {
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

    fn audit_jobs(&self) -> Result<Vec<Job>> {
        let context = &self.context;
        let rates = |subject| tuning::chosen(context, subject, &self.outcomes);
        let mut jobs = Vec::new();
        let standalone: Rates = rates(Subject::Standalone)?;
        for method in &context.methods {
            let subject = Subject::Supernet(*method);
            let rates = rates(subject)?;
            for seed in 0..context.specification.seeds {
                jobs.push(Job {
                    name: Results::supernet_name(*method, seed),
                    subject,
                    rates,
                    streams: context.replicate("supernet", seed),
                    architectures: context.audited.clone(),
                    tuning: false,
                });
            }
        }
        let repetitions = context.specification.audit.standalones;
        for (index, architecture) in context.audited.iter().enumerate() {
            for repetition in 0..repetitions {
                jobs.push(Job {
                    name: Results::standalone_name(architecture, repetition),
                    subject: Subject::Standalone,
                    rates: standalone,
                    streams: context.replicate("standalone", index as u64 * repetitions + repetition),
                    architectures: vec![architecture.clone()],
                    tuning: false,
                });
            }
        }
        Ok(jobs)
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
}
