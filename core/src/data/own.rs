//! What a user brings: rows, or a text. It is no part of a specification, which only says that it is asked for.

use super::Dataset;

/// What a user supplied.
#[derive(Debug, Clone, PartialEq)]
pub enum OwnData {
    /// Drawn points or a table.
    Rows(Dataset),
    /// The bytes of a file, or what was pasted.
    Text(Vec<u8>),
}

/// What kind of data a lab takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OwnKind {
    /// A table with a class in one column.
    Rows,
    /// A text.
    Text,
}

impl OwnData {
    /// The rows, if it is rows.
    pub fn rows(&self) -> Option<&Dataset> {
        match self {
            OwnData::Rows(rows) => Some(rows),
            OwnData::Text(_) => None,
        }
    }

    /// The text's bytes, if it is a text.
    pub fn text(&self) -> Option<&[u8]> {
        match self {
            OwnData::Rows(_) => None,
            OwnData::Text(bytes) => Some(bytes),
        }
    }

    /// What it is.
    pub fn kind(&self) -> OwnKind {
        match self {
            OwnData::Rows(_) => OwnKind::Rows,
            OwnData::Text(_) => OwnKind::Text,
        }
    }
}
