//! The steps of `test` and `ci`, their names, and the table of how long each took.

use crate::failure::Failure;
use std::fmt::Write as _;
use std::time::{Duration, Instant};

/// One step of the checks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// rustfmt agrees with every file.
    Formatting,
    /// clippy has nothing to say.
    Lints,
    /// Every unit, integration and documentation test passes.
    Tests,
    /// The devices beside the default one compile: the older backend, graphics processors, other processes' devices.
    Devices,
    /// The documents build without a warning.
    Documents,
    /// The core compiles for the browser.
    WebAssembly,
    /// The same seed gives the same numbers in WebAssembly as natively.
    Parity,
    /// The web page builds and its files are right.
    Page,
    /// The page does in a browser what its tests ask of it.
    Browser,
}

impl Step {
    /// Every step, in the order in which they run: the quickest to fail come first.
    pub const ALL: [Step; 9] = [
        Step::Formatting,
        Step::Lints,
        Step::Tests,
        Step::Devices,
        Step::Documents,
        Step::WebAssembly,
        Step::Parity,
        Step::Page,
        Step::Browser,
    ];

    /// The word for the step on the command line.
    pub fn name(self) -> &'static str {
        match self {
            Step::Formatting => "fmt",
            Step::Lints => "clippy",
            Step::Tests => "tests",
            Step::Devices => "devices",
            Step::Documents => "docs",
            Step::WebAssembly => "wasm",
            Step::Parity => "parity",
            Step::Page => "page",
            Step::Browser => "browser",
        }
    }

    /// The step of a name.
    pub fn from_name(name: &str) -> Result<Step, Failure> {
        Step::ALL.into_iter().find(|step| step.name() == name).ok_or_else(|| {
            let names: Vec<&str> = Step::ALL.into_iter().map(Step::name).collect();
            Failure::Usage(format!("there is no step `{name}`; the steps are {}.", names.join(", ")))
        })
    }
}

/// Runs steps, times them and remembers how each ended.
#[derive(Default)]
pub struct Stopwatch {
    rows: Vec<Row>,
}

struct Row {
    name: &'static str,
    time: Duration,
    passed: bool,
}

impl Stopwatch {
    /// Runs one step. An error is given back with the step's name in front.
    pub fn time(
        &mut self,
        name: &'static str,
        work: impl FnOnce() -> Result<(), Failure>,
    ) -> Result<(), Failure> {
        println!("\n== {name}");
        let start = Instant::now();
        let outcome = work();
        let time = start.elapsed();
        self.rows.push(Row { name, time, passed: outcome.is_ok() });
        match outcome {
            Ok(()) => {
                println!("== {name}: passed in {:.1} s", time.as_secs_f64());
                Ok(())
            }
            Err(Failure::Step(message)) => Err(Failure::Step(format!("step `{name}` failed: {message}"))),
            Err(other) => Err(other),
        }
    }

    /// The table of times, one line for each step that ran, and the total.
    pub fn summary(&self) -> String {
        let mut table = String::from("\nstep          seconds\n");
        for row in &self.rows {
            let word = if row.passed { "passed" } else { "FAILED" };
            // Writing to a string cannot fail.
            let _ = writeln!(table, "{:<12} {:>8.1}  {word}", row.name, row.time.as_secs_f64());
        }
        let total: Duration = self.rows.iter().map(|row| row.time).sum();
        let _ = writeln!(table, "{:<12} {:>8.1}", "total", total.as_secs_f64());
        table
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_step_is_found_by_its_name() {
        for step in Step::ALL {
            assert_eq!(Step::from_name(step.name()), Ok(step));
        }
    }

    #[test]
    fn a_failed_step_is_named_in_the_error_and_in_the_table() {
        let mut stopwatch = Stopwatch::default();
        assert_eq!(stopwatch.time("fmt", || Ok(())), Ok(()));
        let outcome = stopwatch.time("docs", || Err(Failure::Step("two warnings".into())));
        assert_eq!(outcome, Err(Failure::Step("step `docs` failed: two warnings".into())));
        let table = stopwatch.summary();
        assert!(table.contains("passed") && table.contains("FAILED") && table.contains("total"), "{table}");
    }
}
