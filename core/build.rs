//! Names the build: a hash of the sources that decide what a run computes, and of the kind of machine it is compiled
//! for, so that a page and its engine, or a link and whoever opens it, can tell whether they compute alike.

use std::fs;
use std::path::{Path, PathBuf};

/// What decides a run's numbers: this crate, its data, and the versions of everything below it.
const SOURCES: [&str; 3] = ["src", "../static/data", "../Cargo.lock"];

fn main() {
    let mut files = Vec::new();
    for source in SOURCES {
        println!("cargo:rerun-if-changed={source}");
        collect(Path::new(source), &mut files);
    }
    files.sort();
    let mut hash = 0xcbf2_9ce4_8422_2325_u64;
    for file in &files {
        let name = file.to_string_lossy().replace('\\', "/");
        hash = fold(hash, name.as_bytes());
        // A file that vanishes while it is read changes the name as much as one that was never there.
        hash = fold(hash, &fs::read(file).unwrap_or_default());
    }
    let machine = std::env::var("CARGO_CFG_TARGET_ARCH").unwrap_or_default();
    hash = fold(hash, machine.as_bytes());
    println!("cargo:rustc-env=SWITCHYARD_BUILD={hash:016x}");
}

/// Every file below a path, or the path itself.
fn collect(path: &Path, files: &mut Vec<PathBuf>) {
    let Ok(entries) = fs::read_dir(path) else {
        files.push(path.to_owned());
        return;
    };
    for entry in entries.flatten() {
        collect(&entry.path(), files);
    }
}

/// The 64-bit FNV-1a hash, continued; line ends count alike on every system.
fn fold(hash: u64, bytes: &[u8]) -> u64 {
    let bytes = bytes.iter().filter(|byte| **byte != b'\r');
    bytes.fold(hash, |hash, byte| (hash ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01b3))
}
