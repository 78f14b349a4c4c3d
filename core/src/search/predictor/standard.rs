//! Columns and targets on a common scale: mean 0 and deviation 1 in the rows of a fit. A constant column says nothing and
//! becomes 0 everywhere, also where it is not constant later.

use super::check_length;

/// Deviations below this share of the largest number are rounding, not variation.
const ROUNDING: f64 = 1e-12;

/// A mean and a deviation; 0 where all numbers are the same.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Scale {
    pub mean: f64,
    pub deviation: f64,
}

impl Scale {
    /// Of one number or more.
    pub fn of(values: impl Iterator<Item = f64> + Clone) -> Self {
        let count = values.clone().count() as f64;
        let mean = values.clone().sum::<f64>() / count;
        let variance = values.clone().map(|value| (value - mean) * (value - mean)).sum::<f64>() / count;
        let largest = values.fold(0.0f64, |largest, value| largest.max(value.abs()));
        let deviation = variance.sqrt();
        Self { mean, deviation: if deviation > ROUNDING * largest { deviation } else { 0.0 } }
    }

    /// The standardised number: 0 where there is no deviation.
    pub fn apply(self, value: f64) -> f64 {
        if self.deviation > 0.0 { (value - self.mean) / self.deviation } else { 0.0 }
    }

    /// Back from a standardised number.
    pub fn undo(self, standardised: f64) -> f64 {
        self.mean + self.deviation * standardised
    }
}

/// The scale of every column.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Scales(Vec<Scale>);

impl Scales {
    /// Of one row or more, all of `columns` numbers.
    pub fn of(rows: &[Vec<f64>], columns: usize) -> Self {
        Self((0..columns).map(|column| Scale::of(rows.iter().map(move |row| row[column]))).collect())
    }

    /// The standardised row.
    pub fn apply<'a>(&'a self, row: &'a [f64]) -> impl Iterator<Item = f64> + 'a {
        check_length(row, self.0.len());
        self.0.iter().zip(row).map(|(scale, value)| scale.apply(*value))
    }
}
