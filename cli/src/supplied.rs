//! Rows that the user supplied: read once, kept in the run directory with their checksum, so that the run can be
//! repeated there. `data.json` says what they are, `data.csv` is the file itself, byte for byte.

use std::path::Path;

use serde::{Deserialize, Serialize};
use switchyard::data::Dataset;
use switchyard::data::csv::{CsvOptions, Header, TargetColumn, parse};

use crate::checkpoint::sha256;
use crate::error::{Error, Result};

/// The description's name in a run directory.
pub const DESCRIPTION: &str = "data.json";
/// The copy's name in a run directory.
pub const COPY: &str = "data.csv";

/// The version of the description's format.
const SCHEMA_VERSION: u32 = 1;

/// Rows that the user supplied.
#[derive(Debug)]
pub struct Supplied {
    /// The rows.
    pub dataset: Dataset,
    /// What they are.
    pub description: Description,
    bytes: Vec<u8>,
}

/// What the rows are: the content of `data.json`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Description {
    schema_version: u32,
    /// The file's name, without its folder.
    pub file: String,
    /// The column of the class; the last one when there is none.
    pub class: Option<String>,
    /// SHA-256 of the file, in hexadecimal.
    pub sha256: String,
    /// Rows.
    pub rows: usize,
}

impl Description {
    /// The description in a line for people.
    pub fn line(&self) -> String {
        format!("{}, {} rows, SHA-256 {}", self.file, self.rows, self.sha256)
    }
}

impl Supplied {
    /// Reads the file that the user named.
    ///
    /// # Errors
    /// When it cannot be read, is no table of numbers with a class, or has no column called `class`.
    pub fn read(path: &Path, class: Option<&str>) -> Result<Self> {
        if path.is_dir() {
            return Err(Error::data(path, "this is a directory; give a CSV file"));
        }
        let bytes = std::fs::read(path).map_err(Error::read(path))?;
        let file = path.file_name().unwrap_or(path.as_os_str()).to_string_lossy().into_owned();
        Self::parsed(path, file, class, bytes)
    }

    /// The rows that a run directory keeps, if it keeps any.
    ///
    /// # Errors
    /// When a file is missing, or is not what was written when the run began.
    pub fn kept(directory: &Path) -> Result<Option<Self>> {
        let (description, copy) = (directory.join(DESCRIPTION), directory.join(COPY));
        if !description.exists() {
            return Ok(None);
        }
        let stated = read_description(&description)?;
        let bytes = std::fs::read(&copy).map_err(Error::read(&copy))?;
        if sha256(&bytes) != stated.sha256 {
            let problem = format!(
                "this is not the file that the run began with, which has the SHA-256 {}; restore it",
                stated.sha256
            );
            return Err(Error::data(&copy, problem));
        }
        Self::parsed(&copy, stated.file, stated.class.as_deref(), bytes).map(Some)
    }

    fn parsed(path: &Path, file: String, class: Option<&str>, bytes: Vec<u8>) -> Result<Self> {
        let target = class.map_or(TargetColumn::Last, |name| TargetColumn::Named(name.to_owned()));
        let table = parse(&file, &bytes, &CsvOptions { header: Header::Detect, target })
            .map_err(|source| Error::InFile { path: path.to_owned(), source })?;
        let description = Description {
            schema_version: SCHEMA_VERSION,
            file,
            class: class.map(str::to_owned),
            sha256: sha256(&bytes),
            rows: table.dataset.rows(),
        };
        Ok(Self { dataset: table.dataset, description, bytes })
    }

    /// The files that keep them, by name, in the order in which they are to be written.
    pub fn files(&self) -> [(&'static str, Vec<u8>); 2] {
        let mut description =
            serde_json::to_vec_pretty(&self.description).expect("strings and integers are always valid JSON");
        description.push(b'\n');
        [(DESCRIPTION, description), (COPY, self.bytes.clone())]
    }
}

fn read_description(path: &Path) -> Result<Description> {
    let bytes = std::fs::read(path).map_err(Error::read(path))?;
    serde_json::from_slice(&bytes).map_err(|error| {
        Error::data(path, format!("this is no description of a run's data: {error}; restore the file"))
    })
}

/// Whether `name` in `directory` is a file that a process wrote here before it was killed: a description that can be
/// read, or the copy that it describes.
pub fn is_ours(directory: &Path, name: &str) -> bool {
    let Ok(description) = read_description(&directory.join(DESCRIPTION)) else { return false };
    match name {
        DESCRIPTION => true,
        COPY => std::fs::read(directory.join(COPY)).is_ok_and(|bytes| sha256(&bytes) == description.sha256),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TABLE: &str = "x,y,kind\n0,1,a\n1,0,b\n1,1,a\n";

    #[test]
    fn what_is_kept_is_what_was_supplied_until_a_byte_changes() {
        let place = tempfile::tempdir().expect("a temporary directory");
        let path = place.path().join("mine.csv");
        std::fs::write(&path, TABLE).expect("writable");
        let supplied = Supplied::read(&path, Some("kind")).expect("a whole table");
        assert_eq!((supplied.dataset.rows(), supplied.description.file.as_str()), (3, "mine.csv"));
        let run = tempfile::tempdir().expect("a temporary directory");
        assert!(Supplied::kept(run.path()).is_ok_and(|kept| kept.is_none()));
        for (name, bytes) in supplied.files() {
            std::fs::write(run.path().join(name), bytes).expect("writable");
        }
        let kept = Supplied::kept(run.path()).expect("as written").expect("it was kept");
        assert_eq!(kept.dataset, supplied.dataset);
        assert_eq!(kept.description, supplied.description);
        assert!(is_ours(run.path(), COPY) && is_ours(run.path(), DESCRIPTION));
        std::fs::write(run.path().join(COPY), TABLE.replace('0', "2")).expect("writable");
        let error = Supplied::kept(run.path()).expect_err("another file").to_string();
        assert!(error.contains("data.csv") && error.contains("restore it"), "{error}");
        assert!(!is_ours(run.path(), COPY), "a file of the user's own that is called so");
    }
}
