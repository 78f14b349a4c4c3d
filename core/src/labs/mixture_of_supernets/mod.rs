//! Mixture-of-Supernets: does a mixture of weights, routed by the architecture, estimate sub-networks better than
//! plain weight sharing?
//!
//! Jawahar et al., *Mixture-of-Supernets: Improving Weight-Sharing Supernet Training with Architecture-Routed
//! Mixture-of-Experts*, Findings of ACL 2024 (arXiv 2306.04845). The lab trains sub-networks alone (the truth),
//! trains supernets by several methods with equal budgets and equal tuning, and measures the gap between the two.
//! Two controls ask where a gain comes from: a mixture whose router sees no architecture, and plain sharing that
//! starts with the mixture's smaller weights.

mod audit;
mod choice;
mod context;
mod export;
mod fields;
mod method;
mod pictures;
mod plan;
mod presets;
mod results;
mod specification;
mod tables;
mod task;
mod tuning;
mod verdicts;

pub use export::{export, task_of};
pub use method::Method;
pub use specification::Specification;

use crate::Result;
use crate::experiment::{Checked, Field, Lab, Paper, Plan, Preset};

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

    fn plan(&self, checked: &Checked) -> Result<Box<dyn Plan>> {
        Ok(Box::new(plan::AuditPlan::new(context::Context::new(checked)?)))
    }
}
