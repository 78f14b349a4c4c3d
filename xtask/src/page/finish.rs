//! What turns trunk's output into a page that can be served: trunk calls `cargo xtask finish-page` after each build.

use super::files::PageFolder;
use super::{check, compression, lessons, service_worker, start_file, workers};
use crate::failure::Failure;
use crate::layout::Layout;
use std::env;
use std::path::Path;

/// Set by `cargo xtask page --quick` for the trunk it starts, which hands it on.
pub const QUICK: &str = "SWITCHYARD_QUICK_PAGE";

/// How a page is finished.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Finish {
    /// For a look while working: nothing is kept by the browser.
    pub quick: bool,
    /// The WebAssembly went through wasm-opt, so its size is judged.
    pub optimised: bool,
}

/// Finishes the page that trunk is building; trunk says where it is.
pub fn from_trunk(layout: &Layout) -> Result<(), Failure> {
    let folder = env::var_os("TRUNK_STAGING_DIR").ok_or_else(|| {
        Failure::Usage("`finish-page` is called by trunk, after it has built the page. Build it with `cargo xtask page`.".into())
    })?;
    let quick = env::var_os(QUICK).is_some();
    let optimised = env::var_os("TRUNK_PROFILE").is_some_and(|profile| profile == "release");
    let read = |name: &str| PageFolder(&layout.web()).text(name);
    let texts =
        Texts { policy: read("content-security-policy.txt")?, service_worker: read("service-worker.js")? };
    finish(Path::new(&folder), &texts, Finish { quick, optimised })
}

/// The two texts of `web` that go into a page.
struct Texts {
    policy: String,
    service_worker: String,
}

/// Finishes the page in this folder. The service worker comes after everything it lists, the compressed twins last.
fn finish(folder: &Path, texts: &Texts, how: Finish) -> Result<(), Failure> {
    let page = PageFolder(folder);
    for name in page.names()? {
        // Notes for readers of the source.
        if name.ends_with("README.md") {
            page.remove(&name)?;
        }
    }
    lessons::convert(page)?;
    let mut places = vec![("content-security-policy", start_file::one_line(&texts.policy))];
    for worker in workers::ALL {
        places.push((worker.name, worker.place(page)?));
    }
    start_file::rewrite(page, &places)?;
    service_worker::write(page, &texts.service_worker, how.quick)?;
    compression::compress(page)?;
    check::check(page, how)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    const INDEX: &str = "<meta http-equiv=\"Content-Security-Policy\" content=\"{{content-security-policy}}\">\
        <meta name=\"switchyard-engine\" content=\"{{engine}}\">\
        <meta name=\"switchyard-transformers\" content=\"{{transformers}}\">\
        <meta name=\"switchyard-reader\" content=\"{{reader}}\"><link href=\"./a.css\">\
        <link href=\"./a_bg.wasm\"><script type=\"module\">import './a.js'</script>";
    const WASM: &[u8] = b"\0asm\x01\0\0\0";

    /// Finishes a page of these files, beside those every page has, and gives what came out.
    fn finished(name: &str, files: &[(&str, &[u8])]) -> (Result<(), Failure>, Vec<String>) {
        let folder = env::temp_dir().join(format!("switchyard-finish-{name}-{}", std::process::id()));
        let page = PageFolder(&folder);
        let usual: [(&str, &[u8]); 10] = [
            ("index.html", INDEX.as_bytes()),
            ("a.css", b""),
            ("a.js", b""),
            ("a_bg.wasm", WASM),
            ("switchyard-engine.js", b"engine"),
            ("switchyard-engine_bg.wasm", WASM),
            ("switchyard-transformers.js", b"transformers"),
            ("switchyard-transformers_bg.wasm", WASM),
            ("switchyard-reader.js", b"reader"),
            ("switchyard-reader_bg.wasm", WASM),
        ];
        for (name, bytes) in usual.iter().chain(files) {
            page.write(name, bytes).unwrap();
        }
        let texts = Texts {
            policy: "default-src 'none';\nscript-src 'self'".to_owned(),
            service_worker: "const BUILD = \"{{build}}\"; const FILES = {{files}};".to_owned(),
        };
        let outcome = finish(&folder, &texts, Finish { quick: false, optimised: true });
        let names = page.names().unwrap();
        std::fs::remove_dir_all(&folder).unwrap();
        (outcome, names)
    }

    #[test]
    fn a_whole_page_is_finished() {
        let (outcome, names) =
            finished("whole", &[("lessons/README.md", b"notes"), ("lessons/en/a.toml", b"title = 'a'")]);
        assert_eq!(outcome, Ok(()));
        for folder in ["engine/", "transformers/", "reader/"] {
            let loader = |name: &String| name.starts_with(folder) && name.ends_with("_loader.js");
            assert!(names.iter().any(loader), "{names:?}");
        }
        assert!(names.contains(&"sw.js".to_owned()) && names.contains(&"lessons/en/a.json".to_owned()));
        assert!(!names.iter().any(|name| name.ends_with("README.md")), "{names:?}");
    }

    #[test]
    fn a_page_that_cannot_work_is_refused() {
        let (magic, _) = finished("magic", &[("a_bg.wasm", b"<!doctype html>")]);
        assert!(matches!(magic, Err(Failure::Step(text)) if text.contains("a_bg.wasm")));
        let foreign = INDEX.replace("./a.css", "https://example.org/a.css");
        assert!(finished("foreign", &[("index.html", foreign.as_bytes())]).0.is_err());
        let absolute = INDEX.replace("./a.css", "/a.css");
        assert!(finished("absolute", &[("index.html", absolute.as_bytes())]).0.is_err());
        let unnamed = INDEX.replace("a_bg.wasm", "b_bg.wasm");
        assert!(finished("unnamed", &[("index.html", unnamed.as_bytes())]).0.is_err());
    }

    #[test]
    fn a_module_that_is_too_large_is_refused_with_its_size() {
        // Numbers without a pattern do not compress.
        let noise = |count: u32| -> Vec<u8> {
            let words = (0..count).scan(1_u32, |state, _| {
                *state ^= *state << 13;
                *state ^= *state >> 17;
                *state ^= *state << 5;
                Some(state.to_le_bytes())
            });
            WASM.iter().copied().chain(words.flatten()).collect()
        };
        let (page, _) = finished("large", &[("a_bg.wasm", &noise(150_000))]);
        assert!(matches!(page, Err(Failure::Step(text)) if text.contains("535 kB")));
        assert_eq!(finished("engine", &[("switchyard-engine_bg.wasm", &noise(110_000))]).0, Ok(()));
        assert!(finished("engine-large", &[("switchyard-engine_bg.wasm", &noise(340_000))]).0.is_err());
        assert!(finished("reader-large", &[("switchyard-reader_bg.wasm", &noise(110_000))]).0.is_err());
    }
}
