//! trunk and wasm-bindgen, installed by cargo into the cache folder.
//!
//! The tools are needed soon, not fast: they are built with light optimisation, without link-time optimisation and
//! without the parts that talk to the network.

use super::{create_folder, found, installing, prints_version, put_in_place, remove_folder};
use crate::failure::Failure;
use crate::layout::Layout;
use crate::process;
use std::path::PathBuf;

/// A tool that `cargo install` builds.
pub struct CargoTool {
    package: &'static str,
    program: &'static str,
    version: String,
    why: &'static str,
    arguments: &'static [&'static str],
}

/// trunk: newer versions need a newer compiler than this project asks for.
pub fn trunk() -> CargoTool {
    CargoTool {
        package: "trunk",
        program: "trunk",
        version: "0.21.14".into(),
        why: "turns the web crate into a page",
        arguments: &["--locked", "--no-default-features"],
    }
}

/// wasm-bindgen's command, which must be of the same version as the crate in Cargo.lock.
pub fn wasm_bindgen(layout: &Layout) -> Result<CargoTool, Failure> {
    let path = layout.root().join("Cargo.lock");
    let lock = std::fs::read_to_string(&path)
        .map_err(|error| Failure::Setup(format!("{} cannot be read: {error}.", path.display())))?;
    let version = locked_version(&lock, "wasm-bindgen").ok_or_else(|| {
        Failure::Setup("Cargo.lock holds no wasm-bindgen, so the page cannot be built.".into())
    })?;
    Ok(CargoTool {
        package: "wasm-bindgen-cli",
        program: "wasm-bindgen",
        version,
        why: "writes the JavaScript between the page and the WebAssembly",
        arguments: &["--no-default-features", "--bin", "wasm-bindgen"],
    })
}

/// The version of a package in the text of a Cargo.lock.
fn locked_version(lock: &str, package: &str) -> Option<String> {
    let mut lines = lock.lines().skip_while(|line| *line != format!("name = \"{package}\"")).skip(1);
    Some(lines.next()?.strip_prefix("version = \"")?.strip_suffix('"')?.to_owned())
}

/// Finds the tool or builds it; gives the folder that holds its program.
pub fn ensure(layout: &Layout, tool: &CargoTool) -> Result<PathBuf, Failure> {
    let label = format!("{} {}", tool.package, tool.version);
    let finished = layout.tools().join(format!("{}-{}", tool.package, tool.version));
    let bin = finished.join("bin");
    if process::find_in(tool.program, std::slice::from_ref(&bin))
        .is_some_and(|path| prints_version(&path, &tool.version))
    {
        found(&label, tool.why, "in the cache");
        return Ok(bin);
    }
    if let Some(path) = process::find(tool.program).filter(|path| prints_version(path, &tool.version)) {
        found(&label, tool.why, "on the PATH");
        return Ok(path.parent().map(PathBuf::from).unwrap_or_default());
    }
    installing(&label, tool.why, "about 5 minutes on two cores, once");
    remove_folder(&finished)?;
    let partial =
        layout.tools().join(format!("{}-{}.partial-{}", tool.package, tool.version, std::process::id()));
    let build = layout.tools().join("build");
    create_folder(&partial)?;
    let built = process::run(
        process::cargo()
            .arg("install")
            .args([tool.package, "--version", &tool.version, "--no-track"])
            .args(tool.arguments)
            .arg("--root")
            .arg(&partial)
            .current_dir(layout.tools())
            .env("CARGO_TARGET_DIR", &build)
            .env("CARGO_PROFILE_RELEASE_OPT_LEVEL", "1")
            .env("CARGO_PROFILE_RELEASE_LTO", "off")
            .env("CARGO_PROFILE_RELEASE_CODEGEN_UNITS", "16")
            .env("CARGO_PROFILE_RELEASE_DEBUG", "0")
            .env("CARGO_PROFILE_RELEASE_STRIP", "symbols")
            .env_remove("CARGO_BUILD_TARGET"),
    );
    if let Err(failure) = built {
        remove_folder(&partial)?;
        return Err(Failure::Setup(format!(
            "{label} is missing and could not be built. {failure} Building it needs the network (crates.io). By hand: cargo install {} --version {} {}",
            tool.package,
            tool.version,
            tool.arguments.join(" ")
        )));
    }
    put_in_place(&partial, &finished)?;
    remove_folder(&build)?;
    Ok(bin)
}

#[cfg(test)]
mod tests {
    use super::*;

    const LOCK: &str = "[[package]]\nname = \"wasm-bindgen\"\nversion = \"0.2.130\"\n\n[[package]]\nname = \"yew\"\nversion = \"0.23.0\"\n";

    #[test]
    fn the_locked_version_is_the_one_of_the_named_package() {
        assert_eq!(locked_version(LOCK, "wasm-bindgen").as_deref(), Some("0.2.130"));
        assert_eq!(locked_version(LOCK, "yew").as_deref(), Some("0.23.0"));
        assert_eq!(locked_version(LOCK, "wasm"), None);
    }
}
