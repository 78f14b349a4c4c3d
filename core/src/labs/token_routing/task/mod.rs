//! What is learned: samples of equally many units, each unit a patch or a character, and answers about them.

mod digits;
mod text;

pub use digits::Digits;
pub use text::Text;

use super::specification::Specification;
use crate::nn::schedule::Batches;
use crate::rng::Streams;
use crate::{Error, Result};

/// What a network reads.
#[derive(Debug, Clone, PartialEq)]
pub enum Inputs {
    /// The ink of patches, `[units, pixels]`.
    Patches(Vec<f32>),
    /// The numbers of characters, `[units]`.
    Tokens(Vec<i32>),
}

/// Some samples.
#[derive(Debug, Clone, PartialEq)]
pub struct Batch {
    /// What is read.
    pub inputs: Inputs,
    /// What each unit is, for hash routing.
    pub identities: Vec<u32>,
    /// What is to be answered: one class a sample, or the next character of each unit; empty when nobody knows.
    pub targets: Vec<i32>,
}

/// What is known about held-out units: a value each, and the values' names.
pub struct Key {
    /// A view's name.
    pub name: &'static str,
    /// What a value is: `digit`.
    pub noun: &'static str,
    /// The names of values.
    pub names: Vec<String>,
    /// One value per held-out unit.
    pub values: Vec<usize>,
}

/// What is learned.
#[allow(clippy::large_enum_variant, reason = "there is one for each run")]
pub enum Task {
    /// Patches of images say which digit it is.
    Digits(Digits),
    /// Characters say which comes next.
    Text(Text),
}

impl Task {
    /// The task of a specification.
    ///
    /// # Errors
    /// When its fields do not fit together, a text is missing or of no use, or none is asked for.
    pub fn new(specification: &Specification, streams: &Streams, own: Option<&[u8]>) -> Result<Self> {
        let refuse = |problem: &str| {
            let problem = format!("it is `{}`, but {problem}", specification.data.source);
            Err(Error::Inconsistent { key: "data.source".to_owned(), problem })
        };
        match (specification.data.source.as_str(), own) {
            ("own", Some(text)) => Ok(Task::Text(Text::of_own(specification, text)?)),
            ("own", None) => refuse(
                "there is no text: paste one or open a file in the playground, give `--data FILE` on the command line, or \
                 choose other data",
            ),
            (_, Some(_)) => refuse("a text was supplied; set it to `own`, or leave the text out"),
            ("language", None) => Ok(Task::Text(Text::of_language(specification, streams)?)),
            _ => Ok(Task::Digits(Digits::new(specification, streams)?)),
        }
    }

    /// How many units a sample has.
    pub fn units(&self) -> usize {
        match self {
            Task::Digits(digits) => digits.patches,
            Task::Text(text) => text.corpus.length(),
        }
    }

    /// How many answers there are to choose from.
    pub fn classes(&self) -> usize {
        match self {
            Task::Digits(digits) => digits.images.class_count(),
            Task::Text(text) => text.corpus.vocabulary().size(),
        }
    }

    /// How many samples are held out.
    pub fn held_out(&self) -> usize {
        match self {
            Task::Digits(digits) => digits.test.len(),
            Task::Text(text) => text.test.len(),
        }
    }

    /// How many units the held-out samples have.
    pub fn held_out_units(&self) -> usize {
        self.held_out() * self.units()
    }

    /// Held-out samples by their places.
    pub fn held_out_batch(&self, places: std::ops::Range<usize>) -> Batch {
        match self {
            Task::Digits(digits) => digits.batch(&digits.test[places]),
            Task::Text(text) => text.batch(&text.test[places]),
        }
    }

    /// All samples that say when to stop; nothing where nothing stops.
    pub fn validation_batch(&self) -> Option<Batch> {
        match self {
            Task::Digits(digits) if !digits.validation.is_empty() => Some(digits.batch(&digits.validation)),
            Task::Text(text) if !text.validation.is_empty() => Some(text.batch(&text.validation)),
            _ => None,
        }
    }

    /// The batch of a training step.
    ///
    /// # Errors
    /// When the text has no training window, which its making excludes.
    pub fn training_batch(&self, step: u64, batches: &mut Batches, streams: &Streams) -> Result<Batch> {
        match self {
            Task::Digits(digits) => {
                let rows: Vec<usize> =
                    batches.rows_of(step).iter().map(|&place| digits.train[place]).collect();
                Ok(digits.batch(&rows))
            }
            Task::Text(text) => text.draw(&mut streams.stream_at("data", step)),
        }
    }

    /// How many samples there are to train on, for batches without replacement.
    pub fn training_samples(&self) -> usize {
        match self {
            Task::Digits(digits) => digits.train.len(),
            Task::Text(text) => text.batch,
        }
    }

    /// What units are called, in the plural.
    pub fn unit_noun(&self) -> &'static str {
        match self {
            Task::Digits(_) => "patches",
            Task::Text(_) => "characters",
        }
    }

    /// What is answered about, in the plural.
    pub fn answer_noun(&self) -> &'static str {
        match self {
            Task::Digits(_) => "images",
            Task::Text(_) => "characters",
        }
    }

    /// A unit's label and a held-out sample's name.
    pub fn unit_label(&self, sample: usize, unit: usize) -> String {
        match self {
            Task::Digits(_) => unit.to_string(),
            Task::Text(text) => text.label(text.test[sample], unit),
        }
    }

    /// What each held-out unit is: the token, or equal numbers for equal patches.
    pub fn identities(&self) -> Vec<usize> {
        let batch = self.held_out_batch(0..self.held_out());
        batch.identities.into_iter().map(|identity| identity as usize).collect()
    }

    /// What is known about held-out units.
    pub fn keys(&self) -> Vec<Key> {
        match self {
            Task::Digits(digits) => digits.keys(),
            Task::Text(text) => text.keys(),
        }
    }

    /// The most samples of one pass outside training, so that memory does not grow with the data.
    pub fn at_once(&self) -> usize {
        (4096 / self.units()).max(1)
    }
}
