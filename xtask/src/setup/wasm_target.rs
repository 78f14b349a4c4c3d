//! A compiler that can build for `wasm32-unknown-unknown`.
//!
//! The routes, in this order: the target is already there; rustup adds it; Debian's own compiler and library sources
//! (see [`super::debian`]); a sentence that says what to do.

use super::{debian, found, installing};
use crate::failure::Failure;
use crate::layout::Layout;
use crate::process;
use std::collections::hash_map::DefaultHasher;
use std::hash::{Hash as _, Hasher as _};
use std::path::{Path, PathBuf};
use std::process::Command;

/// The target's name.
pub const TARGET: &str = "wasm32-unknown-unknown";
const WHY: &str = "lets the compiler build for the browser";

/// How to call cargo so that it builds for the browser.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WasmCompiler {
    /// The compiler, when it is not the one cargo takes by itself, and the linker that goes with it.
    replacement: Option<(PathBuf, PathBuf)>,
    target_folder: PathBuf,
}

impl WasmCompiler {
    /// Where its builds go.
    pub fn target_folder(&self) -> &Path {
        &self.target_folder
    }

    /// Puts the compiler, the linker and the build folder into a command's environment.
    pub fn apply(&self, command: &mut Command) {
        command.env("CARGO_TARGET_DIR", &self.target_folder);
        // Flags meant for the native build do not fit the browser; ours come from .cargo/config.toml.
        command.env_remove("RUSTFLAGS").env_remove("CARGO_ENCODED_RUSTFLAGS");
        if let Some((compiler, linker)) = &self.replacement {
            command.env("RUSTC", compiler);
            command.env("CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_LINKER", linker);
            // `cargo run` points this at the first compiler's libraries; they are not the second one's.
            command.env_remove("LD_LIBRARY_PATH");
        }
    }
}

/// Finds the target or adds it.
pub fn ensure(layout: &Layout) -> Result<WasmCompiler, Failure> {
    let installed = Sysroot::of("rustc")
        .ok_or_else(|| Failure::Setup("`rustc` does not run. Install Rust from https://rustup.rs.".into()))?;
    if installed.has_target() {
        found(TARGET, WHY, &installed.version);
        return Ok(ordinary(layout, &installed));
    }
    if let Some(compiler) = debian::installed().filter(Sysroot::has_target) {
        found(TARGET, WHY, &format!("Debian's compiler {}", compiler.version));
        return replaced(layout, &installed, &compiler);
    }
    if let Some(rustup) = process::find("rustup") {
        installing(TARGET, WHY, "rustup, some seconds");
        let added = process::run(process::program(rustup).args(["target", "add", TARGET]));
        if added.is_ok() && installed.has_target() {
            return Ok(ordinary(layout, &installed));
        }
        println!("rustup could not add it; trying the next way.");
    }
    if process::find("apt-get").is_some() {
        let compiler = debian::install(layout)?;
        return replaced(layout, &installed, &compiler);
    }
    Err(Failure::Setup(format!(
        "the compiler cannot build for {TARGET}, and neither rustup nor apt-get could add it. Is there a network? By hand: rustup target add {TARGET}"
    )))
}

fn ordinary(layout: &Layout, compiler: &Sysroot) -> WasmCompiler {
    WasmCompiler { replacement: None, target_folder: layout.wasm_target().join(compiler.identity()) }
}

fn replaced(layout: &Layout, installed: &Sysroot, compiler: &Sysroot) -> Result<WasmCompiler, Failure> {
    let linker = installed.linker().or_else(|| process::find("wasm-ld")).ok_or_else(|| {
        Failure::Setup(
            "Debian's compiler needs a linker: neither rustup's rust-lld nor wasm-ld was found.".into(),
        )
    })?;
    Ok(WasmCompiler {
        replacement: Some((compiler.program.clone(), linker)),
        target_folder: layout.wasm_target().join(compiler.identity()),
    })
}

/// A compiler and the folder of its libraries.
#[derive(Debug, Clone)]
pub struct Sysroot {
    program: PathBuf,
    folder: PathBuf,
    version: String,
    host: String,
}

impl Sysroot {
    /// Asks a compiler where its libraries are.
    pub fn of(program: impl AsRef<Path>) -> Option<Sysroot> {
        let program = program.as_ref().to_path_buf();
        let ask = |words: &[&str]| {
            process::read(process::program(&program).args(words).env_remove("LD_LIBRARY_PATH"))
        };
        let folder = PathBuf::from(ask(&["--print", "sysroot"])?.trim());
        let verbose = ask(&["-vV"])?;
        let field = |name: &str| {
            verbose.lines().find_map(|line| line.strip_prefix(name)).map(|value| value.trim().to_owned())
        };
        Some(Sysroot { program, folder, version: field("release:")?, host: field("host:")? })
    }

    /// The compiler's version, like `1.95.0`.
    pub fn version(&self) -> &str {
        &self.version
    }

    /// The folder of the libraries for the browser.
    pub fn target_libraries(&self) -> PathBuf {
        self.folder.join("lib").join("rustlib").join(TARGET).join("lib")
    }

    /// Whether the standard library for the browser is there.
    pub fn has_target(&self) -> bool {
        let names: Vec<String> =
            libraries(&self.target_libraries()).iter().map(|path| name_of(path)).collect();
        ["libcore-", "libstd-"].iter().all(|start| names.iter().any(|name| name.starts_with(start)))
    }

    fn linker(&self) -> Option<PathBuf> {
        let folder = self.folder.join("lib").join("rustlib").join(&self.host).join("bin");
        process::find_in("rust-lld", &[folder])
    }

    /// A name for the build folder that changes with the compiler and with its libraries, because cargo does not
    /// notice a library that was built again.
    fn identity(&self) -> String {
        let mut hasher = DefaultHasher::new();
        for path in libraries(&self.target_libraries()) {
            name_of(&path).hash(&mut hasher);
            path.metadata().map(|data| data.len()).unwrap_or(0).hash(&mut hasher);
        }
        format!("{}-{:08x}", self.version, hasher.finish() >> 32)
    }
}

/// The `.rlib` files of a folder, in the order of their names.
pub fn libraries(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let mut paths: Vec<PathBuf> = entries
        .map(|entry| entry.path())
        .filter(|path| path.extension().is_some_and(|end| end == "rlib"))
        .collect();
    paths.sort();
    paths
}

fn name_of(path: &Path) -> String {
    path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default()
}
