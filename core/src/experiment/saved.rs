//! A task stopped half-way: everything that its work needs to go on as if it had never stopped.
//!
//! What it is written into, and when, is decided outside the core. A lab that takes part saves its network and its
//! descent ([`Descent::save`](crate::nn::optimisation::Descent::save)) as the tensors, and every counter, curve and
//! position that later steps or results depend on as numbers. Random streams need not be saved where each step opens its
//! own, by its number.

use std::collections::BTreeMap;

use crate::{Error, Result};

/// The largest count up to which double precision holds every integer.
const MOST: f64 = 9_007_199_254_740_992.0;

/// The state of a work between two steps.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Saved {
    /// Steps done since the task began.
    pub step: u64,
    /// Counters, positions and curves by name.
    pub numbers: BTreeMap<String, Vec<f64>>,
    /// Trained tensors and what the optimiser remembers of them, as safetensors bytes.
    pub tensors: Vec<u8>,
}

impl Saved {
    /// The numbers saved under a name.
    ///
    /// # Errors
    /// [`Error::Checkpoint`] when there are none.
    pub fn list(&self, name: &str) -> Result<&[f64]> {
        let missing = || Error::Checkpoint { problem: format!("it has no `{name}`") };
        self.numbers.get(name).map(Vec::as_slice).ok_or_else(missing)
    }

    /// As many counts, saved under a name.
    ///
    /// # Errors
    /// [`Error::Checkpoint`] when there are others, or they are no counts.
    pub fn counts<const N: usize>(&self, name: &str) -> Result<[u64; N]> {
        let counts = self.list(name)?;
        let fits = |count: &f64| count.fract() == 0.0 && (0.0..=MOST).contains(count);
        match <[f64; N]>::try_from(counts) {
            Ok(counts) if counts.iter().all(fits) => Ok(counts.map(|count| count as u64)),
            _ => Err(Error::Checkpoint { problem: format!("its `{name}` is {counts:?}, not {N} counts") }),
        }
    }

    /// A curve of steps and values up to this state's step, saved as one row under a name.
    ///
    /// # Errors
    /// [`Error::Checkpoint`] when there is none, or it is no such curve.
    pub fn curve(&self, name: &str) -> Result<Vec<[f64; 2]>> {
        let (points, rest) = self.list(name)?.as_chunks::<2>();
        if !rest.is_empty() || points.iter().any(|[step, _]| *step > self.step as f64) {
            return Err(Error::Checkpoint { problem: format!("its `{name}` is no curve up to its step") });
        }
        Ok(points.to_vec())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_read_is_what_was_asked_for() {
        let numbers = BTreeMap::from([
            ("next".to_owned(), vec![3.0, 0.0]),
            ("half".to_owned(), vec![0.5]),
            ("curve".to_owned(), vec![1.0, 0.25, 4.0, f64::MIN_POSITIVE]),
            ("odd".to_owned(), vec![1.0, 0.25, 2.0]),
            ("late".to_owned(), vec![5.0, 0.25]),
        ]);
        let saved = Saved { step: 4, numbers, tensors: Vec::new() };
        assert_eq!(saved.counts("next"), Ok([3, 0]));
        assert_eq!(saved.curve("curve"), Ok(vec![[1.0, 0.25], [4.0, f64::MIN_POSITIVE]]));
        let refused = [
            (saved.counts::<1>("next").map(drop), "`next` is [3.0, 0.0], not 1 counts"),
            (saved.counts::<1>("half").map(drop), "`half`"),
            (saved.counts::<1>("none").map(drop), "it has no `none`"),
            (saved.curve("odd").map(drop), "`odd` is no curve"),
            (saved.curve("late").map(drop), "`late` is no curve"),
        ];
        for (result, expected) in refused {
            let sentence = result.expect_err(expected).to_string();
            assert!(sentence.contains(expected), "{sentence}");
        }
    }
}
