//! Where things are: the clone, the cache folder and the build folders. It creates nothing.

use crate::failure::Failure;
use std::env;
use std::path::{Path, PathBuf};

/// The folders every command works in.
#[derive(Debug, Clone)]
pub struct Layout {
    root: PathBuf,
    cache: PathBuf,
    native_target: PathBuf,
}

impl Layout {
    /// Finds the clone from cargo's environment and the cache folder from the user's.
    pub fn discover() -> Result<Layout, Failure> {
        let here = env::var_os("CARGO_MANIFEST_DIR")
            .map(PathBuf::from)
            .ok_or_else(|| Failure::Usage("start this program with `cargo xtask`.".into()))?;
        let root = here
            .parent()
            .map(Path::to_path_buf)
            .ok_or_else(|| Failure::Usage("the xtask folder has no folder above it.".into()))?;
        let cache = cache_home()
            .ok_or_else(|| {
                Failure::Setup(
                    "no cache folder: neither XDG_CACHE_HOME nor HOME is set. Set one of them.".into(),
                )
            })?
            .join("switchyard");
        let native_target = match env::var_os("CARGO_TARGET_DIR").filter(|value| !value.is_empty()) {
            Some(chosen) => root.join(chosen),
            None => cache.join("target-native"),
        };
        Ok(Layout { root, cache, native_target })
    }

    /// The top folder of the clone.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// The folder of the web page's sources.
    pub fn web(&self) -> PathBuf {
        self.root.join("web")
    }

    /// The folder the finished page is written to.
    pub fn dist(&self) -> PathBuf {
        self.root.join("web").join("dist")
    }

    /// Where installed tools live.
    pub fn tools(&self) -> PathBuf {
        self.cache.join("tools")
    }

    /// Where a self-built standard library for the browser is kept.
    pub fn wasm_library(&self) -> PathBuf {
        self.cache.join("wasm-library")
    }

    /// The build folder of native code.
    pub fn native_target(&self) -> &Path {
        &self.native_target
    }

    /// The build folder of browser code; two compilers must not share one, so it is never the native one.
    pub fn wasm_target(&self) -> PathBuf {
        self.cache.join("target-wasm")
    }

    /// Where the browser tests leave pictures of what went wrong.
    pub fn pictures(&self) -> PathBuf {
        self.cache.join("pictures")
    }

    /// A folder for short-lived files of one purpose.
    pub fn scratch(&self, purpose: &str) -> PathBuf {
        self.cache.join("scratch").join(format!("{purpose}-{}", std::process::id()))
    }
}

fn cache_home() -> Option<PathBuf> {
    let set = |name: &str| env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    set("XDG_CACHE_HOME")
        .filter(|path| path.is_absolute())
        .or_else(|| set("LOCALAPPDATA"))
        .or_else(|| set("HOME").map(|home| home.join(".cache")))
}
