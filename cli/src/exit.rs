//! The exit codes: one enum, printed by `switchyard help exit-codes` and tested from outside.

/// How the process ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum Exit {
    /// Everything asked for was done.
    Success = 0,
    /// Something that should not happen.
    Unexpected = 1,
    /// The command line or the experiment is wrong.
    Usage = 2,
    /// The run is complete, but a stated threshold was not met.
    Threshold = 3,
    /// There is nothing to do.
    NothingToDo = 4,
    /// A file is missing, corrupt, or cannot be written.
    Data = 5,
    /// A checkpoint is corrupt or belongs to another run.
    Checkpoint = 6,
    /// Stopped by Ctrl-C; finished tasks are saved.
    Interrupted = 130,
}

impl Exit {
    /// Every exit code, in order.
    pub const ALL: [Exit; 8] = [
        Exit::Success,
        Exit::Unexpected,
        Exit::Usage,
        Exit::Threshold,
        Exit::NothingToDo,
        Exit::Data,
        Exit::Checkpoint,
        Exit::Interrupted,
    ];

    /// The number the process ends with.
    pub fn code(self) -> u8 {
        self as u8
    }

    /// What it means, in one sentence.
    pub fn meaning(self) -> &'static str {
        match self {
            Exit::Success => "Done. Also when the reader of a pipe went away.",
            Exit::Unexpected => "Something unexpected: training diverged, a worker failed, a bug.",
            Exit::Usage => {
                "The command line or the experiment is wrong: unknown name, wrong type, out of range."
            }
            Exit::Threshold => "The run is complete, but a stated threshold was not met (reserved).",
            Exit::NothingToDo => "Nothing to do: the run is already complete, or there is no run.",
            Exit::Data => "A file or directory is missing, corrupt, or cannot be written.",
            Exit::Checkpoint => "A checkpoint is corrupt, truncated, or belongs to another experiment.",
            Exit::Interrupted => {
                "Interrupted by Ctrl-C; what is finished is saved, and the message says how to go on."
            }
        }
    }

    /// The table of all codes, one line each.
    pub fn table() -> String {
        let lines = Exit::ALL.iter().map(|exit| format!("{:>5}  {}", exit.code(), exit.meaning()));
        lines.collect::<Vec<_>>().join("\n")
    }
}

impl From<Exit> for std::process::ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit.code())
    }
}
