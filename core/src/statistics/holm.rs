//! Holm's correction for several comparisons.

use super::{check, undefined};
use crate::Result;

/// Adjusted p-values (Holm 1979), in the order given: with `p_(1) <= ... <= p_(m)`,
/// `adjusted_(i) = max over j <= i of min(1, (m - j + 1) p_(j))`.
///
/// Rejecting where the adjusted value is at most 0.05 keeps the chance of any false rejection below 5%.
///
/// # Errors
/// [`Undefined`](crate::Error::Undefined) for no values, or values that are not probabilities.
pub fn holm(p_values: &[f64]) -> Result<Vec<f64>> {
    const STATISTIC: &str = "Holm's correction";
    check(STATISTIC, p_values, 1)?;
    if let Some(outside) = p_values.iter().find(|p| !(0.0..=1.0).contains(*p)) {
        return Err(undefined(STATISTIC, format!("{outside} is not a probability")));
    }
    let mut order: Vec<usize> = (0..p_values.len()).collect();
    order.sort_by(|&a, &b| p_values[a].total_cmp(&p_values[b]));
    let mut adjusted = vec![0.0; p_values.len()];
    let mut largest = 0.0f64;
    for (place, index) in order.into_iter().enumerate() {
        let remaining = (p_values.len() - place) as f64;
        largest = largest.max((remaining * p_values[index]).min(1.0));
        adjusted[index] = largest;
    }
    Ok(adjusted)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn adjusted_values_equal_those_computed_by_hand() {
        // Sorted 0.01, 0.02, 0.03, 0.5 times 4, 3, 2, 1: 0.04, 0.06, 0.06, 0.5.
        let adjusted = holm(&[0.03, 0.01, 0.5, 0.02]).expect("probabilities");
        for (found, expected) in adjusted.iter().zip([0.06, 0.04, 0.5, 0.06]) {
            assert!((found - expected).abs() < 1e-15, "{adjusted:?}");
        }
        assert_eq!(holm(&[0.04]), Ok(vec![0.04]));
        assert_eq!(holm(&[0.9, 0.8]), Ok(vec![1.0, 1.0]));
        assert!(holm(&[]).is_err() && holm(&[1.5]).is_err() && holm(&[f64::NAN]).is_err());
    }

    proptest! {
        #[test]
        fn adjusting_keeps_the_order_and_never_lowers(p_values in prop::collection::vec(0.0f64..=1.0, 1..12)) {
            let adjusted = holm(&p_values).expect("probabilities");
            for i in 0..p_values.len() {
                prop_assert!(adjusted[i] >= p_values[i] && adjusted[i] <= 1.0);
                for j in 0..p_values.len() {
                    prop_assert!(p_values[i] > p_values[j] || adjusted[i] <= adjusted[j]);
                }
            }
        }
    }
}
