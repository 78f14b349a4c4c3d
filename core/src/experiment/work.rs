//! The pieces a session is made of: a *plan* hands out *tasks* and is told their *outcomes*; a task's *work*
//! advances in small steps. Tasks of one stage are independent, so one thread may do them in turn (a browser
//! worker) or several side by side (the command line) with the same result.

use std::collections::BTreeMap;
use std::future::Future;
use std::pin::Pin;
#[cfg(all(feature = "translation", feature = "engine"))]
use std::sync::Arc;

use burn::tensor::Device;
use serde::{Deserialize, Serialize};

#[cfg(all(feature = "translation", feature = "engine"))]
use super::Crew;
use super::{Answer, Demand, Event, Probe, Saved, VerdictWord, View};
use crate::{Error, Result};

/// A future that need not move between threads: who steps a session waits for it in place.
pub type Local<'a, T> = Pin<Box<dyn Future<Output = T> + 'a>>;

/// What a finished task leaves behind.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Outcome {
    /// Named lists of numbers: the task's result, and what the run's digest is made of.
    pub numbers: BTreeMap<String, Vec<f64>>,
    /// Trained weights as safetensors bytes, when they are worth keeping; not part of the digest.
    #[serde(skip)]
    pub weights: Option<Vec<u8>>,
}

/// One independent piece of work with a stable name.
pub struct Task {
    /// The name, unique in its run and the same in every run of the same experiment: `layer-wise/seed-2`.
    pub name: String,
    /// How many steps the work takes.
    pub steps: u64,
    /// Makes the work, on the device and the thread that will do it.
    pub start: Start,
}

/// Makes a task's work on a device.
pub type Start = Box<dyn FnOnce(&Device) -> Result<Box<dyn Work>> + Send>;

/// A task under way.
pub trait Work {
    /// Goes on by at most `steps` steps. After the last step a work may have things to measure, each of which counts as
    /// one more: the outcome comes with the last of them.
    fn advance(&mut self, steps: u64) -> Local<'_, Result<Progress>>;

    /// Whether it shows views and answers probes. The last such work of a run stays open when it is done.
    fn is_interactive(&self) -> bool {
        false
    }

    /// What there is to see right now. It changes nothing: a run that is looked at ends like one that is not.
    fn look(&mut self) -> Local<'_, Result<Vec<View>>> {
        Box::pin(async { Ok(Vec::new()) })
    }

    /// Answers a question about the network as it is now. It changes nothing either.
    fn probe<'a>(&'a mut self, _probe: &'a Probe) -> Local<'a, Result<Answer>> {
        Box::pin(async { Err(Error::NotAnswerable { problem: "this task answers no questions".into() }) })
    }

    /// SHA-256 of every trained number by its bits, in hexadecimal: two runs with equal digests are at the same
    /// point, bit for bit.
    fn fingerprint(&mut self) -> Local<'_, Result<String>>;

    /// All that is needed to go on from here: an equal work that takes it up ends with the same outcome, bit for bit, and
    /// reports the same events from here on. Nothing for a work that can only be done in one go. It changes nothing.
    fn save(&mut self) -> Local<'_, Result<Option<Saved>>> {
        Box::pin(async { Ok(None) })
    }

    /// Goes to where an equal work was saved. To be asked before the first step; after an error the work is of no more use.
    ///
    /// # Errors
    /// [`Error::Checkpoint`] naming what does not fit this work.
    fn restore(&mut self, saved: &Saved) -> Result<()> {
        let problem = format!("this task cannot go on from step {}, only begin anew", saved.step);
        Err(Error::Checkpoint { problem })
    }

    /// From now on computes the parts of each step side by side on the crew's devices, on the first of which the work was
    /// made. Where they are equal, the outcome is that of the first alone, bit for bit. Returns whether this work does so.
    #[cfg(all(feature = "translation", feature = "engine"))]
    fn spread(&mut self, _crew: Arc<dyn Crew>) -> bool {
        false
    }
}

/// What one advance brought.
#[derive(Debug, Default)]
pub struct Progress {
    /// Steps done since the task began.
    pub step: u64,
    /// What there is to report.
    pub events: Vec<Event>,
    /// The outcome, once the task is done.
    pub outcome: Option<Outcome>,
}

/// What a run does, stage by stage. It holds no tensors and draws no random numbers of its own.
pub trait Plan: Send {
    /// The tasks that can start now and were not handed out before, with the events that announce them.
    ///
    /// # Errors
    /// When the outcomes told so far do not allow the next stage.
    fn ready(&mut self) -> Result<(Vec<Task>, Vec<Event>)>;

    /// Takes in a finished task's outcome.
    ///
    /// # Errors
    /// When the outcome is not one that this plan's task can have (a foreign checkpoint).
    fn tell(&mut self, task: &str, outcome: Outcome) -> Result<Vec<Event>>;

    /// What the whole run says, once every task is told.
    ///
    /// # Errors
    /// When a statistic is undefined for these outcomes.
    fn conclude(&mut self) -> Result<Conclusion>;

    /// How much memory the run asks for; nothing where that is not estimated.
    fn demand(&self) -> Option<Demand> {
        None
    }

    /// What can be seen of the outcomes told so far. It changes nothing.
    ///
    /// # Errors
    /// When a statistic is undefined for these outcomes.
    fn look(&self) -> Result<Vec<View>> {
        Ok(Vec::new())
    }

    /// Adds to the answer of a task what the outcomes told so far say about it. It changes nothing else.
    ///
    /// # Errors
    /// When a statistic is undefined for these outcomes.
    fn point_out(&self, _answer: &mut Answer) -> Result<()> {
        Ok(())
    }
}

/// The end of a run.
#[derive(Debug)]
pub struct Conclusion {
    /// Verdicts (the main one first), warnings and plates.
    pub events: Vec<Event>,
    /// What the run says as a whole, its controls taken into account.
    pub verdict: VerdictWord,
    /// The same as a sentence.
    pub sentence: String,
}
