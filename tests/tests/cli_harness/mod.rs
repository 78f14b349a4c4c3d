//! Runs the `switchyard` binary from outside, as a user does.
//!
//! The binary is built first, by the cargo that runs the tests, in the profile and the target directory of the
//! test itself: a stale binary is never tested, and when nothing changed this takes a fraction of a second.
//! `SWITCHYARD_BIN` names another binary to test instead, for example one from a release archive.

#![allow(dead_code)] // Each test file uses its own part.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::sync::OnceLock;

use serde_json::Value;

/// A run with every stage that takes about a second.
pub const TINY: &[&str] = &["mos-tiny", "--set", "seeds=2", "--set", "training.steps=60"];

/// The binary under test.
pub fn binary() -> &'static Path {
    static BINARY: OnceLock<PathBuf> = OnceLock::new();
    BINARY.get_or_init(|| match std::env::var_os("SWITCHYARD_BIN") {
        Some(path) => path.into(),
        None => build(),
    })
}

/// How the command is built for devices of other processes: as beside those of graphics processors.
const REMOTE: &[&str] = &["--features", "switchyard-cli/remote,switchyard-cli/fusion"];

fn build() -> PathBuf {
    // The test lies in <target>/<profile>/deps.
    let test = std::env::current_exe().expect("the system knows this executable");
    let profile = test.parent().and_then(Path::parent).expect("a test executable lies in <profile>/deps");
    let target = profile.parent().expect("a profile's directory lies in the target directory");
    let name = match profile.file_name().and_then(|name| name.to_str()) {
        Some("debug") => "dev",
        Some(name) => name,
        None => panic!("the profile's directory has no name"),
    };
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let built = Command::new(cargo)
        // The whole workspace, as the tests are built: with other features everything would be compiled again.
        .args(["build", "--quiet", "--workspace", "--bin", "switchyard", "--profile", name, "--target-dir"])
        .arg(target)
        .args(if cfg!(feature = "remote") { REMOTE } else { &[] })
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .status()
        .expect("cargo can be started");
    assert!(built.success(), "the binary does not build");
    profile.join(format!("switchyard{}", std::env::consts::EXE_SUFFIX))
}

/// The binary with arguments, in a directory, without colours or other influence of the caller's environment.
pub fn command(directory: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(binary());
    command.args(arguments).current_dir(directory).stdin(Stdio::null());
    command.env_remove("NO_COLOR").env_remove("RUST_BACKTRACE").env_remove("CLICOLOR_FORCE");
    command
}

/// Runs it to its end.
pub fn run(directory: &Path, arguments: &[&str]) -> Output {
    command(directory, arguments).output().expect("the binary can be started")
}

/// Starts it with its outputs kept.
pub fn start(directory: &Path, arguments: &[&str]) -> Child {
    command(directory, arguments)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the binary can be started")
}

/// `run` on the smallest experiment, with more arguments.
pub fn tiny(more: &[&'static str]) -> Vec<&'static str> {
    [&["run"], TINY, more].concat()
}

/// The exit code; a signal is none.
pub fn code(output: &Output) -> Option<i32> {
    output.status.code()
}

/// What a run wrote to standard error.
pub fn errors(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// What a run wrote to standard output.
pub fn text(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).expect("the output is UTF-8")
}

/// The lines of standard output as JSON.
pub fn json_lines(output: &Output) -> Vec<Value> {
    let text = text(output);
    text.lines().map(|line| serde_json::from_str(line).expect("each line is JSON")).collect()
}

/// The last line of standard output as JSON.
pub fn last_line(output: &Output) -> Value {
    json_lines(output).pop().unwrap_or_else(|| panic!("there is no line; errors: {}", errors(output)))
}

/// Expects success.
pub fn succeeded(output: Output) -> Output {
    assert_eq!(code(&output), Some(0), "{}", errors(&output));
    output
}

/// The digest in the last event of a complete run directory.
pub fn digest(directory: &Path) -> String {
    let events = std::fs::read_to_string(directory.join("events.jsonl")).expect("the run is complete");
    let last: Value = serde_json::from_str(events.lines().last().expect("there are events")).expect("JSON");
    last["digest"].as_str().expect("the last event has the digest").to_owned()
}

/// Every file below a directory, with its bytes.
pub fn snapshot(directory: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut files = BTreeMap::new();
    for entry in std::fs::read_dir(directory).expect("the directory can be read") {
        let path = entry.expect("the entry can be read").path();
        if path.is_dir() {
            files.extend(snapshot(&path));
        } else {
            files.insert(path.clone(), std::fs::read(&path).expect("the file can be read"));
        }
    }
    files
}

/// Copies a directory and all below it.
pub fn copy(from: &Path, to: &Path) {
    for (path, bytes) in snapshot(from) {
        let target = to.join(path.strip_prefix(from).expect("the path lies below"));
        std::fs::create_dir_all(target.parent().expect("the target has a parent")).expect("writable");
        std::fs::write(target, bytes).expect("writable");
    }
}

/// A complete run of the smallest experiment, made once for each test executable.
pub fn reference() -> &'static Path {
    static REFERENCE: OnceLock<tempfile::TempDir> = OnceLock::new();
    let directory = REFERENCE.get_or_init(|| {
        let directory = tempfile::tempdir().expect("a temporary directory");
        succeeded(run(directory.path(), &tiny(&["--out", "run", "--quiet"])));
        directory
    });
    // Owned by a static, so it stays until the process ends.
    static PATH: OnceLock<PathBuf> = OnceLock::new();
    PATH.get_or_init(|| directory.path().join("run"))
}

/// A copy of the reference run that looks as if it had been killed before its end.
pub fn unfinished() -> tempfile::TempDir {
    let directory = tempfile::tempdir().expect("a temporary directory");
    let run = directory.path().join("run");
    copy(reference(), &run);
    std::fs::remove_file(run.join("events.jsonl")).expect("the run was complete");
    directory
}

/// The checkpoints of a run directory, in order of their names.
pub fn checkpoints(run: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(run.join("checkpoints")).into_iter().flatten().flatten();
    let paths = entries.map(|entry| entry.path());
    let mut paths: Vec<_> =
        paths.filter(|path| path.extension().is_some_and(|extension| extension == "json")).collect();
    paths.sort();
    paths
}

/// Expects a refusal with this exit code and these words, in which nothing panicked and no file changed. Returns what was
/// said.
pub fn refused(directory: &Path, arguments: &[&str], expected: i32, words: &[&str]) -> Output {
    let before = snapshot(directory);
    let output = run(directory, arguments);
    let errors = errors(&output);
    assert_eq!(code(&output), Some(expected), "{arguments:?}: {errors}");
    for word in words {
        assert!(errors.contains(word), "{arguments:?}: `{word}` is missing in `{errors}`");
    }
    assert!(!errors.contains("panicked"), "{errors}");
    assert_eq!(snapshot(directory), before, "{arguments:?} changed files");
    output
}

/// `--set` before each of these fields.
pub fn sets<'a>(fields: &[&'a str]) -> Vec<&'a str> {
    fields.iter().flat_map(|field| ["--set", field]).collect()
}

/// The smallest supernet of translators on a corpus of one's own.
pub const TINY_TRANSLATOR: &[&str] = &[
    "data.source=own",
    "methods=sandwich",
    "space.encoder_widths=8,12",
    "space.encoder_layers=1",
    "space.encoder_ffn=8,16",
    "space.decoder_widths=8,12",
    "space.decoder_layers=1",
    "space.decoder_ffn=8,16",
    "space.attend=1",
    "space.inner=8",
    "training.steps=3",
    "training.tokens=256",
    "training.dropout=0",
    "decoding.beam=1",
    "audit.sentences=4",
];

/// `mos-mt-small` with one supernet and its networks alone, in a small space.
pub const TRANSLATOR: &[&str] = &[
    "seeds=1",
    "methods=sandwich",
    "data.pairs=200",
    "space.encoder_widths=8,12",
    "space.encoder_ffn=8,16",
    "space.encoder_heads=1,2",
    "space.decoder_widths=8,12",
    "space.decoder_ffn=8,16",
    "space.decoder_heads=1,2",
    "space.cross_heads=1,2",
    "space.inner=8",
    "audit.standalones=1",
    "audit.sentences=3",
];

/// The record of a run.
pub fn record(run: &Path) -> Vec<u8> {
    std::fs::read(run.join("events.jsonl")).expect("the run is complete")
}
