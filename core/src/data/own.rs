//! What a user brings: rows, a text, or a packed corpus. It is no part of a specification, which only says that it is asked for.

use super::sentences::SentenceCorpus;
use super::translation::ParallelCorpus;
use super::{Dataset, packed};
use crate::Result;

/// What a user supplied.
#[derive(Debug, Clone, PartialEq)]
pub enum OwnData {
    /// Drawn points or a table.
    Rows(Dataset),
    /// The bytes of a file, or what was pasted.
    Text(Vec<u8>),
    /// A packed corpus of two languages.
    Pairs(ParallelCorpus),
    /// A packed corpus of one language.
    Sentences(SentenceCorpus),
}

/// What kind of data a lab takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OwnKind {
    /// A table with a class in one column.
    Rows,
    /// A text.
    Text,
    /// A packed corpus of two languages.
    Pairs,
    /// A packed corpus of one language, or of two, of which sentences are taken.
    Sentences,
}

impl OwnData {
    /// Reads a packed corpus, whose first line says of which kind it is.
    ///
    /// # Errors
    /// As [`ParallelCorpus::from_bytes`] or [`SentenceCorpus::from_bytes`].
    pub fn packed(bytes: &[u8]) -> Result<Self> {
        if packed::is_of_sentences(bytes) {
            SentenceCorpus::from_bytes(bytes).map(OwnData::Sentences)
        } else {
            ParallelCorpus::from_bytes(bytes).map(OwnData::Pairs)
        }
    }

    /// The rows, if it is rows.
    pub fn rows(&self) -> Option<&Dataset> {
        match self {
            OwnData::Rows(rows) => Some(rows),
            OwnData::Text(_) | OwnData::Pairs(_) | OwnData::Sentences(_) => None,
        }
    }

    /// The text's bytes, if it is a text.
    pub fn text(&self) -> Option<&[u8]> {
        match self {
            OwnData::Rows(_) | OwnData::Pairs(_) | OwnData::Sentences(_) => None,
            OwnData::Text(bytes) => Some(bytes),
        }
    }

    /// The corpus of two languages, if it is one.
    pub fn pairs(&self) -> Option<&ParallelCorpus> {
        match self {
            OwnData::Pairs(corpus) => Some(corpus),
            OwnData::Rows(_) | OwnData::Text(_) | OwnData::Sentences(_) => None,
        }
    }

    /// What it is.
    pub fn kind(&self) -> OwnKind {
        match self {
            OwnData::Rows(_) => OwnKind::Rows,
            OwnData::Text(_) => OwnKind::Text,
            OwnData::Pairs(_) => OwnKind::Pairs,
            OwnData::Sentences(_) => OwnKind::Sentences,
        }
    }
}
