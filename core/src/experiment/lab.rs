//! What a lab is: one paper's claim made runnable.

#[cfg(all(feature = "translation", feature = "engine"))]
use burn::tensor::Device;

#[cfg(feature = "engine")]
use super::Plan;
#[cfg(feature = "engine")]
use super::{Checked, ProbeKind};
use super::{Field, Value};
#[cfg(feature = "engine")]
use crate::Result;
#[cfg(feature = "engine")]
use crate::data::OwnData;
use crate::data::OwnKind;

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

    /// What kind of data a user may supply when `data.source` is `own`; nothing when there is no such source.
    fn own_data(&self) -> Option<OwnKind> {
        None
    }

    /// Whether a device can compute what this specification asks for.
    ///
    /// # Errors
    /// When it cannot, naming the field that asks for it.
    #[cfg(all(feature = "translation", feature = "engine"))]
    fn suits(&self, _checked: &Checked, _device: &Device) -> Result<()> {
        Ok(())
    }

    /// The key of the field that says how many parts a step has, where several devices can compute a step together.
    #[cfg(all(feature = "translation", feature = "engine"))]
    fn parts(&self) -> Option<&'static str> {
        None
    }

    /// Whether its networks are transformers, which the page's usual engine is built without: another one trains them.
    fn needs_transformers(&self) -> bool {
        false
    }

    /// The preset to watch in a page, of a lab whose others take long there.
    fn watched(&self) -> Option<&'static str> {
        None
    }

    /// How a run of this specification can be asked while it is under way.
    #[cfg(feature = "engine")]
    fn probes(&self, _checked: &Checked) -> Vec<ProbeKind> {
        Vec::new()
    }

    /// Turns a checked specification into a plan. `data` is what the user supplied (drawn, pasted or from a
    /// file); it is no part of the specification.
    ///
    /// # Errors
    /// When fields that are each in range do not fit together, data are supplied that the specification does not
    /// ask for, or it asks for data that are not supplied.
    #[cfg(feature = "engine")]
    fn plan(&self, checked: &Checked, data: Option<&OwnData>) -> Result<Box<dyn Plan>>;
}
