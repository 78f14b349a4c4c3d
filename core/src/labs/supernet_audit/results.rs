//! The outcomes of a run, sorted: what standalones and supernets measured, architecture by architecture.

use std::collections::BTreeMap;

use super::{Audit, Audited, Measure, Method};
use crate::experiment::Outcome;
pub use crate::labs::numbers::mean;
use crate::{Error, Result};

/// Everything that was measured.
pub struct Results<'a> {
    /// What is audited.
    pub audit: &'a Audit,
    outcomes: &'a BTreeMap<String, Outcome>,
    /// Test loss of each standalone training, `[repetition][architecture]`.
    pub standalones: Vec<Vec<f64>>,
    /// Their mean per architecture: the truth.
    pub truth: Vec<f64>,
    /// Test loss of each method's sub-networks, `[seed][architecture]`.
    pub supernets: BTreeMap<Method, Vec<Vec<f64>>>,
}

impl<'a> Results<'a> {
    pub fn supernet_name(method: Method, seed: u64) -> String {
        format!("supernet/{}/seed-{seed}", method.name())
    }

    pub fn standalone_name(audited: &Audited, repetition: u64) -> String {
        format!("standalone/{}/repetition-{repetition}", audited.name)
    }

    pub fn new(audit: &'a Audit, outcomes: &'a BTreeMap<String, Outcome>) -> Result<Self> {
        let mut results =
            Self { audit, outcomes, standalones: Vec::new(), truth: Vec::new(), supernets: BTreeMap::new() };
        for repetition in 0..audit.standalones {
            let of = |architecture: &Audited| {
                results
                    .numbers(&Self::standalone_name(architecture, repetition), "quality", 1)
                    .map(|all| all[0])
            };
            let row = audit.audited.iter().map(of).collect::<Result<Vec<f64>>>()?;
            results.standalones.push(row);
        }
        results.truth = column_means(&results.standalones);
        for method in &audit.methods {
            let rows = results.per_seed(*method, "quality", audit.audited.len())?;
            results.supernets.insert(*method, rows);
        }
        Ok(results)
    }

    /// One list of numbers for each seed of a method.
    pub fn per_seed(&self, method: Method, name: &str, length: usize) -> Result<Vec<Vec<f64>>> {
        (0..self.audit.seeds)
            .map(|seed| self.numbers(&Self::supernet_name(method, seed), name, length).map(<[f64]>::to_vec))
            .collect()
    }

    /// What is measured beside the loss, the mean over a method's seeds and sub-networks; nothing where a task was finished by
    /// a version that did not measure it.
    pub fn measured(&self, method: Method, measure: &Measure) -> Result<Option<f64>> {
        if !(0..self.audit.seeds).all(|seed| self.has(&Self::supernet_name(method, seed), measure)) {
            return Ok(None);
        }
        Ok(Some(mean(&column_means(&self.per_seed(method, measure.key, self.audit.audited.len())?))))
    }

    /// The same of the networks trained alone.
    pub fn measured_alone(&self, measure: &Measure) -> Result<Option<f64>> {
        let mut all = Vec::new();
        for architecture in &self.audit.audited {
            for repetition in 0..self.audit.standalones {
                let task = Self::standalone_name(architecture, repetition);
                if !self.has(&task, measure) {
                    return Ok(None);
                }
                all.extend(self.numbers(&task, measure.key, 1)?);
            }
        }
        Ok(Some(mean(&all)))
    }

    fn has(&self, task: &str, measure: &Measure) -> bool {
        self.outcomes.get(task).is_some_and(|outcome| outcome.numbers.contains_key(measure.key))
    }

    /// A list of so many numbers that a task left behind.
    pub fn numbers(&self, task: &str, name: &str, length: usize) -> Result<&'a [f64]> {
        let numbers = self.outcomes.get(task).and_then(|outcome| outcome.numbers.get(name));
        numbers.map(Vec::as_slice).filter(|numbers| numbers.len() == length).ok_or_else(|| {
            Error::Checkpoint { problem: format!("task `{task}` has no `{name}` of {length} numbers") }
        })
    }

    /// The training curve of each seed: steps, and one list of losses per seed.
    pub fn curves(&self, method: Method) -> Vec<(&'a [f64], &'a [f64])> {
        (0..self.audit.seeds)
            .filter_map(|seed| {
                let numbers = &self.outcomes.get(&Self::supernet_name(method, seed))?.numbers;
                Some((numbers.get("curve_step")?.as_slice(), numbers.get("curve_loss")?.as_slice()))
            })
            .collect()
    }

    pub fn outcomes(&self) -> &'a BTreeMap<String, Outcome> {
        self.outcomes
    }
}

/// The mean of every column of equally long rows.
pub fn column_means(rows: &[Vec<f64>]) -> Vec<f64> {
    let columns = rows.first().map_or(0, Vec::len);
    (0..columns).map(|column| rows.iter().map(|row| row[column]).sum::<f64>() / rows.len() as f64).collect()
}
