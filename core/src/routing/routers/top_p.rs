//! Top-p: as many experts as make up a probability (Huang et al. 2024, arXiv 2403.07652, equations 4 to 6).
//!
//! `T` is the smallest set of the most probable experts with `sum_{i in T} p_i >= p`; `y = sum_{i in T} p_i E_i(x)`, weights as
//! they are. The paper adds a loss on the entropy of `p` (weight 1e-4) and the load-balance loss (1e-2).
//!
//! Default `p = 0.4`. Here `k` sets how many experts a token is meant to use on average for the budget; the number that it uses is
//! measured. Causal. Pitfall: a router that stays undecided uses many experts; cost is not bounded.

use super::{Recipe, RouterLoss, Setting, TokenRouter, top_k};
use crate::routing::assigners::TopP;
use crate::routing::metrics::Convention;
use crate::routing::weighing::Weighing;

/// The row of the registry.
pub(crate) const ROUTER: TokenRouter = TokenRouter {
    name: "top-p",
    title: "Top-p",
    paper: "Huang et al. 2024, arXiv 2403.07652",
    equation: "y = sum of p_i E_i(x) over the fewest i whose p sum to 0.4",
    is_causal: true,
    needs_residual: false,
    pitfall: "Nothing bounds how many experts an undecided token uses.",
    recipe,
};

fn recipe(setting: &Setting) -> Recipe {
    Recipe {
        assigner: Box::new(TopP { p: 0.4 }),
        weighing: Weighing::Affinity,
        losses: vec![(RouterLoss::Entropy, 1e-4), (RouterLoss::LoadBalance(Convention::KNormalised), 0.01)],
        ..top_k::recipe(setting)
    }
}
