//! wasm-opt, from the npm package `binaryen`. Without npm the page is built too, only larger.

use super::{create_folder, found, installing, prints_version, put_in_place, remove_folder};
use crate::failure::Failure;
use crate::layout::Layout;
use crate::process;
use std::path::PathBuf;

/// wasm-opt's own number; `web/Trunk.toml` names it too. Versions below 129 refuse what today's compiler writes.
const VERSION: &str = "132";
/// The npm package of that version.
const PACKAGE: &str = "binaryen@132.0.0";
const WHY: &str = "makes the page smaller";

/// Finds wasm-opt or installs it; gives the folder that holds its program, or nothing when there is no npm.
pub fn ensure(layout: &Layout) -> Result<Option<PathBuf>, Failure> {
    let label = format!("wasm-opt {VERSION}");
    let finished = layout.tools().join(format!("binaryen-{VERSION}"));
    let bin = finished.join("node_modules").join(".bin");
    if process::find_in("wasm-opt", std::slice::from_ref(&bin))
        .is_some_and(|path| prints_version(&path, VERSION))
    {
        found(&label, WHY, "in the cache");
        return Ok(Some(bin));
    }
    if let Some(path) = process::find("wasm-opt").filter(|path| prints_version(path, VERSION)) {
        found(&label, WHY, "on the PATH");
        return Ok(path.parent().map(PathBuf::from));
    }
    let Some(npm) = process::find("npm") else {
        println!(
            "absent     {label}: {WHY} (no npm here; the page is built without it. By hand: install Node.js)"
        );
        return Ok(None);
    };
    installing(&label, WHY, "npm, some seconds");
    remove_folder(&finished)?;
    let partial = layout.tools().join(format!("binaryen-{VERSION}.partial-{}", std::process::id()));
    create_folder(&partial)?;
    let installed = process::run(
        process::program(npm)
            .args([
                "install",
                "--no-save",
                "--no-package-lock",
                "--ignore-scripts",
                "--no-audit",
                "--no-fund",
                PACKAGE,
            ])
            .arg("--prefix")
            .arg(&partial)
            .current_dir(&partial),
    );
    if let Err(failure) = installed {
        remove_folder(&partial)?;
        return Err(Failure::Setup(format!(
            "{label} is missing and npm could not fetch it. {failure} Is there a network? By hand: npm install --global {PACKAGE}"
        )));
    }
    put_in_place(&partial, &finished)?;
    if !process::find_in("wasm-opt", std::slice::from_ref(&bin))
        .is_some_and(|path| prints_version(&path, VERSION))
    {
        return Err(Failure::Setup(format!(
            "{PACKAGE} was fetched, but its wasm-opt does not say it is version {VERSION}."
        )));
    }
    Ok(Some(bin))
}
