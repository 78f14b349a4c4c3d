//! The supernet gap: how far estimated quality is from true quality.
//!
//! A gap has two parts. A *shift* moves every architecture by the same amount and cannot change a choice among
//! them; the rest can. So the plain error is always shown beside the centred one.

use super::{check_pair, mean};
use crate::Result;

/// Mean absolute error: `MAE = (1/n) sum_i |estimate_i - truth_i|`.
///
/// # Errors
/// [`Undefined`](crate::Error::Undefined) for empty, unequally long or non-finite input.
pub fn mean_absolute_error(estimate: &[f64], truth: &[f64]) -> Result<f64> {
    check_pair("the mean absolute error", estimate, truth, 1)?;
    Ok(estimate.iter().zip(truth).map(|(e, t)| (e - t).abs()).sum::<f64>() / truth.len() as f64)
}

/// Signed gap: `(1/n) sum_i (estimate_i - truth_i)`. Positive when the estimate is too high.
///
/// # Errors
/// [`Undefined`](crate::Error::Undefined) for empty, unequally long or non-finite input.
pub fn signed_gap(estimate: &[f64], truth: &[f64]) -> Result<f64> {
    check_pair("the signed gap", estimate, truth, 1)?;
    Ok(estimate.iter().zip(truth).map(|(e, t)| e - t).sum::<f64>() / truth.len() as f64)
}

/// Centred mean absolute error: `(1/n) sum_i |(estimate_i - truth_i) - g|` with `g` the [`signed_gap`].
///
/// It is 0 when every estimate is off by the same amount.
///
/// # Errors
/// [`Undefined`](crate::Error::Undefined) for empty, unequally long or non-finite input.
pub fn centred_mean_absolute_error(estimate: &[f64], truth: &[f64]) -> Result<f64> {
    check_pair("the centred mean absolute error", estimate, truth, 1)?;
    let differences: Vec<f64> = estimate.iter().zip(truth).map(|(e, t)| e - t).collect();
    let shift = mean(&differences);
    Ok(differences.iter().map(|difference| (difference - shift).abs()).sum::<f64>() / truth.len() as f64)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn gaps_equal_those_computed_by_hand() {
        // Differences: +1, -1, +3; mean 1; centred: 0, -2, +2.
        let (estimate, truth) = ([2.0, 3.0, 9.0], [1.0, 4.0, 6.0]);
        assert_eq!(mean_absolute_error(&estimate, &truth), Ok(5.0 / 3.0));
        assert_eq!(signed_gap(&estimate, &truth), Ok(1.0));
        assert_eq!(centred_mean_absolute_error(&estimate, &truth), Ok(4.0 / 3.0));
    }

    #[test]
    fn bad_columns_are_refused_with_the_reason() {
        let unequal = mean_absolute_error(&[1.0], &[1.0, 2.0]).expect_err("unequal lengths");
        assert!(unequal.to_string().contains("1 and 2 values"), "{unequal}");
        let not_a_number = signed_gap(&[1.0, f64::NAN], &[1.0, 2.0]).expect_err("NaN");
        assert!(not_a_number.to_string().contains("value 1 (counted from 0) is NaN"), "{not_a_number}");
        assert!(centred_mean_absolute_error(&[], &[]).is_err());
        assert!(mean_absolute_error(&[f64::INFINITY], &[0.0]).is_err());
    }

    proptest! {
        #[test]
        fn the_centred_error_ignores_a_shift(
            pairs in prop::collection::vec((-10.0f64..10.0, -10.0f64..10.0), 1..30),
            shift in -100.0f64..100.0,
        ) {
            let (estimate, truth): (Vec<f64>, Vec<f64>) = pairs.into_iter().unzip();
            let shifted: Vec<f64> = estimate.iter().map(|e| e + shift).collect();
            let plain = centred_mean_absolute_error(&estimate, &truth).expect("finite");
            let moved = centred_mean_absolute_error(&shifted, &truth).expect("finite");
            prop_assert!((plain - moved).abs() < 1e-10);
            let error = mean_absolute_error(&estimate, &truth).expect("finite");
            prop_assert!(error + 1e-12 >= signed_gap(&estimate, &truth).expect("finite").abs());
            prop_assert!(plain <= 2.0 * error + 1e-12);
        }
    }
}
