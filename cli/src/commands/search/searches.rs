//! The searches themselves: every strategy with every seed under every limit, and what the best of them are worth.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::{Duration, Instant};

use switchyard::labs::supernet_search::{Found, Point, Subject, Winner};
use switchyard::rng::Streams;
use switchyard::search::{EvolutionSettings, Space, StrategyConfig, spend, strategy};

use super::Header;
use super::cost::Costs;
use super::evaluations::Evaluations;
use crate::arguments::SearchArguments;
use crate::environment::cores;
use crate::error::Result;
use crate::interrupt;
use crate::reporter::Reporter;
use crate::stopwatch::Stopwatch;

/// How the time went.
#[derive(Debug, Clone, Copy, Default)]
pub struct Timing {
    /// Of all searches.
    pub total: Duration,
    /// Of it, evaluating.
    pub evaluating: Duration,
    /// Evaluations asked for.
    pub asked: usize,
    /// Of them, made now: neither repeated nor read from the file.
    pub made: usize,
}

/// All searches of one supernet.
pub(super) struct Search<'a, S: Subject> {
    /// Whose sub-networks are looked for.
    pub subject: &'a S,
    /// What they cost.
    pub costs: &'a Costs<'a, S>,
    /// What is searched, and how.
    pub header: &'a Header,
}

impl<S: Subject> Search<'_, S> {
    /// Every strategy with every seed under every limit.
    ///
    /// # Errors
    /// When no architecture is below a limit, the file cannot be used, or the user stops.
    pub fn run(
        &self,
        arguments: &SearchArguments,
        file: &Path,
        reporter: &mut dyn Reporter,
    ) -> Result<(Vec<Found>, Timing)> {
        let stop = interrupt::listen()?;
        let threads = arguments.threads.map_or_else(cores, usize::from);
        let searches = self.header.limits.len() * self.header.strategies.len() * self.header.seeds as usize;
        let total = searches as u64 * u64::from(self.header.evaluations);
        let mut evaluations =
            Evaluations::open(self.subject, file, self.header, (threads, total), (&stop, reporter))?;
        let started = Instant::now();
        let mut all = Vec::with_capacity(searches);
        for &limit in &self.header.limits {
            for strategy in &self.header.strategies {
                for seed in 0..u64::from(self.header.seeds) {
                    all.push(self.one((strategy, seed, limit), &mut evaluations)?);
                }
            }
        }
        let asked = all.iter().map(|found| found.points.len()).sum();
        let (evaluating, made) = evaluations.finish()?;
        Ok((all, Timing { total: started.elapsed(), evaluating, asked, made }))
    }

    fn one(
        &self,
        (name, seed, limit): (&String, u64, f64),
        evaluations: &mut Evaluations<'_, S>,
    ) -> Result<Found> {
        let budget = self.header.evaluations as usize;
        let mut config = StrategyConfig {
            population: self.header.population.map(|population| population as usize),
            mutation_probability: self.header.mutation,
            ..StrategyConfig::default()
        };
        config.iterations = Some(generations(&config, budget));
        // Every seed draws anew, whatever the strategy: those of one seed begin alike where they can.
        let draws = Streams::new(Streams::new(self.header.seed).stream_at("search-seed", seed).next_u64());
        let mut strategy = strategy::<S::Space>(name, &config, draws)?;
        let feasible = |point: &<S::Space as Space>::Point| self.costs.of(point) <= limit;
        let history = spend(strategy.as_mut(), self.subject.space(), &feasible, budget, |points| {
            evaluations.of(points)
        })?;
        let points = history.entries().iter().map(|entry| Point {
            architecture: entry.evaluation.point.to_string(),
            cost: self.costs.of(&entry.evaluation.point),
            loss: entry.evaluation.loss,
        });
        Ok(Found { strategy: name.clone(), seed, limit, points: points.collect() })
    }

    /// The best of each strategy under each limit, beside the smallest and the largest sub-network, each measured once.
    ///
    /// # Errors
    /// When the device does not answer.
    pub fn winners(&self, all: &[Found], stopwatch: &Stopwatch) -> Result<Vec<Winner>> {
        let [smallest, largest] = self.subject.extremes();
        let mut wanted = Vec::new();
        for (name, point) in [("smallest", smallest), ("largest", largest)] {
            let loss = pollster::block_on(self.subject.loss(&point))?;
            let known = Point { architecture: point.to_string(), cost: self.costs.of(&point), loss };
            wanted.push((name.to_owned(), None, known));
        }
        for &limit in &self.header.limits {
            for strategy in &self.header.strategies {
                let mine = all
                    .iter()
                    .filter(|found| found.strategy == *strategy && found.limit.total_cmp(&limit).is_eq());
                let best = mine.filter_map(Found::best).min_by(|a, b| a.loss.total_cmp(&b.loss));
                wanted.extend(best.map(|best| (strategy.clone(), Some(limit), best.clone())));
            }
        }
        let mut known: BTreeMap<String, Winner> = BTreeMap::new();
        let mut winners = Vec::with_capacity(wanted.len());
        for (by, limit, point) in wanted {
            let before = known.get(&point.architecture).cloned();
            let winner = match before {
                Some(winner) => Winner { by, limit, point, ..winner },
                None => self.measured(by, limit, point, stopwatch)?,
            };
            known.insert(winner.point.architecture.clone(), winner.clone());
            winners.push(winner);
        }
        Ok(winners)
    }

    fn measured(
        &self,
        by: String,
        limit: Option<f64>,
        point: Point,
        stopwatch: &Stopwatch,
    ) -> Result<Winner> {
        let architecture: <S::Space as Space>::Point = point.architecture.parse()?;
        let sample = stopwatch.measure(self.subject, &architecture)?;
        let tested = pollster::block_on(self.subject.tested(&architecture))?;
        Ok(Winner {
            by,
            limit,
            milliseconds: [sample.milliseconds, sample.quartiles[0], sample.quartiles[1]],
            parameters: self.subject.parameters(&architecture),
            flops: self.subject.flops(&architecture),
            test_loss: tested.loss,
            quality: tested.quality,
            point,
        })
    }
}

/// How many generations spend the budget: the first is the whole population, each later one its children.
fn generations(config: &StrategyConfig, budget: usize) -> usize {
    let settings = match config.population {
        Some(population) => EvolutionSettings::of_population(population),
        None => EvolutionSettings::default(),
    };
    let children = (settings.mutants + settings.crossed).max(1);
    1 + budget.saturating_sub(settings.population()).div_ceil(children)
}
