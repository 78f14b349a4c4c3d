//! Random search: every candidate is drawn from the space, and none twice while new ones are found.
//!
//! The baseline that a search has to beat at an equal number of evaluations (Bergstra and Bengio 2012, JMLR 13; Li
//! and Talwalkar 2019, arXiv 1902.07638, who found it hard to beat in architecture search).
//!
//! Default: sixteen candidates an ask, to be evaluated side by side, since what it is told changes nothing. It may be asked
//! again before it was told. Pitfall: it is uniform in the sense of the space's `sample`, which need not be uniform over
//! points.

use std::fmt::Debug;

use super::draft::Draft;
use super::ledger::Ledger;
use super::{Candidate, Evaluation, MethodInfo, Space, Strategy, StrategyConfig, at_least};
use crate::Result;
use crate::rng::Streams;

/// Candidates an ask, unless it is told otherwise.
const BATCH: usize = 16;

/// The row of the registry.
pub(super) const STRATEGY: MethodInfo = MethodInfo {
    name: "random",
    title: "Random search",
    paper: "Li and Talwalkar 2019, arXiv 1902.07638",
    rule: "Every candidate is a feasible point at random that was not tried before.",
    settings: &["batch"],
    pitfall: "Where most points are good, little is left for any other strategy to win.",
};

pub(super) fn build<S>(config: &StrategyConfig, streams: Streams) -> Result<Box<dyn Strategy<S> + Send>>
where
    S: Space + 'static,
    S::Point: Send,
{
    Ok(Box::new(Random::new(config.batch.unwrap_or(BATCH), streams)?))
}

/// Draws at random, without repetition while new points are found.
#[derive(Debug, Clone)]
pub struct Random<P> {
    batch: usize,
    ledger: Ledger<P>,
}

impl<P: Clone + Ord + Debug> Random<P> {
    /// `batch` candidates an ask.
    ///
    /// # Errors
    /// [`OutOfRange`](crate::Error::OutOfRange) when `batch` is 0.
    pub fn new(batch: usize, streams: Streams) -> Result<Self> {
        at_least("batch", batch, 1)?;
        Ok(Self { batch, ledger: Ledger::new(streams) })
    }
}

impl<S: Space> Strategy<S> for Random<S::Point> {
    fn name(&self) -> &'static str {
        STRATEGY.name
    }

    fn ask(&mut self, space: &S, feasible: &dyn Fn(&S::Point) -> bool) -> Result<Vec<Candidate<S::Point>>> {
        let mut draft = Draft::new(space, feasible, &self.ledger);
        for _ in 0..self.batch {
            draft.add_sample(true)?;
        }
        let proposals = draft.proposals;
        Ok(self.ledger.issue(proposals))
    }

    fn tell(&mut self, evaluations: &[Evaluation<S::Point>]) -> Result<()> {
        self.ledger.settle(evaluations).map(drop)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::search::Choices;

    #[test]
    fn a_small_space_is_seen_whole_before_a_point_comes_again() {
        let space = Choices::new(vec![2; 6]).expect("values");
        let mut random = Random::new(8, Streams::new(1)).expect("a batch");
        let mut seen = BTreeSet::new();
        for _ in 0..8 {
            for candidate in random.ask(&space, &|_| true).expect("feasible") {
                assert!(candidate.parents.is_empty());
                assert!(seen.insert(candidate.point));
            }
        }
        assert_eq!(seen.len(), 64);
        assert_eq!(random.ask(&space, &|_| true).expect("points come again").len(), 8);
    }

    #[test]
    fn a_batch_of_nothing_is_refused() {
        let error = Random::<Vec<usize>>::new(0, Streams::new(1)).expect_err("no batch");
        assert_eq!(error.to_string(), "`batch` is 0, but must be 1 or more");
    }
}
