//! Splitting a data set in two, class by class; it does not scale and makes no batches.

use super::{Dataset, Targets};
use crate::error::{Error, Result};
use crate::rng::Stream;

/// How much of a data set goes into the first part of a split.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Share {
    /// This fraction of the rows, above 0 and below 1, rounded to the nearest whole number of rows.
    Fraction(f64),
    /// This many rows.
    Count(usize),
}

impl Share {
    fn rows(self, total: usize) -> Result<usize> {
        let out_of_range =
            |key: &str, value: String, range: String| Error::OutOfRange { key: key.to_owned(), value, range };
        if total < 2 {
            let range = "at least 2, so that both parts of a split have one".to_owned();
            return Err(out_of_range("rows", total.to_string(), range));
        }
        match self {
            Share::Fraction(fraction) => {
                let rows = libm::round(fraction * total as f64);
                if fraction > 0.0 && fraction < 1.0 && rows >= 1.0 && rows < total as f64 {
                    return Ok(rows as usize);
                }
                let range = format!("above 0 and below 1, and leave a row of {total} in each part");
                Err(out_of_range("fraction", fraction.to_string(), range))
            }
            Share::Count(rows) if rows >= 1 && rows < total => Ok(rows),
            Share::Count(rows) => {
                Err(out_of_range("count", rows.to_string(), format!("1 to {} of {total} rows", total - 1)))
            }
        }
    }
}

impl Dataset {
    /// Two parts without a common row; the first holds `share` of the rows.
    ///
    /// Classes are kept in proportion: a class of n rows gives the first part n times the share, rounded down or
    /// up, so that the total is exact (largest remainders first; the lower class first on a tie). Distributions
    /// are split as one class. Which rows go where is drawn from `stream`; each part keeps the order of the rows.
    ///
    /// # Errors
    /// [`Error::OutOfRange`] when one part would be empty.
    pub fn split(&self, share: Share, stream: &mut Stream) -> Result<(Dataset, Dataset)> {
        let (chosen, rest) = self.split_rows(share, stream)?;
        Ok((self.select(&chosen), self.select(&rest)))
    }

    /// The rows of the two parts of [`Dataset::split`], each in rising order.
    ///
    /// # Errors
    /// As [`Dataset::split`].
    pub fn split_rows(&self, share: Share, stream: &mut Stream) -> Result<(Vec<usize>, Vec<usize>)> {
        let total = self.rows();
        let wanted = share.rows(total)?;
        let mut classes: Vec<Vec<usize>> = match &self.targets {
            Targets::Classes { labels, count } => {
                let mut classes = vec![Vec::new(); *count];
                for (row, &label) in labels.iter().enumerate() {
                    classes[label as usize].push(row);
                }
                classes
            }
            Targets::Distributions { .. } => vec![(0..total).collect()],
        };
        let sizes: Vec<usize> = classes.iter().map(Vec::len).collect();
        let quotas = apportion(&sizes, wanted, total);
        let mut first = vec![false; total];
        for (rows, quota) in classes.iter_mut().zip(quotas) {
            stream.shuffle(rows);
            rows[..quota].iter().for_each(|&row| first[row] = true);
        }
        Ok((0..total).partition(|&row| first[row]))
    }
}

/// Shares `wanted` seats among classes of `sizes` that sum to `total`, by largest remainders.
fn apportion(sizes: &[usize], wanted: usize, total: usize) -> Vec<usize> {
    let exact = |size: usize| size as u128 * wanted as u128;
    let mut quotas: Vec<usize> = sizes.iter().map(|&size| (exact(size) / total as u128) as usize).collect();
    let mut order: Vec<usize> = (0..sizes.len()).collect();
    order.sort_by_key(|&class| std::cmp::Reverse(exact(sizes[class]) % total as u128));
    let missing = wanted - quotas.iter().sum::<usize>();
    order[..missing].iter().for_each(|&class| quotas[class] += 1);
    quotas
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rng::Streams;
    use proptest::prelude::*;

    fn of_labels(labels: Vec<u32>, count: usize) -> Dataset {
        let features = (0..labels.len()).map(|row| row as f32).collect();
        Dataset::new("split", features, 1, Targets::Classes { labels, count }, None).expect("the lengths fit")
    }

    #[test]
    fn remainders_are_shared_exactly() {
        assert_eq!(apportion(&[5, 3, 2], 5, 10), [3, 1, 1]);
        assert_eq!(apportion(&[10, 0, 10], 3, 20), [2, 0, 1]);
    }

    #[test]
    fn shares_that_leave_a_part_empty_are_refused() {
        let data = of_labels(vec![0, 1, 0, 1], 2);
        let mut stream = Streams::new(0).stream("split");
        for share in [0.0, 1.0, -0.5, 0.1, 0.9, f64::NAN].map(Share::Fraction) {
            assert!(data.split(share, &mut stream).is_err(), "{share:?}");
        }
        for share in [0, 4, 5].map(Share::Count) {
            let message = data.split(share, &mut stream).expect_err("a part is empty").to_string();
            assert!(message.ends_with("must be 1 to 3 of 4 rows"), "{message}");
        }
        assert!(of_labels(vec![0], 1).split(Share::Count(1), &mut stream).is_err());
    }

    #[test]
    fn the_same_seed_gives_the_same_split_and_another_seed_another() {
        let data = of_labels((0..60).map(|row| row % 3).collect(), 3);
        let split = |seed| {
            data.split(Share::Fraction(0.5), &mut Streams::new(seed).stream("split")).expect("30 and 30")
        };
        assert_eq!(split(1), split(1));
        assert_ne!(split(1), split(2));
    }

    #[test]
    fn distributions_are_split_too() {
        let targets = Targets::Distributions { probabilities: [0.5; 20].to_vec(), count: 2 };
        let data = Dataset::new("soft", (0..10).map(|row| row as f32).collect(), 1, targets, None)
            .expect("lengths fit");
        let (first, rest) =
            data.split(Share::Count(3), &mut Streams::new(0).stream("split")).expect("3 of 10");
        assert_eq!((first.rows(), rest.rows()), (3, 7));
        assert!(first.check().is_ok() && rest.check().is_ok());
    }

    proptest! {
        #[test]
        fn every_row_lands_once_and_classes_keep_their_proportion(
            labels in proptest::collection::vec(0u32..4, 2..80), part in 0.0f64..1.0, seed: u64
        ) {
            let total = labels.len();
            let wanted = 1 + (part * (total - 1) as f64) as usize;
            let data = of_labels(labels, 4);
            let mut stream = Streams::new(seed).stream("split");
            let (first, rest) = data.split(Share::Count(wanted), &mut stream).expect("no part is empty");
            prop_assert_eq!(first.rows(), wanted);
            let mut rows: Vec<usize> = first.features.iter().chain(&rest.features).map(|&row| row as usize).collect();
            rows.sort_unstable();
            prop_assert_eq!(rows, (0..total).collect::<Vec<_>>());
            let (all, taken) = (data.class_rows().expect("classes"), first.class_rows().expect("classes"));
            for (size, taken) in all.into_iter().zip(taken) {
                let exact = size as f64 * wanted as f64 / total as f64;
                prop_assert!((taken as f64 - exact).abs() < 1.0);
            }
        }
    }
}
