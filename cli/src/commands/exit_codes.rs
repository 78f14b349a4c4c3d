//! `switchyard exit-codes`: the table of exit codes.

use serde_json::{Value, json};

use crate::error::Result;
use crate::exit::Exit;
use crate::reporter::{Answer, Reporter, Style};

/// Prints every exit code with its meaning.
///
/// # Errors
/// When standard output cannot be written.
pub fn exit_codes(reporter: &mut dyn Reporter) -> Result<()> {
    reporter.answer(&ExitCodes)
}

struct ExitCodes;

impl Answer for ExitCodes {
    fn text(&self, _style: Style) -> String {
        Exit::table()
    }

    fn json(&self) -> Value {
        let codes = Exit::ALL.iter().map(|exit| json!({ "code": exit.code(), "meaning": exit.meaning() }));
        json!({ "exit_codes": codes.collect::<Vec<_>>() })
    }

    fn brief(&self) -> String {
        Exit::table()
    }
}
