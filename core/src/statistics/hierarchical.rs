//! The paired hierarchical bootstrap: two methods, the same seeds, the same architectures.
//!
//! A difference between two supernets is random twice over: another seed gives another supernet, and other
//! architectures would have been judged otherwise. Each resample first draws replicates (seeds), then
//! architectures. All drawn replicates share the drawn architectures, because in the experiment too every seed is
//! judged on the same ones (rows and columns are resampled: Owen 2007, "The pigeonhole bootstrap"). Both methods
//! always see the same draw, so what they have in common cancels.

use super::{Distribution, check, undefined};
use crate::Result;
use crate::rng::Stream;

const STATISTIC: &str = "the paired hierarchical bootstrap";

/// Two methods judged on the same replicates and architectures.
#[derive(Debug, Clone, Copy)]
pub struct Paired<'a> {
    /// The method of interest: `new[replicate][architecture]`.
    pub new: &'a [Vec<f64>],
    /// What it is compared with, in the same shape.
    pub baseline: &'a [Vec<f64>],
    /// True quality of each architecture (the mean over standalones, where there are several).
    pub truth: &'a [f64],
}

impl Paired<'_> {
    fn check(&self) -> Result<()> {
        check(STATISTIC, self.truth, 1)?;
        if self.new.len() != self.baseline.len() || self.new.is_empty() {
            let problem = format!(
                "the methods have {} and {} replicates; they must have the same, at least 1",
                self.new.len(),
                self.baseline.len()
            );
            return Err(undefined(STATISTIC, problem));
        }
        for row in self.new.iter().chain(self.baseline) {
            if row.len() != self.truth.len() {
                let problem =
                    format!("a replicate has {} architectures, the truth {}", row.len(), self.truth.len());
                return Err(undefined(STATISTIC, problem));
            }
            check(STATISTIC, row, 1)?;
        }
        Ok(())
    }

    /// The difference `new - baseline` of a statistic of (estimate, truth), one number per replicate.
    ///
    /// # Errors
    /// [`Undefined`](crate::Error::Undefined) for shapes that do not match, and whatever the statistic returns.
    pub fn differences(&self, statistic: impl Fn(&[f64], &[f64]) -> Result<f64>) -> Result<Vec<f64>> {
        self.check()?;
        let pairs = self.new.iter().zip(self.baseline);
        pairs.map(|(new, base)| Ok(statistic(new, self.truth)? - statistic(base, self.truth)?)).collect()
    }
}

/// The mean over replicates of `statistic(new, truth) - statistic(baseline, truth)`, hierarchically resampled.
///
/// With one replicate only architectures are resampled, and the interval knows nothing of seeds.
///
/// # Errors
/// [`Undefined`](crate::Error::Undefined) for shapes that do not match, non-finite numbers, or a statistic that is
/// not defined on the data or on more than one resample in ten.
pub fn hierarchical_bootstrap(
    paired: &Paired<'_>,
    resamples: usize,
    stream: &mut Stream,
    statistic: impl Fn(&[f64], &[f64]) -> Result<f64>,
) -> Result<Distribution> {
    let estimate = super::mean(&paired.differences(&statistic)?);
    let (replicates, architectures) = (paired.new.len(), paired.truth.len());
    Distribution::draw(estimate, resamples, || {
        let drawn_replicates: Vec<usize> = (0..replicates).map(|_| stream.below(replicates)).collect();
        let drawn: Vec<usize> = (0..architectures).map(|_| stream.below(architectures)).collect();
        let pick = |column: &[f64]| -> Vec<f64> { drawn.iter().map(|&index| column[index]).collect() };
        let truth = pick(paired.truth);
        let mut sum = 0.0;
        for replicate in drawn_replicates {
            let new = statistic(&pick(&paired.new[replicate]), &truth)?;
            sum += new - statistic(&pick(&paired.baseline[replicate]), &truth)?;
        }
        Ok(sum / replicates as f64)
    })
}

/// The mean of the paired differences `new - baseline` themselves, hierarchically resampled.
///
/// # Errors
/// As [`hierarchical_bootstrap`].
pub fn hierarchical_bootstrap_mean(
    new: &[Vec<f64>],
    baseline: &[Vec<f64>],
    resamples: usize,
    stream: &mut Stream,
) -> Result<Distribution> {
    let truth = vec![0.0; new.first().map_or(0, Vec::len)];
    let paired = Paired { new, baseline, truth: &truth };
    hierarchical_bootstrap(&paired, resamples, stream, |values, _| Ok(super::mean(values)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rng::Streams;
    use crate::statistics::{kendall_tau, mean_absolute_error};

    fn stream() -> Stream {
        Streams::new(11).stream("bootstrap")
    }

    #[test]
    fn the_estimate_is_the_mean_of_the_paired_differences() {
        let truth = [1.0, 2.0];
        let new = [vec![1.5, 2.5], vec![1.0, 3.0]]; // MAE 0.5, 0.5
        let baseline = [vec![2.0, 3.0], vec![3.0, 3.0]]; // MAE 1.0, 1.5
        let paired = Paired { new: &new, baseline: &baseline, truth: &truth };
        assert_eq!(paired.differences(mean_absolute_error), Ok(vec![-0.5, -1.0]));
        let distribution =
            hierarchical_bootstrap(&paired, 500, &mut stream(), mean_absolute_error).expect("defined");
        assert_eq!(distribution.estimate(), -0.75);
        let again =
            hierarchical_bootstrap(&paired, 500, &mut stream(), mean_absolute_error).expect("defined");
        assert_eq!(distribution, again);
    }

    #[test]
    fn what_both_methods_share_cancels() {
        // Architectures differ widely, replicates too, but the paired difference is -1 everywhere.
        let baseline: Vec<Vec<f64>> =
            (0..4).map(|r| (0..9).map(|a| f64::from(100 * a + 10 * r)).collect()).collect();
        let new: Vec<Vec<f64>> = baseline.iter().map(|row| row.iter().map(|v| v - 1.0).collect()).collect();
        let interval =
            hierarchical_bootstrap_mean(&new, &baseline, 300, &mut stream()).expect("defined").interval();
        for end in [interval.mean, interval.low, interval.high] {
            assert!((end + 1.0).abs() < 1e-9, "{interval:?}");
        }
    }

    #[test]
    fn both_levels_widen_the_interval_as_theory_says() {
        // Difference = 3 * (replicate effect) + 4 * (architecture effect), effects -1 or +1, half each.
        // Variance of the resampled mean: 9 / 10 + 16 / 20 = 1.7.
        let row =
            |r: i32| (0..20).map(|a| f64::from(3 * (2 * (r % 2) - 1) + 4 * (2 * (a % 2) - 1))).collect();
        let new: Vec<Vec<f64>> = (0..10).map(row).collect();
        let baseline = vec![vec![0.0; 20]; 10];
        let distribution =
            hierarchical_bootstrap_mean(&new, &baseline, 4_000, &mut stream()).expect("defined");
        let interval = distribution.interval();
        let half_width = (interval.high - interval.low) / 2.0;
        assert!((half_width - 1.96 * 1.7f64.sqrt()).abs() < 0.25, "{interval:?}");
        assert!(distribution.two_sided_p_value() > 0.5);
    }

    #[test]
    fn shapes_that_do_not_match_are_refused() {
        let one = [vec![1.0, 2.0]];
        let refused = |new: &[Vec<f64>], baseline: &[Vec<f64>], truth: &[f64]| {
            let paired = Paired { new, baseline, truth };
            hierarchical_bootstrap(&paired, 100, &mut stream(), kendall_tau).is_err()
        };
        assert!(!refused(&[vec![1.0, 2.0, 3.0, 4.0]], &[vec![2.0, 1.0, 4.0, 3.0]], &[1.0, 2.0, 3.0, 4.0]));
        assert!(refused(&one, &[], &[1.0, 2.0]));
        assert!(refused(&[], &[], &[1.0, 2.0]));
        assert!(refused(&one, &one, &[1.0, 2.0, 3.0]));
        assert!(refused(&[vec![1.0, f64::NAN]], &one, &[1.0, 2.0]));
    }
}
