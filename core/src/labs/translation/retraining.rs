//! The work of one retraining: a network alone that starts from a supernet's weights or from fresh ones, and is validated on
//! its way.

use std::collections::BTreeMap;
use std::sync::Arc;

use burn::module::Module;
use burn::tensor::Device;

use super::context::Context;
use super::task::Training;
use crate::experiment::work::Local;
use crate::experiment::{Crew, Event, Outcome, Progress, Saved, Work};
use crate::labs::supernet_audit::retraining::{Inherited, LOSSES, RetrainingJob, STEPS, Settings};
use crate::nn::parameters::restored;
use crate::supernet::transformer::ElasticTransformer;
use crate::{Error, Result};

/// A retraining under way.
pub(super) struct Retraining {
    name: String,
    settings: Settings,
    training: Training,
    step: u64,
    /// Steps and validation losses so far.
    losses: Vec<[f64; 2]>,
}

impl Retraining {
    /// A retraining at step 0.
    ///
    /// # Errors
    /// When the weights are not those of the supernet.
    pub fn new(job: RetrainingJob, context: Arc<Context>, device: &Device) -> Result<Self> {
        let RetrainingJob { job, inherited, settings } = job;
        let (name, steps) = (job.name.clone(), settings.steps);
        let training = match inherited {
            None => Training::lasting(job, context, steps, device),
            Some(Inherited { method, weights }) => {
                let architecture = job.architectures.of(&context.audited, &context.tuning).remove(0);
                let words = context.corpus.vocabulary.len();
                let sharing = context.sharing(method);
                let fresh =
                    ElasticTransformer::new(context.space.clone(), words, sharing, &job.streams, device);
                let network = restored(fresh, &weights)?.alone(&architecture)?.train();
                Training::of(job, context, network, steps, device)
            }
        };
        Ok(Self { name, settings, training, step: 0, losses: Vec::new() })
    }

    async fn advance_by(&mut self, steps: u64) -> Result<Progress> {
        let (total, mut events) = (self.settings.steps, Vec::new());
        if self.losses.is_empty() {
            self.validate(&mut events).await?;
        }
        for _ in 0..steps.min(total - self.step) {
            let loss = self.training.train_step().await?;
            self.step += 1;
            if !loss.is_finite() {
                return Err(Error::Diverged { task: self.name.clone(), step: self.step });
            }
            if self.step.is_multiple_of(self.settings.every) || self.step == total {
                self.validate(&mut events).await?;
            }
        }
        let outcome = (self.step == total).then(|| self.outcome(&mut events));
        Ok(Progress { step: self.step, events, outcome })
    }

    async fn validate(&mut self, events: &mut Vec<Event>) -> Result<()> {
        let value = self.training.validation_loss().await?;
        if !value.is_finite() {
            return Err(Error::Diverged { task: self.name.clone(), step: self.step });
        }
        self.losses.push([self.step as f64, value]);
        let (task, step) = (self.name.clone(), self.step);
        events.push(Event::Scalar { task, step, name: "validation_loss".into(), value });
        Ok(())
    }

    fn outcome(&self, events: &mut Vec<Event>) -> Outcome {
        let [first, last] =
            [self.losses.first(), self.losses.last()].map(|look| look.map_or(f64::NAN, |look| look[1]));
        let summary = format!("validation loss {first:.4} at first, {last:.4} at last");
        events.push(Event::TaskFinished { task: self.name.clone(), summary });
        let column = |place: usize| self.losses.iter().map(|look| look[place]).collect();
        let numbers = BTreeMap::from([(STEPS.to_owned(), column(0)), (LOSSES.to_owned(), column(1))]);
        Outcome { numbers, weights: None }
    }
}

impl Work for Retraining {
    fn advance(&mut self, steps: u64) -> Local<'_, Result<Progress>> {
        Box::pin(self.advance_by(steps))
    }

    fn fingerprint(&mut self) -> Local<'_, Result<String>> {
        self.training.fingerprint()
    }

    fn save(&mut self) -> Local<'_, Result<Option<Saved>>> {
        Box::pin(async {
            let mut saved = self.training.state().await?;
            saved.numbers.insert("validations".to_owned(), self.losses.concat());
            Ok(Some(saved))
        })
    }

    fn restore(&mut self, saved: &Saved) -> Result<()> {
        self.training.take_up(saved)?;
        (self.step, self.losses) = (saved.step, saved.curve("validations")?);
        Ok(())
    }

    fn spread(&mut self, crew: Arc<dyn Crew>) -> bool {
        self.training.spread(crew)
    }
}
