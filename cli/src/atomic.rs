//! The one way this program writes a file: completely or not at all.
//!
//! A temporary file in the same directory is written, synced to the disk, renamed over the target, and then the
//! directory itself is synced. Whoever kills the process at any moment finds the old file or the new one.

use std::io::{self, Write as _};
use std::path::Path;

/// What the names of temporary files begin with; a killed process may leave one behind.
const PREFIX: &str = ".switchyard-";
/// What they end with.
const SUFFIX: &str = ".partial";

/// Writes `bytes` to `path`, completely or not at all.
///
/// # Errors
/// What the system says; then `path` is as it was before.
pub fn write(path: &Path, bytes: &[u8]) -> io::Result<()> {
    write_parts(path, &[bytes])
}

/// Writes parts one after the other to `path`, completely or not at all.
///
/// # Errors
/// What the system says; then `path` is as it was before.
pub fn write_parts(path: &Path, parts: &[&[u8]]) -> io::Result<()> {
    let directory = match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    };
    let mut builder = tempfile::Builder::new();
    builder.prefix(PREFIX).suffix(SUFFIX);
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        builder.permissions(std::fs::Permissions::from_mode(0o644));
    }
    let mut file = builder.tempfile_in(directory)?;
    parts.iter().try_for_each(|part| file.write_all(part))?;
    file.as_file().sync_all()?;
    file.persist(path).map_err(|error| error.error)?;
    sync_directory(directory)
}

/// Makes the names in a directory durable. Windows does so itself and cannot open a directory as a file.
pub fn sync_directory(directory: &Path) -> io::Result<()> {
    if cfg!(unix) { std::fs::File::open(directory)?.sync_all() } else { Ok(()) }
}

/// Whether a file name is that of a temporary file that a killed process left behind.
pub fn is_leftover(name: &str) -> bool {
    name.starts_with(PREFIX) && name.ends_with(SUFFIX)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(directory: &Path) -> Vec<String> {
        let entries = std::fs::read_dir(directory).expect("the directory exists");
        entries.map(|entry| entry.expect("readable").file_name().to_string_lossy().into_owned()).collect()
    }

    #[test]
    fn writes_and_replaces_and_leaves_no_temporary_file() {
        let directory = tempfile::tempdir().expect("a temporary directory");
        let path = directory.path().join("a.json");
        write(&path, b"one").expect("the directory is writable");
        write(&path, b"two, longer").expect("the directory is writable");
        assert_eq!(std::fs::read(&path).expect("it was written"), b"two, longer");
        assert_eq!(names(directory.path()), ["a.json"]);
    }

    #[test]
    fn a_failed_write_leaves_the_old_file_and_no_temporary_file() {
        let directory = tempfile::tempdir().expect("a temporary directory");
        let path = directory.path().join("taken");
        std::fs::create_dir(&path).expect("the directory is writable");
        std::fs::write(path.join("inside"), b"x").expect("the directory is writable");
        assert!(write(&path, b"new").is_err(), "a file cannot replace a directory");
        assert_eq!(names(directory.path()), ["taken"]);
        assert_eq!(std::fs::read(path.join("inside")).expect("still there"), b"x");
    }

    #[test]
    fn leftovers_are_recognised_and_results_are_not() {
        assert!(is_leftover(".switchyard-a1b2c3.partial"));
        assert!(!is_leftover("sandwich~seed-1.json"));
    }
}
