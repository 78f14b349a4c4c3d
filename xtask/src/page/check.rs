//! Asks that a finished page is whole, and shows what it weighs.

use super::files::{PACKED, PageFolder};
use super::finish::Finish;
use super::workers::{self, Worker};
use super::{service_worker, start_file};
use crate::failure::Failure;

/// The first bytes of every WebAssembly file: the magic word and version 1.
const WASM_START: [u8; 8] = [0, b'a', b's', b'm', 1, 0, 0, 0];
/// What the page's own WebAssembly should weigh at most, compressed, in bytes, and the most it may: what it weighed
/// when this was last measured, and a little more, so that it does not grow unseen.
const PAGE_SIZES: [usize; 2] = [400_000, 535_000];
/// The same for the engine.
const ENGINE_SIZES: [usize; 2] = [1_000_000, 1_200_000];
/// The same for the engine of transformers, which is loaded only when a run of one is opened.
const TRANSFORMERS_SIZES: [usize; 2] = [1_000_000, 1_025_000];
/// The same for the reader, which is loaded only when a file is opened.
const READER_SIZES: [usize; 2] = [210_000, 230_000];

/// Checks a finished page and prints its sizes. They are judged only after wasm-opt has done its part.
pub fn check(page: PageFolder, how: Finish) -> Result<(), Failure> {
    let names = page.names()?;
    let text = page.text(start_file::NAME)?;
    start_file_is_right(&text)?;
    let wasm = named(&names, &text, "wasm")?;
    for ending in ["js", "css"] {
        named(&names, &text, ending)?;
    }
    let engine = module(&text, workers::ENGINE)?;
    let transformers = module(&text, workers::TRANSFORMERS)?;
    let reader = module(&text, workers::READER)?;
    everything_is_kept(page, &names, how)?;
    println!("\n{:<52} {:>11} {:>11}", "file", "bytes", "compressed");
    for name in service_worker::kept(&names).chain([service_worker::NAME]) {
        println!("{name:<52} {:>11} {:>11}", page.read(name)?.len(), compressed(page, &names, name)?);
    }
    println!();
    let sizes = [
        (wasm, PAGE_SIZES),
        (&engine, ENGINE_SIZES),
        (&transformers, TRANSFORMERS_SIZES),
        (&reader, READER_SIZES),
    ];
    for (name, [target, limit]) in sizes {
        if !page.read(name)?.starts_with(&WASM_START) {
            return Err(wrong(&format!("{name} does not start as WebAssembly does.")));
        }
        let size = compressed(page, &names, name)?;
        if how.optimised && size > target {
            println!("{name} weighs {} kB compressed; {} kB is the target.", size / 1000, target / 1000);
        }
        if how.optimised && size > limit {
            return Err(wrong(&format!(
                "{name} weighs {} kB compressed, and {} kB is the most it may.",
                size / 1000,
                limit / 1000
            )));
        }
    }
    Ok(())
}

/// A worker's WebAssembly file, by way of the loader that the start file names.
fn module(text: &str, worker: Worker) -> Result<String, Failure> {
    let name = worker.name;
    let loader =
        start_file::loader_of(text, name).ok_or_else(|| wrong(&format!("index.html names no {name}.")))?;
    worker.module_of(loader).ok_or_else(|| wrong(&format!("the {name}'s loader has an unknown name.")))
}

fn wrong(message: &str) -> Failure {
    Failure::Step(format!("the built page is not right: {message}"))
}

/// Relative addresses only, and nothing that the policy would stop.
fn start_file_is_right(text: &str) -> Result<(), Failure> {
    if text.contains("=\"/") || text.contains("'/") || text.contains("://") {
        return Err(wrong("index.html names an absolute address, so it works under one path only."));
    }
    if start_file::inline_script(text).is_some() || text.contains("<style") {
        return Err(wrong("index.html holds a script or a style of its own, which its policy forbids."));
    }
    if !text.contains("http-equiv=\"Content-Security-Policy\"") {
        return Err(wrong("index.html holds no policy."));
    }
    Ok(())
}

/// The first file of this ending that the start file names.
fn named<'a>(names: &'a [String], text: &str, ending: &str) -> Result<&'a str, Failure> {
    let with_ending = names.iter().filter(|name| name.rsplit_once('.').is_some_and(|(_, end)| end == ending));
    with_ending
        .map(String::as_str)
        .find(|name| text.contains(name))
        .ok_or_else(|| wrong(&format!("index.html names no .{ending} file that is there.")))
}

/// Whether the service worker lists every file.
fn everything_is_kept(page: PageFolder, names: &[String], how: Finish) -> Result<(), Failure> {
    let worker = page.text(service_worker::NAME)?;
    let missing = service_worker::kept(names)
        .filter(|name| *name != start_file::NAME)
        .find(|name| !worker.contains(&format!("{name:?}")));
    match missing.filter(|_| !how.quick) {
        None => Ok(()),
        Some(name) => Err(wrong(&format!("sw.js does not list {name}."))),
    }
}

/// What a browser fetches of this file, in bytes.
fn compressed(page: PageFolder, names: &[String], name: &str) -> Result<usize, Failure> {
    let twin = format!("{name}.{PACKED}");
    Ok(page.read(if names.contains(&twin) { &twin } else { name })?.len())
}
