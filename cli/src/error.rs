//! Everything that can end a command early, each with its exit code. A sentence says what, where and what to do.

use std::io;
use std::path::{Path, PathBuf};

use crate::exit::Exit;

/// What the commands return.
pub type Result<T> = std::result::Result<T, Error>;

/// Why a command ended early.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The core refused something, or a run failed.
    #[error("{0}")]
    Core(#[from] switchyard::Error),
    /// The core refused what a file holds.
    #[error("{}: {source}", .path.display())]
    InFile {
        /// The file.
        path: PathBuf,
        /// What the core said.
        source: switchyard::Error,
    },
    /// A text or a vocabulary cannot be used.
    #[error("{0}")]
    Text(#[from] crate::text::TextError),
    /// The command line asks for something impossible.
    #[error("{problem}")]
    Usage {
        /// What is wrong and what to do.
        problem: String,
    },
    /// A device cannot be computed on.
    #[error("device `{device}`: {problem}")]
    Device {
        /// As after `--device`.
        device: String,
        /// What is wrong and what to do.
        problem: String,
    },
    /// A file or directory cannot be read.
    #[error("cannot read {}: {source}", .path.display())]
    Read {
        /// Which one.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// A file or directory cannot be written.
    #[error("cannot write {}: {source}; choose another place with `--out`, or make room", .path.display())]
    Write {
        /// Which one.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// A file or directory is not what it should be.
    #[error("{}: {problem}", .path.display())]
    Data {
        /// Which one.
        path: PathBuf,
        /// What is wrong and what to do.
        problem: String,
    },
    /// A checkpoint cannot be used.
    #[error("checkpoint {} cannot be used: {problem}; nothing was changed. Delete this file to do its task again", .path.display())]
    Checkpoint {
        /// The checkpoint's file.
        path: PathBuf,
        /// What is wrong.
        problem: String,
    },
    /// There is nothing to do.
    #[error("{problem}")]
    NothingToDo {
        /// Why.
        problem: String,
    },
    /// The user stopped the run.
    #[error("interrupted; finished tasks are saved{}. Go on with `switchyard resume {}`", half_way(*.halfway), .directory.display())]
    Interrupted {
        /// The run directory.
        directory: PathBuf,
        /// How many tasks are saved half-way.
        halfway: usize,
    },
    /// The user stopped something that the same command goes on with.
    #[error("interrupted; what is done is kept in {}. The same command goes on", .file.display())]
    Stopped {
        /// The file that holds it.
        file: PathBuf,
    },
    /// A task failed.
    #[error("task `{task}` failed: {problem}. Finished tasks are saved in {}", .directory.display())]
    Task {
        /// The task.
        task: String,
        /// What it said.
        problem: String,
        /// The run directory.
        directory: PathBuf,
    },
    /// Something that should not happen.
    #[error("{problem}; this is a bug, please report it with the output of `switchyard doctor`")]
    Unexpected {
        /// What happened.
        problem: String,
    },
    /// Standard output cannot be written.
    #[error("cannot write the results: {0}")]
    Output(io::Error),
    /// The reader of standard output went away.
    #[error("the reader of the output went away")]
    BrokenPipe,
}

impl Error {
    /// The exit code this error leads to.
    pub fn exit(&self) -> Exit {
        match self {
            Self::Core(error) | Self::InFile { source: error, .. } => exit_of(error),
            Self::Text(crate::text::TextError::VocabularySize { .. })
            | Self::Usage { .. }
            | Self::Device { .. } => Exit::Usage,
            Self::Text(crate::text::TextError::Library { .. }) => Exit::Unexpected,
            Self::Text(_) => Exit::Data,
            Self::Read { .. } | Self::Write { .. } | Self::Data { .. } | Self::Output(_) => Exit::Data,
            Self::Checkpoint { .. } => Exit::Checkpoint,
            Self::NothingToDo { .. } => Exit::NothingToDo,
            Self::Interrupted { .. } | Self::Stopped { .. } => Exit::Interrupted,
            Self::Task { .. } | Self::Unexpected { .. } => Exit::Unexpected,
            Self::BrokenPipe => Exit::Success,
        }
    }

    /// A closure that turns a system error into [`Error::Read`] of `path`.
    pub fn read(path: &Path) -> impl FnOnce(io::Error) -> Self {
        move |source| Self::Read { path: path.to_owned(), source }
    }

    /// A closure that turns a system error into [`Error::Write`] of `path`.
    pub fn write(path: &Path) -> impl FnOnce(io::Error) -> Self {
        move |source| Self::Write { path: path.to_owned(), source }
    }

    /// Whether a file could not be written because the disk or the user's share of it is full.
    pub fn is_about_room(&self) -> bool {
        let Self::Write { source, .. } = self else { return false };
        matches!(source.kind(), io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded)
    }

    /// An [`Error::Data`] about `path`.
    pub fn data(path: &Path, problem: impl Into<String>) -> Self {
        Self::Data { path: path.to_owned(), problem: problem.into() }
    }
}

impl From<io::Error> for Error {
    /// Errors of standard output; files name their path with [`Error::read`] and [`Error::write`].
    fn from(error: io::Error) -> Self {
        if error.kind() == io::ErrorKind::BrokenPipe { Self::BrokenPipe } else { Self::Output(error) }
    }
}

/// The part of a sentence about tasks that are saved half-way.
fn half_way(tasks: usize) -> String {
    match tasks {
        0 => String::new(),
        1 => ", and one task half-way".to_owned(),
        _ => format!(", and {tasks} tasks half-way"),
    }
}

fn exit_of(error: &switchyard::Error) -> Exit {
    use switchyard::Error as Core;
    match error {
        Core::UnknownName { .. }
        | Core::UnknownKey { .. }
        | Core::DuplicateKey { .. }
        | Core::WrongType { .. }
        | Core::OutOfRange { .. }
        | Core::Inconsistent { .. }
        | Core::InvalidArchitecture { .. }
        | Core::MalformedSpecification { .. }
        | Core::MalformedLink { .. }
        | Core::LinkVersion { .. } => Exit::Usage,
        Core::MalformedData { .. } => Exit::Data,
        Core::Checkpoint { .. } => Exit::Checkpoint,
        _ => Exit::Unexpected,
    }
}
