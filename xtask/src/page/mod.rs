//! Building the web page: trunk makes it from `web`, and [`finish`] makes it ready to be served.

mod check;
mod compression;
mod files;
pub mod finish;
mod lessons;
mod service_worker;
mod start_file;
mod workers;

pub use files::short_hash;

use crate::failure::Failure;
use crate::layout::Layout;
use crate::process;
use crate::setup::{self, Need, Tools};

/// The cargo profile of the page's own WebAssembly, as in the workspace's Cargo.toml and in `web/index.html`.
pub const PROFILE: &str = "web";
/// The cargo profile of the engine, likewise.
pub const ENGINE_PROFILE: &str = "engine";

/// How much is done to a page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Quality {
    /// Everything: what readers get.
    Release,
    /// No wasm-opt and no service worker, for a look while working.
    Quick,
}

/// Sets up the tools and builds the page.
pub fn make(layout: &Layout, quality: Quality) -> Result<(), Failure> {
    println!("== setup");
    let tools = setup::ensure(layout, &[Need::PageTools])?;
    println!("\n== page");
    build(layout, &tools, quality)?;
    println!("The page is in {}.", layout.dist().display());
    Ok(())
}

/// Builds the page into its folder. The one that was there stays until the new one is whole.
pub fn build(layout: &Layout, tools: &Tools, quality: Quality) -> Result<(), Failure> {
    let trunk = process::find_in("trunk", tools.folders())
        .ok_or_else(|| Failure::Setup("trunk was set up, but it is not where it should be.".into()))?;
    let mut trunk = process::program(trunk);
    trunk.args(["build", "--offline"]);
    if quality == Quality::Quick {
        trunk.env(finish::QUICK, "1");
    } else if tools.has_optimiser() {
        // Only a build that trunk calls a release goes through wasm-opt; the cargo profiles are the same.
        trunk.arg("--release");
    }
    trunk
        .current_dir(layout.web())
        .env("PATH", process::path_with(tools.folders())?)
        // trunk 0.21 refuses the value 1 for this variable.
        .env_remove("NO_COLOR");
    tools.wasm()?.apply(&mut trunk);
    process::run(&mut trunk)
}
