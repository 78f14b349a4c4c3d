//! Evolution in generations, as in HAT (Wang et al. 2020, arXiv 2005.14187; Mixture-of-Supernets, arXiv 2306.04845,
//! searches with the same).
//!
//! The first generation is 125 feasible points at random. Of each generation the 25 best stay as parents; 50
//! children are mutants of a random parent (each gene drawn anew with probability 0.3), 50 are crossed from two
//! different parents, and a child that is not feasible is drawn again, parents and all. After 30 generations it
//! ends: 125 + 29 · 100 = 3,025 evaluations, since parents keep the loss they have.
//!
//! Parents are ranked by loss, the earlier candidate first on a tie. Where HAT is silent: a generation in which all
//! failed is followed by one at random, and with one parent there are mutants only.
//!
//! Pitfalls. As in HAT a child may repeat a point, so late generations can hold few new ones
//! (hardware-aware-transformers issue 4: no progress from the tenth on). With `distinct` those are drawn again, and
//! where the parents are so alike that 100 crossings are nothing new, a mutant takes the child's place. A budget of
//! few populations is random search for the most part: with 200 evaluations and a population of 125 only 75 are
//! chosen.

#[cfg(test)]
mod tests;

use std::fmt::Debug;

use super::draft::Draft;
use super::ledger::{Ledger, Proposal};
use super::{Candidate, Evaluation, MethodInfo, Space, Strategy, StrategyConfig, at_least};
use crate::rng::{Stream, Streams};
use crate::{Error, Result};

/// How many crossings that bring nothing new make place for a mutant, where points are to be distinct.
const MAX_CROSSINGS: usize = 100;

/// The row of the registry.
pub(super) const STRATEGY: MethodInfo = MethodInfo {
    name: "evolution",
    title: "Evolution",
    paper: "Wang et al. 2020, arXiv 2005.14187",
    rule: "The best 25 of 125 stay; 50 children are mutants of one of them, 50 are crossed from two.",
    settings: &["population", "mutation_probability", "iterations", "distinct"],
    pitfall: "A budget of few populations is mostly random search; late generations repeat points.",
};

pub(super) fn build<S>(config: &StrategyConfig, streams: Streams) -> Result<Box<dyn Strategy<S> + Send>>
where
    S: Space + 'static,
    S::Point: Send,
{
    let mut settings = EvolutionSettings::default();
    if let Some(population) = config.population {
        at_least("population", population, 10)?;
        settings = EvolutionSettings::of_population(population);
    }
    settings.mutation_probability = config.mutation_probability.unwrap_or(settings.mutation_probability);
    settings.iterations = config.iterations.unwrap_or(settings.iterations);
    settings.distinct = config.distinct.unwrap_or(settings.distinct);
    Ok(Box::new(Evolution::new(settings, streams)?))
}

/// The settings of [`Evolution`]. The population is parents, mutants and crossed children together.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct EvolutionSettings {
    /// How many of a generation stay. Default 25.
    pub parents: usize,
    /// How many children are mutants of one parent. Default 50.
    pub mutants: usize,
    /// How many children are crossed from two parents. Default 50.
    pub crossed: usize,
    /// With which probability a mutant's gene is drawn anew. Default 0.3.
    pub mutation_probability: f64,
    /// How many generations are asked for, the first included. Default 30.
    pub iterations: usize,
    /// Whether a child that was asked for before is drawn again while new ones are found. Default no, as in HAT.
    pub distinct: bool,
}

impl Default for EvolutionSettings {
    fn default() -> Self {
        Self {
            parents: 25,
            mutants: 50,
            crossed: 50,
            mutation_probability: 0.3,
            iterations: 30,
            distinct: false,
        }
    }
}

impl EvolutionSettings {
    /// The defaults for another population of at least 10, in the same proportions: a fifth stays, half of the rest
    /// are mutants.
    pub fn of_population(population: usize) -> Self {
        let parents = population / 5;
        let mutants = (population - parents) / 2;
        Self { parents, mutants, crossed: population - parents - mutants, ..Self::default() }
    }

    /// How many points live at a time.
    pub fn population(&self) -> usize {
        self.parents + self.mutants + self.crossed
    }
}

/// Generations of parents and their children.
#[derive(Debug, Clone)]
pub struct Evolution<P> {
    settings: EvolutionSettings,
    ledger: Ledger<P>,
    generation: usize,
    /// The parents and those of the generation that lived, in no order that counts.
    living: Vec<Evaluation<P>>,
}

impl<P: Clone + Ord + Debug> Evolution<P> {
    /// At its start.
    ///
    /// # Errors
    /// [`Error::OutOfRange`] for no parents, no children, no iterations or a probability outside 0 to 1,
    /// [`Error::Inconsistent`] for crossed children of fewer than two parents.
    pub fn new(settings: EvolutionSettings, streams: Streams) -> Result<Self> {
        at_least("parents", settings.parents, 1)?;
        at_least("children", settings.mutants + settings.crossed, 1)?;
        at_least("iterations", settings.iterations, 1)?;
        if !(0.0..=1.0).contains(&settings.mutation_probability) {
            return Err(Error::OutOfRange {
                key: "mutation_probability".to_owned(),
                value: settings.mutation_probability.to_string(),
                range: "from 0 to 1".to_owned(),
            });
        }
        if settings.crossed > 0 && settings.parents < 2 {
            let problem =
                "a crossed child needs two parents, but one stays; let the population be 10 or more";
            return Err(Error::Inconsistent { key: "population".to_owned(), problem: problem.to_owned() });
        }
        Ok(Self { settings, ledger: Ledger::new(streams), generation: 0, living: Vec::new() })
    }

    /// The best of the living, the best first.
    fn parents(&self) -> Vec<Evaluation<P>> {
        let mut parents = self.living.clone();
        parents.sort_by(|a, b| a.loss.total_cmp(&b.loss).then(a.id.cmp(&b.id)));
        parents.truncate(self.settings.parents);
        parents
    }
}

impl<S: Space> Strategy<S> for Evolution<S::Point> {
    fn name(&self) -> &'static str {
        STRATEGY.name
    }

    fn ask(&mut self, space: &S, feasible: &dyn Fn(&S::Point) -> bool) -> Result<Vec<Candidate<S::Point>>> {
        self.ledger.all_told()?;
        if self.generation == self.settings.iterations {
            return Ok(Vec::new());
        }
        let EvolutionSettings { mutants, crossed, mutation_probability, distinct, .. } = self.settings;
        let parents = self.parents();
        let mut draft = Draft::new(space, feasible, &self.ledger);
        if parents.is_empty() {
            for _ in 0..self.settings.population() {
                draft.add_sample(distinct)?;
            }
        } else {
            let crossed = if parents.len() < 2 { 0 } else { crossed };
            for _ in 0..mutants + self.settings.crossed - crossed {
                draft.add("mutant", distinct, |space, stream| {
                    mutant(&parents, space, mutation_probability, stream)
                })?;
            }
            for _ in 0..crossed {
                let mut draws = 0;
                draft.add("crossed child", distinct, |space, stream| {
                    draws += 1;
                    if distinct && draws > MAX_CROSSINGS {
                        mutant(&parents, space, mutation_probability, stream)
                    } else {
                        child(&parents, space, stream)
                    }
                })?;
            }
        }
        let proposals = draft.proposals;
        self.living = parents;
        self.generation += 1;
        Ok(self.ledger.issue(proposals))
    }

    fn tell(&mut self, evaluations: &[Evaluation<S::Point>]) -> Result<()> {
        let settled = self.ledger.settle(evaluations)?;
        self.living.extend(settled.into_iter().filter(|evaluation| evaluation.loss.is_finite()));
        Ok(())
    }
}

/// A mutant of a random parent.
fn mutant<S: Space>(
    parents: &[Evaluation<S::Point>],
    space: &S,
    probability: f64,
    stream: &mut Stream,
) -> Proposal<S::Point> {
    let parent = &parents[stream.below(parents.len())];
    Proposal { point: space.mutate(&parent.point, probability, stream), parents: vec![parent.id] }
}

/// A child of two different parents, of which there are two or more.
fn child<S: Space>(parents: &[Evaluation<S::Point>], space: &S, stream: &mut Stream) -> Proposal<S::Point> {
    let first = stream.below(parents.len());
    let drawn = stream.below(parents.len() - 1);
    let second = if drawn < first { drawn } else { drawn + 1 };
    let (one, other) = (&parents[first], &parents[second]);
    Proposal { point: space.crossover(&one.point, &other.point, stream), parents: vec![one.id, other.id] }
}
