//! Strategies against random search: the best loss under each limit, and the hypervolume, as differences paired by seed.

use super::found::{Found, corners, hypervolume_of, limits, seeds, strategies};
use crate::Result;
use crate::experiment::{Verdict, VerdictWord};
use crate::statistics::{Direction, mean_with_t_interval, sign_count, verdict};

/// The strategy that the others are compared with.
pub const BASELINE: &str = "random";
/// The least difference of hypervolumes that is worth claiming: one part in a hundred of the box.
pub const SMALLEST_SHARE: f64 = 0.01;

/// How the best loss of a strategy under a limit differs from that of random search, seed by seed; only seeds that both
/// have count.
pub fn loss_differences(all: &[Found], strategy: &str, limit: f64) -> Vec<f64> {
    let best = |strategy: &str, seed: u64| {
        let mut searches = all.iter();
        let found = searches.find(|found| {
            found.strategy == strategy && found.seed == seed && found.limit.total_cmp(&limit).is_eq()
        });
        found.and_then(Found::best).map(|point| point.loss)
    };
    let pairs = seeds(all).into_iter().map(|seed| Some(best(strategy, seed)? - best(BASELINE, seed)?));
    pairs.flatten().collect()
}

/// The same for hypervolumes.
///
/// # Errors
/// When a cost is not finite.
pub fn hypervolume_differences(all: &[Found], strategy: &str) -> Result<Vec<f64>> {
    let Some(corners) = corners(all) else { return Ok(Vec::new()) };
    let of = |strategy: &str, seed: u64| hypervolume_of(all, strategy, seed, corners);
    seeds(all).into_iter().map(|seed| Ok(of(strategy, seed)? - of(BASELINE, seed)?)).collect()
}

/// One verdict for each strategy that is not random search, limit by limit, and one for its hypervolume. None without
/// random search or with one seed. `unit` is that of costs, `smallest_effect` the least difference in loss worth claiming,
/// in nats.
///
/// # Errors
/// When a number is not finite.
pub fn verdicts(all: &[Found], unit: &str, smallest_effect: f64) -> Result<Vec<Verdict>> {
    let strategies = strategies(all);
    let mut verdicts = Vec::new();
    if !strategies.contains(&BASELINE) {
        return Ok(verdicts);
    }
    for strategy in strategies.into_iter().filter(|strategy| *strategy != BASELINE) {
        for limit in limits(all) {
            let asked = Asked {
                name: format!("{strategy} against {BASELINE}, at most {limit:.3} {unit}"),
                claim: format!(
                    "With equal evaluations {strategy} finds a smaller loss than {BASELINE} search."
                ),
                quantity: "difference of the best validation loss (nats)",
                better: Direction::Lower,
                smallest: smallest_effect,
            };
            verdicts.extend(asked.answered(&loss_differences(all, strategy, limit))?);
        }
        let asked = Asked {
            name: format!("{strategy} against {BASELINE}, front"),
            claim: format!(
                "With equal evaluations {strategy}'s front covers more than that of {BASELINE} search."
            ),
            quantity: "difference of the hypervolume (share of the box of all evaluations)",
            better: Direction::Higher,
            smallest: SMALLEST_SHARE,
        };
        verdicts.extend(asked.answered(&hypervolume_differences(all, strategy)?)?);
    }
    Ok(verdicts)
}

/// A question with its answer still out.
struct Asked {
    name: String,
    claim: String,
    quantity: &'static str,
    better: Direction,
    smallest: f64,
}

impl Asked {
    fn answered(self, differences: &[f64]) -> Result<Option<Verdict>> {
        if differences.len() < 2 {
            return Ok(None);
        }
        let interval = mean_with_t_interval(differences)?;
        let signs = sign_count(differences, self.better)?;
        let word = if differences.len() < 3 {
            // Two seeds prove nothing.
            VerdictWord::Inconclusive
        } else {
            verdict(&interval, self.better, self.smallest)?
        };
        Ok(Some(Verdict {
            name: self.name,
            claim: self.claim,
            paper: "HAT (arXiv 2005.14187) searches by evolution. None of its numbers is compared with here."
                .to_owned(),
            quantity: self.quantity.to_owned(),
            mean: interval.mean,
            low: interval.low,
            high: interval.high,
            wins: signs.wins,
            replicates: signs.replicates,
            word,
        }))
    }
}
