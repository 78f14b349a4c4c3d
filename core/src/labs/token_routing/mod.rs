//! What labs about token routers share: patches of digits or characters of a text pass through layers of experts, every
//! method with the same data, the same model around its experts and as many active parameters, side by side.
//!
//! A lab of this kind is a list of [`Method`]s and a few presets; fields, training, measures, pictures, comparisons and
//! probes are here.

#[cfg(feature = "engine")]
mod context;
mod fields;
#[cfg(all(test, feature = "engine"))]
mod lab_tests;
#[cfg(feature = "engine")]
mod measure;
#[cfg(feature = "engine")]
mod memory;
#[cfg(feature = "engine")]
mod method;
#[cfg(feature = "engine")]
mod network;
#[cfg(feature = "engine")]
mod oracle;
#[cfg(feature = "engine")]
mod plan;
#[cfg(feature = "engine")]
mod probe;
#[cfg(feature = "engine")]
mod results;
#[cfg(feature = "engine")]
mod specification;
#[cfg(feature = "engine")]
mod story;
#[cfg(feature = "engine")]
mod study;
#[cfg(feature = "engine")]
mod tables;
#[cfg(feature = "engine")]
mod task;
#[cfg(all(test, feature = "engine"))]
mod tests;
#[cfg(feature = "engine")]
mod trainer;
#[cfg(feature = "engine")]
mod verdicts;
#[cfg(feature = "engine")]
mod views;
#[cfg(feature = "engine")]
mod work;

pub(super) use fields::{FIELD_COUNT, Offer, fields};
#[cfg(feature = "engine")]
pub(super) use method::{Build, Method};
#[cfg(feature = "engine")]
pub(super) use opening::{plan, probes};
#[cfg(feature = "engine")]
pub(super) use results::Results;
#[cfg(feature = "engine")]
pub(super) use story::{Against, Question, Story};
#[cfg(feature = "engine")]
pub(super) use study::{Ended, NoStudy, Numbers, Study, study_table};
#[cfg(feature = "engine")]
pub(super) use task::{Batch, Inputs, Task};

#[cfg(feature = "engine")]
mod opening {
    use super::context::Context;
    use super::method::Method;
    use super::plan::RoutingPlan;
    use super::specification::Specification;
    use super::story::Story;
    use crate::data::OwnData;
    use crate::experiment::{Checked, Plan, ProbeKind};
    use crate::{Error, Result};

    /// The plan of a lab with these methods, the first of which is the reference.
    pub fn plan(
        checked: &Checked,
        data: Option<&OwnData>,
        methods: &'static [Method],
        story: &'static Story,
    ) -> Result<Box<dyn Plan>> {
        let text = match data {
            Some(OwnData::Rows(_)) => {
                let problem = "this lab trains on a text of yours, not on rows; give a text".to_owned();
                return Err(Error::Inconsistent { key: "data.source".to_owned(), problem });
            }
            other => other.and_then(OwnData::text),
        };
        Ok(Box::new(RoutingPlan::new(Context::new(checked, methods, text)?, story)))
    }

    /// Digits can be drawn, text can be typed.
    pub fn probes(checked: &Checked) -> Vec<ProbeKind> {
        let Ok(specification) = checked.typed::<Specification>() else { return Vec::new() };
        let side = crate::data::digits::SIDE;
        vec![match specification.data.is_text() {
            true => ProbeKind::Text { longest: specification.data.length },
            false => ProbeKind::Drawing { width: side, height: side },
        }]
    }
}
