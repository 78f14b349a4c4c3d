//! BASE: the balanced assignment with the largest sum of scores (Lewis et al. 2021, arXiv 2103.16716).
//!
//! In training `max sum_t x_t . w_{a_t}` with equal loads (equation 3); at use each token goes to its best expert. `y = sigmoid(x . w_i)
//! E_i(x)` (equation 2). No balance loss: it would fight the assignment.
//!
//! One expert a token. Not causal in training. Pitfall: use differs from training, and only use can be uneven.

use super::{Affinity, Recipe, Setting, TokenRouter, top_k};
use crate::routing::assigners::Balanced;
use crate::routing::capacity::Dropless;
use crate::routing::weighing::Weighing;

/// The row of the registry.
pub(crate) const ROUTER: TokenRouter = TokenRouter {
    name: "base",
    title: "BASE",
    paper: "Lewis et al. 2021, arXiv 2103.16716",
    equation: "y = sigmoid(x w_i) E_i(x), i from the balanced assignment with the largest sum of x w",
    is_causal: false,
    needs_residual: false,
    pitfall: "Training is balanced, use is not.",
    recipe,
};

fn recipe(setting: &Setting) -> Recipe {
    Recipe {
        active: 1.0,
        affinity: Affinity::Sigmoid,
        assigner: Box::new(Balanced),
        capacity: Box::new(Dropless),
        weighing: Weighing::Affinity,
        losses: Vec::new(),
        ..top_k::recipe(setting)
    }
}
