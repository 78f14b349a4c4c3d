//! The examples of the web crate, which are one program natively and in WebAssembly: building them both ways.

use crate::failure::Failure;
use crate::layout::Layout;
use crate::page;
use crate::process;
use crate::setup::Tools;
use std::path::PathBuf;
use std::process::Command;

const TARGET: &str = "wasm32-unknown-unknown";

/// Builds an example for Node.js and gives its script. It has the profile of the page's engine, which then finds
/// everything below it compiled. `more` are more words for cargo.
pub fn for_node(layout: &Layout, tools: &Tools, name: &str, more: &[&str]) -> Result<PathBuf, Failure> {
    let wasm = tools.wasm()?;
    let mut build = process::cargo();
    build
        .args(["build", "--profile", page::ENGINE_PROFILE, "--target", TARGET])
        .args(["--package", "switchyard-web", "--example", name])
        .args(more)
        .current_dir(layout.root());
    wasm.apply(&mut build);
    process::run(&mut build)?;

    let built = wasm.target_folder().join(TARGET).join(page::ENGINE_PROFILE).join("examples");
    let out = built.join(name);
    let bindgen = process::find_in("wasm-bindgen", tools.folders())
        .ok_or_else(|| Failure::Setup("wasm-bindgen was set up, but it is not where it should be.".into()))?;
    let mut bindgen = process::program(bindgen);
    bindgen.args(["--target", "nodejs", "--no-typescript", "--out-dir"]).arg(&out);
    process::run(bindgen.arg(built.join(format!("{name}.wasm"))))?;
    Ok(out.join(format!("{name}.js")))
}

/// Node.js with one of those scripts: it is loaded, then `words` run.
pub fn in_node(tools: &Tools, script: PathBuf, words: &str) -> Result<Command, Failure> {
    let mut node = process::program(&tools.node()?.node);
    node.args(["-e", &format!("require(process.argv[1]); {words}")]).arg(script);
    Ok(node)
}

/// The same example on this machine, on one thread.
pub fn natively(layout: &Layout, name: &str) -> Command {
    let mut cargo = process::cargo();
    cargo
        .args(["run", "--quiet", "--release", "--package", "switchyard-web", "--example", name])
        .current_dir(layout.root())
        .env("CARGO_TARGET_DIR", layout.native_target())
        .env("RAYON_NUM_THREADS", "1");
    cargo
}
