//! What a lab is: one paper's claim made runnable.

use super::{Checked, Field, Plan, Value};
use crate::Result;

/// A published source.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Paper {
    /// Its title.
    pub title: &'static str,
    /// Where it is: venue, year, identifier.
    pub reference: &'static str,
    /// What it claims, in one sentence.
    pub claim: &'static str,
}

/// A named experiment: a lab with some of its fields set.
pub struct Preset {
    /// Its name, as in `switchyard run NAME`.
    pub name: &'static str,
    /// One line of what it does.
    pub summary: &'static str,
    /// About how long it takes on a two-core laptop, in words.
    pub duration: &'static str,
    /// The fields that differ from the lab's defaults.
    pub values: fn() -> Vec<(&'static str, Value)>,
}

/// One paper's claim, its fields, its presets and its plan.
pub trait Lab: Send + Sync {
    /// The lab's name (a slug): `mixture-of-supernets`.
    fn name(&self) -> &'static str;

    /// The paper.
    fn paper(&self) -> Paper;

    /// Every field of its specification, with its default, range, label and help.
    fn fields(&self) -> &'static [Field];

    /// Its presets.
    fn presets(&self) -> &'static [Preset];

    /// Turns a checked specification into a plan.
    ///
    /// # Errors
    /// When fields that are each in range do not fit together.
    fn plan(&self, checked: &Checked) -> Result<Box<dyn Plan>>;
}
