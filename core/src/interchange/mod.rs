//! Decision traces and foreign logs: from bytes to routing records, and back to bytes.
//!
//! Every metric and picture reads [`RoutingDecision`](crate::routing::RoutingDecision)s. This module makes them from
//! what Switchyard wrote ([`schema`]) and from what others wrote ([`foreign`]), and says which of the two it found.
//! It takes bytes and gives values: it opens no file, decompresses nothing and measures nothing.
//!
//! | file | what it holds |
//! | --- | --- |
//! | [`schema`] | the trace format, field by field, and its version |
//! | [`mod@write`] | a trace as JSON Lines |
//! | [`read`](mod@read) | detection of the format, and the one way in |
//! | [`foreign`] | routing logs as JSON Lines or CSV, and load tables as CSV |
//! | [`limits`] | how much is read before a file is refused |

pub mod foreign;
pub mod limits;
mod native;
pub mod read;
pub mod schema;
pub mod write;

#[cfg(test)]
mod tests;

pub use foreign::loads::LoadTable;
pub use native::parse_header as header;
pub use read::{Contents, Options, Routes, finish, read};
pub use schema::{Header, Trace, Traced};
pub use write::json_lines;

use crate::Error;

/// The error for bytes that are not what they should be.
fn malformed(what: &str, line: Option<u64>, column: Option<u64>, problem: impl Into<String>) -> Error {
    Error::MalformedData { what: what.to_owned(), line, column, problem: problem.into() }
}

/// What a JSON parser says, without its own position, as the last half of a sentence.
fn said(error: &serde_json::Error) -> String {
    let text = error.to_string();
    text.rsplit_once(" at line ").map_or(text.as_str(), |(what, _)| what).to_owned()
}

/// The error for a line of JSON that cannot be read. `is_open` says that it is the last one and has no line end.
fn malformed_json(what: &str, line: u64, error: &serde_json::Error, is_open: bool) -> Error {
    let problem = match (error.is_eof(), is_open) {
        (true, true) => {
            "the file ends in the middle of this line: it was cut off. Copy or write it again, or delete \
                         this last line to read what is whole"
                .to_owned()
        }
        (true, false) => {
            "the line ends in the middle of its object; one object must stand on one line".to_owned()
        }
        (false, _) => said(error),
    };
    malformed(what, Some(line), Some(error.column().max(1) as u64), problem)
}
