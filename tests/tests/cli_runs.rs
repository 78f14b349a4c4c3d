//! Whole runs, from outside: output, exit codes, replay, killing and going on.

mod cli_harness;

use std::collections::BTreeSet;
use std::io::{BufRead as _, BufReader, Read as _};
use std::path::Path;
use std::process::Stdio;
use std::time::{Duration, Instant};

use cli_harness::{
    TINY, checkpoints, code, command, digest, errors, json_lines, last_line, reference, run, start,
    succeeded, text, tiny,
};
use serde_json::Value;

fn place() -> tempfile::TempDir {
    tempfile::tempdir().expect("a temporary directory")
}

#[test]
fn the_last_line_of_a_run_holds_digest_verdict_link_and_report() {
    let directory = place();
    let output = succeeded(run(directory.path(), &tiny(&["--json"])));
    for line in json_lines(&output) {
        assert_eq!(line["schema_version"], 1, "{line}");
        assert!(line["event"].is_string(), "{line}");
    }
    let last = last_line(&output);
    let found = last["digest"].as_str().expect("a digest");
    assert!(found.len() == 64 && found.bytes().all(|byte| byte.is_ascii_hexdigit()), "{found}");
    assert_eq!(last["exit_code"], 0);
    let words = ["supported", "contradicted", "not-supported", "inconclusive"];
    assert!(last["verdict"].as_str().is_some_and(|verdict| words.contains(&verdict)), "{last}");
    assert!(last["link"].as_str().is_some_and(|link| link.starts_with("#v=1&run=mos-tiny")), "{last}");
    let made = Path::new(last["directory"].as_str().expect("a directory"));
    assert_eq!(made, Path::new("runs").join("mos-tiny-0-1"));
    let made = directory.path().join(made);
    let report = std::fs::read_to_string(directory.path().join(last["report"].as_str().expect("a report")))
        .expect("the report is there");
    assert!(report.contains("<html") && !report.contains("src=\"http"), "one self-contained page");
    for name in ["experiment.toml", "environment.json", "events.jsonl"] {
        assert!(made.join(name).is_file(), "{name}");
    }
    let environment = std::fs::read(made.join("environment.json")).expect("it can be read");
    let environment: Value = serde_json::from_slice(&environment).expect("JSON");
    assert_eq!(environment["build_id"], switchyard::BUILD);
    assert!(!checkpoints(&made).is_empty());
    assert_eq!(found, digest(reference()), "two runs of the same experiment have the same digest");
    assert!(errors(&output).contains("tasks ·"), "progress goes to standard error: {}", errors(&output));
}

#[test]
fn a_second_run_gets_its_own_directory_and_its_link_replays_it() {
    let directory = place();
    let first = last_line(&succeeded(run(directory.path(), &tiny(&["--json", "--quiet", "--seed", "3"]))));
    let link = first["link"].as_str().expect("a link");
    let again = last_line(&succeeded(run(directory.path(), &["run", link, "--json", "--quiet"])));
    assert_eq!(again["digest"], first["digest"]);
    assert_eq!(again["replay"], "exact");
    assert_eq!(first["directory"], "runs/mos-tiny-3-1");
    assert_eq!(again["directory"], "runs/mos-tiny-3-2");
    let toml = format!("{}/experiment.toml", first["directory"].as_str().expect("a directory"));
    let third = last_line(&succeeded(run(directory.path(), &["run", &toml, "--json", "--quiet"])));
    assert_eq!(third["digest"], first["digest"], "the written specification is the whole specification");
}

#[test]
fn the_record_does_not_depend_on_the_number_of_threads() {
    let directory = place();
    let events = |threads: &str| {
        let arguments = [&["run"], TINY, &["--quiet", "--out", threads, "--threads", threads]].concat();
        succeeded(run(directory.path(), &arguments));
        std::fs::read(directory.path().join(threads).join("events.jsonl")).expect("the run is complete")
    };
    assert_eq!(events("1"), events("3"));
}

#[test]
fn a_reader_that_goes_away_is_no_error() {
    let directory = place();
    for arguments in [tiny(&["--json"]), vec!["labs"], vec!["--help"], vec!["completions", "bash"]] {
        let mut child = start(directory.path(), &arguments);
        let mut first = String::new();
        let mut reader = BufReader::new(child.stdout.take().expect("piped"));
        reader.read_line(&mut first).expect("a line");
        assert!(!first.is_empty(), "{arguments:?}");
        drop(reader);
        let output = child.wait_with_output().expect("it ends");
        assert_eq!(code(&output), Some(0), "{arguments:?}: {}", errors(&output));
        assert!(!errors(&output).contains("error") && !errors(&output).contains("panicked"));
    }
}

#[test]
fn labs_doctor_link_and_exit_codes_speak_json() {
    let directory = place();
    let answer = |arguments: &[&str]| {
        let lines = json_lines(&succeeded(run(directory.path(), arguments)));
        assert_eq!(lines.len(), 1, "{arguments:?} is one object");
        assert_eq!(lines[0]["schema_version"], 1);
        lines[0].clone()
    };
    let labs = answer(&["labs", "--json"]);
    assert_eq!(labs["build_id"], switchyard::BUILD);
    let presets = labs["presets"].as_array().expect("a list");
    for name in ["mos-digits", "mos-t1"] {
        let preset = presets.iter().find(|preset| preset["name"] == name).expect("the preset is listed");
        for key in ["lab", "summary", "claim", "duration"] {
            assert!(preset[key].as_str().is_some_and(|text| !text.is_empty()), "{name}: {key}");
        }
        let fields = answer(&["labs", name, "--json"]);
        assert!(fields["fields"].as_array().is_some_and(|fields| !fields.is_empty()));
    }
    let routers = answer(&["routers", "--json"]);
    assert!(routers["routers"].as_array().is_some_and(|routers| {
        routers.len() > 20
            && routers.iter().all(|router| router["pitfall"].as_str().is_some_and(|text| !text.is_empty()))
    }));
    let doctor = answer(&["doctor", "--json"]);
    assert_eq!(doctor["build_id"], switchyard::BUILD);
    assert!(doctor["cores"].as_u64().is_some_and(|cores| cores > 0));
    assert!(doctor["devices"].as_array().is_some_and(|devices| devices.contains(&Value::from("flex"))));
    let link = answer(&["link", "mos-digits", "--seed", "7", "--json"]);
    assert_eq!(link["link"], "#v=1&run=mos-digits&seed=7");
    assert_eq!(answer(&["exit-codes", "--json"])["exit_codes"].as_array().map(Vec::len), Some(8));
}

#[test]
fn links_of_presets_files_and_run_directories_agree() {
    let directory = place();
    let link = |arguments: &[&str]| text(&succeeded(run(directory.path(), arguments)));
    let overrides = &TINY[1..];
    let run_directory = reference().to_str().expect("a plain path");
    let expected = link(&[&["link", TINY[0]], overrides].concat());
    assert!(expected.contains("seeds="), "{expected}");
    assert_eq!(link(&["link", run_directory]), expected);
    assert_eq!(link(&["link", &format!("{run_directory}/experiment.toml")]), expected);
    let whole = link(&["link", run_directory, "--base", "https://example.org/play/"]);
    assert_eq!(whole, format!("https://example.org/play/{expected}"));
}

#[test]
fn compare_tells_equal_from_different_runs() {
    let directory = place();
    succeeded(run(directory.path(), &tiny(&["--quiet", "--out", "same"])));
    succeeded(run(directory.path(), &tiny(&["--quiet", "--out", "other", "--seed", "9"])));
    let compared = |second: &str| {
        let first = reference().to_str().expect("a plain path");
        last_line(&succeeded(run(directory.path(), &["compare", first, second, "--json"])))
    };
    let same = compared("same");
    assert_eq!(same["digests_equal"], true);
    assert_eq!(same["specification"].as_array().map(Vec::len), Some(0));
    let other = compared("other");
    assert_eq!(other["digests_equal"], false);
    assert_eq!(other["specification"][0]["key"], "seed");
    let results = other["results"].as_array().expect("a list");
    assert!(results.iter().any(|row| row["difference"].as_f64().is_some_and(|difference| difference != 0.0)));
    let human = text(&succeeded(run(directory.path(), &["compare", "same", "other"])));
    for part in ["Specification", "seed", "Results", "digests  differ"] {
        assert!(human.contains(part), "`{part}` is missing in {human}");
    }
}

#[test]
fn the_report_can_be_made_again() {
    let directory = place();
    let copy = directory.path().join("run");
    cli_harness::copy(reference(), &copy);
    let report = copy.join("report.html");
    let before = std::fs::read(&report).expect("the report is there");
    std::fs::remove_file(&report).expect("it was there");
    succeeded(run(directory.path(), &["report", "run"]));
    assert_eq!(std::fs::read(&report).expect("it is there again"), before);
}

#[test]
fn a_trained_sub_network_is_exported_and_never_overwritten() {
    let directory = place();
    let run_directory = reference().to_str().expect("a plain path");
    let arguments = |method: &'static str| {
        ["export", run_directory, "--architecture", "w16-relu-f24.24.24", "--method", method, "--json"]
    };
    for method in ["sandwich", "layer-wise"] {
        let answer = last_line(&succeeded(run(directory.path(), &arguments(method))));
        let read = |key: &str| {
            let name = answer[key].as_str().expect("a path");
            std::fs::read(directory.path().join(name)).expect("the file was written")
        };
        let description: Value = serde_json::from_slice(&read("description")).expect("JSON");
        assert_eq!(description["network"], "residual-mlp");
        // A safetensors file is the length of its header, the header, and four bytes for each number.
        let weights = read("weights");
        let header = u64::from_le_bytes(weights[..8].try_into().expect("eight bytes"));
        let numbers = (weights.len() as u64 - 8 - header) / 4;
        assert_eq!(description["parameters"].as_u64(), Some(numbers), "{method}");
    }
    let before = cli_harness::snapshot(directory.path());
    let again = run(directory.path(), &arguments("sandwich"));
    assert_eq!(code(&again), Some(5), "{}", errors(&again));
    assert_eq!(cli_harness::snapshot(directory.path()), before);
}

#[test]
fn colours_come_only_where_they_are_wanted() {
    let directory = place();
    let coloured = |arguments: &[&str], refused: bool| {
        let mut command = command(directory.path(), arguments);
        if refused {
            command.env("NO_COLOR", "1");
        }
        let output = command.output().expect("the binary can be started");
        output.stdout.contains(&0x1b) || output.stderr.contains(&0x1b)
    };
    assert!(!coloured(&["labs"], false), "a pipe is no terminal");
    assert!(!coloured(&["labs"], true));
    assert!(coloured(&["labs", "--color", "always"], false));
    assert!(!coloured(&["run", "mos-digit"], false));
    assert!(coloured(&["run", "mos-digit", "--color", "always"], false));
    assert!(!coloured(&["labs", "--color", "never"], false));
}

#[test]
fn every_command_has_help_with_examples_in_both_lengths() {
    let directory = place();
    let commands = [
        "run",
        "resume",
        "record",
        "report",
        "compare",
        "export",
        "link",
        "labs",
        "serve-device",
        "doctor",
        "reproduce",
        "completions",
        "exit-codes",
    ];
    for command in commands {
        for flag in ["-h", "--help"] {
            let help = text(&succeeded(run(directory.path(), &[command, flag])));
            let examples = help.split("Examples:").nth(1).expect("help ends with examples");
            assert!(examples.matches(&format!("switchyard {command}")).count() >= 2, "{command} {flag}");
        }
    }
    let codes = text(&succeeded(run(directory.path(), &["help", "exit-codes"])));
    for number in ["0", "1", "2", "3", "4", "5", "6", "130"] {
        assert!(codes.lines().any(|line| line.trim_start().starts_with(&format!("{number} "))), "{number}");
    }
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        assert!(text(&succeeded(run(directory.path(), &["completions", shell]))).contains("switchyard"));
    }
}

#[test]
fn quiet_writes_the_directory_and_nothing_else() {
    let directory = place();
    let output = succeeded(run(directory.path(), &tiny(&["--quiet"])));
    assert_eq!(text(&output), "runs/mos-tiny-0-1\n");
    assert_eq!(errors(&output), "");
}

#[test]
fn two_processes_do_not_work_in_one_directory() {
    let directory = place();
    let mut first = start(directory.path(), &tiny(&["--out", "run"]));
    wait_for_checkpoint(&directory.path().join("run"));
    let second = run(directory.path(), &["resume", "run"]);
    first.kill().expect("it can be killed");
    first.wait().expect("it ends");
    assert_eq!(code(&second), Some(5), "{}", errors(&second));
    assert!(errors(&second).contains("another process"), "{}", errors(&second));
}

fn wait_for_checkpoint(run_directory: &Path) {
    let started = Instant::now();
    while checkpoints(run_directory).is_empty() {
        assert!(started.elapsed() < Duration::from_secs(60), "no checkpoint after a minute");
        std::thread::sleep(Duration::from_millis(2));
    }
}

#[cfg(unix)]
#[test]
fn ctrl_c_saves_says_how_to_go_on_and_exits_130() {
    let directory = place();
    let child = start(directory.path(), &tiny(&["--out", "run", "--json", "--threads", "1"]));
    let run_directory = directory.path().join("run");
    wait_for_checkpoint(&run_directory);
    let sent = std::process::Command::new("kill").args(["-INT", &child.id().to_string()]).status();
    assert!(sent.expect("`kill` can be started").success());
    let output = child.wait_with_output().expect("it ends");
    assert_eq!(code(&output), Some(130), "{}", errors(&output));
    assert!(errors(&output).contains("switchyard resume run"), "{}", errors(&output));
    let last = last_line(&output);
    assert_eq!((&last["event"], &last["exit_code"]), (&Value::from("interrupted"), &Value::from(130)));
    assert!(!checkpoints(&run_directory).is_empty() && !run_directory.join("events.jsonl").exists());
    let again = last_line(&succeeded(run(directory.path(), &["resume", "run", "--json"])));
    assert_eq!(again["digest"].as_str(), Some(digest(reference()).as_str()));
}

#[test]
fn resume_without_a_name_takes_the_newest_unfinished_run() {
    let directory = place();
    succeeded(run(directory.path(), &tiny(&["--quiet"])));
    let unfinished = directory.path().join("runs/mos-tiny-0-1");
    std::fs::remove_file(unfinished.join("events.jsonl")).expect("the run is complete");
    let kept = last_line(&succeeded(run(directory.path(), &["resume", "--json"])));
    assert_eq!(kept["directory"], "runs/mos-tiny-0-1");
    assert_eq!(code(&run(directory.path(), &["resume"])), Some(4), "then there is nothing left to do");
}

/// Numbers that are the same for the same seed (SplitMix64).
struct Moments(u64);

impl Moments {
    fn next(&mut self) -> f64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut bits = self.0;
        bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((bits ^ (bits >> 31)) >> 11) as f64 / (1_u64 << 53) as f64
    }
}

/// Starts, waits, kills without warning.
fn kill_after(directory: &Path, arguments: &[&str], moment: Duration) {
    let mut child = command(directory, arguments)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .expect("the binary can be started");
    std::thread::sleep(moment);
    child.kill().expect("it can be killed, also when it has ended");
    child.wait().expect("it ends");
}

#[test]
fn a_run_killed_at_ten_random_moments_ends_with_the_same_digest() {
    let seed = std::env::var("SWITCHYARD_KILL_SEED").ok().and_then(|text| text.parse().ok()).unwrap_or(1);
    println!("moments of SWITCHYARD_KILL_SEED={seed}");
    let mut moments = Moments(seed);
    let expected_events = std::fs::read(reference().join("events.jsonl")).expect("the run is complete");
    let directory = place();
    let started = Instant::now();
    succeeded(run(directory.path(), &tiny(&["--quiet", "--out", "timed"])));
    let whole = started.elapsed();
    let mut stages = BTreeSet::new();
    for number in 0..10 {
        let name = format!("killed-{number}");
        let run_directory = directory.path().join(&name);
        let arguments = [&["run"], TINY, &["--out", &name, "--save-every", "0"]].concat();
        let moment = whole.mul_f64(moments.next());
        kill_after(directory.path(), &arguments, moment);
        let kept = checkpoints(&run_directory).len();
        println!("killed after {moment:?} of {whole:?} with {kept} tasks finished");
        if run_directory.join("events.jsonl").exists() {
            stages.insert("complete");
        } else if run_directory.join("experiment.toml").exists() {
            stages.insert(if kept > 0 { "under way" } else { "begun" });
            // Killed once more while it goes on.
            let again = ["resume", &name, "--save-every", "0"];
            kill_after(directory.path(), &again, whole.mul_f64(moments.next() / 2.0));
        } else {
            stages.insert("unborn");
            succeeded(run(directory.path(), &[arguments.as_slice(), &["--quiet"]].concat()));
        }
        if !run_directory.join("events.jsonl").exists() {
            succeeded(run(directory.path(), &["resume", &name, "--quiet"]));
        }
        assert_eq!(digest(&run_directory), digest(reference()), "run {number}");
        let events = std::fs::read(run_directory.join("events.jsonl")).expect("the run is complete");
        assert_eq!(events, expected_events, "run {number}: the record is the same too");
        let left = cli_harness::snapshot(&run_directory);
        let is_left = |path: &Path| path.extension().is_some_and(|end| end == "partial" || end == "halfway");
        assert!(!left.keys().any(|path| is_left(path)), "no leftovers: {:?}", left.keys());
    }
    assert!(stages.contains("under way"), "no moment fell into the run: {stages:?}");
}

#[test]
fn without_arguments_the_main_preset_runs() {
    let directory = place();
    let mut child = start(directory.path(), &[]);
    wait_for_directory(&directory.path().join("runs/mos-digits-0-1/experiment.toml"));
    child.kill().expect("it can be killed");
    let mut output = String::new();
    child.stdout.take().expect("piped").read_to_string(&mut output).expect("UTF-8");
    child.wait().expect("it ends");
    assert_eq!(output, "", "results come at the end");
}

fn wait_for_directory(path: &Path) {
    let started = Instant::now();
    while !path.exists() {
        assert!(started.elapsed() < Duration::from_secs(60), "no {} after a minute", path.display());
        std::thread::sleep(Duration::from_millis(2));
    }
}
