//! Each worker's files get a folder named by their content, so that a page never loads another build's worker.
//!
//! trunk hashes the names of the page's own files but not those of a worker.

use super::files::{PageFolder, short_hash};
use crate::failure::Failure;

/// A program that the page starts as a worker.
#[derive(Debug, Clone, Copy)]
pub struct Worker {
    /// Its name: that of its folder, and the last half of its program's.
    pub name: &'static str,
}

/// The worker that trains.
pub const ENGINE: Worker = Worker { name: "engine" };
/// The worker that trains transformers.
pub const TRANSFORMERS: Worker = Worker { name: "transformers" };
/// The worker that reads files of routes.
pub const READER: Worker = Worker { name: "reader" };
/// Every worker.
pub const ALL: [Worker; 3] = [ENGINE, TRANSFORMERS, READER];

/// The names of a worker's files.
struct Names {
    /// As trunk gives it.
    script: String,
    /// Likewise.
    module: String,
    /// The file the page starts the worker from.
    loader: String,
}

impl Worker {
    fn names(self) -> Names {
        let program = format!("switchyard-{}", self.name);
        Names {
            script: format!("{program}.js"),
            module: format!("{program}_bg.wasm"),
            loader: format!("{program}_loader.js"),
        }
    }

    /// Moves the worker into its folder and gives the loader's name.
    pub fn place(self, page: PageFolder) -> Result<String, Failure> {
        let Names { script, module, loader } = self.names();
        let (script_text, module_bytes, loader_text) =
            (page.read(&script)?, page.read(&module)?, loader_text(&script, &module));
        let hash = short_hash(&[&script_text, &module_bytes, loader_text.as_bytes()]);
        let folder = format!("{}/{hash}", self.name);
        page.write(&format!("{folder}/{script}"), &script_text)?;
        page.write(&format!("{folder}/{module}"), &module_bytes)?;
        let placed = format!("{folder}/{loader}");
        page.write(&placed, loader_text.as_bytes())?;
        for name in [&script, &module] {
            page.remove(name)?;
        }
        // Written by trunk when it is asked for a loader of its own.
        if page.names()?.contains(&loader) {
            page.remove(&loader)?;
        }
        Ok(placed)
    }

    /// The worker's WebAssembly file, from its loader's name.
    pub fn module_of(self, loader: &str) -> Option<String> {
        let Names { module, loader: name, .. } = self.names();
        Some(format!("{}{module}", loader.strip_suffix(&name)?))
    }
}

/// What a loader says. A worker that cannot start must not do so silently: an error inside a promise stays inside the
/// worker, one thrown from a timer reaches the page as the worker's `error` event.
fn loader_text(script: &str, module: &str) -> String {
    format!(
        "importScripts(\"./{script}\");\n\
         wasm_bindgen({{ module_or_path: \"./{module}\" }}).catch((error) => {{\n  setTimeout(() => {{\n    throw \
         error;\n  }});\n}});\n"
    )
}
