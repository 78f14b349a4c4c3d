//! Expert Choice: experts take tokens, not tokens experts (Zhou et al. 2022, arXiv 2202.09368).
//!
//! `S = softmax(X W)` over experts, `G, I = top-C(S^T)`, `C = cf T / S` with the capacity factor `cf = k` (equation 1); `y_t = sum over the
//! experts that took t of G E(x_t)`. Loads are equal by construction, so there is no balance loss.
//!
//! Default `cf = 2`. Not causal: whether a token is taken depends on later ones. Outside training thresholds decide (see the
//! controller). Pitfall: some tokens are taken by nobody.

use super::{Recipe, Setting, TokenRouter, top_k};
use crate::routing::assigners::ExpertChoice;
use crate::routing::capacity::Dropless;
use crate::routing::controllers::Thresholds;
use crate::routing::weighing::Weighing;

/// The row of the registry.
pub(crate) const ROUTER: TokenRouter = TokenRouter {
    name: "expert-choice",
    title: "Expert Choice",
    paper: "Zhou et al. 2022, arXiv 2202.09368",
    equation: "each expert takes its k T / S best tokens; y = sum of p_i E_i(x) over those that took x",
    is_causal: false,
    needs_residual: true,
    pitfall: "Not causal, and some tokens are taken by no expert.",
    recipe,
};

/// Its parts.
pub(super) fn recipe(setting: &Setting) -> Recipe {
    let choice = ExpertChoice { share: setting.k as f64 };
    let taken = choice.takes(setting.sequence, setting.experts) * setting.experts;
    Recipe {
        active: taken as f64 / setting.sequence as f64,
        assigner: Box::new(choice),
        capacity: Box::new(Dropless),
        weighing: Weighing::Affinity,
        losses: Vec::new(),
        controller: Box::new(Thresholds { keep: 0.9 }),
        ..top_k::recipe(setting)
    }
}
