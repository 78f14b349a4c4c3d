//! Rules about the core's source that the compiler does not know: no input or output, no clock, no threads, no
//! globals, no order of hash maps, and the directions in which its modules use each other.
//!
//! The rules hold for the program, not for its tests: files and modules called `tests` are left out.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// What must not be written in the core, and why.
const FORBIDDEN: [(&str, &str); 21] = [
    ("std::fs", "the core reads and writes no files"),
    ("std::net", "the core uses no network"),
    ("std::process", "the core starts nothing and never exits"),
    ("std::thread", "the core starts no thread"),
    ("std::env", "the core reads no environment"),
    ("std::io", "the core does no input or output"),
    ("Instant", "the core reads no clock"),
    ("SystemTime", "the core reads no clock"),
    ("static mut", "the core holds no global state"),
    ("OnceLock", "the core holds no global state"),
    ("OnceCell", "the core holds no global state"),
    ("LazyLock", "the core holds no global state"),
    ("LazyCell", "the core holds no global state"),
    ("thread_local!", "the core holds no global state"),
    ("Mutex", "the core shares nothing between threads"),
    ("HashMap", "hash maps have no fixed order: use BTreeMap"),
    ("HashSet", "hash sets have no fixed order: use BTreeSet"),
    ("println!", "the core prints nothing: report an event"),
    ("eprintln!", "the core prints nothing: report an event"),
    ("thread_rng", "random numbers come from crate::rng"),
    ("Tensor::random", "weights are drawn by crate::rng on the host"),
];

/// Which modules of the core each module may use. `labs` puts everything together, so it may use all.
const MAY_USE: [(&str, &[&str]); 15] = [
    ("error", &[]),
    ("lean", &[]),
    ("order", &[]),
    ("rng", &["error"]),
    ("routing", &["error", "rng", "order"]),
    ("nn", &["error", "rng", "routing", "order"]),
    ("data", &["error", "rng"]),
    // Tables of others are read with the line numbers of `data`.
    ("interchange", &["error", "routing", "data"]),
    ("inspection", &["error", "rng", "routing", "interchange", "statistics", "plate"]),
    // `experiment` holds the verdict's words, which statistics fills.
    ("statistics", &["error", "rng", "experiment"]),
    ("quality", &["error"]),
    // Predictors are judged by errors and ranks with intervals.
    ("search", &["error", "rng", "statistics"]),
    ("supernet", &["error", "rng", "routing", "nn", "data", "search"]),
    // Events carry plates and routing records; a run may be given rows of data.
    ("experiment", &["error", "rng", "routing", "plate", "data", "lean"]),
    ("plate", &["error", "routing", "experiment", "lean", "order"]),
];

/// The one place outside `labs` that knows labs by name, and the one module it knows.
const REGISTRY: (&str, &str) = ("experiment/registry.rs", "crate::labs::registry");

fn core() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../core/src")
}

/// Every source file of the core that is part of the program: its path from `core/src`, and its text.
fn program_files() -> Vec<(String, String)> {
    let mut files = Vec::new();
    collect(&core(), "", &mut files);
    files.sort();
    assert!(files.iter().any(|(name, _)| name == "lib.rs"), "the core's source was not found");
    files
}

fn collect(folder: &Path, prefix: &str, files: &mut Vec<(String, String)>) {
    for entry in fs::read_dir(folder).expect("a folder of the core can be read").flatten() {
        let name = entry.file_name().to_string_lossy().into_owned();
        if entry.path().is_dir() {
            if name != "tests" {
                collect(&entry.path(), &format!("{prefix}{name}/"), files);
            }
        } else if name.ends_with(".rs") && name != "tests.rs" {
            let text = fs::read_to_string(entry.path()).expect("a source file of the core can be read");
            files.push((format!("{prefix}{name}"), program_text(&text)));
        }
    }
}

/// The text without its comments and without its test module, which stands last in a file.
fn program_text(text: &str) -> String {
    let end = text.find("#[cfg(test)]\nmod tests {").unwrap_or(text.len());
    let lines = text[..end].lines().map(|line| line.split_once("//").map_or(line, |(code, _)| code));
    lines.collect::<Vec<_>>().join("\n")
}

/// Whether `word` occurs in `text` on its own, not as a part of a longer name.
fn contains_word(text: &str, word: &str) -> bool {
    let is_name = |letter: char| letter.is_alphanumeric() || letter == '_';
    text.match_indices(word).any(|(at, _)| {
        let before = text[..at].chars().next_back();
        let after = text[at + word.len()..].chars().next();
        !before.is_some_and(is_name) && !after.is_some_and(is_name)
    })
}

fn broken_rules(name: &str, text: &str) -> Vec<String> {
    let broken = FORBIDDEN.iter().filter(|(word, _)| contains_word(text, word));
    broken.map(|(word, why)| format!("core/src/{name} says `{word}`: {why}")).collect()
}

/// How many modules below the crate's root a file stands.
fn depth(name: &str) -> usize {
    let module = name.strip_suffix("/mod.rs").or_else(|| name.strip_suffix(".rs")).unwrap_or(name);
    module.split('/').count()
}

/// The module of the crate's root that a file belongs to.
fn module_of(name: &str) -> &str {
    let first = name.split('/').next().unwrap_or(name);
    first.strip_suffix(".rs").unwrap_or(first)
}

fn leading_name(text: &str) -> &str {
    let end = text.find(|letter: char| !letter.is_alphanumeric() && letter != '_').unwrap_or(text.len());
    &text[..end]
}

/// The names that follow a path to the crate's root: one name, or those of a group in braces.
fn names_after(rest: &str) -> Vec<&str> {
    let Some(group) = rest.strip_prefix('{') else {
        return vec![leading_name(rest)];
    };
    let mut names = vec![leading_name(group.trim_start())];
    let mut level = 0;
    for (at, letter) in group.char_indices() {
        match letter {
            '{' => level += 1,
            '}' if level == 0 => break,
            '}' => level -= 1,
            ',' if level == 0 => names.push(leading_name(group[at + 1..].trim_start())),
            _ => {}
        }
    }
    names
}

/// The root modules that a file uses, by `crate::` or by as many `super::` as lead to the root.
fn used_modules<'a>(name: &str, text: &'a str) -> BTreeSet<&'a str> {
    let to_root = "super::".repeat(depth(name));
    let mut used = BTreeSet::new();
    for way in ["crate::", to_root.as_str()] {
        for (at, _) in text.match_indices(way) {
            used.extend(names_after(&text[at + way.len()..]));
        }
    }
    used
}

fn wrong_directions(name: &str, text: &str) -> Vec<String> {
    let own = module_of(name);
    let Some((_, allowed)) = MAY_USE.iter().find(|(module, _)| *module == own) else {
        return Vec::new();
    };
    let text = if name == REGISTRY.0 { text.replace(REGISTRY.1, "") } else { text.to_owned() };
    let rooms: BTreeSet<&str> = MAY_USE.iter().map(|(module, _)| *module).chain(["labs"]).collect();
    let wrong =
        used_modules(name, &text).into_iter().filter(|used| rooms.contains(used)).filter(|used| *used != own);
    wrong
        .filter(|used| !allowed.contains(used))
        .map(|used| format!("core/src/{name}: `{own}` must not use `{used}`"))
        .collect()
}

#[test]
fn the_core_touches_nothing_outside_itself() {
    let broken: Vec<String> =
        program_files().iter().flat_map(|(name, text)| broken_rules(name, text)).collect();
    assert!(broken.is_empty(), "\n{}", broken.join("\n"));
}

#[test]
fn at_most_one_file_of_the_core_asks_what_it_is_compiled_for() {
    let files = program_files();
    let asking: Vec<&String> = files
        .iter()
        .filter(|(_, text)| text.contains("target_arch") || text.contains("target_family"))
        .map(|(name, _)| name)
        .collect();
    assert!(asking.len() <= 1, "only one file may: {asking:?}");
}

#[test]
fn the_modules_of_the_core_use_each_other_in_the_allowed_directions() {
    let wrong: Vec<String> =
        program_files().iter().flat_map(|(name, text)| wrong_directions(name, text)).collect();
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

#[test]
fn every_module_of_the_core_has_its_directions_stated() {
    let stated: BTreeSet<&str> = MAY_USE.iter().map(|(module, _)| *module).chain(["labs", "lib"]).collect();
    let files = program_files();
    let found: BTreeSet<&str> = files.iter().map(|(name, _)| module_of(name)).collect();
    assert_eq!(found, stated, "add the new module to MAY_USE");
}

#[test]
fn planted_mistakes_are_found_and_harmless_words_are_not() {
    assert_eq!(broken_rules("x.rs", "use std::fs::File;").len(), 1);
    assert_eq!(broken_rules("x.rs", "let map: HashMap<u8, u8>;").len(), 1);
    assert!(broken_rules("x.rs", "struct Instantaneous; let my_HashMapLike = 1;").is_empty());
    assert!(
        broken_rules(
            "x.rs",
            &program_text("// std::fs\nfn f() {}\n#[cfg(test)]\nmod tests { use std::fs; }")
        )
        .is_empty()
    );
    assert_eq!(wrong_directions("routing/top.rs", "use crate::{error::Error, labs::all};").len(), 1);
    assert_eq!(wrong_directions("routing/metrics/load.rs", "use super::super::super::nn::Linear;").len(), 1);
    assert_eq!(wrong_directions("nn/linear.rs", "use super::super::experiment;").len(), 1);
    assert!(wrong_directions("nn/linear.rs", "use super::attention; use crate::rng;").is_empty());
    assert!(wrong_directions("experiment/registry.rs", "crate::labs::registry::all()").is_empty());
    assert_eq!(wrong_directions("experiment/session.rs", "crate::labs::registry::all()").len(), 1);
}
