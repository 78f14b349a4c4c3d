//! The one way out: every command speaks to a [`Reporter`], which decides how it is written.
//!
//! Results go to standard output, progress and notes to standard error. Nothing is asked, nothing is cut when the
//! output is not a terminal.

mod human;
pub mod json;
mod progress;
mod quiet;
mod style;
mod table;

use std::io::IsTerminal as _;

use serde_json::Value;
use switchyard::experiment::Event;

pub use progress::{Status, duration};
pub use style::Style;
pub use table::Table;

use crate::arguments::{Color, OutputArguments};
use crate::error::{Error, Result};

/// What a command has to say at its end, in three forms.
pub trait Answer {
    /// For people.
    fn text(&self, style: Style) -> String;
    /// For programs: one JSON object.
    fn json(&self) -> Value;
    /// The most important line alone.
    fn brief(&self) -> String;
}

/// How a command is heard.
pub trait Reporter {
    /// Something happened in a session.
    ///
    /// # Errors
    /// When standard output cannot be written.
    fn event(&mut self, event: &Event) -> Result<()>;
    /// How far the run is; called several times a second.
    fn progress(&mut self, status: &Status);
    /// Something the reader should know while waiting.
    fn note(&mut self, text: &str);
    /// The command's result.
    ///
    /// # Errors
    /// When standard output cannot be written.
    fn answer(&mut self, answer: &dyn Answer) -> Result<()>;
    /// The command ended early.
    fn failure(&mut self, error: &Error);
}

/// The reporter that the command line asks for.
pub fn choose(arguments: &OutputArguments) -> Box<dyn Reporter> {
    let progress = if arguments.quiet {
        progress::Progress::silent()
    } else if std::io::stderr().is_terminal() && std::env::var_os("TERM").is_none_or(|term| term != "dumb") {
        progress::Progress::bar()
    } else {
        progress::Progress::lines()
    };
    let errors = style(arguments.color, std::io::stderr().is_terminal());
    if arguments.json {
        Box::new(json::Json::new(progress, errors))
    } else if arguments.quiet {
        Box::new(quiet::Quiet::new(errors))
    } else {
        Box::new(human::Human::new(progress, style(arguments.color, std::io::stdout().is_terminal()), errors))
    }
}

fn style(color: Color, terminal: bool) -> Style {
    let forbidden = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
    style_for(color, terminal, forbidden)
}

/// The style for a stream: `--color` decides; without it, colours are for terminals where `NO_COLOR` is not set.
fn style_for(color: Color, terminal: bool, forbidden: bool) -> Style {
    match color {
        Color::Always => Style::coloured(),
        Color::Auto if terminal && !forbidden => Style::coloured(),
        Color::Auto | Color::Never => Style::plain(),
    }
}

/// Writes `error` and what led to it to standard error.
fn write_failure(error: &Error, style: Style) {
    use std::io::Write as _;
    let word = if matches!(error, Error::Interrupted { .. }) { "stopped:" } else { "error:" };
    // There is nowhere left to say that standard error is closed.
    let _ = writeln!(std::io::stderr(), "{} {error}", style.red(word));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn colours_are_for_terminals_that_did_not_refuse_them() {
        assert_eq!(style_for(Color::Auto, true, false), Style::coloured());
        assert_eq!(style_for(Color::Auto, true, true), Style::plain(), "NO_COLOR");
        assert_eq!(style_for(Color::Auto, false, false), Style::plain(), "a pipe");
        assert_eq!(style_for(Color::Always, false, true), Style::coloured());
        assert_eq!(style_for(Color::Never, true, false), Style::plain());
    }
}
