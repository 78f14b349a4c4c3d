//! The lab's plan: tune if asked to, then train every method on every seed, then conclude.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::context::Context;
use super::results::Results;
use super::work::Job;
use super::{tables, tuning, verdicts};
use crate::experiment::{Conclusion, Event, Outcome, Plan, Task};
use crate::{Error, Result};

/// Which stage has been handed out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stage {
    Start,
    Tuning,
    Training,
}

pub(super) struct ComparisonPlan {
    context: Arc<Context>,
    stage: Stage,
    /// Tasks handed out and not yet told.
    open: Vec<String>,
    outcomes: BTreeMap<String, Outcome>,
}

impl ComparisonPlan {
    pub fn new(context: Arc<Context>) -> Self {
        Self { context, stage: Stage::Start, open: Vec::new(), outcomes: BTreeMap::new() }
    }

    fn hand_out(&mut self, jobs: Vec<Job>) -> Vec<Task> {
        self.open.extend(jobs.iter().map(|job| job.name.clone()));
        let steps = self.context.specification.training.steps;
        let task = |job: Job| {
            let context = Arc::clone(&self.context);
            let name = job.name.clone();
            Task { name, steps, start: Box::new(move |device| Ok(job.start(context, device))) }
        };
        jobs.into_iter().map(task).collect()
    }

    fn tuning_jobs(&self) -> Vec<Job> {
        let context = &self.context;
        let mut jobs = Vec::new();
        for method in &context.methods {
            for (trial, rate) in tuning::trials(context).into_iter().enumerate() {
                for repetition in 0..context.specification.tuning.seeds {
                    jobs.push(Job {
                        name: tuning::task_name(*method, trial, repetition),
                        method: *method,
                        rate,
                        streams: context.replicate("tuning", repetition),
                        tuning: true,
                        shown: false,
                    });
                }
            }
        }
        jobs
    }

    fn training_jobs(&self) -> Result<Vec<Job>> {
        let context = &self.context;
        let mut jobs = Vec::new();
        for method in &context.methods {
            let rate = tuning::chosen(context, *method, &self.outcomes)?;
            for seed in 0..context.specification.seeds {
                jobs.push(Job {
                    name: Results::task_name(*method, seed),
                    method: *method,
                    rate,
                    streams: context.replicate("training", seed),
                    tuning: false,
                    shown: seed == 0,
                });
            }
        }
        Ok(jobs)
    }
}

impl Plan for ComparisonPlan {
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
                self.stage = Stage::Training;
                ("training", self.training_jobs()?)
            }
            Stage::Training => return Ok((Vec::new(), Vec::new())),
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
        let results = Results::new(&self.context, &self.outcomes)?;
        let comparisons = verdicts::comparisons(&results)?;
        let mut events: Vec<Event> = comparisons
            .iter()
            .map(|comparison| Event::Verdict { verdict: comparison.verdict.clone() })
            .collect();
        events.extend(warnings(&results)?.into_iter().map(|text| Event::Warning { text }));
        let plates = tables::plates(&results, &comparisons)?;
        events.extend(plates.into_iter().map(|plate| Event::Plate { plate }));
        let (verdict, sentence) = verdicts::overall(&results, &comparisons)?;
        Ok(Conclusion { events, verdict, sentence })
    }
}

/// Things a reader must know before reading the numbers.
fn warnings(results: &Results<'_>) -> Result<Vec<String>> {
    let (seeds, mut warnings) = (results.context.specification.seeds, Vec::new());
    if seeds < verdicts::FEWEST_SEEDS {
        let plural = if seeds == 1 { "" } else { "s" };
        warnings.push(format!(
            "{seeds} seed{plural}: an illustration, not evidence; every verdict stays inconclusive below {} seeds.",
            verdicts::FEWEST_SEEDS
        ));
    }
    for method in results.context.methods.iter().filter(|method| method.has_experts()) {
        let dead = results.dead_experts(*method)?;
        let collapsed = dead.iter().filter(|dead| **dead > 0).count();
        if collapsed > 0 {
            let count = results.context.experts(*method);
            let most = dead.iter().max().copied().unwrap_or(0);
            warnings.push(format!(
                "In {collapsed} of {} trainings of `{}` some of the {count} experts are dead, up to {most} of them: \
                 no held-out row goes there.",
                dead.len(),
                method.name()
            ));
        }
    }
    Ok(warnings)
}
