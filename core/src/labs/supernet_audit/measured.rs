//! What every training of an audit leaves behind: of its architectures, measured one after the other; of one that diverges;
//! and of a supernet's mixtures.

use std::collections::BTreeMap;

use super::plan::Job;
use crate::experiment::{Event, Outcome, Progress, Saved};
use crate::supernet::provider::BlockMixing;
use crate::supernet::sharing::{MixingTable, relative_sharing};
use crate::{Error, Result};

/// The name of what was measured so far, in a saved state.
const MEASURED: &str = "measured";

/// What is measured of a training's architectures, the same numbers of each, as far as it is measured.
#[derive(Debug, Clone, PartialEq)]
pub struct Measured {
    /// How many numbers each has.
    width: usize,
    numbers: Vec<f64>,
}

impl Measured {
    /// Nothing yet, of `width` numbers each; at least one.
    pub fn nothing(width: usize) -> Self {
        Self { width, numbers: Vec::new() }
    }

    /// How many architectures are measured.
    pub fn count(&self) -> usize {
        self.numbers.len() / self.width
    }

    /// Adds the numbers of the next architecture.
    pub fn add(&mut self, numbers: &[f64]) {
        debug_assert_eq!(numbers.len(), self.width);
        self.numbers.extend_from_slice(numbers);
    }

    /// One of the numbers of every architecture, in their order.
    pub fn column(&self, place: usize) -> Vec<f64> {
        self.numbers.iter().skip(place).step_by(self.width).copied().collect()
    }

    /// The mean of such a column; of one that is measured.
    pub fn mean(&self, place: usize) -> f64 {
        self.column(place).iter().sum::<f64>() / self.count().max(1) as f64
    }

    /// Keeps it with the numbers of a saved state.
    pub fn keep(&self, numbers: &mut BTreeMap<String, Vec<f64>>) {
        numbers.insert(MEASURED.to_owned(), self.numbers.clone());
    }

    /// What a saved state kept, of at most `most` architectures; nothing in one of an older build.
    ///
    /// # Errors
    /// [`Error::Checkpoint`] when it is of other or more numbers.
    pub fn kept(width: usize, most: usize, saved: &Saved) -> Result<Self> {
        let numbers = saved.numbers.get(MEASURED).cloned().unwrap_or_default();
        if !numbers.len().is_multiple_of(width) || numbers.len() > width * most {
            let count = numbers.len();
            let problem =
                format!("its `{MEASURED}` has {count} numbers, not {width} of {most} networks at most");
            return Err(Error::Checkpoint { problem });
        }
        Ok(Self { width, numbers })
    }
}

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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_those_of_rows_and_come_back_from_a_saved_state() {
        let mut measured = Measured::nothing(2);
        assert!(measured.mean(0).abs() < f64::EPSILON);
        measured.add(&[1.0, 10.0]);
        measured.add(&[2.0, 30.0]);
        assert_eq!(
            (measured.count(), measured.column(0), measured.column(1)),
            (2, vec![1.0, 2.0], vec![10.0, 30.0])
        );
        assert_eq!((measured.mean(0), measured.mean(1)), (1.5, 20.0));
        let mut saved = Saved::default();
        assert_eq!(Measured::kept(2, 2, &saved), Ok(Measured::nothing(2)), "of an older build");
        measured.keep(&mut saved.numbers);
        assert_eq!(Measured::kept(2, 2, &saved), Ok(measured));
        for (width, most) in [(3, 9), (2, 1)] {
            assert!(matches!(Measured::kept(width, most, &saved), Err(Error::Checkpoint { .. })));
        }
    }
}
