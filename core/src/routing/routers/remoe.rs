//! ReMoE: the gate is a rectified linear unit, and what is positive is active (Wang et al. 2024, arXiv 2412.14711).
//!
//! `g = relu(x W)`, `y = sum over g_i > 0 of g_i E_i(x)` (equation 6): no jump, so the whole layer has a gradient. A penalty
//! `lambda mean sum_i f_i g_i` with `f_i = S / (k T) * (tokens where i is active)` keeps `k` of `S` active; `lambda` starts at 1e-8 and
//! is multiplied by 1.2 while too many are active, divided while too few (equations 8 to 10).
//!
//! Default: a target of `k`. Causal. Each layer has a `lambda` of its own. Pitfall: at first about half of all experts are
//! active; the cost comes down as `lambda` grows.

use super::{Affinity, Recipe, RouterLoss, Setting, TokenRouter, top_k};
use crate::routing::assigners::Active;
use crate::routing::controllers::PenaltyForTarget;
use crate::routing::weighing::Weighing;

/// The row of the registry.
pub(crate) const ROUTER: TokenRouter = TokenRouter {
    name: "remoe",
    title: "ReMoE",
    paper: "Wang et al. 2024, arXiv 2412.14711",
    equation: "y = sum of g_i E_i(x) over g_i > 0, g = relu(x W)",
    is_causal: true,
    needs_residual: true,
    pitfall: "At first about half of all experts are active, later k; a token may have none.",
    recipe,
};

fn recipe(setting: &Setting) -> Recipe {
    Recipe {
        affinity: Affinity::Relu,
        assigner: Box::new(Active),
        weighing: Weighing::Affinity,
        losses: vec![(RouterLoss::Activity, 1.0)],
        controller: Box::new(PenaltyForTarget { target: setting.k as f64, start: 1e-8, factor: 1.2 }),
        ..top_k::recipe(setting)
    }
}
