//! A lab about token routers: a name, a paper, fields, presets, and what it compares and asks. All else is shared.

use crate::data::OwnKind;
use crate::experiment::{Field, Kind, Lab, Paper, Preset};

#[cfg(feature = "engine")]
use super::{
    context::Context, method::Method, plan::RoutingPlan, specification::Specification, story::Story,
};
#[cfg(feature = "engine")]
use crate::{
    Error, Result,
    data::{OwnData, digits::SIDE},
    experiment::{Checked, Plan, ProbeKind},
};

/// What labs of this kind differ in.
pub struct RoutingLab {
    /// The lab's name.
    pub name: &'static str,
    /// Its paper.
    pub paper: Paper,
    /// Its fields, from [`super::fields`].
    pub fields: &'static [Field],
    /// Its presets.
    pub presets: &'static [Preset],
    /// What it compares, in the order of the fields' options.
    #[cfg(feature = "engine")]
    pub methods: &'static [Method],
    /// What it asks.
    #[cfg(feature = "engine")]
    pub story: &'static Story,
}

impl Lab for RoutingLab {
    fn name(&self) -> &'static str {
        self.name
    }

    fn paper(&self) -> Paper {
        self.paper
    }

    fn fields(&self) -> &'static [Field] {
        self.fields
    }

    fn presets(&self) -> &'static [Preset] {
        self.presets
    }

    fn own_data(&self) -> Option<OwnKind> {
        let is_own = |field: &Field| {
            field.key == "data.source"
                && matches!(field.kind, Kind::Choice(options) if options.contains(&"own"))
        };
        self.fields.iter().any(is_own).then_some(OwnKind::Text)
    }

    /// Digits can be drawn, text can be typed.
    #[cfg(feature = "engine")]
    fn probes(&self, checked: &Checked) -> Vec<ProbeKind> {
        let Ok(specification) = checked.typed::<Specification>() else { return Vec::new() };
        vec![match specification.data.is_text() {
            true => ProbeKind::Text { longest: specification.data.length },
            false => ProbeKind::Drawing { width: SIDE, height: SIDE },
        }]
    }

    #[cfg(feature = "engine")]
    fn plan(&self, checked: &Checked, data: Option<&OwnData>) -> Result<Box<dyn Plan>> {
        let text = match data {
            Some(OwnData::Rows(_) | OwnData::Pairs(_) | OwnData::Sentences(_)) => {
                let problem = "this lab trains on a text of yours, not on rows; give a text".to_owned();
                return Err(Error::Inconsistent { key: "data.source".to_owned(), problem });
            }
            other => other.and_then(OwnData::text),
        };
        Ok(Box::new(RoutingPlan::new(Context::new(checked, self.methods, text)?, self.story)))
    }
}
