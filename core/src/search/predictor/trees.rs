//! Gradient-boosted trees (Friedman 2001, 2002): many small trees, each fitted to what those before it leave over, on half
//! of the rows, and added with a tenth of its answer.
//!
//! How many trees there are is found on a held-out fifth of the rows; then as many are grown on all rows. On noise that
//! number is small, often 0, and what is predicted is close to the mean.

use super::tree::{Grower, Tree};
use super::{Dataset, MethodInfo, Predictor, PredictorConfig, check_length};
use crate::Result;
use crate::rng::Streams;
use crate::search::at_least;

/// The most trees unless said otherwise.
const ROUNDS: usize = 400;
/// The share of a tree's answer that is added.
const RATE: f64 = 0.1;
/// One row in so many is held out to find the number of trees.
const HELD_OUT: usize = 5;

/// The row of the registry.
pub(super) const PREDICTOR: MethodInfo = MethodInfo {
    name: "trees",
    title: "Boosted trees",
    paper: "Friedman 2001, 2002; used for latency by SuperShaper",
    rule: "Small regression trees, each fitted to what those before it leave over; their number is found on held-out rows.",
    settings: &["rounds"],
    pitfall: "Beyond the values that were measured it predicts what is at the edge.",
};

/// The fitted trees.
#[derive(Debug, Clone, PartialEq)]
pub struct Trees {
    columns: usize,
    mean: f64,
    trees: Vec<Tree>,
}

pub(super) fn fit(
    config: &PredictorConfig,
    dataset: &Dataset,
    streams: &Streams,
) -> Result<Box<dyn Predictor>> {
    let most = config.rounds.unwrap_or(ROUNDS);
    at_least("rounds", most, 1)?;
    let rounds = match dataset.split(HELD_OUT, &mut streams.stream("predictor-trees-held-out"))? {
        Some((fitted, held)) => best_rounds(&boosted(&fitted, most, streams), &held),
        None => 0,
    };
    Ok(Box::new(boosted(dataset, rounds, streams)))
}

/// So many trees, one after the other.
fn boosted(dataset: &Dataset, rounds: usize, streams: &Streams) -> Trees {
    let (rows, targets, columns) = (dataset.rows(), dataset.targets(), dataset.columns().len());
    let mean = targets.iter().sum::<f64>() / targets.len() as f64;
    let grower = Grower::new(rows, columns);
    let mut left: Vec<f64> = targets.iter().map(|target| target - mean).collect();
    let mut trees = Vec::with_capacity(rounds);
    for round in 0..rounds {
        let order = streams.stream_at("predictor-trees", round as u64).permutation(rows.len());
        let mut wanted = vec![false; rows.len()];
        for place in &order[..rows.len().div_ceil(2)] {
            wanted[*place] = true;
        }
        let tree = grower.grow(&left, &wanted);
        for (left, row) in left.iter_mut().zip(rows) {
            *left -= RATE * tree.predict(row);
        }
        trees.push(tree);
    }
    Trees { columns, mean, trees }
}

/// How many of the trees have the smallest squared error on rows that they were not grown on; the fewest on a tie.
fn best_rounds(trees: &Trees, held: &Dataset) -> usize {
    let mut left: Vec<f64> = held.targets().iter().map(|target| target - trees.mean).collect();
    let error = |left: &[f64]| left.iter().map(|left| left * left).sum::<f64>();
    let mut best = (0, error(&left));
    for (round, tree) in trees.trees.iter().enumerate() {
        for (left, row) in left.iter_mut().zip(held.rows()) {
            *left -= RATE * tree.predict(row);
        }
        let error = error(&left);
        if error < best.1 {
            best = (round + 1, error);
        }
    }
    best.0
}

impl Predictor for Trees {
    fn name(&self) -> &'static str {
        PREDICTOR.name
    }

    fn predict(&self, row: &[f64]) -> f64 {
        check_length(row, self.columns);
        self.mean + RATE * self.trees.iter().map(|tree| tree.predict(row)).sum::<f64>()
    }
}
