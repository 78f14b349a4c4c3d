//! The trace format `switchyard-trace`, version 1: JSON Lines, UTF-8, one object on each line.
//!
//! The **first line** is a [`Header`]:
//!
//! | field | type | what it is |
//! | --- | --- | --- |
//! | `schema` | text | always `switchyard-trace` |
//! | `version` | integer | the version of this format; a reader refuses every other one |
//! | `build` | text, optional | [`BUILD`](crate::BUILD) of the program that made the decisions |
//! | `seed` | integer, optional | the seed of the run |
//! | `experiment_digest` | text, optional | SHA-256 of the experiment, 64 hexadecimal digits |
//! | `decisions` | integer, optional | how many lines follow, so that a file cut at a line's end is noticed |
//!
//! **Every other line** is a [`Traced`]: `{"task": "sandwich/seed-0", "decision": {…}}`, the task optional. Decisions
//! stand in the order in which they were made. A decision has these fields:
//!
//! | field | type | what it is |
//! | --- | --- | --- |
//! | `router` | text | the router's name |
//! | `scope` | `{"layer": n}`, `"all-layers"` or `"model"` | where it decides |
//! | `step` | integer | the training step, counted from 0 |
//! | `unit_kind` | text | `token`, `patch`, `sample`, `sequence`, `task`, `prompt`, `architecture`, `step`, `expert`, `access` |
//! | `units`, `groups` | integers | how many units, padding included; how many separate choices each makes |
//! | `slots` | list | `id`, `label`, `kind`, `cost` (`flops`, `parameters`, `bytes`, `latency`), `capacity` if limited |
//! | `combine_mode` | text | `select`, `mix-outputs`, `mix-weights`, `concat`, `place`, `cache` |
//! | `edges` | list | see below; the order carries no meaning |
//! | `logits`, `probabilities` | lists, optional | `units * groups * slots` numbers, the slot running fastest |
//! | `valid` | list of flags | which units count; padding is `false` |
//! | `keys` | object | lists of one number per unit: `token_id`, `position`, `sequence`, `class`, `domain`, `task`, `parent_decision`, each optional |
//!
//! An **edge** has `unit`, `group`, `slot` (an index into the slot table), `rank` (0 for the first choice), `score`
//! (what was compared), `dispatch` (how much of the unit goes in), `combine` (the weight of what comes out) and
//! `fate`: `kept`, `dropped`, `null`, `skipped`, `shared`, `hit`, `{"rerouted": {"slot": n}}` or
//! `{"miss": {"evicted": n or null}}`.
//!
//! Numbers are finite, weights are 0 or more, nothing is there twice: what
//! [`validate`](crate::routing::RoutingDecision::validate) refuses, reader and writer refuse too. Unknown fields are
//! refused. A change that an old reader would misread raises the version.

use serde::{Deserialize, Serialize};

use super::limits::MOST_CHOICES;
use crate::routing::RoutingDecision;
use crate::{Error, Result};

/// The name of the format.
pub const SCHEMA: &str = "switchyard-trace";

/// The version that this build writes, and the only one that it reads.
pub const VERSION: u32 = 1;

/// The first line of a trace.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Header {
    /// The name of the format, [`SCHEMA`].
    pub schema: String,
    /// The version of the format, [`VERSION`].
    pub version: u32,
    /// Which build made the decisions.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub build: Option<String>,
    /// The seed of the run.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seed: Option<u64>,
    /// SHA-256 of the experiment, as 64 hexadecimal digits.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub experiment_digest: Option<String>,
    /// How many decisions follow.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub decisions: Option<u64>,
}

impl Default for Header {
    fn default() -> Self {
        Self {
            schema: SCHEMA.to_owned(),
            version: VERSION,
            build: None,
            seed: None,
            experiment_digest: None,
            decisions: None,
        }
    }
}

/// One decision with the task that it belongs to.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Traced {
    /// The task of the run, if it has several.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub task: Option<String>,
    /// The record.
    pub decision: RoutingDecision,
}

/// A whole trace.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Trace {
    /// Where it comes from.
    pub header: Header,
    /// The decisions, in the order in which they were made.
    pub decisions: Vec<Traced>,
}

impl Trace {
    /// Checks that nothing in the trace contradicts anything else in it.
    ///
    /// # Errors
    /// An [`Error::InvalidDecision`] that names the decision, counted from 1, and its first contradiction.
    pub fn validate(&self) -> Result<()> {
        self.header.check().map_err(|problem| Error::InvalidDecision { problem })?;
        let mut choices = 0;
        for (index, traced) in self.decisions.iter().enumerate() {
            traced.decision.validate()?;
            traced.count_choices(&mut choices).map_err(|problem| Error::InvalidDecision { problem })?;
            traced.check_parents(index).map_err(|problem| Error::InvalidDecision { problem })?;
        }
        self.check_count().map_err(|problem| Error::InvalidDecision { problem })
    }

    /// The header's number of decisions is theirs.
    pub(super) fn check_count(&self) -> std::result::Result<(), String> {
        match self.header.decisions {
            Some(count) if count != self.decisions.len() as u64 => Err(format!(
                "the header announces {count} decisions, but {} are there: the trace was cut off or put together. Write \
                 it again, or take `decisions` out of the header to read what is there",
                self.decisions.len()
            )),
            _ => Ok(()),
        }
    }
}

impl Header {
    pub(super) fn check(&self) -> std::result::Result<(), String> {
        match &self.experiment_digest {
            Some(digest) if digest.len() != 64 || !digest.bytes().all(|byte| byte.is_ascii_hexdigit()) => {
                Err(format!("the header's experiment digest `{digest}` is not 64 hexadecimal digits"))
            }
            _ => Ok(()),
        }
    }
}

impl Traced {
    /// Adds the choices of this decision, as long as there are not too many.
    pub(super) fn count_choices(&self, choices: &mut usize) -> std::result::Result<(), String> {
        *choices = choices.saturating_add(self.decision.units.saturating_mul(self.decision.groups));
        if *choices > MOST_CHOICES {
            return Err(format!(
                "units times groups of all decisions so far are {choices}; at most {MOST_CHOICES} are read. Split the trace"
            ));
        }
        Ok(())
    }

    /// Units come from earlier decisions only.
    pub(super) fn check_parents(&self, index: usize) -> std::result::Result<(), String> {
        let decision = &self.decision;
        let parents = decision.keys.parent_decision.iter().flatten().zip(&decision.valid);
        match parents.into_iter().find(|&(&parent, &valid)| valid && parent as usize >= index) {
            Some((parent, _)) => Err(format!(
                "decision {index} (counted from 0) names decision {parent} as the parent of a unit, which is not earlier"
            )),
            None => Ok(()),
        }
    }
}
