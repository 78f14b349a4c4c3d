//! Texts that the user has: a pair of files whose lines are translations of each other, or one file of lines.
//!
//! A file is plain or gzip, which its first bytes say and not its name. A line ends with `\n` or `\r\n`, the last one
//! may have no end; no other character ends a line. A byte order mark is removed, and beyond that a line is kept as it
//! is, with the spaces around it. Every problem is an error that says the line; only empty lines may be skipped.

use std::path::Path;

use super::error::{Result, TextError};
use super::lines::Lines;
use super::reader::LineReader;

#[cfg(test)]
mod tests;

/// How much is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// The most characters of a line.
    pub characters: usize,
    /// The most bytes of a file, packed and unpacked.
    pub bytes: u64,
    /// The most lines of a file; each costs some memory, however short it is.
    pub lines: u64,
}

impl Default for Limits {
    /// 10,000 characters in a line, 2 GB and 50 million lines in a file.
    fn default() -> Self {
        Self { characters: 10_000, bytes: 2_000_000_000, lines: 50_000_000 }
    }
}

/// What is done with a line that holds nothing but white space.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Empty {
    /// It is an error.
    #[default]
    Refuse,
    /// It is left out, with its partner, and counted.
    Skip,
}

/// How a text is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Reading {
    /// How much is read.
    pub limits: Limits,
    /// What is done with empty lines.
    pub empty: Empty,
}

/// Lines and their translations.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Pairs {
    /// The lines to translate.
    pub source: Lines,
    /// The translation of each.
    pub target: Lines,
    /// How many pairs were left out because a line was empty.
    pub skipped: usize,
}

/// Lines of one language.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Sentences {
    /// The lines.
    pub lines: Lines,
    /// How many empty ones were left out.
    pub skipped: usize,
}

/// Reads one file of lines.
///
/// # Errors
/// The first problem in the order of lines; see [`TextError`].
pub fn read_sentences(path: &Path, reading: Reading) -> Result<Sentences> {
    let mut reader = LineReader::open(path, reading.limits)?;
    let mut sentences = Sentences::default();
    let mut line = 0;
    while let Some(text) = reader.next()? {
        line += 1;
        match (is_empty(text), reading.empty) {
            (false, _) => sentences.lines.push(text),
            (true, Empty::Skip) => sentences.skipped += 1,
            (true, Empty::Refuse) => return Err(TextError::EmptyLine { path: path.to_owned(), line }),
        }
    }
    if sentences.lines.is_empty() {
        return Err(TextError::NoLines { path: path.to_owned(), skipped: sentences.skipped });
    }
    Ok(sentences)
}

/// Reads a pair of files, side by side.
///
/// # Errors
/// The first problem in the order of lines, the source's before the target's; see [`TextError`].
pub fn read_pairs(source_path: &Path, target_path: &Path, reading: Reading) -> Result<Pairs> {
    let mut source = LineReader::open(source_path, reading.limits)?;
    let mut target = LineReader::open(target_path, reading.limits)?;
    let mut pairs = Pairs::default();
    let owned = || (source_path.to_owned(), target_path.to_owned());
    let mut line = 0;
    loop {
        line += 1;
        let (left, right) = match (source.next()?, target.next()?) {
            (Some(left), Some(right)) => (left, right),
            (None, None) => break,
            _ => {
                let (source_lines, target_lines) = (source.count()?, target.count()?);
                let (source_path, target_path) = owned();
                return Err(TextError::UnequalLines { source_path, source_lines, target_path, target_lines });
            }
        };
        match (is_empty(left), is_empty(right), reading.empty) {
            (false, false, _) => {
                pairs.source.push(left);
                pairs.target.push(right);
            }
            (_, _, Empty::Skip) => pairs.skipped += 1,
            (true, true, Empty::Refuse) => {
                let (source_path, target_path) = owned();
                return Err(TextError::EmptyPair { source_path, target_path, line });
            }
            (left, _, Empty::Refuse) => {
                let path = if left { source_path } else { target_path }.to_owned();
                return Err(TextError::EmptyLine { path, line });
            }
        }
    }
    if pairs.source.is_empty() {
        let (source_path, target_path) = owned();
        return Err(TextError::NoPairs { source_path, target_path, skipped: pairs.skipped });
    }
    Ok(pairs)
}

fn is_empty(line: &str) -> bool {
    line.trim().is_empty()
}
