//! A finished task on disk: its outcome, its events, a checksum over both, and its weights beside it.
//!
//! The file is one JSON object, `{"checksum":"<SHA-256 of what follows>","checkpoint":{…}}`, so that a truncated,
//! altered or foreign file is recognised before anything in it is believed. Numbers come back bit for bit.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use sha2::{Digest as _, Sha256};
use switchyard::experiment::{Event, Outcome};

use crate::atomic;
use crate::error::{Error, Result};

/// The version of the checkpoint format.
pub const SCHEMA_VERSION: u32 = 1;

const BEFORE_CHECKSUM: &[u8] = b"{\"checksum\":\"";
const BEFORE_CONTENT: &[u8] = b"\",\"checkpoint\":";
const AFTER_CONTENT: &[u8] = b"}\n";
const CHECKSUM_LENGTH: usize = 64;

/// A finished task.
#[derive(Debug, Clone, PartialEq)]
pub struct Checkpoint {
    /// The task's name.
    pub task: String,
    /// What came out.
    pub outcome: Outcome,
    /// What it reported, in order.
    pub events: Vec<Event>,
}

/// What stands in the file.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Content {
    schema_version: u32,
    /// The identity of the experiment.
    experiment: String,
    task: String,
    numbers: BTreeMap<String, Vec<Number>>,
    /// SHA-256 of the weights' file, when there is one.
    weights: Option<String>,
    events: Vec<Event>,
}

/// A number that comes back bit for bit: as itself, or by its bits when JSON has no word for it.
#[derive(Debug)]
pub struct Number(f64);

#[derive(Serialize, Deserialize)]
#[serde(untagged)]
enum Written {
    Finite(f64),
    Bits(String),
}

impl Number {
    /// A row of them.
    pub fn row(values: &[f64]) -> Vec<Self> {
        values.iter().copied().map(Self).collect()
    }

    /// What a row holds.
    pub fn values(row: Vec<Self>) -> Vec<f64> {
        row.into_iter().map(|number| number.0).collect()
    }
}

impl Serialize for Number {
    fn serialize<S: Serializer>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error> {
        let written = if self.0.is_finite() {
            Written::Finite(self.0)
        } else {
            Written::Bits(format!("{:016x}", self.0.to_bits()))
        };
        written.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Number {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> std::result::Result<Self, D::Error> {
        match Written::deserialize(deserializer)? {
            Written::Finite(number) => Ok(Self(number)),
            Written::Bits(text) => u64::from_str_radix(&text, 16)
                .map(|bits| Self(f64::from_bits(bits)))
                .map_err(|_| serde::de::Error::custom(format!("`{text}` is not the bits of a number"))),
        }
    }
}

impl Checkpoint {
    /// Writes the checkpoint into `directory`: the weights first, because the JSON file says that all is there.
    ///
    /// # Errors
    /// When a file cannot be written.
    pub fn write(&self, directory: &Path, experiment: &str) -> Result<()> {
        if let Some(weights) = &self.outcome.weights {
            let path = weights_path(directory, &self.task);
            atomic::write(&path, weights).map_err(Error::write(&path))?;
        }
        let path = path(directory, &self.task);
        atomic::write(&path, &self.to_bytes(experiment)?).map_err(Error::write(&path))
    }

    fn to_bytes(&self, experiment: &str) -> Result<Vec<u8>> {
        let numbers = self.outcome.numbers.iter();
        let content = Content {
            schema_version: SCHEMA_VERSION,
            experiment: experiment.to_owned(),
            task: self.task.clone(),
            numbers: numbers.map(|(name, values)| (name.clone(), Number::row(values))).collect(),
            weights: self.outcome.weights.as_deref().map(sha256),
            events: self.events.clone(),
        };
        let content = serde_json::to_vec(&content).map_err(|error| Error::Unexpected {
            problem: format!("task `{}` has events that cannot be written: {error}", self.task),
        })?;
        let checksum = sha256(&content);
        Ok([BEFORE_CHECKSUM, checksum.as_bytes(), BEFORE_CONTENT, &content, AFTER_CONTENT].concat())
    }

    /// Reads the checkpoint in `path` and believes nothing that does not fit.
    ///
    /// # Errors
    /// When the file is truncated, altered, of another experiment or version, or its weights are.
    pub fn read(path: &Path, experiment: &str) -> Result<Self> {
        let refuse = |problem: String| Error::Checkpoint { path: path.to_owned(), problem };
        let bytes = std::fs::read(path).map_err(Error::read(path))?;
        let content = verified(&bytes).map_err(|problem| refuse(problem.to_owned()))?;
        let content: Content = serde_json::from_slice(content)
            .map_err(|error| refuse(format!("its content is of another form ({error})")))?;
        if content.schema_version != SCHEMA_VERSION {
            return Err(refuse(format!(
                "its format has version {}, this build reads {SCHEMA_VERSION}",
                content.schema_version
            )));
        }
        if content.experiment != experiment {
            return Err(refuse("it belongs to another experiment than `experiment.toml`".to_owned()));
        }
        let directory = path.parent().unwrap_or(Path::new("."));
        if self::path(directory, &content.task) != path {
            return Err(refuse(format!("it holds task `{}`, which its name does not say", content.task)));
        }
        let weights = match &content.weights {
            Some(checksum) => Some(read_weights(&weights_path(directory, &content.task), checksum)?),
            None => None,
        };
        let numbers = content.numbers.into_iter();
        let numbers = numbers.map(|(name, row)| (name, Number::values(row))).collect();
        Ok(Self { task: content.task, outcome: Outcome { numbers, weights }, events: content.events })
    }

    /// Reads every checkpoint in `directory`, by task, and removes what a killed write left behind.
    ///
    /// # Errors
    /// The first checkpoint that cannot be used.
    pub fn read_all(directory: &Path, experiment: &str) -> Result<BTreeMap<String, Self>> {
        let mut checkpoints = BTreeMap::new();
        let mut paths = Vec::new();
        for entry in std::fs::read_dir(directory).map_err(Error::read(directory))? {
            paths.push(entry.map_err(Error::read(directory))?.path());
        }
        paths.sort();
        for path in paths {
            let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
            if name.ends_with(".json") && !atomic::is_leftover(&name) {
                let checkpoint = Self::read(&path, experiment)?;
                checkpoints.insert(checkpoint.task.clone(), checkpoint);
            }
        }
        Ok(checkpoints)
    }
}

/// Removes temporary files that a killed write left in `directory`.
///
/// # Errors
/// When the directory cannot be read or a file cannot be removed.
pub fn remove_leftovers(directory: &Path) -> Result<()> {
    for entry in std::fs::read_dir(directory).map_err(Error::read(directory))? {
        let entry = entry.map_err(Error::read(directory))?;
        if atomic::is_leftover(&entry.file_name().to_string_lossy()) {
            let path = entry.path();
            std::fs::remove_file(&path).map_err(Error::write(&path))?;
        }
    }
    Ok(())
}

/// The file of a task's checkpoint.
pub fn path(directory: &Path, task: &str) -> PathBuf {
    directory.join(format!("{}.json", file_name(task)))
}

/// The file of a task's weights.
fn weights_path(directory: &Path, task: &str) -> PathBuf {
    directory.join(format!("{}.safetensors", file_name(task)))
}

/// SHA-256 in hexadecimal.
pub fn sha256(bytes: &[u8]) -> String {
    hexadecimal(&Sha256::digest(bytes))
}

/// Bytes in hexadecimal.
pub fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn read_weights(path: &Path, checksum: &str) -> Result<Vec<u8>> {
    let weights = std::fs::read(path).map_err(|error| Error::Checkpoint {
        path: path.with_extension("json"),
        problem: format!("its weights {} cannot be read ({error})", path.display()),
    })?;
    if sha256(&weights) != checksum {
        return Err(Error::Checkpoint {
            path: path.with_extension("json"),
            problem: format!("its weights {} are corrupt or truncated", path.display()),
        });
    }
    Ok(weights)
}

/// The content between the checksum and the end, when the checksum is right.
fn verified(bytes: &[u8]) -> std::result::Result<&[u8], &'static str> {
    let truncated = "it is truncated, or was not written by this program";
    let rest = bytes.strip_prefix(BEFORE_CHECKSUM).ok_or(truncated)?;
    let (checksum, rest) = rest.split_at_checked(CHECKSUM_LENGTH).ok_or(truncated)?;
    let content = rest.strip_prefix(BEFORE_CONTENT).ok_or(truncated)?;
    let content = content.strip_suffix(AFTER_CONTENT).ok_or(truncated)?;
    if sha256(content).as_bytes() == checksum {
        Ok(content)
    } else {
        Err("its checksum is wrong: it is corrupt")
    }
}

/// A task's name as a file name: `/` becomes `~`; letters, digits, `-`, `_` and `.` stay; all else is `%XX`.
/// Different names stay different.
pub fn file_name(task: &str) -> String {
    let mut name = String::new();
    for byte in task.bytes() {
        match byte {
            b'/' => name.push('~'),
            b'.' if name.is_empty() => name.push_str("%2E"),
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' => name.push(char::from(byte)),
            _ => name.push_str(&format!("%{byte:02X}")),
        }
    }
    name
}

#[cfg(test)]
mod tests {
    use super::*;

    fn checkpoint() -> Checkpoint {
        let numbers = BTreeMap::from([
            ("loss".to_owned(), vec![0.1, -0.0, f64::MIN_POSITIVE, f64::NAN, f64::INFINITY, 1.0 / 3.0]),
            ("none".to_owned(), vec![]),
        ]);
        Checkpoint {
            task: "layer-wise/seed-2".to_owned(),
            outcome: Outcome { numbers, weights: Some(vec![1, 2, 3]) },
            events: vec![Event::Warning { text: "a \"quoted\" text".to_owned() }],
        }
    }

    fn bits(checkpoint: &Checkpoint) -> Vec<Vec<u64>> {
        let numbers = checkpoint.outcome.numbers.values();
        numbers.map(|values| values.iter().map(|value| value.to_bits()).collect()).collect()
    }

    #[test]
    fn a_checkpoint_comes_back_bit_for_bit() {
        let directory = tempfile::tempdir().expect("a temporary directory");
        let before = checkpoint();
        before.write(directory.path(), "e").expect("the directory is writable");
        let all = Checkpoint::read_all(directory.path(), "e").expect("it was written just now");
        let after = &all["layer-wise/seed-2"];
        assert_eq!(bits(after), bits(&before));
        assert_eq!(after.events, before.events);
        assert_eq!(after.outcome.weights, before.outcome.weights);
        let text = std::fs::read(path(directory.path(), "layer-wise/seed-2")).expect("it is there");
        assert!(serde_json::from_slice::<serde_json::Value>(&text).is_ok(), "the file is plain JSON");
    }

    #[test]
    fn every_truncation_and_every_changed_byte_is_refused() {
        let directory = tempfile::tempdir().expect("a temporary directory");
        checkpoint().write(directory.path(), "e").expect("the directory is writable");
        let path = path(directory.path(), "layer-wise/seed-2");
        let whole = std::fs::read(&path).expect("it is there");
        for length in 0..whole.len() {
            std::fs::write(&path, &whole[..length]).expect("the directory is writable");
            assert!(matches!(Checkpoint::read(&path, "e"), Err(Error::Checkpoint { .. })), "length {length}");
        }
        for at in 0..whole.len() {
            let mut changed = whole.clone();
            changed[at] ^= 1;
            std::fs::write(&path, &changed).expect("the directory is writable");
            assert!(matches!(Checkpoint::read(&path, "e"), Err(Error::Checkpoint { .. })), "byte {at}");
        }
    }

    #[test]
    fn foreign_renamed_and_weightless_checkpoints_are_refused() {
        let directory = tempfile::tempdir().expect("a temporary directory");
        checkpoint().write(directory.path(), "e").expect("the directory is writable");
        let file = path(directory.path(), "layer-wise/seed-2");
        let problem =
            |result: Result<Checkpoint>| result.map(|_| ()).expect_err("it must be refused").to_string();
        assert!(problem(Checkpoint::read(&file, "other")).contains("another experiment"));
        let renamed = path(directory.path(), "layer-wise/seed-3");
        std::fs::copy(&file, &renamed).expect("the directory is writable");
        assert!(problem(Checkpoint::read(&renamed, "e")).contains("layer-wise/seed-2"));
        std::fs::write(weights_path(directory.path(), "layer-wise/seed-2"), [1, 2]).expect("writable");
        assert!(problem(Checkpoint::read(&file, "e")).contains("weights"));
    }

    #[test]
    fn file_names_are_safe_and_differ_where_tasks_differ() {
        assert_eq!(file_name("layer-wise/seed-2"), "layer-wise~seed-2");
        assert_eq!(file_name("../x"), "%2E.~x");
        assert_eq!(file_name(".."), "%2E.");
        assert_ne!(file_name("a~b"), file_name("a/b"));
        assert_ne!(file_name("a/2A"), file_name("a*"));
    }
}
