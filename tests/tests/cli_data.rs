//! Rows of the user's own, from outside: what is refused, and that a run on them can be repeated.

mod cli_harness;

use std::path::Path;

use cli_harness::{code, digest, errors, last_line, refused, run, succeeded, text};
use switchyard::data::OwnKind;
use switchyard::experiment::{Kind, Registry};

const USAGE: i32 = 2;
const DATA: i32 = 5;

fn place() -> tempfile::TempDir {
    tempfile::tempdir().expect("a temporary directory")
}

/// Two noisy classes of the plane, the class in the middle column.
fn table() -> String {
    let row = |index: u32| {
        let (angle, class) = (f64::from(index) * 0.7, index % 2);
        let radius = 0.4 + 0.5 * f64::from(class);
        let kind = if class == 0 { "inner" } else { "outer" };
        format!("{:.4},{kind},{:.4}\n", radius * angle.cos(), radius * angle.sin())
    };
    let rows: String = (0..160).map(row).collect();
    format!("x,kind,y\n{rows}")
}

/// A preset whose data can be the user's own, with few steps.
fn own() -> Option<Vec<&'static str>> {
    let registry = Registry::standard();
    let found = registry.presets().find(|(lab, _)| lab.own_data() == Some(OwnKind::Rows));
    let (_, preset) = found?;
    let steps = ["--set", "data.source=own", "--set", "training.steps=40"];
    Some([&[preset.name], steps.as_slice()].concat())
}

fn refused_in(directory: &Path, arguments: &[&str], expected: i32, words: &[&str]) {
    refused(directory, arguments, expected, words);
    assert!(!directory.join("runs").exists(), "{arguments:?} made a run directory");
}

#[test]
fn tables_that_cannot_be_used_name_file_line_and_column() {
    let directory = place();
    let place = directory.path();
    std::fs::write(place.join("rows.csv"), table()).expect("writable");
    std::fs::write(place.join("word.csv"), "x,y,kind\n1,2,a\n1,two,b\n").expect("writable");
    std::fs::write(place.join("short.csv"), "x,y,kind\n1,2,a\n1,b\n").expect("writable");
    std::fs::write(place.join("empty.csv"), "").expect("writable");
    let with = |file| ["run", "mos-tiny", "--data", file];
    refused_in(place, &with("word.csv"), DATA, &["word.csv", "line 3, column 2", "two"]);
    refused_in(place, &with("short.csv"), DATA, &["short.csv", "line 3"]);
    refused_in(place, &with("empty.csv"), DATA, &["empty.csv", "empty"]);
    refused_in(place, &with("missing.csv"), DATA, &["missing.csv"]);
    refused_in(place, &with("."), DATA, &["directory"]);
    let class = |name| ["run", "mos-tiny", "--data", "rows.csv", "--class", name];
    refused_in(place, &class("kinds"), USAGE, &["rows.csv", "kinds", "kind"]);
    refused_in(place, &["run", "mos-tiny", "--class", "kind"], USAGE, &["--data"]);
    refused_in(place, &class("kind"), USAGE, &["no data of your own"]);
}

#[test]
fn a_run_on_own_rows_can_be_repeated_resumed_and_reported() {
    let Some(own) = own() else {
        println!("no preset of this build takes rows of one's own");
        return;
    };
    let directory = place();
    let place = directory.path();
    std::fs::write(place.join("rows.csv"), table()).expect("writable");
    let without = [&["run"], own.as_slice()].concat();
    refused_in(place, &without, USAGE, &["data"]);
    let start = |out: &'static str| {
        let data = ["--data", "rows.csv", "--class", "kind", "--out", out, "--json", "--quiet"];
        last_line(&succeeded(run(place, &[&["run"], own.as_slice(), &data].concat())))
    };
    let first = start("first");
    assert_eq!(first["data"]["file"], "rows.csv");
    assert_eq!(first["data"]["rows"], 160);
    let kept = std::fs::read_to_string(place.join("first/data.csv")).expect("the rows are kept");
    assert_eq!(kept, table());
    let again = start("again");
    assert_eq!(again["digest"], first["digest"]);

    // The original file is no longer needed.
    std::fs::remove_file(place.join("rows.csv")).expect("it was there");
    std::fs::remove_file(place.join("again/events.jsonl")).expect("the run was complete");
    std::fs::remove_file(cli_harness::checkpoints(&place.join("again")).swap_remove(0))
        .expect("a checkpoint");
    let resumed = last_line(&succeeded(run(place, &["resume", "again", "--json", "--quiet"])));
    assert_eq!(resumed["digest"], first["digest"]);
    assert_eq!(digest(&place.join("again")), digest(&place.join("first")));
    let report = place.join("first/report.html");
    let before = std::fs::read(&report).expect("the report is there");
    std::fs::remove_file(&report).expect("it was there");
    succeeded(run(place, &["report", "first"]));
    assert_eq!(std::fs::read(&report).expect("it is there again"), before);
    let page = String::from_utf8(before).expect("UTF-8");
    let sum = first["data"]["sha256"].as_str().expect("a checksum");
    assert!(page.contains(sum) && page.contains("rows.csv"), "the report says which rows");
    let compared = text(&succeeded(run(place, &["compare", "first", "again"])));
    assert!(!compared.contains("data "), "{compared}");

    // Other rows are another run.
    std::fs::write(place.join("again/data.csv"), table().replace("inner", "within")).expect("writable");
    std::fs::remove_file(place.join("again/events.jsonl")).expect("the run was complete");
    let output = run(place, &["resume", "again"]);
    assert_eq!(code(&output), Some(DATA), "{}", errors(&output));
    assert!(
        errors(&output).contains("data.csv") && errors(&output).contains("restore"),
        "{}",
        errors(&output)
    );
}

#[test]
fn labs_that_take_data_have_the_source_for_it() {
    for (lab, _) in Registry::standard().presets() {
        let has = lab.fields().iter().any(|field| {
            field.key == "data.source"
                && matches!(field.kind, Kind::Choice(options) if options.contains(&"own"))
        });
        assert_eq!(has, lab.own_data().is_some(), "{}", lab.name());
    }
}

#[test]
fn a_run_on_a_text_keeps_it_and_goes_on_with_it_and_other_texts_are_refused() {
    let directory = place();
    let place = directory.path();
    let text = "Where does the next train go? It goes where the points lie.\n".repeat(30);
    std::fs::write(place.join("book.txt"), &text).expect("writable");
    std::fs::write(place.join("latin.txt"), b"stra\xdfe ".repeat(300)).expect("writable");
    std::fs::write(place.join("empty.txt"), "").expect("writable");
    let small = ["--set", "training.steps=4", "--set", "data.length=16", "--set", "model.width=8"];
    let with = |file: &'static str, more: &[&'static str]| {
        [&["run", "text-live", "--set", "data.source=own", "--data", file], &small[..], more].concat()
    };
    refused_in(place, &with("empty.txt", &[]), DATA, &["it is empty"]);
    refused_in(place, &with("latin.txt", &[]), DATA, &["0xDF", "UTF-8"]);
    refused_in(
        place,
        &["run", "text-live", "--set", "data.source=own"],
        USAGE,
        &["there is no text", "--data FILE"],
    );
    refused_in(place, &["run", "text-live", "--data", "book.txt"], USAGE, &["a text was supplied"]);
    refused_in(place, &with(".", &[]), DATA, &["this is a directory; give a text file"]);
    succeeded(run(place, &with("latin.txt", &["--set", "data.level=bytes", "--out", "bytes"])));
    succeeded(run(place, &with("book.txt", &["--out", "one"])));
    assert_eq!(std::fs::read_to_string(place.join("one/data.txt")).expect("kept"), text);
    let before = digest(&place.join("one"));
    std::fs::remove_file(place.join("book.txt")).expect("it was there");
    std::fs::remove_file(place.join("one/events.jsonl")).expect("the run was complete");
    std::fs::remove_file(cli_harness::checkpoints(&place.join("one")).swap_remove(0)).expect("a checkpoint");
    succeeded(run(place, &["resume", "one"]));
    assert_eq!(digest(&place.join("one")), before, "the kept text gives the same run");
}
