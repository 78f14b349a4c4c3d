//! Output for people.

use std::io::Write as _;

use switchyard::experiment::Event;

use super::progress::Progress;
use super::{Answer, Reporter, Status, Style, write_failure};
use crate::error::{Error, Result};

/// Writes for people: progress and notes while waiting, the result as text.
pub struct Human {
    progress: Progress,
    output: Style,
    errors: Style,
}

impl Human {
    /// A reporter with its styles for standard output and standard error.
    pub fn new(progress: Progress, output: Style, errors: Style) -> Self {
        Self { progress, output, errors }
    }
}

impl Reporter for Human {
    fn event(&mut self, event: &Event) -> Result<()> {
        // Warnings are part of the result, which says them once.
        if let Event::Stage { name, tasks } = event {
            self.progress.note(&format!("stage {name}: {tasks} tasks"));
        }
        Ok(())
    }

    fn progress(&mut self, status: &Status) {
        self.progress.show(status);
    }

    fn note(&mut self, text: &str) {
        self.progress.note(text);
    }

    fn answer(&mut self, answer: &dyn Answer) -> Result<()> {
        self.progress.clear();
        let text = answer.text(self.output);
        let mut output = std::io::stdout().lock();
        write!(output, "{text}")?;
        if !text.ends_with('\n') {
            writeln!(output)?;
        }
        Ok(output.flush()?)
    }

    fn failure(&mut self, error: &Error) {
        self.progress.clear();
        write_failure(error, self.errors);
    }
}
