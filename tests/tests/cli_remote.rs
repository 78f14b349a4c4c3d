//! Runs on devices that other processes lend. Only with the feature `remote`:
//! `cargo xtask test --only devices` builds and runs them.
#![cfg(feature = "remote")]

mod cli_harness;

use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::Child;

use cli_harness::{TRANSLATOR, code, digest, errors, record, run, sets, start, succeeded};
use serde_json::Value;

/// How far a number of a remote run may be from the local one. The server computes the portable bodies of the fused
/// operations, which round differently; 3e-6 was seen.
const TOLERANCE: f64 = 1e-3;

/// The smallest run with every stage, with few steps: each is many messages.
const EXPERIMENT: &[&str] =
    &["run", "mos-tiny", "--set", "seeds=1", "--set", "training.steps=20", "--set", "audit.architectures=3"];

/// A running `switchyard serve-device`, ended with the test.
struct Lending {
    program: Child,
    device: String,
}

impl Lending {
    fn start(directory: &Path) -> Self {
        let mut program = start(directory, &["serve-device", "--listen", "127.0.0.1:0"]);
        let mut address = String::new();
        let output = program.stdout.take().expect("the output is kept");
        BufReader::new(output).read_line(&mut address).expect("the address is written");
        Self { program, device: format!("remote:{}", address.trim_end()) }
    }
}

impl Drop for Lending {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.program.kill();
        let _ = self.program.wait();
    }
}

/// Every number of a run's events, with where it stands.
fn numbers(directory: &Path) -> Vec<(String, f64)> {
    fn collect(value: &Value, place: &str, into: &mut Vec<(String, f64)>) {
        match value {
            Value::Number(number) => into.push((place.to_owned(), number.as_f64().expect("a number"))),
            Value::Array(items) => {
                items.iter().enumerate().for_each(|(at, item)| collect(item, &format!("{place}/{at}"), into));
            }
            Value::Object(map) => {
                map.iter().for_each(|(key, item)| collect(item, &format!("{place}/{key}"), into));
            }
            _ => {}
        }
    }
    let events = std::fs::read_to_string(directory.join("events.jsonl")).expect("the run is complete");
    let mut all = Vec::new();
    for (line, event) in events.lines().enumerate() {
        collect(&serde_json::from_str(event).expect("each line is JSON"), &line.to_string(), &mut all);
    }
    all
}

#[test]
fn two_servers_compute_the_same_bits_and_nearly_those_of_this_process() {
    let directory = tempfile::tempdir().expect("a temporary directory");
    let place = directory.path();
    let servers = [Lending::start(place), Lending::start(place)];
    let there = |server: &Lending, out: &str| {
        succeeded(run(place, &[EXPERIMENT, &["--quiet", "--device", &server.device, "--out", out]].concat()));
    };
    std::thread::scope(|scope| {
        scope.spawn(|| there(&servers[0], "first"));
        scope.spawn(|| there(&servers[1], "second"));
    });
    succeeded(run(place, &[EXPERIMENT, &["--quiet", "--out", "here"]].concat()));
    assert_eq!(digest(&place.join("first")), digest(&place.join("second")));
    let (here, there) = (numbers(&place.join("here")), numbers(&place.join("first")));
    assert!(here.len() > 100, "the run tells numbers");
    assert_eq!(here.len(), there.len());
    for ((place, here), (other, there)) in here.iter().zip(&there) {
        assert_eq!(place, other);
        assert!(
            (here - there).abs() <= TOLERANCE * here.abs().max(1.0),
            "{place}: {here} here, {there} there"
        );
    }
}

#[test]
fn two_servers_compute_each_step_together_as_one_does_alone() {
    let directory = tempfile::tempdir().expect("a temporary directory");
    let place = directory.path();
    let servers = [Lending::start(place), Lending::start(place)];
    let fields =
        ["training.tokens=64", "training.steps=12", "training.accumulation=2", "audit.architectures=2"];
    let training = |device: &str, out: &str| {
        let (space, fields) = (sets(TRANSLATOR), sets(&fields));
        let there = ["--quiet", "--device", device, "--out", out];
        succeeded(run(place, &[&["run", "mos-mt-small"], space.as_slice(), &fields, &there].concat()));
    };
    let both = servers.each_ref().map(|server| server.device.as_str()).join(",");
    training(&both, "both");
    training(&servers[0].device, "one");
    assert_eq!(record(&place.join("both")), record(&place.join("one")));
}

#[test]
fn an_address_where_nobody_lends_is_a_sentence() {
    let directory = tempfile::tempdir().expect("a temporary directory");
    // Port 1 is nobody's.
    let output = run(directory.path(), &["run", "mos-tiny", "--device", "remote:ws://127.0.0.1:1"]);
    let errors = errors(&output);
    assert_eq!(code(&output), Some(2), "{errors}");
    assert!(errors.contains("`remote:ws://127.0.0.1:1`: the server cannot be reached"), "{errors}");
    assert!(errors.contains("serve-device") && !errors.contains("panicked"), "{errors}");
    assert!(!directory.path().join("runs").exists(), "nothing was begun");
}

#[test]
fn a_server_that_goes_away_ends_the_run_with_a_sentence_and_keeps_what_was_done() {
    let directory = tempfile::tempdir().expect("a temporary directory");
    let place = directory.path();
    let mut server = Lending::start(place);
    let long = ["--set", "training.steps=400", "--device", &server.device, "--out", "gone"];
    let running = start(place, &[EXPERIMENT, &long].concat());
    while !place.join("gone").exists() {
        std::thread::sleep(std::time::Duration::from_millis(20));
    }
    server.program.kill().expect("it is running");
    let output = running.wait_with_output().expect("it ends");
    let errors = errors(&output);
    assert_eq!(code(&output), Some(1), "{errors}");
    assert!(errors.contains("failed: ") && errors.contains("Finished tasks are saved in gone"), "{errors}");
}
