//! What is resampled: sequences where they are known, otherwise blocks of units.
//!
//! Tokens of one text depend on each other, so drawing single tokens would give intervals that are far too narrow.
//! Whole sequences are drawn; where a file knows fewer than [`LEAST_ITEMS`] of them, blocks of consecutive units (Künsch
//! 1989). Units that have no order, such as samples, are dealt into groups in turn. At most [`MOST_ITEMS`] items are
//! drawn: more sequences are put together, neighbours first, which leaves the variance of a mean as it is.

use std::collections::BTreeMap;

use crate::rng::{Stream, Streams};
use crate::routing::metrics::specialisation::LEAST_PERMUTATIONS;
use crate::routing::{RoutingDecision, UnitKind};

/// The fewest items that are worth resampling.
pub const LEAST_ITEMS: usize = 10;
/// The most items: beyond this an interval does not change, it only takes longer.
pub const MOST_ITEMS: usize = 200;
/// How often they are drawn, unless there is very much to add up.
pub const RESAMPLES: usize = 1_000;
/// The fewest times they are drawn.
const LEAST_RESAMPLES: usize = 200;
/// How many additions all resamples of a file may take.
const MOST_ADDITIONS: usize = 100_000_000;

/// How many choices all permutations of a file may move.
const MOST_MOVES: usize = 4_000_000;
/// The most permutations: a p-value of 1/201 is small enough.
const MOST_PERMUTATIONS: usize = 200;

/// Which item each unit belongs to.
#[derive(Debug, Clone, PartialEq)]
pub struct Items {
    /// The item of each unit; padding has one too, which nothing reads.
    pub of_unit: Vec<u32>,
    /// How many items there are.
    pub count: usize,
    /// What they are, in words.
    pub words: String,
}

impl Items {
    /// Whole sequences, if there are enough of them.
    fn sequences(decision: &RoutingDecision, sequences: &[u32]) -> Option<Self> {
        let mut numbers = BTreeMap::new();
        // Units of one sequence mostly stand together.
        let mut last = None;
        let mut of_unit: Vec<u32> = Vec::with_capacity(sequences.len());
        for (&sequence, &valid) in sequences.iter().zip(&decision.valid) {
            let number = match last {
                Some((known, number)) if known == sequence => number,
                _ if !valid => 0,
                _ => {
                    let next = numbers.len();
                    *numbers.entry(sequence).or_insert(next)
                }
            };
            if valid {
                last = Some((sequence, number));
            }
            of_unit.push(number as u32);
        }
        let all = numbers.len();
        if all < LEAST_ITEMS {
            return None;
        }
        let count = all.min(MOST_ITEMS);
        of_unit.iter_mut().for_each(|number| *number = (*number as usize * count / all) as u32);
        let words = if all == count {
            format!("{count} sequences")
        } else {
            format!("{all} sequences in {count} groups")
        };
        Some(Self { of_unit, count, words })
    }

    /// The items of a decision.
    pub fn of(decision: &RoutingDecision) -> Self {
        let valid = decision.valid.iter().filter(|&&valid| valid).count();
        if let Some(items) =
            decision.keys.sequence.as_ref().and_then(|sequences| Self::sequences(decision, sequences))
        {
            return items;
        }
        let count = valid.min(MOST_ITEMS);
        let ordered = matches!(
            decision.unit_kind,
            UnitKind::Token | UnitKind::Patch | UnitKind::Step | UnitKind::Access
        );
        let mut place = 0;
        let of_unit = decision.valid.iter().map(|&valid_here| {
            let here = place;
            place += usize::from(valid_here);
            let item = if ordered { here * count / valid.max(1) } else { here % count.max(1) };
            item.min(count.saturating_sub(1)) as u32
        });
        let words = match (count == valid, ordered) {
            (true, _) => format!("{count} units"),
            (false, true) => format!("{count} blocks of consecutive units"),
            (false, false) => format!("{count} groups of units"),
        };
        Self { of_unit: of_unit.collect(), count, words }
    }
}

/// How often each item is in each resample.
#[derive(Debug, Clone, PartialEq)]
pub struct Draws {
    count: usize,
    times: Vec<f64>,
    reason: Option<String>,
}

impl Draws {
    /// `resamples` draws of `count` items, with replacement. Too few items give no draws, and say so.
    pub fn new(count: usize, resamples: usize, stream: &mut Stream) -> Self {
        if count < LEAST_ITEMS {
            let reason =
                format!("there are {count} items to resample; an interval needs {LEAST_ITEMS} or more");
            return Self { count, times: Vec::new(), reason: Some(reason) };
        }
        let mut times = vec![0.0; count * resamples];
        for row in times.chunks_mut(count) {
            (0..count).for_each(|_| row[stream.below(count)] += 1.0);
        }
        Self { count, times, reason: None }
    }

    /// One row for each resample, one number for each item.
    ///
    /// # Errors
    /// Why there are none.
    pub fn rows(&self) -> Result<std::slice::ChunksExact<'_, f64>, &str> {
        match &self.reason {
            Some(reason) => Err(reason),
            None => Ok(self.times.chunks_exact(self.count.max(1))),
        }
    }
}

/// How many resamples there is time for, if one of them adds up so many numbers in the whole file.
pub fn affordable(additions: usize) -> usize {
    (MOST_ADDITIONS / additions.max(1)).clamp(LEAST_RESAMPLES, RESAMPLES)
}

/// How many permutations of so many choices in a whole file there is time for.
pub fn permutations(choices: usize) -> usize {
    (MOST_MOVES / choices.max(1)).clamp(LEAST_PERMUTATIONS, MOST_PERMUTATIONS)
}

/// The stream of a place in a file: another number of places before it changes nothing.
pub fn stream(seed: u64, purpose: &str, place: usize) -> Stream {
    Streams::new(seed).stream_at(&format!("inspect/{purpose}"), place as u64)
}

/// Sums over items of a numerator and a denominator: a mean that can be resampled.
#[derive(Debug, Clone, PartialEq)]
pub struct Ratio {
    /// The numerator of each item.
    pub over: Vec<f64>,
    /// The denominator of each item.
    pub under: Vec<f64>,
}

impl Ratio {
    /// Empty sums over `count` items.
    pub fn new(count: usize) -> Self {
        Self { over: vec![0.0; count], under: vec![0.0; count] }
    }

    /// Adds to an item.
    pub fn add(&mut self, item: u32, over: f64, under: f64) {
        self.over[item as usize] += over;
        self.under[item as usize] += under;
    }

    /// Numerator and denominator over all items.
    pub fn totals(&self) -> (f64, f64) {
        (self.over.iter().sum(), self.under.iter().sum())
    }

    /// Numerator over denominator in one resample; not a number where the denominator is 0.
    pub fn resampled(&self, times: &[f64]) -> f64 {
        let sum =
            |numbers: &[f64]| times.iter().zip(numbers).map(|(times, number)| times * number).sum::<f64>();
        sum(&self.over) / sum(&self.under)
    }
}
