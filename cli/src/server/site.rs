//! Where the page's files come from: a folder, or the program itself.

use std::borrow::Cow;
use std::path::{Component, Path, PathBuf};
use std::time::SystemTime;

/// The ending of a file's compressed twin.
const PACKED: &str = "gz";

/// A finished page.
#[derive(Debug, Clone)]
pub enum Site {
    /// In a folder; every request reads the file again.
    Folder(PathBuf),
    /// In this program, put there by the build (`build.rs`) when the feature `playground` asks for it.
    Embedded(&'static [Embedded]),
}

/// One embedded file.
#[derive(Debug)]
pub struct Embedded {
    /// Its path from the page's start, with slashes.
    pub name: &'static str,
    /// Whether the bytes are compressed with gzip.
    pub packed: bool,
    /// Its bytes.
    pub bytes: &'static [u8],
}

/// A file's bytes as they are sent.
#[derive(Debug, PartialEq, Eq)]
pub struct Body {
    /// The bytes.
    pub bytes: Cow<'static, [u8]>,
    /// Whether they are compressed with gzip.
    pub packed: bool,
}

#[cfg(feature = "playground")]
mod embedded {
    use super::Embedded;
    include!(concat!(env!("OUT_DIR"), "/page.rs"));
}

impl Site {
    /// The page that was built into this program.
    #[cfg(feature = "playground")]
    pub fn embedded() -> Option<Self> {
        Some(Self::Embedded(embedded::PAGE))
    }

    /// The page that was built into this program: none, it was built without the feature `playground`.
    #[cfg(not(feature = "playground"))]
    pub fn embedded() -> Option<Self> {
        None
    }

    /// No page at all.
    pub fn nothing() -> Self {
        Self::Embedded(&[])
    }

    /// The file of this name (a path from the page's start), compressed when there is such a form and it is wanted.
    pub fn read(&self, name: &str, accepts_gzip: bool) -> Option<Body> {
        match self {
            Self::Folder(folder) => read_from(folder, name, accepts_gzip),
            Self::Embedded(files) => {
                let file = files.iter().find(|file| file.name == name)?;
                if file.packed && !accepts_gzip {
                    return unpack(file.bytes).map(|bytes| Body { bytes: bytes.into(), packed: false });
                }
                Some(Body { bytes: file.bytes.into(), packed: file.packed })
            }
        }
    }
}

fn read_from(folder: &Path, name: &str, accepts_gzip: bool) -> Option<Body> {
    let path = below(folder, name)?;
    let twin = path.with_added_extension(PACKED);
    let packed = accepts_gzip && is_current(&twin, &path);
    let bytes = std::fs::read(if packed { &twin } else { &path }).ok()?;
    Some(Body { bytes: bytes.into(), packed })
}

/// The path below the folder, or nothing when the name would lead out of it.
fn below(folder: &Path, name: &str) -> Option<PathBuf> {
    let name = Path::new(name);
    name.components().all(|part| matches!(part, Component::Normal(_))).then(|| folder.join(name))
}

/// Whether a compressed twin is at least as new as its file, which somebody may have changed by hand.
fn is_current(twin: &Path, file: &Path) -> bool {
    let changed = |path: &Path| -> Option<SystemTime> { path.metadata().ok()?.modified().ok() };
    matches!((changed(twin), changed(file)), (Some(twin), Some(file)) if twin >= file)
}

/// Unpacks an embedded file for the rare visitor that cannot.
#[cfg(feature = "playground")]
fn unpack(bytes: &[u8]) -> Option<Vec<u8>> {
    use std::io::Read as _;
    let mut plain = Vec::new();
    flate2::read::GzDecoder::new(bytes).read_to_end(&mut plain).ok()?;
    Some(plain)
}

/// Without the feature `playground` nothing is embedded, so nothing is ever unpacked.
#[cfg(not(feature = "playground"))]
fn unpack(_bytes: &[u8]) -> Option<Vec<u8>> {
    None
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn a_name_never_leads_out_of_the_folder() {
        let folder = tempfile::tempdir().unwrap();
        let page = folder.path().join("page");
        std::fs::create_dir_all(page.join("inner")).unwrap();
        std::fs::write(folder.path().join("secret"), "secret").unwrap();
        std::fs::write(page.join("inner/file"), "file").unwrap();
        let site = Site::Folder(page);
        assert_eq!(site.read("inner/file", false).unwrap().bytes, b"file".as_slice());
        for name in
            ["../secret", "inner/../../secret", "/etc/hosts", "", "inner", "inner/file/", "none", "a\0b"]
        {
            let found = site.read(name, true);
            assert!(found.is_none() || name == "inner/file/", "{name}: {found:?}");
        }
    }

    #[test]
    fn a_compressed_twin_is_sent_only_where_it_is_wanted_and_current() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("a.js"), "plain").unwrap();
        std::fs::write(folder.path().join("a.js.gz"), "packed").unwrap();
        let site = Site::Folder(folder.path().to_owned());
        let bytes = |gzip| site.read("a.js", gzip).unwrap().bytes.into_owned();
        assert_eq!(bytes(true), b"packed");
        assert_eq!(bytes(false), b"plain");
        let long_ago = SystemTime::now() - std::time::Duration::from_secs(60);
        std::fs::File::open(folder.path().join("a.js.gz")).unwrap().set_modified(long_ago).unwrap();
        assert_eq!(bytes(true), b"plain");
    }

    #[test]
    fn an_embedded_file_is_found_by_its_whole_name() {
        static FILES: [Embedded; 1] = [Embedded { name: "a/b.js", packed: true, bytes: b"bytes" }];
        let site = Site::Embedded(&FILES);
        assert_eq!(site.read("a/b.js", true), Some(Body { bytes: b"bytes".as_slice().into(), packed: true }));
        assert_eq!(site.read("b.js", true), None);
        assert_eq!(site.read("a/b.js", false), None, "these bytes are not gzip");
    }
}
