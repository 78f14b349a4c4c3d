//! Student's t: the mean over a few seeds with its 95% interval.

use super::{Interval, check, mean, undefined};
use crate::Result;

/// The mean with its 95% t-interval: `mean ± t_{0.975, n-1} s / sqrt(n)`, s the sample deviation (n - 1).
///
/// # Errors
/// [`Undefined`](crate::Error::Undefined) for fewer than 2 values or non-finite values.
pub fn mean_with_t_interval(values: &[f64]) -> Result<Interval> {
    check("the t-interval", values, 2)?;
    let (center, count) = (mean(values), values.len() as f64);
    let variance = values.iter().map(|value| (value - center).powi(2)).sum::<f64>() / (count - 1.0);
    let half_width = student_t_quantile(0.975, count - 1.0)? * (variance / count).sqrt();
    Ok(Interval { mean: center, low: center - half_width, high: center + half_width })
}

/// The probability that Student's t with `degrees` of freedom is at most `t`.
///
/// With `x = degrees / (degrees + t^2)` the upper tail of |t| is `I_x(degrees / 2, 1 / 2) / 2`, I the regularised
/// incomplete beta function (Abramowitz and Stegun 26.7.1).
///
/// # Errors
/// [`Undefined`](crate::Error::Undefined) unless `degrees` is positive and both numbers are finite.
pub fn student_t_cumulative(t: f64, degrees: f64) -> Result<f64> {
    if !(t.is_finite() && degrees.is_finite() && degrees > 0.0) {
        let problem =
            format!("t is {t} and the degrees of freedom are {degrees}; they must be finite and positive");
        return Err(undefined("Student's t", problem));
    }
    let tail = 0.5 * incomplete_beta(degrees / 2.0, 0.5, degrees / (degrees + t * t));
    Ok(if t > 0.0 { 1.0 - tail } else { tail })
}

/// The value that Student's t with `degrees` of freedom stays below with `probability`, by bisection.
///
/// # Errors
/// [`Undefined`](crate::Error::Undefined) unless `0 < probability < 1` and `degrees` is at least 1.
pub fn student_t_quantile(probability: f64, degrees: f64) -> Result<f64> {
    if !(probability > 0.0 && probability < 1.0 && degrees >= 1.0 && degrees.is_finite()) {
        let problem = format!(
            "the probability is {probability} and the degrees of freedom are {degrees}; they must lie between 0 and \
             1, and be at least 1"
        );
        return Err(undefined("the quantile of Student's t", problem));
    }
    let upper = probability.max(1.0 - probability);
    let (mut low, mut high) = (0.0, 1.0);
    while student_t_cumulative(high, degrees)? < upper && high < 1e15 {
        high *= 2.0;
    }
    for _ in 0..200 {
        let middle = 0.5 * (low + high);
        if student_t_cumulative(middle, degrees)? < upper {
            low = middle;
        } else {
            high = middle;
        }
    }
    let quantile = 0.5 * (low + high);
    Ok(if probability < 0.5 { -quantile } else { quantile })
}

/// The regularised incomplete beta function `I_x(a, b)`, by its continued fraction (Abramowitz and Stegun 26.5.8).
fn incomplete_beta(a: f64, b: f64, x: f64) -> f64 {
    if x <= 0.0 {
        return 0.0;
    }
    if x >= 1.0 {
        return 1.0;
    }
    // The fraction converges fast below the mean; above it the mirrored function is used.
    if x > (a + 1.0) / (a + b + 2.0) {
        return 1.0 - incomplete_beta_below(b, a, 1.0 - x);
    }
    incomplete_beta_below(a, b, x)
}

fn incomplete_beta_below(a: f64, b: f64, x: f64) -> f64 {
    let log_front =
        libm::lgamma(a + b) - libm::lgamma(a) - libm::lgamma(b) + a * libm::log(x) + b * libm::log1p(-x);
    libm::exp(log_front) / a / beta_fraction(a, b, x)
}

/// The denominator `1 + d_1 / (1 + d_2 / (1 + ...))` of the fraction, from its far end.
fn beta_fraction(a: f64, b: f64, x: f64) -> f64 {
    // For degrees of freedom up to some thousands, 200 terms leave nothing at double precision.
    let mut fraction = 1.0;
    for term in (1..=200u32).rev() {
        let m = f64::from(term / 2);
        let coefficient = if term % 2 == 0 {
            m * (b - m) * x / ((a + 2.0 * m - 1.0) * (a + 2.0 * m))
        } else {
            -(a + m) * (a + b + m) * x / ((a + 2.0 * m) * (a + 2.0 * m + 1.0))
        };
        fraction = 1.0 + coefficient / fraction;
    }
    fraction
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_equal_scipy() {
        // scipy.stats.t.ppf(0.975, d), scipy.stats.t.ppf(0.9, d)
        let table = [
            (1.0, 12.706204736174694, 3.0776835371752544),
            (2.0, 4.302652729749462, 1.8856180831641272),
            (4.0, 2.7764451051977934, 1.533206274058944),
            (5.0, 2.5705818356363146, 1.4758840488244815),
            (9.0, 2.262157162798205, 1.3830287383966329),
            (29.0, 2.045229642132703, 1.311433647301551),
            (100.0, 1.9839715185235518, 1.290074761346516),
        ];
        for (degrees, at_975, at_900) in table {
            let near = |probability: f64, expected: f64| {
                let found = student_t_quantile(probability, degrees).expect("in range");
                assert!(
                    (found / expected - 1.0).abs() < 1e-10,
                    "{degrees} {probability}: {found} {expected}"
                );
            };
            near(0.975, at_975);
            near(0.9, at_900);
            near(0.025, -at_975);
        }
        assert!(student_t_quantile(0.5, 3.0).expect("in range").abs() < 1e-9);
    }

    #[test]
    fn probabilities_equal_scipy() {
        // scipy.stats.t.cdf(1.3, 7), scipy.stats.t.cdf(-2.5, 3)
        assert!((student_t_cumulative(1.3, 7.0).expect("in range") - 0.8826160823038114).abs() < 1e-12);
        assert!((student_t_cumulative(-2.5, 3.0).expect("in range") - 0.04385332350403278).abs() < 1e-12);
        assert_eq!(student_t_cumulative(0.0, 3.0), Ok(0.5));
    }

    #[test]
    fn the_interval_equals_scipy() {
        // v = [0.12, -0.05, 0.31, 0.22, 0.08, 0.17]
        // scipy.stats.t.interval(0.95, 5, numpy.mean(v), scipy.stats.sem(v))
        let interval = mean_with_t_interval(&[0.12, -0.05, 0.31, 0.22, 0.08, 0.17]).expect("six values");
        assert!((interval.mean - 0.14166666666666666).abs() < 1e-15, "{interval:?}");
        assert!((interval.low - 0.012042601285614546).abs() < 1e-10, "{interval:?}");
        assert!((interval.high - 0.2712907320477188).abs() < 1e-10, "{interval:?}");
    }

    #[test]
    fn one_value_has_no_interval() {
        assert!(mean_with_t_interval(&[1.0]).is_err());
        assert!(mean_with_t_interval(&[1.0, f64::NAN]).is_err());
        assert!(student_t_quantile(1.0, 3.0).is_err() && student_t_quantile(0.9, 0.0).is_err());
        assert!(student_t_cumulative(f64::NAN, 3.0).is_err());
    }
}
