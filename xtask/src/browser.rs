//! The page in a real browser: its tests and its measurements, which are programs for Node.js in `tests/browser`.

use crate::failure::Failure;
use crate::layout::Layout;
use crate::page::{self, Quality};
use crate::setup::{self, Need, Tools};
use crate::{example, process, program};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// The example that measures training steps.
const PACE: &str = "pace";

/// Runs the tests against the built page, with Node.js's own test runner.
pub fn check(layout: &Layout, tools: &Tools, program: &Path) -> Result<(), Failure> {
    let mut tests = Vec::new();
    let folder = folder(layout);
    let entries = fs::read_dir(&folder)
        .map_err(|error| Failure::Step(format!("{} cannot be read: {error}.", folder.display())))?;
    tests.extend(
        entries.flatten().map(|entry| entry.path()).filter(|path| {
            path.file_name().is_some_and(|name| name.to_string_lossy().ends_with(".test.mjs"))
        }),
    );
    tests.sort();
    // One file after the other: two browsers at once on two cores would time out where one passes.
    let mut node = node(layout, tools, program)?;
    process::run(
        node.args(["--test", "--test-reporter=spec", "--test-concurrency=1", "--test-timeout=1200000"])
            .args(tests),
    )
}

/// Builds the page and prints a table of what it weighs and how fast it is.
pub fn measure(layout: &Layout) -> Result<(), Failure> {
    println!("== setup");
    let tools = setup::ensure(layout, &[Need::Node, Need::PageTools, Need::Browser])?;
    println!("\n== page");
    page::build(layout, &tools, Quality::Release)?;
    println!("\n== command");
    let program = program::build(layout, &[])?;
    println!("\n== pace");
    let native = pace(&mut example::natively(layout, PACE))?;
    let script = example::for_node(layout, &tools, PACE, &[])?;
    let words = "process.stdout.write(globalThis.switchyardPace)";
    let in_node = pace(&mut example::in_node(&tools, script, words)?)?;
    println!("\n== measurements");
    let mut bench = node(layout, &tools, &program)?;
    bench.env("SWITCHYARD_PACE_NATIVE", native).env("SWITCHYARD_PACE_WASM", in_node);
    process::run(bench.arg(folder(layout).join("bench.mjs")))
}

/// What the example `pace` prints: a line for each preset, with the milliseconds of a step.
fn pace(command: &mut Command) -> Result<String, Failure> {
    println!("$ {}", process::as_typed(command));
    process::read(command).ok_or_else(|| Failure::Step(format!("the example `{PACE}` did not end well.")))
}

/// Asks for a built page before anything else is built for its tests.
pub fn need_page(layout: &Layout) -> Result<(), Failure> {
    if layout.dist().join("index.html").is_file() {
        return Ok(());
    }
    Err(Failure::Step("there is no built page. Run the step `page` first.".into()))
}

fn folder(layout: &Layout) -> PathBuf {
    layout.root().join("tests").join("browser")
}

/// Node.js with the tests' packages, and with the names of everything they use.
fn node(layout: &Layout, tools: &Tools, program: &Path) -> Result<Command, Failure> {
    let packages = packages(layout, tools)?;
    let pictures = layout.pictures();
    let mut command = process::program(&tools.node()?.node);
    command
        .current_dir(folder(layout))
        .env("NODE_PATH", packages.join("node_modules"))
        .env("SWITCHYARD_BIN", program)
        .env("SWITCHYARD_PAGE", layout.dist())
        .env("SWITCHYARD_PICTURES", &pictures)
        .env("CHROME", tools.browser()?);
    if process::is_root() {
        // Chromium's sandbox does not work for root.
        command.env("SWITCHYARD_NO_SANDBOX", "1");
    }
    println!("Pictures of failed tests go to {}.", pictures.display());
    Ok(command)
}

/// The folder in the cache that holds the packages of `tests/browser`, installed as its lock file says.
fn packages(layout: &Layout, tools: &Tools) -> Result<PathBuf, Failure> {
    let source = folder(layout);
    let read = |name: &str| {
        fs::read(source.join(name))
            .map_err(|error| Failure::Setup(format!("tests/browser/{name} cannot be read: {error}.")))
    };
    let files = [("package.json", read("package.json")?), ("package-lock.json", read("package-lock.json")?)];
    let name = page::short_hash(&[&files[0].1, &files[1].1]);
    let finished = layout.tools().join(format!("browser-tests-{name}"));
    if finished.is_dir() {
        return Ok(finished);
    }
    setup::install_whole(&finished, |partial| {
        for (name, bytes) in &files {
            fs::write(partial.join(name), bytes)
                .map_err(|error| Failure::Setup(format!("{name} cannot be written: {error}.")))?;
        }
        let words = ["ci", "--ignore-scripts", "--no-audit", "--no-fund"];
        process::run(process::program(&tools.node()?.npm).args(words).current_dir(partial)).map_err(
            |failure| {
                Failure::Setup(format!(
                    "npm could not fetch what the browser tests use. {failure} Is there a network?"
                ))
            },
        )
    })?;
    Ok(finished)
}
