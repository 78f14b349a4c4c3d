//! `switchyard search`: the best sub-networks of a trained supernet under a limit, by several strategies at equal numbers of
//! evaluations.

mod answer;
mod cost;
mod evaluations;

use std::collections::BTreeMap;
use std::path::Path;
use std::time::{Duration, Instant};

use serde::Serialize;
use switchyard::data::OwnData;
use switchyard::experiment::{Checked, Registry};
use switchyard::labs::masked_language::{self, Guesser};
use switchyard::labs::supernet_search::{Found, Point, Subject, Winner};
use switchyard::labs::translation::{self, Translator};
use switchyard::rng::Streams;
use switchyard::search::{EvolutionSettings, Space, StrategyConfig, spend, strategy};

use self::answer::Searched;
use self::cost::Costs;
use self::evaluations::Evaluations;
use super::export::weights;
use super::latency::cannot_be_searched;
use crate::arguments::SearchArguments;
use crate::atomic;
use crate::checkpoint::sha256;
use crate::directory::{RunDirectory, identity};
use crate::environment::cores;
use crate::error::{Error, Result};
use crate::interrupt;
use crate::reporter::Reporter;
use crate::stopwatch::Stopwatch;

/// The version of the format of the file of evaluations.
const SCHEMA_VERSION: u32 = 1;

/// The first line of the file of evaluations: everything that its results depend on.
#[derive(Debug, Serialize)]
struct Header {
    kind: &'static str,
    schema_version: u32,
    build: &'static str,
    experiment: String,
    method: String,
    supernet: u64,
    weights_sha256: String,
    sentences: usize,
    device: String,
    cost: &'static str,
    /// Of the file of measurements, and what predicts latency from it.
    latency: Option<[String; 2]>,
    limits: Vec<f64>,
    strategies: Vec<String>,
    evaluations: u32,
    seeds: u16,
    population: Option<u32>,
    mutation: Option<f64>,
    seed: u64,
}

/// Searches a trained supernet.
///
/// # Errors
/// When the run has no such supernet, a file cannot be used, no architecture is below a limit, or the user stops.
pub fn search(arguments: &SearchArguments, reporter: &mut dyn Reporter) -> Result<()> {
    let directory = RunDirectory::look(&arguments.directory)?;
    let checked = directory.checked(&Registry::standard())?;
    let data = directory.data()?;
    let own = data.as_ref().map(|data| &data.data);
    let experiment = identity(&checked, data.as_ref());
    let (method, number) = (&arguments.method, arguments.supernet);
    let task = match checked.lab().name() {
        "translation" => translation::task_of(&checked, method, number)?,
        "masked-language" => masked_language::task_of(&checked, method, number)?,
        _ => return Err(cannot_be_searched(&checked)),
    };
    let weights = weights(&directory, &task, &experiment)?;
    let trained = Trained { directory, checked, experiment, weights_sha256: sha256(&weights) };
    let device = arguments.device.open()?;
    let sentences = arguments.sentences.map(|sentences| sentences as usize);
    let (checked, named) = (&trained.checked, (method.as_str(), weights.as_slice()));
    if checked.lab().name() == "translation" {
        let pairs = own.and_then(OwnData::pairs);
        let subject = Translator::trained(checked, pairs, named, sentences, &device)?;
        return through(&subject, &trained, arguments, reporter);
    }
    let subject = Guesser::trained(checked, own, named, sentences, &device)?;
    through(&subject, &trained, arguments, reporter)
}

/// The run whose supernet is searched.
struct Trained {
    directory: RunDirectory,
    checked: Checked,
    experiment: String,
    weights_sha256: String,
}

/// Searches one supernet, compares what was found, and says it.
fn through<S: Subject>(
    subject: &S,
    trained: &Trained,
    arguments: &SearchArguments,
    reporter: &mut dyn Reporter,
) -> Result<()> {
    let streams = Streams::new(trained.checked.seed());
    let costs = Costs::new(subject, arguments, &streams, reporter)?;
    let header = Header {
        kind: "switchyard-search",
        schema_version: SCHEMA_VERSION,
        build: switchyard::BUILD,
        experiment: trained.experiment.clone(),
        method: arguments.method.clone(),
        supernet: arguments.supernet,
        weights_sha256: trained.weights_sha256.clone(),
        sentences: subject.seen(),
        device: arguments.device.to_string(),
        cost: costs.key,
        latency: costs.measurements.clone(),
        limits: costs.limits(&arguments.limits, &streams, reporter)?,
        strategies: distinct(&arguments.strategies),
        evaluations: arguments.evaluations,
        seeds: arguments.seeds,
        population: arguments.population,
        mutation: arguments.mutation,
        seed: trained.checked.seed(),
    };
    let file = arguments.out.clone().unwrap_or_else(|| trained.directory.path().join("search.jsonl"));
    let search = Search { subject, costs: &costs, header: &header };
    let (all, timing) = search.run(arguments, &file, reporter)?;
    reporter.note("measuring what was found");
    let winners = search.winners(&all, &Stopwatch::new(costs.conditions(arguments)?)?)?;
    let searched = Searched::new(&search, file, (all, winners, timing))?;
    if let Some(report) = &arguments.report {
        let page = searched.page(&arguments.directory, &trained.checked)?;
        atomic::write(report, page.as_bytes()).map_err(Error::write(report))?;
    }
    reporter.answer(&searched.reported(arguments.report.clone()))
}

fn distinct(names: &[String]) -> Vec<String> {
    let mut distinct: Vec<String> = Vec::new();
    for name in names {
        if !distinct.contains(name) {
            distinct.push(name.clone());
        }
    }
    distinct
}

/// How the time went.
#[derive(Debug, Clone, Copy, Default)]
struct Timing {
    /// Of all searches.
    total: Duration,
    /// Of it, evaluating.
    evaluating: Duration,
    /// Evaluations asked for.
    asked: usize,
    /// Of them, made now: neither repeated nor read from the file.
    made: usize,
}

/// All searches of one supernet.
struct Search<'a, S: Subject> {
    subject: &'a S,
    costs: &'a Costs<'a, S>,
    header: &'a Header,
}

impl<S: Subject> Search<'_, S> {
    /// Every strategy with every seed under every limit.
    fn run(
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
    fn winners(&self, all: &[Found], stopwatch: &Stopwatch) -> Result<Vec<Winner>> {
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
