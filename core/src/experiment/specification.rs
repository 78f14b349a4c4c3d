//! An experiment as it was written ([`Experiment`]) and as it can run ([`Checked`]).
//!
//! Only [`super::Registry`] turns the first into the second, because names and types come from the labs.

use std::collections::BTreeMap;
use std::fmt;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::{Field, Lab, Preset, Value};
use crate::rng::Streams;
use crate::{Error, Result};

/// The largest seed (2^53 - 1): every integer up to it is exact in JSON, in JavaScript and in TOML.
pub const LARGEST_SEED: u64 = 9_007_199_254_740_991;

/// What was written: a preset, what differs from it, and the seed. Nothing in it is checked.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Experiment {
    /// The preset's name.
    #[serde(rename = "run")]
    pub preset: String,
    /// The seed of every random stream.
    #[serde(default)]
    pub seed: u64,
    /// Values that differ from the preset's, by dotted key.
    #[serde(default)]
    pub overrides: BTreeMap<String, Value>,
}

impl Experiment {
    /// The preset as it is, with seed 0.
    pub fn new(preset: impl Into<String>) -> Self {
        Self { preset: preset.into(), seed: 0, overrides: BTreeMap::new() }
    }
}

/// What can run: every field has a value of its type and in its range.
#[derive(Clone)]
pub struct Checked {
    pub(super) lab: &'static dyn Lab,
    pub(super) preset: &'static Preset,
    pub(super) experiment: Experiment,
    /// One value for each of the lab's fields, in their order.
    pub(super) values: Vec<Value>,
}

impl Checked {
    /// The experiment in its normal form: only what differs from the preset.
    pub fn experiment(&self) -> &Experiment {
        &self.experiment
    }

    /// The lab.
    pub fn lab(&self) -> &'static dyn Lab {
        self.lab
    }

    /// The preset.
    pub fn preset(&self) -> &'static Preset {
        self.preset
    }

    /// The seed.
    pub fn seed(&self) -> u64 {
        self.experiment.seed
    }

    /// The random streams of this run.
    pub fn streams(&self) -> Streams {
        Streams::new(self.seed())
    }

    /// The value of a field; nothing when the lab has no such key.
    pub fn value(&self, key: &str) -> Option<&Value> {
        self.values().find(|(field, _)| field.key == key).map(|(_, value)| value)
    }

    /// Every field with its value, in the lab's order.
    pub fn values(&self) -> impl Iterator<Item = (&'static Field, &Value)> {
        self.lab.fields().iter().zip(&self.values)
    }

    /// The values as JSON, dotted keys nested: `{"supernet": {"experts": 4}}`.
    pub fn to_json(&self) -> serde_json::Value {
        let mut tree = serde_json::Map::new();
        for (field, value) in self.values() {
            let mut branch = &mut tree;
            let mut name = field.key;
            while let Some((head, rest)) = name.split_once('.') {
                let next =
                    branch.entry(head).or_insert_with(|| serde_json::Value::Object(serde_json::Map::new()));
                branch =
                    next.as_object_mut().expect("the registry's check refuses a key that is also a table");
                name = rest;
            }
            branch.insert(name.to_owned(), value.to_json());
        }
        tree.into()
    }

    /// The values as the lab's own type; dotted keys are nested structures.
    ///
    /// # Errors
    /// When the type does not have exactly the lab's fields, or is narrower than their ranges.
    pub fn typed<T: DeserializeOwned>(&self) -> Result<T> {
        serde_json::from_value(self.to_json()).map_err(|error| Error::MalformedSpecification {
            problem: format!("the fields of lab `{}` do not fit its type: {error}", self.lab.name()),
        })
    }

    /// The whole specification as a TOML file: every field, with its help and its range as comments.
    pub fn to_toml(&self) -> String {
        let mut text = format!(
            "# {}: {}\n# Every field is written out; one that is left out takes the preset's value.\nrun = {}\n\n",
            self.preset.name,
            one_line(self.preset.summary),
            Value::from(self.preset.name).literal()
        );
        text += &format!("# The seed of every random stream: {}.\nseed = {}\n", seed_range(), self.seed());
        for (field, value) in self.values() {
            let unit = if field.unit.is_empty() { String::new() } else { format!(" ({})", field.unit) };
            text += &format!("\n# {}{}: {}\n", one_line(field.label), one_line(&unit), one_line(field.help));
            text += &format!("# {}\n{} = {}\n", one_line(&field.kind.range()), field.key, value.literal());
        }
        text
    }
}

impl PartialEq for Checked {
    fn eq(&self, other: &Self) -> bool {
        self.lab.name() == other.lab.name()
            && self.experiment == other.experiment
            && self.values == other.values
    }
}

impl fmt::Debug for Checked {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Checked")
            .field("lab", &self.lab.name())
            .field("experiment", &self.experiment)
            .field("values", &self.values)
            .finish()
    }
}

/// The range of seeds in words.
pub(super) fn seed_range() -> String {
    format!("an integer from 0 to {LARGEST_SEED}")
}

fn one_line(text: &str) -> String {
    text.replace(|character: char| character.is_control(), " ")
}
