//! Batch priority: when experts are full, tokens that the router is least sure about are left out (V-MoE, Riquelme et al. 2021,
//! arXiv 2106.05974, section 4; Tutel's `batch_prioritized_routing` with its capacity factors above, at and below 0, arXiv 2206.03382).
//!
//! Top-k as Softmax top-k, weights as they are (the paper's `g`), capacity `ceil(cf k T / S)` served in the order of each token's
//! largest probability. Losses: the paper has importance and load, 0.005 each, and noise of deviation
//! `1 / S`; here importance alone, without noise. Outside training nobody is dropped here; the paper drops there too.
//!
//! Default `cf = 1`. Not causal in training. Pitfall: made for images, where the background may be left out.

use super::{Recipe, RouterLoss, Setting, TokenRouter, top_k};
use crate::routing::capacity::Overflow;
use crate::routing::weighing::Weighing;

/// The row of the registry.
pub(crate) const ROUTER: TokenRouter = TokenRouter {
    name: "batch-priority",
    title: "Batch priority, V-MoE",
    paper: "Riquelme et al. 2021, arXiv 2106.05974",
    equation: "top-k served in the order of the largest p; the rest is dropped",
    is_causal: false,
    needs_residual: true,
    pitfall: "Made for images, where background may be left out.",
    recipe,
};

fn recipe(setting: &Setting) -> Recipe {
    Recipe {
        capacity: setting.capacity(1.0, Overflow::DropLeastSure),
        weighing: Weighing::Affinity,
        losses: vec![(RouterLoss::ImportanceOfAll, 0.005)],
        ..top_k::recipe(setting)
    }
}
