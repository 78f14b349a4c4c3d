//! What can go wrong, and the exit code each kind has. It prints nothing itself.

use std::fmt;

/// A reason to stop, told as a sentence.
#[derive(Debug, PartialEq, Eq)]
pub enum Failure {
    /// The command line is wrong.
    Usage(String),
    /// Something the work needs is not on this machine and could not be installed.
    Setup(String),
    /// A step ran and did not pass.
    Step(String),
}

impl Failure {
    /// The process exit code: 1 a step failed, 2 usage, 3 set-up.
    pub fn exit_code(&self) -> u8 {
        match self {
            Failure::Step(_) => 1,
            Failure::Usage(_) => 2,
            Failure::Setup(_) => 3,
        }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Failure::Usage(message) => write!(out, "{message}\nTry `cargo xtask --help`."),
            Failure::Setup(message) => write!(out, "set-up cannot go on: {message}"),
            Failure::Step(message) => write!(out, "{message}"),
        }
    }
}
