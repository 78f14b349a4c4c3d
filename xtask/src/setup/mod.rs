//! Set-up: each thing the builds need is found, installed, or explained. Running it twice changes nothing.
//!
//! Everything installed without root goes to the cache folder, into a folder whose name holds the version; it is
//! built beside its place and renamed at the end, so a half-finished installation never counts.

mod browser;
mod cargo_tools;
mod components;
mod debian;
mod node;
mod wasm_optimiser;
mod wasm_target;

pub use node::Node;
pub use wasm_target::WasmCompiler;

use crate::failure::Failure;
use crate::layout::Layout;
use crate::process;
use std::path::{Path, PathBuf};
use std::process::Command;

/// One thing a step needs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Need {
    /// rustfmt.
    Formatter,
    /// clippy.
    Linter,
    /// A compiler that can build for the browser.
    WasmTarget,
    /// trunk, wasm-bindgen and wasm-opt.
    PageTools,
    /// Node.js and npm.
    Node,
    /// A browser that runs without a screen.
    Browser,
}

impl Need {
    const ALL: [Need; 6] =
        [Need::Formatter, Need::Linter, Need::Node, Need::WasmTarget, Need::PageTools, Need::Browser];
}

/// What set-up found or installed.
#[derive(Debug, Default)]
pub struct Tools {
    wasm: Option<WasmCompiler>,
    folders: Vec<PathBuf>,
    optimiser: bool,
    node: Option<Node>,
    browser: Option<PathBuf>,
}

impl Tools {
    /// The compiler for the browser.
    pub fn wasm(&self) -> Result<&WasmCompiler, Failure> {
        self.wasm
            .as_ref()
            .ok_or_else(|| Failure::Setup("the compiler for the browser was not set up.".into()))
    }

    /// The browser.
    pub fn browser(&self) -> Result<&Path, Failure> {
        self.browser.as_deref().ok_or_else(|| Failure::Setup("the browser was not set up.".into()))
    }

    /// Node.js and npm.
    pub fn node(&self) -> Result<&Node, Failure> {
        self.node.as_ref().ok_or_else(|| Failure::Setup("Node.js was not set up.".into()))
    }

    /// The folders of the page tools, to be put on the `PATH`.
    pub fn folders(&self) -> &[PathBuf] {
        &self.folders
    }

    /// Whether wasm-opt is there to make the page smaller.
    pub fn has_optimiser(&self) -> bool {
        self.optimiser
    }
}

/// Sets up everything, for `cargo xtask setup`.
pub fn everything(layout: &Layout) -> Result<(), Failure> {
    println!("== setup");
    ensure(layout, &Need::ALL)?;
    println!("\nEverything is there. Tools and builds are kept in {}.", layout.tools().display());
    Ok(())
}

/// Sets up what is asked for, in a fixed order.
pub fn ensure(layout: &Layout, needs: &[Need]) -> Result<Tools, Failure> {
    let mut tools = Tools::default();
    if needs.contains(&Need::Formatter) {
        components::ensure("rustfmt", "fmt", "keeps every file in one layout")?;
    }
    if needs.contains(&Need::Linter) {
        components::ensure("clippy", "clippy", "finds mistakes the compiler accepts")?;
    }
    // Before the page tools: npm brings one of them.
    if needs.contains(&Need::Node) {
        tools.node = Some(node::ensure()?);
    }
    if needs.contains(&Need::WasmTarget) || needs.contains(&Need::PageTools) {
        tools.wasm = Some(wasm_target::ensure(layout)?);
    }
    if needs.contains(&Need::PageTools) {
        tools.folders.push(cargo_tools::ensure(layout, &cargo_tools::trunk())?);
        tools.folders.push(cargo_tools::ensure(layout, &cargo_tools::wasm_bindgen(layout)?)?);
        if let Some(folder) = wasm_optimiser::ensure(layout)? {
            tools.folders.push(folder);
            tools.optimiser = true;
        }
    }
    if needs.contains(&Need::Browser) {
        tools.browser = Some(browser::ensure()?);
    }
    Ok(tools)
}

/// Says what was found, and what it is for.
fn found(what: &str, why: &str, detail: &str) {
    println!("found      {what}: {why} ({detail})");
}

/// Says what is being installed, and what it is for.
fn installing(what: &str, why: &str, detail: &str) {
    println!("installing {what}: {why} ({detail})");
}

/// Installs Debian packages; needs root. `who` names the thing for the error sentence.
fn apt_install(who: &str, packages: &[&str]) -> Result<(), Failure> {
    let by_hand =
        format!("apt-get update && apt-get install -y --no-install-recommends {}", packages.join(" "));
    if !process::is_root() {
        return Err(Failure::Setup(format!("{who} is missing. As root, run: {by_hand}")));
    }
    let apt = |words: &[&str]| {
        let mut command = process::program("apt-get");
        command.args(words).env("DEBIAN_FRONTEND", "noninteractive");
        process::run(&mut command)
    };
    let mut install = vec!["install", "-y", "--no-install-recommends"];
    install.extend(packages);
    apt(&["update"]).and_then(|()| apt(&install)).map_err(|failure| {
        Failure::Setup(format!("{who} is missing and apt-get could not fetch it ({failure}) Is there a network? By hand: {by_hand}"))
    })
}

/// Fills a folder beside its place and moves it there when it is whole.
pub fn install_whole(
    finished: &Path,
    fill: impl FnOnce(&Path) -> Result<(), Failure>,
) -> Result<(), Failure> {
    let partial = finished.with_added_extension(format!("partial-{}", std::process::id()));
    create_folder(&partial)?;
    if let Err(failure) = fill(&partial) {
        remove_folder(&partial)?;
        return Err(failure);
    }
    put_in_place(&partial, finished)
}

/// Moves a finished folder to its final name. If another set-up got there first, its result is kept.
fn put_in_place(partial: &Path, finished: &Path) -> Result<(), Failure> {
    let moved = std::fs::rename(partial, finished);
    if moved.is_err() && finished.is_dir() {
        return remove_folder(partial);
    }
    moved.map_err(|error| Failure::Setup(format!("{} cannot be created: {error}.", finished.display())))
}

/// Removes a folder if it is there.
fn remove_folder(folder: &Path) -> Result<(), Failure> {
    match std::fs::remove_dir_all(folder) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            Err(Failure::Setup(format!("{} cannot be removed: {error}.", folder.display())))
        }
        _ => Ok(()),
    }
}

/// Creates a folder and those above it.
fn create_folder(folder: &Path) -> Result<(), Failure> {
    std::fs::create_dir_all(folder)
        .map_err(|error| Failure::Setup(format!("{} cannot be created: {error}.", folder.display())))
}

/// Whether `tool --version` prints this version.
fn prints_version(tool: &Path, version: &str) -> bool {
    process::read(Command::new(tool).arg("--version"))
        .is_some_and(|text| text.split_whitespace().any(|word| word.trim_start_matches('v') == version))
}
