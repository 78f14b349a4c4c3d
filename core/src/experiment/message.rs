//! What a run tells whoever watches it: the messages that a worker sends to its page, and that a recording holds, one
//! a line. Plain data; nothing here trains.

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::{Answer, Event, ProbeKind, Verdict, VerdictWord, View};
use crate::plate::Plate;

/// The version of these messages. Who sends and who reads must agree on it and on [`crate::BUILD`].
pub const VERSION: u32 = 1;

/// A message with what it belongs to.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Envelope<T> {
    /// The run. A message of another run than the receiver's is left unread.
    pub run: u32,
    /// Counts the sender's messages from 0.
    pub sequence: u64,
    /// The message.
    pub body: T,
}

impl<T: Serialize> Envelope<T> {
    /// The envelope as text.
    pub fn to_text(&self) -> String {
        serde_json::to_string(self).expect("messages hold nothing that JSON cannot: names, numbers, lists")
    }
}

impl<T: DeserializeOwned> Envelope<T> {
    /// Reads an envelope.
    ///
    /// # Errors
    /// When the text is no such message, in words of the parser: the other side is of another build.
    pub fn from_text(text: &str) -> Result<Self, String> {
        // By way of a parsed value, as plates are read: so the code that reads them is there once.
        let value: serde_json::Value = serde_json::from_str(text).map_err(|error| error.to_string())?;
        crate::lean::from_value(value).map_err(|problem| problem.to_string())
    }
}

/// What the worker is doing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Activity {
    /// Nothing; it waits for a command.
    Paused,
    /// It trains.
    Running,
    /// The run is complete.
    Complete,
}

/// One measured number of a run under way.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Scalar {
    /// The task.
    pub task: String,
    /// The task's step.
    pub step: u64,
    /// Its name: `train_loss`.
    pub name: String,
    /// The value; nothing when it is not finite.
    pub value: Option<f64>,
}

/// How far a run is.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Status {
    /// What the worker is doing.
    pub activity: Activity,
    /// Steps done of the whole run.
    pub step: u64,
    /// Steps of the whole run as far as its plan is known; nothing before it starts.
    pub total: Option<u64>,
    /// Training steps a second of late; nothing while paused.
    pub rate: Option<f64>,
    /// The task under way.
    pub task: Option<String>,
    /// Tasks finished, and tasks known.
    pub tasks: [usize; 2],
}

/// An event in the form in which it crosses to a page: only what the page shows.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Note {
    /// Something to know before the result is believed.
    Warning(String),
    /// What the run says about one claim.
    Verdict(Verdict),
    /// A picture of the result.
    Plate(Plate),
}

impl Note {
    /// The note of an event; nothing for events that a page does not show.
    pub fn of(event: &Event) -> Option<Self> {
        match event {
            Event::Warning { text } => Some(Self::Warning(text.clone())),
            Event::Verdict { verdict } => Some(Self::Verdict(verdict.clone())),
            Event::Plate { plate } => Some(Self::Plate(plate.clone())),
            _ => None,
        }
    }
}

/// What the worker tells the page.
#[allow(clippy::large_enum_variant, reason = "a report is read and dropped, never kept in numbers")]
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Report {
    /// The worker is loaded and waits for the page's `Init`. Sent once, with run 0.
    Loaded {
        /// The worker's [`VERSION`].
        protocol: u32,
        /// The worker's [`crate::BUILD`].
        build: String,
    },
    /// The run is open.
    Ready {
        /// The worker's build.
        build: String,
        /// The experiment in its normal form, as a link's fragment.
        experiment: String,
        /// Where it stands: at step 0.
        status: Status,
        /// How it can be asked.
        probes: Vec<ProbeKind>,
    },
    /// It goes on, or is still there.
    Tick {
        /// How far it is.
        status: Status,
        /// What was measured since the last tick.
        scalars: Vec<Scalar>,
    },
    /// It stands still: paused, at the step asked for, or complete.
    Stopped {
        /// How far it is.
        status: Status,
        /// SHA-256 of where it stands (`Session::state_digest`); of its results when it is complete.
        digest: String,
    },
    /// Pictures. The next ones come after the page's `Acknowledge`.
    Views {
        /// The step they show.
        step: u64,
        /// The pictures; one that is not among them is as it was.
        views: Vec<View>,
    },
    /// What a reader should know at once, in order.
    Notes {
        /// The notes.
        notes: Vec<Note>,
    },
    /// The answer to a probe.
    Answered {
        /// The question's number.
        id: u32,
        /// The answer, or why there is none.
        answer: Result<Answer, String>,
    },
    /// The run is complete.
    Done {
        /// The digest of its results.
        digest: String,
        /// What it says as a whole.
        verdict: VerdictWord,
        /// The same as a sentence.
        sentence: String,
    },
    /// Every event so far, as JSON Lines.
    Exported {
        /// The text.
        text: String,
    },
    /// What a file of routes shows.
    Inspected {
        /// What the file is, in pairs of a name and a value.
        facts: Vec<(String, String)>,
        /// Pictures and tables, in the order in which they are read.
        plates: Vec<Plate>,
        /// What is not known, and why: half a sentence each.
        missing: Vec<String>,
        /// What a reader should know about the file, as sentences.
        notes: Vec<String>,
    },
    /// Something did not work.
    Failed {
        /// What kind of thing.
        code: Failure,
        /// A sentence: what, where, why, what to do.
        message: String,
        /// The field it is about, where there is one.
        key: Option<String>,
    },
}

/// Why something did not work.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Failure {
    /// Page and worker are of different builds.
    Build,
    /// The experiment is refused.
    Refused,
    /// The data are refused.
    Data,
    /// The training diverged or broke; the run stands where it was.
    Training,
    /// A message could not be read.
    Message,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_report_reads_back_from_its_envelope() {
        let body = Report::Answered { id: 3, answer: Err("no".to_owned()) };
        let sent = Envelope { run: 1, sequence: 0, body };
        assert_eq!(Envelope::from_text(&sent.to_text()), Ok(sent));
        assert!(Envelope::<Report>::from_text("{\"run\":1,\"sequence\":0,\"body\":{\"fly\":{}}}").is_err());
    }
}
