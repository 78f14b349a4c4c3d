//! Balance by a bias: DeepSeek-V3's routing without an auxiliary loss (Wang et al. 2024, arXiv 2408.15664; arXiv 2412.19437,
//! equations 12 to 16).
//!
//! `s = sigmoid(x W)`; chosen are the `k` largest `s_i + b_i` inside the best groups; weights `s_i` over the sum of the chosen, without
//! the bias (with `k = 1` `s_i` itself, as in Softmax top-k). After each step `b_i += u sign(mean load - load_i)`.
//!
//! Defaults: `u = 0.001` in the paper over many thousand steps, here 0.01 for hundreds; two groups, both allowed (no limit) when the
//! experts divide evenly. One shared expert in the paper; see the router `shared`. Causal. Pitfall: a large `u` makes loads
//! swing.

use super::{Affinity, Recipe, Setting, TokenRouter, top_k};
use crate::routing::assigners::{Assigner, GroupedTopK, TopK};
use crate::routing::controllers::BiasForEvenLoad;

/// The row of the registry.
pub(crate) const ROUTER: TokenRouter = TokenRouter {
    name: "bias",
    title: "Bias, auxiliary-loss-free",
    paper: "DeepSeek-AI 2024, arXiv 2412.19437",
    equation: "y = sum of s_i / (sum of chosen s) E_i(x) over the k largest s_i + b_i, s = sigmoid(x W)",
    is_causal: true,
    needs_residual: false,
    pitfall: "A large step makes loads swing.",
    recipe,
};

fn recipe(setting: &Setting) -> Recipe {
    let groups = if setting.experts.is_multiple_of(2) && setting.experts >= 4 { 2 } else { 1 };
    let assigner: Box<dyn Assigner> = match groups {
        1 => Box::new(TopK { k: setting.k }),
        _ => Box::new(GroupedTopK { k: setting.k, groups, allowed: groups }),
    };
    Recipe {
        affinity: Affinity::Sigmoid,
        assigner,
        losses: Vec::new(),
        controller: Box::new(BiasForEvenLoad { speed: 0.01 }),
        ..top_k::recipe(setting)
    }
}
