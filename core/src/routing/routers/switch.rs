//! Switch: each token goes to its most probable expert alone (Fedus, Zoph and Shazeer 2021, arXiv 2101.03961).
//!
//! `i = argmax p`, `y = p_i E_i(x)`, equation 2; an expert takes `C = ceil(cf T / S)` tokens (equation 3), the others pass by
//! the residual. The loss is `0.01 S sum_i f_i P_i` (equations 4 to 6). In training the scorer's input is jittered by
//! `U(1 - 0.01, 1 + 0.01)` (appendix C).
//!
//! Defaults: capacity factor 1.25. Causal but for drops: first come drops later tokens, never earlier ones because of later.
//! Pitfall: without the factor `p_i` on the output the router has no gradient from the task.

use super::{Noise, Recipe, Setting, TokenRouter, top_k};
use crate::routing::assigners::TopK;
use crate::routing::capacity::Overflow;
use crate::routing::weighing::Weighing;

/// The row of the registry.
pub(crate) const ROUTER: TokenRouter = TokenRouter {
    name: "switch",
    title: "Switch, top-1",
    paper: "Fedus et al. 2021, arXiv 2101.03961",
    equation: "y = p_i E_i(x), i = argmax p, p = softmax(x W)",
    is_causal: true,
    needs_residual: true,
    pitfall: "Overflow passes by: with a small capacity factor many tokens get no expert.",
    recipe,
};

fn recipe(setting: &Setting) -> Recipe {
    Recipe {
        active: 1.0,
        noise: Noise::Jitter { width: 0.01 },
        assigner: Box::new(TopK { k: 1 }),
        capacity: setting.capacity(1.25, Overflow::Drop),
        weighing: Weighing::Affinity,
        ..top_k::recipe(setting)
    }
}
