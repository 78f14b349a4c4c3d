//! Output for programs: JSON Lines on standard output, each line an object with `schema_version`.

use std::io::Write as _;

use serde::Serialize;
use serde_json::{Value, json};
use switchyard::experiment::Event;
use switchyard::experiment::event::SCHEMA_VERSION;
pub use switchyard::experiment::event::Versioned;

use super::progress::Progress;
use super::{Answer, Reporter, Status, Style, write_failure};
use crate::error::{Error, Result};
use crate::watch::Aside;

/// Writes JSON Lines.
pub struct Json {
    progress: Progress,
    errors: Style,
}

impl Json {
    /// A reporter that shows progress on standard error as it is told.
    pub fn new(progress: Progress, errors: Style) -> Self {
        Self { progress, errors }
    }

    fn line(&self, value: &impl Serialize) -> Result<()> {
        let mut line = serde_json::to_vec(value).map_err(std::io::Error::from)?;
        line.push(b'\n');
        let mut output = std::io::stdout().lock();
        output.write_all(&line)?;
        Ok(output.flush()?)
    }

    fn object(&self, mut value: Value) -> Result<()> {
        if let Value::Object(fields) = &mut value {
            fields.insert("schema_version".to_owned(), json!(SCHEMA_VERSION));
        }
        self.line(&value)
    }
}

impl Reporter for Json {
    fn event(&mut self, event: &Event) -> Result<()> {
        self.line(&Versioned::new(event))
    }

    fn aside(&mut self, aside: &Aside) -> Result<()> {
        if let Some(text) = aside.text() {
            self.progress.note(&text);
        }
        self.object(serde_json::to_value(aside).map_err(std::io::Error::from)?)
    }

    fn progress(&mut self, status: &Status) {
        self.progress.show(status);
    }

    fn note(&mut self, text: &str) {
        self.progress.note(text);
    }

    fn answer(&mut self, answer: &dyn Answer) -> Result<()> {
        self.progress.clear();
        self.object(answer.json())
    }

    fn failure(&mut self, error: &Error) {
        self.progress.clear();
        write_failure(error, self.errors);
        let directory = match error {
            Error::Interrupted { directory, .. } | Error::Task { directory, .. } => json!(directory),
            _ => Value::Null,
        };
        let interrupted = matches!(error, Error::Interrupted { .. });
        // Standard error has the message too; a closed standard output changes nothing any more.
        let _ = self.object(json!({
            "event": if interrupted { "interrupted" } else { "failed" },
            "error": error.to_string(),
            "exit_code": error.exit().code(),
            "directory": directory,
        }));
    }
}
