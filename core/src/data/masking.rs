//! Sentences with masked words, as BERT is taught (Devlin et al., arXiv 1810.04805, section 3.1): of the words of a sentence
//! 15 % are to be guessed; of those 80 % are shown as `<mask>`, 10 % as any word, and 10 % as they are.
//!
//! Here every sentence has its share, rounded, and at least one such word, as in BERT's own code.

use std::ops::Range;

use super::translation::corpus::SPECIAL;
use crate::rng::Stream;

/// The number of the word `<mask>`.
pub const MASK: u32 = 4;

/// How words are masked.
#[derive(Debug, Clone, PartialEq)]
pub struct Masking {
    /// The share of a sentence's words that are to be guessed.
    pub share: f64,
    /// The words that may stand for one, by their numbers: all that are not special.
    pub words: Range<u32>,
}

/// A sentence with masked words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Masked {
    /// What is shown.
    pub words: Vec<u32>,
    /// The places that are to be guessed, in order.
    pub places: Vec<usize>,
    /// What stands there.
    pub expected: Vec<u32>,
}

impl Masking {
    /// Masking with words of a vocabulary of so many.
    pub fn new(share: f64, vocabulary: usize) -> Self {
        Self { share, words: SPECIAL.len() as u32..vocabulary as u32 }
    }

    /// How many words of a sentence of so many are masked.
    pub fn count(&self, words: usize) -> usize {
        libm::round(self.share * words as f64).clamp(1.0, words.max(1) as f64) as usize
    }

    /// Masks words of a sentence that has some.
    pub fn mask(&self, sentence: &[u32], stream: &mut Stream) -> Masked {
        let count = self.count(sentence.len());
        let mut places: Vec<usize> = stream.permutation(sentence.len()).into_iter().take(count).collect();
        places.sort_unstable();
        let mut words = sentence.to_vec();
        for place in &places {
            let chance = stream.unit();
            if chance < 0.8 {
                words[*place] = MASK;
            } else if chance < 0.9 {
                words[*place] = self.words.start + stream.below(self.words.len()) as u32;
            }
        }
        let expected = places.iter().map(|place| sentence[*place]).collect();
        Masked { words, places, expected }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rng::Streams;

    #[test]
    fn shares_are_berts_and_a_seed_repeats() {
        let masking = Masking::new(0.15, 1005);
        let sentence: Vec<u32> = (5..105).collect();
        let draw = |seed: u64| {
            let stream = &mut Streams::new(seed).stream("mask");
            (0..200).map(|_| masking.mask(&sentence, stream)).collect::<Vec<_>>()
        };
        let all = draw(1);
        assert_eq!(all, draw(1));
        assert_ne!(all, draw(2));
        let (mut masked, mut kept, mut other) = (0, 0, 0);
        for one in &all {
            assert_eq!(one.places.len(), 15);
            assert!(one.places.is_sorted_by(|a, b| a < b));
            for (place, right) in one.places.iter().zip(&one.expected) {
                assert_eq!(sentence[*place], *right);
                match one.words[*place] {
                    MASK => masked += 1,
                    word if word == *right => kept += 1,
                    word => {
                        assert!((5..1005).contains(&word));
                        other += 1;
                    }
                }
            }
            let untouched = (0..100).filter(|place| one.words[*place] == sentence[*place]).count();
            assert!(untouched >= 85);
        }
        let share = |count: usize| count as f64 / 3000.0;
        assert!((share(masked) - 0.8).abs() < 0.03, "{masked}");
        assert!((share(kept) - 0.1).abs() < 0.02 && (share(other) - 0.1).abs() < 0.02, "{kept} {other}");
    }

    #[test]
    fn the_shortest_sentence_has_a_word_to_guess_and_the_whole_share_masks_all() {
        let stream = &mut Streams::new(3).stream("mask");
        assert_eq!(Masking::new(0.15, 9).mask(&[7], stream).places, [0]);
        assert_eq!(Masking::new(1.0, 9).mask(&[7, 8, 6], stream).expected, [7, 8, 6]);
        assert_eq!(SPECIAL[MASK as usize], "<mask>");
    }
}
