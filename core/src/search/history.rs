//! What a search has found: every evaluation in its order, the best so far, and what a budget has bought.
//!
//! The budget is the number of evaluations, failed and repeated ones included; strategies are compared at equal
//! budgets only. A history knows neither strategy nor space.

use std::collections::BTreeSet;

use super::Evaluation;
use crate::{Error, Result};

/// One evaluation of a history.
#[derive(Debug, Clone, PartialEq)]
pub struct Entry<P> {
    /// Candidate, point and loss.
    pub evaluation: Evaluation<P>,
    /// Whether the point meets the limit of the search.
    pub is_feasible: bool,
}

impl<P> Entry<P> {
    /// Whether it can be the best of something: it did not fail.
    fn lived(&self) -> bool {
        self.evaluation.loss.is_finite()
    }
}

/// Every evaluation of one search, in the order in which it was paid for.
#[derive(Debug, Clone, PartialEq)]
pub struct History<P> {
    entries: Vec<Entry<P>>,
}

impl<P> Default for History<P> {
    fn default() -> Self {
        Self { entries: Vec::new() }
    }
}

impl<P: Clone + Ord> History<P> {
    /// A history without evaluations.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds an evaluation.
    pub fn record(&mut self, evaluation: Evaluation<P>, is_feasible: bool) {
        self.entries.push(Entry { evaluation, is_feasible });
    }

    /// The evaluations, the oldest first.
    pub fn entries(&self) -> &[Entry<P>] {
        &self.entries
    }

    /// How many evaluations there are.
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// Forgets all but the first `budget` evaluations.
    pub fn truncate(&mut self, budget: usize) {
        self.entries.truncate(budget);
    }

    /// How many different points were evaluated.
    pub fn distinct(&self) -> usize {
        self.entries.iter().map(|entry| &entry.evaluation.point).collect::<BTreeSet<_>>().len()
    }

    /// The place of the best feasible evaluation so far, after each evaluation: the earliest of equal losses, and
    /// none until one is feasible and did not fail.
    pub fn incumbents(&self) -> Vec<Option<usize>> {
        let mut best: Option<usize> = None;
        let loss = |place: usize| self.entries[place].evaluation.loss;
        (0..self.len())
            .map(|place| {
                let entry = &self.entries[place];
                if entry.is_feasible && entry.lived() && best.is_none_or(|best| loss(place) < loss(best)) {
                    best = Some(place);
                }
                best
            })
            .collect()
    }

    /// The best feasible evaluation.
    pub fn best(&self) -> Option<&Entry<P>> {
        self.incumbents().last().copied().flatten().map(|place| &self.entries[place])
    }

    /// The best evaluation whose point costs at most `limit`, whatever the limit of the search was; the earliest of
    /// equal losses. A cost that is not a number is above every limit.
    pub fn best_under(&self, cost: impl Fn(&P) -> f64, limit: f64) -> Option<&Entry<P>> {
        self.entries
            .iter()
            .filter(|entry| entry.lived() && cost(&entry.evaluation.point) <= limit)
            .min_by(|a, b| a.evaluation.loss.total_cmp(&b.evaluation.loss))
    }

    /// Simple regret after each evaluation: the loss of the incumbent minus that of the best point there is; none
    /// while there is no incumbent. It is negative where noise makes an evaluation better than the optimum.
    pub fn simple_regret(&self, optimum: f64) -> Vec<Option<f64>> {
        self.true_regret(optimum, |entry| entry.evaluation.loss)
    }

    /// Simple regret in another loss than the one the search was told: the incumbent is chosen by what was told, and
    /// judged by `truth` (chosen by validation, judged by test).
    pub fn true_regret(&self, optimum: f64, truth: impl Fn(&Entry<P>) -> f64) -> Vec<Option<f64>> {
        let incumbents = self.incumbents();
        incumbents.into_iter().map(|best| best.map(|place| truth(&self.entries[place]) - optimum)).collect()
    }
}

/// The area under a curve of regret: its sum over the evaluations. `without` stands where there is no incumbent yet,
/// for example the regret of the worst point. Divided by the budget it is the mean regret.
///
/// # Errors
/// [`Error::Undefined`] when a number is not finite.
pub fn regret_area(regret: &[Option<f64>], without: f64) -> Result<f64> {
    let area: f64 = regret.iter().map(|regret| regret.unwrap_or(without)).sum();
    if area.is_finite() {
        return Ok(area);
    }
    let problem = "a regret is not finite; give finite losses, and a finite number for where there is none";
    Err(Error::Undefined { statistic: "the area under the regret", problem: problem.to_owned() })
}

/// Cuts several histories to the number of evaluations of the shortest, so that they can be compared; returns that
/// number.
pub fn cut_to_equal_budget<P: Clone + Ord>(histories: &mut [History<P>]) -> usize {
    let budget = histories.iter().map(History::len).min().unwrap_or(0);
    for history in histories {
        history.truncate(budget);
    }
    budget
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// A history of `(point, loss, feasible)`.
    fn history(rows: &[(u32, f64, bool)]) -> History<u32> {
        let mut history = History::new();
        for (id, &(point, loss, is_feasible)) in (0..).zip(rows) {
            history.record(Evaluation { id, point, loss }, is_feasible);
        }
        history
    }

    fn rows() -> History<u32> {
        history(&[
            (9, f64::NAN, true),
            (1, 0.1, false),
            (2, 0.7, true),
            (3, 0.7, true),
            (4, 0.4, true),
            (9, f64::NEG_INFINITY, true),
            (2, 0.5, true),
        ])
    }

    #[test]
    fn the_incumbent_is_the_earliest_best_that_is_feasible_and_lived() {
        let history = rows();
        assert_eq!(history.incumbents(), [None, None, Some(2), Some(2), Some(4), Some(4), Some(4)]);
        assert_eq!(history.best().map(|entry| entry.evaluation.id), Some(4));
        assert_eq!(history.distinct(), 5);
        assert_eq!(History::<u32>::new().best(), None);
    }

    #[test]
    fn the_best_under_a_limit_is_looked_for_among_all() {
        let history = rows();
        let best = |limit: f64| {
            history.best_under(|&point| f64::from(point), limit).map(|entry| entry.evaluation.id)
        };
        assert_eq!([best(0.5), best(1.0), best(9.0)], [None, Some(1), Some(1)]);
        let costs = |&point: &u32| if point == 1 { f64::NAN } else { f64::from(point) };
        assert_eq!(history.best_under(costs, 3.0).map(|entry| entry.evaluation.id), Some(6));
    }

    #[test]
    fn regret_and_its_area_equal_those_computed_by_hand() {
        let history = history(&[(0, f64::NAN, true), (1, 0.75, true), (2, 0.5, true), (3, 1.0, true)]);
        let regret = history.simple_regret(0.25);
        assert_eq!(regret, [None, Some(0.5), Some(0.25), Some(0.25)]);
        assert_eq!(regret_area(&regret, 1.0), Ok(2.0));
        assert!(regret_area(&regret, f64::INFINITY).is_err());
        let truth = |entry: &Entry<u32>| f64::from(entry.evaluation.point);
        assert_eq!(history.true_regret(1.0, truth), [None, Some(0.0), Some(1.0), Some(1.0)]);
    }

    #[test]
    fn histories_are_cut_to_the_shortest() {
        let mut histories = [rows(), history(&[(1, 0.5, true), (2, 0.25, true)]), rows()];
        assert_eq!(cut_to_equal_budget(&mut histories), 2);
        assert!(histories.iter().all(|history| history.len() == 2));
        assert_eq!(cut_to_equal_budget::<u32>(&mut []), 0);
    }

    proptest! {
        #[test]
        fn the_incumbent_is_the_least_of_what_came_before(
            rows in prop::collection::vec((0u32..9, 0i32..9, any::<bool>()), 0..30),
        ) {
            let rows: Vec<_> = rows.into_iter().map(|(point, loss, ok)| (point, f64::from(loss), ok)).collect();
            let regret = history(&rows).simple_regret(0.0);
            for (place, regret) in regret.iter().enumerate() {
                let before = rows[..=place].iter().filter(|row| row.2).map(|row| row.1);
                prop_assert_eq!(*regret, before.min_by(f64::total_cmp));
            }
        }
    }
}
