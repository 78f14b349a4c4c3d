//! What is measured for one lab alone, beside what all labs about token routers measure.

use std::collections::BTreeMap;

use super::context::Context;
use super::method::Method;
use super::results::Results;
use super::trainer::{Answers, Trainer};
use crate::Result;
use crate::experiment::work::Local;
use crate::labs::numbers::over_seeds;
use crate::plate::{Cell, Column, Plate, Table};

/// Numbers by name.
pub type Numbers = BTreeMap<String, Vec<f64>>;

/// A lab's own measures.
pub trait Study: Sync {
    /// The shares of a training after which its routes are kept; 0 is before the first step.
    fn moments(&self) -> &'static [f64] {
        &[]
    }

    /// Numbers of one training that has ended.
    ///
    /// # Errors
    /// When something cannot be measured.
    fn numbers<'a>(&'a self, _ended: &'a Ended<'a>) -> Local<'a, Result<Numbers>> {
        Box::pin(async { Ok(Numbers::new()) })
    }

    /// Numbers that need several methods: by method, then by name, one for each seed.
    ///
    /// # Errors
    /// When a number is missing.
    fn derived(&self, _results: &Results<'_>) -> Result<BTreeMap<&'static str, Numbers>> {
        Ok(BTreeMap::new())
    }

    /// Tables and pictures over all seeds.
    ///
    /// # Errors
    /// When a number is missing.
    fn plates(&self, _results: &Results<'_>) -> Result<Vec<Plate>> {
        Ok(Vec::new())
    }
}

/// Nothing beside what all labs measure.
pub struct NoStudy;

impl Study for NoStudy {}

/// A training that has ended.
pub struct Ended<'a> {
    /// What all trainings share.
    pub context: &'a Context,
    /// What was trained.
    pub method: &'a Method,
    /// The network.
    pub trainer: &'a Trainer,
    /// Its answers about the held-out samples.
    pub answers: &'a Answers,
    /// Its routes at the study's moments, in their order.
    pub kept: &'a [FirstChoices],
}

/// Each layer's first choice of each held-out unit; nothing for units that nobody took.
pub type FirstChoices = Vec<Vec<Option<usize>>>;

/// The steps of a study's moments.
pub fn steps_of(moments: &[f64], steps: u64) -> Vec<u64> {
    moments.iter().map(|share| libm::round(share * steps as f64) as u64).collect()
}

/// A table of numbers of each method that has any: name, heading and unit of each column.
pub fn study_table(
    results: &Results<'_>,
    title: &str,
    caption: &str,
    columns: &[(&str, &str, &str)],
) -> Plate {
    let mut rows = Vec::new();
    for method in &results.context.methods {
        let cell =
            |name: &str| results.column(method, name).map_or(Cell::Empty, |values| over_seeds(&values));
        let cells: Vec<Cell> = columns.iter().map(|(name, ..)| cell(name)).collect();
        if cells.iter().any(|cell| *cell != Cell::Empty) {
            rows.push(std::iter::once(Cell::text(method.name)).chain(cells).collect());
        }
    }
    let numbers = columns.iter().map(|(_, heading, unit)| Column::number(*heading, *unit));
    Plate::Table(Table {
        title: title.to_owned(),
        caption: caption.to_owned(),
        columns: std::iter::once(Column::text("method")).chain(numbers).collect(),
        rows,
    })
}
