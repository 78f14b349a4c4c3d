//! The conversation of a search: a strategy asks for points to be evaluated, and is told how they did.
//!
//! A strategy never evaluates, and what evaluates never searches. Losses are smaller when better. A loss that is not
//! finite means that the evaluation failed: such a point is never a parent.

use super::Space;
use crate::{Error, Result};

/// A point that a strategy wants to be evaluated.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Candidate<P> {
    /// Its number: 0, 1, 2… in the order of asking.
    pub id: u64,
    /// What to evaluate.
    pub point: P,
    /// The candidates that it was made of: none when it was drawn at random.
    pub parents: Vec<u64>,
}

/// What became of a candidate.
#[derive(Debug, Clone, PartialEq)]
pub struct Evaluation<P> {
    /// The candidate's number.
    pub id: u64,
    /// The candidate's point.
    pub point: P,
    /// Its loss, smaller when better; not finite when the evaluation failed.
    pub loss: f64,
}

impl<P: Clone> Candidate<P> {
    /// The answer to this candidate.
    pub fn evaluated(&self, loss: f64) -> Evaluation<P> {
        Evaluation { id: self.id, point: self.point.clone(), loss }
    }
}

/// A way to choose what is tried next.
///
/// The draws of an ask are from the stream `search` at an index that is the number of asks before it. So two
/// strategies of equal seed and settings that were asked and told alike go on alike, and [`replay`] restores one.
///
/// ```
/// use switchyard::rng::Streams;
/// use switchyard::search::{Choices, StrategyConfig, strategy};
///
/// let space = Choices::new(vec![3; 4])?;
/// let mut search = strategy("local-search", &StrategyConfig::default(), Streams::new(7))?;
/// let mut best = f64::INFINITY;
/// for _ in 0..60 {
///     let candidates = search.ask(&space, &|point| point[0] != 2)?;
///     let told: Vec<_> = candidates
///         .iter()
///         .map(|candidate| candidate.evaluated(candidate.point.iter().sum::<usize>() as f64))
///         .collect();
///     best = told.iter().fold(best, |best, evaluation| best.min(evaluation.loss));
///     search.tell(&told)?;
/// }
/// assert_eq!(best, 0.0);
/// # Ok::<(), switchyard::Error>(())
/// ```
pub trait Strategy<S: Space>: std::fmt::Debug {
    /// Its name in specifications.
    fn name(&self) -> &'static str;

    /// The next candidates, all feasible. None means that the strategy is at its end. An ask that fails changes
    /// nothing, so it can be repeated under a limit that is less tight.
    ///
    /// # Errors
    /// [`Error::Inconsistent`] when no feasible point was found in a bounded number of draws, and for a strategy that
    /// works in generations when candidates of the last one have not been told yet.
    fn ask(&mut self, space: &S, feasible: &dyn Fn(&S::Point) -> bool) -> Result<Vec<Candidate<S::Point>>>;

    /// Takes note of evaluations, in any order, all at once or in parts.
    ///
    /// # Errors
    /// [`Error::Inconsistent`] when one answers no candidate that is waiting, or names another point than was asked;
    /// then none is taken.
    fn tell(&mut self, evaluations: &[Evaluation<S::Point>]) -> Result<()>;
}

/// Brings a new strategy to where another was, from what the other was told: one entry for each of its asks.
///
/// # Errors
/// [`Error::Inconsistent`] when the evaluations are not those of a strategy with this seed, settings and space.
pub fn replay<S: Space>(
    strategy: &mut dyn Strategy<S>,
    space: &S,
    feasible: &dyn Fn(&S::Point) -> bool,
    told: &[Vec<Evaluation<S::Point>>],
) -> Result<()> {
    for (ask, evaluations) in told.iter().enumerate() {
        let candidates = strategy.ask(space, feasible)?;
        if candidates.len() != evaluations.len() {
            let problem = format!(
                "ask {ask} (counted from 0) has {} candidates, but {} evaluations are recorded; replay with the \
                 seed, settings and limit of the recorded search",
                candidates.len(),
                evaluations.len()
            );
            return Err(Error::Inconsistent { key: "replay".to_owned(), problem });
        }
        strategy.tell(evaluations)?;
    }
    Ok(())
}
