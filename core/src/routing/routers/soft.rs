//! Soft MoE: experts read mixtures of all tokens, tokens read mixtures of all answers (Puigcerver et al. 2023, arXiv 2308.00951).
//!
//! `L = X Phi`, one column per slot; slot inputs are `softmax over tokens(L)^T X`, outputs `softmax over slots(L) E(inputs)` (equations 1
//! to 3). Nothing is dropped and nothing is chosen, so there is no balance to keep.
//!
//! Slots: `k n / S` an expert, so that experts do as much work as with `k` a token. Not causal; padding has to be masked. Pitfall:
//! on text each token would see the future.

use super::{Recipe, Setting, SoftSlots, TokenRouter, top_k};
use crate::routing::assigners::TopK;
use crate::routing::capacity::Dropless;

/// The row of the registry.
pub(crate) const ROUTER: TokenRouter = TokenRouter {
    name: "soft",
    title: "Soft MoE",
    paper: "Puigcerver et al. 2023, arXiv 2308.00951",
    equation: "y = softmax over slots(X Phi) E(softmax over tokens(X Phi)^T X)",
    is_causal: false,
    needs_residual: false,
    pitfall: "Every token sees the whole sequence: not for text.",
    recipe,
};

fn recipe(setting: &Setting) -> Recipe {
    let per_expert = (setting.k * setting.sequence).div_ceil(setting.experts);
    Recipe {
        active: (per_expert * setting.experts) as f64 / setting.sequence as f64,
        // What the record shows as choices; nothing is chosen.
        assigner: Box::new(TopK { k: setting.experts }),
        capacity: Box::new(Dropless),
        losses: Vec::new(),
        soft: Some(SoftSlots { per_expert }),
        ..top_k::recipe(setting)
    }
}
