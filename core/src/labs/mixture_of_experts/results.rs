//! The outcomes of a run, sorted by method and seed.

use std::collections::BTreeMap;

use super::Method;
use super::context::Context;
use crate::experiment::Outcome;
use crate::{Error, Result};

/// Everything that was measured.
pub(super) struct Results<'a> {
    pub context: &'a Context,
    outcomes: &'a BTreeMap<String, Outcome>,
    /// Test loss of each method, one per seed.
    pub losses: BTreeMap<Method, Vec<f64>>,
}

impl<'a> Results<'a> {
    /// The name of one training.
    pub fn task_name(method: Method, seed: u64) -> String {
        format!("train/{}/seed-{seed}", method.name())
    }

    pub fn new(context: &'a Context, outcomes: &'a BTreeMap<String, Outcome>) -> Result<Self> {
        let mut results = Self { context, outcomes, losses: BTreeMap::new() };
        for method in &context.methods {
            let losses = results.column(*method, "test_loss")?;
            results.losses.insert(*method, losses);
        }
        Ok(results)
    }

    pub fn outcomes(&self) -> &'a BTreeMap<String, Outcome> {
        self.outcomes
    }

    /// One number for each seed of a method.
    pub fn column(&self, method: Method, name: &str) -> Result<Vec<f64>> {
        Ok(self.rows(method, name, 1)?.iter().map(|row| row[0]).collect())
    }

    /// `length` numbers for each seed of a method.
    pub fn rows(&self, method: Method, name: &str, length: usize) -> Result<Vec<&'a [f64]>> {
        (0..self.context.specification.seeds)
            .map(|seed| {
                let task = Self::task_name(method, seed);
                let numbers = self.outcomes.get(&task).and_then(|outcome| outcome.numbers.get(name));
                numbers.map(Vec::as_slice).filter(|numbers| numbers.len() == length).ok_or_else(|| {
                    Error::Checkpoint {
                        problem: format!("task `{task}` has no `{name}` of {length} numbers"),
                    }
                })
            })
            .collect()
    }

    /// How many experts nobody chose, for each seed of a method with experts.
    pub fn dead_experts(&self, method: Method) -> Result<Vec<usize>> {
        let Some(recipe) = self.context.recipe(method) else { return Ok(Vec::new()) };
        let loads = self.rows(method, "load", recipe.experts)?;
        Ok(loads.iter().map(|load| load.iter().filter(|count| **count == 0.0).count()).collect())
    }

    /// The curve of each seed: steps, training losses, held-out losses.
    pub fn curves(&self, method: Method) -> Vec<[&'a [f64]; 3]> {
        (0..self.context.specification.seeds)
            .filter_map(|seed| {
                let numbers = &self.outcomes.get(&Self::task_name(method, seed))?.numbers;
                let column = |name: &str| numbers.get(name).map(Vec::as_slice);
                Some([column("curve_step")?, column("curve_train")?, column("curve_test")?])
            })
            .collect()
    }
}
