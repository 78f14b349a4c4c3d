//! What stands on a line of the file that a run under way writes: the events as in the record, and what only
//! matters while the run goes on.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use switchyard::experiment::Event;

/// How far the tasks under way were at a moment.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Moment {
    /// Seconds since the process began.
    pub seconds: f64,
    /// Steps done by each task under way.
    pub steps: BTreeMap<String, u64>,
}

/// What is no part of a run's record.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "kebab-case")]
pub enum Aside {
    /// The first line: a process began to write.
    Live {
        /// The process.
        process: u32,
        /// When, in nanoseconds since 1970: no two processes write the same first line.
        at: u64,
    },
    /// A task goes on where it was saved.
    GoesOn {
        /// The task.
        task: String,
        /// The steps that were done.
        step: u64,
        /// Steps in all; 0 when they are not counted.
        steps: u64,
    },
    /// Where a task stands was saved.
    Saved {
        /// The task.
        task: String,
        /// Steps done.
        step: u64,
        /// The size of the file.
        bytes: u64,
        /// What it took: reading the device, then writing.
        seconds: f64,
    },
    /// The reader should know it now: something was not saved, or cannot be used.
    Caution {
        /// One sentence or two.
        text: String,
    },
    /// How far the tasks are.
    Moment(Moment),
    /// The user stopped the run.
    Interrupted {
        /// The same as a sentence.
        error: String,
    },
    /// The run ended early.
    Failed {
        /// Why.
        error: String,
    },
}

impl Aside {
    /// What a person should read of it.
    pub fn text(&self) -> Option<String> {
        match self {
            Self::GoesOn { task, step, steps } => Some(format!("{task} goes on from step {step} of {steps}")),
            Self::Caution { text } => Some(format!("warning: {text}")),
            _ => None,
        }
    }
}

/// One line.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(untagged)]
pub enum Line {
    /// What only matters now.
    Aside(Aside),
    /// An event of the record.
    Event(Box<Event>),
}
