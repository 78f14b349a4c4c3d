//! The work of one task: train one network, measure it on the way, show it, answer about it.

use std::collections::BTreeMap;
use std::sync::Arc;

use burn::tensor::Device;

use super::Method;
use super::context::Context;
use super::evaluation::{Answers, Examiner};
use super::history::{Measure, is_measured};
use super::network::Network;
use super::probe;
use super::record::decision;
use super::trainer::{Trainer, diverged};
use super::views::{self, Seen};
use crate::experiment::work::Local;
use crate::experiment::{Answer, Event, Outcome, Probe, Progress, View, Work};
use crate::rng::Streams;
use crate::{Error, Result};

/// What a task trains and measures.
#[derive(Debug, Clone)]
pub(super) struct Job {
    pub name: String,
    pub method: Method,
    pub rate: f64,
    pub streams: Streams,
    /// Judge on the validation part and leave nothing else: a tuning trial, which may diverge.
    pub tuning: bool,
    /// Report the pictures and the routing record at the end.
    pub shown: bool,
}

impl Job {
    /// Makes the work on a device.
    pub fn start(self, context: Arc<Context>, device: &Device) -> Box<dyn Work> {
        let trainer = Trainer::new(Arc::clone(&context), self.method, self.rate, self.streams, device);
        let classes_of =
            |rows: &[usize]| -> Vec<usize> { rows.iter().map(|&row| context.rows.classes[row]).collect() };
        let classes = classes_of(&context.rows.test);
        Box::new(Training {
            job: self,
            trainer,
            classes,
            device: device.clone(),
            losses: Vec::new(),
            history: Vec::new(),
            context,
        })
    }
}

/// A training under way.
struct Training {
    job: Job,
    context: Arc<Context>,
    trainer: Trainer,
    device: Device,
    /// The classes of the held-out rows.
    classes: Vec<usize>,
    /// Batch losses since the last measure.
    losses: Vec<f64>,
    history: Vec<Measure>,
}

impl Training {
    async fn advance_by(&mut self, steps: u64) -> Result<Progress> {
        let total = self.context.specification.training.steps;
        let mut events = Vec::new();
        for _ in 0..steps.min(total - self.trainer.step_count()) {
            let loss = match self.trainer.step().await {
                Ok(loss) if loss.is_finite() => loss,
                Ok(_) | Err(Error::InvalidDecision { .. }) => return self.diverged(),
                Err(error) => return Err(error),
            };
            self.losses.push(loss);
            let step = self.trainer.step_count();
            if !self.job.tuning && is_measured(step, total) {
                let measure = self.measure(&self.answers().await?);
                events.extend(measure.events(&self.job.name));
                self.history.push(measure);
                self.losses.clear();
            }
        }
        let step = self.trainer.step_count();
        let outcome = if step == total { Some(self.finish(&mut events).await?) } else { None };
        Ok(Progress { step, events, outcome })
    }

    /// A tuning trial that diverges has no validation loss; anything else that diverges ends the run.
    fn diverged(&self) -> Result<Progress> {
        let (task, step) = (self.job.name.clone(), self.trainer.step_count());
        if !self.job.tuning {
            return Err(diverged(&task, step));
        }
        let numbers = BTreeMap::from([("validation".to_owned(), Vec::new())]);
        let event = Event::TaskFinished { task, summary: format!("diverged at step {step}") };
        Ok(Progress { step, events: vec![event], outcome: Some(Outcome { numbers, weights: None }) })
    }

    fn examiner<'a>(&'a self, network: &'a Network) -> Examiner<'a> {
        Examiner {
            context: &self.context,
            network,
            recipe: self.trainer.recipe(),
            memory: self.trainer.memory(),
            device: &self.device,
        }
    }

    /// The answers about the held-out rows as the network is now.
    async fn answers(&self) -> Result<Answers> {
        let network = self.trainer.trained();
        self.examiner(&network).answers_about(&self.context.rows.test).await
    }

    /// The measures of this moment. Before the first step there is no batch: its loss is the held-out one.
    fn measure(&self, answers: &Answers) -> Measure {
        let held_out = (answers, self.classes.as_slice());
        let train = match self.losses.len() {
            0 => self.history.last().map_or_else(|| answers.loss(&self.classes), |last| last.train_loss),
            count => self.losses.iter().sum::<f64>() / count as f64,
        };
        Measure::new(self.trainer.step_count(), train, held_out, self.trainer.last_batch())
    }

    async fn finish(&self, events: &mut Vec<Event>) -> Result<Outcome> {
        let task = self.job.name.clone();
        if self.job.tuning {
            return self.judge(events).await;
        }
        let answers = self.answers().await?;
        let (loss, accuracy) = (answers.loss(&self.classes), answers.accuracy(&self.classes));
        if !loss.is_finite() {
            return Err(diverged(&task, self.trainer.step_count()));
        }
        let summary = format!("test loss {loss:.4}, accuracy {:.1}%", 100.0 * accuracy);
        if self.job.shown && self.job.method.has_experts() {
            if self.job.method == Method::Routed {
                let plates = self.pictures(&answers).await?.into_iter().map(|view| view.plate);
                events.extend(plates.map(|plate| Event::Plate { plate }));
            }
            let step = self.trainer.step_count();
            if let Some(decision) =
                decision(&self.context, self.job.method, step, &answers, Some(&self.classes))?
            {
                events.push(Event::Decision { task: task.clone(), decision });
            }
        }
        events.push(Event::TaskFinished { task, summary });
        Ok(Outcome { numbers: self.numbers(&answers, [loss, accuracy]), weights: None })
    }

    /// A tuning trial's validation loss.
    async fn judge(&self, events: &mut Vec<Event>) -> Result<Outcome> {
        let rows = &self.context.rows;
        let network = self.trainer.trained();
        let answers = self.examiner(&network).answers_about(&rows.validation).await?;
        let classes: Vec<usize> = rows.validation.iter().map(|&row| rows.classes[row]).collect();
        let loss = answers.loss(&classes);
        let losses = if loss.is_finite() { vec![loss] } else { Vec::new() };
        let (task, summary) = (self.job.name.clone(), format!("validation loss {loss:.4}"));
        events.push(Event::TaskFinished { task, summary });
        Ok(Outcome { numbers: BTreeMap::from([("validation".to_owned(), losses)]), weights: None })
    }

    fn numbers(&self, answers: &Answers, [loss, accuracy]: [f64; 2]) -> BTreeMap<String, Vec<f64>> {
        let column = |value: fn(&Measure) -> f64| self.history.iter().map(value).collect::<Vec<f64>>();
        let mut numbers = BTreeMap::from([
            ("test_loss".to_owned(), vec![loss]),
            ("test_accuracy".to_owned(), vec![accuracy]),
            ("curve_step".to_owned(), column(|measure| measure.step as f64)),
            ("curve_train".to_owned(), column(|measure| measure.train_loss)),
            ("curve_test".to_owned(), column(|measure| measure.test_loss)),
        ]);
        if let Some(load) = answers.load() {
            numbers.insert("load".to_owned(), load.iter().map(|&count| count as f64).collect());
            let table = answers.specialisation(&self.classes).into_iter().flatten();
            numbers.insert("specialisation".to_owned(), table.map(|count| count as f64).collect());
        }
        if let Some(entropy) = answers.router_entropy() {
            numbers.insert("router_entropy".to_owned(), vec![entropy]);
        }
        numbers
    }

    async fn pictures(&self, answers: &Answers) -> Result<Vec<View>> {
        let network = self.trainer.trained();
        let step = self.trainer.step_count();
        let mut history = self.history.clone();
        if history.last().is_none_or(|last| last.step != step) {
            history.push(self.measure(answers));
        }
        let seen = Seen {
            context: &self.context,
            step,
            history: &history,
            answers,
            classes: &self.classes,
            last: self.trainer.last_batch(),
        };
        views::all(&self.examiner(&network), &seen).await
    }
}

impl Work for Training {
    fn advance(&mut self, steps: u64) -> Local<'_, Result<Progress>> {
        Box::pin(self.advance_by(steps))
    }

    fn is_interactive(&self) -> bool {
        self.job.method == Method::Routed && !self.job.tuning
    }

    fn look(&mut self) -> Local<'_, Result<Vec<View>>> {
        Box::pin(async {
            if !self.is_interactive() {
                return Ok(Vec::new());
            }
            let answers = self.answers().await?;
            self.pictures(&answers).await
        })
    }

    fn probe<'a>(&'a mut self, probe: &'a Probe) -> Local<'a, Result<Answer>> {
        Box::pin(async move {
            if !self.is_interactive() {
                let problem = "this training has no router to ask; ask one of `routed`".into();
                return Err(Error::NotAnswerable { problem });
            }
            let network = self.trainer.trained();
            probe::answer(&self.examiner(&network), self.trainer.step_count(), probe).await
        })
    }

    fn fingerprint(&mut self) -> Local<'_, Result<String>> {
        Box::pin(self.trainer.fingerprint())
    }
}
