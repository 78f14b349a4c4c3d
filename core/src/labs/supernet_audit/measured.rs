//! What a training of an audit leaves behind: one that diverges, and of a supernet's mixtures.

use std::collections::BTreeMap;

use super::plan::Job;
use crate::experiment::{Event, Outcome, Progress};
use crate::supernet::provider::BlockMixing;
use crate::supernet::sharing::{MixingTable, relative_sharing};
use crate::{Error, Result};

/// The end of a training that diverged at `step`: a tuning trial has no validation loss.
///
/// # Errors
/// [`Error::Diverged`] for anything else: it ends the run.
pub fn diverged(job: &Job, step: u64) -> Result<Progress> {
    let task = job.name.clone();
    if !job.tuning {
        return Err(Error::Diverged { task, step });
    }
    let numbers = BTreeMap::from([("validation".to_owned(), Vec::new())]);
    let event = Event::TaskFinished { task, summary: format!("diverged at step {step}") };
    Ok(Progress { step, events: vec![event], outcome: Some(Outcome { numbers, weights: None }) })
}

/// Who shares with whom, and how experts are mixed, from the mixing of every audited architecture.
///
/// # Errors
/// When the device does not answer.
pub async fn measure_mixing(
    mixings: &[Vec<BlockMixing>],
    experts: usize,
    numbers: &mut BTreeMap<String, Vec<f64>>,
) -> Result<()> {
    let mut tables = Vec::with_capacity(mixings.len());
    for mixing in mixings {
        tables.push(MixingTable::read(mixing, experts).await?);
    }
    let pairs = tables.iter().flat_map(|a| tables.iter().map(|b| relative_sharing(a, b)));
    numbers.insert("sharing".to_owned(), pairs.collect());
    numbers.insert("mixing_entropy".to_owned(), tables.iter().map(MixingTable::entropy).collect());
    let means = tables.iter().flat_map(|table| table.block_means().into_iter().flatten());
    numbers.insert("mixing".to_owned(), means.collect());
    Ok(())
}
