//! `test` and `ci`: every check, in order, each timed; the first failure stops the run.

use crate::arguments::Selection;
use crate::failure::Failure;
use crate::layout::Layout;
use crate::page::{self, Quality};
use crate::setup::{self, Need, Tools};
use crate::steps::{Step, Stopwatch};
use crate::{browser, example, process, program};
use std::process::Command;

/// Runs the chosen steps. On a build machine (`locked`) Cargo.lock must be up to date.
pub fn run(layout: &Layout, selection: &Selection, locked: bool) -> Result<(), Failure> {
    let mut stopwatch = Stopwatch::default();
    let outcome = all(&Checks { layout, locked }, selection, &mut stopwatch);
    print!("{}", stopwatch.summary());
    if outcome.is_ok() {
        println!("\nAll chosen steps passed.");
    }
    outcome
}

struct Checks<'a> {
    layout: &'a Layout,
    locked: bool,
}

fn all(checks: &Checks, selection: &Selection, stopwatch: &mut Stopwatch) -> Result<(), Failure> {
    let mut tools = Tools::default();
    stopwatch.time("setup", || {
        tools = setup::ensure(checks.layout, &needs(selection))?;
        Ok(())
    })?;
    for step in selection.steps() {
        stopwatch.time(step.name(), || match step {
            Step::Formatting => process::run(checks.cargo(&["fmt"]).args(["--all", "--check"])),
            Step::Lints => checks.lints(),
            Step::Tests => checks.tests(),
            Step::Devices => checks.devices(),
            Step::Documents => checks.documents(),
            Step::WebAssembly => checks.web_assembly(&tools),
            Step::Parity => checks.parity(&tools),
            Step::Page => page::build(checks.layout, &tools, Quality::Release),
            Step::Browser => checks.browser(&tools),
        })?;
    }
    Ok(())
}

fn needs(selection: &Selection) -> Vec<Need> {
    let pairs = [
        (Step::Formatting, Need::Formatter),
        (Step::Lints, Need::Linter),
        (Step::WebAssembly, Need::WasmTarget),
        (Step::Parity, Need::PageTools),
        (Step::Parity, Need::Node),
        (Step::Page, Need::PageTools),
        (Step::Browser, Need::Node),
        (Step::Browser, Need::Browser),
    ];
    pairs.into_iter().filter(|(step, _)| selection.contains(*step)).map(|(_, need)| need).collect()
}

impl Checks<'_> {
    /// cargo in the clone, with the native build folder.
    fn cargo(&self, words: &[&str]) -> Command {
        let mut command = process::cargo();
        command
            .args(words)
            .current_dir(self.layout.root())
            .env("CARGO_TARGET_DIR", self.layout.native_target());
        command
    }

    /// The same for the subcommands that build; they can be told to keep Cargo.lock as it is.
    fn building(&self, words: &[&str]) -> Command {
        let mut command = self.cargo(words);
        command.args(self.locking());
        command
    }

    /// The word that keeps Cargo.lock as it is, on a build machine.
    fn locking(&self) -> &'static [&'static str] {
        if self.locked { &["--locked"] } else { &[] }
    }

    fn lints(&self) -> Result<(), Failure> {
        let words = ["clippy", "--release", "--workspace", "--all-targets"];
        process::run(self.building(&words).args(["--", "-D", "warnings"]))
    }

    fn tests(&self) -> Result<(), Failure> {
        self.tested(&[], &[])
    }

    /// Tests of the workspace with these features, all or `chosen` ones. The programs first, because the black-box tests start
    /// them; together with the tests, so that both are compiled with the same features and share everything below them.
    fn tested(&self, features: &[&str], chosen: &[&str]) -> Result<(), Failure> {
        let build = ["build", "--release", "--workspace", "--bins", "--tests"];
        process::run(self.building(&build).args(features))?;
        let program = format!("switchyard{}", std::env::consts::EXE_SUFFIX);
        let binary = self.layout.native_target().join("release").join(program);
        let mut test = self.building(&["test", "--release", "--workspace"]);
        process::run(test.args(features).args(chosen).env("SWITCHYARD_BIN", binary))
    }

    /// The command with every device, checked and not built: no build machine has them all. The compiler for CUDA brings
    /// a binary library that its build script downloads, and leaves out where `DOCS_RS` says that nothing is linked.
    /// Devices of other processes every machine has, so those are built and computed on.
    fn devices(&self) -> Result<(), Failure> {
        let words =
            ["check", "--release", "--package", "switchyard-cli", "--features", "ndarray,wgpu,cuda,remote"];
        process::run(self.building(&words).env("DOCS_RS", "1"))?;
        let features = ["--features", "switchyard-cli/remote,switchyard-cli/fusion,switchyard-tests/remote"];
        self.tested(&features, &["--bin", "switchyard", "--test", "cli_remote"])
    }

    /// The command and the core are both called `switchyard`, so their documents would have one place: the command
    /// comes first, and the core's documents stay.
    fn documents(&self) -> Result<(), Failure> {
        let command = ["--package", "switchyard-cli"];
        let others = ["--workspace", "--exclude", "switchyard-cli"];
        for packages in [command.as_slice(), others.as_slice()] {
            let mut doc = self.building(&["doc", "--release", "--no-deps"]);
            process::run(doc.args(packages).env("RUSTDOCFLAGS", "-D warnings"))?;
        }
        Ok(())
    }

    /// The core with the backend of the browser, checked together with the web crate, which chooses the browser's
    /// source of random numbers for both.
    fn web_assembly(&self, tools: &Tools) -> Result<(), Failure> {
        let mut command =
            self.building(&["check", "--profile", page::PROFILE, "--target", "wasm32-unknown-unknown"]);
        command.args(["--package", "switchyard", "--package", "switchyard-web"]);
        command.args(["--no-default-features", "--features", "switchyard/flex"]);
        tools.wasm()?.apply(&mut command);
        process::run(&mut command)
    }

    /// Trains for fifty steps in WebAssembly under Node.js and compares with the numbers recorded natively.
    fn parity(&self, tools: &Tools) -> Result<(), Failure> {
        let script = example::for_node(self.layout, tools, "parity", self.locking())?;
        let words = "const found = globalThis.switchyardParity; \
                     console.log(found === '' ? 'WebAssembly agrees with the native numbers.' : found); \
                     process.exit(found === '' ? 0 : 1)";
        process::run(&mut example::in_node(tools, script, words)?)
    }

    /// The page in a browser, served by the command in both ways: from its folder and from inside the program.
    fn browser(&self, tools: &Tools) -> Result<(), Failure> {
        browser::need_page(self.layout)?;
        let with_tests: Vec<&str> = ["--tests"].iter().chain(self.locking()).copied().collect();
        let program = program::build(self.layout, &with_tests)?;
        browser::check(self.layout, tools, &program)
    }
}
