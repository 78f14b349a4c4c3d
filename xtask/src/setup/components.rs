//! rustfmt and clippy, which rustup calls components.

use super::{found, installing};
use crate::failure::Failure;
use crate::process;

/// Makes sure that `cargo <subcommand>` works.
pub fn ensure(component: &str, subcommand: &str, why: &str) -> Result<(), Failure> {
    let version = || process::read(process::cargo().args([subcommand, "--version"]));
    if let Some(text) = version() {
        found(component, why, text.trim());
        return Ok(());
    }
    let by_hand = format!("rustup component add {component}");
    installing(component, why, &by_hand);
    let Some(rustup) = process::find("rustup") else {
        return Err(Failure::Setup(format!(
            "{component} is missing and there is no rustup. Install Rust from https://rustup.rs, then run: {by_hand}"
        )));
    };
    process::run(process::program(rustup).args(["component", "add", component])).map_err(|failure| {
        Failure::Setup(format!("{component} is missing. {failure} Is there a network? By hand: {by_hand}"))
    })?;
    match version() {
        Some(_) => Ok(()),
        None => Err(Failure::Setup(format!(
            "{component} was added, but `cargo {subcommand}` still does not run."
        ))),
    }
}
