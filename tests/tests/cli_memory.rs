//! Runs that do not fit into memory, from outside: they are refused before anything is begun, with what would fit, and that
//! does.

mod cli_harness;

use cli_harness::{errors, refused, run, succeeded};

const USAGE: i32 = 2;

#[test]
fn a_run_that_does_not_fit_into_memory_is_refused_before_it_begins_and_what_would_fit_does() {
    let folder = tempfile::tempdir().expect("a temporary directory");
    let place = folder.path();
    let hat = ["run", "mos-mt-hat", "--memory", "1"];
    let parts = [
        "this run needs up to",
        "but `--memory` gives 1.0 GB",
        "for weights, gradients and moments",
        "lower `space.encoder_ffn`",
    ];
    refused(place, &hat, USAGE, &parts);
    refused(place, &["run", "mos-bert", "--memory", "1"], USAGE, &["this run needs up to", "`space.ffn`"]);
    for wrong in ["0", "-1", "much", "inf"] {
        let memory = format!("--memory={wrong}");
        refused(place, &["run", "mos-tiny", &memory], USAGE, &["a number of gigabytes above 0"]);
    }
    assert!(!place.join("runs").exists());

    let quick = [
        "seeds=1",
        "methods=sandwich",
        "training.steps=1",
        "audit.architectures=2",
        "audit.standalones=1",
        "audit.sentences=2",
        "audit.resamples=100",
        "data.pairs=200",
    ];
    let sets: Vec<&str> = quick.iter().flat_map(|set| ["--set", set]).collect();
    let with =
        |more: &[&str]| [&["run", "mos-mt-small", "--quiet"], sets.as_slice(), more].concat().join(" ");
    let large = with(&["--set", "training.tokens=900000", "--threads", "1", "--memory", "0.4"]);
    let large: Vec<&str> = large.split(' ').collect();
    refused(place, &large, USAGE, &["It would fit with `--set training.tokens="]);
    let said = errors(&run(place, &large));
    let fits =
        said.split("training.tokens=").nth(1).and_then(|rest| rest.split('`').next()).expect("a number");
    let smaller = format!("training.tokens={fits}");
    let fitting = with(&["--set", &smaller, "--threads", "1", "--memory", "0.4", "--out", "fits"]);
    succeeded(run(place, &fitting.split(' ').collect::<Vec<_>>()));
    // The preset as it is fits a small machine.
    let usual = with(&["--threads", "2", "--memory", "0.5", "--out", "usual"]);
    succeeded(run(place, &usual.split(' ').collect::<Vec<_>>()));
    std::fs::remove_file(place.join("usual/events.jsonl")).expect("the run was complete");
    let less = ["resume", "usual", "--memory", "0.001"];
    refused(place, &less, USAGE, &["needs up to", "`--memory` gives 1 MB", "No smaller `training.tokens`"]);
    succeeded(run(place, &["resume", "usual", "--quiet"]));
}
