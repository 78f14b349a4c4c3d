//! The one way out: every command speaks to a [`Reporter`], which decides how it is written.
//!
//! Results go to standard output, progress and notes to standard error. Nothing is asked, nothing is cut when the
//! output is not a terminal.

mod dashboard;
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
use crate::interrupt::Stop;
use crate::watch::Aside;

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
    /// A session begins, which `stop` can end. Who draws on the whole terminal does so from now on, until the
    /// answer or the failure.
    ///
    /// # Errors
    /// When the terminal cannot be drawn on.
    fn begin(&mut self, _title: &str, _stop: &Stop) -> Result<()> {
        Ok(())
    }
    /// Something happened in a session.
    ///
    /// # Errors
    /// When standard output cannot be written.
    fn event(&mut self, event: &Event) -> Result<()>;
    /// Something happened that is no part of the run's record.
    ///
    /// # Errors
    /// When standard output cannot be written.
    fn aside(&mut self, aside: &Aside) -> Result<()> {
        if let Some(text) = aside.text() {
            self.note(&text);
        }
        Ok(())
    }
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

/// The reporter that the command line asks for. `has_session` says whether the command carries out a run.
///
/// # Errors
/// When a dashboard is asked for where there can be none.
pub fn choose(arguments: &OutputArguments, has_session: bool) -> Result<Box<dyn Reporter>> {
    if !arguments.tui {
        return Ok(without_dashboard(arguments));
    }
    let place = Place {
        has_session,
        terminals: std::io::stderr().is_terminal() && std::io::stdout().is_terminal(),
        dumb: is_dumb(),
    };
    if let Some(problem) = place.problem(arguments) {
        return Err(Error::Usage { problem: format!("`--tui` {problem}") });
    }
    let (output, errors) = (style(arguments.color, true), style(arguments.color, true));
    let human = human::Human::new(progress::Progress::lines(), output, errors);
    Ok(Box::new(dashboard::Dashboard::new(human, errors)))
}

/// The reporter for a command line without a dashboard.
pub fn without_dashboard(arguments: &OutputArguments) -> Box<dyn Reporter> {
    let progress = if arguments.quiet {
        progress::Progress::silent()
    } else if std::io::stderr().is_terminal() && !is_dumb() {
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

fn is_dumb() -> bool {
    std::env::var_os("TERM").is_some_and(|term| term == "dumb")
}

/// Where a dashboard would be drawn.
struct Place {
    has_session: bool,
    terminals: bool,
    dumb: bool,
}

impl Place {
    /// Why there can be no dashboard here, to follow its name.
    fn problem(&self, arguments: &OutputArguments) -> Option<&'static str> {
        if !self.has_session {
            Some("shows a run; only `run` and `resume` have one")
        } else if arguments.json {
            Some("draws for people and `--json` writes for programs; leave one of them out")
        } else if arguments.quiet {
            Some("shows how a run goes and `--quiet` does not; leave one of them out")
        } else if !self.terminals {
            Some(
                "needs a terminal, and standard output or standard error is none; leave it out to get plain lines",
            )
        } else if self.dumb {
            Some("cannot draw on this terminal (TERM=dumb); leave it out to get plain lines")
        } else {
            None
        }
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
    let word = if matches!(error, Error::Interrupted { .. } | Error::Stopped { .. }) {
        "stopped:"
    } else {
        "error:"
    };
    // There is nowhere left to say that standard error is closed.
    let _ = writeln!(std::io::stderr(), "{} {error}", style.red(word));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_dashboard_is_refused_with_the_reason() {
        let arguments = |json, quiet| OutputArguments { json, quiet, tui: true, color: Color::Auto };
        let place = |has_session, terminals, dumb| Place { has_session, terminals, dumb };
        let problem = |place: Place, json, quiet| place.problem(&arguments(json, quiet));
        assert_eq!(problem(place(true, true, false), false, false), None);
        for (place, json, quiet, word) in [
            (place(false, true, false), false, false, "`resume`"),
            (place(true, true, false), true, false, "--json"),
            (place(true, true, false), false, true, "--quiet"),
            (place(true, false, false), false, false, "terminal"),
            (place(true, true, true), false, false, "TERM=dumb"),
        ] {
            let found = problem(place, json, quiet);
            assert!(found.is_some_and(|problem| problem.contains(word)), "{word}: {found:?}");
        }
    }

    #[test]
    fn colours_are_for_terminals_that_did_not_refuse_them() {
        assert_eq!(style_for(Color::Auto, true, false), Style::coloured());
        assert_eq!(style_for(Color::Auto, true, true), Style::plain(), "NO_COLOR");
        assert_eq!(style_for(Color::Auto, false, false), Style::plain(), "a pipe");
        assert_eq!(style_for(Color::Always, false, true), Style::coloured());
        assert_eq!(style_for(Color::Never, true, false), Style::plain());
    }
}
