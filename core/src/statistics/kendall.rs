//! Kendall's rank correlation with ties (tau-b), whole and within bands.
//!
//! Over all pairs of items let C be concordant, D discordant, `T_x` tied in x only, `T_y` tied in y only. Then
//! `tau_b = (C - D) / sqrt((C + D + T_x) (C + D + T_y))` (Kendall 1945). It is 1 for equal rankings, -1 for
//! reversed ones, and not defined when a column is constant.

use std::cmp::Ordering;

use super::{check_pair, undefined};
use crate::Result;

const STATISTIC: &str = "Kendall's tau";

/// Pairs of items by how two columns order them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
struct PairCounts {
    concordant: u64,
    discordant: u64,
    tied_in_x_only: u64,
    tied_in_y_only: u64,
}

impl PairCounts {
    fn add(&mut self, other: Self) {
        self.concordant += other.concordant;
        self.discordant += other.discordant;
        self.tied_in_x_only += other.tied_in_x_only;
        self.tied_in_y_only += other.tied_in_y_only;
    }

    fn tau(self, what: &'static str) -> Result<f64> {
        let ordered = self.concordant + self.discordant;
        let (untied_y, untied_x) = (ordered + self.tied_in_x_only, ordered + self.tied_in_y_only);
        if untied_x == 0 || untied_y == 0 {
            let column = if untied_x == 0 { "first" } else { "second" };
            return Err(undefined(what, format!("no compared pair differs in the {column} column")));
        }
        let difference = self.concordant as f64 - self.discordant as f64;
        Ok((difference / (untied_x as f64 * untied_y as f64).sqrt()).clamp(-1.0, 1.0))
    }
}

/// Kendall's tau-b of two columns, in O(n log n) (Knight 1966: sort by x, count the swaps that sort y).
///
/// # Errors
/// [`Undefined`](crate::Error::Undefined) for fewer than 2 items, unequal lengths, non-finite numbers, or a
/// constant column.
pub fn kendall_tau(x: &[f64], y: &[f64]) -> Result<f64> {
    check_pair(STATISTIC, x, y, 2)?;
    count_pairs_by_sorting(x, y).tau(STATISTIC)
}

/// Kendall's tau-b over the pairs whose items share a band (equal depth, equal parameter band).
///
/// C, D, `T_x` and `T_y` are counted over such pairs only, pooled over bands, and put into the formula of tau-b.
/// So it says how an estimate ranks architectures that size alone cannot tell apart. O(n log n).
///
/// # Errors
/// As [`kendall_tau`]; also when no two items share a band.
pub fn within_band_tau(x: &[f64], y: &[f64], bands: &[usize]) -> Result<f64> {
    const WITHIN: &str = "Kendall's tau within bands";
    check_pair(WITHIN, x, y, 2)?;
    if bands.len() != x.len() {
        return Err(undefined(WITHIN, format!("{} items have {} band labels", x.len(), bands.len())));
    }
    let mut places: Vec<usize> = (0..x.len()).collect();
    places.sort_by_key(|&place| bands[place]);
    let mut counts = PairCounts::default();
    for band in places.chunk_by(|a, b| bands[*a] == bands[*b]) {
        let pick = |column: &[f64]| band.iter().map(|&place| column[place]).collect::<Vec<f64>>();
        counts.add(count_pairs_by_sorting(&pick(x), &pick(y)));
    }
    counts.tau(WITHIN)
}

/// The standard error of tau when the columns are independent and have no ties:
/// `sqrt(2 (2n + 5) / (9 n (n - 1)))` (Kendall 1938). Smaller differences cannot be seen with one ranking.
///
/// # Errors
/// [`Undefined`](crate::Error::Undefined) for fewer than 2 items.
pub fn kendall_null_standard_error(items: usize) -> Result<f64> {
    if items < 2 {
        return Err(undefined(STATISTIC, format!("a ranking needs at least 2 items, not {items}")));
    }
    let n = items as f64;
    Ok((2.0 * (2.0 * n + 5.0) / (9.0 * n * (n - 1.0))).sqrt())
}

/// Counts all pairs by sorting: O(n log n).
fn count_pairs_by_sorting(x: &[f64], y: &[f64]) -> PairCounts {
    let mut items: Vec<(f64, f64)> = x.iter().copied().zip(y.iter().copied()).collect();
    items.sort_unstable_by(|a, b| order(a.0, b.0).then(order(a.1, b.1)));
    let pairs = |n: u64| n * n.saturating_sub(1) / 2;
    let tied_in_x: u64 = items.chunk_by(|a, b| a.0 == b.0).map(|run| pairs(run.len() as u64)).sum();
    let tied_in_both: u64 = items.chunk_by(|a, b| a == b).map(|run| pairs(run.len() as u64)).sum();
    let mut column: Vec<f64> = items.iter().map(|item| item.1).collect();
    let discordant = sort_counting_inversions(&mut column);
    let tied_in_y: u64 = column.chunk_by(|a, b| a == b).map(|run| pairs(run.len() as u64)).sum();
    PairCounts {
        concordant: pairs(x.len() as u64) + tied_in_both - tied_in_x - tied_in_y - discordant,
        discordant,
        tied_in_x_only: tied_in_x - tied_in_both,
        tied_in_y_only: tied_in_y - tied_in_both,
    }
}

/// Merge sort; returns how many pairs stood in strictly falling order.
fn sort_counting_inversions(values: &mut [f64]) -> u64 {
    if values.len() < 2 {
        return 0;
    }
    let middle = values.len() / 2;
    let (left, right) = values.split_at_mut(middle);
    let mut inversions = sort_counting_inversions(left) + sort_counting_inversions(right);
    let mut merged = Vec::with_capacity(left.len() + right.len());
    let (mut i, mut j) = (0, 0);
    while i < left.len() && j < right.len() {
        if right[j] < left[i] {
            inversions += (left.len() - i) as u64;
            merged.push(right[j]);
            j += 1;
        } else {
            merged.push(left[i]);
            i += 1;
        }
    }
    merged.extend_from_slice(&left[i..]);
    merged.extend_from_slice(&right[j..]);
    values.copy_from_slice(&merged);
    inversions
}

/// The order of two finite numbers; -0 and 0 are equal.
fn order(a: f64, b: f64) -> Ordering {
    a.partial_cmp(&b).unwrap_or(Ordering::Equal)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rng::Streams;
    use proptest::prelude::*;

    /// Counts the pairs that `compared` admits, one by one: O(n^2).
    fn count_pairs(x: &[f64], y: &[f64], compared: impl Fn(usize, usize) -> bool) -> PairCounts {
        let mut counts = PairCounts::default();
        for i in 0..x.len() {
            for j in (0..i).filter(|&j| compared(i, j)) {
                match (order(x[i], x[j]), order(y[i], y[j])) {
                    (Ordering::Equal, Ordering::Equal) => {}
                    (Ordering::Equal, _) => counts.tied_in_x_only += 1,
                    (_, Ordering::Equal) => counts.tied_in_y_only += 1,
                    (in_x, in_y) if in_x == in_y => counts.concordant += 1,
                    _ => counts.discordant += 1,
                }
            }
        }
        counts
    }

    fn close(found: f64, expected: f64) {
        assert!((found - expected).abs() < 1e-12, "{found} against {expected}");
    }

    #[test]
    fn tau_equals_hand_counts() {
        // Pairs: (1,2)C (1,3)C (1,4)C (2,3)D (2,4)C (3,4)C: (5 - 1) / 6.
        close(kendall_tau(&[1.0, 2.0, 3.0, 4.0], &[1.0, 3.0, 2.0, 4.0]).expect("defined"), 4.0 / 6.0);
        // x ties items 1 and 2: C = 2, D = 0, T_x = 1: 2 / sqrt(3 * 2).
        close(kendall_tau(&[1.0, 1.0, 2.0], &[1.0, 2.0, 3.0]).expect("defined"), 2.0 / 6.0f64.sqrt());
    }

    #[test]
    fn tau_equals_scipy() {
        // scipy.stats.kendalltau([12,2,1,12,2], [1,4,7,1,0]).statistic
        let tau = kendall_tau(&[12.0, 2.0, 1.0, 12.0, 2.0], &[1.0, 4.0, 7.0, 1.0, 0.0]).expect("defined");
        close(tau, -0.471_404_520_791_031_6);
        // scipy.stats.kendalltau([3.1,2,5.5,5.5,1,7.2,4.4,2], [2.9,2.5,5,6.1,1.5,6.1,4,1.5]).statistic
        let x = [3.1, 2.0, 5.5, 5.5, 1.0, 7.2, 4.4, 2.0];
        let y = [2.9, 2.5, 5.0, 6.1, 1.5, 6.1, 4.0, 1.5];
        close(kendall_tau(&x, &y).expect("defined"), 0.923_076_923_076_923_2);
        // i = numpy.arange(50); scipy.stats.kendalltau((i*37)%23, (i*17+i*i)%19).statistic
        let x: Vec<f64> = (0..50).map(|i| f64::from(i * 37 % 23)).collect();
        let y: Vec<f64> = (0..50).map(|i| f64::from((i * 17 + i * i) % 19)).collect();
        close(kendall_tau(&x, &y).expect("defined"), -0.039_742_871_252_353_23);
    }

    #[test]
    fn within_bands_only_equal_bands_count() {
        let (x, y) = ([1.0, 2.0, 10.0, 11.0, 12.0], [2.0, 1.0, 20.0, 21.0, 21.0]);
        // Band 0: D. Band 1: C, C, tied in y. (2 - 1) / sqrt(4 * 3).
        close(within_band_tau(&x, &y, &[0, 0, 1, 1, 1]).expect("defined"), 1.0 / 12.0f64.sqrt());
        close(within_band_tau(&x, &y, &[5; 5]).expect("defined"), kendall_tau(&x, &y).expect("defined"));
        assert!(within_band_tau(&x, &y, &[0, 1, 2, 3, 4]).is_err());
        assert!(within_band_tau(&x, &y, &[0, 1]).is_err());
    }

    #[test]
    fn the_null_standard_error_is_the_published_one() {
        assert!((kendall_null_standard_error(16).expect("defined") - 0.185).abs() < 5e-4);
        assert!((kendall_null_standard_error(30).expect("defined") - 0.129).abs() < 5e-4);
        assert!(kendall_null_standard_error(1).is_err());
    }

    #[test]
    fn a_constant_column_one_item_and_nan_are_refused() {
        let constant = kendall_tau(&[1.0, 2.0], &[3.0, 3.0]).expect_err("constant");
        assert!(constant.to_string().contains("second column"), "{constant}");
        let constant = kendall_tau(&[3.0, 3.0], &[1.0, 2.0]).expect_err("constant");
        assert!(constant.to_string().contains("first column"), "{constant}");
        assert!(kendall_tau(&[1.0], &[1.0]).is_err());
        assert!(kendall_tau(&[1.0, f64::NAN], &[1.0, 2.0]).is_err());
        assert_eq!(
            kendall_tau(&[0.0, -0.0, 1.0], &[1.0, 2.0, 3.0]),
            kendall_tau(&[0.0, 0.0, 1.0], &[1.0, 2.0, 3.0])
        );
    }

    fn columns() -> impl Strategy<Value = (Vec<f64>, Vec<f64>)> {
        prop::collection::vec((0i32..12, 0i32..12), 2..40)
            .prop_map(|pairs| pairs.into_iter().map(|(x, y)| (f64::from(x), f64::from(y))).unzip())
    }

    proptest! {
        #[test]
        fn both_ways_of_counting_agree((x, y) in columns()) {
            prop_assert_eq!(count_pairs(&x, &y, |_, _| true), count_pairs_by_sorting(&x, &y));
        }

        #[test]
        fn bands_are_counted_as_pair_by_pair((x, y) in columns(), seed in 0u64..1000) {
            let mut stream = Streams::new(seed).stream("bands");
            let bands: Vec<usize> = x.iter().map(|_| stream.below(3)).collect();
            let slow = count_pairs(&x, &y, |i, j| bands[i] == bands[j]).tau("tau");
            prop_assert_eq!(within_band_tau(&x, &y, &bands).ok(), slow.ok());
        }

        #[test]
        fn reversing_a_column_turns_the_sign((x, y) in columns()) {
            let reversed: Vec<f64> = y.iter().map(|value| -value).collect();
            match (kendall_tau(&x, &y), kendall_tau(&x, &reversed)) {
                (Ok(tau), Ok(turned)) => prop_assert!((tau + turned).abs() < 1e-12),
                (plain, turned) => prop_assert!(plain.is_err() && turned.is_err()),
            }
        }

        #[test]
        fn growing_maps_change_nothing((x, y) in columns()) {
            let mapped: Vec<f64> = x.iter().map(|value| value.powi(3) + 2.0 * value - 7.0).collect();
            prop_assert_eq!(kendall_tau(&mapped, &y), kendall_tau(&x, &y));
            prop_assert_eq!(kendall_tau(&y, &x).ok(), kendall_tau(&x, &y).ok());
        }

        #[test]
        fn the_order_of_items_does_not_matter((x, y) in columns(), seed in 0u64..1000) {
            let order = Streams::new(seed).stream("test").permutation(x.len());
            let shuffled = |column: &[f64]| order.iter().map(|&i| column[i]).collect::<Vec<_>>();
            prop_assert_eq!(kendall_tau(&shuffled(&x), &shuffled(&y)), kendall_tau(&x, &y));
        }
    }
}
