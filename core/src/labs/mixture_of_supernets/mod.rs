//! Mixture-of-Supernets: does a mixture of weights, routed by the architecture, estimate sub-networks better than
//! plain weight sharing?
//!
//! Jawahar et al., *Mixture-of-Supernets: Improving Weight-Sharing Supernet Training with Architecture-Routed
//! Mixture-of-Experts*, Findings of ACL 2024 (arXiv 2306.04845). The lab trains sub-networks alone (the truth),
//! trains supernets by several methods with equal budgets and equal tuning, and measures the gap between the two.
//! Two controls ask where a gain comes from: a mixture whose router sees no architecture, and plain sharing that
//! starts with the mixture's smaller weights.

#[cfg(feature = "engine")]
mod choices;
#[cfg(feature = "engine")]
mod context;
#[cfg(feature = "engine")]
mod export;
mod fields;
#[cfg(feature = "engine")]
mod memory;
mod presets;
#[cfg(feature = "engine")]
mod probe;
#[cfg(feature = "engine")]
mod provision;
#[cfg(feature = "engine")]
mod specification;
#[cfg(feature = "engine")]
mod task;
#[cfg(all(test, feature = "engine"))]
mod tests;
#[cfg(feature = "engine")]
mod views;

pub use super::supernet_audit::Method;
#[cfg(feature = "engine")]
pub use export::{export, task_of};
#[cfg(feature = "engine")]
pub use specification::Specification;

#[cfg(feature = "engine")]
use super::supernet_audit::plan::AuditPlan;
#[cfg(feature = "engine")]
use crate::data::OwnData;
#[cfg(feature = "engine")]
use crate::experiment::{Checked, Plan, ProbeKind};
use crate::experiment::{Field, Lab, Paper, Preset};
#[cfg(feature = "engine")]
use crate::{Error, Result};

/// The lab.
pub struct MixtureOfSupernets;

impl Lab for MixtureOfSupernets {
    fn name(&self) -> &'static str {
        "mixture-of-supernets"
    }

    fn paper(&self) -> Paper {
        Paper {
            title: "Mixture-of-Supernets: Improving Weight-Sharing Supernet Training with Architecture-Routed \
                    Mixture-of-Experts",
            reference: "Jawahar et al., Findings of ACL 2024, arXiv 2306.04845",
            claim: "Mixing several expert weights by a router that reads the architecture shrinks the gap between a \
                    supernet's sub-networks and the same networks trained alone.",
        }
    }

    fn fields(&self) -> &'static [Field] {
        fields::FIELDS
    }

    fn presets(&self) -> &'static [Preset] {
        presets::PRESETS
    }

    #[cfg(feature = "engine")]
    fn probes(&self, checked: &Checked) -> Vec<ProbeKind> {
        choices::sliders(checked).into_iter().collect()
    }

    #[cfg(feature = "engine")]
    fn plan(&self, checked: &Checked, data: Option<&OwnData>) -> Result<Box<dyn Plan>> {
        if data.is_some() {
            let problem = "this lab takes no data of your own; leave them out".into();
            return Err(Error::Inconsistent { key: "data".into(), problem });
        }
        Ok(Box::new(AuditPlan::new(context::Context::new(checked)?)))
    }
}
