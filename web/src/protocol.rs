//! The messages between the page and the worker that holds a run, as JSON text.
//!
//! The page sends [`Command`]s, the worker sends [`Report`]s; each is wrapped in an [`Envelope`] with the run it
//! belongs to and a sequence number. Views are sent one at a time: the next one only after the page acknowledged the
//! last ([`Command::Acknowledge`]), so a slow page is never buried. A worker that says nothing for
//! [`SILENCE_SECONDS`] is lost: the page ends it and starts again from the experiment.

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use switchyard::experiment::{Answer, Event, Probe, VerdictWord, View};

/// The version of these messages. Page and worker must agree on it and on [`switchyard::BUILD`].
pub const VERSION: u32 = 1;

/// The worker says something at least this often, in milliseconds of its own time, even when paused.
pub const HEARTBEAT_MILLISECONDS: u32 = 1_000;

/// A worker that has said nothing for so long is lost.
pub const SILENCE_SECONDS: u32 = 5;

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
        serde_json::from_str(text).map_err(|error| error.to_string())
    }
}

/// What the page asks of the worker.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "command", rename_all = "kebab-case")]
pub enum Command {
    /// Opens a run, at its start and paused. Always the first message; a second one replaces the run.
    Init {
        /// The page's [`VERSION`].
        protocol: u32,
        /// The page's [`switchyard::BUILD`].
        build: String,
        /// The experiment as a link's fragment: `#v=1&run=…`.
        experiment: String,
        /// Rows that the user drew or uploaded.
        data: Option<OwnData>,
    },
    /// Trains until a step of the whole run, or to its end.
    Run {
        /// The step to pause at.
        until: Option<u64>,
        /// The most steps a second; nothing for as many as possible.
        pace: Option<f64>,
    },
    /// Stops between two steps.
    Pause,
    /// Trains this many steps, then pauses.
    Step {
        /// How many.
        count: u64,
    },
    /// Asks the network where something goes.
    Probe {
        /// Comes back with the answer.
        id: u32,
        /// The question.
        probe: Probe,
    },
    /// The views of the last [`Report::Views`] have been drawn.
    Acknowledge,
    /// Asks for every event so far, as JSON Lines.
    Export,
    /// Ends the run and closes the worker.
    Dispose,
}

/// Rows that did not come from the specification.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum OwnData {
    /// Points of the plane with their classes, as drawn.
    Points {
        /// `x` and `y` of each point.
        points: Vec<[f32; 2]>,
        /// The class of each point, from 0.
        classes: Vec<u32>,
    },
    /// A CSV file with a header: numbers in all columns but one, which holds the class.
    Csv {
        /// The file's name, for messages.
        name: String,
        /// The file's text.
        text: String,
        /// The column of the class; the last one when nothing is given.
        class: Option<String>,
    },
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

/// What the worker tells the page.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "report", rename_all = "kebab-case")]
pub enum Report {
    /// The worker is loaded and waits for [`Command::Init`]. Sent once, with run 0.
    Loaded {
        /// The worker's [`VERSION`].
        protocol: u32,
        /// The worker's [`switchyard::BUILD`].
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
        /// SHA-256 of where it stands ([`switchyard::experiment::Session::state_digest`]); of its results when it is
        /// complete.
        digest: String,
    },
    /// Pictures. The next ones come after [`Command::Acknowledge`].
    Views {
        /// The step they show.
        step: u64,
        /// The pictures; one that is not among them is as it was.
        views: Vec<View>,
    },
    /// Events worth keeping: stages, finished tasks, decisions, plates, warnings, verdicts.
    Events {
        /// The events.
        events: Vec<Event>,
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
    fn messages_read_back() {
        let commands = [
            Command::Run { until: Some(200), pace: None },
            Command::Probe { id: 3, probe: Probe::Input { features: vec![0.5, -1.0] } },
            Command::Acknowledge,
        ];
        for (sequence, body) in commands.into_iter().enumerate() {
            let sent = Envelope { run: 1, sequence: sequence as u64, body };
            assert_eq!(Envelope::from_text(&sent.to_text()), Ok(sent));
        }
        let report = Report::Answered { id: 3, answer: Err("no".to_owned()) };
        let sent = Envelope { run: 1, sequence: 0, body: report };
        assert_eq!(Envelope::from_text(&sent.to_text()), Ok(sent));
    }

    #[test]
    fn another_builds_message_is_an_error_and_no_panic() {
        for text in ["", "{}", "[1]", "{\"run\":1,\"sequence\":0,\"body\":{\"command\":\"fly\"}}"] {
            assert!(Envelope::<Command>::from_text(text).is_err(), "{text}");
        }
    }
}
