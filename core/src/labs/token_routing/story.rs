//! What a lab asks of its methods.

use super::study::Study;
use crate::statistics::Direction;

/// The questions of a lab.
pub struct Story {
    /// The claim first.
    pub questions: &'static [Question],
    /// What is measured for this lab alone.
    pub study: &'static dyn Study,
    /// What the papers say.
    pub paper: &'static str,
}

/// One question: is a number of some methods lower, or higher, than another?
#[derive(Clone, Copy)]
pub struct Question {
    /// What is compared, as the outcomes name it: `test_loss`, `load_cv`.
    pub quantity: &'static str,
    /// The same in words, with its unit: `test loss, nats`.
    pub words: &'static str,
    /// Which way the claim goes.
    pub direction: Direction,
    /// The claim about a method, which follows its name and precedes what it is compared with, but for a fixed number.
    pub claim: &'static str,
    /// The methods that are asked about; all that have the quantity when empty.
    pub of: &'static [&'static str],
    /// What with.
    pub against: Against,
    /// The smallest difference that would matter, in the quantity's unit; nothing for the specification's share of what
    /// it is compared with.
    pub smallest: Option<f64>,
    /// Whether the run's verdict is about it; the others stand in the table.
    pub is_claim: bool,
}

/// What a number is compared with, seed by seed.
#[derive(Debug, Clone, Copy)]
pub enum Against {
    /// The same number of these methods; the first is the claim's, and all are where one method is asked about.
    Methods(&'static [&'static str]),
    /// Another number of the same method, and what it is called.
    Quantity(&'static str, &'static str),
    /// A fixed number.
    Level(f64),
}

impl Question {
    /// The question of every lab: how well is the test answered?
    pub const fn of_loss(claim: &'static str) -> Self {
        Self {
            quantity: "test_loss",
            words: "test loss, nats",
            direction: Direction::Lower,
            claim,
            of: &[],
            against: Against::Methods(&["dense"]),
            smallest: None,
            is_claim: true,
        }
    }

    /// Whether it is about one method only, so that each comparison is a claim.
    pub fn is_about_one(&self) -> bool {
        self.of.len() == 1
    }

    /// What is compared, without its unit.
    pub fn noun(&self) -> &'static str {
        self.words.split(',').next().unwrap_or(self.words)
    }

    /// How the claim would have it.
    pub fn better(&self) -> &'static str {
        match self.direction {
            Direction::Lower => "lower",
            Direction::Higher => "higher",
        }
    }

    /// The opposite.
    pub fn worse(&self) -> &'static str {
        match self.direction {
            Direction::Lower => "higher",
            Direction::Higher => "lower",
        }
    }
}
