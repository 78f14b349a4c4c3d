//! The outcomes of a run, by method and seed.

use std::collections::BTreeMap;

use super::context::Context;
use super::method::Method;
use super::study::Numbers;
use crate::experiment::Outcome;
use crate::{Error, Result};

/// Everything that was measured.
pub struct Results<'a> {
    pub context: &'a Context,
    pub outcomes: &'a BTreeMap<String, Outcome>,
    /// What the lab's study made of several methods.
    pub derived: &'a BTreeMap<&'static str, Numbers>,
}

impl<'a> Results<'a> {
    /// The name of one training.
    pub fn task_name(method: &Method, seed: u64) -> String {
        format!("train/{}/seed-{seed}", method.name)
    }

    /// The numbers of one training under a name.
    ///
    /// # Errors
    /// When it does not have them.
    pub fn numbers(&self, method: &Method, seed: u64, name: &str) -> Result<&'a [f64]> {
        let task = Self::task_name(method, seed);
        let numbers = self.outcomes.get(&task).and_then(|outcome| outcome.numbers.get(name));
        numbers
            .map(Vec::as_slice)
            .ok_or_else(|| Error::Checkpoint { problem: format!("task `{task}` has no `{name}`") })
    }

    /// One number for each seed of a method.
    ///
    /// # Errors
    /// When a training does not have it.
    pub fn column(&self, method: &Method, name: &str) -> Result<Vec<f64>> {
        if let Some(numbers) = self.derived.get(method.name).and_then(|numbers| numbers.get(name)) {
            return Ok(numbers.clone());
        }
        (0..self.context.specification.seeds)
            .map(|seed| match self.numbers(method, seed, name)? {
                [number] => Ok(*number),
                numbers => Err(Error::Checkpoint {
                    problem: format!("`{name}` of `{}` has {} numbers, not one", method.name, numbers.len()),
                }),
            })
            .collect()
    }

    /// The numbers of each seed's training under a name; nothing for methods that do not have them.
    pub fn every(&self, method: &Method, name: &str) -> Option<Vec<&'a [f64]>> {
        (0..self.context.specification.seeds).map(|seed| self.numbers(method, seed, name).ok()).collect()
    }

    /// The curve of each seed: steps and held-out losses.
    pub fn curves(&self, method: &Method) -> Result<Vec<[&'a [f64]; 2]>> {
        (0..self.context.specification.seeds)
            .map(|seed| {
                let column = |name: &str| self.numbers(method, seed, name);
                Ok([column("curve_step")?, column("curve_test")?])
            })
            .collect()
    }
}
