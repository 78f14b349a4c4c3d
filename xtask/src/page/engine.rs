//! The engine's files get a folder named by their content, so that a page never loads another build's engine.
//!
//! trunk hashes the names of the page's own files but not those of a worker.

use super::files::{PageFolder, short_hash};
use crate::failure::Failure;

/// The names trunk gives the engine's files.
const SCRIPT: &str = "switchyard-engine.js";
const MODULE: &str = "switchyard-engine_bg.wasm";
/// The file the page starts the worker from.
const LOADER: &str = "switchyard-engine_loader.js";

/// What the loader says. An engine that cannot start must not do so silently: an error inside a promise stays inside
/// the worker, one thrown from a timer reaches the page as the worker's `error` event.
const LOADER_TEXT: &str = "\
importScripts(\"./switchyard-engine.js\");
wasm_bindgen({ module_or_path: \"./switchyard-engine_bg.wasm\" }).catch((error) => {
  setTimeout(() => {
    throw error;
  });
});
";

/// Moves the engine into its folder and gives the loader's name.
pub fn place(page: PageFolder) -> Result<String, Failure> {
    let script = page.read(SCRIPT)?;
    let module = page.read(MODULE)?;
    let folder = format!("engine/{}", short_hash(&[&script, &module, LOADER_TEXT.as_bytes()]));
    page.write(&format!("{folder}/{SCRIPT}"), &script)?;
    page.write(&format!("{folder}/{MODULE}"), &module)?;
    let loader = format!("{folder}/{LOADER}");
    page.write(&loader, LOADER_TEXT.as_bytes())?;
    for name in [SCRIPT, MODULE] {
        page.remove(name)?;
    }
    // Written by trunk when it is asked for a loader of its own.
    if page.names()?.iter().any(|name| name == LOADER) {
        page.remove(LOADER)?;
    }
    Ok(loader)
}

/// The engine's WebAssembly file, from its loader's name.
pub fn module_of(loader: &str) -> Option<String> {
    let folder = loader.strip_suffix(LOADER)?;
    Some(format!("{folder}{MODULE}"))
}
