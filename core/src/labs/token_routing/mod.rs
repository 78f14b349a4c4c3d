//! What labs about token routers share: patches of digits or characters of a text pass through layers of experts, every
//! method with the same data, the same model around its experts and as many active parameters, side by side.
//!
//! A lab of this kind is a list of [`Method`]s and a few presets; fields, training, measures, pictures, comparisons and
//! probes are here.

#[cfg(feature = "engine")]
mod context;
mod fields;
#[cfg(feature = "engine")]
mod measure;
#[cfg(feature = "engine")]
mod method;
#[cfg(feature = "engine")]
mod network;
#[cfg(feature = "engine")]
mod plan;
#[cfg(feature = "engine")]
mod probe;
#[cfg(feature = "engine")]
mod results;
#[cfg(feature = "engine")]
mod specification;
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

pub(super) use fields::{FIELD_COUNT, fields};
#[cfg(feature = "engine")]
pub(super) use method::{Build, Method};
#[cfg(feature = "engine")]
pub(super) use opening::{plan, probes};

#[cfg(feature = "engine")]
mod opening {
    use super::context::Context;
    use super::method::Method;
    use super::plan::RoutingPlan;
    use super::specification::Specification;
    use super::verdicts::Story;
    use crate::data::Dataset;
    use crate::experiment::{Checked, Plan, ProbeKind};
    use crate::{Error, Result};

    /// The plan of a lab with these methods, the first of which is the reference.
    pub fn plan(
        checked: &Checked,
        data: Option<&Dataset>,
        methods: &'static [Method],
        story: &'static Story,
    ) -> Result<Box<dyn Plan>> {
        if data.is_some() {
            let problem = "this lab trains on the embedded digits or on its own language; leave the rows out"
                .to_owned();
            return Err(Error::Inconsistent { key: "data.source".to_owned(), problem });
        }
        Ok(Box::new(RoutingPlan::new(Context::new(checked, methods)?, story)))
    }

    /// Digits can be drawn, text can be typed.
    pub fn probes(checked: &Checked) -> Vec<ProbeKind> {
        let Ok(specification) = checked.typed::<Specification>() else { return Vec::new() };
        let side = crate::data::digits::SIDE;
        vec![match specification.data.source.as_str() {
            "language" => ProbeKind::Text { longest: specification.data.length },
            _ => ProbeKind::Drawing { width: side, height: side },
        }]
    }
}
#[cfg(feature = "engine")]
pub(super) use verdicts::Story;
