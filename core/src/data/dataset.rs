//! The [`Dataset`]: rows of numbers with what is to be predicted for each.
//!
//! It checks itself and gives rows away; it does not shuffle, scale or batch behind the reader's back.

use crate::error::{Error, Result};

/// A table of `rows` by `columns` numbers and one target per row.
#[derive(Debug, Clone, PartialEq)]
pub struct Dataset {
    /// What the data set is called in reports.
    pub name: String,
    /// The inputs, `[rows, columns]`, one row after the other.
    pub features: Vec<f32>,
    /// How many numbers one row has.
    pub columns: usize,
    /// What is to be predicted, one per row.
    pub targets: Targets,
    /// Height and width, when a row is a picture.
    pub image: Option<[usize; 2]>,
}

/// What is to be predicted for each row.
#[derive(Debug, Clone, PartialEq)]
pub enum Targets {
    /// One class per row.
    Classes {
        /// The classes, each below `count`.
        labels: Vec<u32>,
        /// How many classes there are.
        count: usize,
    },
    /// One probability distribution over classes per row.
    Distributions {
        /// The probabilities, `[rows, count]`; each row sums to 1.
        probabilities: Vec<f32>,
        /// How many classes there are.
        count: usize,
    },
}

impl Targets {
    /// How many classes there are.
    pub fn class_count(&self) -> usize {
        match self {
            Targets::Classes { count, .. } | Targets::Distributions { count, .. } => *count,
        }
    }

    /// How many rows have a target.
    pub fn rows(&self) -> usize {
        match self {
            Targets::Classes { labels, .. } => labels.len(),
            Targets::Distributions { probabilities, count } => {
                probabilities.len().checked_div(*count).unwrap_or(0)
            }
        }
    }

    fn select(&self, indices: &[usize]) -> Self {
        match self {
            Targets::Classes { labels, count } => {
                Targets::Classes { labels: indices.iter().map(|&row| labels[row]).collect(), count: *count }
            }
            Targets::Distributions { probabilities, count } => {
                let rows = indices.iter().flat_map(|&row| &probabilities[row * count..(row + 1) * count]);
                Targets::Distributions { probabilities: rows.copied().collect(), count: *count }
            }
        }
    }
}

impl Dataset {
    /// How far the probabilities of a row may be from summing to 1.
    pub const SUM_TOLERANCE: f64 = 1e-4;

    /// A checked data set.
    ///
    /// # Errors
    /// As [`Dataset::check`].
    pub fn new(
        name: impl Into<String>,
        features: Vec<f32>,
        columns: usize,
        targets: Targets,
        image: Option<[usize; 2]>,
    ) -> Result<Self> {
        let dataset = Self { name: name.into(), features, columns, targets, image };
        dataset.check()?;
        Ok(dataset)
    }

    /// How many rows there are.
    pub fn rows(&self) -> usize {
        self.features.len().checked_div(self.columns).unwrap_or(0)
    }

    /// How many classes there are.
    pub fn class_count(&self) -> usize {
        self.targets.class_count()
    }

    /// The inputs of row `index`.
    ///
    /// # Panics
    /// If there is no such row.
    pub fn row(&self, index: usize) -> &[f32] {
        &self.features[index * self.columns..(index + 1) * self.columns]
    }

    /// The rows `indices`, in that order; an index may be given more than once.
    ///
    /// # Panics
    /// If there is no such row.
    #[must_use]
    pub fn select(&self, indices: &[usize]) -> Self {
        Self {
            name: self.name.clone(),
            features: indices.iter().flat_map(|&index| self.row(index)).copied().collect(),
            columns: self.columns,
            targets: self.targets.select(indices),
            image: self.image,
        }
    }

    /// How many rows each class has; `None` when the targets are distributions.
    pub fn class_rows(&self) -> Option<Vec<usize>> {
        let Targets::Classes { labels, count } = &self.targets else { return None };
        let mut rows = vec![0; *count];
        for &label in labels {
            rows[label as usize] += 1;
        }
        Some(rows)
    }

    /// The mean entropy of the targets in nats: the lowest cross-entropy any model can reach on these rows.
    ///
    /// It is 0 for classes, and 0 for a data set without rows.
    pub fn mean_target_entropy(&self) -> f64 {
        match &self.targets {
            Targets::Distributions { probabilities, .. } if self.rows() > 0 => {
                let terms = probabilities
                    .iter()
                    .filter(|&&p| p > 0.0)
                    .map(|&p| -f64::from(p) * libm::log(f64::from(p)));
                terms.sum::<f64>() / self.rows() as f64
            }
            _ => 0.0,
        }
    }

    /// Whether the lengths fit together and every number is allowed.
    ///
    /// # Errors
    /// [`Error::MalformedData`] that names the first thing that does not fit; rows are counted from 1.
    pub fn check(&self) -> Result<()> {
        let fail = |problem: String| {
            let what = format!("data set `{}`", self.name);
            Err(Error::MalformedData { what, line: None, column: None, problem })
        };
        if self.columns == 0 {
            return fail("it has no feature columns; give it at least one".to_owned());
        }
        if !self.features.len().is_multiple_of(self.columns) {
            let (length, columns) = (self.features.len(), self.columns);
            return fail(format!("{length} feature values do not fill rows of {columns} columns"));
        }
        if let Some([height, width]) = self.image
            && height.checked_mul(width) != Some(self.columns)
        {
            let columns = self.columns;
            return fail(format!("a row of {columns} columns is no picture of {height} by {width} pixels"));
        }
        if let Some(at) = self.features.iter().position(|value| !value.is_finite()) {
            let (row, column) = (at / self.columns + 1, at % self.columns + 1);
            return fail(format!(
                "row {row}, column {column} is {}; every feature must be finite",
                self.features[at]
            ));
        }
        self.targets.problem(self.rows()).map_or(Ok(()), fail)
    }
}

impl Targets {
    /// What is wrong with these as the targets of `rows` rows, if anything.
    fn problem(&self, rows: usize) -> Option<String> {
        let count = self.class_count();
        if count == 0 {
            return Some("it has no classes; there must be at least one".to_owned());
        }
        match self {
            Targets::Classes { labels, .. } => {
                if labels.len() != rows {
                    return Some(format!("there are {rows} rows but {} labels", labels.len()));
                }
                let row = labels.iter().position(|&label| label as usize >= count)?;
                Some(format!("row {} has label {}, but labels must be below {count}", row + 1, labels[row]))
            }
            Targets::Distributions { probabilities, .. } => {
                if rows.checked_mul(count) != Some(probabilities.len()) {
                    let length = probabilities.len();
                    return Some(format!("{length} probabilities are not {rows} rows of {count} classes"));
                }
                let allowed = |row: &[f32]| {
                    let sum = row.iter().map(|&p| f64::from(p)).sum::<f64>();
                    row.iter().all(|&p| (0.0..=1.0).contains(&p))
                        && (sum - 1.0).abs() <= Dataset::SUM_TOLERANCE
                };
                let row = probabilities.chunks_exact(count).position(|row| !allowed(row))?;
                Some(format!("the targets of row {} are not probabilities that sum to 1", row + 1))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn small() -> Dataset {
        let targets = Targets::Classes { labels: vec![0, 1, 1], count: 2 };
        Dataset::new("small", vec![1.0, 2.0, 3.0, 4.0, 5.0, 6.0], 2, targets, None).expect("the lengths fit")
    }

    fn soft(probabilities: Vec<f32>) -> Result<Dataset> {
        Dataset::new("soft", vec![0.0, 1.0], 1, Targets::Distributions { probabilities, count: 2 }, None)
    }

    #[test]
    fn rows_are_read_and_selected_with_their_targets() {
        let data = small();
        assert_eq!((data.rows(), data.class_count(), data.class_rows()), (3, 2, Some(vec![1, 2])));
        assert_eq!(data.row(1), [3.0, 4.0]);
        let chosen = data.select(&[2, 0, 2]);
        assert_eq!(chosen.features, [5.0, 6.0, 1.0, 2.0, 5.0, 6.0]);
        assert_eq!(chosen.targets, Targets::Classes { labels: vec![1, 0, 1], count: 2 });
        let soft = soft(vec![0.25, 0.75, 1.0, 0.0]).expect("the rows sum to 1").select(&[1]);
        assert_eq!(soft.targets, Targets::Distributions { probabilities: vec![1.0, 0.0], count: 2 });
    }

    #[test]
    fn the_entropy_of_soft_targets_is_the_mean_over_rows() {
        let data = soft(vec![0.5, 0.5, 1.0, 0.0]).expect("the rows sum to 1");
        assert!((data.mean_target_entropy() - std::f64::consts::LN_2 / 2.0).abs() < 1e-12);
        assert_eq!(small().mean_target_entropy(), 0.0);
    }

    #[test]
    fn what_does_not_fit_is_named() {
        type Break = fn(&mut Dataset);
        let cases: [(Break, &str); 8] = [
            (|d| d.columns = 0, "no feature columns"),
            (|d| d.columns = 4, "6 feature values do not fill rows of 4 columns"),
            (|d| d.image = Some([2, 2]), "no picture of 2 by 2"),
            (|d| d.image = Some([usize::MAX, 2]), "no picture"),
            (|d| d.features[3] = f32::NAN, "row 2, column 2 is NaN"),
            (|d| d.targets = Targets::Classes { labels: vec![0, 1], count: 2 }, "3 rows but 2 labels"),
            (|d| d.targets = Targets::Classes { labels: vec![0, 1, 2], count: 2 }, "row 3 has label 2"),
            (|d| d.targets = Targets::Classes { labels: vec![], count: 0 }, "no classes"),
        ];
        for (spoil, expected) in cases {
            let mut data = small();
            spoil(&mut data);
            let message = data.check().expect_err("the data set was spoiled").to_string();
            assert!(message.starts_with("data set `small`: ") && message.contains(expected), "{message}");
        }
        for probabilities in
            [vec![0.5, 0.6, 1.0, 0.0], vec![-0.5, 1.5, 1.0, 0.0], vec![f32::NAN, 1.0, 1.0, 0.0], vec![1.0]]
        {
            assert!(soft(probabilities).is_err());
        }
    }

    proptest! {
        #[test]
        fn selecting_every_row_is_the_identity(rows in 0usize..20, columns in 1usize..5) {
            let features = (0..rows * columns).map(|value| value as f32).collect();
            let labels = (0..rows as u32).map(|row| row % 3).collect();
            let data = Dataset::new("any", features, columns, Targets::Classes { labels, count: 3 }, None);
            let data = data.expect("the lengths fit");
            prop_assert_eq!(data.select(&(0..rows).collect::<Vec<_>>()), data);
        }
    }
}
