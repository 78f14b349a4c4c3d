//! Specialisation: how much of a choice is explained by a key, against a permutation null.
//!
//! Mutual information from counts is never 0 in a finite sample, so the raw value alone proves nothing. The keys
//! are permuted over the units at least [`LEAST_PERMUTATIONS`] times, and the mean of those values is taken off.

use std::collections::BTreeMap;

use super::{entropy_of, undefined};
use crate::Result;
use crate::rng::Stream;
use crate::routing::{Checked, KeyKind};

/// The fewest permutations that a null may rest on.
pub const LEAST_PERMUTATIONS: usize = 20;

const NAME: &str = "the specialisation";

/// What counts as a unit's choice.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Choice {
    /// The first choice before drops, counted once.
    #[default]
    TopOne,
    /// Every served edge, counted by its combine weight.
    Combine,
}

/// Weights of pairs (row, column): a two-way table.
#[derive(Debug, Clone, PartialEq)]
pub struct Contingency {
    columns: usize,
    weights: Vec<f64>,
}

impl Contingency {
    /// An empty table.
    pub fn new(rows: usize, columns: usize) -> Self {
        Self { columns, weights: vec![0.0; rows * columns] }
    }

    /// Adds `weight` to a cell.
    ///
    /// # Panics
    /// If the cell is outside the table.
    pub fn add(&mut self, row: usize, column: usize, weight: f64) {
        assert!(column < self.columns, "column {column} of a table with {} columns", self.columns);
        self.weights[row * self.columns + column] += weight;
    }

    /// `H(row)`, in nats.
    ///
    /// # Errors
    /// If the table is empty.
    pub fn row_entropy(&self) -> Result<f64> {
        entropy_of(&self.weights.chunks(self.columns).map(|row| row.iter().sum()).collect::<Vec<_>>())
    }

    /// `H(column)`, in nats.
    ///
    /// # Errors
    /// If the table is empty.
    pub fn column_entropy(&self) -> Result<f64> {
        let sums = |column| self.weights.iter().skip(column).step_by(self.columns).sum();
        entropy_of(&(0..self.columns).map(sums).collect::<Vec<_>>())
    }

    /// Mutual information `I(row; column) = H(row) + H(column) - H(row, column)`, in nats.
    ///
    /// # Errors
    /// If the table is empty.
    pub fn mutual_information(&self) -> Result<f64> {
        Ok(self.row_entropy()? + self.column_entropy()? - entropy_of(&self.weights)?)
    }
}

/// How much slots and a key tell about each other.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Specialisation {
    /// `I(S;Y)` from counts, in nats. Never 0 in a finite sample; see `corrected`.
    pub raw: f64,
    /// The mean of `I(S;Y)` over permutations of the key.
    pub null_mean: f64,
    /// The standard deviation (n - 1) over the permutations.
    pub null_deviation: f64,
    /// The share of values at least as large as `raw`, the observed one included: a one-sided p-value.
    pub p_value: f64,
    /// `H(S)`, in nats.
    pub slot_entropy: f64,
    /// `H(Y)`, in nats.
    pub key_entropy: f64,
}

impl Specialisation {
    /// An observed `I(S;Y)` against its values under permutations.
    pub(crate) fn against(raw: f64, null: &[f64], slot_entropy: f64, key_entropy: f64) -> Self {
        let count = null.len() as f64;
        let null_mean = null.iter().sum::<f64>() / count;
        let variance = null.iter().map(|value| (value - null_mean).powi(2)).sum::<f64>() / (count - 1.0);
        // Permutations that give the same table differ in the last bits only.
        let as_large = null.iter().filter(|&&value| value >= raw - 1e-12).count();
        Self {
            raw,
            null_mean,
            null_deviation: variance.sqrt(),
            p_value: (1.0 + as_large as f64) / (1.0 + count),
            slot_entropy,
            key_entropy,
        }
    }

    /// `I(S;Y)` minus the mean of the null. May be slightly negative when there is nothing.
    pub fn corrected(&self) -> f64 {
        self.raw - self.null_mean
    }

    /// Corrected `I(S;Y) / H(S)`: how much of the choice is explained by the key.
    ///
    /// # Errors
    /// If all units chose one slot.
    pub fn share_of_choice(&self) -> Result<f64> {
        if self.slot_entropy <= 0.0 {
            return Err(undefined(
                "I(S;Y)/H(S)",
                "every unit chose the same slot, so there is no choice to explain",
            ));
        }
        Ok(self.corrected() / self.slot_entropy)
    }

    /// Corrected `I(S;Y) / H(Y)`: how much of the key can be read from the choice.
    ///
    /// # Errors
    /// If all units have one key.
    pub fn share_of_key(&self) -> Result<f64> {
        if self.key_entropy <= 0.0 {
            return Err(undefined("I(S;Y)/H(Y)", "every unit has the same key"));
        }
        Ok(self.corrected() / self.key_entropy)
    }
}

/// `I(S;Y)` of the choices and the key `kind`, with a null from `permutations` permutations drawn from `stream`.
///
/// # Errors
/// If the key is missing, no valid unit has a choice, or there are fewer than [`LEAST_PERMUTATIONS`] permutations.
pub fn specialisation(
    decision: Checked<'_>,
    kind: KeyKind,
    choice: Choice,
    permutations: usize,
    stream: &mut Stream,
) -> Result<Specialisation> {
    let Some(keys) = decision.keys.get(kind) else {
        return Err(undefined(NAME, format!("the decision keeps no {} per unit", kind.name())));
    };
    let mut choices: Vec<Vec<(usize, f64)>> = vec![Vec::new(); decision.units];
    match choice {
        Choice::TopOne => {
            for (index, slot) in decision.top_choices().into_iter().enumerate() {
                choices[index / decision.groups].extend(slot.map(|slot| (slot, 1.0)));
            }
        }
        Choice::Combine => {
            for edge in decision.valid_edges().filter(|edge| edge.fate.is_routed() && edge.combine > 0.0) {
                choices[edge.unit].extend(edge.served_by().map(|slot| (slot, f64::from(edge.combine))));
            }
        }
    }
    let observed = keys.iter().map(|&key| key as usize).zip(choices).filter(|(_, slots)| !slots.is_empty());
    against_null(&observed.collect::<Vec<_>>(), permutations, stream)
}

/// Context independence `I(S; token id) / H(S)`, corrected by the null: 1 when the token alone decides its expert
/// (OpenMoE, arXiv 2402.01739, section 4), 0 when the token says nothing.
///
/// # Errors
/// As [`specialisation`], or if all units chose one slot.
pub fn context_independence(decision: Checked<'_>, permutations: usize, stream: &mut Stream) -> Result<f64> {
    specialisation(decision, KeyKind::TokenId, Choice::TopOne, permutations, stream)?.share_of_choice()
}

/// `I(slot; key)` of observations (key, weighted slots), with its null.
pub(super) fn against_null(
    observed: &[(usize, Vec<(usize, f64)>)],
    permutations: usize,
    stream: &mut Stream,
) -> Result<Specialisation> {
    if permutations < LEAST_PERMUTATIONS {
        let problem =
            format!("{permutations} permutations are too few for a null; use {LEAST_PERMUTATIONS} or more");
        return Err(undefined(NAME, problem));
    }
    if observed.is_empty() {
        return Err(undefined(NAME, "no valid unit has both a key and a choice"));
    }
    let mut numbers = BTreeMap::new();
    let mut keys: Vec<usize> = Vec::with_capacity(observed.len());
    for (key, _) in observed {
        let next = numbers.len();
        keys.push(*numbers.entry(*key).or_insert(next));
    }
    let columns = 1 + observed.iter().flat_map(|(_, slots)| slots).map(|&(slot, _)| slot).max().unwrap_or(0);
    let tabulate = |keys: &[usize]| {
        let mut table = Contingency::new(numbers.len(), columns);
        for (&key, (_, slots)) in keys.iter().zip(observed) {
            slots.iter().for_each(|&(slot, weight)| table.add(key, slot, weight));
        }
        table
    };
    let table = tabulate(&keys);
    let raw = table.mutual_information()?;
    let mut null = Vec::with_capacity(permutations);
    for _ in 0..permutations {
        stream.shuffle(&mut keys);
        null.push(tabulate(&keys).mutual_information()?);
    }
    Ok(Specialisation::against(raw, &null, table.column_entropy()?, table.row_entropy()?))
}
