//! The percentile bootstrap over items (Efron 1979), and the interval it gives.
//!
//! Items are drawn with replacement, the statistic is recomputed, and the 2.5% and 97.5% points of the results
//! are the 95% interval. It speaks only of the randomness it resamples: items drawn again say nothing about
//! another seed of the supernet.

use serde::{Deserialize, Serialize};

use super::{check, mean, undefined};
use crate::rng::Stream;
use crate::{Error, Result};

/// How many resamples are drawn unless said otherwise.
pub const DEFAULT_RESAMPLES: usize = 2_000;

/// An estimate with its 95% interval.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Interval {
    /// The statistic on the data as they are. (A percentile interval of a skewed statistic need not hold it.)
    pub mean: f64,
    /// The lower end.
    pub low: f64,
    /// The upper end.
    pub high: f64,
}

/// What resampling gave: the statistic itself, and its value on every resample.
#[derive(Debug, Clone, PartialEq)]
pub struct Distribution {
    estimate: f64,
    sorted: Vec<f64>,
    undefined: usize,
}

impl Distribution {
    /// Runs `resample` as often as asked. Resamples on which the statistic is not defined are left out and counted;
    /// more than one in ten of them is an error.
    pub(crate) fn draw(
        estimate: f64,
        resamples: usize,
        mut resample: impl FnMut() -> Result<f64>,
    ) -> Result<Self> {
        const STATISTIC: &str = "the bootstrap interval";
        if resamples < 2 {
            return Err(undefined(STATISTIC, format!("it needs at least 2 resamples, not {resamples}")));
        }
        let mut sorted = Vec::with_capacity(resamples);
        for _ in 0..resamples {
            match resample() {
                Ok(value) if value.is_finite() => sorted.push(value),
                Ok(_) | Err(Error::Undefined { .. }) => {}
                Err(error) => return Err(error),
            }
        }
        let undefined_count = resamples - sorted.len();
        if undefined_count * 10 > resamples {
            let problem = format!(
                "the statistic is not defined on {undefined_count} of {resamples} resamples; there are too few \
                 items, or too many ties"
            );
            return Err(undefined(STATISTIC, problem));
        }
        sorted.sort_by(f64::total_cmp);
        Ok(Self { estimate, sorted, undefined: undefined_count })
    }

    /// The statistic on the data as they are.
    pub fn estimate(&self) -> f64 {
        self.estimate
    }

    /// How many resamples were left out because the statistic was not defined on them.
    pub fn undefined_resamples(&self) -> usize {
        self.undefined
    }

    /// The 95% percentile interval.
    pub fn interval(&self) -> Interval {
        Interval { mean: self.estimate, low: self.quantile(0.025), high: self.quantile(0.975) }
    }

    /// The two-sided bootstrap p-value of "the statistic is 0":
    /// `min(1, 2 (1 + min(#{values <= 0}, #{values >= 0})) / (1 + B))`. It is never 0.
    pub fn two_sided_p_value(&self) -> f64 {
        let not_above = self.sorted.iter().filter(|value| **value <= 0.0).count();
        let not_below = self.sorted.iter().filter(|value| **value >= 0.0).count();
        let tail = 1 + not_above.min(not_below);
        (2.0 * tail as f64 / (1 + self.sorted.len()) as f64).min(1.0)
    }

    /// The value below which the share `p` of the resamples lies.
    fn quantile(&self, p: f64) -> f64 {
        quantile(&self.sorted, p)
    }
}

/// The value below which the share `p` of sorted values lies, with linear interpolation (numpy's default).
///
/// # Panics
/// If there is no value.
pub fn quantile(sorted: &[f64], p: f64) -> f64 {
    let place = p * (sorted.len() - 1) as f64;
    let below = place.floor() as usize;
    let above = (below + 1).min(sorted.len() - 1);
    let (low, high) = (sorted[below], sorted[above]);
    low + (high - low) * (place - below as f64)
}

/// Bootstraps any statistic of `count` items: the closure is given the drawn items' indices.
///
/// # Errors
/// [`Undefined`](Error::Undefined) for no items, fewer than 2 resamples, a statistic that is not defined on the data
/// or on more than one resample in ten; and whatever else the statistic returns.
pub fn bootstrap(
    count: usize,
    resamples: usize,
    stream: &mut Stream,
    statistic: impl Fn(&[usize]) -> Result<f64>,
) -> Result<Distribution> {
    if count == 0 {
        return Err(undefined("the bootstrap interval", "there are no items to resample"));
    }
    let mut drawn: Vec<usize> = (0..count).collect();
    let estimate = statistic(&drawn)?;
    Distribution::draw(estimate, resamples, || {
        drawn.iter_mut().for_each(|index| *index = stream.below(count));
        statistic(&drawn)
    })
}

/// The mean with its 95% percentile bootstrap interval.
///
/// # Errors
/// [`Undefined`](Error::Undefined) for no values, non-finite values or fewer than 2 resamples.
pub fn bootstrap_mean(values: &[f64], resamples: usize, stream: &mut Stream) -> Result<Interval> {
    check("the bootstrap interval", values, 1)?;
    let over = |drawn: &[usize]| Ok(mean(&drawn.iter().map(|&index| values[index]).collect::<Vec<_>>()));
    Ok(bootstrap(values.len(), resamples, stream, over)?.interval())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rng::Streams;
    use proptest::prelude::*;

    fn stream() -> Stream {
        Streams::new(5).stream("bootstrap")
    }

    #[test]
    fn quantiles_are_those_of_numpy() {
        // numpy.percentile([1, 2, 4, 8, 16], [2.5, 97.5]) == [1.1, 15.2]
        let mut values = [8.0, 1.0, 16.0, 2.0, 4.0].into_iter();
        let all = Distribution::draw(4.0, 5, || Ok(values.next().expect("five draws"))).expect("defined");
        let Interval { mean, low, high } = all.interval();
        assert!(mean == 4.0 && (low - 1.1).abs() < 1e-12 && (high - 15.2).abs() < 1e-12, "{low} {high}");
    }

    #[test]
    fn the_p_value_counts_the_smaller_tail() {
        let p_value = |values: &[f64]| {
            let mut each = values.iter().copied();
            let draw = || Ok(each.next().expect("as many draws as values"));
            Distribution::draw(0.0, values.len(), draw).expect("defined").two_sided_p_value()
        };
        assert_eq!(p_value(&[-1.0, -2.0, -3.0, 1.0]), 0.8); // 2 (1 + 1) / 5
        assert_eq!(p_value(&[-1.0; 9]), 0.2); // 2 (1 + 0) / 10
        assert_eq!(p_value(&[0.0; 3]), 1.0);
    }

    #[test]
    fn the_interval_of_a_mean_has_the_theoretical_width() {
        let values: Vec<f64> = (0..100).map(f64::from).collect();
        let interval = bootstrap_mean(&values, 4_000, &mut stream()).expect("defined");
        // The bootstrap's standard error of the mean: sqrt((n^2 - 1) / 12 / n) = 2.8865.
        let half_width = (interval.high - interval.low) / 2.0;
        assert!((half_width - 1.96 * 2.8865).abs() < 0.25, "{interval:?}");
        assert_eq!(interval, bootstrap_mean(&values, 4_000, &mut stream()).expect("defined"));
    }

    #[test]
    fn undefined_resamples_are_counted_or_refused() {
        let tau = |column: &'static [f64]| {
            move |drawn: &[usize]| {
                let drawn: Vec<f64> = drawn.iter().map(|&index| column[index]).collect();
                super::super::kendall_tau(&drawn, &drawn)
            }
        };
        // Of 4 items a resample is constant with probability 4 / 256.
        let few = bootstrap(4, 2_000, &mut stream(), tau(&[1.0, 2.0, 3.0, 4.0])).expect("defined");
        assert!((10..=60).contains(&few.undefined_resamples()), "{}", few.undefined_resamples());
        let error = bootstrap(2, 2_000, &mut stream(), tau(&[1.0, 2.0])).expect_err("half are constant");
        assert!(error.to_string().contains("of 2000 resamples"), "{error}");
        assert!(bootstrap_mean(&[], 100, &mut stream()).is_err());
        assert!(bootstrap_mean(&[1.0], 1, &mut stream()).is_err());
        assert!(bootstrap_mean(&[f64::NAN], 100, &mut stream()).is_err());
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]
        #[test]
        fn the_interval_of_a_mean_holds_the_mean(
            values in prop::collection::vec(-100.0f64..100.0, 1..40),
            seed in 0u64..1000,
        ) {
            let mut stream = Streams::new(seed).stream("bootstrap");
            let interval = bootstrap_mean(&values, 1_000, &mut stream).expect("defined");
            prop_assert!(interval.low <= interval.mean + 1e-9 && interval.mean <= interval.high + 1e-9);
            let lowest = values.iter().copied().fold(f64::INFINITY, f64::min);
            prop_assert!(interval.low >= lowest - 1e-9);
        }
    }
}
