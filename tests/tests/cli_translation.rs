//! Translation from outside: a corpus is packed, a supernet trained on it, a sub-network exported, sentences translated;
//! and what cannot be used is refused by its place, with nothing lost.

mod cli_harness;

use cli_harness::{TINY_TRANSLATOR, code, errors, last_line, refused, run, snapshot, succeeded, text};

const USAGE: i32 = 2;
const DATA: i32 = 5;

/// Sentences of a small language and their words in the other order.
fn sentences(from: usize, count: usize) -> [String; 2] {
    let words = ["one", "two", "three", "four", "five", "six", "seven", "eight"];
    let sentence = |index: usize| (0..3 + index % 4).map(move |place| words[(index * 3 + place * 5) % 8]);
    let mut sides = [String::new(), String::new()];
    for index in from..from + count {
        let source: Vec<&str> = sentence(index).collect();
        let target: Vec<String> = source.iter().rev().map(|word| word.to_uppercase()).collect();
        sides[0] += &format!("{}\n", source.join(" "));
        sides[1] += &format!("{}\n", target.join(" "));
    }
    sides
}

/// A folder with three pairs of files.
fn place() -> tempfile::TempDir {
    let place = tempfile::tempdir().expect("a temporary directory");
    for (part, from, count) in [("train", 0, 80), ("validation", 80, 10), ("test", 90, 10)] {
        let [source, target] = sentences(from, count);
        std::fs::write(place.path().join(format!("{part}.en")), source).expect("writable");
        std::fs::write(place.path().join(format!("{part}.de")), target).expect("writable");
    }
    place
}

fn packing<'a>(out: &'a str, vocabulary: &'a str) -> Vec<&'a str> {
    let files =
        "data pack --train train.en train.de --validation validation.en validation.de --test test.en test.de";
    files.split(' ').chain(["--vocabulary", vocabulary, "--out", out]).collect()
}

fn training(more: &[&'static str]) -> Vec<String> {
    let sets = TINY_TRANSLATOR.iter().flat_map(|set| ["--set", set]);
    let all = ["run", "mos-mt", "--data", "small.pairs", "--out", "run"].into_iter().chain(sets);
    all.chain(more.iter().copied()).map(str::to_owned).collect()
}

#[test]
fn a_corpus_is_packed_trained_on_exported_and_translated_with() {
    let folder = place();
    let place = folder.path();
    let packed = succeeded(run(place, &packing("small.pairs", "300")));
    assert!(text(&packed).contains("80 to train, 10 to tune, 10 to test"), "{}", text(&packed));
    let before = snapshot(place);
    let again = succeeded(run(place, &packing("small.pairs", "300")));
    assert!(errors(&again).contains("up to date"), "{}", errors(&again));
    assert_eq!(snapshot(place), before, "nothing is done twice");
    std::fs::write(place.join("test.en"), sentences(90, 10)[0].replace("one", "ONE")).expect("writable");
    let changed = succeeded(run(place, &packing("small.pairs", "300")));
    assert!(errors(&changed).contains("packed again"), "{}", errors(&changed));

    let arguments = training(&["--json"]);
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let trained = succeeded(run(place, &arguments));
    assert_eq!(last_line(&trained)["event"], "summary");
    assert!(place.join("run/data.pairs").exists() && place.join("run/report.html").exists());
    let architecture = "e12-16x2-d8-8x2x2x1";
    let export = ["export", "run", "--architecture", architecture, "--out", "small"];
    succeeded(run(place, &export));
    for file in ["small.safetensors", "small.json", "small.words.json", "small.tokenizer.json"] {
        assert!(place.join(file).exists(), "{file}");
    }
    refused(place, &export, DATA, &["small.safetensors", "there already"]);
    // Nothing of the run is needed any more.
    std::fs::remove_dir_all(place.join("run")).expect("removable");
    let translate = ["translate", "small", "--text", "one two three\n\nfive", "--beam", "2", "--json"];
    let translated = last_line(&succeeded(run(place, &translate)));
    let lines = translated["translations"].as_array().expect("a list");
    assert_eq!(lines.len(), 3);
    assert!(lines[0]["score"].is_number() && lines[1]["score"].is_null(), "{translated}");
    assert_eq!(lines[1]["translation"], "");
    assert_eq!(last_line(&succeeded(run(place, &translate))), translated, "the same again");
}

#[test]
fn a_vocabulary_that_is_there_is_taken_from_a_corpus_or_its_file_and_from_nothing_else() {
    let place = place();
    let place = place.path();
    let header = |file: &str| -> serde_json::Value {
        let bytes = std::fs::read_to_string(place.join(file)).expect("written");
        serde_json::from_str(bytes.lines().next().expect("a header")).expect("JSON")
    };
    succeeded(run(place, &packing("small.pairs", "300")));
    // Other text, whose own pairs would be others.
    let more = |tokenizer: &'static str, out: &'static str| {
        let mut words = vec!["data", "pack", "--text", "--train", "test.de", "--validation", "validation.en"];
        words.extend(["--test", "test.en", "--tokenizer", tokenizer, "--out", out]);
        words
    };
    let packed = succeeded(run(place, &more("small.pairs", "more.sentences")));
    assert!(errors(&packed).contains("a vocabulary of 300; nothing is learned"), "{}", errors(&packed));
    for key in ["vocabulary", "tokenizer"] {
        assert_eq!(header("more.sentences")[key], header("small.pairs")[key], "{key}");
    }
    let again = succeeded(run(place, &more("small.pairs", "more.sentences")));
    assert!(errors(&again).contains("up to date"), "{}", errors(&again));
    let json = header("small.pairs")["tokenizer"].as_str().expect("a text").to_owned();
    std::fs::write(place.join("tokenizer.json"), json).expect("writable");
    let same = succeeded(run(place, &more("tokenizer.json", "more.sentences")));
    assert!(errors(&same).contains("up to date"), "the same vocabulary: {}", errors(&same));
    succeeded(run(place, &packing("small.pairs", "320")));
    let other = succeeded(run(place, &more("small.pairs", "more.sentences")));
    assert!(errors(&other).contains("packed again"), "{}", errors(&other));
    refused(place, &more("train.en", "other.sentences"), DATA, &["train.en", "no vocabulary", "not JSON"]);
    refused(place, &more("gone.json", "other.sentences"), DATA, &["cannot read gone.json"]);
    let both = [&more("small.pairs", "other.sentences")[..], &["--vocabulary", "300"]].concat();
    refused(place, &both, USAGE, &["--vocabulary", "cannot be used with", "--tokenizer"]);
}

#[test]
fn texts_that_are_no_corpus_are_refused_by_their_place() {
    let folder = place();
    let place = folder.path();
    let write = |name: &str, bytes: &[u8]| std::fs::write(place.join(name), bytes).expect("writable");
    let whole = std::fs::read(place.join("test.de")).expect("readable");
    write("test.de", &whole[..whole.len() / 2]);
    refused(place, &packing("a.pairs", "300"), DATA, &["test.en has 10 lines, but", "has no partner"]);
    let mut empty = whole.clone();
    empty.splice(0..0, b"\n".iter().copied());
    write("test.de", &empty);
    refused(place, &packing("a.pairs", "300"), DATA, &["line 1", "empty"]);
    let mut torn = whole.clone();
    torn[30] = 0xff;
    write("test.de", &torn);
    refused(place, &packing("a.pairs", "300"), DATA, &["test.de, line", "not UTF-8"]);
    write("test.de", &[b'a'; 30_000]);
    refused(place, &packing("a.pairs", "300"), DATA, &["test.de, line 1", "characters"]);
    write("test.de", &whole);
    refused(place, &packing("a.pairs", "20"), USAGE, &["a vocabulary of 20 tokens"]);
    write("mine.txt", b"my own notes\n");
    refused(place, &packing("mine.txt", "300"), DATA, &["mine.txt", "choose another name"]);

    succeeded(run(place, &packing("small.pairs", "300")));
    let packed = std::fs::read(place.join("small.pairs")).expect("readable");
    write("small.pairs", &packed[..packed.len() - 40]);
    let arguments = training(&[]);
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    refused(place, &arguments, DATA, &["small.pairs", "line"]);
    refused(
        place,
        &["run", "mos-mt", "--set", "data.source=own"],
        USAGE,
        &["data.source", "switchyard data pack"],
    );
    refused(place, &["translate", "nothing", "--text", "a"], DATA, &["nothing.json"]);
    refused(
        place,
        &["translate", "nothing", "--text", "a", "--beam", "0"],
        USAGE,
        &["whole number from 1 to 64"],
    );
}

const TINY_BERT: &[&str] = &[
    "data.source=own",
    "seeds=1",
    "methods=sandwich",
    "space.hidden=8",
    "space.layers=1",
    "space.widths=4,8",
    "space.ffn=12",
    "training.steps=3",
    "training.tokens=256",
    "audit.architectures=2",
    "audit.standalones=1",
    "audit.resamples=100",
];

fn packing_text<'a>(train: &[&'a str], more: &[&'a str]) -> Vec<&'a str> {
    let before = ["data", "pack", "--text", "--train"];
    let after = ["--validation", "validation.en", "--test", "test.en", "--vocabulary", "300", "--out"];
    [&before, train, &after, &["small.sentences"], more].concat()
}

fn guessing<'a>(preset: &'a str, sets: &[&'a str], more: &[&'a str]) -> Vec<&'a str> {
    let sets = sets.iter().flat_map(|set| ["--set", set]);
    ["run", preset, "--data", "small.sentences"].into_iter().chain(sets).chain(more.iter().copied()).collect()
}

#[test]
fn sentences_of_one_language_are_packed_trained_on_resumed_and_exported() {
    let folder = place();
    let place = folder.path();
    let packed = succeeded(run(place, &packing_text(&["train.en"], &[])));
    assert!(text(&packed).contains("sentences   80 to train, 10 to tune, 10 to test"), "{}", text(&packed));
    let before = snapshot(place);
    let again = succeeded(run(place, &packing_text(&["train.en"], &["--json"])));
    assert!(errors(&again).contains("up to date"), "{}", errors(&again));
    assert_eq!(last_line(&again)["sentences"], serde_json::json!([80, 10, 10]));
    assert_eq!(snapshot(place), before, "nothing is done twice");
    std::fs::write(place.join("test.en"), sentences(90, 10)[0].replace("one", "ONE")).expect("writable");
    let changed = succeeded(run(place, &packing_text(&["train.en"], &[])));
    assert!(errors(&changed).contains("packed again"), "{}", errors(&changed));

    succeeded(run(place, &guessing("mos-bert-small", TINY_BERT, &["--out", "run"])));
    let digest = cli_harness::digest(&place.join("run"));
    std::fs::rename(place.join("run/data.sentences"), place.join("kept")).expect("it is kept with the run");
    std::fs::remove_file(place.join("run/events.jsonl")).expect("the run was complete");
    refused(place, &["resume", "run"], DATA, &["data.sentences"]);
    std::fs::rename(place.join("kept"), place.join("run/data.sentences")).expect("writable");
    std::fs::remove_file(place.join("small.sentences")).expect("it was there");
    std::fs::remove_file(cli_harness::checkpoints(&place.join("run")).swap_remove(0)).expect("a checkpoint");
    succeeded(run(place, &["resume", "run", "--quiet"]));
    assert_eq!(cli_harness::digest(&place.join("run")), digest);
    succeeded(run(place, &["export", "run", "--architecture", "h8-2x12-b4", "--out", "small"]));
    assert!(place.join("small.tokenizer.json").exists());
    let translate = ["translate", "small", "--text", "one two"];
    refused(place, &translate, DATA, &["small.json", "describes no network that translates"]);
}

#[test]
fn texts_of_one_language_that_cannot_be_used_are_refused_by_their_place() {
    let folder = place();
    let place = folder.path();
    let write = |name: &str, bytes: &[u8]| std::fs::write(place.join(name), bytes).expect("writable");
    write("empty.en", b"");
    write("blank.en", b" \n\n");
    write("hole.en", b"one two\n\nthree\n");
    write("torn.en", b"one two\nthr\xffee\n");
    write("long.en", &[b'a'; 30_000]);
    for (file, words) in [
        ("nothing.en", ["cannot read nothing.en", "check its name"]),
        ("empty.en", ["empty.en holds no line of text", "is it the right file?"]),
        ("hole.en", ["hole.en, line 2: the line is empty", "let empty lines be skipped"]),
        ("torn.en", ["torn.en, line 2: byte 4 of the line is not UTF-8", "save the file as UTF-8"]),
        ("long.en", ["long.en, line 1: the line has more than 10000 characters", "a sentence per line"]),
    ] {
        refused(place, &packing_text(&[file], &[]), DATA, &words);
    }
    refused(place, &packing_text(&["blank.en"], &["--skip-empty"]), DATA, &["(2 were skipped"]);
    let two = packing_text(&["train.en", "train.de"], &[]);
    refused(place, &two, USAGE, &["with `--text` give one file for each part"]);
    let without: Vec<&str> =
        packing_text(&["train.en"], &[]).into_iter().filter(|word| *word != "--text").collect();
    refused(place, &without, USAGE, &["give two files for each part", "or one, with `--text`"]);
    succeeded(run(place, &packing_text(&["hole.en"], &["--skip-empty"])));
    refused(
        place,
        &guessing("mos-bert-small", &[TINY_BERT, &["data.side=both"]].concat(), &[]),
        USAGE,
        &["`data.side`: the corpus is of one language", "leave it at `source`"],
    );
    refused(
        place,
        &guessing("mos-mt", TINY_TRANSLATOR, &[]),
        USAGE,
        &["`data.source`: the corpus is of one language", "without `--text`"],
    );
}

#[test]
fn known_sets_are_listed_and_what_is_missing_is_said() {
    let folder = tempfile::tempdir().expect("a temporary directory");
    let listed = last_line(&succeeded(run(folder.path(), &["data", "--json"])));
    let sets = listed["sets"].as_array().expect("a list");
    assert!(sets.iter().any(|set| set["name"] == "multi30k") && sets.len() >= 3, "{listed}");
    let asked = run(folder.path(), &["data", "verify", ".", "multi30k"]);
    assert_eq!(code(&asked), Some(DATA));
    assert!(text(&asked).contains("is missing: download https://"), "{}", text(&asked));
    refused(folder.path(), &["data", "verify", ".", "multi31k"], USAGE, &["did you mean `multi30k`"]);
}
