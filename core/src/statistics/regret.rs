//! Regret: what it costs to choose by the estimate instead of the truth.

use serde::{Deserialize, Serialize};

use super::{check_pair, undefined};
use crate::Result;

/// Which way a quantity gets better.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Direction {
    /// Lower is better: a loss, an error, a gap.
    Lower,
    /// Higher is better: an accuracy, BLEU, a rank correlation.
    Higher,
}

impl Direction {
    /// `value` with the sign that makes lower better.
    pub(crate) fn as_cost(self, value: f64) -> f64 {
        match self {
            Self::Lower => value,
            Self::Higher => -value,
        }
    }
}

/// Top-k regret: the true quality of the best of the k items that the estimate puts first, minus that of the best
/// of all, as a loss: never negative, 0 when the best item is among the k. Both columns share `better`.
///
/// Items that tie at the k-th place are equally likely to be taken, and the regret is the expectation over that
/// draw; so the order of the items plays no part.
///
/// # Errors
/// [`Undefined`](crate::Error::Undefined) for bad columns, or a `k` outside 1 to the number of items.
pub fn top_k_regret(estimate: &[f64], truth: &[f64], k: usize, better: Direction) -> Result<f64> {
    const STATISTIC: &str = "the top-k regret";
    check_pair(STATISTIC, estimate, truth, 1)?;
    if k == 0 || k > truth.len() {
        return Err(undefined(STATISTIC, format!("k is {k}, but must be from 1 to {}", truth.len())));
    }
    let mut items: Vec<(f64, f64)> =
        estimate.iter().zip(truth).map(|(&e, &t)| (better.as_cost(e), better.as_cost(t))).collect();
    items.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.total_cmp(&b.1)));
    let cut = items[k - 1].0;
    let lowest = |group: &mut dyn Iterator<Item = f64>| group.fold(f64::INFINITY, f64::min);
    let best = lowest(&mut items.iter().map(|item| item.1));
    let sure = lowest(&mut items.iter().filter(|item| item.0 < cut).map(|item| item.1));
    let places = k - items.iter().filter(|item| item.0 < cut).count();
    let tied: Vec<f64> = items.iter().filter(|item| item.0 == cut).map(|item| item.1).collect();
    // Chosen without replacement: the i-th best of the tied is the best one taken when it is taken and all better
    // ones are not.
    let mut none_yet = 1.0;
    let mut expected = 0.0;
    for (i, &cost) in tied.iter().enumerate().take(tied.len() - places + 1) {
        let taken = places as f64 / (tied.len() - i) as f64;
        expected += none_yet * taken * (cost.min(sure) - best);
        none_yet *= 1.0 - taken;
    }
    Ok(expected)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rng::Streams;
    use proptest::prelude::*;

    const ESTIMATE: [f64; 4] = [0.4, 0.1, 0.2, 0.3];
    const TRUTH: [f64; 4] = [0.1, 0.5, 0.3, 0.9];

    #[test]
    fn regret_equals_that_computed_by_hand() {
        let regret = |k, better| top_k_regret(&ESTIMATE, &TRUTH, k, better).expect("defined");
        let near =
            |found: f64, expected: f64| assert!((found - expected).abs() < 1e-15, "{found} {expected}");
        near(regret(1, Direction::Lower), 0.4); // Item 1: 0.5 against 0.1.
        near(regret(2, Direction::Lower), 0.2); // Items 1 and 2: 0.3 against 0.1.
        near(regret(4, Direction::Lower), 0.0);
        near(regret(1, Direction::Higher), 0.8); // Item 0: 0.1 against 0.9.
        near(regret(2, Direction::Higher), 0.0); // Items 0 and 3.
    }

    #[test]
    fn ties_at_the_cut_are_averaged() {
        // Two of three tied items are taken: pairs {1,2}, {1,4}, {2,4}, best 1, 1, 2: (0 + 0 + 1) / 3.
        let regret = top_k_regret(&[5.0; 3], &[4.0, 1.0, 2.0], 2, Direction::Lower).expect("defined");
        assert!((regret - 1.0 / 3.0).abs() < 1e-15, "{regret}");
        let sure_first =
            top_k_regret(&[0.0, 5.0, 5.0], &[3.0, 1.0, 9.0], 2, Direction::Lower).expect("defined");
        assert!((sure_first - 1.0).abs() < 1e-15, "{sure_first}"); // min(3, 1) or min(3, 9): (0 + 2) / 2.
    }

    #[test]
    fn k_out_of_range_and_nan_are_refused() {
        for k in [0, 5] {
            let error = top_k_regret(&ESTIMATE, &TRUTH, k, Direction::Lower).expect_err("k");
            assert!(error.to_string().contains("from 1 to 4"), "{error}");
        }
        assert!(top_k_regret(&[f64::NAN], &[1.0], 1, Direction::Lower).is_err());
    }

    proptest! {
        #[test]
        fn regret_is_never_negative_falls_with_k_and_ignores_order(
            pairs in prop::collection::vec((0i32..6, 0i32..20), 1..15),
            seed in 0u64..1000,
        ) {
            let columns = |pairs: &[(i32, i32)]| -> (Vec<f64>, Vec<f64>) {
                pairs.iter().map(|&(e, t)| (f64::from(e), f64::from(t))).unzip()
            };
            let (estimate, truth) = columns(&pairs);
            let mut shuffled = pairs.clone();
            Streams::new(seed).stream("test").shuffle(&mut shuffled);
            let (other_estimate, other_truth) = columns(&shuffled);
            let mut before = f64::INFINITY;
            for k in 1..=truth.len() {
                let regret = top_k_regret(&estimate, &truth, k, Direction::Lower).expect("defined");
                prop_assert!(regret >= 0.0 && regret <= before + 1e-12);
                let other = top_k_regret(&other_estimate, &other_truth, k, Direction::Lower).expect("defined");
                prop_assert_eq!(regret, other);
                before = regret;
            }
            prop_assert!(before.abs() < 1e-12);
        }
    }
}
