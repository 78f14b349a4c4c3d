//! X-MoE: the cosine of a low projection and each expert's direction (Chi et al. 2022, arXiv 2204.09179, equations 6 to 8).
//!
//! `s_i = cos(P x, e_i)`, `p = softmax(s / tau)`, top-1 or top-2. A dot product lets tokens crowd around the experts' directions
//! ("representation collapse"); on a sphere of few dimensions they do not.
//!
//! Defaults: projection of half the number of experts, at least 4 (the paper's `S/2`), temperature 0.3 at the start, learned. Causal.
//! Pitfall: without a learned temperature the softmax over cosines is nearly even.

use super::{Recipe, ScorerKind, Setting, TokenRouter, top_k};

/// The row of the registry.
pub(crate) const ROUTER: TokenRouter = TokenRouter {
    name: "cosine",
    title: "Cosine, X-MoE",
    paper: "Chi et al. 2022, arXiv 2204.09179",
    equation: "p = softmax(cos(P x, e_i) / tau), then top-k",
    is_causal: true,
    needs_residual: false,
    pitfall: "The temperature decides how sharp it can be; learn it.",
    recipe,
};

fn recipe(setting: &Setting) -> Recipe {
    Recipe {
        scorer: ScorerKind::Cosine { width: (setting.experts / 2).max(4), temperature: 0.3 },
        ..top_k::recipe(setting)
    }
}
