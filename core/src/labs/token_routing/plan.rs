//! The plan: train every method on every seed, then conclude.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::context::Context;
use super::results::Results;
use super::story::Story;
use super::tables;
use super::verdicts::{self, FEWEST_SEEDS};
use super::work::Job;
use crate::experiment::{Conclusion, Event, Outcome, Plan, Task};
use crate::{Error, Result};

pub(super) struct RoutingPlan {
    context: Arc<Context>,
    story: &'static Story,
    is_out: bool,
    /// Tasks handed out and not yet told.
    open: Vec<String>,
    outcomes: BTreeMap<String, Outcome>,
}

impl RoutingPlan {
    pub fn new(context: Arc<Context>, story: &'static Story) -> Self {
        Self { context, story, is_out: false, open: Vec::new(), outcomes: BTreeMap::new() }
    }
}

impl Plan for RoutingPlan {
    fn ready(&mut self) -> Result<(Vec<Task>, Vec<Event>)> {
        if self.is_out {
            return Ok((Vec::new(), Vec::new()));
        }
        self.is_out = true;
        let (steps, seeds) = (self.context.specification.training.steps, self.context.specification.seeds);
        let mut tasks = Vec::new();
        for method in &self.context.methods {
            for seed in 0..seeds {
                let name = Results::task_name(method, seed);
                let streams = self.context.replicate(seed);
                let study = self.story.study;
                let job = Job { name: name.clone(), method: *method, streams, study, shown: seed == 0 };
                let context = Arc::clone(&self.context);
                self.open.push(name.clone());
                tasks.push(Task { name, steps, start: Box::new(move |device| job.start(context, device)) });
            }
        }
        let event = Event::Stage { name: "training".to_owned(), tasks: tasks.len() };
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
        let nothing = BTreeMap::new();
        let alone = Results { context: &self.context, outcomes: &self.outcomes, derived: &nothing };
        let derived = self.story.study.derived(&alone)?;
        let results = Results { derived: &derived, ..alone };
        let comparisons = verdicts::comparisons(&results, self.story)?;
        let primary = comparisons.iter().filter(|comparison| comparison.is_primary);
        let mut events: Vec<Event> =
            primary.map(|comparison| Event::Verdict { verdict: comparison.verdict.clone() }).collect();
        let seeds = self.context.specification.seeds;
        if seeds < FEWEST_SEEDS {
            let plural = if seeds == 1 { "" } else { "s" };
            events.push(Event::Warning {
                text: format!(
                    "{seeds} seed{plural}: an illustration, not evidence; every verdict stays inconclusive below \
                     {FEWEST_SEEDS} seeds."
                ),
            });
        }
        let plates = tables::plates(&results, &comparisons, self.story)?;
        events.extend(plates.into_iter().map(|plate| Event::Plate { plate }));
        let (verdict, sentence) = verdicts::overall(&results, &comparisons, self.story)?;
        Ok(Conclusion { events, verdict, sentence })
    }
}
