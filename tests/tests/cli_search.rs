//! Latency and search from outside: sub-networks are timed, a trained supernet is searched under a limit, a search that was
//! stopped ends as one that was not, and what does not fit together is refused with nothing lost.

mod cli_harness;

use std::path::Path;
use std::sync::OnceLock;

use cli_harness::{code, errors, last_line, refused, run, sets, start, succeeded};

const USAGE: i32 = 2;
const DATA: i32 = 5;
const INTERRUPTED: i32 = 130;

/// A space of 64 networks, trained for two steps.
const FIELDS: &[&str] = &[
    "data.pairs=100",
    "space.encoder_widths=8,12",
    "space.encoder_layers=1",
    "space.encoder_ffn=8,16",
    "space.encoder_heads=2",
    "space.decoder_widths=8,12",
    "space.decoder_layers=1,2",
    "space.decoder_ffn=8,16",
    "space.decoder_heads=2",
    "space.cross_heads=2",
    "space.attend=1",
    "space.inner=8",
];

const TRAINING: &[&str] = &[
    "seeds=1",
    "methods=sandwich",
    "training.steps=2",
    "audit.architectures=2",
    "audit.bands=1",
    "audit.standalones=1",
    "audit.sentences=4",
];

/// A folder with a trained supernet in `run`, made once.
fn trained() -> &'static Path {
    static FOLDER: OnceLock<tempfile::TempDir> = OnceLock::new();
    FOLDER
        .get_or_init(|| {
            let folder = tempfile::tempdir().expect("a temporary directory");
            let arguments =
                [vec!["run", "mos-mt-small", "--quiet", "--out", "run"], sets(FIELDS), sets(TRAINING)];
            succeeded(run(folder.path(), &arguments.concat()));
            folder
        })
        .path()
}

fn searching<'a>(out: &'a str, more: &[&'a str]) -> Vec<&'a str> {
    let some = "search run --evaluations 60 --seeds 3 --population 10 --sentences 5 --json --out";
    some.split(' ').chain([out]).chain(more.iter().copied()).collect()
}

#[test]
fn networks_are_measured_once_and_predictors_judged() {
    let folder = tempfile::tempdir().expect("a temporary directory");
    let place = folder.path();
    let measuring = |samples: &'static str| {
        let some =
            "latency mos-mt-small --json --repeats 3 --warm-up 1 --source-words 4 --target-words 3 --samples";
        [some.split(' ').collect(), vec![samples], sets(FIELDS)].concat()
    };
    succeeded(run(place, &measuring("12")));
    let before = std::fs::read_to_string(place.join("latency.jsonl")).expect("it was written");
    let measured = last_line(&succeeded(run(place, &measuring("20"))));
    assert_eq!(measured["samples"], 20);
    let rows = measured["predictors"]["rows"].as_array().expect("a table");
    assert_eq!(rows.len(), 5, "{measured}");
    let times: Vec<f64> =
        measured["milliseconds"].as_array().expect("three").iter().filter_map(|t| t.as_f64()).collect();
    assert!(times.len() == 3 && times[0] > 0.0 && times[0] <= times[1] && times[1] <= times[2], "{times:?}");
    let after = std::fs::read_to_string(place.join("latency.jsonl")).expect("it is there");
    assert!(after.starts_with(&before), "what was measured stays");
    let architectures: std::collections::BTreeSet<String> = after
        .lines()
        .filter_map(|line| {
            serde_json::from_str::<serde_json::Value>(line).ok()?["architecture"].as_str().map(str::to_owned)
        })
        .collect();
    assert_eq!(architectures.len(), 20, "all differ");
    let other = [measuring("20"), vec!["--repeats", "4"]].concat();
    refused(place, &other, USAGE, &["--repeats"]);
    let other =
        measuring("20").into_iter().map(|word| if word == "3" { "4" } else { word }).collect::<Vec<_>>();
    refused(place, &other, DATA, &["latency.jsonl", "`conditions.repeats` 3, but now it is 4"]);
    // Another space has other networks.
    let wider = [&["search", "run", "--latency", "latency.jsonl"][..]].concat();
    cli_harness::copy(&trained().join("run"), &place.join("run"));
    let text = after.replace("vocabulary ", "vocabulary 1");
    std::fs::write(place.join("latency.jsonl"), text).expect("writable");
    refused(place, &wider, DATA, &["latency.jsonl", "other networks"]);
    std::fs::write(place.join("latency.jsonl"), &after).expect("writable");
    let found = last_line(&succeeded(run(
        place,
        &searching(
            "found.jsonl",
            &["--latency", "latency.jsonl", "--predictor", "ridge", "--strategies", "random"],
        ),
    )));
    assert_eq!(found["tables"][0]["rows"].as_array().map(Vec::len), Some(3), "{found}");
}

#[test]
fn a_search_repeats_exactly_whatever_the_threads_and_wherever_it_was_stopped() {
    let folder = tempfile::tempdir().expect("a temporary directory");
    let place = folder.path();
    cli_harness::copy(trained(), place);
    let whole = last_line(&succeeded(run(place, &searching("whole.jsonl", &["--report", "found.html"]))));
    assert_eq!(whole["evaluations_asked"], 60 * 3 * 3, "{whole}");
    let made = whole["evaluations_made"].as_u64().expect("a count");
    assert!((10..=64).contains(&made), "each network is evaluated once: {made}");
    assert_eq!(
        whole["verdicts"].as_array().map(Vec::len),
        Some(4),
        "two strategies, a limit and a front each"
    );
    let page = std::fs::read_to_string(place.join("found.html")).expect("it was written");
    assert!(page.contains("evolution against random") && page.contains("<svg"));

    let single = last_line(&succeeded(run(place, &searching("single.jsonl", &["--threads", "1"]))));
    assert_eq!(single["digest"], whole["digest"]);
    // A file that ends in the middle of a line.
    let text = std::fs::read_to_string(place.join("whole.jsonl")).expect("it was written");
    std::fs::write(place.join("torn.jsonl"), &text[..text.len() / 2]).expect("writable");
    let resumed = last_line(&succeeded(run(place, &searching("torn.jsonl", &[]))));
    assert_eq!(resumed["digest"], whole["digest"]);
    assert!(resumed["evaluations_made"].as_u64().expect("a count") < made, "what is there is not done again");
    let again = last_line(&succeeded(run(place, &searching("whole.jsonl", &[]))));
    assert_eq!((again["evaluations_made"].as_u64(), &again["digest"]), (Some(0), &whole["digest"]));
}

#[test]
fn masked_language_models_are_timed_and_searched_alike() {
    let folder = tempfile::tempdir().expect("a temporary directory");
    let place = folder.path();
    let fields =
        ["seeds=1", "methods=sandwich", "training.steps=2", "audit.architectures=2", "audit.bands=1"];
    let more = ["audit.standalones=1", "data.sentences=200"];
    let training = ["run", "mos-bert-small", "--quiet", "--out", "run"];
    succeeded(run(place, &[training.to_vec(), sets(&fields), sets(&more)].concat()));
    let measuring = "latency run --samples 15 --repeats 3 --warm-up 1 --json";
    let measured = last_line(&succeeded(run(place, &measuring.split(' ').collect::<Vec<_>>())));
    assert_eq!(measured["header"]["conditions"]["target_words"], 0, "{measured}");
    let found = last_line(&succeeded(run(
        place,
        &searching("found.jsonl", &["--latency", "latency.jsonl", "--predictor", "ridge"]),
    )));
    let columns = found["tables"][0]["columns"].to_string();
    assert!(columns.contains("masked words right"), "{columns}");
    refused(place, &["latency", "run", "--target-words", "3", "--out", "b.jsonl"], USAGE, &["0 at most"]);
}

#[cfg(unix)]
#[test]
fn a_search_that_is_interrupted_says_how_to_go_on() {
    let folder = tempfile::tempdir().expect("a temporary directory");
    let place = folder.path();
    cli_harness::copy(trained(), place);
    let mut arguments = searching("found.jsonl", &["--threads", "1"]);
    arguments.retain(|word| *word != "--sentences" && *word != "5");
    let child = start(place, &arguments);
    // The file is there before the first evaluation.
    while !place.join("found.jsonl").exists() {
        std::thread::yield_now();
    }
    let asked = std::process::Command::new("kill").args(["-INT", &child.id().to_string()]).status();
    assert!(asked.is_ok_and(|status| status.success()));
    let output = child.wait_with_output().expect("it ends");
    // A machine may be quick enough to end first.
    if code(&output) == Some(INTERRUPTED) {
        assert!(errors(&output).contains("The same command goes on"), "{}", errors(&output));
    } else {
        succeeded(output);
    }
    succeeded(run(place, &arguments));
}

#[test]
fn what_does_not_fit_together_is_refused_with_what_would() {
    let folder = tempfile::tempdir().expect("a temporary directory");
    let place = folder.path();
    cli_harness::copy(trained(), place);
    refused(place, &["search", "nowhere"], DATA, &["nowhere", "no such directory"]);
    refused(place, &["search", "run", "--cost", "latency"], USAGE, &["switchyard latency run"]);
    refused(
        place,
        &["search", "run", "--limit", "1000"],
        USAGE,
        &["`--limit 1000` is below", "between them"],
    );
    refused(place, &["search", "run", "--limit", "-3"], USAGE, &["above 0"]);
    refused(place, &["search", "run", "--method", "layer-wise"], USAGE, &["layer-wise"]);
    refused(place, &["search", "run", "--supernet", "7"], USAGE, &["7"]);
    refused(place, &["search", "run", "--strategies", "evolutoin"], USAGE, &["evolution"]);
    refused(
        place,
        &["search", "run", "--latency", "run/experiment.toml"],
        DATA,
        &["experiment.toml", "line 1"],
    );
    refused(place, &["search", "run", "--out", "run/experiment.toml"], DATA, &["not made by this command"]);
    refused(place, &["latency", "mos-digits"], USAGE, &["mos-mt-small"]);
    succeeded(run(place, &searching("found.jsonl", &[])));
    let more = searching("found.jsonl", &["--mutation", "0.5"]);
    refused(place, &more, DATA, &["found.jsonl", "`mutation` null, but now it is 0.5"]);
    let text = std::fs::read_to_string(place.join("found.jsonl")).expect("it was written");
    std::fs::write(place.join("found.jsonl"), text + "{\"architecture\":\"e9\",\"loss\":1}\n")
        .expect("writable");
    refused(place, &searching("found.jsonl", &[]), DATA, &["found.jsonl", "line", "e640-"]);
}
