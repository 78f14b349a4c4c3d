//! The direction in which crates depend on each other, read from cargo itself.
//!
//! `web` and `cli` stand on `core` and on nothing else of ours; `core` stands on nothing of ours, and pulls in
//! neither a browser nor an asynchronous runtime.

use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::Command;

/// Which of our crates each of our crates may use outside its tests.
const ALLOWED: [(&str, &[&str]); 6] = [
    ("switchyard", &[]),
    ("switchyard-cli", &["switchyard"]),
    ("switchyard-web", &["switchyard"]),
    ("switchyard-benches", &["switchyard"]),
    ("switchyard-tests", &["switchyard"]),
    ("xtask", &[]),
];

/// What must not stand anywhere below the core.
const FOREIGN_TO_CORE: [&str; 6] = ["tokio", "async-std", "web-sys", "yew", "reqwest", "ureq"];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

fn metadata(extra: &[&str]) -> Value {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let output = Command::new(cargo)
        .args(["metadata", "--format-version", "1", "--locked"])
        .args(extra)
        .current_dir(root())
        .output()
        .expect("cargo runs, since it started this test");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).expect("cargo metadata prints JSON")
}

fn text(value: &Value) -> &str {
    value.as_str().expect("a string in cargo's metadata")
}

fn list(value: &Value) -> &[Value] {
    value.as_array().expect("a list in cargo's metadata")
}

/// Our crates: name to the names of what they use directly; test-only use is left out.
fn direct_dependencies() -> BTreeMap<String, BTreeSet<String>> {
    let metadata = metadata(&["--no-deps"]);
    let used = |package: &Value| {
        let normal = list(&package["dependencies"]).iter().filter(|edge| edge["kind"] != "dev");
        normal.map(|edge| text(&edge["name"]).to_owned()).collect()
    };
    list(&metadata["packages"])
        .iter()
        .map(|package| (text(&package["name"]).to_owned(), used(package)))
        .collect()
}

/// Every package below `start` that is compiled into it on this machine.
fn everything_below(start: &str) -> BTreeSet<String> {
    let host = host_triple();
    let metadata = metadata(&["--filter-platform", &host]);
    let names: BTreeMap<&str, &str> = list(&metadata["packages"])
        .iter()
        .map(|package| (text(&package["id"]), text(&package["name"])))
        .collect();
    let nodes: BTreeMap<&str, &Value> =
        list(&metadata["resolve"]["nodes"]).iter().map(|node| (text(&node["id"]), node)).collect();
    let first =
        names.iter().find(|(_, name)| **name == start).map(|(id, _)| *id).expect("our crate is listed");
    let mut seen = BTreeSet::from([first]);
    let mut open = vec![first];
    while let Some(id) = open.pop() {
        for edge in list(&nodes[id]["deps"]) {
            let is_normal = list(&edge["dep_kinds"]).iter().any(|kind| kind["kind"].is_null());
            if is_normal && seen.insert(text(&edge["pkg"])) {
                open.push(text(&edge["pkg"]));
            }
        }
    }
    seen.into_iter().filter(|id| *id != first).map(|id| names[id].to_owned()).collect()
}

fn host_triple() -> String {
    let rustc = std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    let output = Command::new(rustc).arg("-vV").output().expect("the compiler that built this test runs");
    let lines = String::from_utf8_lossy(&output.stdout).into_owned();
    lines.lines().find_map(|line| line.strip_prefix("host: ")).expect("rustc -vV names the host").to_owned()
}

#[test]
fn our_crates_use_only_the_crates_they_may() {
    let direct = direct_dependencies();
    let ours: BTreeSet<&str> = ALLOWED.iter().map(|(name, _)| *name).collect();
    let found: BTreeSet<&str> = direct.keys().map(String::as_str).collect();
    assert_eq!(found, ours, "a crate was added or removed: say in ALLOWED what it may use");
    for (name, allowed) in ALLOWED {
        for used in direct[name].iter().filter(|used| ours.contains(used.as_str())) {
            assert!(allowed.contains(&used.as_str()), "{name} must not use {used}");
        }
    }
}

#[test]
fn the_core_pulls_in_no_browser_and_no_runtime() {
    let below = everything_below("switchyard");
    assert!(below.contains("serde"), "the graph was not read: the core uses serde");
    for name in FOREIGN_TO_CORE {
        assert!(
            !below.contains(name),
            "{name} stands below the core; find out why with: cargo tree -p switchyard -i {name}"
        );
    }
}

#[test]
fn the_workspace_helper_needs_little_besides_the_standard_library() {
    // Compression and hashes of the page's files; the lessons' TOML, which the page gets as JSON.
    let allowed = BTreeSet::from(["flate2", "serde_json", "sha2", "toml"].map(str::to_owned));
    assert_eq!(direct_dependencies()["xtask"], allowed, "xtask must compile in seconds");
}
