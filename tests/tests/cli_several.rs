//! Runs whose steps several devices compute together, from outside: the record is that of one device, also when the run is
//! killed and goes on; what cannot be divided is refused before anything is begun.

mod cli_harness;

use std::io::{BufRead as _, BufReader};

use cli_harness::{TRANSLATOR, errors, json_lines, record, refused, run, sets, start, succeeded};

const USAGE: i32 = 2;

/// Three batches a step, and retrainings.
const FIELDS: &[&str] = &[
    "supernet.distillation=true",
    "training.tokens=64",
    "training.steps=60",
    "training.accumulation=3",
    "audit.architectures=2",
    "audit.resamples=100",
    "retraining.architectures=1",
    "retraining.steps=20",
    "retraining.every=5",
];

fn training<'a>(more: &[&'a str]) -> Vec<&'a str> {
    [&["run", "mos-mt-small"], sets(TRANSLATOR).as_slice(), sets(FIELDS).as_slice(), more].concat()
}

#[test]
fn a_run_on_several_devices_has_the_record_of_one_also_when_it_was_killed() {
    let folder = tempfile::tempdir().expect("a temporary directory");
    let place = folder.path();
    succeeded(run(place, &training(&["--out", "one", "--quiet"])));
    let several = ["--device", "flex,flex", "--out", "two", "--json", "--save-every", "0"];
    let mut child = start(place, &training(&several));
    let mut lines = BufReader::new(child.stdout.take().expect("piped")).lines().map_while(Result::ok);
    lines.find(|line| line.contains("\"event\":\"saved\"")).expect("it is saved before it ends");
    child.kill().expect("it can be killed");
    child.wait().expect("it ends");
    let environment = std::fs::read_to_string(place.join("two/environment.json")).expect("it was written");
    assert!(environment.contains("\"device\": \"flex,flex\"") && environment.contains("\"threads\": 1,"));
    let resumed = succeeded(run(place, &["resume", "two", "--json"]));
    assert!(json_lines(&resumed).iter().any(|line| line["event"] == "goes-on"), "{}", errors(&resumed));
    assert_eq!(record(&place.join("two")), record(&place.join("one")));

    let said = succeeded(run(place, &training(&["--device", "flex,flex", "--out", "again"])));
    assert!(errors(&said).contains("3 parts (`training.accumulation`) for 2 devices"), "{}", errors(&said));
    assert_eq!(record(&place.join("again")), record(&place.join("one")));
}

#[test]
fn what_several_devices_cannot_compute_together_is_refused_before_anything_is_begun() {
    let folder = tempfile::tempdir().expect("a temporary directory");
    let place = folder.path();
    let two = ["--device", "flex,flex"];
    let tiny = [&["run", "mos-tiny"], two.as_slice()].concat();
    refused(place, &tiny, USAGE, &["`mos-tiny` has no parts", "translation, masked-language"]);
    let small = [&["run", "mos-mt-small"], two.as_slice()].concat();
    refused(place, &small, USAGE, &["1 of 2 devices would have nothing", "--set training.accumulation=2"]);
    let tasks = training(&["--device", "flex,flex", "--threads", "2"]);
    refused(place, &tasks, USAGE, &["`--threads 2` asks for several tasks"]);
    let kinds = run(place, &training(&["--device", "flex,wgpu"]));
    assert_eq!(cli_harness::code(&kinds), Some(USAGE), "{}", errors(&kinds));
    let other = run(place, &["latency", "mos-mt-small", "--device", "flex,flex"]);
    assert!(errors(&other).contains("one device is meant here"), "{}", errors(&other));
    assert_eq!(std::fs::read_dir(place).expect("it can be read").count(), 0, "nothing was begun");
}
