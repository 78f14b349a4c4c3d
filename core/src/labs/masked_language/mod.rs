//! Mixture-of-Supernets' language models: elastic BERT encoders that guess masked words.
//!
//! Jawahar et al. (Findings of ACL 2024, arXiv 2306.04845) train supernets of masked language models in SuperShaper's space
//! (Ganesan et al., arXiv 2110.04711) and in homogeneous ones of 550 and 840 networks. The lab does so on sentences of an
//! embedded generated language, or of a packed corpus of the user's, with the audit that the lab
//! [`mixture_of_supernets`](super::mixture_of_supernets) has. It starts from random weights, not from a trained BERT, and
//! stops at the masked words: there is no fine-tuning.

#[cfg(feature = "engine")]
mod context;
#[cfg(feature = "engine")]
mod demand;
mod fields;
#[cfg(feature = "engine")]
mod guesses;
#[cfg(feature = "engine")]
mod measuring;
#[cfg(feature = "engine")]
mod pictures;
mod presets;
#[cfg(feature = "engine")]
mod probe;
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
use crate::Result;
#[cfg(feature = "engine")]
use crate::data::OwnData;
use crate::data::OwnKind;
#[cfg(feature = "engine")]
use crate::experiment::{Checked, Plan, ProbeKind};
use crate::experiment::{Field, Lab, Paper, Preset};

#[cfg(feature = "engine")]
pub use context::{export, task_of};
#[cfg(feature = "engine")]
pub use searching::Guesser;

/// The lab.
pub struct MaskedLanguage;

impl Lab for MaskedLanguage {
    fn name(&self) -> &'static str {
        "masked-language"
    }

    fn paper(&self) -> Paper {
        Paper {
            title: "Mixture-of-Supernets: Improving Weight-Sharing Supernet Training with Architecture-Routed \
                    Mixture-of-Experts",
            reference: "Jawahar et al., Findings of ACL 2024, arXiv 2306.04845",
            claim: "Mixing several expert weights by a router that reads the architecture shrinks the gap between a \
                    supernet's masked language models and the same networks trained alone.",
        }
    }

    fn fields(&self) -> &'static [Field] {
        fields::FIELDS
    }

    fn presets(&self) -> &'static [Preset] {
        presets::PRESETS
    }

    fn own_data(&self) -> Option<OwnKind> {
        Some(OwnKind::Sentences)
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
        Some("mos-bert-live")
    }

    #[cfg(feature = "engine")]
    fn probes(&self, checked: &Checked) -> Vec<ProbeKind> {
        probe::sliders(checked).into_iter().collect()
    }

    #[cfg(feature = "engine")]
    fn plan(&self, checked: &Checked, data: Option<&OwnData>) -> Result<Box<dyn Plan>> {
        Ok(Box::new(AuditPlan::new(context::Context::new(checked, data)?)))
    }
}
