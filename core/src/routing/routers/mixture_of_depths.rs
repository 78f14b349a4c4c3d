//! Mixture-of-Depths: the best tokens pass through the block, the others go around it (Raposo et al. 2024, arXiv 2404.02258).
//!
//! `r_t = sigmoid(x_t w)`; in each sequence the share `k / S` with the largest `r` passes: `y_t = r_t f(x_t)`, the others get nothing but the
//! residual. The paper multiplies by the raw projection; the sigmoid keeps the weight between 0 and 1. At use a moving
//! average of the training cut decides (see the controller).
//!
//! The block is all experts together, so at share `k / S` it costs what `k` experts cost. Not causal in training. Pitfall: needs a residual.

use super::{Affinity, Recipe, Setting, TokenRouter, top_k};
use crate::routing::assigners::{Depth, ExpertChoice};
use crate::routing::capacity::Dropless;
use crate::routing::controllers::Thresholds;
use crate::routing::weighing::Weighing;

/// The row of the registry.
pub(crate) const ROUTER: TokenRouter = TokenRouter {
    name: "mixture-of-depths",
    title: "Mixture-of-Depths",
    paper: "Raposo et al. 2024, arXiv 2404.02258",
    equation: "y = r f(x) for the k / S of tokens with the largest r = sigmoid(x w); 0 for the others",
    is_causal: false,
    needs_residual: true,
    pitfall: "Most tokens get nothing but the residual.",
    recipe,
};

fn recipe(setting: &Setting) -> Recipe {
    let share = setting.k as f64 / setting.experts as f64;
    let passing = ExpertChoice { share }.takes(setting.sequence, 1);
    Recipe {
        active: (passing * setting.experts) as f64 / setting.sequence as f64,
        is_block: true,
        affinity: Affinity::Sigmoid,
        assigner: Box::new(Depth { share }),
        capacity: Box::new(Dropless),
        weighing: Weighing::Affinity,
        losses: Vec::new(),
        controller: Box::new(Thresholds { keep: 0.9 }),
        ..top_k::recipe(setting)
    }
}
