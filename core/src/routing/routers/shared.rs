//! Shared experts: one expert serves everybody, the others are chosen (DeepSeekMoE, Dai et al. 2024, arXiv 2401.06066, equations 9
//! to 11).
//!
//! `y = E_shared(x) + sum over the k - 1 best, at least one, of p_i E_i(x)`; weights as they are. The shared expert holds what all tokens need, so
//! that the others can differ.
//!
//! Here one of the experts is the shared one, so that the layer has as many as any other. Causal. Pitfall: a large shared expert
//! leaves the router little to do.

use super::{Recipe, Setting, TokenRouter, top_k};
use crate::routing::assigners::TopK;
use crate::routing::weighing::Weighing;

/// The row of the registry.
pub(crate) const ROUTER: TokenRouter = TokenRouter {
    name: "shared",
    title: "Shared expert",
    paper: "Dai et al. 2024, arXiv 2401.06066",
    equation: "y = E_0(x) + sum of p_i E_i(x) over the k - 1 largest, at least one",
    is_causal: true,
    needs_residual: false,
    pitfall: "The shared expert can do the work alone; look at the loss without routed ones.",
    recipe,
};

fn recipe(setting: &Setting) -> Recipe {
    let routed = setting.k.saturating_sub(1).max(1);
    Recipe {
        experts: setting.experts - 1,
        shared: 1,
        active: (routed + 1) as f64,
        assigner: Box::new(TopK { k: routed.min(setting.experts - 1) }),
        weighing: Weighing::Affinity,
        ..top_k::recipe(setting)
    }
}
