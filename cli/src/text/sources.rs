//! Public data sets: where they are, under which licence, and whether a copy on this machine is the right one.
//!
//! Nothing is fetched: a sentence says how to get what is missing. Sizes and checksums are stated only of files that the
//! makers of this table had in their hands; of the others the reason why not is stated instead.

mod table;
#[cfg(test)]
mod tests;

use std::io::ErrorKind;
use std::path::Path;

use super::digest::{hexadecimal, of_file};
use super::error::{Result, TextError};

pub use table::SETS;

/// A public data set.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DataSet {
    /// Its name on the command line.
    pub name: &'static str,
    /// What it is.
    pub what: &'static str,
    /// Its licence in a word or a few.
    pub licence: &'static str,
    /// Its files.
    pub files: &'static [DataFile],
    /// What is to be done with the files before they can be read.
    pub then: &'static str,
}

/// A file of a data set.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DataFile {
    /// Its place in the folder of data sets.
    pub name: &'static str,
    /// Where it is published.
    pub address: &'static str,
    /// How a copy is recognised.
    pub checksum: Checksum,
}

/// How a copy of a file is recognised.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Checksum {
    /// By its size and its SHA-256 in hexadecimal.
    Known {
        /// Its bytes.
        bytes: u64,
        /// Its SHA-256.
        sha256: &'static str,
    },
    /// Not at all, for this reason.
    None(&'static str),
}

/// What a copy of a file is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum State {
    /// There is none.
    Missing,
    /// It has another number of bytes than the published file.
    WrongSize {
        /// Those of the copy.
        found: u64,
        /// Those of the published file.
        published: u64,
    },
    /// It has the right number of bytes, but not the right ones.
    WrongChecksum {
        /// The SHA-256 of the copy.
        found: String,
    },
    /// It is there, and there is nothing to compare it with.
    Unchecked {
        /// Its bytes.
        bytes: u64,
        /// The SHA-256 of the copy, to be compared with somebody else's.
        sha256: String,
    },
    /// It is the published file.
    Good,
}

/// The data set of this name, if it is in the table.
pub fn find(name: &str) -> Option<&'static DataSet> {
    SETS.iter().find(|set| set.name == name)
}

impl DataFile {
    /// What the copy of the file in `folder` is.
    ///
    /// # Errors
    /// When there is a copy that cannot be read.
    pub fn state(&self, folder: &Path) -> Result<State> {
        let path = folder.join(self.name);
        let found = match std::fs::metadata(&path) {
            Ok(metadata) => metadata.len(),
            Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => {
                return Ok(State::Missing);
            }
            Err(error) => return Err(TextError::read(&path)(error)),
        };
        if let Checksum::Known { bytes, .. } = self.checksum
            && bytes != found
        {
            return Ok(State::WrongSize { found, published: bytes });
        }
        let (sum, bytes) = of_file(&path)?;
        let found = hexadecimal(&sum);
        Ok(match self.checksum {
            Checksum::Known { sha256, .. } if found == sha256 => State::Good,
            Checksum::Known { .. } => State::WrongChecksum { found },
            Checksum::None(_) => State::Unchecked { bytes, sha256: found },
        })
    }

    /// A sentence on a copy in this state, and on what to do.
    pub fn advice(&self, folder: &Path, state: &State) -> String {
        let (path, address) = (folder.join(self.name), self.address);
        let path = path.display();
        match (state, self.checksum) {
            (State::Missing, _) => format!("{path} is missing: download {address} and save it there"),
            (State::WrongSize { found, published }, _) => format!(
                "{path} has {found} bytes instead of {published}: delete it, and download {address} again"
            ),
            (State::WrongChecksum { found }, _) => format!(
                "{path} has the right size, but its SHA-256 is {found}: delete it, and download {address} again"
            ),
            (State::Unchecked { bytes, sha256 }, Checksum::None(reason)) => {
                format!("{path} is there ({bytes} bytes, SHA-256 {sha256}), but was not checked: {reason}")
            }
            (State::Good | State::Unchecked { .. }, _) => format!("{path} is the published file"),
        }
    }
}

impl DataSet {
    /// What each copy in `folder` is, with a sentence on it, in the order of the table.
    ///
    /// # Errors
    /// When there is a copy that cannot be read.
    pub fn states(&self, folder: &Path) -> Result<Vec<(State, String)>> {
        let state = |file: &DataFile| {
            let state = file.state(folder)?;
            let advice = file.advice(folder, &state);
            Ok((state, advice))
        };
        self.files.iter().map(state).collect()
    }
}
