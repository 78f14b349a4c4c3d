//! What does not belong together, from outside: files of two exports, checkpoints of two runs, and devices that are not there.
//! Each is refused by name, and nothing is changed or begun.

mod cli_harness;

use std::path::Path;

use cli_harness::{TINY_TRANSLATOR, checkpoints, copy, digest, last_line, refused, run, succeeded};

const USAGE: i32 = 2;
const DATA: i32 = 5;
const CHECKPOINT: i32 = 6;

/// Packs a corpus with so large a vocabulary, trains on it in `NAME-run`, and exports a sub-network as `NAME`.
fn exported(place: &Path, name: &str, vocabulary: &str, inner: &str) {
    let words = ["one", "two", "three", "four", "five", "six", "seven", "eight"];
    let sentence = |index: usize| (0..3 + index % 4).map(move |at| words[(index * 3 + at * 5) % 8]);
    for (part, from, count) in [("train", 0, 60), ("validation", 60, 8), ("test", 68, 8)] {
        let line = |index: usize| sentence(index).collect::<Vec<_>>().join(" ") + "\n";
        let source: String = (from..from + count).map(line).collect();
        std::fs::write(place.join(format!("{part}.en")), &source).expect("writable");
        std::fs::write(place.join(format!("{part}.de")), source.to_uppercase()).expect("writable");
    }
    let pairs = format!("{name}.pairs");
    let packing =
        "data pack --train train.en train.de --validation validation.en validation.de --test test.en test.de";
    let more = ["--vocabulary", vocabulary, "--out", &pairs];
    succeeded(run(place, &packing.split(' ').chain(more).collect::<Vec<_>>()));
    let (out, inner) = (format!("{name}-run"), format!("space.inner={inner}"));
    let sets = TINY_TRANSLATOR.iter().copied().chain([inner.as_str()]).flat_map(|set| ["--set", set]);
    let training = ["run", "mos-mt", "--data", &pairs, "--out", &out, "--quiet"];
    succeeded(run(place, &training.into_iter().chain(sets).collect::<Vec<_>>()));
    succeeded(run(place, &["export", &out, "--architecture", "e12-16x2-d8-8x2x2x1", "--out", name]));
}

#[test]
fn files_of_two_exports_and_checkpoints_of_two_runs_do_not_go_together() {
    let folder = tempfile::tempdir().expect("a temporary directory");
    let place = folder.path();
    exported(place, "first", "300", "8");
    exported(place, "other", "290", "16");
    let endings = ["safetensors", "json", "words.json", "tokenizer.json"];
    let translate = ["translate", "mixed", "--text", "one two"];
    let whole = || {
        for ending in endings {
            let (from, to) = (place.join(format!("first.{ending}")), place.join(format!("mixed.{ending}")));
            std::fs::copy(from, to).expect("it was exported");
        }
    };
    for (ending, expected, words) in [
        ("words.json", DATA, ["mixed.words.json", "290 words, but the network knows 300"]),
        ("tokenizer.json", DATA, ["mixed.tokenizer.json", "cuts text into other words"]),
        (
            "safetensors",
            CHECKPOINT,
            ["mixed.safetensors", "tensor `embedding` has shape [290, 12], not [300, 12]"],
        ),
        ("json", DATA, ["mixed.words.json", "300 words, but the network knows 290"]),
    ] {
        whole();
        std::fs::copy(place.join(format!("other.{ending}")), place.join(format!("mixed.{ending}")))
            .expect("there");
        refused(place, &translate, expected, &words);
        std::fs::remove_file(place.join(format!("mixed.{ending}"))).expect("it is there");
        refused(place, &translate, DATA, &[&format!("cannot read mixed.{ending}")]);
    }
    whole();
    let described = std::fs::read_to_string(place.join("first.json")).expect("text");
    for (from, to, expected) in [
        ("\"heads\": 2", "\"heads\": 3", "3 heads do not share the width of 8 evenly"),
        ("\"heads\": 2", "\"heads\": 0", "`space.encoder_heads`"),
        ("\"attend\": 1", "\"attend\": 2", "cannot attend to 2 encoder layers"),
        (
            "\"inner\": 8",
            "\"inner\": 18446744073709551608",
            "tensor `encoder.0.attention.query.weight` has shape",
        ),
        ("\"network\": \"transformer\"", "\"network\": \"abacus\"", "describes a network `abacus`"),
    ] {
        let changed = described.replacen(from, to, 1);
        assert_ne!(changed, described, "`{from}` stands in {described}");
        std::fs::write(place.join("mixed.json"), changed).expect("writable");
        refused(place, &translate, CHECKPOINT, &["mixed", expected]);
    }
    std::fs::write(place.join("mixed.json"), &described).expect("writable");
    succeeded(run(place, &translate));

    // The runs: weights, data and a specification of the other one.
    std::fs::remove_file(place.join("first-run/events.jsonl")).expect("the run was complete");
    for file in ["checkpoints/supernet~sandwich~seed-0.safetensors", "data.pairs", "experiment.toml"] {
        let mixed = place.join("mixed-run");
        copy(&place.join("first-run"), &mixed);
        let file = match mixed.join(file).exists() {
            true => mixed.join(file),
            false => checkpoints(&mixed)
                .into_iter()
                .map(|path| path.with_extension("safetensors"))
                .find(|path| path.exists())
                .expect("a supernet keeps its weights"),
        };
        let relative = file.strip_prefix(&mixed).expect("it lies below");
        std::fs::copy(place.join("other-run").join(relative), &file).expect("both have it");
        let name = file.file_name().and_then(|name| name.to_str()).expect("a plain name");
        let (expected, words) = match name {
            "data.pairs" => (DATA, ["data.pairs", "not the file that the run began with"]),
            "experiment.toml" => {
                (CHECKPOINT, ["Delete this file", "another experiment than `experiment.toml`"])
            }
            weights => (CHECKPOINT, ["Delete this file", weights]),
        };
        refused(place, &["resume", "mixed-run"], expected, &words);
        std::fs::remove_dir_all(&mixed).expect("removable");
    }
    succeeded(run(place, &["resume", "first-run", "--quiet"]));
}

#[test]
fn devices_that_are_not_built_in_are_refused_wherever_one_is_named() {
    let folder = tempfile::tempdir().expect("a temporary directory");
    let place = folder.path();
    let doctor = last_line(&succeeded(run(place, &["doctor", "--json"])));
    let built_for = |kind: &str| {
        let found = doctor["built_for"].as_array().expect("a list");
        found.iter().any(|built| built == kind)
    };
    copy(cli_harness::reference(), &place.join("run"));
    std::fs::remove_file(place.join("run/events.jsonl")).expect("the run was complete");
    let environment = place.join("run/environment.json");
    let text = std::fs::read_to_string(&environment).expect("it is there");
    for (device, kind) in
        [("ndarray", "ndarray"), ("wgpu", "wgpu"), ("cuda:1", "cuda"), ("remote:ws://127.0.0.1:1", "remote")]
    {
        if built_for(kind) {
            continue;
        }
        let words = ["built without it", &format!("--features {kind}")];
        refused(place, &["run", "mos-tiny", "--device", device], USAGE, &words);
        refused(place, &["translate", "nothing", "--text", "a", "--device", device], USAGE, &words);
        refused(place, &["serve-device", "--device", device], USAGE, &words);
        let changed = text.replace("\"device\": \"flex\"", &format!("\"device\": \"{device}\""));
        assert_ne!(changed, text);
        std::fs::write(&environment, changed).expect("writable");
        refused(
            place,
            &["resume", "run"],
            DATA,
            &["environment.json", "its device cannot be used", words[0]],
        );
    }
    assert!(!place.join("runs").exists());
    std::fs::write(&environment, &text).expect("writable");
    succeeded(run(place, &["resume", "run", "--quiet"]));
    assert_eq!(digest(&place.join("run")), digest(cli_harness::reference()));
}
