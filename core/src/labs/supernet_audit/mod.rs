//! The audit of supernets, whatever their networks are: tune every method alike, train networks alone (the truth) and
//! supernets, and say how far the two are apart, with controls, intervals and verdicts.
//!
//! A lab says which architectures are audited and makes the tasks ([`Networks`]); everything after that reads only numbers.
//!
//! | file | what it holds |
//! | --- | --- |
//! | [`method`] | the ways of training a supernet that are compared |
//! | [`tuning`] | the same learning rates and trainings for all |
//! | [`choice`] | which architectures are audited |
//! | [`plan`] | which tasks there are, and in which order |
//! | [`retraining`] | from a supernet's weights against from fresh ones |
//! | [`results`] | what they measured, sorted |
//! | [`verdicts`] | comparisons with their intervals and words |
//! | [`conclusion`], [`tables`], [`pictures`] | what the run says at its end |
//! | [`progress`] | what can be seen before |
//! | `asking` | how supernets of transformers are asked |
//! | `mixing_now` | how a supernet of transformers mixes while it learns |
//! | [`measured`] | what trainings leave behind |
//! | `measuring` | what is measured of their networks, one after the other |
//! | `training` | what trainings of transformers have in common |
//! | `parts` | the micro-batches of a step, on one device or several |
//! | `demand` | how much memory labs of transformers ask for |
//! | `fields`, `specification` | the fields that their labs share |

#[cfg(all(feature = "translation", feature = "engine"))]
pub mod asking;
#[cfg(feature = "engine")]
pub mod choice;
#[cfg(feature = "engine")]
mod conclusion;
#[cfg(all(feature = "translation", feature = "engine"))]
pub mod demand;
#[cfg(feature = "translation")]
pub mod fields;
#[cfg(feature = "engine")]
pub mod measured;
#[cfg(all(feature = "translation", feature = "engine"))]
pub mod measuring;
pub mod method;
#[cfg(all(feature = "translation", feature = "engine"))]
pub mod mixing_now;
#[cfg(all(feature = "translation", feature = "engine"))]
pub mod parts;
#[cfg(feature = "engine")]
pub mod pictures;
#[cfg(feature = "engine")]
pub mod plan;
#[cfg(feature = "engine")]
mod progress;
#[cfg(feature = "engine")]
pub mod results;
#[cfg(feature = "engine")]
pub mod retraining;
#[cfg(all(feature = "translation", feature = "engine"))]
pub mod specification;
#[cfg(feature = "engine")]
mod tables;
#[cfg(all(feature = "translation", feature = "engine"))]
pub mod training;
#[cfg(feature = "engine")]
pub mod tuning;
#[cfg(feature = "engine")]
mod verdicts;

pub use method::Method;

#[cfg(feature = "engine")]
use crate::rng::Streams;
#[cfg(feature = "engine")]
use crate::{Error, Result};

/// What is audited, without the networks themselves.
#[cfg(feature = "engine")]
#[derive(Debug)]
pub struct Audit {
    /// Supernets of each method.
    pub seeds: u64,
    /// The methods, in order.
    pub methods: Vec<Method>,
    /// The run's streams.
    pub streams: Streams,
    /// The audited architectures, from the smallest to the largest.
    pub audited: Vec<Audited>,
    /// Which of them is the space's largest, if it is among them.
    pub largest: Option<usize>,
    /// How many others learning rates are judged on.
    pub tuning_architectures: usize,
    /// How many architectures there are, for people.
    pub space_size: String,
    /// Expert sets of a method that mixes.
    pub experts: usize,
    /// Every part whose weights may be mixed, in order: `block 0`.
    pub parts: Vec<String>,
    /// Optimiser steps of a training.
    pub steps: u64,
    /// Trainings alone of each architecture.
    pub standalones: u64,
    /// Resamples of a bootstrap.
    pub resamples: usize,
    /// The smallest relative change of the gap that matters.
    pub smallest_effect: f64,
    /// What tuning tries.
    pub tuning: TuningSettings,
    /// What is measured beside the loss.
    pub measures: &'static [Measure],
    /// How sub-networks are trained on, if they are.
    pub retraining: Option<retraining::Settings>,
}

/// An audited architecture.
#[cfg(feature = "engine")]
#[derive(Debug, Clone, PartialEq)]
pub struct Audited {
    /// Its text form.
    pub name: String,
    /// What could rank it without a supernet: parameters and FLOPs first, then others.
    pub sizes: Vec<(&'static str, f64)>,
    /// Its parameter band.
    pub band: usize,
    /// Which of [`Audit::parts`] it has.
    pub parts: Vec<usize>,
}

/// What tuning tries.
#[cfg(feature = "engine")]
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct TuningSettings {
    /// Learning rates; 0 tunes nothing.
    pub rates: usize,
    /// Seeds of each trial.
    pub seeds: u64,
    /// The centre of the rates.
    pub learning_rate: f64,
    /// The router's factor where nothing is tuned.
    pub router_factor: f64,
}

/// What is measured beside the loss, larger being better.
#[cfg(feature = "engine")]
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Measure {
    /// Its key among a task's numbers.
    pub key: &'static str,
    /// Its name in tables.
    pub name: &'static str,
    /// Its unit there.
    pub unit: &'static str,
    /// What it is multiplied by there.
    pub factor: f64,
}

#[cfg(feature = "engine")]
impl Audit {
    /// The streams of one training. Supernets of one seed share them whatever their method, so that methods see the
    /// same batches, architectures and initial weights.
    pub fn replicate(&self, name: &str, index: u64) -> Streams {
        Streams::new(self.streams.stream_at(name, index).next_u64())
    }

    /// How many expert sets a method has.
    pub fn experts_of(&self, method: Method) -> usize {
        if method.is_plain() { 1 } else { self.experts }
    }
}

/// The name of the task whose weights hold `method`'s supernet of `seed`.
///
/// # Errors
/// When the run trains these `methods` and so many `seeds`, and not that one.
#[cfg(feature = "engine")]
pub fn task_of(methods: &[Method], seeds: u64, method: &str, seed: u64) -> Result<String> {
    let method: Method = method.parse()?;
    if !methods.contains(&method) {
        let known = methods.iter().map(|method| method.name()).collect::<Vec<_>>();
        return Err(Error::unknown_name("method of this run", method.name(), known));
    }
    if seed >= seeds {
        let range = format!("below {seeds}, the number of supernets per method");
        return Err(Error::OutOfRange { key: "seed".into(), value: seed.to_string(), range });
    }
    Ok(results::Results::supernet_name(method, seed))
}
