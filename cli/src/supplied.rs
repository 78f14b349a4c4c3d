//! Rows or a text that the user supplied: read once, kept in the run directory with their checksum, so that the run can be
//! repeated there. `data.json` says what they are, `data.csv` or `data.txt` is the file itself, byte for byte.

use std::path::Path;

use serde::{Deserialize, Serialize};
use switchyard::data::csv::{CsvOptions, Header, TargetColumn, parse};
use switchyard::data::text::corpus::MAXIMUM_BYTES;
use switchyard::data::{OwnData, OwnKind};

use crate::checkpoint::sha256;
use crate::error::{Error, Result};

/// The description's name in a run directory.
pub const DESCRIPTION: &str = "data.json";
/// The names that a copy can have in a run directory: of rows, of a text, of pairs, of sentences.
pub const COPIES: [&str; 4] = ["data.csv", "data.txt", "data.pairs", "data.sentences"];

/// The version of the description's format: 2 since there are texts.
const SCHEMA_VERSION: u32 = 2;

/// What the user supplied.
#[derive(Debug)]
pub struct Supplied {
    /// The rows, or the text.
    pub data: OwnData,
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
    /// Rows; nothing for a text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rows: Option<usize>,
    /// Bytes of a text; nothing for rows.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bytes: Option<usize>,
    /// Pairs of a packed corpus; nothing for others.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pairs: Option<usize>,
    /// Sentences of a packed corpus of one language; nothing for others.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sentences: Option<usize>,
}

impl Description {
    /// The description in a line for people.
    pub fn line(&self) -> String {
        let size = match self.kind() {
            OwnKind::Rows => format!("{} rows", self.rows.unwrap_or(0)),
            OwnKind::Pairs => format!("{} pairs", self.pairs.unwrap_or(0)),
            OwnKind::Sentences => format!("{} sentences", self.sentences.unwrap_or(0)),
            OwnKind::Text => format!("{} bytes of text", self.bytes.unwrap_or(0)),
        };
        format!("{}, {size}, SHA-256 {}", self.file, self.sha256)
    }

    fn copy(&self) -> &'static str {
        match self.kind() {
            OwnKind::Rows => COPIES[0],
            OwnKind::Text => COPIES[1],
            OwnKind::Pairs => COPIES[2],
            OwnKind::Sentences => COPIES[3],
        }
    }

    fn kind(&self) -> OwnKind {
        match (self.rows, self.pairs, self.sentences) {
            (Some(_), _, _) => OwnKind::Rows,
            (_, Some(_), _) => OwnKind::Pairs,
            (_, _, Some(_)) => OwnKind::Sentences,
            (None, None, None) => OwnKind::Text,
        }
    }
}

impl Supplied {
    /// Reads the file that the user named.
    ///
    /// # Errors
    /// When it cannot be read, is larger than a text may be, is no table of numbers with a class, or has no column called
    /// `class`.
    pub fn read(path: &Path, kind: OwnKind, class: Option<&str>) -> Result<Self> {
        if path.is_dir() {
            let what = match kind {
                OwnKind::Text => "a text file",
                OwnKind::Rows => "a CSV file",
                OwnKind::Pairs | OwnKind::Sentences => "a corpus packed with `switchyard data pack`",
            };
            return Err(Error::data(path, format!("this is a directory; give {what}")));
        }
        // A text that is far too large must not be read first.
        let size = std::fs::metadata(path).map_err(Error::read(path))?.len();
        if kind == OwnKind::Text && size > MAXIMUM_BYTES as u64 {
            let problem =
                format!("it has {size} bytes, but at most {MAXIMUM_BYTES} are read; give a part of it");
            return Err(Error::data(path, problem));
        }
        let bytes = std::fs::read(path).map_err(Error::read(path))?;
        let file = path.file_name().unwrap_or(path.as_os_str()).to_string_lossy().into_owned();
        Self::parsed(path, file, kind, class, bytes)
    }

    /// The rows that a run directory keeps, if it keeps any.
    ///
    /// # Errors
    /// When a file is missing, or is not what was written when the run began.
    pub fn kept(directory: &Path) -> Result<Option<Self>> {
        let description = directory.join(DESCRIPTION);
        if !description.exists() {
            return Ok(None);
        }
        let stated = read_description(&description)?;
        let copy = directory.join(stated.copy());
        let bytes = std::fs::read(&copy).map_err(Error::read(&copy))?;
        if sha256(&bytes) != stated.sha256 {
            let problem = format!(
                "this is not the file that the run began with, which has the SHA-256 {}; restore it",
                stated.sha256
            );
            return Err(Error::data(&copy, problem));
        }
        let kind = stated.kind();
        Self::parsed(&copy, stated.file, kind, stated.class.as_deref(), bytes).map(Some)
    }

    fn parsed(path: &Path, file: String, kind: OwnKind, class: Option<&str>, bytes: Vec<u8>) -> Result<Self> {
        let description = Description {
            schema_version: SCHEMA_VERSION,
            file: file.clone(),
            class: class.map(str::to_owned),
            sha256: sha256(&bytes),
            rows: None,
            bytes: None,
            pairs: None,
            sentences: None,
        };
        if kind == OwnKind::Text {
            let description = Description { bytes: Some(bytes.len()), ..description };
            return Ok(Self { data: OwnData::Text(bytes.clone()), description, bytes });
        }
        if matches!(kind, OwnKind::Pairs | OwnKind::Sentences) {
            let data =
                OwnData::packed(&bytes).map_err(|source| Error::InFile { path: path.to_owned(), source })?;
            let (pairs, sentences) = match &data {
                OwnData::Sentences(corpus) => (None, Some(corpus.parts().map(|(_, all)| all.len()))),
                other => (other.pairs().map(|corpus| corpus.parts().map(|(_, all)| all.len())), None),
            };
            let sum = |parts: Option<[usize; 3]>| parts.map(|parts| parts.iter().sum());
            let description = Description { pairs: sum(pairs), sentences: sum(sentences), ..description };
            return Ok(Self { data, description, bytes });
        }
        let target = class.map_or(TargetColumn::Last, |name| TargetColumn::Named(name.to_owned()));
        let table = parse(&file, &bytes, &CsvOptions { header: Header::Detect, target })
            .map_err(|source| Error::InFile { path: path.to_owned(), source })?;
        let description = Description { rows: Some(table.dataset.rows()), ..description };
        Ok(Self { data: OwnData::Rows(table.dataset), description, bytes })
    }

    /// The names of those files.
    pub fn names(&self) -> [&'static str; 2] {
        [DESCRIPTION, self.description.copy()]
    }

    /// The files that keep them, by name, in the order in which they are to be written.
    pub fn files(&self) -> [(&'static str, Vec<u8>); 2] {
        let mut description =
            serde_json::to_vec_pretty(&self.description).expect("strings and integers are always valid JSON");
        description.push(b'\n');
        [(DESCRIPTION, description), (self.description.copy(), self.bytes.clone())]
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
        copy if copy == description.copy() => {
            std::fs::read(directory.join(copy)).is_ok_and(|bytes| sha256(&bytes) == description.sha256)
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use switchyard::data::Dataset;

    const TABLE: &str = "x,y,kind\n0,1,a\n1,0,b\n1,1,a\n";

    #[test]
    fn what_is_kept_is_what_was_supplied_until_a_byte_changes() {
        let place = tempfile::tempdir().expect("a temporary directory");
        let path = place.path().join("mine.csv");
        std::fs::write(&path, TABLE).expect("writable");
        let supplied = Supplied::read(&path, OwnKind::Rows, Some("kind")).expect("a whole table");
        assert_eq!(
            (supplied.data.rows().map(Dataset::rows), supplied.description.file.as_str()),
            (Some(3), "mine.csv")
        );
        let run = tempfile::tempdir().expect("a temporary directory");
        assert!(Supplied::kept(run.path()).is_ok_and(|kept| kept.is_none()));
        for (name, bytes) in supplied.files() {
            std::fs::write(run.path().join(name), bytes).expect("writable");
        }
        let kept = Supplied::kept(run.path()).expect("as written").expect("it was kept");
        assert_eq!(kept.data, supplied.data);
        assert_eq!(kept.description, supplied.description);
        assert!(is_ours(run.path(), COPIES[0]) && is_ours(run.path(), DESCRIPTION));
        std::fs::write(run.path().join(COPIES[0]), TABLE.replace('0', "2")).expect("writable");
        let error = Supplied::kept(run.path()).expect_err("another file").to_string();
        assert!(error.contains("data.csv") && error.contains("restore it"), "{error}");
        assert!(!is_ours(run.path(), COPIES[0]), "a file of the user's own that is called so");
    }

    #[test]
    fn a_text_is_kept_byte_for_byte_and_an_enormous_one_is_not_read() {
        let place = tempfile::tempdir().expect("a temporary directory");
        let path = place.path().join("mine.txt");
        std::fs::write(&path, [0xff, b'a', 0]).expect("writable");
        let supplied = Supplied::read(&path, OwnKind::Text, None).expect("any bytes are a text");
        assert_eq!(supplied.description.line().split(", SHA").next(), Some("mine.txt, 3 bytes of text"));
        let run = tempfile::tempdir().expect("a temporary directory");
        for (name, bytes) in supplied.files() {
            std::fs::write(run.path().join(name), bytes).expect("writable");
        }
        let kept = Supplied::kept(run.path()).expect("as written").expect("it was kept");
        assert_eq!((kept.data, kept.description), (supplied.data, supplied.description));
        assert!(is_ours(run.path(), "data.txt") && !is_ours(run.path(), "data.csv"));
        let large = std::fs::File::create(&path).expect("writable");
        large.set_len(MAXIMUM_BYTES as u64 + 1).expect("a file with a hole");
        let error = Supplied::read(&path, OwnKind::Text, None).expect_err("too large").to_string();
        assert!(error.contains("at most 8000000 are read"), "{error}");
    }
}
