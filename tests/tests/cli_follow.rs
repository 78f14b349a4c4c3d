//! `switchyard play --follow` and `--tui` from outside: what is shown of a run under way, and what is refused.

mod cli_harness;

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::Child;
use std::time::{Duration, Instant};

use cli_harness::{code, errors, reference, run, snapshot, start, succeeded, text, tiny, unfinished};

const USAGE: i32 = 2;
const DATA: i32 = 5;

/// A running `switchyard play --follow`, ended with the test.
struct Following {
    program: Child,
    url: String,
}

impl Following {
    fn start(place: &Path, directory: &str) -> Self {
        let mut program = start(place, &["play", "--follow", directory, "--port", "0"]);
        let output = program.stdout.take().expect("the output is kept");
        let mut url = String::new();
        BufReader::new(output).read_line(&mut url).expect("the address is written");
        Self { program, url: url.trim_end().to_owned() }
    }

    fn host(&self) -> &str {
        self.url.trim_start_matches("http://").split('/').next().expect("a host")
    }

    fn ask(&self, target: &str, host: &str) -> (String, String) {
        let mut stream = TcpStream::connect(self.host()).expect("the server listens");
        write!(stream, "GET {target} HTTP/1.1\r\nHost: {host}\r\n\r\n").expect("the server reads");
        let mut answer = String::new();
        stream.read_to_string(&mut answer).expect("the server answers in UTF-8");
        let (head, body) = answer.split_once("\r\n\r\n").expect("a head");
        (head.to_owned(), body.to_owned())
    }

    fn get(&self, target: &str) -> (String, String) {
        self.ask(target, self.host())
    }

    fn content(&self) -> String {
        let (head, body) = self.get("/follow/content.html");
        assert!(head.starts_with("HTTP/1.1 200 OK"), "{head}");
        body
    }
}

impl Drop for Following {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.program.kill();
        let _ = self.program.wait();
    }
}

/// What the file of a run under way holds after its first steps.
const LIVE: &str = r#"{"schema_version":1,"event":"live","process":1,"at":1}
{"schema_version":1,"event":"stage","name":"supernets","tasks":2}
{"schema_version":1,"event":"task-started","task":"sandwich/seed-0","steps":60}
{"schema_version":1,"event":"scalar","task":"sandwich/seed-0","step":30,"name":"train_loss","value":0.75}
{"schema_version":1,"event":"moment","seconds":2.0,"steps":{"sandwich/seed-0":30}}
"#;

/// A run that is not complete and whose file of news is as given.
fn under_way(live: &str) -> (tempfile::TempDir, PathBuf) {
    let place = unfinished();
    let file = place.path().join("run/live.jsonl");
    std::fs::write(&file, live).expect("writable");
    (place, file)
}

#[test]
fn a_run_under_way_is_shown_and_its_unfinished_line_is_waited_for() {
    let (place, file) = under_way(&format!("{LIVE}{{\"event\":\"warning\",\"te"));
    let following = Following::start(place.path(), "run");
    assert!(following.url.ends_with("/follow/"), "{}", following.url);
    let content = following.content();
    for part in [
        "data-state=\"running\"",
        "Following <code>run</code>",
        "Under way: supernets",
        "30 of 60",
        "15.0",
        "train loss",
    ] {
        assert!(content.contains(part), "`{part}` is missing in {content}");
    }
    assert!(content.contains("<svg") && !content.contains("Before you believe it"), "{content}");
    std::fs::write(&file, format!("{LIVE}{{\"event\":\"warning\",\"text\":\"A control fails.\"}}\n"))
        .expect("writable");
    assert!(following.content().contains("A control fails."));
    let interrupted = r#"{"schema_version":1,"event":"interrupted","error":"go on with `resume`"}"#;
    // Another process went on with the run, and was stopped.
    std::fs::write(&file, LIVE.replace("\"at\":1", "\"at\":2") + interrupted + "\n").expect("writable");
    let content = following.content();
    assert!(content.contains("data-state=\"stopped\"") && !content.contains("A control fails."), "{content}");
}

#[test]
fn a_complete_run_is_shown_as_its_report() {
    let place = tempfile::tempdir().expect("a temporary directory");
    let run_directory = reference().to_str().expect("a plain path");
    let following = Following::start(place.path(), run_directory);
    let content = following.content();
    assert!(content.contains("data-state=\"complete\""), "{content}");
    let report = std::fs::read_to_string(reference().join("report.html")).expect("the report is there");
    let sections =
        &report[report.find("<section").expect("sections")..report.find("</main>").expect("an end")];
    assert!(content.contains(sections), "the page shows the sections of the report");
}

#[test]
fn a_real_run_is_followed_to_its_end() {
    let place = tempfile::tempdir().expect("a temporary directory");
    let mut runner = start(place.path(), &tiny(&["--out", "run", "--threads", "1"]));
    let began = Instant::now();
    while !place.path().join("run/experiment.toml").is_file() {
        assert!(began.elapsed() < Duration::from_secs(60), "no run after a minute");
        std::thread::sleep(Duration::from_millis(2));
    }
    let following = Following::start(place.path(), "run");
    let mut states = Vec::new();
    while states.last().map(String::as_str) != Some("complete") {
        assert!(began.elapsed() < Duration::from_secs(120), "{states:?}");
        let content = following.content();
        let (_, rest) = content.split_once("data-state=\"").expect("a state");
        states.push(rest.split('"').next().expect("a word").to_owned());
        std::thread::sleep(Duration::from_millis(20));
    }
    assert!(states.iter().all(|state| state == "running" || state == "complete"), "{states:?}");
    assert!(runner.wait().expect("it ends").success());
    assert!(!place.path().join("run/live.jsonl").exists(), "a complete run keeps its record only");
}

#[test]
fn following_changes_nothing_in_the_run_directory() {
    let (place, _) = under_way(LIVE);
    let before = snapshot(place.path());
    let following = Following::start(place.path(), "run");
    for _ in 0..3 {
        following.content();
    }
    drop(following);
    assert_eq!(snapshot(place.path()), before);
    succeeded(run(place.path(), &["resume", "run", "--quiet"]));
    assert_eq!(cli_harness::digest(&place.path().join("run")), cli_harness::digest(reference()));
}

#[test]
fn only_the_page_is_served_and_only_to_this_machine() {
    let (place, _) = under_way(LIVE);
    let following = Following::start(place.path(), "run");
    let (head, body) = following.get("/follow/");
    assert!(head.contains("200 OK") && body.contains("follow.js"), "{head}");
    assert!(head.contains("Content-Security-Policy: default-src 'none';"), "{head}");
    for (target, media) in [("/follow/follow.js", "text/javascript"), ("/follow/follow.css", "text/css")] {
        let (head, _) = following.get(target);
        assert!(head.contains("200 OK") && head.contains(media), "{target}: {head}");
    }
    assert!(following.get("/follow").0.contains("Location: /follow/"));
    for target in [
        "/follow/../..",
        "/follow/../../etc/passwd",
        "/follow/%2e%2e/%2e%2e/etc/passwd",
        "/follow/experiment.toml",
        "/follow/events.jsonl",
        "/follow//etc/passwd",
        "/follow/content.html/..",
        "/live.jsonl",
        "/",
    ] {
        assert!(following.get(target).0.starts_with("HTTP/1.1 404 "), "{target}");
    }
    for target in ["/follow/", "/follow/content.html"] {
        let (head, body) = following.ask(target, "rebound.example.org");
        assert!(head.starts_with("HTTP/1.1 403 ") && !body.contains("supernets"), "{target}: {head}");
    }
}

/// Expects a refusal: this exit code, this word, no output, nothing written.
fn refused(arguments: &[&str], expected: i32, word: &str) {
    let place = tempfile::tempdir().expect("a temporary directory");
    let output = run(place.path(), arguments);
    assert_eq!(code(&output), Some(expected), "{arguments:?}: {}", errors(&output));
    assert!(errors(&output).contains(word), "{arguments:?}: {}", errors(&output));
    assert_eq!(text(&output), "", "{arguments:?}");
    assert_eq!(snapshot(place.path()).len(), 0, "{arguments:?}");
}

#[test]
fn a_directory_that_is_no_run_is_not_followed() {
    refused(&["play", "--follow", "runs/nowhere"], DATA, "no such directory");
    refused(&["play", "--follow", "."], DATA, "experiment.toml");
    refused(&["play", "mos-tiny", "--follow", "."], USAGE, "cannot be used with");
}

#[test]
fn a_dashboard_without_a_terminal_is_refused() {
    refused(&["run", "mos-tiny", "--tui"], USAGE, "terminal");
    refused(&["resume", "--tui"], USAGE, "terminal");
    refused(&["--tui"], USAGE, "terminal");
    refused(&["labs", "--tui"], USAGE, "`run` and `resume`");
    refused(&["run", "mos-tiny", "--tui", "--quiet"], USAGE, "--quiet");
    let place = tempfile::tempdir().expect("a temporary directory");
    let output = run(place.path(), &["run", "mos-tiny", "--tui", "--json"]);
    assert_eq!((code(&output), snapshot(place.path()).len()), (Some(USAGE), 0));
    assert!(cli_harness::last_line(&output)["error"].as_str().is_some_and(|error| error.contains("--tui")));
}
