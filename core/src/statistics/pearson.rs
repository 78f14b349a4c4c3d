//! Pearson's correlation: how close two columns are to a straight line.

use super::{check_pair, mean, undefined};
use crate::Result;

const STATISTIC: &str = "Pearson's correlation";

/// Pearson's `r = sum (x - mean x)(y - mean y) / sqrt(sum (x - mean x)^2 sum (y - mean y)^2)`, from -1 to 1.
///
/// # Errors
/// [`Undefined`](crate::Error::Undefined) for fewer than 2 items, unequal lengths, non-finite numbers, or a constant
/// column.
pub fn pearson_r(x: &[f64], y: &[f64]) -> Result<f64> {
    check_pair(STATISTIC, x, y, 2)?;
    for (name, column) in [("first", x), ("second", y)] {
        if column.iter().all(|value| *value == column[0]) {
            return Err(undefined(STATISTIC, format!("the {name} column is constant")));
        }
    }
    let (middle_x, middle_y) = (mean(x), mean(y));
    let sum = |term: fn(f64, f64) -> f64| -> f64 {
        x.iter().zip(y).map(|(x, y)| term(x - middle_x, y - middle_y)).sum()
    };
    let (both, of_x, of_y) = (sum(|x, y| x * y), sum(|x, _| x * x), sum(|_, y| y * y));
    Ok((both / (of_x * of_y).sqrt()).clamp(-1.0, 1.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_values_and_columns_without_one() {
        let x = [1.0, 2.0, 3.0, 4.0, 5.0];
        let r = |y: &[f64]| pearson_r(&x[..y.len()], y).expect("varies");
        assert!((r(&[2.0, 1.0, 4.0, 3.0, 5.0]) - 0.8).abs() < 1e-12);
        assert!((r(&[2.0, 4.0, 6.0]) - 1.0).abs() < 1e-12);
        assert!((r(&[3.0, 2.0, 1.0]) + 1.0).abs() < 1e-12);
        for y in [&[0.1; 5][..], &[1.0; 3], &[1.0, f64::NAN, 2.0, 3.0, 4.0]] {
            assert!(pearson_r(&x, y).is_err());
        }
        assert!(pearson_r(&[0.1; 3], &[1.0, 2.0, 3.0]).is_err());
    }
}
