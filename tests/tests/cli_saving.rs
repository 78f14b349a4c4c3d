//! Tasks under way, from outside: a run that is stopped or killed in the middle of a task goes on there, and ends as if it
//! had never stopped; files that cannot be used are named.

mod cli_harness;

use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::Child;
use std::sync::OnceLock;

use cli_harness::{
    TRANSLATOR, code, command, errors, json_lines, last_line, record, run, sets, start, succeeded,
};
use serde_json::Value;

const CHECKPOINT: i32 = 6;

/// About a second for each of the four tasks.
const FIELDS: &[&str] = &["training.tokens=128", "training.steps=300", "audit.architectures=3"];

fn place() -> tempfile::TempDir {
    tempfile::tempdir().expect("a temporary directory")
}

fn training<'a>(more: &[&'a str]) -> Vec<&'a str> {
    [&["run", "mos-mt-small"], sets(TRANSLATOR).as_slice(), sets(FIELDS).as_slice(), more].concat()
}

/// The record of a run that was left alone, made once.
fn undisturbed() -> &'static [u8] {
    static RECORD: OnceLock<Vec<u8>> = OnceLock::new();
    RECORD.get_or_init(|| {
        let place = place();
        succeeded(run(place.path(), &training(&["--out", "whole", "--quiet", "--save-every", "never"])));
        record(&place.path().join("whole"))
    })
}

/// Starts a run that saves as often as it can, and waits until a task was saved a few times.
fn saved_a_few_times(place: &Path) -> Child {
    let mut child =
        start(place, &training(&["--out", "run", "--json", "--threads", "1", "--save-every", "0"]));
    let mut lines = BufReader::new(child.stdout.take().expect("piped")).lines();
    let is_saved = |line: &String| line.contains("\"event\":\"saved\"") && line.contains("\"step\":40,");
    lines.by_ref().map_while(Result::ok).find(is_saved).expect("it is saved before it ends");
    // Somebody reads on, so that the run does not end because nobody does.
    std::thread::spawn(move || lines.for_each(drop));
    child
}

fn halfway(run: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(run.join("checkpoints")).expect("there is such a folder").flatten();
    let paths = entries.map(|entry| entry.path());
    let mut paths: Vec<_> =
        paths.filter(|path| path.extension().is_some_and(|end| end == "halfway")).collect();
    paths.sort();
    paths
}

/// Where tasks went on, by what a resumed run wrote.
fn went_on(lines: &[Value]) -> Vec<u64> {
    let steps = lines.iter().filter(|line| line["event"] == "goes-on").map(|line| line["step"].as_u64());
    steps.map(|step| step.expect("a number of steps")).collect()
}

#[cfg(unix)]
#[test]
fn a_run_stopped_in_the_middle_of_a_task_goes_on_there() {
    let place = place();
    let child = saved_a_few_times(place.path());
    let sent = std::process::Command::new("kill").args(["-INT", &child.id().to_string()]).status();
    assert!(sent.expect("`kill` can be started").success());
    let stopped = child.wait_with_output().expect("it ends");
    assert_eq!(code(&stopped), Some(130), "{}", errors(&stopped));
    assert!(errors(&stopped).contains("and one task half-way"), "{}", errors(&stopped));
    let run_directory = place.path().join("run");
    assert!((1..=2).contains(&halfway(&run_directory).len()), "the newest two are kept");
    let resumed = succeeded(run(place.path(), &["resume", "run", "--json"]));
    let steps = went_on(&json_lines(&resumed));
    assert!(matches!(steps.as_slice(), [step] if *step > 0), "{steps:?}");
    let told = format!("goes on from step {} of 300", steps[0]);
    assert!(errors(&resumed).contains(&told), "{}", errors(&resumed));
    assert_eq!(record(&run_directory), undisturbed(), "the record is the same, and the digest in it");
    assert!(halfway(&run_directory).is_empty(), "what is finished has no files half-way");
}

#[test]
fn a_run_killed_without_warning_goes_on_where_it_was_saved() {
    let place = place();
    let mut child = saved_a_few_times(place.path());
    child.kill().expect("it can be killed");
    child.wait().expect("it ends");
    let run_directory = place.path().join("run");
    assert!(!halfway(&run_directory).is_empty());
    let resumed = succeeded(run(place.path(), &["resume", "run", "--json", "--save-every", "0"]));
    let steps = went_on(&json_lines(&resumed));
    assert!(steps.iter().any(|step| *step > 0), "{steps:?}");
    assert_eq!(record(&run_directory), undisturbed());
}

#[test]
fn an_older_file_is_used_aloud_and_what_cannot_be_used_is_named() {
    let place = place();
    let mut child = saved_a_few_times(place.path());
    child.kill().expect("it can be killed");
    child.wait().expect("it ends");
    let run_directory = place.path().join("run");
    let files = halfway(&run_directory);
    let [.., _, newer] = files.as_slice() else { panic!("two of one task: {files:?}") };
    let whole = std::fs::read(newer).expect("it can be read");
    let copy = place.path().join("copy");
    cli_harness::copy(&run_directory, &copy);

    std::fs::write(newer, &whole[..whole.len() - 5]).expect("writable");
    let name = newer.file_name().expect("a file").to_string_lossy().into_owned();
    // Also who wants to hear nothing hears this.
    let resumed = succeeded(run(place.path(), &["resume", "run", "--quiet"]));
    for part in ["warning:", &name, "corrupt or truncated", "goes on from the older file"] {
        assert!(errors(&resumed).contains(part), "`{part}` is missing in {}", errors(&resumed));
    }
    assert_eq!(record(&run_directory), undisturbed());

    // A file of the same task in another experiment.
    for other in halfway(&copy).iter().filter(|path| !path.ends_with(&name)) {
        std::fs::remove_file(other).expect("there");
    }
    let toml = std::fs::read_to_string(copy.join("experiment.toml")).expect("it can be read");
    let other = toml.replace("steps = 300", "steps = 301");
    assert_ne!(toml, other, "the steps stand in it: {toml}");
    std::fs::write(copy.join("experiment.toml"), other).expect("writable");
    for finished in cli_harness::checkpoints(&copy) {
        std::fs::remove_file(finished).expect("there");
    }
    let before = cli_harness::snapshot(&copy);
    let refused = run(place.path(), &["resume", "copy", "--json"]);
    assert_eq!(code(&refused), Some(CHECKPOINT), "{}", errors(&refused));
    let sentence = last_line(&refused)["error"].as_str().expect("a sentence").to_owned();
    assert!(sentence.contains(&name) && sentence.contains("another experiment"), "{sentence}");
    assert_eq!(cli_harness::snapshot(&copy), before, "nothing was changed");
}

#[test]
fn how_often_is_checked_at_the_border() {
    let place = place();
    for wrong in [["--save-every", "sometimes"], ["--save-every", "-3"], ["--keep", "0"]] {
        let arguments = [&["run", "mos-tiny"], wrong.as_slice()].concat();
        let refused = command(place.path(), &arguments).output().expect("the binary can be started");
        assert_eq!(code(&refused), Some(2), "{arguments:?}: {}", errors(&refused));
    }
    assert!(!place.path().join("runs").exists());
}
