//! Translation quality: how close translations are to references, with the numbers that sacreBLEU prints.
//!
//! A corpus is a slice of hypotheses and a slice with one or more references for each of them. Every metric first
//! counts *sufficient statistics* per segment, which are plain integers that can be added; the score of a corpus is
//! computed from their sum. So a bootstrap over segments counts once and then only adds.
//!
//! | module | question |
//! | --- | --- |
//! | [`tokenise`](mod@tokenise) | where does a word begin and end? |
//! | [`bleu`] | how many runs of 1 to 4 words are also in a reference? |
//! | [`chrf`] | how many runs of 1 to 6 characters are? |
//! | `ngram` | the counting behind both |
//!
//! Scores follow sacreBLEU 2.6.0 (Post 2018, arXiv 1804.08771), to rounding; the golden values in the tests are its
//! own. White space is what Python's `str.split` takes for it.

pub mod bleu;
pub mod chrf;
mod ngram;
pub mod tokenise;

#[cfg(test)]
mod golden;
#[cfg(test)]
mod properties;

pub use bleu::{Bleu, BleuOptions, BleuStatistics, Smoothing, bleu_statistics, corpus_bleu, sentence_bleu};
pub use chrf::{ChrfOptions, ChrfStatistics, chrf_statistics, corpus_chrf, sentence_chrf};
pub use tokenise::{Tokeniser, tokenise};

use std::borrow::Cow;

use crate::{Error, Result};

/// The error for a corpus or an option that does not fit.
fn inconsistent(key: &str, problem: impl Into<String>) -> Error {
    Error::Inconsistent { key: key.into(), problem: problem.into() }
}

/// Counts `segment` for every hypothesis with its references, which must pair up.
fn count_segments<R, S: AsRef<[R]>, T>(
    hypotheses: &[impl AsRef<str>],
    references: &[S],
    segment: impl Fn(&str, &[R]) -> Result<T>,
) -> Result<Vec<T>> {
    if hypotheses.is_empty() {
        return Err(inconsistent("hypotheses", "a corpus needs at least one segment"));
    }
    if hypotheses.len() != references.len() {
        let problem =
            format!("there are {} hypotheses and references for {}", hypotheses.len(), references.len());
        return Err(inconsistent("references", problem));
    }
    if let Some(index) = references.iter().position(|list| list.as_ref().is_empty()) {
        return Err(inconsistent("references", format!("segment {index} (counted from 0) has none")));
    }
    hypotheses.iter().zip(references).map(|(text, list)| segment(text.as_ref(), list.as_ref())).collect()
}

/// The text in lower case, where that is asked for.
fn with_case(text: &str, lowercase: bool) -> Cow<'_, str> {
    if lowercase { Cow::Owned(text.to_lowercase()) } else { Cow::Borrowed(text) }
}
