//! The files of a page's folder: reading, writing, listing and naming them by their content.

use crate::failure::Failure;
use sha2::{Digest as _, Sha256};
use std::fmt::Write as _;
use std::fs;
use std::path::Path;

/// The ending of a file's compressed twin.
pub const PACKED: &str = "gz";

/// A folder that holds a page, finished or not.
#[derive(Debug, Clone, Copy)]
pub struct PageFolder<'a>(pub &'a Path);

impl PageFolder<'_> {
    /// Every file's name, a path with slashes, in order.
    pub fn names(self) -> Result<Vec<String>, Failure> {
        let mut names = Vec::new();
        collect(self.0, "", &mut names)?;
        names.sort();
        Ok(names)
    }

    /// A file's bytes.
    pub fn read(self, name: &str) -> Result<Vec<u8>, Failure> {
        fs::read(self.0.join(name)).map_err(|error| unusable(name, "cannot be read", &error))
    }

    /// A file's text.
    pub fn text(self, name: &str) -> Result<String, Failure> {
        fs::read_to_string(self.0.join(name)).map_err(|error| unusable(name, "cannot be read", &error))
    }

    /// Writes a file, and the folders above it.
    pub fn write(self, name: &str, bytes: &[u8]) -> Result<(), Failure> {
        let path = self.0.join(name);
        let above = path.parent().unwrap_or(self.0);
        fs::create_dir_all(above)
            .and_then(|()| fs::write(&path, bytes))
            .map_err(|error| unusable(name, "cannot be written", &error))
    }

    /// Takes a file away.
    pub fn remove(self, name: &str) -> Result<(), Failure> {
        fs::remove_file(self.0.join(name)).map_err(|error| unusable(name, "cannot be removed", &error))
    }
}

fn collect(folder: &Path, prefix: &str, names: &mut Vec<String>) -> Result<(), Failure> {
    let entries = fs::read_dir(folder)
        .map_err(|error| Failure::Step(format!("{} cannot be read: {error}.", folder.display())))?;
    for entry in entries.flatten() {
        let name = format!("{prefix}{}", entry.file_name().to_string_lossy());
        if entry.path().is_dir() {
            collect(&entry.path(), &format!("{name}/"), names)?;
        } else {
            names.push(name);
        }
    }
    Ok(())
}

fn unusable(name: &str, what: &str, error: &std::io::Error) -> Failure {
    Failure::Step(format!("the page's {name} {what}: {error}."))
}

/// A short name for exactly these bytes: the first twelve hexadecimal digits of their SHA-256.
pub fn short_hash(parts: &[&[u8]]) -> String {
    let mut hasher = Sha256::new();
    for part in parts {
        hasher.update((part.len() as u64).to_le_bytes());
        hasher.update(part);
    }
    let mut text = String::new();
    for byte in &hasher.finalize()[..6] {
        // Writing to a string cannot fail.
        let _ = write!(text, "{byte:02x}");
    }
    text
}

/// The hash by which a browser checks what it fetched, as in `integrity="sha256-…"`.
pub fn integrity(bytes: &[u8]) -> String {
    format!("sha256-{}", base64(&Sha256::digest(bytes)))
}

fn base64(bytes: &[u8]) -> String {
    const SIGNS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::new();
    for chunk in bytes.chunks(3) {
        let byte = |at: usize| u32::from(chunk.get(at).copied().unwrap_or(0));
        let group = byte(0) << 16 | byte(1) << 8 | byte(2);
        for place in 0..4 {
            let sign = SIGNS[(group >> (18 - 6 * place) & 63) as usize];
            text.push(if place <= chunk.len() { char::from(sign) } else { '=' });
        }
    }
    text
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn base64_agrees_with_its_specification() {
        let examples = [
            ("", ""),
            ("f", "Zg=="),
            ("fo", "Zm8="),
            ("foo", "Zm9v"),
            ("foob", "Zm9vYg=="),
            ("fooba", "Zm9vYmE="),
        ];
        for (text, expected) in examples {
            assert_eq!(base64(text.as_bytes()), expected);
        }
        assert_eq!(integrity(b"abc"), "sha256-ungWv48Bz+pBQUDeXa4iI7ADYaOWF3qctBD/YfIAFa0=");
    }

    #[test]
    fn a_name_by_content_changes_with_every_byte_and_every_border() {
        assert_eq!(short_hash(&[b"ab"]).len(), 12);
        assert_ne!(short_hash(&[b"ab"]), short_hash(&[b"ac"]));
        assert_ne!(short_hash(&[b"ab", b"c"]), short_hash(&[b"a", b"bc"]));
    }

    #[test]
    fn names_are_listed_with_slashes_and_in_order() {
        let folder = std::env::temp_dir().join(format!("switchyard-files-{}", std::process::id()));
        let page = PageFolder(&folder);
        for name in ["b.js", "a/c.js", "a/b/d.js"] {
            page.write(name, name.as_bytes()).unwrap();
        }
        assert_eq!(page.names().unwrap(), ["a/b/d.js", "a/c.js", "b.js"]);
        page.remove("b.js").unwrap();
        assert!(page.read("b.js").is_err());
        fs::remove_dir_all(&folder).unwrap();
    }
}
