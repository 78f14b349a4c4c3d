//! A run directory: where it is, what it holds, and that only one process works in it.
//!
//! `environment.json`, `checkpoints/`, the user's own data if there are any, and `experiment.toml` from the start, in
//! this order, so a directory that has the last is a run; `live.jsonl` while a process works in it, for those who
//! follow; `report.html` and `events.jsonl` once the run is complete, so a directory that has the last is complete.

use std::fs::File;
use std::path::{Path, PathBuf};

use switchyard::experiment::{Checked, Registry};

use crate::atomic;
use crate::checkpoint::{remove_leftovers, sha256};
use crate::environment::Environment;
use crate::error::{Error, Result};
use crate::supplied::{self, Supplied};

/// Where run directories are made unless `--out` says otherwise.
pub const RUNS: &str = "runs";

/// A run directory that this process holds.
#[derive(Debug)]
pub struct RunDirectory {
    path: PathBuf,
    /// Held locked while the process lives.
    _lock: Option<File>,
}

impl RunDirectory {
    /// Makes a new run directory and writes the specification, the environment and the user's own data into it.
    ///
    /// # Errors
    /// When `out` exists and is not an empty directory, or something cannot be written.
    pub fn create(
        out: Option<&Path>,
        checked: &Checked,
        environment: &Environment,
        data: Option<&Supplied>,
    ) -> Result<Self> {
        let (path, made) = match out {
            Some(out) => (out.to_owned(), create_empty(out)?),
            None => (create_numbered(&format!("{}-{}", checked.preset().name, checked.seed()))?, true),
        };
        let filled = Self::fill(&path, checked, environment, data);
        if filled.is_err() {
            // Only what this call made is taken away again; a directory with anything else in it stays.
            let own = data.into_iter().flat_map(Supplied::names);
            for name in [".lock", "environment.json", "experiment.toml"].into_iter().chain(own) {
                let _ = std::fs::remove_file(path.join(name));
            }
            let _ = std::fs::remove_dir(path.join("checkpoints"));
            if made {
                let _ = std::fs::remove_dir(&path);
            }
        }
        filled
    }

    fn fill(
        path: &Path,
        checked: &Checked,
        environment: &Environment,
        data: Option<&Supplied>,
    ) -> Result<Self> {
        let directory = Self { _lock: Some(lock(path)?), path: path.to_owned() };
        remove_leftovers(path)?;
        directory.write(&directory.environment(), &environment.to_bytes())?;
        let checkpoints = directory.checkpoints();
        std::fs::create_dir_all(&checkpoints).map_err(Error::write(&checkpoints))?;
        atomic::sync_directory(path).map_err(Error::write(path))?;
        for (name, bytes) in data.map(Supplied::files).into_iter().flatten() {
            directory.write(&path.join(name), &bytes)?;
        }
        directory.write(&directory.experiment(), checked.to_toml().as_bytes())?;
        Ok(directory)
    }

    /// Opens an existing run directory to go on in it.
    ///
    /// # Errors
    /// When it is no run directory, or another process works in it.
    pub fn open(path: &Path) -> Result<Self> {
        let directory = Self::look(path)?;
        let lock = lock(path)?;
        remove_leftovers(path)?;
        remove_leftovers(&directory.checkpoints())?;
        Ok(Self { _lock: Some(lock), ..directory })
    }

    /// Opens an existing run directory to read it.
    ///
    /// # Errors
    /// When it is no run directory.
    pub fn look(path: &Path) -> Result<Self> {
        let directory = Self { path: path.to_owned(), _lock: None };
        if !path.is_dir() {
            let what = if path.exists() { "this is not a directory" } else { "there is no such directory" };
            return Err(Error::data(path, format!("{what}; give the directory of a run")));
        }
        if !directory.experiment().is_file() {
            return Err(Error::data(path, "this is no run directory: it has no `experiment.toml`"));
        }
        Ok(directory)
    }

    /// The newest run directory in `runs` that is not complete.
    ///
    /// # Errors
    /// When there is none.
    pub fn latest() -> Result<PathBuf> {
        let entries = std::fs::read_dir(RUNS).into_iter().flatten().flatten();
        let unfinished = entries.filter_map(|entry| {
            let directory = Self::look(&entry.path()).ok().filter(|directory| !directory.is_complete())?;
            let begun = directory.experiment().metadata().and_then(|metadata| metadata.modified()).ok()?;
            Some((begun, directory.path))
        });
        unfinished.max().map(|(_, path)| path).ok_or_else(|| Error::NothingToDo {
            problem: format!("there is no unfinished run in `{RUNS}`; name the directory of one"),
        })
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The resolved specification.
    pub fn experiment(&self) -> PathBuf {
        self.path.join("experiment.toml")
    }

    /// What it is run with.
    pub fn environment(&self) -> PathBuf {
        self.path.join("environment.json")
    }

    /// The finished tasks.
    pub fn checkpoints(&self) -> PathBuf {
        self.path.join("checkpoints")
    }

    /// Every event, once the run is complete.
    pub fn events(&self) -> PathBuf {
        self.path.join("events.jsonl")
    }

    /// The report, once the run is complete.
    pub fn report(&self) -> PathBuf {
        self.path.join("report.html")
    }

    /// What happens while the run goes on, for those who follow it; gone once the run is complete.
    pub fn live(&self) -> PathBuf {
        self.path.join("live.jsonl")
    }

    /// Whether the run is complete.
    pub fn is_complete(&self) -> bool {
        self.events().exists()
    }

    /// The specification, read and checked.
    ///
    /// # Errors
    /// When the file cannot be read or is no specification that this build can run.
    pub fn checked(&self, registry: &Registry) -> Result<Checked> {
        read_experiment(registry, &self.experiment())
    }

    /// The user's own data, if the run has any.
    ///
    /// # Errors
    /// When they are not what the run began with.
    pub fn data(&self) -> Result<Option<Supplied>> {
        Supplied::kept(&self.path)
    }

    /// Writes a file of this directory, completely or not at all.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn write(&self, path: &Path, bytes: &[u8]) -> Result<()> {
        atomic::write(path, bytes).map_err(Error::write(path))
    }
}

/// Reads and checks a specification file.
///
/// # Errors
/// When the file cannot be read or is no specification that this build can run.
pub fn read_experiment(registry: &Registry, path: &Path) -> Result<Checked> {
    let text = read_text(path)?;
    let in_file = |source| Error::InFile { path: path.to_owned(), source };
    let experiment = registry.parse_toml(&text).map_err(in_file)?;
    registry.check(&experiment).map_err(|source| Error::InFile { path: path.to_owned(), source })
}

/// Reads a text file.
///
/// # Errors
/// When it is missing, a directory, or no UTF-8.
pub fn read_text(path: &Path) -> Result<String> {
    if path.is_dir() {
        return Err(Error::data(path, "this is a directory; give a file"));
    }
    let bytes = std::fs::read(path).map_err(Error::read(path))?;
    String::from_utf8(bytes).map_err(|error| {
        let at = error.utf8_error().valid_up_to() + 1;
        Error::data(path, format!("byte {at} is not UTF-8 text; save the file as UTF-8"))
    })
}

/// What identifies an experiment: its preset, its seed, the value of every field, and the user's own data.
pub fn identity(checked: &Checked, data: Option<&Supplied>) -> String {
    let mut whole = serde_json::json!({
        "run": checked.preset().name,
        "seed": checked.seed(),
        "values": checked.to_json(),
    });
    if let Some(Supplied { description, .. }) = data {
        whole["data"] = serde_json::json!([description.file, description.class, description.sha256]);
    }
    sha256(whole.to_string().as_bytes())
}

/// Makes `path` unless it is an empty directory already; says whether it did.
fn create_empty(path: &Path) -> Result<bool> {
    if !path.exists() {
        std::fs::create_dir_all(path).map_err(Error::write(path))?;
        return Ok(true);
    }
    if !path.is_dir() {
        return Err(Error::data(path, "this is a file; name a new directory"));
    }
    for entry in std::fs::read_dir(path).map_err(Error::read(path))? {
        let entry = entry.map_err(Error::read(path))?;
        if !is_unborn(&entry.path()) {
            return Err(Error::data(
                path,
                "this directory is not empty; nothing was changed. Name a new one",
            ));
        }
    }
    Ok(false)
}

/// Whether this is a thing that a process leaves when it is killed before the run has its `experiment.toml`.
fn is_unborn(path: &Path) -> bool {
    let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    match name.as_str() {
        ".lock" => path.metadata().is_ok_and(|metadata| metadata.is_file() && metadata.len() == 0),
        "environment.json" => Environment::read(path).is_ok(),
        "checkpoints" => std::fs::read_dir(path).is_ok_and(|mut entries| entries.next().is_none()),
        other => {
            let directory = path.parent().unwrap_or(Path::new("."));
            atomic::is_leftover(other) || supplied::is_ours(directory, other)
        }
    }
}

/// Makes `runs/<stem>-<n>` with the first free number; making it is what claims it.
fn create_numbered(stem: &str) -> Result<PathBuf> {
    let runs = Path::new(RUNS);
    std::fs::create_dir_all(runs).map_err(Error::write(runs))?;
    for number in 1_u32.. {
        let path = runs.join(format!("{stem}-{number}"));
        match std::fs::create_dir(&path) {
            Ok(()) => {
                atomic::sync_directory(runs).map_err(Error::write(runs))?;
                return Ok(path);
            }
            Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => {}
            Err(error) => return Err(Error::write(&path)(error)),
        }
    }
    Err(Error::Unexpected { problem: format!("`{RUNS}` has every number of `{stem}` already") })
}

/// Locks the directory for this process. The system releases the lock however the process ends.
fn lock(directory: &Path) -> Result<File> {
    let path = directory.join(".lock");
    let file =
        File::options().create(true).truncate(false).write(true).open(&path).map_err(Error::write(&path))?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(std::fs::TryLockError::WouldBlock) => {
            Err(Error::data(directory, "another process works in this run directory; wait until it ends"))
        }
        // A file system without locks: go on, two processes at once are the user's choice there.
        Err(std::fs::TryLockError::Error(_)) => Ok(file),
    }
}
