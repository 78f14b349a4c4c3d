//! The work of one task: train one network, measure it on the way, show it, answer about it.

use std::collections::BTreeMap;
use std::sync::Arc;

use burn::tensor::Device;

use super::context::Context;
use super::measure::{Measure, Routes, is_measured};
use super::method::Method;
use super::study::{Ended, FirstChoices, Study, steps_of};
use super::trainer::{Answers, Best, Trainer, diverged};
use super::views::heat::Visits;
use super::views::history::Moment;
use super::views::{self, Seen};
use super::{oracle, probe, views::record};
use crate::experiment::work::Local;
use crate::experiment::{Answer, Event, Outcome, Probe, Progress, View, Work};
use crate::nn::optimisation::{EarlyStopping, Observation};
use crate::rng::Streams;
use crate::{Error, Result};

/// What a task trains and measures.
#[derive(Clone)]
pub(super) struct Job {
    pub name: String,
    pub method: Method,
    pub streams: Streams,
    pub study: &'static dyn Study,
    /// Report the pictures and the routing records at the end.
    pub shown: bool,
}

impl Job {
    /// Makes the work on a device.
    ///
    /// # Errors
    /// As [`Trainer::new`].
    pub fn start(self, context: Arc<Context>, device: &Device) -> Result<Box<dyn Work>> {
        let trainer = Trainer::new(Arc::clone(&context), &self.method, self.streams, device)?;
        let patience = context.specification.training.patience;
        Ok(Box::new(Training {
            job: self,
            trainer,
            losses: Vec::new(),
            history: Vec::new(),
            kept: Vec::new(),
            firsts: Vec::new(),
            moments: Vec::new(),
            visits: Visits::default(),
            stopping: (patience > 0).then(|| EarlyStopping::new(patience)),
            best: None,
            stopped: false,
            context,
        }))
    }
}

/// A training under way.
struct Training {
    job: Job,
    context: Arc<Context>,
    trainer: Trainer,
    /// Batch losses since the last measure.
    losses: Vec<f64>,
    history: Vec<Measure>,
    /// Routes at the study's moments.
    kept: Vec<FirstChoices>,
    /// Each layer's first choices at the last measure.
    firsts: FirstChoices,
    /// Where the first sample went at some moments, for the picture of how routes settle.
    moments: Vec<Moment>,
    /// Where the first sample went at all looks so far.
    visits: Visits,
    /// When to stop early, where that is asked for.
    stopping: Option<EarlyStopping>,
    /// The weights of the lowest loss so far, where that decides.
    best: Option<Best>,
    stopped: bool,
}

impl Training {
    async fn advance_by(&mut self, steps: u64) -> Result<Progress> {
        let total = self.context.specification.training.steps;
        let mut events = Vec::new();
        if self.trainer.step_count() == 0 && self.kept.is_empty() && self.moments.is_empty() {
            self.observe(&mut events).await?;
        }
        for _ in 0..steps.min(total - self.trainer.step_count()) {
            let loss = match self.trainer.step().await {
                Ok(loss) if loss.is_finite() => loss,
                Ok(_) | Err(Error::InvalidDecision { .. }) => {
                    return Err(diverged(&self.job.name, self.trainer.step_count()));
                }
                Err(error) => return Err(error),
            };
            self.losses.push(loss);
            self.observe(&mut events).await?;
            if self.stopped {
                break;
            }
        }
        let step = self.trainer.step_count();
        let is_over = step == total || self.stopped;
        let outcome = if is_over { Some(self.end(&mut events).await?) } else { None };
        Ok(Progress { step, events, outcome })
    }

    /// Measures, keeps and decides what is due at this step.
    async fn observe(&mut self, events: &mut Vec<Event>) -> Result<()> {
        let (step, total) = (self.trainer.step_count(), self.context.specification.training.steps);
        let is_due = step > 0 && is_measured(step, total);
        let is_routed = self.trainer.recipe().is_some();
        let is_moment = is_routed && steps_of(self.job.study.moments(), total).contains(&step);
        let is_start = is_routed && self.job.shown && step == 0;
        if !(is_due || is_moment || is_start) {
            return Ok(());
        }
        let answers = self.answers().await?;
        let firsts = answers.first_choices(self.context.task.held_out_units());
        if is_due {
            let measure = self.measure(&answers);
            events.extend(measure.events(&self.job.name));
            self.history.push(measure);
            self.losses.clear();
            self.stopped = self.is_to_stop().await?;
        }
        if is_moment {
            self.kept.push(firsts.clone());
        }
        if is_due || is_start {
            if let Some(first) = firsts.first().filter(|_| self.job.shown) {
                let sample = self.context.task.units();
                self.visits.add(first, sample);
                if Moment::is_next(step, &self.moments) {
                    self.moments.push(Moment::new(step, first, sample));
                }
            }
            self.firsts = firsts;
        }
        Ok(())
    }

    /// Whether the loss that decides has not become lower for as long as there is patience.
    async fn is_to_stop(&mut self) -> Result<bool> {
        let Some(stopping) = &mut self.stopping else { return Ok(false) };
        let Some(loss) = self.trainer.validation_loss().await? else { return Ok(false) };
        let observation = stopping.observe(self.trainer.step_count(), loss);
        if observation == Observation::Best {
            self.best = Some(self.trainer.kept());
        }
        Ok(observation == Observation::Stop)
    }

    /// Goes back to the best weights where they were kept, and finishes.
    async fn end(&mut self, events: &mut Vec<Event>) -> Result<Outcome> {
        if let Some(best) = self.best.take() {
            self.trainer.go_back(best);
            if !self.job.study.moments().is_empty() && self.trainer.recipe().is_some() {
                let answers = self.answers().await?;
                self.kept.push(answers.first_choices(self.context.task.held_out_units()));
            }
        }
        self.finish(events).await
    }

    /// The share of held-out first choices that are not what they were at the last measure.
    fn churn(&self, answers: &Answers) -> Option<f64> {
        let now = answers.first_choices(self.context.task.held_out_units());
        let pairs = || self.firsts.iter().flatten().zip(now.iter().flatten());
        let count = pairs().count();
        (count > 0).then(|| pairs().filter(|(then, now)| then != now).count() as f64 / count as f64)
    }

    /// The answers about the held-out images as the network is now.
    async fn answers(&self) -> Result<Answers> {
        self.trainer.held_out_answers().await
    }

    /// The measures of this moment. Before the first step there is no batch: its loss is the held-out one.
    fn measure(&self, answers: &Answers) -> Measure {
        let recipe = self.trainer.recipe();
        let routes = recipe
            .and_then(|recipe| Routes::new(&answers.layers, recipe, self.trainer.dropped_share()))
            .map(|routes| Routes { churn: self.churn(answers), ..routes });
        let train = match self.losses.len() {
            0 => self
                .history
                .last()
                .map_or_else(|| answers.loss(&self.context.targets), |last| last.train_loss),
            count => self.losses.iter().sum::<f64>() / count as f64,
        };
        Measure::new((self.trainer.step_count(), train), &self.context, answers, routes)
    }

    async fn finish(&self, events: &mut Vec<Event>) -> Result<Outcome> {
        let task = self.job.name.clone();
        let answers = self.answers().await?;
        let measure = self.measure(&answers);
        if !measure.test_loss.is_finite() {
            return Err(diverged(&task, self.trainer.step_count()));
        }
        let right = 100.0 * measure.test_accuracy;
        let summary = format!("test loss {:.4}, accuracy {right:.1}%", measure.test_loss);
        if self.job.shown
            && let Some(recipe) = self.trainer.recipe()
        {
            events
                .extend(self.pictures(&answers)?.into_iter().map(|view| Event::Plate { plate: view.plate }));
            for layer in 0..answers.layers.len() {
                let step = self.trainer.step_count();
                let about = record::About { method: &self.job.method, recipe, step, layer };
                let decision =
                    record::decision(&self.context, &about, &answers.layers[layer], record::Keys::OfHeldOut)?;
                events.push(Event::Decision { task: task.clone(), decision });
            }
        }
        events.push(Event::TaskFinished { task, summary });
        let mut numbers = self.numbers(&answers, &measure);
        let ended = Ended {
            context: &self.context,
            method: &self.job.method,
            trainer: &self.trainer,
            answers: &answers,
            kept: &self.kept,
        };
        numbers.extend(self.job.study.numbers(&ended).await?);
        numbers.extend(oracle::numbers(&ended).await?);
        Ok(Outcome { numbers, weights: None })
    }

    fn numbers(&self, answers: &Answers, measure: &Measure) -> BTreeMap<String, Vec<f64>> {
        let column = |value: fn(&Measure) -> f64| self.history.iter().map(value).collect::<Vec<f64>>();
        let mut numbers = BTreeMap::from([
            ("test_loss".to_owned(), vec![measure.test_loss]),
            ("test_accuracy".to_owned(), vec![measure.test_accuracy]),
            ("parameters".to_owned(), vec![self.trainer.parameters() as f64]),
            ("steps".to_owned(), vec![self.trainer.step_count() as f64]),
            ("curve_step".to_owned(), column(|measure| measure.step as f64)),
            ("curve_train".to_owned(), column(|measure| measure.train_loss)),
            ("curve_test".to_owned(), column(|measure| measure.test_loss)),
        ]);
        let whole = self.context.recipe(&self.job.method).map_or(1.0, |recipe| recipe.experts as f64);
        let experts = measure.routes.map_or(whole, |routes| routes.experts);
        numbers.insert("flops".to_owned(), vec![self.context.flops(&self.job.method, experts)]);
        if let (Some(routes), Some(recipe)) = (measure.routes, self.trainer.recipe()) {
            for (name, value) in [
                ("load_cv", routes.load_cv),
                ("dead", routes.dead),
                ("experts", routes.experts),
                ("idle", routes.idle),
                ("dropped", routes.dropped),
            ] {
                numbers.insert(name.to_owned(), vec![value]);
            }
            let loads = answers.layers.iter().flat_map(|layer| layer.load(recipe));
            numbers.insert("load".to_owned(), loads.map(|count| count as f64).collect());
        }
        numbers
    }

    fn pictures(&self, answers: &Answers) -> Result<Vec<View>> {
        let Some(recipe) = self.trainer.recipe() else { return Ok(Vec::new()) };
        let step = self.trainer.step_count();
        let mut history = self.history.clone();
        if history.last().is_none_or(|last| last.step != step) {
            history.push(self.measure(answers));
        }
        let seen = Seen {
            context: &self.context,
            method: &self.job.method,
            recipe,
            history: &history,
            firsts: &answers.first_choices(self.context.task.held_out_units()),
            moments: &self.moments,
            visits: &self.visits,
            answers,
            last: self.trainer.last(),
        };
        Ok(views::all(&seen))
    }
}

impl Work for Training {
    fn advance(&mut self, steps: u64) -> Local<'_, Result<Progress>> {
        Box::pin(self.advance_by(steps))
    }

    fn is_interactive(&self) -> bool {
        self.job.method.is_routed()
    }

    fn look(&mut self) -> Local<'_, Result<Vec<View>>> {
        Box::pin(async {
            let answers = self.answers().await?;
            self.pictures(&answers)
        })
    }

    fn probe<'a>(&'a mut self, probe: &'a Probe) -> Local<'a, Result<Answer>> {
        Box::pin(async move { probe::answer(&self.context, &self.trainer, &self.job.method, probe).await })
    }

    fn fingerprint(&mut self) -> Local<'_, Result<String>> {
        Box::pin(self.trainer.fingerprint())
    }
}
