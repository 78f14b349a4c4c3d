//! Sigmoid gate: each expert is scored on its own, so experts do not compete (Csordás et al. 2023, sigma-MoE, arXiv
//! 2310.10837; Llama 4 and DeepSeek-V3 score so too).
//!
//! `s = sigmoid(x W)`, `y = sum over the k largest of s_i E_i(x)`, weights as they are. The loss here is the load-balance loss on
//! `s / sum s`.
//!
//! Causal. Pitfall: weights do not sum to one, so the size of the output moves with the scores.

use super::{Affinity, Recipe, Setting, TokenRouter, top_k};
use crate::routing::weighing::Weighing;

/// The row of the registry.
pub(crate) const ROUTER: TokenRouter = TokenRouter {
    name: "sigmoid",
    title: "Sigmoid gate",
    paper: "Csordás et al. 2023, arXiv 2310.10837",
    equation: "y = sum of s_i E_i(x) over the k largest s = sigmoid(x W)",
    is_causal: true,
    needs_residual: false,
    pitfall: "Weights do not sum to one.",
    recipe,
};

fn recipe(setting: &Setting) -> Recipe {
    Recipe { affinity: Affinity::Sigmoid, weighing: Weighing::Affinity, ..top_k::recipe(setting) }
}
