//! `switchyard trace` and `switchyard inspect`, from outside: on a run's own decisions, on logs of others, on bad files.

mod cli_harness;

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::Output;
use std::sync::OnceLock;

use cli_harness::{code, command, errors, last_line, reference, run, succeeded, text};
use serde_json::Value;

const DATA: i32 = 5;
const USAGE: i32 = 2;
const NOTHING: i32 = 4;

fn place() -> tempfile::TempDir {
    tempfile::tempdir().expect("a temporary directory")
}

/// A run that records decisions, made once.
fn routed() -> &'static Path {
    static ROUTED: OnceLock<(tempfile::TempDir, PathBuf)> = OnceLock::new();
    let (_, path) = ROUTED.get_or_init(|| {
        let directory = place();
        let arguments = ["run", "moe-rings", "--set", "training.steps=30", "--out", "run", "--quiet"];
        succeeded(run(directory.path(), &arguments));
        let path = directory.path().join("run");
        (directory, path)
    });
    path
}

fn write(directory: &Path, name: &str, bytes: impl AsRef<[u8]>) -> String {
    std::fs::write(directory.join(name), bytes).expect("writable");
    name.to_owned()
}

fn compressed(text: &str) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    encoder.write_all(text.as_bytes()).expect("memory is writable");
    encoder.finish().expect("memory is writable")
}

/// A log of 60 tokens in two layers and two checkpoints; the domain decides half of the choices, the end is dropped.
fn log() -> String {
    let mut text = "step,sequence,unit,position,layer,expert,weight,domain,fate\n".to_owned();
    for step in [100, 200] {
        for unit in 0..60 {
            for layer in 0..2 {
                let domain = unit % 2;
                let expert = if unit % 4 < 2 { domain } else { 2 + (unit / 4 + layer) % 2 };
                let expert = if step == 100 && unit % 10 == 0 { 3 - expert } else { expert };
                let fate = if unit % 5 == 4 { "dropped" } else { "kept" };
                let name = ["code", "prose"][domain];
                let sequence = unit / 5;
                text +=
                    &format!("{step},s{sequence},{unit},{},{layer},{expert},1.0,{name},{fate}\n", unit % 5);
            }
        }
    }
    text
}

fn refused(directory: &Path, arguments: &[&str], expected: i32, words: &[&str]) {
    let output = cli_harness::refused(directory, arguments, expected, words);
    assert!(text(&output).is_empty(), "{arguments:?} printed a result");
}

fn inspected(directory: &Path, arguments: &[&str]) -> Value {
    last_line(&succeeded(run(directory, &[&["inspect", "--json", "--quiet"], arguments].concat())))
}

fn is_near(value: &Value, expected: f64) {
    let found = value["mean"].as_f64().or(value["value"].as_f64()).expect("a number");
    assert!((found - expected).abs() < 1e-9, "{value} is not {expected}");
}

#[test]
fn a_trace_of_a_run_is_read_alike_from_json_lines_and_from_parquet() {
    let directory = place();
    let place = directory.path();
    let run_path = routed().to_str().expect("UTF-8");
    let written = |arguments: &[&str]| {
        last_line(&succeeded(run(
            place,
            &[&["trace", run_path, "--json", "--quiet", "--output"], arguments].concat(),
        )))
    };
    let lines = written(&["rings.jsonl"]);
    let columns = written(&["rings.parquet"]);
    assert_eq!((lines["schema"].as_str(), lines["version"].as_u64()), (Some("switchyard-trace"), Some(1)));
    assert!(lines["edges"].as_u64() > Some(100) && lines["edges"] == columns["edges"], "{lines}");
    assert_eq!(written(&["other.file", "--format", "parquet"])["bytes"], columns["bytes"]);
    let header = std::fs::read_to_string(place.join("rings.jsonl")).expect("it was written");
    let header: Value = serde_json::from_str(header.lines().next().expect("a header")).expect("JSON");
    assert_eq!(header["decisions"], lines["decisions"]);
    assert_eq!(header["experiment_digest"].as_str().map(str::len), Some(64));

    let from_lines = inspected(place, &["rings.jsonl"]);
    let from_columns = inspected(place, &["rings.parquet"]);
    assert_eq!(from_lines["inspection"]["places"], from_columns["inspection"]["places"]);
    let first = &from_lines["inspection"]["places"][0];
    assert!(first["balance"]["load_cv"]["mean"].is_f64(), "{first}");

    refused(place, &["trace", run_path, "--output", "rings.jsonl"], DATA, &["rings.jsonl", "there already"]);
    let in_run = Path::new(run_path).join("trace.jsonl");
    if !in_run.exists() {
        succeeded(run(place, &["trace", run_path]));
    }
    assert_eq!(std::fs::read(in_run).ok(), std::fs::read(place.join("rings.jsonl")).ok());
}

#[test]
fn a_trace_of_nothing_is_refused_with_what_to_do() {
    let directory = place();
    let place = directory.path();
    refused(place, &["trace", "."], DATA, &["no run directory"]);
    refused(place, &["trace", "missing"], DATA, &["no such directory"]);
    let unfinished = cli_harness::unfinished();
    refused(unfinished.path(), &["trace", "run"], DATA, &["not complete", "switchyard resume"]);
    let silent = place.join("silent");
    cli_harness::copy(reference(), &silent);
    let events = std::fs::read_to_string(silent.join("events.jsonl")).expect("the run is complete");
    let without: Vec<&str> = events.lines().filter(|line| !line.contains("\"event\":\"decision\"")).collect();
    std::fs::write(silent.join("events.jsonl"), without.join("\n")).expect("writable");
    refused(place, &["trace", "silent"], NOTHING, &["no routing decision"]);
    refused(place, &["inspect", "silent/events.jsonl"], DATA, &["line 1", "switchyard trace"]);
}

#[test]
fn a_log_of_another_program_is_measured_with_intervals() {
    let directory = place();
    let place = directory.path();
    write(place, "routes.csv", log());
    let found = inspected(place, &["routes.csv"]);
    let places = &found["inspection"]["places"];
    let first = &places[0];
    assert_eq!(places.as_array().map(Vec::len), Some(2));
    assert_eq!(first["resampled"], "12 sequences");
    is_near(&first["drops"]["rate"], 0.2);
    is_near(&first["drops"]["by_quarter"][3], 1.0);
    is_near(&first["stability"][0]["agreement"], 0.9);
    let domain = first["specialisation"].as_array().expect("keys").iter().find(|key| key["key"] == "domain");
    let share = &domain.expect("the domain")["share_of_choice"];
    // Counted apart: 0.231 above what 500 permutations give on average.
    let mean = share["mean"].as_f64().expect("a number");
    assert!((mean - 0.231).abs() < 0.01 && share["low"].as_f64() > Some(0.1), "{share}");
    assert!(places[1]["path"]["mean"].is_f64(), "{}", places[1]["path"]);

    let shown = text(&succeeded(run(place, &["inspect", "routes.csv", "--report", "routes.html"])));
    for words in [
        "Balance",
        "Specialisation",
        "Stability",
        "Drops",
        "layer 1",
        "100 to 200",
        "[",
        "report     routes.html",
    ] {
        assert!(shown.contains(words), "`{words}` is missing in {shown}");
    }
    assert!(!shown.contains('\u{1b}'), "a pipe gets no colours");
    let page = std::fs::read_to_string(place.join("routes.html")).expect("it was written");
    for words in ["<svg", "prose", "Before you believe it", "Save as CSV"] {
        assert!(page.contains(words), "`{words}` is missing in the page");
    }
    assert!(!page.contains("<script") && !page.contains("No verdict"), "a page of pictures without a run");
}

#[test]
fn compression_changes_nothing_and_the_ending_of_a_name_means_nothing() {
    let directory = place();
    let place = directory.path();
    let plain = write(place, "routes.csv", log());
    let small = write(place, "routes.jsonl", compressed(&log()));
    assert_eq!(inspected(place, &[&plain])["inspection"], inspected(place, &[&small])["inspection"]);
    let cut = compressed(&log());
    write(place, "cut.csv.gz", &cut[..cut.len() / 2]);
    refused(place, &["inspect", "cut.csv.gz"], DATA, &["cut.csv.gz", "too early", "Copy it again"]);
    let mut damaged = cut.clone();
    damaged[40] ^= 0xff;
    write(place, "damaged.csv.gz", damaged);
    assert_eq!(code(&run(place, &["inspect", "damaged.csv.gz"])), Some(DATA));
}

#[test]
fn bad_files_name_the_file_the_line_and_what_to_do() {
    let directory = place();
    let place = directory.path();
    let bad = |name: &str, text: &str, words: &[&str]| {
        write(place, name, text);
        refused(place, &["inspect", name], DATA, &[&[name], words].concat());
    };
    bad(
        "version.jsonl",
        "{\"schema\":\"switchyard-trace\",\"version\":9}\n",
        &["line 1", "version 9", "reads version 1"],
    );
    bad(
        "cut.jsonl",
        "{\"schema\":\"switchyard-trace\",\"version\":1}\n{\"decision\":{\"rou",
        &["line 2", "cut off"],
    );
    bad("negative.csv", "expert,unit,weight\n0,0,1\n1,0,-1\n", &["line 3, column 3", "0 or more"]);
    bad(
        "range.jsonl",
        "{\"type\":\"meta\",\"num_experts\":2}\n{\"token_idx\":0,\"topk_ids\":[2]}\n",
        &["line 2", "out of range"],
    );
    bad(
        "wide.csv",
        &format!("expert{}\n", ",x".repeat(1_000_000)),
        &["line 1", "1000001 columns", "at most 256"],
    );
    bad("typo.csv", "expert,unit,wieght\n0,0,1\n", &["line 1, column 3", "did you mean `weight`?"]);
    bad("empty.csv", "", &["empty"]);
    bad("bad.parquet", "PAR1 and no more", &["damaged"]);
    refused(place, &["inspect", "missing.csv"], DATA, &["missing.csv"]);
    refused(place, &["inspect", "."], DATA, &["directory", "switchyard trace"]);
    refused(place, &["inspect", "typo.csv", "--experts", "0"], USAGE, &["experts", "from 1 to"]);
    write(place, "good.csv", log());
    refused(place, &["inspect", "good.csv", "--report", "no/where.html"], DATA, &["where.html"]);
}

#[test]
fn colours_are_for_those_who_want_them_and_progress_is_on_standard_error() {
    let directory = place();
    let place = directory.path();
    write(place, "routes.csv", log());
    let coloured = text(&succeeded(run(place, &["inspect", "routes.csv", "--color", "always"])));
    assert!(coloured.contains("\u{1b}[1mBalance"), "{coloured}");
    let mut plain = command(place, &["inspect", "routes.csv"]);
    plain.env("NO_COLOR", "1");
    let output: Output = plain.output().expect("the binary can be started");
    assert!(!text(&output).contains('\u{1b}'));
    assert!(errors(&output).contains("routing log (CSV)"), "{}", errors(&output));
}

/// The folder of real logs: `SWITCHYARD_DATA`, or `shared/data` beside the repository.
fn real(name: &str) -> Option<PathBuf> {
    let beside = || Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/data");
    let path =
        std::env::var_os("SWITCHYARD_DATA").map_or_else(beside, PathBuf::from).join("traces").join(name);
    if !path.exists() {
        println!("skipped: no {name}; set SWITCHYARD_DATA to check against it");
        return None;
    }
    path.canonicalize().ok()
}

#[test]
fn a_real_log_of_tokens_has_its_known_balance_and_its_warm_up_is_told() {
    let Some(path) = real("olmoe-1b-7b_layer0.jsonl.gz") else { return };
    let directory = place();
    let found = inspected(directory.path(), &[path.to_str().expect("UTF-8")]);
    let summary = &found["inspection"];
    assert_eq!(summary["edges"], 52_152);
    assert_eq!(summary["places"][0]["units"], 6_519);
    let notes = summary["notes"].to_string();
    assert!(notes.contains("2048 of 6519 units (the first is 0, the last 2047)"), "{notes}");
    let rest = inspected(directory.path(), &[path.to_str().expect("UTF-8"), "--leave-out-ties"]);
    let rest = &rest["inspection"]["places"][0];
    assert_eq!(rest["units"], 4_471);
    assert!(
        rest["balance"]["load_cv"]["mean"].as_f64()
            < summary["places"][0]["balance"]["load_cv"]["mean"].as_f64()
    );
}

#[test]
fn a_real_load_table_has_its_layers_experts_and_contexts() {
    let Some(path) = real("mixtral_mmlu_load.csv") else { return };
    let directory = place();
    let found = inspected(directory.path(), &[path.to_str().expect("UTF-8")]);
    let summary = &found["inspection"];
    assert_eq!(summary["contexts"].as_array().map(Vec::len), Some(57));
    assert_eq!(
        (summary["layers"].as_array().map(Vec::len), summary["experts"].as_u64()),
        (Some(32), Some(8))
    );
    for layer in summary["layers"].as_array().expect("layers") {
        assert!(
            layer["load_cv"]["low"].is_f64() && layer["share_of_choice"]["low"].as_f64() > Some(0.0),
            "{layer}"
        );
    }
}
