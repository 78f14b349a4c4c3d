//! Local search: to a better neighbour as long as there is one, then again from a random point (White et al. 2021,
//! arXiv 2005.02960, who found it a strong baseline in architecture search where the noise is low).
//!
//! Neighbours differ in one gene. An ask is for `batch` neighbours of the current point that were not asked for
//! before, in random order, and the search moves to the best of them if that is better. So a batch of 1 takes the
//! first improvement, and one as large as the neighbourhood the steepest. A neighbour whose loss is known already is
//! not asked for again: if it is better, the search moves there at no cost. When 1,000 draws in a row find no
//! neighbour that is new, the point is taken for a local optimum, and the next ask is for a new point at random.
//!
//! Default: batch 1. Pitfalls: the noise of an evaluation makes optima of its own; a plateau counts as an optimum, as
//! only a strictly better neighbour is better; where basins are many, nearly all is spent on the wrong ones.

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::fmt::Debug;

use super::draft::Draft;
use super::ledger::{Ledger, Proposal};
use super::{Candidate, Evaluation, MethodInfo, Space, Strategy, StrategyConfig, at_least};
use crate::Result;
use crate::rng::Streams;

/// How many draws in a row that find nothing new make a local optimum. A neighbourhood of 80 is then seen whole but
/// in four of a million cases.
const MAX_NEIGHBOUR_DRAWS: usize = 1_000;

/// The row of the registry.
pub(super) const STRATEGY: MethodInfo = MethodInfo {
    name: "local-search",
    title: "Local search",
    paper: "White et al. 2021, arXiv 2005.02960",
    rule: "It moves to a better neighbour as long as there is one, then starts again at a random point.",
    settings: &["batch"],
    pitfall: "Noise and plateaus make local optima of their own.",
};

pub(super) fn build<S>(config: &StrategyConfig, streams: Streams) -> Result<Box<dyn Strategy<S> + Send>>
where
    S: Space + 'static,
    S::Point: Send,
{
    Ok(Box::new(LocalSearch::new(config.batch.unwrap_or(1), streams)?))
}

/// Walks downhill and starts again.
#[derive(Debug, Clone)]
pub struct LocalSearch<P> {
    batch: usize,
    ledger: Ledger<P>,
    /// Where the search stands; nowhere before a start is told.
    current: Option<Evaluation<P>>,
    /// What the last ask has brought.
    news: Vec<Evaluation<P>>,
    /// What is known of each point: the last loss that was finite.
    known: BTreeMap<P, Evaluation<P>>,
}

impl<P: Clone + Ord + Debug> LocalSearch<P> {
    /// `batch` neighbours an ask.
    ///
    /// # Errors
    /// [`OutOfRange`](crate::Error::OutOfRange) when `batch` is 0.
    pub fn new(batch: usize, streams: Streams) -> Result<Self> {
        at_least("batch", batch, 1)?;
        Ok(Self {
            batch,
            ledger: Ledger::new(streams),
            current: None,
            news: Vec::new(),
            known: BTreeMap::new(),
        })
    }

    /// Where the search stands once the news are taken into account: at the best of them, the earlier one on a tie,
    /// if that is better.
    fn moved(&self) -> Option<Evaluation<P>> {
        let best = self.news.iter().min_by(|a, b| a.loss.total_cmp(&b.loss).then(a.id.cmp(&b.id)));
        match (&self.current, best) {
            (Some(current), Some(best)) if best.loss < current.loss => Some(best.clone()),
            (None, best) => best.cloned(),
            (current, _) => current.clone(),
        }
    }

    /// Walks from `current` over known points that are better until a neighbour is new, and proposes that one. At a
    /// local optimum it proposes nothing; `current` is left where the walk ends.
    fn propose_neighbour<S: Space<Point = P>>(
        &self,
        current: &mut Evaluation<P>,
        draft: &mut Draft<'_, S>,
    ) -> bool {
        let mut draws = 0;
        while draws < MAX_NEIGHBOUR_DRAWS {
            draws += 1;
            let point = draft.space.neighbour(&current.point, &mut draft.stream);
            if draft.is_new(&point) {
                if (draft.feasible)(&point) {
                    draft.proposals.push(Proposal { point, parents: vec![current.id] });
                    return true;
                }
            } else if let Some(known) = self.known.get(&point).filter(|known| known.loss < current.loss) {
                // The loss falls with every such move, so they end.
                if (draft.feasible)(&point) {
                    *current = known.clone();
                    draws = 0;
                }
            }
        }
        false
    }
}

impl<S: Space> Strategy<S> for LocalSearch<S::Point> {
    fn name(&self) -> &'static str {
        STRATEGY.name
    }

    fn ask(&mut self, space: &S, feasible: &dyn Fn(&S::Point) -> bool) -> Result<Vec<Candidate<S::Point>>> {
        self.ledger.all_told()?;
        let mut current = self.moved();
        let mut draft = Draft::new(space, feasible, &self.ledger);
        if let Some(current) = &mut current {
            while draft.proposals.len() < self.batch && self.propose_neighbour(current, &mut draft) {}
        }
        if draft.proposals.is_empty() {
            draft.add_sample(true)?;
            current = None;
        }
        let proposals = draft.proposals;
        self.current = current;
        self.news.clear();
        Ok(self.ledger.issue(proposals))
    }

    fn tell(&mut self, evaluations: &[Evaluation<S::Point>]) -> Result<()> {
        for evaluation in self.ledger.settle(evaluations)? {
            if evaluation.loss.is_finite() {
                self.known.insert(evaluation.point.clone(), evaluation.clone());
                self.news.push(evaluation);
            }
        }
        Ok(())
    }
}
