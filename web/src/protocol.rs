//! The messages between the page and the worker that holds a run, as JSON text.
//!
//! The page sends [`Command`]s, the worker sends [`Report`]s; each is wrapped in an [`Envelope`] with the run it
//! belongs to and a sequence number. Views are sent one at a time: the next one only after the page acknowledged the
//! last ([`Command::Acknowledge`]), so a slow page is never buried. A worker that says nothing for
//! [`SILENCE_SECONDS`] is lost: the page ends it and starts again from the experiment.

use serde::{Deserialize, Serialize};
use switchyard::experiment::Probe;
pub use switchyard::experiment::message::{
    Activity, Envelope, Failure, Note, Report, Scalar, Status, VERSION,
};

/// The worker says something at least this often, in milliseconds of its own time, even when paused.
pub const HEARTBEAT_MILLISECONDS: u32 = 1_000;

/// A worker that has said nothing for so long is lost; of transformers after six times as long.
pub const SILENCE_SECONDS: u32 = 5;

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
    /// Measures a file of routes, which comes beside this message. A worker that is asked this needs no run.
    Inspect {
        /// The file's name, for messages.
        name: String,
        /// How many experts each layer has, where the file does not say so.
        experts: Option<usize>,
        /// Treats units with equal weights on all of several choices as padding.
        leave_out_ties: bool,
    },
    /// Ends the run and closes the worker.
    Dispose,
}

/// Rows, or a text, that did not come from the specification.
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
    /// A text, pasted or from a file.
    Text {
        /// Its name, for messages.
        name: String,
        /// The text.
        text: String,
    },
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
