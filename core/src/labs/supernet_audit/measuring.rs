//! What is measured of a training's architectures, one after the other.

use std::collections::BTreeMap;

use crate::experiment::Saved;
use crate::{Error, Result};

/// The name of what was measured so far, in a saved state.
const MEASURED: &str = "measured";

/// What is measured of a training's architectures, the same numbers of each, as far as it is measured.
#[derive(Debug, Clone, PartialEq)]
pub struct Measured {
    /// How many numbers each has.
    width: usize,
    numbers: Vec<f64>,
}

impl Measured {
    /// Nothing yet, of `width` numbers each; at least one.
    pub fn nothing(width: usize) -> Self {
        Self { width, numbers: Vec::new() }
    }

    /// How many architectures are measured.
    pub fn count(&self) -> usize {
        self.numbers.len() / self.width
    }

    /// Adds the numbers of the next architecture.
    pub fn add(&mut self, numbers: &[f64]) {
        debug_assert_eq!(numbers.len(), self.width);
        self.numbers.extend_from_slice(numbers);
    }

    /// One of the numbers of every architecture, in their order.
    pub fn column(&self, place: usize) -> Vec<f64> {
        self.numbers.iter().skip(place).step_by(self.width).copied().collect()
    }

    /// The mean of such a column; of one that is measured.
    pub fn mean(&self, place: usize) -> f64 {
        self.column(place).iter().sum::<f64>() / self.count().max(1) as f64
    }

    /// Keeps it with the numbers of a saved state.
    pub fn keep(&self, numbers: &mut BTreeMap<String, Vec<f64>>) {
        numbers.insert(MEASURED.to_owned(), self.numbers.clone());
    }

    /// What a saved state kept, of at most `most` architectures; nothing in one of an older build.
    ///
    /// # Errors
    /// [`Error::Checkpoint`] when it is of other or more numbers.
    pub fn kept(width: usize, most: usize, saved: &Saved) -> Result<Self> {
        let numbers = saved.numbers.get(MEASURED).cloned().unwrap_or_default();
        if !numbers.len().is_multiple_of(width) || numbers.len() > width * most {
            let count = numbers.len();
            let problem =
                format!("its `{MEASURED}` has {count} numbers, not {width} of {most} networks at most");
            return Err(Error::Checkpoint { problem });
        }
        Ok(Self { width, numbers })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_those_of_rows_and_come_back_from_a_saved_state() {
        let mut measured = Measured::nothing(2);
        assert!(measured.mean(0).abs() < f64::EPSILON);
        measured.add(&[1.0, 10.0]);
        measured.add(&[2.0, 30.0]);
        assert_eq!(
            (measured.count(), measured.column(0), measured.column(1)),
            (2, vec![1.0, 2.0], vec![10.0, 30.0])
        );
        assert_eq!((measured.mean(0), measured.mean(1)), (1.5, 20.0));
        let mut saved = Saved::default();
        assert_eq!(Measured::kept(2, 2, &saved), Ok(Measured::nothing(2)), "of an older build");
        measured.keep(&mut saved.numbers);
        assert_eq!(Measured::kept(2, 2, &saved), Ok(measured));
        for (width, most) in [(3, 9), (2, 1)] {
            assert!(matches!(Measured::kept(width, most, &saved), Err(Error::Checkpoint { .. })));
        }
    }
}
