//! Search: which points of a space are tried next, and what a budget of evaluations has bought.
//!
//! A [`Strategy`] asks for candidates and is told their losses; it never evaluates. Whether a point is feasible (a
//! limit on latency, on size) is a question that the caller answers; strategies ask for feasible points only. What
//! was found is kept in a [`History`], and several objectives are compared by the fronts of [`pareto`].
//!
//! | module | what it holds |
//! | --- | --- |
//! | [`space`], [`choices`] | what a strategy needs of a space; the plainest space |
//! | [`mod@strategy`] | asking and telling |
//! | [`random`] | the baseline: points drawn at random |
//! | [`evolution`] | generations of parents, mutants and crossed children (HAT) |
//! | [`regularised_evolution`] | a population in which the oldest dies |
//! | [`local_search`] | downhill from neighbour to neighbour, with restarts |
//! | [`budget`] | asking and telling until a budget is spent |
//! | [`history`] | incumbents, regret, equal budgets |
//! | [`pareto`] | fronts and hypervolume |
//! | [`latency`] | what was measured on a machine, as a file |
//! | [`predictor`] | what is not measured is predicted from what was |
//!
//! Nothing here trains, measures time, or knows what a point stands for. A new strategy is one file and one row.

pub mod budget;
pub mod choices;
mod draft;
pub mod evolution;
pub mod history;
pub mod latency;
mod ledger;
pub mod local_search;
pub mod pareto;
pub mod predictor;
pub mod random;
pub mod regularised_evolution;
pub mod space;
pub mod strategy;
#[cfg(test)]
mod tests;

pub use budget::spend;
pub use choices::Choices;
pub use draft::MAX_DRAWS;
pub use evolution::{Evolution, EvolutionSettings};
pub use history::{Entry, History, cut_to_equal_budget, regret_area};
pub use local_search::LocalSearch;
pub use pareto::{hypervolume, non_dominated, normalised_hypervolume};
pub use random::Random;
pub use regularised_evolution::{RegularisedEvolution, RegularisedEvolutionSettings};
pub use space::Space;
pub use strategy::{Candidate, Evaluation, Strategy, replay};

use crate::rng::Streams;
use crate::{Error, Result};

/// A strategy or a predictor as its paper describes it.
#[derive(Debug, PartialEq, Eq)]
pub struct MethodInfo {
    /// Its name in specifications: `local-search`.
    pub name: &'static str,
    /// What readers call it.
    pub title: &'static str,
    /// Where it comes from.
    pub paper: &'static str,
    /// What it does, in one sentence.
    pub rule: &'static str,
    /// The fields of its configuration that it reads.
    pub settings: &'static [&'static str],
    /// What to look out for.
    pub pitfall: &'static str,
}

/// The settings of a strategy; what is left out is as in [`MethodInfo::paper`] or as the strategy's page says. A
/// field that a strategy does not read changes nothing.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct StrategyConfig {
    /// How many candidates an ask returns (strategies without generations).
    pub batch: Option<usize>,
    /// How many points live at a time.
    pub population: Option<usize>,
    /// How many points compete to be a parent (regularised evolution).
    pub sample: Option<usize>,
    /// With which probability a gene is drawn anew (evolution).
    pub mutation_probability: Option<f64>,
    /// How many generations there are, the first included (evolution).
    pub iterations: Option<usize>,
    /// Whether points that were asked for before are drawn again while new ones are found (both evolutions).
    pub distinct: Option<bool>,
}

/// Makes a strategy from its settings.
type Build<S> = fn(&StrategyConfig, Streams) -> Result<Box<dyn Strategy<S> + Send>>;

/// Every strategy, in the order of tables. A new one is one file and one row here.
const fn rows<S>() -> [(&'static MethodInfo, Build<S>); STRATEGY_COUNT]
where
    S: Space + 'static,
    S::Point: Send,
{
    [
        (&random::STRATEGY, random::build),
        (&evolution::STRATEGY, evolution::build),
        (&regularised_evolution::STRATEGY, regularised_evolution::build),
        (&local_search::STRATEGY, local_search::build),
    ]
}

/// How many strategies there are.
pub const STRATEGY_COUNT: usize = 4;

/// What is known of every strategy, in the order of tables.
pub const STRATEGIES: [&MethodInfo; STRATEGY_COUNT] = {
    let rows = rows::<Choices>();
    let mut infos = [rows[0].0; STRATEGY_COUNT];
    let mut at = 0;
    while at < STRATEGY_COUNT {
        infos[at] = rows[at].0;
        at += 1;
    }
    infos
};

/// The names of [`STRATEGIES`], in the same order.
pub const STRATEGY_NAMES: [&str; STRATEGY_COUNT] = {
    let mut names = [""; STRATEGY_COUNT];
    let mut at = 0;
    while at < STRATEGY_COUNT {
        names[at] = STRATEGIES[at].name;
        at += 1;
    }
    names
};

/// The strategy of this name, at its start. It draws from `streams` only, from the stream `search`.
///
/// # Errors
/// [`Error::UnknownName`] when there is none, [`Error::OutOfRange`] or [`Error::Inconsistent`] for a setting that it
/// reads and that does not suit it.
pub fn strategy<S>(
    name: &str,
    config: &StrategyConfig,
    streams: Streams,
) -> Result<Box<dyn Strategy<S> + Send>>
where
    S: Space + 'static,
    S::Point: Send,
{
    match rows::<S>().iter().find(|(info, _)| info.name == name) {
        Some((_, build)) => build(config, streams),
        None => Err(Error::unknown_name("strategy", name, STRATEGY_NAMES)),
    }
}

/// Refuses a number below `least`.
fn at_least(key: &'static str, value: usize, least: usize) -> Result<()> {
    if value >= least {
        return Ok(());
    }
    Err(Error::OutOfRange {
        key: key.to_owned(),
        value: value.to_string(),
        range: format!("{least} or more"),
    })
}
