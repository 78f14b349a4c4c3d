//! Output for scripts: the most important line of the result, and errors.

use std::io::Write as _;

use switchyard::experiment::Event;

use super::{Answer, Reporter, Status, Style, write_failure};
use crate::error::{Error, Result};
use crate::watch::Aside;

/// Writes only the brief form of the result.
pub struct Quiet {
    errors: Style,
}

impl Quiet {
    /// A reporter with its style for errors.
    pub fn new(errors: Style) -> Self {
        Self { errors }
    }
}

impl Reporter for Quiet {
    fn event(&mut self, _event: &Event) -> Result<()> {
        Ok(())
    }

    fn aside(&mut self, aside: &Aside) -> Result<()> {
        if matches!(aside, Aside::Caution { .. })
            && let Some(text) = aside.text()
        {
            // There is nowhere left to say that standard error is closed.
            let _ = writeln!(std::io::stderr(), "{text}");
        }
        Ok(())
    }

    fn progress(&mut self, _status: &Status) {}

    fn note(&mut self, _text: &str) {}

    fn answer(&mut self, answer: &dyn Answer) -> Result<()> {
        let mut output = std::io::stdout().lock();
        writeln!(output, "{}", answer.brief())?;
        Ok(output.flush()?)
    }

    fn failure(&mut self, error: &Error) {
        write_failure(error, self.errors);
    }
}
