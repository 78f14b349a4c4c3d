//! A search as far as its budget goes: ask, evaluate, tell, until so many evaluations are paid for.
//!
//! What evaluates is given by the caller. It is asked for all points of an ask at once, so that it can work on them side
//! by side; their order is kept, so a result does not depend on how.

use super::{History, Space, Strategy};
use crate::Error;

/// Lets `strategy` look for points of a small loss until `budget` evaluations are made or it is at its end. Of the last
/// ask only as many candidates are evaluated as the budget has left, and the strategy is not told of them any more.
///
/// # Errors
/// What `evaluate` says, unchanged; [`Error::Inconsistent`] when the strategy finds no feasible point, or when `evaluate`
/// does not give one loss for each point.
pub fn spend<S: Space, E: From<Error>>(
    strategy: &mut dyn Strategy<S>,
    space: &S,
    feasible: &dyn Fn(&S::Point) -> bool,
    budget: usize,
    mut evaluate: impl FnMut(&[S::Point]) -> Result<Vec<f64>, E>,
) -> Result<History<S::Point>, E> {
    let mut history = History::new();
    while history.len() < budget {
        let mut candidates = strategy.ask(space, feasible)?;
        if candidates.is_empty() {
            break;
        }
        let is_cut = candidates.len() > budget - history.len();
        candidates.truncate(budget - history.len());
        let points: Vec<S::Point> = candidates.iter().map(|candidate| candidate.point.clone()).collect();
        let losses = evaluate(&points)?;
        if losses.len() != points.len() {
            let problem = format!("{} points were evaluated to {} losses", points.len(), losses.len());
            return Err(Error::Inconsistent { key: "evaluate".to_owned(), problem }.into());
        }
        let told: Vec<_> =
            candidates.iter().zip(losses).map(|(candidate, loss)| candidate.evaluated(loss)).collect();
        for evaluation in &told {
            // A strategy asks for feasible points only.
            history.record(evaluation.clone(), true);
        }
        if !is_cut {
            strategy.tell(&told)?;
        }
    }
    Ok(history)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rng::Streams;
    use crate::search::{Choices, STRATEGY_NAMES, StrategyConfig, strategy};

    fn found(name: &str, budget: usize) -> Result<History<Vec<usize>>, Error> {
        let space = Choices::new(vec![4; 6])?;
        let mut search = strategy::<Choices>(name, &StrategyConfig::default(), Streams::new(3))?;
        let feasible = |point: &Vec<usize>| point[0] != 1;
        spend(search.as_mut(), &space, &feasible, budget, |points: &[Vec<usize>]| {
            Ok::<_, Error>(points.iter().map(|point| point.iter().sum::<usize>() as f64).collect())
        })
    }

    #[test]
    fn every_strategy_spends_its_budget_exactly_and_goes_the_same_way_under_a_larger_one() {
        for name in STRATEGY_NAMES {
            let (short, long) = (found(name, 230).expect("feasible"), found(name, 400).expect("feasible"));
            assert_eq!((short.len(), long.len()), (230, 400), "{name}");
            assert_eq!(short.entries(), &long.entries()[..230], "{name}");
            assert!(long.entries().iter().all(|entry| entry.evaluation.point[0] != 1), "{name}");
        }
    }

    #[test]
    fn a_strategy_that_ends_earlier_leaves_budget_over() {
        assert_eq!(found("evolution", 10_000).expect("feasible").len(), 3025);
    }

    #[test]
    fn an_evaluation_that_fails_ends_the_search_with_its_own_error() {
        let space = Choices::new(vec![4; 6]).expect("choices");
        let mut search =
            strategy::<Choices>("random", &StrategyConfig::default(), Streams::new(3)).expect("known");
        let failing = |_: &[Vec<usize>]| Err(Error::Diverged { task: "one".to_owned(), step: 3 });
        let error = spend(search.as_mut(), &space, &|_| true, 10, failing).expect_err("it fails");
        assert!(error.to_string().contains("one"), "{error}");
        let short = |_: &[Vec<usize>]| Ok::<_, Error>(Vec::new());
        let error = spend(search.as_mut(), &space, &|_| true, 10, short).expect_err("no losses");
        assert!(error.to_string().contains("0 losses"), "{error}");
    }
}
