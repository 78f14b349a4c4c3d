//! Ctrl-C: the first asks the run to stop after the current slice, the second ends the process at once. A server
//! has nothing to finish, so for it the first one is the end.

use std::io::Write as _;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, channel};

use crate::error::{Error, Result};
use crate::exit::Exit;
use crate::terminal::Taken;

/// How a run is asked to stop.
#[derive(Debug, Clone, Default)]
pub struct Stop {
    raised: Arc<AtomicBool>,
    terminal: Taken,
}

impl Stop {
    /// The flag that is raised by the first request.
    pub fn flag(&self) -> Arc<AtomicBool> {
        Arc::clone(&self.raised)
    }

    /// Whether somebody asked.
    pub fn is_asked(&self) -> bool {
        self.raised.load(Ordering::SeqCst)
    }

    /// Whether somebody draws on the whole terminal; the terminal is given back before the process ends.
    pub fn terminal(&self) -> &Taken {
        &self.terminal
    }

    /// Asks: the first time the run stops after the current steps, the second time the process ends at once.
    pub fn ask(&self) {
        if self.raised.swap(true, Ordering::SeqCst) {
            self.terminal.give_back();
            std::process::exit(i32::from(Exit::Interrupted.code()));
        }
        if !self.terminal.is_taken() {
            let _ = writeln!(std::io::stderr(), "{STOPPING}");
        }
    }
}

/// What is said after the first request.
pub const STOPPING: &str = "stopping after the current steps; press Ctrl-C again to stop at once";

/// Lets Ctrl-C (or a request to terminate) ask a run to stop.
///
/// # Errors
/// When the system does not let the program listen.
pub fn listen() -> Result<Stop> {
    let stop = Stop::default();
    let asked = stop.clone();
    ctrlc::set_handler(move || asked.ask()).map_err(cannot_listen)?;
    Ok(stop)
}

/// A receiver that gets one message at each Ctrl-C (or request to terminate).
///
/// # Errors
/// When the system does not let the program listen.
pub fn messages() -> Result<Receiver<()>> {
    let (sender, receiver) = channel();
    let handler = move || {
        // Nobody waits any more when the program is already ending.
        let _ = sender.send(());
    };
    ctrlc::set_handler(handler).map_err(cannot_listen)?;
    Ok(receiver)
}

#[allow(clippy::needless_pass_by_value)] // As `map_err` hands it over.
fn cannot_listen(error: ctrlc::Error) -> Error {
    Error::Unexpected { problem: format!("cannot listen for Ctrl-C: {error}") }
}
