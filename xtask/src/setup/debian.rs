//! The Debian route to a browser compiler, for machines where rustup can fetch nothing.
//!
//! Debian's `rustc-web` brings a compiler and `rust-web-src` the sources of its standard library. The library is
//! built once for the browser, kept in the cache folder, and copied to where the compiler looks for it.

use super::wasm_target::{Sysroot, TARGET, libraries};
use super::{apt_install, create_folder, installing, put_in_place, remove_folder};
use crate::failure::Failure;
use crate::layout::Layout;
use crate::process;
use std::fs;
use std::path::{Path, PathBuf};

const COMPILER: &str = "/usr/bin/rustc";
const SOURCES: &str = "/usr/lib/rustlib/src/rust/library/std";
/// The oldest compiler that builds this project, as in the workspace's `rust-version`.
const OLDEST: (u32, u32) = (1, 95);
/// The crate that is built only so that cargo builds the standard library beneath it.
const PROBE: &str = "library_probe";

/// Debian's compiler, when it and the library's sources are there and new enough.
pub fn installed() -> Option<Sysroot> {
    let compiler = Path::new(SOURCES).is_dir().then(|| Sysroot::of(COMPILER)).flatten()?;
    (number(compiler.version())? >= OLDEST).then_some(compiler)
}

fn number(version: &str) -> Option<(u32, u32)> {
    let mut parts = version.split('.');
    Some((parts.next()?.parse().ok()?, parts.next()?.parse().ok()?))
}

/// Installs the packages when needed, builds the library when needed, and copies it into place.
pub fn install(layout: &Layout) -> Result<Sysroot, Failure> {
    if installed().is_none() {
        installing(
            "rustc-web, rust-web-src",
            "a compiler that can build for the browser",
            "apt-get, about a minute",
        );
        apt_install(TARGET, &["rustc-web", "rust-web-src"])?;
    }
    let compiler = installed().ok_or_else(|| {
        Failure::Setup(format!("Debian's rustc-web is older than {}.{}, or its sources are missing. By hand, with a network: rustup target add {TARGET}", OLDEST.0, OLDEST.1))
    })?;
    let kept = layout.wasm_library().join(compiler.version());
    if libraries(&kept).is_empty() {
        installing("standard library", "for the browser, from Debian's sources", "about a minute, once");
        build_library(layout, &kept)?;
    }
    copy_into_place(&kept, &compiler.target_libraries())?;
    if compiler.has_target() {
        return Ok(compiler);
    }
    Err(Failure::Setup(format!(
        "the standard library for {TARGET} was built, but it is incomplete. Remove {} and run this again.",
        kept.display()
    )))
}

fn build_library(layout: &Layout, kept: &Path) -> Result<(), Failure> {
    let scratch = layout.scratch("wasm-library");
    let source = scratch.join("src");
    create_folder(&source)?;
    let manifest =
        format!("[package]\nname = \"{PROBE}\"\nversion = \"0.0.0\"\nedition = \"2024\"\n\n[workspace]\n");
    write(&scratch.join("Cargo.toml"), &manifest)?;
    write(&source.join("lib.rs"), "")?;
    let target_folder = scratch.join("target");
    // A library without bitcode makes a later link-time optimisation fail ("Can't find section .llvmbc").
    process::run(
        process::cargo()
            .args(["build", "--release", "--target", TARGET, "-Zbuild-std=std,panic_abort"])
            .current_dir(&scratch)
            .env("RUSTC", COMPILER)
            .env("RUSTC_BOOTSTRAP", "1")
            .env("CARGO_TARGET_DIR", &target_folder)
            .env("CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUSTFLAGS", "-C embed-bitcode=yes")
            .env_remove("RUSTFLAGS")
            .env_remove("CARGO_ENCODED_RUSTFLAGS")
            .env_remove("LD_LIBRARY_PATH"),
    )
    .map_err(|failure| {
        Failure::Setup(format!("the standard library for {TARGET} could not be built. {failure}"))
    })?;
    let built = target_folder.join(TARGET).join("release").join("deps");
    let partial = layout.wasm_library().join(format!("partial-{}", std::process::id()));
    copy_libraries(&built, &partial)?;
    put_in_place(&partial, kept)?;
    remove_folder(&scratch)
}

/// Copies the libraries beside their place, then renames: a broken copy is never found.
fn copy_into_place(from: &Path, to: &Path) -> Result<(), Failure> {
    let Some(above) = to.parent() else {
        return Err(Failure::Setup(format!("{} has no folder above it.", to.display())));
    };
    let denied = |failure| match (process::is_root(), failure) {
        (false, Failure::Setup(message)) => Failure::Setup(format!(
            "{message} Only root may write there: run `cargo xtask setup` once as root, or use rustup."
        )),
        (_, failure) => failure,
    };
    let partial = above.join(format!("lib.partial-{}", std::process::id()));
    copy_libraries(from, &partial).map_err(denied)?;
    remove_folder(to)?;
    put_in_place(&partial, to)
}

fn copy_libraries(from: &Path, to: &Path) -> Result<(), Failure> {
    create_folder(to)?;
    let own = format!("lib{PROBE}");
    let is_library =
        |path: &PathBuf| !path.file_name().is_some_and(|name| name.to_string_lossy().starts_with(&own));
    for path in libraries(from).into_iter().filter(is_library) {
        let name = path.file_name().unwrap_or_default();
        fs::copy(&path, to.join(name))
            .map_err(|error| Failure::Setup(format!("{} cannot be copied: {error}.", path.display())))?;
    }
    Ok(())
}

fn write(path: &Path, text: &str) -> Result<(), Failure> {
    fs::write(path, text)
        .map_err(|error| Failure::Setup(format!("{} cannot be written: {error}.", path.display())))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_compare_as_numbers() {
        assert_eq!(number("1.96.0"), Some((1, 96)));
        assert!(number("1.100.0") > number("1.95.0"));
        assert_eq!(number("new"), None);
    }
}
