//! Writes `sw.js`: the service worker's text from `web/service-worker.js` with this build's name and files.

use super::files::{PACKED, PageFolder, integrity, short_hash};
use super::start_file;
use crate::failure::Failure;

/// The service worker's name.
pub const NAME: &str = "sw.js";
/// What the text holds where the build's name belongs.
const BUILD_PLACE: &str = "{{build}}";
/// What the text holds where the list of files belongs.
const FILES_PLACE: &str = "{{files}}";

/// Writes the service worker for the files that are there. A quick page keeps nothing, so that the next one is seen
/// at once.
pub fn write(page: PageFolder, template: &str, quick: bool) -> Result<(), Failure> {
    let mut rows = Vec::new();
    for name in kept(&page.names()?) {
        // The start file is asked for by the folder's own address.
        let address = if name == start_file::NAME { "./" } else { name };
        rows.push(format!("  {address:?}: {:?},\n", integrity(&page.read(name)?)));
    }
    let files = if quick { "{}".to_owned() } else { format!("{{\n{}}}", rows.concat()) };
    let build = short_hash(&[rows.concat().as_bytes(), template.as_bytes()]);
    for place in [BUILD_PLACE, FILES_PLACE] {
        if template.matches(place).count() != 1 {
            return Err(Failure::Step(format!("web/service-worker.js must hold `{place}` once.")));
        }
    }
    let text = template.replace(BUILD_PLACE, &build).replace(FILES_PLACE, &files);
    page.write(NAME, text.as_bytes())
}

/// The files a browser keeps: all but the service worker, which it keeps by itself, and compressed twins.
pub fn kept(names: &[String]) -> impl Iterator<Item = &str> {
    let packed = format!(".{PACKED}");
    names.iter().map(String::as_str).filter(move |name| *name != NAME && !name.ends_with(&packed))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    const TEMPLATE: &str = "const BUILD = \"{{build}}\";\nconst FILES = {{files}};\n";

    #[test]
    fn the_list_holds_every_file_once_and_changes_with_its_bytes() {
        let folder = std::env::temp_dir().join(format!("switchyard-worker-{}", std::process::id()));
        let page = PageFolder(&folder);
        for name in ["index.html", "engine/1/a.wasm", "a.js", "a.js.gz", "sw.js"] {
            page.write(name, name.as_bytes()).unwrap();
        }
        write(page, TEMPLATE, false).unwrap();
        let first = page.text(NAME).unwrap();
        for address in ["\"./\": \"sha256-", "\"engine/1/a.wasm\": \"", "\"a.js\": \""] {
            assert_eq!(first.matches(address).count(), 1, "{first}");
        }
        assert!(!first.contains("sw.js") && !first.contains(".gz") && !first.contains("{{"), "{first}");
        page.write("a.js", b"changed").unwrap();
        write(page, TEMPLATE, false).unwrap();
        assert_ne!(
            page.text(NAME).unwrap().lines().next(),
            first.lines().next(),
            "the build has another name"
        );
        write(page, TEMPLATE, true).unwrap();
        assert!(page.text(NAME).unwrap().contains("const FILES = {};"));
        assert!(write(page, "const FILES = {{files}};", false).is_err());
        std::fs::remove_dir_all(&folder).unwrap();
    }
}
