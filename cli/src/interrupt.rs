//! Ctrl-C: the first asks the run to stop after the current slice, the second ends the process at once. A server
//! has nothing to finish, so for it the first one is the end.

use std::io::Write as _;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, channel};

use crate::error::{Error, Result};
use crate::exit::Exit;

/// A flag that is raised by the first Ctrl-C (or a request to terminate).
///
/// # Errors
/// When the system does not let the program listen.
pub fn listen() -> Result<Arc<AtomicBool>> {
    let flag = Arc::new(AtomicBool::new(false));
    let raised = Arc::clone(&flag);
    let handler = move || {
        if raised.swap(true, Ordering::SeqCst) {
            std::process::exit(i32::from(Exit::Interrupted.code()));
        }
        let text = "stopping after the current steps; press Ctrl-C again to stop at once";
        let _ = writeln!(std::io::stderr(), "{text}");
    };
    ctrlc::set_handler(handler).map_err(cannot_listen)?;
    Ok(flag)
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
