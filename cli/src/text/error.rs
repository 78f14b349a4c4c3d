//! Everything that can be wrong with a text, a vocabulary or a kept copy. A sentence says what, where, why and what to
//! do. Lines and bytes are counted from 1.

use std::io;
use std::path::{Path, PathBuf};

/// What the functions of this module return.
pub type Result<T> = std::result::Result<T, TextError>;

/// Why a text, a vocabulary or a kept copy cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum TextError {
    /// A file cannot be read.
    #[error("cannot read {}: {source}; check its name and that you may read it", .path.display())]
    Read {
        /// Which one.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// A file has the first bytes of gzip, but what follows cannot be unpacked.
    #[error("{} begins like a gzip file, but cannot be unpacked after line {line}: {problem}; fetch it again", .path.display())]
    NotGzip {
        /// The file.
        path: PathBuf,
        /// The last whole line before it.
        line: u64,
        /// What the unpacker said.
        problem: String,
    },
    /// A gzip file ends before its data do.
    #[error("{} is cut off: its gzip data break off after line {line}; fetch it again", .path.display())]
    TruncatedGzip {
        /// The file.
        path: PathBuf,
        /// The last whole line before it.
        line: u64,
    },
    /// A line is not UTF-8.
    #[error("{}, line {line}: byte {byte} of the line is not UTF-8; save the file as UTF-8", .path.display())]
    NotUtf8 {
        /// The file.
        path: PathBuf,
        /// The line.
        line: u64,
        /// The first byte of the line that is not.
        byte: usize,
    },
    /// A line holds a NUL byte, which no text does; UTF-16 is full of them.
    #[error("{}, line {line}: byte {byte} of the line is NUL, so this is no text; if it is UTF-16, save it as UTF-8", .path.display())]
    NulByte {
        /// The file.
        path: PathBuf,
        /// The line.
        line: u64,
        /// The byte.
        byte: usize,
    },
    /// A line is longer than the limit.
    #[error("{}, line {line}: the line has more than {limit} characters; the file must have a sentence per line, so cut or remove it", .path.display())]
    LongLine {
        /// The file.
        path: PathBuf,
        /// The line.
        line: u64,
        /// The most characters of a line.
        limit: usize,
    },
    /// A file is larger than the limit.
    #[error("{} has {bytes} bytes, but at most {limit} are read; give a part of it", .path.display())]
    LargeFile {
        /// The file.
        path: PathBuf,
        /// Its bytes.
        bytes: u64,
        /// The most that are read.
        limit: u64,
    },
    /// A file holds more text than the limit once it is unpacked.
    #[error("{} holds more than {limit} bytes of text, which is the most that is read (reached in line {line}); give a part of it", .path.display())]
    LargeText {
        /// The file.
        path: PathBuf,
        /// The line in which the limit is passed.
        line: u64,
        /// The most bytes that are read.
        limit: u64,
    },
    /// A file has more lines than the limit.
    #[error("{} has more than {limit} lines, which is the most that is read; give a part of it", .path.display())]
    ManyLines {
        /// The file.
        path: PathBuf,
        /// The most lines that are read.
        limit: u64,
    },
    /// The files of a pair have different numbers of lines.
    #[error("{} has {source_lines} lines, but {} has {target_lines}: line {} has no partner; line by line, one file must be the translation of the other", .source_path.display(), .target_path.display(), .source_lines.min(.target_lines) + 1)]
    UnequalLines {
        /// The file of source lines.
        source_path: PathBuf,
        /// How many it has.
        source_lines: u64,
        /// The file of target lines.
        target_path: PathBuf,
        /// How many it has.
        target_lines: u64,
    },
    /// A line holds nothing but white space.
    #[error("{}, line {line}: the line is empty; fill it in, remove it (and its partner, if it has one), or let empty lines be skipped", .path.display())]
    EmptyLine {
        /// The file.
        path: PathBuf,
        /// The line.
        line: u64,
    },
    /// A line holds nothing but white space in both files of a pair.
    #[error("line {line} is empty in both {} and {}; remove it from both, or let empty lines be skipped", .source_path.display(), .target_path.display())]
    EmptyPair {
        /// The file of source lines.
        source_path: PathBuf,
        /// The file of target lines.
        target_path: PathBuf,
        /// The line.
        line: u64,
    },
    /// Two files hold no pair, or none that was not skipped.
    #[error("{} and {} hold no pair of lines ({skipped} were skipped, because a line was empty); are they the right files?", .source_path.display(), .target_path.display())]
    NoPairs {
        /// The file of source lines.
        source_path: PathBuf,
        /// The file of target lines.
        target_path: PathBuf,
        /// The pairs that were skipped.
        skipped: usize,
    },
    /// A file holds no line, or none that was not skipped.
    #[error("{} holds no line of text ({skipped} were skipped, because they were empty); is it the right file?", .path.display())]
    NoLines {
        /// The file.
        path: PathBuf,
        /// The lines that were skipped.
        skipped: usize,
    },
    /// A vocabulary of an impossible size is asked for.
    #[error(
        "a vocabulary of {size} tokens is asked for, but it must have from {minimum} to {maximum}: every byte and the special tokens are always in it"
    )]
    VocabularySize {
        /// The size.
        size: usize,
        /// The smallest possible one.
        minimum: usize,
        /// The largest possible one.
        maximum: usize,
    },
    /// A vocabulary is to be trained on more text than can be counted.
    #[error(
        "a vocabulary is to be trained on {bytes} bytes of text, but at most {limit} can be counted; train it on a part"
    )]
    TrainingText {
        /// The bytes.
        bytes: u64,
        /// The most that can be counted.
        limit: u64,
    },
    /// A file of a vocabulary is damaged, or is something else.
    #[error("{} is no vocabulary that can be read: {problem}; restore the file, or train the vocabulary again", .path.display())]
    DamagedVocabulary {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        problem: String,
    },
    /// A vocabulary is whole, but not of the kind that is used here.
    #[error("{} is a vocabulary of another kind: {problem}; use one that was trained here", .path.display())]
    ForeignVocabulary {
        /// The file.
        path: PathBuf,
        /// What is different.
        problem: String,
    },
    /// A vocabulary lacks special tokens.
    #[error("{} lacks the special tokens {}, without which no batch can be made; use a vocabulary that was trained here", .path.display(), .missing.join(", "))]
    MissingTokens {
        /// The file.
        path: PathBuf,
        /// Those that are missing.
        missing: Vec<&'static str>,
    },
    /// A number that is to be decoded is no token.
    #[error(
        "token {place} is {token}, but tokens must be below {size}; is this the vocabulary it was encoded with?"
    )]
    UnknownToken {
        /// Its place in the sequence, from 1.
        place: usize,
        /// The number.
        token: u32,
        /// The size of the vocabulary.
        size: usize,
    },
    /// The library that holds the vocabulary failed.
    #[error(
        "the vocabulary failed: {problem}; this is a bug, please report it with the output of `switchyard doctor`"
    )]
    Library {
        /// What it said.
        problem: String,
    },
}

impl TextError {
    /// A closure that turns a system error into [`TextError::Read`] of `path`.
    pub fn read(path: &Path) -> impl FnOnce(io::Error) -> Self {
        move |source| Self::Read { path: path.to_owned(), source }
    }

    /// What the library of vocabularies said.
    pub(super) fn library(error: impl std::fmt::Display) -> Self {
        Self::Library { problem: error.to_string() }
    }
}
