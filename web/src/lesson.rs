//! Lessons: short steps beside a run, each with one idea, one action and one question. What a lesson says stands in
//! a TOML file of its language; this module holds what such a file means, reads it ([`read`]) and checks it against
//! the labs. It draws nothing and changes no run: it only says what the page offers.

use std::collections::BTreeMap;
use std::fmt;

use switchyard::experiment::Registry;

pub use markup::Markup;

mod markup;
pub mod read;
#[cfg(test)]
mod tests;

/// The language that every lesson exists in; a lesson that another language lacks is shown in this one.
pub const FALLBACK_LANGUAGE: &str = "en";

/// The controls that a step may show beside the fields of its preset, by the names that links use.
pub const CONTROLS: [&str; 7] = ["seed", "speed", "run-to", "undo", "compare", "export", "data"];

/// A lesson.
#[derive(Debug, Clone, PartialEq)]
pub struct Lesson {
    /// Its name: that of its file, and the one in links.
    pub name: String,
    /// Its language: the name of its file's folder.
    pub language: String,
    /// What it is called.
    pub title: String,
    /// What it is about, in a sentence.
    pub summary: String,
    /// The preset that it runs.
    pub preset: String,
    /// Its steps, at least one.
    pub steps: Vec<Step>,
}

/// One step of a lesson.
#[derive(Debug, Clone, PartialEq)]
pub struct Step {
    /// Its heading.
    pub heading: String,
    /// Its text.
    pub body: Markup,
    /// What the reader is asked to foresee before anything changes.
    pub predict: Option<Predict>,
    /// What the step offers to do; nothing happens unless the reader asks for it.
    pub action: Option<Action>,
    /// What the run should reach.
    pub goal: Option<Goal>,
    /// What is left for the reader to think about.
    pub question: Option<String>,
    /// The only fields and controls that are shown; nothing for all of them.
    pub controls: Option<Vec<String>>,
    /// The only views that are shown, by name; nothing for all of them.
    pub views: Option<Vec<String>>,
    /// The view to look at.
    pub look_at: Option<String>,
}

/// A question with its answers, one of them right.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Predict {
    /// The question.
    pub question: String,
    /// The answers to choose from, at least two.
    pub options: Vec<String>,
    /// The right one, an index into the options.
    pub answer: usize,
    /// Why, shown once the reader has chosen.
    pub explanation: String,
}

/// What a step offers to do, on one button.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Action {
    /// What the button says.
    pub label: String,
    /// Fields to set, key and value as in a link.
    pub set: Vec<(String, String)>,
    /// What the run then does.
    pub run: Option<RunRequest>,
}

/// What is asked of the run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RunRequest {
    /// Where it goes on from.
    pub from: From,
    /// How far it goes.
    pub go: Go,
}

/// Where a run goes on from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum From {
    /// Where it stands.
    Here,
    /// The same start, with the same seed.
    Start,
    /// The start of another seed.
    NewSeed,
}

/// How far a run goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Go {
    /// It stands still.
    Stay,
    /// To its end, or until it is paused.
    On,
    /// To this step.
    Until(u64),
    /// So many steps further.
    Steps(u64),
}

/// What a run should reach.
#[derive(Debug, Clone, PartialEq)]
pub struct Goal {
    /// The goal in words.
    pub label: String,
    /// The measured number, or `step` for the step itself.
    pub scalar: String,
    /// On which side of the bound the goal lies.
    pub side: Side,
    /// The bound.
    pub bound: f64,
}

/// A side of a bound.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    /// Less than the bound.
    Below,
    /// More than the bound.
    Above,
}

/// What a lesson needs to know of the run under way.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct LessonFacts {
    /// Steps done.
    pub step: u64,
    /// The latest value of each measured number.
    pub scalars: BTreeMap<String, f64>,
    /// The value of each field, as a link writes it.
    pub fields: BTreeMap<String, String>,
}

/// Why a lesson cannot be used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LessonError {
    /// The file.
    pub file: String,
    /// Where in the file, if not as a whole: `step 3`.
    pub place: Option<String>,
    /// What is wrong, as the end of a sentence.
    pub problem: String,
}

impl fmt::Display for LessonError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "The lesson file `{}`", self.file)?;
        if let Some(place) = &self.place {
            write!(formatter, ", {place}")?;
        }
        write!(formatter, ": {}.", self.problem.trim_end_matches('.'))
    }
}

impl std::error::Error for LessonError {}

impl Goal {
    /// Whether the run has reached it.
    pub fn reached(&self, facts: &LessonFacts) -> bool {
        let value = match self.scalar.as_str() {
            "step" => Some(facts.step as f64),
            name => facts.scalars.get(name).copied(),
        };
        value.is_some_and(|value| match self.side {
            Side::Below => value < self.bound,
            Side::Above => value > self.bound,
        })
    }
}

impl Action {
    /// Whether every field already has the value that the action gives it; never for an action that sets none.
    pub fn is_in_force(&self, facts: &LessonFacts) -> bool {
        !self.set.is_empty() && self.set.iter().all(|(key, value)| facts.fields.get(key) == Some(value))
    }
}

impl Lesson {
    /// Checks what the lesson says about a run: its preset exists, and in every step each key is a field of the
    /// preset, each value is allowed, and each control is known.
    ///
    /// # Errors
    /// The first thing that is not so, with the step it stands in.
    pub fn check(&self, registry: &Registry) -> Result<(), LessonError> {
        let refuse = |place: Option<String>, problem: String| LessonError {
            file: format!("{}/{}.toml", self.language, self.name),
            place,
            problem,
        };
        let (lab, preset) = registry.find(&self.preset).map_err(|error| refuse(None, error.to_string()))?;
        let mut experiment = switchyard::experiment::Experiment::new(preset.name);
        for (number, step) in (1..).zip(&self.steps) {
            let here = || Some(format!("step {number}"));
            for (key, value) in step.action.iter().flat_map(|action| &action.set) {
                registry
                    .set(&mut experiment, &format!("{key}={value}"))
                    .map_err(|error| refuse(here(), error.to_string()))?;
            }
            registry.check(&experiment).map_err(|error| refuse(here(), error.to_string()))?;
            let known =
                |name: &str| CONTROLS.contains(&name) || lab.fields().iter().any(|field| field.key == name);
            if let Some(name) = step.controls.iter().flatten().find(|name| !known(name)) {
                let problem = format!("`{name}` is neither a field of `{}` nor a control", preset.name);
                return Err(refuse(here(), problem));
            }
        }
        Ok(())
    }
}
