//! Building the web page, checking its files and serving it.

use crate::failure::Failure;
use crate::layout::Layout;
use crate::process;
use crate::server::Server;
use crate::setup::{self, Need, Tools};
use std::fs;
use std::path::{Path, PathBuf};

/// The cargo profile of the page, as in the workspace's Cargo.toml and in `web/Trunk.toml`.
pub const PROFILE: &str = "web";
/// The first bytes of every WebAssembly file: the magic word and version 1.
const WASM_START: [u8; 8] = [0, b'a', b's', b'm', 1, 0, 0, 0];
const USUAL_PORT: u16 = 8080;

/// Builds the page and serves it until the program is stopped.
pub fn play(layout: &Layout, port: Option<u16>) -> Result<(), Failure> {
    println!("== setup");
    let tools = setup::ensure(layout, &[Need::PageTools])?;
    println!("\n== page");
    build(layout, &tools)?;
    let server = match port {
        Some(port) => Server::bind(&layout.dist(), "/", port),
        None => {
            Server::bind(&layout.dist(), "/", USUAL_PORT).or_else(|_| Server::bind(&layout.dist(), "/", 0))
        }
    };
    let server = server.map_err(|error| {
        Failure::Setup(format!("the port cannot be used: {error}. Choose another one with `--port N`."))
    })?;
    let url = server.url().map_err(|error| Failure::Setup(format!("the server has no address: {error}.")))?;
    println!("\nSwitchyard is at {url} and answers this machine only. Stop with Ctrl-C.");
    server.serve();
    Ok(())
}

/// Builds the page into its folder: cargo first, for its own messages, then trunk, which finds that work done.
pub fn build(layout: &Layout, tools: &Tools) -> Result<(), Failure> {
    let wasm = tools.wasm()?;
    let mut cargo = process::cargo();
    cargo
        .args([
            "build",
            "--profile",
            PROFILE,
            "--target",
            "wasm32-unknown-unknown",
            "--manifest-path",
            "web/Cargo.toml",
        ])
        .current_dir(layout.root());
    wasm.apply(&mut cargo);
    process::run(&mut cargo)?;

    // Only a build that trunk calls a release goes through wasm-opt; the cargo profile is the same.
    let release: &[&str] = if tools.has_optimiser() { &["--release"] } else { &[] };
    let trunk = process::find_in("trunk", tools.folders())
        .ok_or_else(|| Failure::Setup("trunk was set up, but it is not where it should be.".into()))?;
    let mut trunk = process::program(trunk);
    trunk
        .args(["build", "--offline", "--cargo-profile", PROFILE])
        .args(release)
        .current_dir(layout.web())
        .env("PATH", process::path_with(tools.folders())?)
        // trunk 0.21 refuses the value 1 for this variable.
        .env_remove("NO_COLOR");
    wasm.apply(&mut trunk);
    process::run(&mut trunk)?;
    check(&layout.dist())
}

/// Asks that the folder holds a page: one start file that loads JavaScript and WebAssembly which are really there.
fn check(dist: &Path) -> Result<(), Failure> {
    let wrong = |message: String| Failure::Step(format!("the built page is not right: {message}"));
    let index = fs::read_to_string(dist.join("index.html"))
        .map_err(|error| wrong(format!("index.html cannot be read ({error}).")))?;
    if index.contains("=\"/") || index.contains("'/") || index.contains("://") {
        return Err(wrong("index.html names an absolute address, so it works under one path only.".into()));
    }
    for ending in ["js", "wasm", "css"] {
        let files = with_ending(dist, ending)?;
        let named = files
            .iter()
            .find(|file| file.file_name().is_some_and(|name| index.contains(&*name.to_string_lossy())));
        let Some(file) = named else {
            return Err(wrong(format!("index.html names no .{ending} file that is there.")));
        };
        let bytes =
            fs::read(file).map_err(|error| wrong(format!("{} cannot be read ({error}).", file.display())))?;
        if ending == "wasm" && !bytes.starts_with(&WASM_START) {
            return Err(wrong(format!("{} does not start as WebAssembly does.", file.display())));
        }
        println!("{:>9} bytes  {}", bytes.len(), file.file_name().unwrap_or_default().to_string_lossy());
    }
    Ok(())
}

fn with_ending(folder: &Path, ending: &str) -> Result<Vec<PathBuf>, Failure> {
    let entries = fs::read_dir(folder)
        .map_err(|error| Failure::Step(format!("{} cannot be read: {error}.", folder.display())))?;
    let paths = entries.flatten().map(|entry| entry.path());
    Ok(paths.filter(|path| path.extension().is_some_and(|end| end == ending)).collect())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn dist(name: &str, index: &str, wasm: &[u8]) -> Result<(), Failure> {
        let folder = std::env::temp_dir().join(format!("switchyard-dist-{name}-{}", std::process::id()));
        fs::create_dir_all(&folder).unwrap();
        fs::write(folder.join("index.html"), index).unwrap();
        fs::write(folder.join("a.js"), "").unwrap();
        fs::write(folder.join("a.css"), "").unwrap();
        fs::write(folder.join("a.wasm"), wasm).unwrap();
        let outcome = check(&folder);
        fs::remove_dir_all(&folder).unwrap();
        outcome
    }

    #[test]
    fn only_a_whole_page_passes() {
        let index = "<link href=\"./a.css\"><script src=\"./a.js\"></script> ./a.wasm";
        assert_eq!(dist("whole", index, &WASM_START), Ok(()));
        assert!(dist("magic", index, b"<!doctype html>").is_err());
        assert!(dist("unnamed", "<p>./a.js ./a.css</p>", &WASM_START).is_err());
        assert!(dist("absolute", &index.replace("./a.js", "/a.js"), &WASM_START).is_err());
        assert!(dist("foreign", &format!("{index} https://example.org"), &WASM_START).is_err());
    }
}
