//! Bad input, from outside: each case has its exit code, a sentence that names what is wrong, and leaves every
//! file that was there as it was.

mod cli_harness;

use std::path::Path;

use cli_harness::{
    checkpoints, code, copy, digest, errors, run, snapshot, succeeded, text, tiny, unfinished,
};

const USAGE: i32 = 2;
const NOTHING_TO_DO: i32 = 4;
const DATA: i32 = 5;
const CHECKPOINT: i32 = 6;

/// Runs in a directory that holds `precious`, and expects this code, these words, and nothing changed.
fn refused(arguments: &[&str], expected: i32, words: &[&str]) {
    let directory = tempfile::tempdir().expect("a temporary directory");
    refused_in(directory.path(), arguments, expected, words);
}

fn refused_in(directory: &Path, arguments: &[&str], expected: i32, words: &[&str]) {
    std::fs::write(directory.join("precious"), b"precious").expect("writable");
    let output = cli_harness::refused(directory, arguments, expected, words);
    assert_eq!(text(&output), "", "{arguments:?}: results only go to standard output");
}

#[test]
fn unknown_presets_and_commands_name_the_nearest() {
    refused(&["run", "mos-digit"], USAGE, &["mos-digit", "did you mean `mos-digits`?"]);
    refused(&["labs", "mos-digit"], USAGE, &["did you mean `mos-digits`?"]);
    refused(&["routers", "expert-choise"], USAGE, &["did you mean `expert-choice`?"]);
    refused(&["link", "nothing-like-it"], USAGE, &["unknown preset", "mos-t1"]);
    refused(&["rum", "mos-digits"], USAGE, &["rum"]);
    refused(&["run", "mos-digits", "--device", "abacus"], USAGE, &["abacus", "flex"]);
    refused(&["run", "mos-digits", "--device", "flex:1"], USAGE, &["flex", "leave out"]);
    refused(&["run", "mos-digits", "--device", "cuda:x"], USAGE, &["cuda:1"]);
    refused(&["run", "mos-digits", "--device", "remote:127.0.0.1:7700"], USAGE, &["remote:ws://"]);
    refused(&["run", "mos-digits", "--threads", "0"], USAGE, &["0"]);
}

#[test]
fn unknown_keys_wrong_types_and_values_out_of_range_name_the_key() {
    refused(&["run", "mos-digits", "--set", "seedz=1"], USAGE, &["seedz", "did you mean `seeds`?"]);
    refused(&["run", "mos-digits", "--set", "seeds=many"], USAGE, &["`seeds`", "many", "integer"]);
    refused(&["run", "mos-digits", "--set", "seeds=-1"], USAGE, &["`seeds`", "-1"]);
    refused(&["run", "mos-digits", "--set", "seeds"], USAGE, &["seeds", "key=value"]);
    refused(&["run", "mos-digits", "--seed", "18446744073709551615"], USAGE, &["seed", "9007199254740991"]);
    refused(&["run", "mos-digits", "--seed", "x"], USAGE, &["x"]);
}

#[test]
fn links_of_another_version_or_with_unknown_keys_are_refused() {
    refused(&["run", "#v=2&run=mos-digits"], USAGE, &["version 2", "version 1"]);
    refused(&["run", "https://example.org/#run=mos-digits"], USAGE, &["`v` is missing"]);
    refused(&["run", "#v=1&run=mos-digits&seedz=1"], USAGE, &["seedz"]);
    refused(&["run", "#v=1&run=mos-digits&seed=1&seed=2"], USAGE, &["seed", "twice"]);
    refused(&["run", "https://example.org/"], USAGE, &["#"]);
}

#[test]
fn specification_files_that_cannot_be_used_are_named() {
    let directory = tempfile::tempdir().expect("a temporary directory");
    let place = directory.path();
    std::fs::create_dir(place.join("folder.toml")).expect("writable");
    std::fs::write(place.join("broken.toml"), "run = \"mos-digits\nseed = 1").expect("writable");
    std::fs::write(place.join("key.toml"), "run = \"mos-digits\"\nseedz = 1\n").expect("writable");
    std::fs::write(place.join("range.toml"), "run = \"mos-digits\"\nseeds = -5\n").expect("writable");
    std::fs::write(place.join("latin.toml"), b"run = \"mos-digits\" # \xe9\n").expect("writable");
    refused_in(place, &["run", "missing.toml"], DATA, &["missing.toml"]);
    refused_in(place, &["run", "folder.toml"], DATA, &["folder.toml", "directory"]);
    refused_in(place, &["run", "."], DATA, &["directory"]);
    refused_in(place, &["run", "broken.toml"], USAGE, &["broken.toml"]);
    refused_in(place, &["run", "key.toml"], USAGE, &["key.toml", "seedz"]);
    refused_in(place, &["run", "range.toml"], USAGE, &["range.toml", "`seeds`", "-5"]);
    refused_in(place, &["run", "latin.toml"], DATA, &["latin.toml", "UTF-8"]);
}

#[test]
fn output_directories_that_are_taken_are_refused() {
    let directory = tempfile::tempdir().expect("a temporary directory");
    let place = directory.path();
    std::fs::create_dir(place.join("full")).expect("writable");
    std::fs::write(place.join("full/notes.txt"), "mine").expect("writable");
    refused_in(place, &tiny(&["--out", "full"]), DATA, &["full", "not empty"]);
    refused_in(place, &tiny(&["--out", "precious"]), DATA, &["precious", "file"]);
    refused_in(place, &tiny(&["--out", "precious/below"]), DATA, &["precious"]);
    // The default place is taken by a file.
    std::fs::write(place.join("runs"), "mine").expect("writable");
    refused_in(place, &tiny(&[]), DATA, &["runs"]);
}

#[cfg(unix)]
#[test]
fn a_directory_without_permission_is_refused() {
    use std::os::unix::fs::PermissionsExt as _;
    let directory = tempfile::tempdir().expect("a temporary directory");
    let locked = directory.path().join("locked");
    std::fs::create_dir(&locked).expect("writable");
    std::fs::set_permissions(&locked, std::fs::Permissions::from_mode(0o555)).expect("mine");
    // The administrator may write everywhere but here.
    let out = if std::fs::write(locked.join("probe"), "").is_ok() { "/proc/run" } else { "locked/run" };
    let before = snapshot(directory.path());
    let output = run(directory.path(), &tiny(&["--out", out]));
    assert_eq!(code(&output), Some(DATA), "{}", errors(&output));
    assert!(errors(&output).contains("cannot write"), "{}", errors(&output));
    assert_eq!(snapshot(directory.path()), before);
}

/// Runs with a limit on the size of files (in blocks of 512 bytes), which a write meets as it meets a full disk.
#[cfg(unix)]
fn run_on_full_disk(directory: &Path, blocks: u64, arguments: &[&str]) -> std::process::Output {
    let script = format!("trap '' XFSZ; ulimit -f {blocks}; exec \"$0\" \"$@\"");
    std::process::Command::new("/bin/sh")
        .args(["-c", &script])
        .arg(cli_harness::binary())
        .args(arguments)
        .current_dir(directory)
        .output()
        .expect("a shell can be started")
}

#[cfg(unix)]
#[test]
fn a_disk_that_is_full_from_the_start_leaves_nothing_behind() {
    let directory = tempfile::tempdir().expect("a temporary directory");
    std::fs::write(directory.path().join("precious"), b"precious").expect("writable");
    let before = snapshot(directory.path());
    let output = run_on_full_disk(directory.path(), 0, &tiny(&["--out", "run"]));
    assert_eq!(code(&output), Some(DATA), "{}", errors(&output));
    assert!(errors(&output).contains("cannot write"), "{}", errors(&output));
    assert_eq!(snapshot(directory.path()), before);
    assert!(!directory.path().join("run").exists());
}

#[cfg(unix)]
#[test]
fn a_disk_that_fills_up_during_the_run_loses_no_finished_task() {
    let reference = cli_harness::reference();
    let size = |path: &Path| path.metadata().expect("the file is there").len();
    let early = [reference.join("experiment.toml"), reference.join("environment.json")];
    let enough = early.iter().map(|path| size(path)).max().unwrap_or(0).div_ceil(512);
    let report = size(&reference.join("report.html"));
    // Some shells count in blocks of 1024 bytes.
    assert!(report > 2 * enough * 512, "the report is the largest file");
    let directory = tempfile::tempdir().expect("a temporary directory");
    let output = run_on_full_disk(directory.path(), enough, &tiny(&["--out", "run"]));
    assert_eq!(code(&output), Some(DATA), "{}", errors(&output));
    let run_directory = directory.path().join("run");
    assert!(!run_directory.join("events.jsonl").exists(), "the run is not complete");
    succeeded(run(directory.path(), &["resume", "run", "--quiet"]));
    assert_eq!(digest(&run_directory), digest(reference));
}

#[test]
fn resume_and_report_and_compare_need_a_run() {
    let directory = tempfile::tempdir().expect("a temporary directory");
    let place = directory.path();
    std::fs::create_dir(place.join("empty")).expect("writable");
    refused_in(place, &["resume"], NOTHING_TO_DO, &["no unfinished run"]);
    refused_in(place, &["resume", "nowhere"], DATA, &["nowhere"]);
    refused_in(place, &["resume", "empty"], DATA, &["empty", "experiment.toml"]);
    refused_in(place, &["resume", "precious"], DATA, &["precious", "not a directory"]);
    refused_in(place, &["report", "empty"], DATA, &["empty", "experiment.toml"]);
    refused_in(place, &["compare", "empty", "nowhere"], DATA, &["empty"]);
    copy(cli_harness::reference(), &place.join("done"));
    refused_in(place, &["resume", "done"], NOTHING_TO_DO, &["complete"]);
}

/// Spoils one file of an unfinished run, expects exit code 6 and that file's name, then does what the message
/// says and expects the digest of an undisturbed run.
fn spoiled(spoil: impl Fn(&Path)) {
    let directory = unfinished();
    let run_directory = directory.path().join("run");
    let path = checkpoints(&run_directory).swap_remove(0);
    spoil(&path);
    let name = path.file_name().and_then(|name| name.to_str()).expect("a plain name").to_owned();
    refused_in(directory.path(), &["resume", "run"], CHECKPOINT, &[&name, "Delete this file"]);
    std::fs::remove_file(&path).expect("the checkpoint is there");
    succeeded(run(directory.path(), &["resume", "run", "--quiet"]));
    assert_eq!(digest(&run_directory), digest(cli_harness::reference()));
}

#[test]
fn a_truncated_checkpoint_is_named_and_its_task_can_be_done_again() {
    spoiled(|path| {
        let bytes = std::fs::read(path).expect("the checkpoint is there");
        std::fs::write(path, &bytes[..bytes.len() / 2]).expect("writable");
    });
    spoiled(|path| std::fs::write(path, b"").expect("writable"));
}

#[test]
fn a_corrupt_checkpoint_is_named_and_its_task_can_be_done_again() {
    spoiled(|path| {
        let mut bytes = std::fs::read(path).expect("the checkpoint is there");
        let middle = bytes.len() / 2;
        bytes[middle] ^= 1;
        std::fs::write(path, &bytes).expect("writable");
    });
}

#[test]
fn a_checkpoint_of_another_experiment_is_named() {
    let directory = tempfile::tempdir().expect("a temporary directory");
    succeeded(run(directory.path(), &tiny(&["--out", "other", "--quiet", "--seed", "5"])));
    let foreign = checkpoints(&directory.path().join("other")).swap_remove(0);
    spoiled(|path| {
        std::fs::copy(&foreign, path).expect("writable");
    });
}

#[test]
fn a_run_directory_with_spoiled_files_names_them() {
    let directory = tempfile::tempdir().expect("a temporary directory");
    let place = directory.path().join("run");
    copy(cli_harness::reference(), &place);
    std::fs::write(place.join("events.jsonl"), "{\"event\":\"stage\",\"name\":\"a\",\"tasks\":1}\n{\"eve")
        .expect("writable");
    refused_in(directory.path(), &["report", "run"], DATA, &["events.jsonl", "line 2"]);
    refused_in(directory.path(), &["compare", "run", "run"], DATA, &["events.jsonl", "line 2"]);
    std::fs::remove_file(place.join("events.jsonl")).expect("it was there");
    refused_in(directory.path(), &["report", "run"], DATA, &["not complete", "switchyard resume run"]);
    std::fs::write(place.join("environment.json"), "{}").expect("writable");
    refused_in(directory.path(), &["resume", "run"], DATA, &["environment.json"]);
    std::fs::write(place.join("experiment.toml"), "run = ").expect("writable");
    refused_in(directory.path(), &["resume", "run"], USAGE, &["experiment.toml"]);
}

#[test]
fn going_on_in_another_environment_is_told() {
    let directory = unfinished();
    let path = directory.path().join("run/environment.json");
    let text = std::fs::read_to_string(&path).expect("it is there");
    let version = "\"architecture\": \"";
    assert!(text.contains(version), "{text}");
    std::fs::write(&path, text.replace(version, "\"architecture\": \"abacus-")).expect("writable");
    let output = succeeded(run(directory.path(), &["resume", "run"]));
    assert!(errors(&output).contains("abacus-"), "{}", errors(&output));
    assert!(errors(&output).contains("the results may differ"), "{}", errors(&output));
}

#[test]
fn sub_networks_that_a_run_does_not_have_are_refused() {
    let place = cli_harness::reference().to_str().expect("a plain path");
    let export = |architecture: &'static str, method: &'static str, seed: &'static str| {
        ["export", place, "--architecture", architecture, "--method", method, "--seed", seed]
    };
    refused(&export("w16-relu", "sandwich", "0"), USAGE, &["w16-relu"]);
    refused(&export("w17-relu-f24", "sandwich", "0"), USAGE, &["17"]);
    refused(&export("w16-relu-f24", "sandwhich", "0"), USAGE, &["sandwhich", "did you mean `sandwich`?"]);
    refused(&export("w16-relu-f24", "neuron-wise", "0"), USAGE, &["neuron-wise"]);
    refused(&export("w16-relu-f24", "sandwich", "7"), USAGE, &["seed", "7"]);
    refused(&["export", "nowhere", "--architecture", "w16-relu-f24"], DATA, &["nowhere"]);
}

#[test]
fn tables_that_are_not_what_they_should_be_name_line_and_column() {
    let directory = tempfile::tempdir().expect("a temporary directory");
    let place = directory.path();
    std::fs::write(place.join("other.csv"), "a,b\n1,2\n").expect("writable");
    let arguments = |file| ["reproduce", "mos-table", "--data", file];
    refused_in(place, &arguments("other.csv"), DATA, &["other.csv", "line 1"]);
    refused_in(place, &arguments("missing.csv"), DATA, &["missing.csv"]);
    refused_in(place, &arguments("."), DATA, &["directory"]);
    std::fs::write(place.join("cell.csv"), MALFORMED_TABLE).expect("writable");
    refused_in(place, &arguments("cell.csv"), DATA, &["cell.csv", "line 3, column 8", "fast"]);
}

/// A table whose second row has a word where a number should be.
const MALFORMED_TABLE: &str = "\
task,arch_id,dec_layers,params_nonemb,total_flops,latency_ms,scratch_valid,scratch_test,Sandwich_valid,Sandwich_test
toy,0,1,100,10,3,10,20,9,18
toy,1,1,200,20,3,11,fast,10,19
toy,2,2,300,40,3,12,22,11,20
";

#[test]
fn with_json_an_error_is_also_the_last_line() {
    let directory = tempfile::tempdir().expect("a temporary directory");
    let output = run(directory.path(), &["run", "mos-digit", "--json"]);
    assert_eq!(code(&output), Some(USAGE));
    let last = cli_harness::last_line(&output);
    assert_eq!(last["event"], "failed");
    assert_eq!(last["exit_code"], USAGE);
    assert!(last["schema_version"].is_u64());
    assert!(last["error"].as_str().is_some_and(|error| error.contains("did you mean")));
}
