//! BLEU: how many runs of 1 to 4 words of a translation are also in a reference (Papineni et al. 2002).
//!
//! With `c_n` of the `t_n` runs of n words found in a reference, `p_n = 100 c_n / t_n`, and lengths h of the
//! translations and r of the references in words,
//! `BLEU = BP exp((ln p_1 + ln p_2 + ln p_3 + ln p_4) / 4)` with `BP = min(1, exp(1 - r / h))`.
//! All four counts and both lengths are summed over the corpus first; r takes of each segment the reference whose
//! length is closest. A count of 0 would make the whole score 0, so it is smoothed ([`Smoothing`]).
//!
//! The defaults and every corner case are those of sacreBLEU (Post 2018, arXiv 1804.08771).

use std::iter::Sum;
use std::ops::AddAssign;

use super::ngram::{Ngrams, Vocabulary};
use super::tokenise::{Tokeniser, is_space, tokenise, words};
use super::{count_segments, inconsistent, with_case};
use crate::Result;

/// The longest run of words that is counted.
pub const MAXIMUM_ORDER: usize = 4;

/// What stands in for a precision of 0 (Chen and Cherry 2014). No smoothing helps where no word at all matches.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub enum Smoothing {
    /// `exp`: the first order without a match gets `100 / (2 t_n)`, the second `100 / (4 t_n)`, and so on.
    #[default]
    Exponential,
    /// `floor`: `c_n` is this number, from 0 to 1, where it is 0; sacreBLEU takes 0.1.
    Floor(f64),
    /// `add-k`: this number, 0 or more, is added to `c_n` and `t_n` of all orders above 1; sacreBLEU takes 1.
    AddK(f64),
    /// `none`: the score is 0.
    None,
}

/// How BLEU is computed. The default is sacreBLEU's.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct BleuOptions {
    /// How segments are cut into words.
    pub tokeniser: Tokeniser,
    /// What stands in for a precision of 0.
    pub smoothing: Smoothing,
    /// Leaves out the orders for which the translations are too short, instead of scoring 0.
    pub effective_order: bool,
    /// Takes upper and lower case for equal.
    pub lowercase: bool,
}

/// What a segment adds to the score of its corpus.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct BleuStatistics {
    /// `c_n`: runs of n words that are also in a reference, from n = 1.
    pub counts: [u64; MAXIMUM_ORDER],
    /// `t_n`: runs of n words.
    pub totals: [u64; MAXIMUM_ORDER],
    /// Words of the translation.
    pub system_length: u64,
    /// Words of the reference with the closest length, the shorter one if two are equally close.
    pub reference_length: u64,
}

/// A BLEU score and what it is made of.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Bleu {
    /// From 0 to 100.
    pub score: f64,
    /// `p_n` after smoothing, from 0 to 100; 0 from the first order on that the translations are too short for.
    pub precisions: [f64; MAXIMUM_ORDER],
    /// `c_n` before smoothing.
    pub counts: [u64; MAXIMUM_ORDER],
    /// `t_n` before smoothing.
    pub totals: [u64; MAXIMUM_ORDER],
    /// `BP`: below 1 when the translations are shorter than the references.
    pub brevity_penalty: f64,
    /// Words of the translations.
    pub system_length: u64,
    /// Words of the references with the closest lengths.
    pub reference_length: u64,
}

impl BleuStatistics {
    /// The statistics of one segment.
    ///
    /// # Errors
    /// [`Inconsistent`](crate::Error::Inconsistent) without a reference.
    pub fn new<R: AsRef<str>>(hypothesis: &str, references: &[R], options: &BleuOptions) -> Result<Self> {
        let prepare = |text: &str| {
            tokenise(with_case(text, options.lowercase).trim_end_matches(is_space), options.tokeniser)
        };
        let hypothesis = prepare(hypothesis);
        let references: Vec<String> = references.iter().map(|text| prepare(text.as_ref())).collect();
        let mut vocabulary = Vocabulary::default();
        let hypothesis = Ngrams::new(&vocabulary.symbols(words(&hypothesis)));
        let references: Vec<Ngrams<MAXIMUM_ORDER>> =
            references.iter().map(|text| Ngrams::new(&vocabulary.symbols(words(text)))).collect();
        let length = hypothesis.length();
        let closest =
            references.iter().map(Ngrams::length).min_by_key(|other| (other.abs_diff(length), *other));
        Ok(Self {
            counts: std::array::from_fn(|index| hypothesis.matches(&references, index + 1)),
            totals: std::array::from_fn(|index| hypothesis.total(index + 1)),
            system_length: length,
            reference_length: closest.ok_or_else(|| inconsistent("references", "the segment has none"))?,
        })
    }

    /// The score of the segments that were added up here. Only the smoothing and the order of `options` matter.
    ///
    /// # Errors
    /// [`Inconsistent`](crate::Error::Inconsistent) for a smoothing value out of its range.
    pub fn score(&self, options: &BleuOptions) -> Result<Bleu> {
        let (precisions, order) = self.precisions(options)?;
        let (system, reference) = (self.system_length as f64, self.reference_length as f64);
        let brevity_penalty = match self.system_length {
            0 if self.reference_length > 0 => 0.0,
            length if length < self.reference_length => libm::exp(1.0 - reference / system),
            _ => 1.0,
        };
        let used = &precisions[..order];
        let score = if used.contains(&0.0) {
            0.0
        } else {
            let mean = used.iter().map(|&precision| libm::log(precision)).sum::<f64>() / order as f64;
            // The exponential of a rounded ln 100 is a little above 100.
            (brevity_penalty * libm::exp(mean)).min(100.0)
        };
        Ok(Bleu {
            score,
            precisions,
            counts: self.counts,
            totals: self.totals,
            brevity_penalty,
            system_length: self.system_length,
            reference_length: self.reference_length,
        })
    }

    /// The smoothed precisions, and how many of them the score is the mean of.
    fn precisions(&self, options: &BleuOptions) -> Result<([f64; MAXIMUM_ORDER], usize)> {
        let added = match options.smoothing {
            Smoothing::Floor(value) if !(0.0..=1.0).contains(&value) => {
                let problem = format!("a floor lies between 0 and 1, and {value} does not");
                return Err(inconsistent("smoothing", problem));
            }
            Smoothing::AddK(value) if !(value.is_finite() && value >= 0.0) => {
                let problem = format!("what is added must be a number from 0 on, not {value}");
                return Err(inconsistent("smoothing", problem));
            }
            Smoothing::AddK(value) => value,
            _ => 0.0,
        };
        let mut precisions = [0.0; MAXIMUM_ORDER];
        let mut order = MAXIMUM_ORDER;
        if self.counts == [0; MAXIMUM_ORDER] {
            return Ok((precisions, order));
        }
        let mut halved = 1.0;
        for (index, precision) in precisions.iter_mut().enumerate() {
            let added = if index > 0 { added } else { 0.0 };
            let (count, total) = (self.counts[index] as f64 + added, self.totals[index] as f64 + added);
            if total == 0.0 {
                break;
            }
            if options.effective_order {
                order = index + 1;
            }
            *precision = match options.smoothing {
                // Added to count and total, a fraction rounds to a little above 100 where all runs match.
                _ if count > 0.0 => (100.0 * count / total).min(100.0),
                Smoothing::Exponential => {
                    halved *= 2.0;
                    100.0 / (halved * total)
                }
                Smoothing::Floor(value) => 100.0 * value / total,
                Smoothing::AddK(_) | Smoothing::None => 0.0,
            };
        }
        Ok((precisions, order))
    }
}

impl AddAssign<&Self> for BleuStatistics {
    fn add_assign(&mut self, other: &Self) {
        for index in 0..MAXIMUM_ORDER {
            self.counts[index] += other.counts[index];
            self.totals[index] += other.totals[index];
        }
        self.system_length += other.system_length;
        self.reference_length += other.reference_length;
    }
}

impl<'a> Sum<&'a Self> for BleuStatistics {
    fn sum<I: Iterator<Item = &'a Self>>(segments: I) -> Self {
        segments.fold(Self::default(), |mut sum, segment| {
            sum += segment;
            sum
        })
    }
}

/// The statistics of every segment; each has its own list of references.
///
/// # Errors
/// [`Inconsistent`](crate::Error::Inconsistent) for no segment at all, unequal numbers of segments, or a segment
/// without a reference.
pub fn bleu_statistics<R: AsRef<str>>(
    hypotheses: &[impl AsRef<str>],
    references: &[impl AsRef<[R]>],
    options: &BleuOptions,
) -> Result<Vec<BleuStatistics>> {
    count_segments(hypotheses, references, |text, list| BleuStatistics::new(text, list, options))
}

/// BLEU of a corpus.
///
/// # Errors
/// As [`bleu_statistics`]; also for a smoothing value out of its range.
pub fn corpus_bleu<R: AsRef<str>>(
    hypotheses: &[impl AsRef<str>],
    references: &[impl AsRef<[R]>],
    options: &BleuOptions,
) -> Result<Bleu> {
    let segments = bleu_statistics(hypotheses, references, options)?;
    segments.iter().sum::<BleuStatistics>().score(options)
}

/// BLEU of one segment, always with effective order. It is noisy: a corpus is what BLEU was made for.
///
/// # Errors
/// [`Inconsistent`](crate::Error::Inconsistent) without a reference, or for a smoothing value out of its range.
pub fn sentence_bleu<R: AsRef<str>>(
    hypothesis: &str,
    references: &[R],
    options: &BleuOptions,
) -> Result<Bleu> {
    BleuStatistics::new(hypothesis, references, options)?
        .score(&BleuOptions { effective_order: true, ..*options })
}
