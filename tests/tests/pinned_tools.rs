//! Versions that are written in more than one file must agree, or the page does not build.

use std::fs;
use std::path::Path;

fn read(name: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(name);
    fs::read_to_string(&path).unwrap_or_else(|error| panic!("{name}: {error}"))
}

/// What stands between quotes after `start` in the first line that begins with it.
fn quoted<'a>(text: &'a str, start: &str) -> &'a str {
    let rest =
        text.lines().find_map(|line| line.trim().strip_prefix(start)).unwrap_or_else(|| panic!("no {start}"));
    rest.split('"').nth(1).expect("a value in quotes")
}

#[test]
fn wasm_bindgen_has_one_version_everywhere() {
    let lock = read("Cargo.lock");
    let (_, entry) = lock.split_once("name = \"wasm-bindgen\"\n").expect("Cargo.lock holds wasm-bindgen");
    let locked = quoted(entry, "version");
    assert_eq!(quoted(&read("web/Cargo.toml"), "wasm-bindgen ="), format!("={locked}"));
    assert_eq!(quoted(&read("web/Trunk.toml"), "wasm_bindgen ="), locked);
}

#[test]
fn wasm_opt_has_one_version_everywhere() {
    let optimiser = read("xtask/src/setup/wasm_optimiser.rs");
    let version = quoted(&optimiser, "const VERSION");
    assert_eq!(quoted(&read("web/Trunk.toml"), "wasm_opt ="), format!("version_{version}"));
    assert_eq!(quoted(&optimiser, "const PACKAGE"), format!("binaryen@{version}.0.0"));
}

#[test]
fn the_page_is_built_with_the_workspaces_profiles() {
    let workspace = read("Cargo.toml");
    let index = read("web/index.html");
    let page = read("xtask/src/page/mod.rs");
    // The page and the reader of route files; the engine and that of transformers.
    for (name, constant, times) in
        [("web", "pub const PROFILE", 2), ("engine", "pub const ENGINE_PROFILE", 2)]
    {
        assert!(workspace.contains(&format!("[profile.{name}]")), "{name}");
        assert_eq!(index.matches(&format!("data-cargo-profile=\"{name}\"")).count(), times, "{name}");
        assert_eq!(quoted(&page, constant), name);
    }
}

#[test]
fn the_page_never_trades_repeatable_numbers_for_speed() {
    let (index, flags) = (read("web/index.html"), read(".cargo/config.toml"));
    for forbidden in ["fast-math", "relaxed-simd"] {
        assert!(!index.contains(forbidden) && !flags.contains(forbidden), "{forbidden}");
    }
}

#[test]
fn the_browser_tests_use_exact_versions_from_any_registry() {
    let manifest: serde_json::Value =
        serde_json::from_str(&read("tests/browser/package.json")).expect("package.json is JSON");
    let text = read("tests/browser/package-lock.json");
    let lock: serde_json::Value = serde_json::from_str(&text).expect("the lock file is JSON");
    assert!(!text.contains("://") && !text.contains("\"resolved\""), "the lock file names a registry");
    let wanted = manifest["devDependencies"].as_object().expect("the tests use packages");
    for (name, version) in wanted {
        assert_eq!(&lock["packages"][format!("node_modules/{name}")]["version"], version, "{name}");
    }
}
