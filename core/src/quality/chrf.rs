//! chrF: how many runs of 1 to 6 characters a translation and a reference share (Popovic 2015), and chrF++, which
//! adds runs of 1 and 2 words (Popovic 2017).
//!
//! For each kind of run let P be the share of the translation's runs that the reference has, and R the share of the
//! reference's runs that the translation has. Both are averaged over the kinds that both texts have, and with β = 2,
//! which makes recall twice as important, `chrF = 100 (1 + β²) P R / (β² P + R)`.
//! White space is no character. Punctuation at the end of a word, or else at its beginning, is a word of its own.
//!
//! As in sacreBLEU (Post 2018, arXiv 1804.08771) a corpus adds up its counts before it divides, a segment with
//! several references takes the one that it scores best with, and nothing is smoothed.

use std::iter::Sum;
use std::ops::AddAssign;

use super::ngram::{Ngrams, Vocabulary};
use super::tokenise::{is_space, words};
use super::{count_segments, inconsistent, with_case};
use crate::Result;

/// The longest run of characters that is counted.
pub const CHARACTER_ORDER: usize = 6;
/// The longest run of words that chrF++ counts.
pub const WORD_ORDER: usize = 2;
const KINDS: usize = CHARACTER_ORDER + WORD_ORDER;
const BETA: f64 = 2.0;

/// How chrF is computed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct ChrfOptions {
    /// Counts runs of words too: chrF++.
    pub words: bool,
    /// Takes upper and lower case for equal.
    pub lowercase: bool,
}

impl ChrfOptions {
    /// chrF, as sacreBLEU computes it by default.
    pub const CHRF: Self = Self { words: false, lowercase: false };
    /// chrF++, sacreBLEU's word order 2.
    pub const CHRF_PLUS_PLUS: Self = Self { words: true, lowercase: false };
}

/// What a segment adds to the score of its corpus, for runs of 1 to 6 characters and of 1 and 2 words.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct ChrfStatistics {
    /// Runs of the translation; 0 for a kind that the reference is too short for.
    pub hypothesis: [u64; KINDS],
    /// Runs of the reference.
    pub reference: [u64; KINDS],
    /// Runs that both have.
    pub matches: [u64; KINDS],
}

impl ChrfStatistics {
    /// The statistics of one segment, with the reference that it scores best with, the first of equals.
    ///
    /// # Errors
    /// [`Inconsistent`](crate::Error::Inconsistent) without a reference.
    pub fn new<R: AsRef<str>>(hypothesis: &str, references: &[R], options: &ChrfOptions) -> Result<Self> {
        let hypothesis = with_case(hypothesis, options.lowercase);
        let references: Vec<_> =
            references.iter().map(|text| with_case(text.as_ref(), options.lowercase)).collect();
        let mut vocabulary = Vocabulary::default();
        let hypothesis = Runs::new(&hypothesis, options.words, &mut vocabulary);
        let mut best: Option<(f64, Self)> = None;
        for reference in &references {
            let statistics = hypothesis.compare(&Runs::new(reference, options.words, &mut vocabulary));
            let score = statistics.score();
            if best.is_none_or(|(highest, _)| score > highest) {
                best = Some((score, statistics));
            }
        }
        best.map(|(_, statistics)| statistics)
            .ok_or_else(|| inconsistent("references", "the segment has none"))
    }

    /// The score, from 0 to 100, of the segments that were added up here.
    pub fn score(&self) -> f64 {
        let (mut precision, mut recall, mut kinds) = (0.0, 0.0, 0.0);
        for index in 0..KINDS {
            if self.hypothesis[index] > 0 && self.reference[index] > 0 {
                precision += self.matches[index] as f64 / self.hypothesis[index] as f64;
                recall += self.matches[index] as f64 / self.reference[index] as f64;
                kinds += 1.0;
            }
        }
        if precision + recall == 0.0 {
            return 0.0;
        }
        let (precision, recall) = (precision / kinds, recall / kinds);
        let weight = BETA * BETA;
        (100.0 * ((1.0 + weight) * precision * recall / (weight * precision + recall))).min(100.0)
    }
}

impl AddAssign<&Self> for ChrfStatistics {
    fn add_assign(&mut self, other: &Self) {
        for index in 0..KINDS {
            self.hypothesis[index] += other.hypothesis[index];
            self.reference[index] += other.reference[index];
            self.matches[index] += other.matches[index];
        }
    }
}

impl<'a> Sum<&'a Self> for ChrfStatistics {
    fn sum<I: Iterator<Item = &'a Self>>(segments: I) -> Self {
        segments.fold(Self::default(), |mut sum, segment| {
            sum += segment;
            sum
        })
    }
}

/// The runs of one text.
struct Runs {
    characters: Ngrams<CHARACTER_ORDER>,
    words: Ngrams<WORD_ORDER>,
}

impl Runs {
    fn new<'a>(text: &'a str, with_words: bool, vocabulary: &mut Vocabulary<'a>) -> Self {
        let characters: Vec<u32> =
            text.chars().filter(|&character| !is_space(character)).map(|c| u32::from(c) + 1).collect();
        let words = if with_words {
            vocabulary.symbols(words(text).flat_map(split_punctuation).filter(|part| !part.is_empty()))
        } else {
            Vec::new()
        };
        Self { characters: Ngrams::new(&characters), words: Ngrams::new(&words) }
    }

    fn compare(&self, reference: &Self) -> ChrfStatistics {
        let mut statistics = ChrfStatistics::default();
        for index in 0..KINDS {
            let counts = if index < CHARACTER_ORDER {
                compare(&self.characters, &reference.characters, index + 1)
            } else {
                compare(&self.words, &reference.words, index + 1 - CHARACTER_ORDER)
            };
            (statistics.hypothesis[index], statistics.reference[index], statistics.matches[index]) = counts;
        }
        statistics
    }
}

/// Runs of the hypothesis, of the reference, and of both.
fn compare<const ORDER: usize>(
    hypothesis: &Ngrams<ORDER>,
    reference: &Ngrams<ORDER>,
    order: usize,
) -> (u64, u64, u64) {
    match reference.total(order) {
        0 => (0, 0, 0),
        total => (hypothesis.total(order), total, hypothesis.matches(std::slice::from_ref(reference), order)),
    }
}

/// A word without ASCII punctuation at its end, or else at its beginning, and that mark, in order. One of the two
/// parts may be empty.
fn split_punctuation(word: &str) -> [&str; 2] {
    let mut characters = word.chars();
    let (first, second) = match (characters.next(), characters.next_back()) {
        // A mark of ASCII is one byte.
        (Some(_), Some(last)) if last.is_ascii_punctuation() => word.split_at(word.len() - 1),
        (Some(first), Some(_)) if first.is_ascii_punctuation() => word.split_at(1),
        _ => (word, ""),
    };
    [first, second]
}

/// The statistics of every segment; each has its own list of references.
///
/// # Errors
/// [`Inconsistent`](crate::Error::Inconsistent) for no segment at all, unequal numbers of segments, or a segment
/// without a reference.
pub fn chrf_statistics<R: AsRef<str>>(
    hypotheses: &[impl AsRef<str>],
    references: &[impl AsRef<[R]>],
    options: &ChrfOptions,
) -> Result<Vec<ChrfStatistics>> {
    count_segments(hypotheses, references, |text, list| ChrfStatistics::new(text, list, options))
}

/// chrF or chrF++ of a corpus, from 0 to 100.
///
/// # Errors
/// As [`chrf_statistics`].
pub fn corpus_chrf<R: AsRef<str>>(
    hypotheses: &[impl AsRef<str>],
    references: &[impl AsRef<[R]>],
    options: &ChrfOptions,
) -> Result<f64> {
    Ok(chrf_statistics(hypotheses, references, options)?.iter().sum::<ChrfStatistics>().score())
}

/// chrF or chrF++ of one segment, from 0 to 100.
///
/// # Errors
/// [`Inconsistent`](crate::Error::Inconsistent) without a reference.
pub fn sentence_chrf<R: AsRef<str>>(
    hypothesis: &str,
    references: &[R],
    options: &ChrfOptions,
) -> Result<f64> {
    Ok(ChrfStatistics::new(hypothesis, references, options)?.score())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn punctuation_is_split_once_and_from_the_end_first() {
        for (word, parts) in [
            ("(hi)", ["(hi", ")"]),
            ("\"ja", ["\"", "ja"]),
            ("end.\"", ["end.", "\""]),
            ("!", ["!", ""]),
            ("„ja“", ["„ja“", ""]),
            ("ü,", ["ü", ","]),
            ("", ["", ""]),
        ] {
            assert_eq!(split_punctuation(word), parts, "{word:?}");
        }
    }

    #[test]
    fn a_pair_counted_by_hand() {
        // "ab" against "abc": characters 2/2 and 2/3, pairs 1/1 and 1/2; the reference alone has a run of 3.
        let score = sentence_chrf("a b", &["abc"], &ChrfOptions::CHRF).expect("one reference");
        let recall = (2.0 / 3.0 + 0.5) / 2.0;
        assert!((score - 100.0 * 5.0 * recall / (4.0 + recall)).abs() < 1e-12, "{score}");
    }
}
