//! Regularised (ageing) evolution: in a population of constant size the best of a random sample has a child, and the
//! oldest dies, however good it is (Real et al. 2019, arXiv 1802.01548, algorithm 1).
//!
//! Points are drawn at random until `population` of them live. Then each candidate is a neighbour (one gene changed)
//! of the best of `sample` members, which are drawn with replacement as in the paper, the earlier one on a tie. The
//! oldest is the one that was asked for first, so the order of answers plays no part.
//!
//! Defaults: population 50, sample 10, one candidate an ask, for budgets of some hundred evaluations; the paper has
//! 100 and 25 for 20,000. Failed points do not join, and the child repeats a point where chance will have it unless
//! `distinct` is set. It may be asked again before it was told.
//!
//! Pitfalls. With a population near the budget it is random search. A large sample is greedy: it loses variety and
//! stays in the first good region.

use std::collections::BTreeMap;
use std::fmt::Debug;

use super::draft::Draft;
use super::ledger::{Ledger, Proposal};
use super::{Candidate, Evaluation, MethodInfo, Space, Strategy, StrategyConfig, at_least};
use crate::Result;
use crate::rng::{Stream, Streams};

/// The row of the registry.
pub(super) const STRATEGY: MethodInfo = MethodInfo {
    name: "regularised-evolution",
    title: "Regularised evolution",
    paper: "Real et al. 2019, arXiv 1802.01548",
    rule: "The best of a random sample of the population has a child with one gene changed; the oldest dies.",
    settings: &["population", "sample", "batch", "distinct"],
    pitfall: "With a population near the budget it is random search.",
};

pub(super) fn build<S>(config: &StrategyConfig, streams: Streams) -> Result<Box<dyn Strategy<S> + Send>>
where
    S: Space + 'static,
    S::Point: Send,
{
    let default = RegularisedEvolutionSettings::default();
    let settings = RegularisedEvolutionSettings {
        population: config.population.unwrap_or(default.population),
        sample: config.sample.unwrap_or(default.sample),
        batch: config.batch.unwrap_or(default.batch),
        distinct: config.distinct.unwrap_or(default.distinct),
    };
    Ok(Box::new(RegularisedEvolution::new(settings, streams)?))
}

/// The settings of [`RegularisedEvolution`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RegularisedEvolutionSettings {
    /// How many points live at a time (P). Default 50.
    pub population: usize,
    /// How many members compete to be the parent of a child (S). Default 10.
    pub sample: usize,
    /// How many candidates an ask returns, all from the same population. Default 1.
    pub batch: usize,
    /// Whether a child that was asked for before is drawn again while new ones are found. Default no, as in the paper.
    pub distinct: bool,
}

impl Default for RegularisedEvolutionSettings {
    fn default() -> Self {
        Self { population: 50, sample: 10, batch: 1, distinct: false }
    }
}

/// A population in which the oldest dies.
#[derive(Debug, Clone)]
pub struct RegularisedEvolution<P> {
    settings: RegularisedEvolutionSettings,
    ledger: Ledger<P>,
    /// By number, so the oldest is the first.
    population: BTreeMap<u64, Evaluation<P>>,
}

impl<P: Clone + Ord + Debug> RegularisedEvolution<P> {
    /// At its start.
    ///
    /// # Errors
    /// [`OutOfRange`](crate::Error::OutOfRange) when one of the numbers is 0.
    pub fn new(settings: RegularisedEvolutionSettings, streams: Streams) -> Result<Self> {
        at_least("population", settings.population, 1)?;
        at_least("sample", settings.sample, 1)?;
        at_least("batch", settings.batch, 1)?;
        Ok(Self { settings, ledger: Ledger::new(streams), population: BTreeMap::new() })
    }
}

impl<S: Space> Strategy<S> for RegularisedEvolution<S::Point> {
    fn name(&self) -> &'static str {
        STRATEGY.name
    }

    fn ask(&mut self, space: &S, feasible: &dyn Fn(&S::Point) -> bool) -> Result<Vec<Candidate<S::Point>>> {
        let RegularisedEvolutionSettings { population, sample, batch, distinct } = self.settings;
        let missing = population - self.population.len();
        let mut draft = Draft::new(space, feasible, &self.ledger);
        if missing > 0 {
            for _ in 0..batch.min(missing) {
                draft.add_sample(distinct)?;
            }
        } else {
            let members: Vec<&Evaluation<S::Point>> = self.population.values().collect();
            for _ in 0..batch {
                draft.add("child", distinct, |space, stream| {
                    let parent = best_of_sample(&members, sample, stream);
                    Proposal { point: space.neighbour(&parent.point, stream), parents: vec![parent.id] }
                })?;
            }
        }
        let proposals = draft.proposals;
        Ok(self.ledger.issue(proposals))
    }

    fn tell(&mut self, evaluations: &[Evaluation<S::Point>]) -> Result<()> {
        for evaluation in self.ledger.settle(evaluations)? {
            if evaluation.loss.is_finite() {
                self.population.insert(evaluation.id, evaluation);
            }
        }
        while self.population.len() > self.settings.population {
            self.population.pop_first();
        }
        Ok(())
    }
}

/// The best of `sample` members drawn with replacement. There is a member and a draw.
fn best_of_sample<'a, P>(
    members: &[&'a Evaluation<P>],
    sample: usize,
    stream: &mut Stream,
) -> &'a Evaluation<P> {
    let mut best = members[stream.below(members.len())];
    for _ in 1..sample {
        let drawn = members[stream.below(members.len())];
        if drawn.loss.total_cmp(&best.loss).then(drawn.id.cmp(&best.id)).is_lt() {
            best = drawn;
        }
    }
    best
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::search::Choices;
    use crate::search::tests::toys::{ALL, letters, mismatches};

    fn evolution(settings: RegularisedEvolutionSettings) -> RegularisedEvolution<Vec<usize>> {
        RegularisedEvolution::new(settings, Streams::new(5)).expect("settings")
    }

    fn tell(evolution: &mut RegularisedEvolution<Vec<usize>>, told: &[Evaluation<Vec<usize>>]) {
        Strategy::<Choices>::tell(evolution, told).expect("asked");
    }

    #[test]
    fn parents_are_among_the_youngest_that_lived() {
        let settings = RegularisedEvolutionSettings { population: 7, sample: 3, batch: 1, distinct: false };
        let mut evolution = evolution(settings);
        let mut living: Vec<Candidate<Vec<usize>>> = Vec::new();
        for ask in 0..80 {
            let [candidate] = &evolution.ask(&letters(), ALL).expect("feasible")[..] else {
                panic!("one an ask")
            };
            if living.len() < 7 {
                assert!(candidate.parents.is_empty());
            } else {
                let parent = living[living.len() - 7..].iter().find(|one| candidate.parents == [one.id]);
                let parent = parent.expect("one of the youngest seven");
                let changed =
                    parent.point.iter().zip(&candidate.point).filter(|(old, new)| old != new).count();
                assert_eq!(changed, 1);
            }
            let failed = ask % 5 == 0;
            let loss = if failed { f64::NAN } else { mismatches(&candidate.point) };
            tell(&mut evolution, &[candidate.evaluated(loss)]);
            if !failed {
                living.push(candidate.clone());
            }
        }
    }

    #[test]
    fn a_sample_as_large_as_can_be_finds_the_best_and_one_of_one_anybody() {
        let parents = |sample: usize| {
            let settings = RegularisedEvolutionSettings { population: 6, sample, batch: 6, distinct: false };
            let mut evolution = evolution(settings);
            let first = evolution.ask(&letters(), ALL).expect("feasible");
            // The last two tie.
            let told: Vec<_> = first.iter().map(|one| one.evaluated(-(one.id.min(4) as f64))).collect();
            tell(&mut evolution, &told);
            let asked = (0..20).flat_map(|_| evolution.ask(&letters(), ALL).expect("feasible"));
            asked
                .map(|candidate| candidate.parents[0])
                .collect::<std::collections::BTreeSet<u64>>()
                .into_iter()
        };
        assert!(parents(1000).eq([4]));
        assert!(parents(1).eq(0..6));
    }

    #[test]
    fn batches_fill_the_population_exactly() {
        let settings = RegularisedEvolutionSettings { population: 10, batch: 4, ..Default::default() };
        let mut evolution = evolution(settings);
        let sizes = [0; 5].map(|_| {
            let asked = evolution.ask(&letters(), ALL).expect("feasible");
            tell(&mut evolution, &asked.iter().map(|one| one.evaluated(0.0)).collect::<Vec<_>>());
            (asked.len(), asked[0].parents.len())
        });
        assert_eq!(sizes, [(4, 0), (4, 0), (2, 0), (4, 1), (4, 1)]);
        assert_eq!(evolution.population.len(), 10);
    }
}
