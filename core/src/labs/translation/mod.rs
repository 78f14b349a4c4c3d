//! Mixture-of-Supernets on its own task: elastic transformers that translate.
//!
//! Jawahar et al. (Findings of ACL 2024, arXiv 2306.04845) train supernets of encoder-decoder transformers in HAT's space
//! (Wang et al., ACL 2020, arXiv 2005.14187) and measure how far a sub-network is from the same network trained alone. The
//! lab does so on an embedded pair of generated languages, or on a parallel corpus of the user's, with the audit that the
//! lab [`mixture_of_supernets`](super::mixture_of_supernets) has.

mod context;
mod demand;
mod fields;
mod measuring;
mod pictures;
mod presets;
mod retraining;
mod scores;
mod searching;
mod specification;
mod task;
#[cfg(test)]
mod tests;

use burn::tensor::Device;

use super::supernet_audit::fields::TRAINING_ACCUMULATION;
use super::supernet_audit::plan::AuditPlan;
use super::supernet_audit::training::suits;
use crate::data::{OwnData, OwnKind};
use crate::experiment::{Checked, Field, Lab, Paper, Plan, Preset};
use crate::{Error, Result};

pub use context::{export, task_of};
pub use searching::Translator;

/// The lab.
pub struct Translation;

impl Lab for Translation {
    fn name(&self) -> &'static str {
        "translation"
    }

    fn paper(&self) -> Paper {
        Paper {
            title: "Mixture-of-Supernets: Improving Weight-Sharing Supernet Training with Architecture-Routed \
                    Mixture-of-Experts",
            reference: "Jawahar et al., Findings of ACL 2024, arXiv 2306.04845",
            claim: "Mixing several expert weights by a router that reads the architecture shrinks the gap between a \
                    supernet's translation networks and the same networks trained alone.",
        }
    }

    fn fields(&self) -> &'static [Field] {
        fields::FIELDS
    }

    fn presets(&self) -> &'static [Preset] {
        presets::PRESETS
    }

    fn own_data(&self) -> Option<OwnKind> {
        Some(OwnKind::Pairs)
    }

    fn suits(&self, checked: &Checked, device: &Device) -> Result<()> {
        suits(checked, device)
    }

    fn parts(&self) -> Option<&'static str> {
        Some(TRAINING_ACCUMULATION.key)
    }

    fn plan(&self, checked: &Checked, data: Option<&OwnData>) -> Result<Box<dyn Plan>> {
        let pairs = match data {
            None => None,
            Some(OwnData::Pairs(corpus)) => Some(corpus),
            Some(OwnData::Sentences(_)) => {
                let problem = "the corpus is of one language, and this lab trains on pairs of sentences; pack them with \
                               `switchyard data pack`, without `--text`"
                    .into();
                return Err(Error::Inconsistent { key: "data.source".into(), problem });
            }
            Some(_) => {
                let problem =
                    "this lab trains on pairs of sentences; pack them with `switchyard data pack`".into();
                return Err(Error::Inconsistent { key: "data.source".into(), problem });
            }
        };
        Ok(Box::new(AuditPlan::new(context::Context::new(checked, pairs)?)))
    }
}
