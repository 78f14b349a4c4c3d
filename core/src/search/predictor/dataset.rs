//! What a predictor is fitted to: rows of named features, each with a measured number. It is checked once, here.

use std::cmp::Ordering;

use crate::rng::Stream;
use crate::{Error, Result};

/// Fewer rows are no measurement to fit anything to.
pub const FEWEST_ROWS: usize = 10;

/// Features and targets that belong together: finite, complete and in a fixed order.
///
/// Rows are sorted by their numbers, so nothing that is computed of a dataset depends on the order of measuring.
#[derive(Debug, Clone, PartialEq)]
pub struct Dataset {
    columns: Vec<String>,
    rows: Vec<Vec<f64>>,
    targets: Vec<f64>,
}

impl Dataset {
    /// `rows[i][j]` is the feature `columns[j]` of what `targets[i]` was measured on.
    ///
    /// # Errors
    /// [`Error::Inconsistent`] for fewer than [`FEWEST_ROWS`] rows, no columns or two of one name, rows or targets that do
    /// not pair up, and numbers that are not finite.
    pub fn new(columns: Vec<String>, rows: Vec<Vec<f64>>, targets: Vec<f64>) -> Result<Self> {
        check_shape(&columns, &rows, &targets)?;
        for (place, (row, target)) in rows.iter().zip(&targets).enumerate() {
            if row.len() != columns.len() {
                let (found, expected) = (row.len(), columns.len());
                return refuse(format!(
                    "row {place} (counted from 0) has {found} numbers for {expected} columns"
                ));
            }
            if let Some(column) = row.iter().position(|value| !value.is_finite()) {
                let (name, value) = (&columns[column], row[column]);
                return refuse(format!(
                    "`{name}` of row {place} (counted from 0) is {value}; leave the row out"
                ));
            }
            if !target.is_finite() {
                return refuse(format!(
                    "the target of row {place} (counted from 0) is {target}; leave the row out"
                ));
            }
        }
        let mut pairs: Vec<(Vec<f64>, f64)> = rows.into_iter().zip(targets).collect();
        pairs.sort_by(|(a, x), (b, y)| order(a, b).then(x.total_cmp(y)));
        let (rows, targets) = pairs.into_iter().unzip();
        Ok(Self { columns, rows, targets })
    }

    /// The features' names.
    pub fn columns(&self) -> &[String] {
        &self.columns
    }

    /// One list of features for each target, sorted.
    pub fn rows(&self) -> &[Vec<f64>] {
        &self.rows
    }

    /// The measured numbers, in the order of [`Dataset::rows`].
    pub fn targets(&self) -> &[f64] {
        &self.targets
    }

    /// How many rows differ in their features.
    pub fn distinct_rows(&self) -> usize {
        self.rows.chunk_by(|a, b| a == b).count()
    }

    /// Deals the rows out to `count` folds at random and says which one each is in. Rows with equal features are always
    /// together: a measurement repeated is no held-out row of itself.
    ///
    /// # Errors
    /// [`Error::OutOfRange`] when `count` is below 2 or above [`Dataset::distinct_rows`].
    pub fn folds(&self, count: usize, stream: &mut Stream) -> Result<Vec<usize>> {
        let distinct = self.distinct_rows();
        if !(2..=distinct).contains(&count) {
            return Err(Error::OutOfRange {
                key: "folds".to_owned(),
                value: count.to_string(),
                range: format!("from 2 to {distinct}, the number of rows that differ in their features"),
            });
        }
        let mut fold_of_group = vec![0; distinct];
        for (place, group) in stream.permutation(distinct).into_iter().enumerate() {
            fold_of_group[group] = place % count;
        }
        let groups = self.rows.chunk_by(|a, b| a == b).zip(fold_of_group);
        Ok(groups.flat_map(|(rows, fold)| std::iter::repeat_n(fold, rows.len())).collect())
    }

    /// One row in `parts` of those that differ is held out: the rest, and what is held out. Nothing where all rows are
    /// alike, since then there is nothing to judge a fit by.
    pub(super) fn split(&self, parts: usize, stream: &mut Stream) -> Result<Option<(Self, Self)>> {
        let count = parts.min(self.distinct_rows());
        if count < 2 {
            return Ok(None);
        }
        let folds = self.folds(count, stream)?;
        Ok(Some((self.subset(|place| folds[place] != 0), self.subset(|place| folds[place] == 0))))
    }

    /// The rows whose places are wanted, in the same order.
    pub(super) fn subset(&self, wanted: impl Fn(usize) -> bool) -> Self {
        let places: Vec<usize> = (0..self.rows.len()).filter(|place| wanted(*place)).collect();
        Self {
            columns: self.columns.clone(),
            rows: places.iter().map(|place| self.rows[*place].clone()).collect(),
            targets: places.iter().map(|place| self.targets[*place]).collect(),
        }
    }
}

fn check_shape(columns: &[String], rows: &[Vec<f64>], targets: &[f64]) -> Result<()> {
    if columns.is_empty() {
        return refuse("it has no columns; a predictor needs at least one feature".to_owned());
    }
    if let Some(twice) = (1..columns.len()).find(|place| columns[..*place].contains(&columns[*place])) {
        return refuse(format!("the column `{}` is given twice; keep one of them", columns[twice]));
    }
    if rows.len() != targets.len() {
        return refuse(format!("{} rows have {} targets; they must pair up", rows.len(), targets.len()));
    }
    if rows.len() < FEWEST_ROWS {
        return refuse(format!("{} rows are too few; measure at least {FEWEST_ROWS}", rows.len()));
    }
    Ok(())
}

fn refuse<T>(problem: String) -> Result<T> {
    Err(Error::Inconsistent { key: "dataset".to_owned(), problem })
}

/// Lexicographic order of equally long rows.
fn order(a: &[f64], b: &[f64]) -> Ordering {
    let first = a.iter().zip(b).map(|(x, y)| x.total_cmp(y)).find(|order| order.is_ne());
    first.unwrap_or(Ordering::Equal)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rng::Streams;

    fn made(columns: &[&str], rows: Vec<Vec<f64>>, targets: Vec<f64>) -> Result<Dataset> {
        Dataset::new(columns.iter().map(|name| (*name).to_owned()).collect(), rows, targets)
    }

    #[test]
    fn what_does_not_fit_is_refused_with_a_sentence() {
        let rows = |width: usize| vec![vec![1.0; width]; 12];
        let mut holed = rows(2);
        holed[3][1] = f64::NAN;
        let mut ragged = rows(2);
        ragged[4].pop();
        let mut endless = vec![1.0; 12];
        endless[5] = f64::INFINITY;
        let cases = [
            (made(&[], rows(0), vec![1.0; 12]), "no columns"),
            (made(&["a", "a"], rows(2), vec![1.0; 12]), "`a` is given twice"),
            (made(&["a", "b"], rows(2), vec![1.0; 11]), "12 rows have 11 targets"),
            (made(&["a", "b"], rows(2)[..9].to_vec(), vec![1.0; 9]), "9 rows are too few"),
            (made(&["a", "b"], ragged, vec![1.0; 12]), "row 4 (counted from 0) has 1 numbers for 2 columns"),
            (made(&["a", "b"], holed, vec![1.0; 12]), "`b` of row 3 (counted from 0) is NaN"),
            (made(&["a", "b"], rows(2), endless), "target of row 5 (counted from 0) is inf"),
        ];
        for (made, expected) in cases {
            let message = made.err().map(|error| error.to_string()).unwrap_or_default();
            assert!(message.contains(expected), "`{message}` should say `{expected}`");
        }
    }

    #[test]
    fn folds_keep_equal_rows_together_and_are_of_like_size() {
        let rows: Vec<Vec<f64>> = (0..60).map(|i| vec![f64::from(i % 20), f64::from(i % 2)]).collect();
        let dataset = made(&["a", "b"], rows, (0..60).map(f64::from).collect()).expect("whole");
        assert_eq!(dataset.distinct_rows(), 20);
        let folds = dataset.folds(4, &mut Streams::new(1).stream("test")).expect("enough rows");
        for (pair, fold) in dataset.rows().windows(2).zip(folds.windows(2)) {
            assert!(pair[0] != pair[1] || fold[0] == fold[1]);
        }
        for fold in 0..4 {
            assert_eq!(folds.iter().filter(|of| **of == fold).count(), 15);
        }
        for wrong in [0, 1, 21] {
            let error = dataset.folds(wrong, &mut Streams::new(1).stream("test")).expect_err("no such folds");
            assert!(error.to_string().contains("from 2 to 20"), "{error}");
        }
    }
}
