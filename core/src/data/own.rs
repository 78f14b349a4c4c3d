//! What a user brings: rows, or a text. It is no part of a specification, which only says that it is asked for.

use super::Dataset;
use super::translation::ParallelCorpus;

/// What a user supplied.
#[derive(Debug, Clone, PartialEq)]
pub enum OwnData {
    /// Drawn points or a table.
    Rows(Dataset),
    /// The bytes of a file, or what was pasted.
    Text(Vec<u8>),
    /// A packed corpus of two languages.
    Pairs(ParallelCorpus),
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
}

impl OwnData {
    /// The rows, if it is rows.
    pub fn rows(&self) -> Option<&Dataset> {
        match self {
            OwnData::Rows(rows) => Some(rows),
            OwnData::Text(_) | OwnData::Pairs(_) => None,
        }
    }

    /// The text's bytes, if it is a text.
    pub fn text(&self) -> Option<&[u8]> {
        match self {
            OwnData::Rows(_) | OwnData::Pairs(_) => None,
            OwnData::Text(bytes) => Some(bytes),
        }
    }

    /// The corpus, if it is one.
    pub fn pairs(&self) -> Option<&ParallelCorpus> {
        match self {
            OwnData::Pairs(corpus) => Some(corpus),
            OwnData::Rows(_) | OwnData::Text(_) => None,
        }
    }

    /// What it is.
    pub fn kind(&self) -> OwnKind {
        match self {
            OwnData::Rows(_) => OwnKind::Rows,
            OwnData::Text(_) => OwnKind::Text,
            OwnData::Pairs(_) => OwnKind::Pairs,
        }
    }
}
