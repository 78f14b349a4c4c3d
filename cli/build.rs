//! Puts a finished page into the program, when the feature `playground` asks for it.
//!
//! The environment variable `SWITCHYARD_PAGE` names the folder of the page. Files that have a compressed twin
//! (`.gz`) are embedded in that form only: it is smaller, and it is what browsers ask for.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::{env, fs};

const FOLDER: &str = "SWITCHYARD_PAGE";

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-env-changed={FOLDER}");
    if env::var_os("CARGO_FEATURE_PLAYGROUND").is_none() {
        return;
    }
    if let Err(problem) = embed() {
        println!("cargo::error={problem}");
    }
}

/// Writes the table of files that `src/server/site.rs` includes.
fn embed() -> Result<(), String> {
    let named = env::var_os(FOLDER).ok_or(format!(
        "the feature `playground` needs a built page: set {FOLDER} to its folder, or use `cargo xtask release`"
    ))?;
    let page = fs::canonicalize(&named).map_err(|error| format!("{FOLDER}={}: {error}", named.display()))?;
    println!("cargo::rerun-if-changed={}", page.display());
    let mut files = Vec::new();
    collect(&page, &mut files)?;
    files.sort();
    let mut table = String::from("/// The page's files.\npub static PAGE: &[Embedded] = &[\n");
    let packed = |file: &Path| file.with_added_extension("gz");
    for file in files.iter().filter(|file| file.extension().is_none_or(|end| end != "gz")) {
        let twin = packed(file);
        let (bytes, is_packed) = if files.contains(&twin) { (&twin, true) } else { (file, false) };
        let name = file.strip_prefix(&page).map_err(|error| error.to_string())?;
        let name =
            name.to_str().ok_or(format!("{}: the name is not UTF-8", file.display()))?.replace('\\', "/");
        let row =
            format!("Embedded {{ name: {name:?}, packed: {is_packed}, bytes: include_bytes!({bytes:?}) }}");
        // Writing to a string cannot fail.
        let _ = writeln!(table, "    {row},");
    }
    table.push_str("];\n");
    if !table.contains("\"index.html\"") {
        return Err(format!("{FOLDER}={}: there is no index.html in it, so it is no page", named.display()));
    }
    let out = env::var_os("OUT_DIR").map(PathBuf::from).ok_or("cargo did not set OUT_DIR")?;
    fs::write(out.join("page.rs"), table).map_err(|error| format!("page.rs cannot be written: {error}"))
}

/// Every file below a folder.
fn collect(folder: &Path, files: &mut Vec<PathBuf>) -> Result<(), String> {
    let cannot = |error| format!("{} cannot be read: {error}", folder.display());
    for entry in fs::read_dir(folder).map_err(cannot)? {
        let path = entry.map_err(cannot)?.path();
        if path.is_dir() { collect(&path, files)? } else { files.push(path) }
    }
    Ok(())
}
