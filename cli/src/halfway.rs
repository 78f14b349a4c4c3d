//! A task under way on disk: one file for each task and moment, beside the finished tasks, so that a run goes on in the
//! middle of a task. When such a file is written is the driver's affair.
//!
//! The file is one line of JSON, `{"checksum":"<SHA-256 of what follows>","halfway":{…}}`, and then the tensors as
//! safetensors bytes; the checksum is over the object and the tensors. Nothing is believed before it is right.

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use switchyard::experiment::{Event, Saved};

use crate::atomic;
use crate::checkpoint::{Checkpoint, Number, file_name, hexadecimal};
use crate::error::{Error, Result};

/// The version of the format.
const SCHEMA_VERSION: u32 = 1;
/// What the names of these files end with, after the task and the step.
const SUFFIX: &str = ".halfway";
/// What stands between the task and the step.
const BEFORE_STEP: &str = ".step-";

const BEFORE_CHECKSUM: &[u8] = b"{\"checksum\":\"";
const BEFORE_CONTENT: &[u8] = b"\",\"halfway\":";
const AFTER_CONTENT: &[u8] = b"}\n";
const CHECKSUM_LENGTH: usize = 64;

/// When tasks under way are saved, and how many files of each stay.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Saving {
    /// After so much time, and when the run is stopped; nothing for never.
    pub every: Option<Duration>,
    /// Files of each task.
    pub keep: usize,
}

/// A task under way.
#[derive(Debug, Clone, PartialEq)]
pub struct Halfway {
    /// The task's name.
    pub task: String,
    /// The build that saved it.
    pub build: String,
    /// Where its work stands.
    pub saved: Saved,
    /// What it reported so far, in order.
    pub events: Vec<Event>,
}

/// The first member of every version.
#[derive(Deserialize)]
struct Version {
    schema_version: u32,
}

/// What stands in the file before the tensors.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Content {
    schema_version: u32,
    /// The identity of the experiment.
    experiment: String,
    build: String,
    task: String,
    step: u64,
    numbers: BTreeMap<String, Vec<Number>>,
    events: Vec<Event>,
}

/// Writes where a task stands into `directory`, completely or not at all. Returns the file and its size in bytes.
///
/// # Errors
/// What the system says.
pub fn write(
    directory: &Path,
    experiment: &str,
    (task, events): (&str, &[Event]),
    saved: &Saved,
) -> io::Result<(PathBuf, u64)> {
    let numbers = saved.numbers.iter();
    let content = Content {
        schema_version: SCHEMA_VERSION,
        experiment: experiment.to_owned(),
        build: switchyard::BUILD.to_owned(),
        task: task.to_owned(),
        step: saved.step,
        numbers: numbers.map(|(name, row)| (name.clone(), Number::row(row))).collect(),
        events: events.to_vec(),
    };
    let content = serde_json::to_vec(&content)?;
    let sum = checksum(&content, &saved.tensors);
    let line = [BEFORE_CHECKSUM, sum.as_bytes(), BEFORE_CONTENT, &content, AFTER_CONTENT].concat();
    let path = path(directory, task, saved.step);
    atomic::write_parts(&path, &[&line, &saved.tensors])?;
    Ok((path, (line.len() + saved.tensors.len()) as u64))
}

/// Removes the files of a task that are older than that of `step`, but for the newest `keep - 1`.
///
/// # Errors
/// What the system says.
pub fn rotate(directory: &Path, task: &str, step: u64, keep: usize) -> io::Result<()> {
    let mut older = files_of(directory, task)?;
    older.retain(|(other, _)| *other < step);
    let surplus = (older.len() + 1).saturating_sub(keep);
    older.iter().take(surplus).try_for_each(|(_, path)| std::fs::remove_file(path))
}

/// Removes every file of a task: it is finished.
///
/// # Errors
/// What the system says.
pub fn remove(directory: &Path, task: &str) -> io::Result<()> {
    files_of(directory, task)?.iter().try_for_each(|(_, path)| std::fs::remove_file(path))
}

/// The file of a task at a step.
pub fn path(directory: &Path, task: &str, step: u64) -> PathBuf {
    directory.join(format!("{}{BEFORE_STEP}{step:010}{SUFFIX}", file_name(task)))
}

/// The task's files and their steps, the oldest first.
fn files_of(directory: &Path, task: &str) -> io::Result<Vec<(u64, PathBuf)>> {
    Ok(by_task(directory)?.remove(&file_name(task)).unwrap_or_default())
}

/// All files with their steps, the oldest first, by the file names of their tasks.
fn by_task(directory: &Path) -> io::Result<BTreeMap<String, Vec<(u64, PathBuf)>>> {
    let mut all: BTreeMap<String, Vec<(u64, PathBuf)>> = BTreeMap::new();
    for entry in std::fs::read_dir(directory)? {
        let path = entry?.path();
        let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        let parts = name.strip_suffix(SUFFIX).and_then(|rest| rest.rsplit_once(BEFORE_STEP));
        if let Some((task, step)) = parts.and_then(|(task, step)| Some((task, step.parse().ok()?))) {
            all.entry(task.to_owned()).or_default().push((step, path));
        }
    }
    all.values_mut().for_each(|files| files.sort());
    Ok(all)
}

impl Halfway {
    /// Reads the file in `path` and believes nothing that does not fit.
    ///
    /// # Errors
    /// When the file cannot be read, is damaged, of another experiment, or of a newer format.
    pub fn read(path: &Path, experiment: &str) -> Result<Self> {
        let refuse = |problem: String| Error::Checkpoint { path: path.to_owned(), problem };
        let bytes = std::fs::read(path).map_err(|error| refuse(format!("it cannot be read ({error})")))?;
        let (content, tensors) = verified(&bytes).map_err(|problem| refuse(problem.to_owned()))?;
        let other_form =
            |error: serde_json::Error| refuse(format!("its content is of another form ({error})"));
        let Version { schema_version } = serde_json::from_slice(content).map_err(other_form)?;
        if schema_version != SCHEMA_VERSION {
            let problem = format!(
                "its format has version {schema_version}, this build reads {SCHEMA_VERSION}; go on with the build that wrote it"
            );
            return Err(refuse(problem));
        }
        let content: Content = serde_json::from_slice(content).map_err(other_form)?;
        if content.experiment != experiment {
            return Err(refuse("it belongs to another experiment than `experiment.toml`".to_owned()));
        }
        let Content { task, step, build, numbers, events, .. } = content;
        let directory = path.parent().unwrap_or(Path::new("."));
        if self::path(directory, &task, step) != path {
            let problem = format!("it holds task `{task}` at step {step}, which its name does not say");
            return Err(refuse(problem));
        }
        let numbers = numbers.into_iter().map(|(name, row)| (name, Number::values(row))).collect();
        Ok(Self { task, build, saved: Saved { step, numbers, tensors: tensors.to_vec() }, events })
    }
}

/// What a run directory holds of the run.
#[derive(Debug, Default)]
pub struct Restored {
    /// Finished tasks.
    pub finished: BTreeMap<String, Checkpoint>,
    /// The newest file that can be used of each task that was under way.
    pub halfway: BTreeMap<String, PathBuf>,
    /// What the reader must know of files that are not used.
    pub cautions: Vec<String>,
}

impl Restored {
    /// Reads what is there; what finished tasks left behind of their way is removed.
    ///
    /// # Errors
    /// When a finished task cannot be used, or of a task under way no file at all; then nothing was changed.
    pub fn read(directory: &Path, experiment: &str) -> Result<Self> {
        let finished = Checkpoint::read_all(directory, experiment)?;
        let mut files = by_task(directory).map_err(Error::read(directory))?;
        let mut restored = Self { finished, ..Self::default() };
        let left: Vec<_> =
            restored.finished.keys().filter_map(|task| files.remove(&file_name(task))).collect();
        for files in files.into_values() {
            restored.choose(files, experiment)?;
        }
        for (_, path) in left.into_iter().flatten() {
            std::fs::remove_file(&path).map_err(Error::write(&path))?;
        }
        Ok(restored)
    }

    /// Takes the newest of a task's files that can be used.
    fn choose(&mut self, files: Vec<(u64, PathBuf)>, experiment: &str) -> Result<()> {
        let mut refused = Vec::new();
        for (step, path) in files.into_iter().rev() {
            match Halfway::read(&path, experiment) {
                Ok(Halfway { task, .. }) => {
                    let cautions = refused.iter().map(|(refused, problem): &(PathBuf, String)| {
                        format!(
                            "{} cannot be used: {problem}; `{task}` goes on from the older file of step {step}",
                            refused.display()
                        )
                    });
                    self.cautions.extend(cautions);
                    self.halfway.insert(task, path);
                    return Ok(());
                }
                Err(Error::Checkpoint { path, problem }) => refused.push((path, problem)),
                Err(other) => return Err(other),
            }
        }
        let newest = refused.into_iter().next();
        newest.map_or(Ok(()), |(path, problem)| Err(Error::Checkpoint { path, problem }))
    }
}

fn checksum(content: &[u8], tensors: &[u8]) -> String {
    hexadecimal(&Sha256::new().chain_update(content).chain_update(tensors).finalize())
}

/// The content and the tensors, when the checksum is right.
fn verified(bytes: &[u8]) -> std::result::Result<(&[u8], &[u8]), &'static str> {
    let truncated = "it is truncated, or was not written by this program";
    let rest = bytes.strip_prefix(BEFORE_CHECKSUM).ok_or(truncated)?;
    let (sum, rest) = rest.split_at_checked(CHECKSUM_LENGTH).ok_or(truncated)?;
    let rest = rest.strip_prefix(BEFORE_CONTENT).ok_or(truncated)?;
    let end = rest.iter().position(|byte| *byte == b'\n').ok_or(truncated)?;
    let (line, tensors) = rest.split_at(end + 1);
    let content = line.strip_suffix(AFTER_CONTENT).ok_or(truncated)?;
    if checksum(content, tensors).as_bytes() == sum {
        Ok((content, tensors))
    } else {
        Err("its checksum is wrong: it is corrupt or truncated")
    }
}

#[cfg(test)]
mod tests;
