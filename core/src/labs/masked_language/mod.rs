//! Mixture-of-Supernets' language models: elastic BERT encoders that guess masked words.
//!
//! Jawahar et al. (Findings of ACL 2024, arXiv 2306.04845) train supernets of masked language models in SuperShaper's space
//! (Ganesan et al., arXiv 2110.04711) and in homogeneous ones of 550 and 840 networks. The lab does so on sentences of an
//! embedded generated language, or of a packed corpus of the user's, with the audit that the lab
//! [`mixture_of_supernets`](super::mixture_of_supernets) has. It starts from random weights, not from a trained BERT, and
//! stops at the masked words: there is no fine-tuning.

mod context;
mod demand;
mod fields;
mod guesses;
mod measuring;
mod pictures;
mod presets;
mod searching;
mod specification;
mod task;
#[cfg(test)]
mod tests;

use burn::tensor::Device;

use super::supernet_audit::fields::TRAINING_ACCUMULATION;
use super::supernet_audit::plan::AuditPlan;
use super::supernet_audit::training::suits;
use crate::Result;
use crate::data::{OwnData, OwnKind};
use crate::experiment::{Checked, Field, Lab, Paper, Plan, Preset};

pub use context::{export, task_of};
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

    fn suits(&self, checked: &Checked, device: &Device) -> Result<()> {
        suits(checked, device)
    }

    fn parts(&self) -> Option<&'static str> {
        Some(TRAINING_ACCUMULATION.key)
    }

    fn plan(&self, checked: &Checked, data: Option<&OwnData>) -> Result<Box<dyn Plan>> {
        Ok(Box::new(AuditPlan::new(context::Context::new(checked, data)?)))
    }
}
