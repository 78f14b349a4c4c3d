//! Counting n-grams: runs of up to `ORDER` symbols, where a symbol is a word or a character.
//!
//! A run is packed into one integer, first symbol highest, and the runs that begin at each position are sorted once.
//! The runs of every lower order are prefixes of these, so they are sorted too, and two texts are compared by walking
//! both lists: no hashing, and no order that could differ between machines.

use std::collections::BTreeMap;
use std::iter::Peekable;

/// The runs of up to `ORDER` symbols that begin at each position of a text, sorted.
#[derive(Debug)]
pub(super) struct Ngrams<const ORDER: usize> {
    /// Runs that the end of the text cuts short are filled up with 0, which is no symbol.
    runs: Vec<u128>,
}

impl<const ORDER: usize> Ngrams<ORDER> {
    /// What one symbol may take: 32 bits for 4 words, 21 for 6 characters.
    const BITS: usize = 128 / ORDER;

    /// Symbols must be above 0 and, in bits, at most `BITS` wide.
    pub(super) fn new(symbols: &[u32]) -> Self {
        let mut run = 0u128;
        let mut runs = Vec::with_capacity(symbols.len());
        for &symbol in symbols.iter().rev() {
            run = (u128::from(symbol) << (Self::BITS * (ORDER - 1))) | (run >> Self::BITS);
            runs.push(run);
        }
        runs.sort_unstable();
        Self { runs }
    }

    /// How many symbols the text has.
    pub(super) fn length(&self) -> u64 {
        self.runs.len() as u64
    }

    /// How many runs of exactly `order` symbols it has, `order` from 1.
    pub(super) fn total(&self, order: usize) -> u64 {
        (self.length() + 1).saturating_sub(order as u64)
    }

    /// Every different run of `order` symbols with its count, in growing order.
    fn counts(&self, order: usize) -> impl Iterator<Item = (u128, u64)> {
        let (last, shift) = ((1u128 << Self::BITS) - 1, Self::BITS * (ORDER - order));
        let mut runs =
            self.runs.iter().map(move |run| run >> shift).filter(move |run| run & last != 0).peekable();
        std::iter::from_fn(move || {
            let run = runs.next()?;
            let mut count = 1;
            while runs.next_if_eq(&run).is_some() {
                count += 1;
            }
            Some((run, count))
        })
    }

    /// How many runs of `order` symbols some text of `others` has too. A run counts at most as often as in the text
    /// that has it most often ("clipping", Papineni et al. 2002).
    pub(super) fn matches(&self, others: &[Self], order: usize) -> u64 {
        let mut others: Vec<_> = others.iter().map(|other| other.counts(order).peekable()).collect();
        self.counts(order)
            .map(|(run, count)| {
                count.min(others.iter_mut().map(|other| count_of(run, other)).max().unwrap_or(0))
            })
            .sum()
    }
}

/// Moves on to `run` and returns its count.
fn count_of(run: u128, counts: &mut Peekable<impl Iterator<Item = (u128, u64)>>) -> u64 {
    while let Some((found, count)) = counts.next_if(|(next, _)| *next <= run) {
        if found == run {
            return count;
        }
    }
    0
}

/// Numbers for words, the same for equal ones; as symbols they count from 1.
#[derive(Debug, Default)]
pub(super) struct Vocabulary<'a>(BTreeMap<&'a str, u32>);

impl<'a> Vocabulary<'a> {
    /// The symbols of a text. A segment with 2^32 different words would be more than 10 GB; its last words are taken
    /// for one.
    pub(super) fn symbols(&mut self, words: impl Iterator<Item = &'a str>) -> Vec<u32> {
        words
            .map(|word| {
                let next = u32::try_from(self.0.len() + 1).unwrap_or(u32::MAX);
                *self.0.entry(word).or_insert(next)
            })
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn counts_are_those_of_a_hand_count() {
        let text = Ngrams::<4>::new(&[1, 2, 1, 2, 1]);
        let counts = |order| text.counts(order).map(|(_, count)| count).collect::<Vec<_>>();
        assert_eq!(
            [counts(1), counts(2), counts(3), counts(4)],
            [vec![3, 2], vec![2, 2], vec![2, 1], vec![1, 1]]
        );
        assert_eq!([1, 2, 3, 4, 5, 6, 7].map(|order| text.total(order)), [5, 4, 3, 2, 1, 0, 0]);
    }

    #[test]
    fn a_match_is_clipped_at_the_best_other_text() {
        let text = Ngrams::<4>::new(&[7; 5]);
        let others = [Ngrams::new(&[7, 7]), Ngrams::new(&[7, 1, 7, 7]), Ngrams::new(&[])];
        assert_eq!([1, 2, 3, 4].map(|order| text.matches(&others, order)), [3, 1, 0, 0]);
        assert_eq!(text.matches(&[], 1), 0);
    }

    fn windows(symbols: &[u32], order: usize) -> BTreeMap<&[u32], u64> {
        let mut counts = BTreeMap::new();
        symbols.windows(order).for_each(|run| *counts.entry(run).or_insert(0) += 1);
        counts
    }

    proptest! {
        #[test]
        fn matches_are_those_of_maps(
            text in prop::collection::vec(1u32..5, 0..30),
            other in prop::collection::vec(1u32..5, 0..30),
            widest in any::<bool>(),
        ) {
            let widen = |symbols: &[u32]| -> Vec<u32> {
                symbols.iter().map(|&symbol| if widest { 0x11_0001 - symbol } else { symbol }).collect()
            };
            let (text, other) = (widen(&text), widen(&other));
            for order in 1..=6 {
                let others = windows(&other, order);
                let expected: u64 = windows(&text, order)
                    .iter()
                    .map(|(run, &count)| count.min(others.get(run).copied().unwrap_or(0)))
                    .sum();
                prop_assert_eq!(Ngrams::<6>::new(&text).matches(&[Ngrams::new(&other)], order), expected);
            }
        }
    }
}
