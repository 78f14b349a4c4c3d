//! Mixture of experts: does a router that learns who goes where do more with the same active parameters?
//!
//! Shazeer et al., *Outrageously Large Neural Networks: The Sparsely-Gated Mixture-of-Experts Layer*, ICLR 2017 (arXiv
//! 1701.06538), with the balance loss of the Switch Transformer (arXiv 2101.03961). The lab trains small mixtures on
//! points of the plane, on digits, or on rows of the user's own, live: who goes where, how evenly, and how well. As a
//! claim it compares a mixture with one network of as many active parameters, and with the same experts under a fixed
//! hash, where a gain of *learned* routing must vanish.

#[cfg(feature = "engine")]
mod boundary;
#[cfg(feature = "engine")]
mod context;
#[cfg(feature = "engine")]
mod evaluation;
mod fields;
#[cfg(feature = "engine")]
mod history;
mod method;
#[cfg(feature = "engine")]
mod network;
#[cfg(feature = "engine")]
mod plan;
mod presets;
#[cfg(feature = "engine")]
mod probe;
#[cfg(feature = "engine")]
mod record;
#[cfg(feature = "engine")]
mod results;
#[cfg(feature = "engine")]
mod router;
#[cfg(feature = "engine")]
mod source;
#[cfg(feature = "engine")]
mod specification;
#[cfg(feature = "engine")]
mod tables;
#[cfg(all(test, feature = "engine"))]
mod tests;
#[cfg(feature = "engine")]
mod trainer;
#[cfg(feature = "engine")]
mod tuning;
#[cfg(feature = "engine")]
pub(super) mod verdicts;
#[cfg(feature = "engine")]
mod views;
#[cfg(feature = "engine")]
mod work;

pub use method::Method;
#[cfg(feature = "engine")]
pub use specification::Specification;

#[cfg(feature = "engine")]
use crate::Result;
#[cfg(feature = "engine")]
use crate::data::OwnData;
use crate::data::OwnKind;
#[cfg(feature = "engine")]
use crate::experiment::{Checked, Plan, ProbeKind};
use crate::experiment::{Field, Lab, Paper, Preset};

/// The lab.
pub struct MixtureOfExperts;

impl Lab for MixtureOfExperts {
    fn name(&self) -> &'static str {
        "mixture-of-experts"
    }

    fn paper(&self) -> Paper {
        Paper {
            title: "Outrageously Large Neural Networks: The Sparsely-Gated Mixture-of-Experts Layer",
            reference: "Shazeer et al., ICLR 2017, arXiv 1701.06538",
            claim: "A router that sends every input to a few of many experts answers better than one network that \
                    does the same amount of work for an input.",
        }
    }

    fn fields(&self) -> &'static [Field] {
        fields::FIELDS
    }

    fn presets(&self) -> &'static [Preset] {
        presets::PRESETS
    }

    fn own_data(&self) -> Option<OwnKind> {
        Some(OwnKind::Rows)
    }

    #[cfg(feature = "engine")]
    fn probes(&self, checked: &Checked) -> Vec<ProbeKind> {
        let Ok(specification) = checked.typed::<Specification>() else { return Vec::new() };
        if !specification.methods.iter().any(|method| method == Method::Routed.name()) {
            return Vec::new();
        }
        let names = source::PLANE_NAMES.map(str::to_owned);
        match source::described(&specification.data, &checked.streams()) {
            Ok(Some(rows)) => match rows.image {
                Some([height, width]) => vec![ProbeKind::Drawing { width, height }],
                None => {
                    vec![ProbeKind::Plane { names, x: source::range(&rows, 0), y: source::range(&rows, 1) }]
                }
            },
            // The plane that own points are drawn in; rows of other widths are asked for by their number.
            Ok(None) => vec![ProbeKind::Plane { names, x: source::OWN_RANGE, y: source::OWN_RANGE }],
            Err(_) => Vec::new(),
        }
    }

    #[cfg(feature = "engine")]
    fn plan(&self, checked: &Checked, data: Option<&OwnData>) -> Result<Box<dyn Plan>> {
        let rows = match data {
            Some(OwnData::Text(_) | OwnData::Pairs(_) | OwnData::Sentences(_)) => {
                let problem = "this lab trains on rows with a class, not on text; give a CSV file".into();
                return Err(crate::Error::Inconsistent { key: "data.source".into(), problem });
            }
            other => other.and_then(OwnData::rows),
        };
        Ok(Box::new(plan::ComparisonPlan::new(context::Context::new(checked, rows)?)))
    }
}
