//! Retraining: some audited architectures are trained on from the weights that they have in the main method's supernet, and
//! once more from fresh weights, with the same batches and the same schedule. [`outcome`] says how many steps the supernet's
//! weights save on the way to the quality of networks trained alone.

pub mod outcome;

use std::collections::BTreeMap;
use std::sync::Arc;

use super::plan::{Job, Which};
use super::results::Results;
use super::tuning::{self, Subject};
use super::{Audit, Audited, Method};
use crate::experiment::Outcome;
use crate::{Error, Result};

/// The steps at which a retraining was validated, among its numbers: 0 first.
pub const STEPS: &str = "retraining_step";
/// The validation loss at each of them.
pub const LOSSES: &str = "retraining_loss";

/// How sub-networks are trained on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Settings {
    /// How many audited architectures, at least 1 and at most all.
    pub architectures: usize,
    /// Steps of a retraining.
    pub steps: u64,
    /// Steps between two looks at the validation loss.
    pub every: u64,
}

impl Settings {
    /// How many looks there are: before the first step, every so many steps, and after the last.
    pub fn looks(self) -> usize {
        1 + self.steps.div_ceil(self.every) as usize
    }
}

/// One retraining.
#[derive(Debug, Clone)]
pub struct RetrainingJob {
    /// Its name, its rates and its architecture, as for a network alone.
    pub job: Job,
    /// The supernet that the weights are taken from; fresh ones where there is none.
    #[cfg_attr(not(feature = "translation"), allow(dead_code, reason = "labs of transformers read it"))]
    pub inherited: Option<Inherited>,
    /// How long it takes.
    pub settings: Settings,
}

/// A trained supernet.
#[derive(Debug, Clone)]
pub struct Inherited {
    /// How it was trained.
    #[cfg_attr(not(feature = "translation"), allow(dead_code, reason = "labs of transformers read it"))]
    pub method: Method,
    /// Its weights as safetensors bytes.
    #[cfg_attr(not(feature = "translation"), allow(dead_code, reason = "labs of transformers read it"))]
    pub weights: Arc<Vec<u8>>,
}

/// Where a retraining starts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Start {
    /// From the weights of this method's supernet.
    Supernet(Method),
    /// From fresh weights.
    Fresh,
}

/// The name of a retraining.
pub fn task_name(audited: &Audited, start: Start, seed: u64) -> String {
    let start = match start {
        Start::Supernet(method) => method.name(),
        Start::Fresh => "fresh",
    };
    format!("retraining/{}/{start}/seed-{seed}", audited.name)
}

/// The method whose weights are trained on: the paper's own where the run has one, else the first.
pub fn main_method(audit: &Audit) -> Method {
    let own = [Method::NeuronWise, Method::LayerWise].into_iter().find(|own| audit.methods.contains(own));
    own.unwrap_or(audit.methods[0])
}

/// The places of the architectures that are trained on among the audited ones: evenly from the smallest to the largest; of
/// one the middle; none where nothing is.
pub fn places(audit: &Audit) -> Vec<usize> {
    let last = audit.audited.len().saturating_sub(1);
    match audit.retraining.map_or(0, |settings| settings.architectures) {
        0 => Vec::new(),
        1 => vec![last / 2],
        count => (0..count).map(|place| place * last / (count - 1)).collect(),
    }
}

/// Every retraining: for each seed and architecture one from the supernet's weights and one from fresh ones, with the same
/// streams, hence the same batches.
///
/// # Errors
/// When a supernet's weights are not there.
pub fn jobs(audit: &Audit, outcomes: &BTreeMap<String, Outcome>) -> Result<Vec<RetrainingJob>> {
    let Some(settings) = audit.retraining else { return Ok(Vec::new()) };
    let (method, places) = (main_method(audit), places(audit));
    let rates = tuning::chosen(audit, Subject::Standalone, outcomes)?;
    let mut jobs = Vec::new();
    for seed in 0..audit.seeds {
        let supernet = Results::supernet_name(method, seed);
        let weights = outcomes.get(&supernet).and_then(|outcome| outcome.weights.clone());
        let missing = || Error::Checkpoint {
            problem: format!(
                "the weights of `{supernet}` are not there, so nothing can be trained on from them"
            ),
        };
        let inherited = Inherited { method, weights: Arc::new(weights.ok_or_else(missing)?) };
        for (index, place) in places.iter().enumerate() {
            for start in [Start::Supernet(method), Start::Fresh] {
                let job = Job {
                    name: task_name(&audit.audited[*place], start, seed),
                    subject: Subject::Standalone,
                    rates,
                    streams: audit.replicate("retraining", seed * places.len() as u64 + index as u64),
                    architectures: Which::OneAudited(*place),
                    tuning: false,
                    validates: false,
                };
                let inherited = (start != Start::Fresh).then(|| inherited.clone());
                jobs.push(RetrainingJob { job, inherited, settings });
            }
        }
    }
    Ok(jobs)
}
