//! The work of one task: train one network to guess masked words, then measure it.

use std::collections::BTreeMap;
use std::sync::Arc;

use burn::module::Module;
use burn::prelude::*;

use super::context::Context;
use super::measuring::judge;
use super::pictures;
use super::probe::{self, Guessed, Lit};
use crate::data::masking::Masked;
use crate::experiment::work::Local;
use crate::experiment::{Answer, Crew, Event, Outcome, Probe, Progress, Saved, View, Work};
use crate::labs::supernet_audit::asking::sentence;
use crate::labs::supernet_audit::measured;
use crate::labs::supernet_audit::measuring::Measured;
use crate::labs::supernet_audit::parts::{Follow, Parts};
use crate::labs::supernet_audit::plan::Job;
use crate::labs::supernet_audit::training::{self, Passes};
use crate::labs::supernet_audit::tuning::Subject;
use crate::labs::supernet_audit::{Audited, mixing_now};
use crate::nn::fused::cross_entropy_classes;
use crate::nn::optimisation::{Descent, DescentConfig};
use crate::nn::parameters::{fingerprint, named_tensors, to_safetensors};
use crate::nn::readback::read;
use crate::nn::schedule;
use crate::supernet::bert::subnet::Dropout;
use crate::supernet::bert::{BertArchitecture, ElasticBert, MaskedBatch};
use crate::supernet::distillation::half_taught;
use crate::supernet::sharing::MixingTable;
use crate::supernet::transformer::mixing::Sharing;
use crate::{Error, Result};

/// How many numbers are measured of each architecture.
const WIDTH: usize = 2;

/// A training under way.
pub(super) struct Training {
    job: Job,
    context: Arc<Context>,
    /// What is measured; a network alone is the first.
    architectures: Vec<BertArchitecture>,
    network: Option<ElasticBert>,
    descent: Descent<ElasticBert>,
    device: Device,
    parts: Parts,
    passes: Passes,
    step: u64,
    /// Masked words trained on, those of every batch once.
    words: u64,
    /// Steps and losses so far.
    curve: Vec<[f64; 2]>,
    /// The loss of each architecture after the last step, and the share of masked words that it has right.
    measured: Measured,
    /// What was shown last, and at which step.
    seen: Option<(u64, Vec<View>)>,
    /// What is asked about.
    lit: Lit,
}

impl Training {
    /// A training at step 0.
    pub fn new(job: Job, context: Arc<Context>, device: &Device) -> Self {
        let architectures = job.architectures.of(&context.audited, &context.tuning);
        let (space, sharing) = match job.subject {
            Subject::Standalone => (context.space.only(&architectures[0]), Sharing::Plain(1.0).into()),
            Subject::Supernet(method) => (context.space.clone(), context.sharing(method)),
        };
        let tracked = device.clone().autodiff();
        let network = ElasticBert::new(space, context.rows(), sharing, &job.streams, &tracked);
        let training = &context.specification.training;
        let config = DescentConfig {
            beta_2: 0.98,
            weight_decay: training.weight_decay,
            clip_norm: training.clip_norm,
            own_rate: job.rates.router_factor,
        };
        Self {
            descent: Descent::new(&network, config, network.router_parameters()),
            network: Some(network),
            device: device.clone(),
            parts: Parts::on(device),
            passes: Passes::default(),
            step: 0,
            words: 0,
            curve: Vec::new(),
            measured: Measured::nothing(WIDTH),
            seen: None,
            lit: Lit { sentence: 0, network: context.audited.len() - 1 },
            architectures,
            job,
            context,
        }
    }

    fn network(&self) -> &ElasticBert {
        self.network.as_ref().expect("the network is put back at the end of every step")
    }

    /// The next batches, of one step: the number of each in the whole training, and which sentences it has.
    ///
    /// # Errors
    /// When the batches cannot be made, which the context's check excludes.
    fn next_batches(&mut self) -> Result<Vec<(u64, Vec<usize>)>> {
        let (context, streams) = (&self.context, &self.job.streams);
        let fields = &context.specification.training;
        let first = self.step * fields.accumulation;
        let numbers = first..first + fields.accumulation;
        self.passes.numbered(numbers, &context.lengths, fields.tokens, streams)
    }

    /// The architectures of this step, the largest first.
    fn sampled(&self) -> Vec<BertArchitecture> {
        let (space, streams) = (self.network().space(), &self.job.streams);
        let random = space.sample(&mut streams.stream_at("architecture", self.step));
        let choices = [space.largest(), random, space.smallest()];
        training::sampled(self.job.subject, &self.architectures[0], choices)
    }

    /// One step: batches, each through the architectures of the sampling rule, and one update. Returns the mean loss.
    async fn train_step(&mut self) -> Result<f64> {
        let (architectures, batches) = (self.sampled(), self.next_batches()?);
        let network = self.network.take().expect("the network is put back at the end of every step");
        let (context, job) = (&self.context, &self.job);
        let said =
            self.parts.follow(&network, &mut self.descent, &batches, |network, device, batch, follow| {
                pass((context, job, &architectures), network, (device, batch), follow)
            })?;
        let fields = &context.specification.training;
        let factor = schedule::factor(&fields.schedule, self.step, fields.steps, fields.warm_up);
        self.network = Some(self.descent.step(network, job.rates.learning_rate * factor));
        self.step += 1;
        self.words += said.words;
        said.mean_loss().await
    }

    async fn advance_by(&mut self, steps: u64) -> Result<Progress> {
        let total = self.context.specification.training.steps;
        let left = total - self.step;
        let mut events = Vec::new();
        for _ in 0..steps.min(left) {
            let loss = self.train_step().await?;
            if !loss.is_finite() {
                return measured::diverged(&self.job, self.step);
            }
            let (at, measured) = ([self.step, total], [self.words as f64, loss]);
            training::note_step(&mut self.curve, &mut events, &self.job.name, at, measured);
        }
        let mut outcome = None;
        for _ in left..steps {
            self.measure_next().await?;
            if self.measured.count() == self.architectures.len() {
                outcome = Some(self.outcome(&mut events).await?);
                break;
            }
        }
        Ok(Progress { step: self.step, events, outcome })
    }

    /// Measures the next of the architectures.
    async fn measure_next(&mut self) -> Result<()> {
        let Some(architecture) = self.architectures.get(self.measured.count()) else { return Ok(()) };
        let part = if self.job.tuning { &self.context.validation } else { &self.context.test };
        let subnet = self.network().clone().valid().subnet(architecture)?;
        let (loss, share) = judge(&subnet, part, &self.device).await?;
        if !loss.is_finite() {
            return Err(Error::Diverged { task: self.job.name.clone(), step: self.step });
        }
        self.measured.add(&[loss, share]);
        Ok(())
    }

    /// What is left of the training, once every architecture is measured.
    async fn outcome(&self, events: &mut Vec<Event>) -> Result<Outcome> {
        let (context, measured) = (&self.context, &self.measured);
        let kind = if self.job.tuning { "validation" } else { "test" };
        let summary = format!("{kind} loss {:.4}, {:.1}% right", measured.mean(0), measured.mean(1));
        events.push(Event::TaskFinished { task: self.job.name.clone(), summary });
        let (losses, shares) = (measured.column(0), measured.column(1));
        let mut numbers = BTreeMap::new();
        if self.job.tuning {
            numbers.insert("validation".to_owned(), losses);
            return Ok(Outcome { numbers, weights: None });
        }
        numbers.insert("quality".to_owned(), losses);
        numbers.insert("accuracy".to_owned(), shares);
        numbers.insert("curve_step".to_owned(), self.curve.iter().map(|point| point[0]).collect());
        numbers.insert("curve_loss".to_owned(), self.curve.iter().map(|point| point[1]).collect());
        let Subject::Supernet(method) = self.job.subject else {
            return Ok(Outcome { numbers, weights: None });
        };
        let network = self.network().clone().valid();
        let mixings: Vec<_> =
            self.architectures.iter().map(|architecture| network.mixing(architecture)).collect();
        measured::measure_mixing(&mixings, context.audit.experts_of(method), &mut numbers).await?;
        let weights = to_safetensors(named_tensors(&network)).await?;
        Ok(Outcome { numbers, weights: Some(weights) })
    }

    /// What one sub-network guesses in one sentence, and where its weights come from.
    async fn answer(&mut self, asked: &Probe) -> Result<Answer> {
        let (Probe::Choices { options }, Some(method)) = (asked, self.job.shown()) else {
            let problem = "a supernet is asked for a sub-network and a sentence; choose a number of each";
            return Err(Error::NotAnswerable { problem: problem.into() });
        };
        let Context { corpus, test, audited, audit, .. } = &*self.context;
        let lit = probe::chosen(audited.len(), options)?;
        let shown = sentence(test, lit.sentence)?;
        let (architecture, Audited { name, sizes, .. }) =
            (&audited[lit.network], &audit.audited[lit.network]);
        let network = self.network().clone().valid();
        let subnet = network.subnet(architecture)?;
        let guessed = Guessed::new(&self.context, &subnet, shown, &self.device).await?;
        let mixing = network.mixing(architecture);
        let shares = MixingTable::read(&mixing, audit.experts_of(method)).await?.block_means();
        let right = guessed.words.iter().zip(&shown.expected).filter(|(word, right)| word == right).count();
        let said = format!(
            "{name} has {right} of {} right: \u{201c}{}\u{201d}.",
            shown.places.len(),
            pictures::filled(corpus, shown, &guessed.words)
        );
        let mut facts = vec![
            ("architecture".to_owned(), name.clone()),
            ("method".to_owned(), method.name().to_owned()),
            ("right".to_owned(), pictures::filled(corpus, shown, &shown.expected)),
        ];
        facts.extend(sizes.iter().take(1).map(|(size, number)| ((*size).to_owned(), number.to_string())));
        facts.extend(mixing_now::facts(&shares));
        let views = vec![guessed.view(&self.context, name, shown, self.step)];
        // What was seen last showed another one.
        (self.lit, self.seen) = (lit, None);
        Ok(Answer { sentence: said, facts, views, ..Answer::default() })
    }

    /// What there is to see: guesses, how weights are mixed, the loss. Nothing of what is not interactive.
    async fn views(&self) -> Result<Vec<View>> {
        let Some(method) = self.job.shown() else { return Ok(Vec::new()) };
        let network = self.network().clone().valid();
        let Context { corpus, test, audited, audit, .. } = &*self.context;
        let shown = &test[..test.len().min(pictures::SENTENCES)];
        let batch = MaskedBatch::new(&shown.iter().collect::<Vec<_>>(), &self.device);
        let mut found = [Vec::new(), Vec::new()];
        for (found, architecture) in found.iter_mut().zip(audited.first().into_iter().chain(audited.last())) {
            let logits = network.subnet(architecture)?.forward(&batch, None);
            let best = logits.argmax(1).reshape([batch.masked]).float();
            *found = read(best).await?.into_iter().map(|word| word as u32).collect();
        }
        let mut views = vec![pictures::guessed(corpus, shown, &found, self.step)];
        let mixings: Vec<_> = audited.iter().map(|architecture| network.mixing(architecture)).collect();
        views.extend(mixing_now::views(audit, method, &mixings).await?);
        let shown = sentence(test, self.lit.sentence)?;
        let subnet = network.subnet(&audited[self.lit.network])?;
        let name = &audit.audited[self.lit.network].name;
        let guessed = Guessed::new(&self.context, &subnet, shown, &self.device).await?;
        views.push(guessed.view(&self.context, name, shown, self.step));
        let total = self.context.specification.training.steps;
        let caption = "Training loss of masked words, the mean over the sub-networks of a step. A single batch is noisy.";
        views.push(training::loss_view(&self.job.name, &self.curve, [self.step, total], caption));
        Ok(views)
    }
}

/// Takes a batch, newly masked, through the architectures of its step; returns how many words are masked in it.
fn pass(
    (context, job, architectures): (&Context, &Job, &[BertArchitecture]),
    network: &ElasticBert,
    (device, (number, places)): (&Device, &(u64, Vec<usize>)),
    follow: Follow<'_>,
) -> Result<u64> {
    let (fields, streams) = (&context.specification.training, &job.streams);
    let stream = &mut streams.stream_at("mask", *number);
    let masked: Vec<Masked> =
        places.iter().map(|&place| context.masking.mask(&context.corpus.train[place], stream)).collect();
    let batch = MaskedBatch::new(&masked.iter().collect::<Vec<_>>(), device);
    let stream = &mut streams.stream_at("dropout", *number);
    let mut teacher: Option<Tensor<2>> = None;
    for architecture in architectures {
        let rate = fields.dropout;
        let dropout = if rate > 0.0 { Some(Dropout { rate, stream: &mut *stream }) } else { None };
        let mut subnet = network.subnet(architecture)?;
        subnet.precision = fields.precision;
        let logits = subnet.forward(&batch, dropout);
        let mut loss = cross_entropy_classes(logits.clone(), batch.expected.clone());
        let shown = loss.clone().inner();
        if context.specification.supernet.distillation && job.subject != Subject::Standalone {
            loss = half_taught(logits, loss, &mut teacher);
        }
        follow(shown, loss);
    }
    Ok(batch.masked as u64)
}

impl Work for Training {
    fn advance(&mut self, steps: u64) -> Local<'_, Result<Progress>> {
        Box::pin(self.advance_by(steps))
    }

    fn is_interactive(&self) -> bool {
        self.job.shown().is_some()
    }

    fn look(&mut self) -> Local<'_, Result<Vec<View>>> {
        Box::pin(async {
            // A finished supernet stays on the sheet while others learn.
            if self.seen.as_ref().is_none_or(|(step, _)| *step != self.step) {
                self.seen = Some((self.step, self.views().await?));
            }
            Ok(self.seen.as_ref().map(|(_, views)| views.clone()).unwrap_or_default())
        })
    }

    fn probe<'a>(&'a mut self, probe: &'a Probe) -> Local<'a, Result<Answer>> {
        Box::pin(self.answer(probe))
    }

    fn fingerprint(&mut self) -> Local<'_, Result<String>> {
        Box::pin(fingerprint(self.network()))
    }

    fn save(&mut self) -> Local<'_, Result<Option<Saved>>> {
        Box::pin(async {
            let mut numbers = training::standing(&self.passes, self.words, &self.curve);
            self.measured.keep(&mut numbers);
            let tensors = self.descent.save(self.network()).await?;
            Ok(Some(Saved { step: self.step, numbers, tensors }))
        })
    }

    fn restore(&mut self, saved: &Saved) -> Result<()> {
        let (context, streams) = (&self.context, &self.job.streams);
        let fields = &context.specification.training;
        let (next, words, curve) = training::stood(saved, fields.steps)?;
        self.measured = Measured::kept(WIDTH, self.architectures.len(), saved)?;
        self.passes.go_to(next, &context.lengths, fields.tokens, streams)?;
        self.network = Some(self.descent.restore(self.network().clone(), &saved.tensors)?);
        (self.step, self.words, self.curve) = (saved.step, words, curve);
        Ok(())
    }

    fn spread(&mut self, crew: Arc<dyn Crew>) -> bool {
        self.parts.spread(crew);
        true
    }
}
