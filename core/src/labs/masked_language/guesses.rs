//! Guesses without any network: what a share of right guesses is worth.

use std::collections::BTreeMap;

use crate::data::masking::Masked;

/// Counts of words, and of words behind words, in sentences to learn from.
pub(super) struct Counts {
    most_frequent: u32,
    /// The word that most often follows each word; of the first word of a sentence under nothing.
    followers: BTreeMap<Option<u32>, u32>,
}

/// The key with the largest count, the smallest of several.
fn most(counts: &BTreeMap<u32, usize>) -> u32 {
    let best = counts.iter().max_by_key(|(word, count)| (**count, std::cmp::Reverse(**word)));
    best.map_or(0, |(word, _)| *word)
}

impl Counts {
    /// Counts.
    pub fn of(sentences: &[Vec<u32>]) -> Self {
        let mut words = BTreeMap::new();
        let mut pairs: BTreeMap<Option<u32>, BTreeMap<u32, usize>> = BTreeMap::new();
        for sentence in sentences {
            let lefts = std::iter::once(None).chain(sentence.iter().copied().map(Some));
            for (left, word) in lefts.zip(sentence) {
                *words.entry(*word).or_insert(0) += 1;
                *pairs.entry(left).or_default().entry(*word).or_insert(0) += 1;
            }
        }
        let followers = pairs.iter().map(|(left, counts)| (*left, most(counts))).collect();
        Self { most_frequent: most(&words), followers }
    }

    /// The most frequent word.
    pub fn most_frequent(&self) -> u32 {
        self.most_frequent
    }

    /// The best guess at a place of a sentence as it is shown, from its left neighbour alone: the most frequent word where
    /// nothing was seen behind that, as behind a mask.
    pub fn behind(&self, sentence: &Masked, place: usize) -> u32 {
        let left = place.checked_sub(1).map(|left| sentence.words[left]);
        self.followers.get(&left).copied().unwrap_or(self.most_frequent)
    }
}

/// The share of masked words that `guess` gets right, in percent.
pub(super) fn right(sentences: &[Masked], guess: impl Fn(&Masked, usize) -> u32) -> f64 {
    let (mut right, mut all) = (0, 0);
    for sentence in sentences {
        for (place, expected) in sentence.places.iter().zip(&sentence.expected) {
            right += usize::from(guess(sentence, *place) == *expected);
            all += 1;
        }
    }
    100.0 * right as f64 / all.max(1) as f64
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::masking::MASK;

    #[test]
    fn guesses_follow_from_counts() {
        let counts = Counts::of(&[vec![5, 6, 7], vec![5, 6, 8], vec![6, 8]]);
        assert_eq!(counts.most_frequent(), 6);
        let sentence =
            Masked { words: vec![MASK, 6, MASK, MASK], places: vec![0, 2, 3], expected: vec![5, 8, 7] };
        let found: Vec<u32> = sentence.places.iter().map(|place| counts.behind(&sentence, *place)).collect();
        assert_eq!(found, [5, 8, 6]);
        let share = right(std::slice::from_ref(&sentence), |sentence, place| counts.behind(sentence, place));
        assert!((share - 200.0 / 3.0).abs() < 1e-9);
        assert_eq!(right(&[sentence], |_, _| counts.most_frequent()), 0.0);
    }
}
