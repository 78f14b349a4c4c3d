//! The work of one task: train one network, then measure it.

use std::collections::BTreeMap;
use std::sync::Arc;

use burn::tensor::{Device, activation};

use super::context::{Context, examples};
use super::provision::{Provision, provision};
use crate::data::Dataset;
#[cfg(feature = "native")]
use crate::experiment::Saved;
use crate::experiment::work::Local;
use crate::experiment::{Answer, Event, Outcome, Probe, Progress, View, Work};
use crate::labs::supernet_audit::measured::{diverged, measure_mixing};
use crate::labs::supernet_audit::plan::Job;
use crate::labs::supernet_audit::tuning::Subject;
use crate::nn::parameters::{fingerprint, named_tensors, to_safetensors};
use crate::supernet::training::{Examples, read, read_scalar};
use crate::supernet::{
    Architecture, FewShot, Mixture, Sampling, SharedWeights, Subnet, Trainer, TrainingConfig, WeightProvider,
};
use crate::{Error, Result};

/// How many points a training curve has at most.
const CURVE_POINTS: u64 = 40;

/// Makes the work of a task on a device.
pub(super) fn start(job: Job, context: Arc<Context>, device: &Device) -> Result<Box<dyn Work>> {
    let tracked = device.clone().autodiff();
    let (streams, space) = (job.streams, context.space.clone());
    let architectures = job.architectures.of(&context.audited, &context.tuning);
    let trained = Trained { job, architectures };
    Ok(match trained.job.subject {
        Subject::Standalone => {
            let space = space.only(&trained.architectures[0]);
            let provider = SharedWeights::new(space, 1.0, &streams, &tracked);
            Box::new(Training::new(trained, context, provider, device))
        }
        Subject::Supernet(method) => match provision(method, &context.specification) {
            Provision::Shared(scale) => {
                let provider = SharedWeights::new(space, scale, &streams, &tracked);
                Box::new(Training::new(trained, context, provider, device))
            }
            Provision::Mixture(config) => {
                let provider = Mixture::new(space, config, &streams, &tracked);
                Box::new(Training::new(trained, context, provider, device))
            }
            Provision::FewShot(regions) => {
                let provider = FewShot::new(space, regions, &streams, &tracked);
                Box::new(Training::new(trained, context, provider, device))
            }
        },
    })
}

/// A task and the architectures that it measures; alone it trains the first.
#[derive(Debug, Clone)]
pub(super) struct Trained {
    pub job: Job,
    architectures: Vec<Architecture>,
}

impl Trained {
    fn config(&self, context: &Context) -> TrainingConfig {
        let training = &context.specification.training;
        let job = &self.job;
        let sampling = match job.subject {
            Subject::Standalone => Sampling::Random,
            Subject::Supernet(method) => method.sampling(),
        };
        TrainingConfig {
            steps: training.steps,
            batch: training.batch,
            learning_rate: job.rates.learning_rate,
            warm_up: training.warm_up,
            router_learning_rate: job.rates.router_factor,
            alternate: job.subject == Subject::Supernet(super::Method::KShot),
            sampling,
            distillation: context.specification.supernet.distillation && sampling == Sampling::Sandwich,
        }
    }
}

/// A training under way.
pub(super) struct Training<P: WeightProvider> {
    pub job: Job,
    architectures: Vec<Architecture>,
    pub context: Arc<Context>,
    pub trainer: Trainer<P>,
    examples: Examples,
    device: Device,
    /// Steps and losses so far.
    pub curve: Vec<[f64; 2]>,
    /// The architecture that is shown: the largest, until another is asked for.
    pub lit: Architecture,
    /// The rows that it is judged on, once it was.
    held: Option<Held>,
    /// What was shown last, and at which step.
    pub seen: Option<(u64, Vec<View>)>,
}

/// Rows on a device to judge sub-networks on.
pub(super) struct Held {
    examples: Examples,
    /// Mean entropy of the targets, in nats.
    entropy: f64,
}

impl Held {
    fn new(data: &Dataset, device: &Device) -> Self {
        Self { examples: examples(data, device), entropy: data.mean_target_entropy() }
    }
}

impl<P: WeightProvider> Training<P> {
    fn new(trained: Trained, context: Arc<Context>, provider: P, device: &Device) -> Self {
        let trainer = Trainer::new(provider, trained.config(&context), trained.job.streams);
        let Trained { job, architectures } = trained;
        let examples = examples(&context.data.train, device);
        let lit = context.space.largest();
        let (device, curve) = (device.clone(), Vec::new());
        Self { job, architectures, context, trainer, examples, device, curve, lit, held: None, seen: None }
    }

    async fn advance_by(&mut self, steps: u64) -> Result<Progress> {
        let total = self.context.specification.training.steps;
        let interval = total.div_ceil(CURVE_POINTS);
        let mut events = Vec::new();
        for _ in 0..steps.min(total - self.trainer.step_count()) {
            let loss = self.trainer.step(&self.examples)?;
            let step = self.trainer.step_count();
            if step.is_multiple_of(interval) || step == total {
                let value = read_scalar(loss).await?;
                if !value.is_finite() {
                    return diverged(&self.job, step);
                }
                self.curve.push([step as f64, value]);
                let (task, name) = (self.job.name.clone(), "train_loss".into());
                events.push(Event::Scalar { task, step, name, value });
            }
        }
        let step = self.trainer.step_count();
        let outcome = if step == total { Some(self.measure().await?) } else { None };
        if let Some(outcome) = &outcome {
            events.push(Event::TaskFinished { task: self.job.name.clone(), summary: summary(outcome) });
        }
        Ok(Progress { step, events, outcome })
    }

    async fn measure(&self) -> Result<Outcome> {
        let provider = self.trainer.provider().clone().valid();
        let architectures = &self.architectures;
        let subnets = provider.subnets(architectures)?;
        let mut numbers = BTreeMap::new();
        if self.job.tuning {
            let (losses, _) = self.evaluate(&subnets, &self.context.data.validation).await?;
            numbers.insert("validation".to_owned(), losses);
            return Ok(Outcome { numbers, weights: None });
        }
        let (losses, accuracies) = self.evaluate(&subnets, &self.context.data.test).await?;
        numbers.insert("quality".to_owned(), losses);
        numbers.insert("accuracy".to_owned(), accuracies);
        numbers.insert("curve_step".to_owned(), self.curve.iter().map(|point| point[0]).collect());
        numbers.insert("curve_loss".to_owned(), self.curve.iter().map(|point| point[1]).collect());
        let Subject::Supernet(method) = self.job.subject else {
            return Ok(Outcome { numbers, weights: None });
        };
        let experts = self.context.audit.experts_of(method);
        measure_mixing(&provider.mixing(&self.architectures), experts, &mut numbers).await?;
        let weights = to_safetensors(named_tensors(&provider)).await?;
        Ok(Outcome { numbers, weights: Some(weights) })
    }

    /// The loss and the accuracy of every sub-network, as [`judge`] says.
    async fn evaluate(&self, subnets: &[Subnet], data: &Dataset) -> Result<(Vec<f64>, Vec<f64>)> {
        let held = Held::new(data, &self.device);
        let (mut losses, mut accuracies) = (Vec::new(), Vec::new());
        for subnet in subnets {
            let (loss, accuracy) = judge(subnet, &held).await?;
            if !loss.is_finite() {
                return Err(Error::Diverged { task: self.job.name.clone(), step: self.trainer.step_count() });
            }
            losses.push(loss);
            accuracies.push(accuracy);
        }
        Ok((losses, accuracies))
    }

    /// The loss and the accuracy of one sub-network as it is now, on the rows of the audit.
    pub(super) async fn judge_now(&mut self, subnet: &Subnet) -> Result<(f64, f64)> {
        let held = match self.held.take() {
            Some(held) => held,
            None => Held::new(&self.context.data.test, &self.device),
        };
        let judged = judge(subnet, &held).await;
        self.held = Some(held);
        judged
    }
}

/// The divergence of one sub-network from the targets in nats (cross-entropy less the targets' entropy), and the share
/// of rows whose most likely class is right.
async fn judge(subnet: &Subnet, held: &Held) -> Result<(f64, f64)> {
    let Held { examples, entropy } = held;
    let rows = examples.rows() as f64;
    let logits = subnet.forward(examples.inputs.clone());
    let terms = activation::log_softmax(logits.clone(), 1) * examples.targets.clone();
    let loss = read_scalar(-terms.sum()).await? / rows - entropy;
    let right = logits.argmax(1).equal(examples.targets.clone().argmax(1)).int().float().sum();
    Ok((loss, f64::from(read(right).await?[0]) / rows))
}

impl<P: WeightProvider> Work for Training<P> {
    fn advance(&mut self, steps: u64) -> Local<'_, Result<Progress>> {
        Box::pin(self.advance_by(steps))
    }

    /// Sub-networks can be asked for where there are several, and in what the run reports, not in what it tries.
    fn is_interactive(&self) -> bool {
        self.job.shown().is_some()
    }

    fn look(&mut self) -> Local<'_, Result<Vec<View>>> {
        Box::pin(self.views())
    }

    fn probe<'a>(&'a mut self, probe: &'a Probe) -> Local<'a, Result<Answer>> {
        Box::pin(self.answer(probe))
    }

    fn fingerprint(&mut self) -> Local<'_, Result<String>> {
        Box::pin(fingerprint(self.trainer.provider()))
    }

    #[cfg(feature = "native")] // A page has no place to keep it, and no room for the code.
    fn save(&mut self) -> Local<'_, Result<Option<Saved>>> {
        Box::pin(async {
            let numbers = BTreeMap::from([("curve".to_owned(), self.curve.concat())]);
            let (step, tensors) = (self.trainer.step_count(), self.trainer.save().await?);
            Ok(Some(Saved { step, numbers, tensors }))
        })
    }

    #[cfg(feature = "native")] // A page has no place to keep it, and no room for the code.
    fn restore(&mut self, saved: &Saved) -> Result<()> {
        self.curve = saved.curve("curve")?;
        self.trainer.restore(saved.step, &saved.tensors)
    }
}

fn summary(outcome: &Outcome) -> String {
    let mean = |name: &str| {
        outcome
            .numbers
            .get(name)
            .filter(|all| !all.is_empty())
            .map(|all| all.iter().sum::<f64>() / all.len() as f64)
    };
    match (mean("validation"), mean("quality"), mean("accuracy")) {
        (Some(loss), _, _) => format!("validation loss {loss:.4}"),
        (_, Some(loss), Some(accuracy)) => format!("test loss {loss:.4}, accuracy {:.1}%", 100.0 * accuracy),
        _ => "done".to_owned(),
    }
}
