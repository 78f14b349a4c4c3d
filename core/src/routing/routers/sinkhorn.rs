//! Sinkhorn: the largest entries of a balanced soft plan (Clark et al. 2022, arXiv 2202.01169; Megatron's `sinkhorn`).
//!
//! `Q = exp(x W)`, rows and columns scaled in turn; the choice is the top-k of `Q` without a gradient, the weight the sigmoid of the
//! raw logit for one expert and the softmax for more. At use plain top-k. No balance loss.
//!
//! Default `k = 1`; here `k`. Not causal in training. Pitfall: a balanced plan does not give balanced choices.

use super::{Affinity, Recipe, Setting, TokenRouter, top_k};
use crate::routing::assigners::Sinkhorn;
use crate::routing::capacity::Dropless;
use crate::routing::weighing::Weighing;

/// The row of the registry.
pub(crate) const ROUTER: TokenRouter = TokenRouter {
    name: "sinkhorn",
    title: "Sinkhorn",
    paper: "Clark et al. 2022, arXiv 2202.01169",
    equation: "y = sum of p_i E_i(x) over the k largest entries of the balanced plan of exp(x W)",
    is_causal: false,
    needs_residual: false,
    pitfall: "A balanced plan does not give balanced choices.",
    recipe,
};

fn recipe(setting: &Setting) -> Recipe {
    Recipe {
        affinity: if setting.k == 1 { Affinity::Sigmoid } else { Affinity::Softmax },
        assigner: Box::new(Sinkhorn { k: setting.k, tolerance: 1e-4, rounds: 100 }),
        capacity: Box::new(Dropless),
        weighing: Weighing::Affinity,
        losses: Vec::new(),
        ..top_k::recipe(setting)
    }
}
