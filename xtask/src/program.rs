//! The `switchyard` command with the page inside it: building it, and starting it to serve the page.

use crate::arguments::PlayWords;
use crate::failure::Failure;
use crate::layout::Layout;
use crate::page::{self, Quality};
use crate::process;
use std::path::PathBuf;

/// Names the page's folder for the command's build, see `cli/build.rs`.
const PAGE: &str = "SWITCHYARD_PAGE";

/// Builds the page and the command, and says where the command is.
pub fn release(layout: &Layout) -> Result<(), Failure> {
    let program = page_and_program(layout)?;
    println!("\nThe command is {}. It holds the page: try `switchyard play`.", program.display());
    Ok(())
}

/// Builds the page and the command, and serves the page until the program is stopped.
pub fn play(layout: &Layout, words: &PlayWords) -> Result<(), Failure> {
    let program = page_and_program(layout)?;
    println!();
    process::run(process::program(program).arg("play").args(words.as_slice()))
}

fn page_and_program(layout: &Layout) -> Result<PathBuf, Failure> {
    page::make(layout, Quality::Release)?;
    println!("\n== command");
    build(layout, &[])
}

/// Builds the command with the page that is there, and gives the place of the program. The whole workspace is named,
/// so that everything below is compiled with the features that the tests have it compiled with, once for both.
pub fn build(layout: &Layout, more: &[&str]) -> Result<PathBuf, Failure> {
    let mut cargo = process::cargo();
    cargo
        .args(["build", "--release", "--workspace", "--bins", "--features", "switchyard-cli/playground"])
        .args(more)
        .current_dir(layout.root())
        .env("CARGO_TARGET_DIR", layout.native_target())
        .env(PAGE, layout.dist());
    process::run(&mut cargo)?;
    Ok(place(layout))
}

/// Where cargo puts the command.
pub fn place(layout: &Layout) -> PathBuf {
    layout.native_target().join("release").join(format!("switchyard{}", std::env::consts::EXE_SUFFIX))
}
