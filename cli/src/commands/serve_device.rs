//! `switchyard serve-device`: lends a device of this machine to runs elsewhere, with burn's own server.
//!
//! What arrives are tensor operations, so the server knows no experiment. It asks nobody for a password and encrypts
//! nothing: it is for this machine and for networks that are trusted.

#[cfg(feature = "remote")]
use serde_json::{Value, json};

use crate::arguments::ServeDeviceArguments;
use crate::error::Result;
use crate::reporter::Reporter;

/// Prints the address and lends the device until Ctrl-C.
///
/// # Errors
/// When the device does not open, the port is taken, or the server stops by itself.
#[cfg(feature = "remote")]
pub fn serve_device(arguments: &ServeDeviceArguments, reporter: &mut dyn Reporter) -> Result<()> {
    use std::net::TcpListener;

    use burn::server::{RemoteServer, WebSocketTransport};

    use crate::device::DeviceName;
    use crate::error::Error;
    use crate::interrupt;

    if let DeviceName::Remote(address) = &arguments.device {
        let problem = format!("`--device remote:{address}` is lent already; let runs use that address");
        return Err(Error::Usage { problem });
    }
    let device = arguments.device.open()?;
    let taken = |error| Error::Usage {
        problem: format!(
            "`--listen {}` cannot be used: {error}; choose another port, or 0 to get a free one",
            arguments.listen
        ),
    };
    let listener = TcpListener::bind(arguments.listen).map_err(taken)?;
    let place = listener.local_addr().map_err(taken)?;
    let interrupted = interrupt::messages()?;
    let runtime = tokio::runtime::Runtime::new()
        .map_err(|error| Error::Unexpected { problem: format!("the server does not start: {error}") })?;
    let transport = WebSocketTransport::from_listener(listener);
    let serving = runtime.spawn(RemoteServer::new([device]).serve_async(transport));
    reporter.answer(&Lending { device: arguments.device.to_string(), url: format!("ws://{place}") })?;
    if !place.ip().is_loopback() {
        reporter
            .note("note: whoever reaches this address may compute on the device, and nothing is encrypted");
    }
    reporter.note("Stop with Ctrl-C.");
    while interrupted.recv_timeout(TICK).is_err() {
        if serving.is_finished() {
            let ended = runtime.block_on(serving).map_err(|error| error.to_string());
            let problem = ended.and_then(|ended| ended.map_err(|error| error.to_string()));
            let problem = problem.err().unwrap_or_else(|| "without a reason".to_owned());
            return Err(Error::Unexpected { problem: format!("the server ended: {problem}") });
        }
    }
    // Open sessions are not waited for.
    runtime.shutdown_background();
    Ok(())
}

/// How often the server is looked at.
#[cfg(feature = "remote")]
const TICK: std::time::Duration = std::time::Duration::from_millis(100);

/// Says how to get a program that can do it.
///
/// # Errors
/// Always: this program was built without it.
#[cfg(not(feature = "remote"))]
pub fn serve_device(arguments: &ServeDeviceArguments, _reporter: &mut dyn Reporter) -> Result<()> {
    Err(crate::error::Error::Usage {
        problem: format!(
            "this program was built without the server that would lend `{}` at {}; build it with `cargo build \
             --release --features remote`",
            arguments.device, arguments.listen
        ),
    })
}

#[cfg(feature = "remote")]
struct Lending {
    device: String,
    url: String,
}

#[cfg(feature = "remote")]
impl crate::reporter::Answer for Lending {
    fn text(&self, _style: crate::reporter::Style) -> String {
        self.url.clone()
    }

    fn json(&self) -> Value {
        json!({ "device": self.device, "url": self.url })
    }

    fn brief(&self) -> String {
        self.url.clone()
    }
}
