//! Writes a compressed twin beside every file that gets smaller by it, so that a server need not compress.

use super::files::{PACKED, PageFolder};
use crate::failure::Failure;
use flate2::{Compression, GzBuilder};
use std::io::Write as _;

/// The endings of files that compress.
const ENDINGS: [&str; 11] =
    ["html", "css", "js", "wasm", "json", "jsonl", "toml", "webmanifest", "svg", "txt", "csv"];

/// Compresses every file that it pays for.
pub fn compress(page: PageFolder) -> Result<(), Failure> {
    for name in page.names()? {
        if !name.rsplit_once('.').is_some_and(|(_, ending)| ENDINGS.contains(&ending)) {
            continue;
        }
        let plain = page.read(&name)?;
        let packed =
            gzip(&plain).map_err(|error| Failure::Step(format!("{name} cannot be compressed: {error}.")))?;
        if packed.len() < plain.len() {
            page.write(&format!("{name}.{PACKED}"), &packed)?;
        }
    }
    Ok(())
}

/// The bytes in gzip's format, without a time or a name, so that equal bytes stay equal.
fn gzip(bytes: &[u8]) -> std::io::Result<Vec<u8>> {
    let mut encoder = GzBuilder::new().write(Vec::new(), Compression::best());
    encoder.write_all(bytes)?;
    encoder.finish()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use std::io::Read as _;

    #[test]
    fn a_twin_holds_the_same_bytes_and_is_only_written_when_smaller() {
        let folder = std::env::temp_dir().join(format!("switchyard-compression-{}", std::process::id()));
        let page = PageFolder(&folder);
        let text = "route ".repeat(100);
        page.write("a.js", text.as_bytes()).unwrap();
        page.write("short.js", b"1").unwrap();
        page.write("picture.png", text.as_bytes()).unwrap();
        compress(page).unwrap();
        assert_eq!(page.names().unwrap(), ["a.js", "a.js.gz", "picture.png", "short.js"]);
        let mut unpacked = String::new();
        flate2::read::GzDecoder::new(&*page.read("a.js.gz").unwrap()).read_to_string(&mut unpacked).unwrap();
        assert_eq!(unpacked, text);
        std::fs::remove_dir_all(&folder).unwrap();
    }
}
