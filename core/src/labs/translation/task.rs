//! The work of one task: train one network, then measure it.

use std::collections::BTreeMap;
use std::sync::Arc;

use burn::module::Module;
use burn::prelude::*;

use super::context::Context;
use super::measuring::{loss_of, of, scores_of};
use super::pictures;
use super::probe::{self, Lit, Read};
use crate::experiment::work::Local;
use crate::experiment::{Answer, Crew, Event, Outcome, Probe, Progress, Saved, View, Work};
use crate::labs::supernet_audit::asking::sentence;
use crate::labs::supernet_audit::measured;
use crate::labs::supernet_audit::measuring::Measured;
use crate::labs::supernet_audit::mixing_now;
use crate::labs::supernet_audit::parts::{Follow, Parts};
use crate::labs::supernet_audit::plan::Job;
use crate::labs::supernet_audit::training::{self, Passes};
use crate::labs::supernet_audit::tuning::Subject;
use crate::nn::fused::cross_entropy_smoothed;
use crate::nn::optimisation::{Descent, DescentConfig};
use crate::nn::parameters::{fingerprint, named_tensors, to_safetensors};
use crate::nn::schedule;
use crate::supernet::distillation::half_taught;
use crate::supernet::sharing::MixingTable;
use crate::supernet::transformer::subnet::Dropout;
use crate::supernet::transformer::{ElasticTransformer, PairBatch, Sharing, TransformerArchitecture, size};
use crate::{Error, Result};

/// A training under way.
pub(super) struct Training {
    job: Job,
    context: Arc<Context>,
    /// What is measured; a network alone is the first.
    architectures: Vec<TransformerArchitecture>,
    network: Option<ElasticTransformer>,
    descent: Descent<ElasticTransformer>,
    device: Device,
    parts: Parts,
    passes: Passes,
    step: u64,
    /// How many steps there are in all, and how long the schedule is.
    total: u64,
    /// Words trained on, the expected ones of every batch once.
    words: u64,
    /// Steps and losses so far.
    curve: Vec<[f64; 2]>,
    /// The loss of each architecture after the last step, and where translations are scored BLEU and chrF.
    measured: Measured,
    /// What was shown last, and at which step.
    seen: Option<(u64, Vec<View>)>,
    /// What is asked about: the first sentence and the largest sub-network, until something else is.
    lit: Lit,
}

impl Training {
    /// A training at step 0.
    pub fn new(job: Job, context: Arc<Context>, device: &Device) -> Self {
        let total = context.specification.training.steps;
        Self::lasting(job, context, total, device)
    }

    /// A training at step 0 that takes `total` steps, its schedule with it.
    pub fn lasting(job: Job, context: Arc<Context>, total: u64, device: &Device) -> Self {
        let architectures = job.architectures.of(&context.audited, &context.tuning);
        let (space, sharing) = match job.subject {
            Subject::Standalone => (context.space.only(&architectures[0]), Sharing::Plain(1.0).into()),
            Subject::Supernet(method) => (context.space.clone(), context.sharing(method)),
        };
        let words = context.corpus.vocabulary.len();
        let tracked = device.clone().autodiff();
        let network = ElasticTransformer::new(space, words, sharing, &job.streams, &tracked);
        Self::of(job, context, network, total, device)
    }

    /// A training at step 0 of a network whose weights are there, on a device with gradients, for `total` steps.
    pub fn of(
        job: Job,
        context: Arc<Context>,
        network: ElasticTransformer,
        total: u64,
        device: &Device,
    ) -> Self {
        let architectures = job.architectures.of(&context.audited, &context.tuning);
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
            total,
            words: 0,
            curve: Vec::new(),
            measured: Measured::nothing(width_of(&job)),
            seen: None,
            lit: Lit { sentence: 0, architecture: context.space.largest() },
            architectures,
            job,
            context,
        }
    }

    fn network(&self) -> &ElasticTransformer {
        self.network.as_ref().expect("the network is put back at the end of every step")
    }

    /// The next batches, of one step: the number of each in the whole training, and which pairs it has.
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
    fn sampled(&self) -> Vec<TransformerArchitecture> {
        let (space, streams) = (self.network().space(), &self.job.streams);
        let random = space.sample(&mut streams.stream_at("architecture", self.step));
        let choices = [space.largest(), random, space.smallest()];
        training::sampled(self.job.subject, &self.architectures[0], choices)
    }

    /// One step: batches, each through the architectures of the sampling rule, and one update. Returns the mean loss.
    pub(super) async fn train_step(&mut self) -> Result<f64> {
        let (architectures, batches) = (self.sampled(), self.next_batches()?);
        let network = self.network.take().expect("the network is put back at the end of every step");
        let (context, job) = (&self.context, &self.job);
        let said =
            self.parts.follow(&network, &mut self.descent, &batches, |network, device, batch, follow| {
                pass((context, job, &architectures), network, (device, batch), follow)
            })?;
        let fields = &context.specification.training;
        let factor = schedule::factor(&fields.schedule, self.step, self.total, fields.warm_up);
        self.network = Some(self.descent.step(network, job.rates.learning_rate * factor));
        self.step += 1;
        self.words += said.words;
        said.mean_loss().await
    }

    async fn advance_by(&mut self, steps: u64) -> Result<Progress> {
        let (total, left) = (self.total, self.total - self.step);
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

    /// Where the training stands.
    pub(super) async fn state(&self) -> Result<Saved> {
        let mut numbers = training::standing(&self.passes, self.words, &self.curve);
        self.measured.keep(&mut numbers);
        Ok(Saved { step: self.step, numbers, tensors: self.descent.save(self.network()).await? })
    }

    pub(super) fn take_up(&mut self, saved: &Saved) -> Result<()> {
        let (next, words, curve) = training::stood(saved, self.total)?;
        self.measured = Measured::kept(width_of(&self.job), self.architectures.len(), saved)?;
        let (context, streams) = (&self.context, &self.job.streams);
        self.passes.go_to(next, &context.lengths, context.specification.training.tokens, streams)?;
        self.network = Some(self.descent.restore(self.network().clone(), &saved.tensors)?);
        (self.step, self.words, self.curve) = (saved.step, words, curve);
        Ok(())
    }

    /// Measures the next of the architectures.
    async fn measure_next(&mut self) -> Result<()> {
        let Some(architecture) = self.architectures.get(self.measured.count()) else { return Ok(()) };
        let corpus = &self.context.corpus;
        let part = if self.job.tuning { &corpus.validation } else { &corpus.test };
        let subnet = self.network().clone().valid().subnet(architecture)?;
        let loss = loss_of(&subnet, part, &self.device).await?;
        if !loss.is_finite() {
            return Err(Error::Diverged { task: self.job.name.clone(), step: self.step });
        }
        if self.job.tuning {
            self.measured.add(&[loss]);
        } else {
            let scores = scores_of(&self.context, &subnet, &self.device).await?;
            self.measured.add(&[loss, scores.bleu, scores.chrf]);
        }
        Ok(())
    }

    /// What is left of the training, once every architecture is measured.
    async fn outcome(&self, events: &mut Vec<Event>) -> Result<Outcome> {
        let (task, measured) = (self.job.name.clone(), &self.measured);
        let (losses, loss) = (measured.column(0), measured.mean(0));
        let mut numbers = BTreeMap::new();
        if self.job.tuning {
            events.push(Event::TaskFinished { task, summary: format!("validation loss {loss:.4}") });
            numbers.insert("validation".to_owned(), losses);
            return Ok(Outcome { numbers, weights: None });
        }
        let [bleu, chrf] = [measured.mean(1), measured.mean(2)];
        let summary = format!("test loss {loss:.4}, BLEU {bleu:.2}, chrF {chrf:.2}");
        events.push(Event::TaskFinished { task, summary });
        numbers.extend([
            ("bleu".to_owned(), measured.column(1)),
            ("chrf".to_owned(), measured.column(2)),
            ("quality".to_owned(), losses),
        ]);
        if self.job.validates {
            numbers.insert("validation".to_owned(), vec![self.validation_loss().await?]);
        }
        numbers.insert("curve_step".to_owned(), self.curve.iter().map(|point| point[0]).collect());
        numbers.insert("curve_loss".to_owned(), self.curve.iter().map(|point| point[1]).collect());
        let Subject::Supernet(method) = self.job.subject else {
            return Ok(Outcome { numbers, weights: None });
        };
        let network = self.network().clone().valid();
        let mixings: Vec<_> =
            self.architectures.iter().map(|architecture| network.mixing(architecture)).collect();
        let experts = self.context.audit.experts_of(method);
        measured::measure_mixing(&mixings, experts, &mut numbers).await?;
        let weights = to_safetensors(named_tensors(&network)).await?;
        Ok(Outcome { numbers, weights: Some(weights) })
    }

    /// What there is to see: translations, how weights are mixed, the loss. Nothing of what is not interactive.
    async fn views(&self) -> Result<Vec<View>> {
        let Some(method) = self.job.shown() else { return Ok(Vec::new()) };
        let network = self.network().clone().valid();
        let Context { corpus, audited, audit, .. } = &*self.context;
        let shown = &corpus.test[..corpus.test.len().min(pictures::SENTENCES)];
        let sources: Vec<&[u32]> = shown.iter().map(|pair| pair.source.as_slice()).collect();
        let mut found = [Vec::new(), Vec::new()];
        for (found, architecture) in found.iter_mut().zip(audited.first().into_iter().chain(audited.last())) {
            let subnet = network.subnet(architecture)?;
            *found = self.context.decoding().translate(&subnet, &sources, &self.device).await?;
        }
        let mut views = vec![pictures::translations(corpus, shown, &found, self.step)];
        let mixings: Vec<_> = audited.iter().map(|architecture| network.mixing(architecture)).collect();
        views.extend(mixing_now::views(audit, method, &mixings).await?);
        let pair = sentence(&self.context.corpus.test, self.lit.sentence)?;
        let subnet = network.subnet(&self.lit.architecture)?;
        let words = Read::new(&self.context, &subnet, pair, &self.device).await?;
        views.push(words.view(&self.context, &self.lit, pair, self.step));
        let total = self.context.specification.training.steps;
        views.push(pictures::loss(&self.job.name, &self.curve, [self.step, total]));
        Ok(views)
    }

    /// What one sub-network makes of one sentence, and where its weights come from.
    async fn answer(&mut self, asked: &Probe) -> Result<Answer> {
        let (Probe::Choices { options }, Some(method)) = (asked, self.job.shown()) else {
            let problem =
                "a supernet is asked for a sub-network and a sentence; choose widths, layers and a number";
            return Err(Error::NotAnswerable { problem: problem.into() });
        };
        let Context { space, corpus, audit, .. } = &*self.context;
        let lit = probe::chosen(space, options)?;
        let pair = sentence(&corpus.test, lit.sentence)?;
        let network = self.network().clone().valid();
        let subnet = network.subnet(&lit.architecture)?;
        let found = Read::new(&self.context, &subnet, pair, &self.device).await?;
        let mixing = network.mixing(&lit.architecture);
        let shares = MixingTable::read(&mixing, audit.experts_of(method)).await?.block_means();
        let [source, target, words] =
            [&pair.source, &pair.target, &found.words].map(|words| corpus.text(words));
        let verdict =
            if found.words == pair.target { "word for word the reference" } else { "not the reference" };
        let said = format!(
            "{} makes \u{201c}{words}\u{201d} of \u{201c}{source}\u{201d}: {verdict}.",
            lit.architecture
        );
        let parameters = size::parameters(&lit.architecture, space.inner, corpus.vocabulary.len());
        let mut facts = vec![
            ("architecture".to_owned(), lit.architecture.to_string()),
            ("method".to_owned(), method.name().to_owned()),
            ("reference".to_owned(), target),
            ("parameters".to_owned(), parameters.to_string()),
        ];
        facts.extend(mixing_now::facts(&shares));
        let views = vec![found.view(&self.context, &lit, pair, self.step)];
        // What was seen last showed another one.
        (self.lit, self.seen) = (lit, None);
        Ok(Answer { sentence: said, facts, views, ..Answer::default() })
    }

    /// The loss of the first architecture on the validation part.
    pub(super) async fn validation_loss(&self) -> Result<f64> {
        let subnet = self.network().clone().valid().subnet(&self.architectures[0])?;
        loss_of(&subnet, &self.context.corpus.validation, &self.device).await
    }
}

/// How many numbers are measured of each architecture.
fn width_of(job: &Job) -> usize {
    if job.tuning { 1 } else { 3 }
}

/// Takes a batch through the architectures of its step; returns how many words are expected of it.
fn pass(
    (context, job, architectures): (&Context, &Job, &[TransformerArchitecture]),
    network: &ElasticTransformer,
    (device, (number, places)): (&Device, &(u64, Vec<usize>)),
    follow: Follow<'_>,
) -> Result<u64> {
    let fields = &context.specification.training;
    let pairs: Vec<(&[u32], &[u32])> = places.iter().map(|place| of(&context.train[*place])).collect();
    let batch = PairBatch::new(&pairs, device);
    let stream = &mut job.streams.stream_at("dropout", *number);
    let mut teacher: Option<Tensor<2>> = None;
    for architecture in architectures {
        let rate = fields.dropout;
        let dropout = if rate > 0.0 { Some(Dropout { rate, stream: &mut *stream }) } else { None };
        let mut subnet = network.subnet(architecture)?;
        subnet.precision = fields.precision;
        let logits = subnet.forward(&batch, dropout);
        let smoothing = fields.label_smoothing as f32;
        let mut loss = cross_entropy_smoothed(logits.clone(), batch.expected.clone(), smoothing);
        let shown = loss.clone().inner();
        if context.specification.supernet.distillation && job.subject != Subject::Standalone {
            loss = half_taught(logits, loss, &mut teacher);
        }
        follow(shown, loss);
    }
    Ok(batch.words as u64)
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
        Box::pin(async { self.state().await.map(Some) })
    }

    fn restore(&mut self, saved: &Saved) -> Result<()> {
        self.take_up(saved)
    }

    fn spread(&mut self, crew: Arc<dyn Crew>) -> bool {
        self.parts.spread(crew);
        true
    }
}
