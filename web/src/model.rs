//! Everything the page knows, and what follows from everything that can happen to it.
//!
//! [`Model::apply`] takes an [`Action`] and returns [`Effect`]s: messages to workers, addresses, announcements. It
//! touches no browser, so the rules of links, undo, replay and side-by-side runs are tested natively; the page only
//! draws the model and carries the effects out.

mod action;
mod address;
mod comparison;
mod fields;
mod file;
mod lockstep;
mod moments;
mod pane;
mod question;
mod reports;

use std::collections::BTreeMap;
use std::rc::Rc;

use switchyard::experiment::{Checked, Experiment, Presentation, Preset, Registry, Showing};

use crate::protocol::{Command, OwnData, VERSION};

pub use action::{Action, Effect};
pub use address::Sharing;
pub use comparison::Difference;
pub use fields::{Group, Row};
pub use file::{FileAction, FileState, RouteFile, Shown};
pub use moments::Moments;
pub use pane::{Engine, Pane, Problem};
pub use switchyard::experiment::replay::{Promise, Replay};

/// The preset that a first visit opens.
pub const FIRST_PRESET: &str = "moe-rings";
/// The lesson that a first visit opens.
pub const FIRST_LESSON: &str = "what-is-a-router";
/// A pace at which learning can be watched, in steps a second.
pub const STEADY: f64 = 60.0;

/// What the page knows.
#[derive(Clone)]
pub struct Model {
    registry: Registry,
    /// The experiment on the sheet.
    pub checked: Checked,
    /// The second one, side by side.
    pub versus: Option<Checked>,
    /// How it is shown.
    pub presentation: Presentation,
    /// Values that were typed and refused, by key: they stay in their field with the reason under them.
    pub refused: BTreeMap<String, Refusal>,
    /// A link that could not be opened.
    pub bad_link: Option<BadLink>,
    /// A file of routes that is shown in place of the runs.
    pub file: Option<RouteFile>,
    /// One run, or two.
    pub panes: Vec<Pane>,
    /// Whether the runs are to run.
    pub playing: bool,
    /// The most steps a second; nothing for as many as possible.
    pub pace: Option<f64>,
    /// Whether the pace is that of the first visit, which ends as soon as something is asked for.
    welcoming: bool,
    /// The step to pause at.
    pub until: Option<u64>,
    /// What the link promised about its result.
    pub promise: Option<Promise>,
    /// Rows that the user drew or uploaded.
    pub own_data: Option<Rc<OwnData>>,
    /// Whether this page was opened without a link.
    pub first_visit: bool,
    lockstep: lockstep::Lockstep,
    next_run: u32,
}

/// A value that was typed and refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// What was typed.
    pub text: String,
    /// Why it is refused.
    pub reason: String,
}

/// A link that could not be opened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BadLink {
    /// The link, from `#` on.
    pub fragment: String,
    /// Why.
    pub reason: String,
}

impl Model {
    /// The page with nothing on it yet; [`Action::Navigate`] comes next.
    ///
    /// # Panics
    /// If the build has no preset, which its own test excludes.
    pub fn new(registry: Registry) -> Self {
        let preset = registry
            .presets()
            .map(|(_, preset)| preset.name)
            .find(|name| *name == FIRST_PRESET)
            .or_else(|| registry.presets().map(|(_, preset)| preset.name).next())
            .expect("a test of the registry sees that there are presets");
        let checked = registry.check(&Experiment::new(preset)).expect("a test checks every preset");
        Self {
            registry,
            checked,
            versus: None,
            presentation: Presentation::default(),
            refused: BTreeMap::new(),
            bad_link: None,
            file: None,
            panes: Vec::new(),
            playing: false,
            pace: None,
            welcoming: false,
            until: None,
            promise: None,
            own_data: None,
            first_visit: false,
            lockstep: lockstep::Lockstep::default(),
            next_run: 1,
        }
    }

    /// The labs and presets of this build.
    pub fn registry(&self) -> &Registry {
        &self.registry
    }

    /// The first run.
    pub fn pane(&self) -> Option<&Pane> {
        self.panes.first()
    }

    /// The preset on the sheet and the one of its lab that is meant for a page, where they differ.
    pub fn better_watched(&self) -> Option<(&'static Preset, &'static str)> {
        let preset = self.checked.preset();
        let watched = self.checked.lab().watched()?;
        (preset.name != watched).then_some((preset, watched))
    }

    /// Whether two runs are shown side by side.
    pub fn is_comparing(&self) -> bool {
        self.versus.is_some()
    }

    /// Whether any run is still under way, so that playing means something.
    pub fn can_play(&self) -> bool {
        self.panes.iter().any(|pane| pane.is_open() && !pane.is_complete())
    }

    /// Opens every run from its start, in the workers that are there.
    fn reopen(&mut self, effects: &mut Vec<Effect>) {
        let experiments: Vec<Checked> =
            std::iter::once(self.checked.clone()).chain(self.versus.clone()).collect();
        for slot in experiments.len()..self.panes.len() {
            effects.push(Effect::Close { slot });
        }
        self.panes.truncate(experiments.len());
        self.lockstep = lockstep::Lockstep::default();
        for (slot, checked) in experiments.into_iter().enumerate() {
            self.open_slot(slot, &checked, effects);
        }
    }

    fn open_slot(&mut self, slot: usize, checked: &Checked, effects: &mut Vec<Effect>) {
        let run = self.next_run;
        self.next_run += 1;
        let before = (slot < self.panes.len()).then(|| self.panes.remove(slot));
        self.panes.insert(slot, Pane::new(run, checked.preset().name, before));
        let init = Command::Init {
            protocol: VERSION,
            build: switchyard::BUILD.to_owned(),
            experiment: self.fragment_of(checked),
            data: self.own_data.as_deref().cloned(),
        };
        let transformers = checked.lab().needs_transformers();
        effects.push(Effect::Open { slot, run, transformers, init });
    }

    fn fragment_of(&self, checked: &Checked) -> String {
        // Without anything to show, only the length could be refused, and a checked experiment is shorter.
        self.registry.link(checked, Showing::default()).map(|link| link.fragment()).unwrap_or_default()
    }

    /// A message to every open run.
    fn tell_all(&self, command: &Command, effects: &mut Vec<Effect>) {
        for (slot, pane) in self.panes.iter().enumerate().filter(|(_, pane)| pane.is_open()) {
            effects.push(Effect::Send { slot, run: pane.run, command: command.clone() });
        }
    }
}

#[cfg(test)]
mod tests;
