//! Mixture-of-Supernets on its own task: elastic transformers that translate.
//!
//! Jawahar et al. (Findings of ACL 2024, arXiv 2306.04845) train supernets of encoder-decoder transformers in HAT's space
//! (Wang et al., ACL 2020, arXiv 2005.14187) and measure how far a sub-network is from the same network trained alone. The
//! lab does so on an embedded pair of generated languages, or on a parallel corpus of the user's, with the audit that the
//! lab [`mixture_of_supernets`](super::mixture_of_supernets) has.

#[cfg(feature = "engine")]
mod context;
#[cfg(feature = "engine")]
mod demand;
mod fields;
#[cfg(feature = "engine")]
mod measuring;
#[cfg(feature = "engine")]
mod pictures;
mod presets;
#[cfg(feature = "engine")]
mod probe;
#[cfg(feature = "engine")]
mod retraining;
#[cfg(feature = "engine")]
mod scores;
#[cfg(feature = "engine")]
mod searching;
#[cfg(feature = "engine")]
mod specification;
#[cfg(feature = "engine")]
mod task;
#[cfg(all(test, feature = "engine"))]
mod tests;

#[cfg(feature = "engine")]
use burn::tensor::Device;

#[cfg(feature = "engine")]
use super::supernet_audit::fields::TRAINING_ACCUMULATION;
#[cfg(feature = "engine")]
use super::supernet_audit::plan::AuditPlan;
#[cfg(feature = "engine")]
use super::supernet_audit::training::suits;
#[cfg(feature = "engine")]
use crate::data::OwnData;
use crate::data::OwnKind;
#[cfg(feature = "engine")]
use crate::experiment::{Checked, Plan, ProbeKind};
use crate::experiment::{Field, Lab, Paper, Preset};
#[cfg(feature = "engine")]
use crate::{Error, Result};

#[cfg(feature = "engine")]
pub use context::{export, task_of};
#[cfg(feature = "engine")]
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

    #[cfg(feature = "engine")]
    fn suits(&self, checked: &Checked, device: &Device) -> Result<()> {
        suits(checked, device)
    }

    #[cfg(feature = "engine")]
    fn parts(&self) -> Option<&'static str> {
        Some(TRAINING_ACCUMULATION.key)
    }

    fn needs_transformers(&self) -> bool {
        true
    }

    fn watched(&self) -> Option<&'static str> {
        Some("mos-mt-live")
    }

    #[cfg(feature = "engine")]
    fn probes(&self, checked: &Checked) -> Vec<ProbeKind> {
        probe::sliders(checked).into_iter().collect()
    }

    #[cfg(feature = "engine")]
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
