//! Softmax top-k: each token goes to its `k` most probable experts, weighed by their probabilities over the sum.
//!
//! `p = softmax(x W)`, `T = top-k(p)`, `y = sum_{i in T} p_i / sum_{j in T} p_j * E_i(x)` (Mixtral, arXiv 2401.04088, section
//! 2.1; GShard's weights). With `k = 1` the weight is `p_i` itself, as in Switch: divided by itself it would be 1, and
//! the router would learn nothing from the task.
//!
//! Defaults: `k = 2`, no capacity limit, load-balance loss 0.01. Causal. Pitfall: the balance loss pulls every token
//! towards an even choice; too heavy it costs quality, too light experts die.

use super::{Affinity, Noise, Recipe, RouterLoss, ScorerKind, Setting, TokenRouter};
use crate::routing::SlotKind;
use crate::routing::assigners::TopK;
use crate::routing::capacity::Overflow;
use crate::routing::controllers::Nothing;
use crate::routing::metrics::Convention;
use crate::routing::weighing::Weighing;

/// The row of the registry.
pub(crate) const ROUTER: TokenRouter = TokenRouter {
    name: "top-k",
    title: "Softmax top-k",
    paper: "Jiang et al. 2024, arXiv 2401.04088",
    equation: "y = sum of p_i / (sum of chosen p) E_i(x) over the k largest p = softmax(x W)",
    is_causal: true,
    needs_residual: false,
    pitfall: "A balance loss that is too light lets experts die; too heavy it costs quality.",
    recipe,
};

/// Its parts, which most other routers change in a few places.
pub(super) fn recipe(setting: &Setting) -> Recipe {
    let k = setting.k;
    Recipe {
        experts: setting.experts,
        nulls: 0,
        null_kind: SlotKind::NullZero,
        shared: 0,
        is_block: false,
        active: k as f64,
        scorer: ScorerKind::Linear,
        noise: Noise::None,
        affinity: Affinity::Softmax,
        assigner: Box::new(TopK { k }),
        capacity: setting.capacity(0.0, Overflow::Drop),
        weighing: if k == 1 { Weighing::Affinity } else { Weighing::Normalised { scale: 1.0 } },
        losses: vec![(RouterLoss::LoadBalance(Convention::KNormalised), 0.01)],
        controller: Box::new(Nothing),
        soft: None,
    }
}
