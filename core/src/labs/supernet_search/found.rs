//! What searches have found: every evaluated architecture with its cost and its loss, the best of them, and the fronts.

use crate::Result;
use crate::search::{non_dominated, normalised_hypervolume};

/// An evaluated architecture.
#[derive(Debug, Clone, PartialEq)]
pub struct Point {
    /// Its text form.
    pub architecture: String,
    /// What it costs: predicted milliseconds, floating-point operations or parameters.
    pub cost: f64,
    /// Its validation loss, in nats.
    pub loss: f64,
}

/// One search: a strategy with a seed under a limit.
#[derive(Debug, Clone, PartialEq)]
pub struct Found {
    /// The strategy's name.
    pub strategy: String,
    /// Its seed, counted from 0.
    pub seed: u64,
    /// The most that an architecture may cost.
    pub limit: f64,
    /// In the order of evaluation, repeated ones included.
    pub points: Vec<Point>,
}

impl Found {
    /// The evaluation of the smallest loss, the earliest of equals.
    pub fn best(&self) -> Option<&Point> {
        self.points.iter().filter(|point| point.loss.is_finite()).min_by(|a, b| a.loss.total_cmp(&b.loss))
    }

    /// The smallest loss so far after `evaluations` evaluations.
    pub fn best_after(&self, evaluations: usize) -> Option<f64> {
        let losses = self.points.iter().take(evaluations).map(|point| point.loss);
        losses.filter(|loss| loss.is_finite()).min_by(f64::total_cmp)
    }
}

/// An architecture that was chosen, with all that is known of it.
#[derive(Debug, Clone, PartialEq)]
pub struct Winner {
    /// Who chose it: a strategy, or `smallest` and `largest`.
    pub by: String,
    /// Under which limit; nothing where none was asked for.
    pub limit: Option<f64>,
    /// What the search knew of it.
    pub point: Point,
    /// Measured latency: median and quartiles in milliseconds.
    pub milliseconds: [f64; 3],
    /// Trainable numbers.
    pub parameters: f64,
    /// Floating-point operations.
    pub flops: f64,
    /// Test loss, in nats.
    pub test_loss: f64,
    /// The lab's measure on the test data.
    pub quality: f64,
}

/// The strategies in the order of their first search.
pub fn strategies(all: &[Found]) -> Vec<&str> {
    distinct(all.iter().map(|found| found.strategy.as_str()))
}

/// The limits in the order of their first search.
pub fn limits(all: &[Found]) -> Vec<f64> {
    distinct(all.iter().map(|found| found.limit))
}

/// The seeds in the order of their first search.
pub fn seeds(all: &[Found]) -> Vec<u64> {
    distinct(all.iter().map(|found| found.seed))
}

/// The first of equals, in the same order.
pub fn distinct<T: PartialEq>(all: impl Iterator<Item = T>) -> Vec<T> {
    let mut distinct = Vec::new();
    for one in all {
        if !distinct.contains(&one) {
            distinct.push(one);
        }
    }
    distinct
}

/// The points of some searches that no other of them beats in cost and loss, the cheapest first.
///
/// # Errors
/// When a cost is not finite.
pub fn front<'a>(searches: impl Iterator<Item = &'a Found>) -> Result<Vec<Point>> {
    let points: Vec<&Point> =
        searches.flat_map(|found| &found.points).filter(|point| point.loss.is_finite()).collect();
    let plane: Vec<[f64; 2]> = points.iter().map(|point| [point.cost, point.loss]).collect();
    let mut front: Vec<Point> =
        non_dominated(&plane)?.into_iter().map(|place| points[place].clone()).collect();
    front.sort_by(|a, b| a.cost.total_cmp(&b.cost));
    Ok(front)
}

/// The box that all hypervolumes of one comparison are measured in: the cheapest and the best of all evaluations, and the
/// dearest and the worst. Nothing when all of them cost the same or are as good.
pub fn corners(all: &[Found]) -> Option<[[f64; 2]; 2]> {
    let points = all.iter().flat_map(|found| &found.points).filter(|point| point.loss.is_finite());
    let (mut low, mut high) = ([f64::INFINITY; 2], [f64::NEG_INFINITY; 2]);
    for point in points {
        for (place, value) in [point.cost, point.loss].into_iter().enumerate() {
            (low[place], high[place]) = (low[place].min(value), high[place].max(value));
        }
    }
    (low[0] < high[0] && low[1] < high[1]).then_some([low, high])
}

/// The hypervolume of all that one strategy found with one seed, under all limits, as a share of the box of `corners`.
///
/// # Errors
/// When a cost is not finite.
pub fn hypervolume_of(all: &[Found], strategy: &str, seed: u64, corners: [[f64; 2]; 2]) -> Result<f64> {
    let front = front(all.iter().filter(|found| found.strategy == strategy && found.seed == seed))?;
    let plane: Vec<[f64; 2]> = front.iter().map(|point| [point.cost, point.loss]).collect();
    normalised_hypervolume(&plane, corners[0], corners[1])
}
