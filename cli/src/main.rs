//! The `switchyard` command: trains, audits and compares routed networks.
//!
//! This crate is files, threads, terminals and reports. What is computed, and every word about results, comes
//! from the crate `switchyard`.

mod allocation;
mod arguments;
mod atomic;
mod checkpoint;
mod columns;
mod commands;
mod device;
mod directory;
mod driver;
mod environment;
mod error;
mod exit;
mod growing;
mod halfway;
mod interrupt;
mod memory;
mod record;
mod reporter;
mod routes;
mod server;
mod source;
mod stopwatch;
mod supplied;
mod terminal;
mod text;
mod thinning;
mod watch;

use std::process::ExitCode;

use clap::{CommandFactory as _, FromArgMatches as _};

use arguments::Arguments;
use error::Error;
use exit::Exit;

fn main() -> ExitCode {
    allocation::keep_blocks();
    let parsed = Arguments::command()
        .color(help_color())
        .try_get_matches()
        .and_then(|matches| Arguments::from_arg_matches(&matches));
    let arguments = match parsed {
        Ok(arguments) => arguments,
        Err(error) => {
            // A closed pipe is no reason to fail: help that nobody reads is done.
            let _ = error.print();
            return if error.use_stderr() { Exit::Usage } else { Exit::Success }.into();
        }
    };
    let mut reporter = match reporter::choose(&arguments.output, arguments.has_session()) {
        Ok(reporter) => reporter,
        Err(error) => {
            reporter::without_dashboard(&arguments.output).failure(&error);
            return error.exit().into();
        }
    };
    match commands::dispatch(arguments, reporter.as_mut()) {
        Ok(()) => Exit::Success.into(),
        Err(Error::BrokenPipe) => Exit::Success.into(),
        Err(error) => {
            reporter.failure(&error);
            error.exit().into()
        }
    }
}

/// `--color` for the help texts, which are written before the command line is parsed.
fn help_color() -> clap::ColorChoice {
    let words: Vec<_> = std::env::args_os().map(|word| word.to_string_lossy().into_owned()).collect();
    let after = words.iter().position(|word| word == "--color").and_then(|at| words.get(at + 1));
    let joined = words.iter().find_map(|word| word.strip_prefix("--color="));
    match after.map(String::as_str).or(joined) {
        Some("always") => clap::ColorChoice::Always,
        Some("never") => clap::ColorChoice::Never,
        _ => clap::ColorChoice::Auto,
    }
}
