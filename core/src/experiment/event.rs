//! Events: the only thing that leaves a session. Plain data, serialisable, read by the command line, the report
//! and the browser alike.

use serde::{Deserialize, Serialize};

use crate::plate::Plate;
use crate::routing::RoutingDecision;

/// The version of the event format, written beside every event that leaves the process.
pub const SCHEMA_VERSION: u32 = 1;

/// What a session reports.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "kebab-case")]
pub enum Event {
    /// A task began (one training, one tuning run).
    TaskStarted {
        /// The task's stable name, such as `layer-wise/seed-2`.
        task: String,
        /// How many steps it takes.
        steps: u64,
    },
    /// A number measured during a task.
    Scalar {
        /// The task.
        task: String,
        /// The step after which it was measured.
        step: u64,
        /// What it is: `train_loss`, `validation_loss`…
        name: String,
        /// The value.
        #[serde(with = "crate::plate::exact")]
        value: f64,
    },
    /// A task ended.
    TaskFinished {
        /// The task.
        task: String,
        /// One line of what came out.
        summary: String,
    },
    /// A stage of the plan began: tuning, standalones, supernets…
    Stage {
        /// The stage's name.
        name: String,
        /// How many tasks it has.
        tasks: usize,
    },
    /// A routing decision worth seeing.
    Decision {
        /// The task it belongs to.
        task: String,
        /// The record.
        decision: RoutingDecision,
    },
    /// A picture, as data; [`crate::plate`] draws it.
    Plate {
        /// The picture.
        plate: Plate,
    },
    /// Something that the reader should know: a largest sub-network that is not the best, a control that fails.
    Warning {
        /// One sentence.
        text: String,
    },
    /// What the run says about one claim.
    Verdict {
        /// The verdict.
        verdict: Verdict,
    },
    /// The run is complete.
    Finished {
        /// SHA-256 of every task's outcome, in hexadecimal.
        digest: String,
        /// What the run says as a whole, its controls taken into account.
        verdict: VerdictWord,
        /// The same as a sentence.
        sentence: String,
    },
}

/// An event as it leaves the process, a line of JSON Lines: with the version of its format.
#[derive(Debug, Serialize)]
pub struct Versioned<'a> {
    schema_version: u32,
    #[serde(flatten)]
    event: &'a Event,
}

impl<'a> Versioned<'a> {
    /// The event with the version of this build.
    pub fn new(event: &'a Event) -> Self {
        Self { schema_version: SCHEMA_VERSION, event }
    }
}

/// What an interval says about a claim.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum VerdictWord {
    /// The whole interval lies on the claim's side.
    Supported,
    /// The whole interval lies on the other side.
    Contradicted,
    /// The interval holds zero, and is narrow enough to say that there is no effect of the size claimed.
    NotSupported,
    /// The interval holds zero and is too wide to say anything.
    Inconclusive,
}

impl VerdictWord {
    /// The word as people read it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Supported => "supported",
            Self::Contradicted => "contradicted",
            Self::NotSupported => "not supported",
            Self::Inconclusive => "inconclusive",
        }
    }
}

impl std::fmt::Display for VerdictWord {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.pad(self.as_str())
    }
}

/// One claim, what the paper measured, what this run measured.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Verdict {
    /// The question, as a name: `neuron-wise against sandwich`.
    pub name: String,
    /// The claim in one sentence.
    pub claim: String,
    /// The paper's own number, with its source.
    pub paper: String,
    /// What is compared and in which unit.
    pub quantity: String,
    /// The mean difference measured here.
    #[serde(with = "crate::plate::exact")]
    pub mean: f64,
    /// Lower end of the 95% interval.
    #[serde(with = "crate::plate::exact")]
    pub low: f64,
    /// Upper end of the 95% interval.
    #[serde(with = "crate::plate::exact")]
    pub high: f64,
    /// Replicates in which the difference has the claimed sign.
    pub wins: usize,
    /// Replicates in all.
    pub replicates: usize,
    /// The word the interval leads to.
    pub word: VerdictWord,
}
