//! RMoE: each layer's router knows what the routers below it saw (Qiu et al. 2024, arXiv 2408.06793, equations 4 to 6).
//!
//! `r_i = P_i x_i`, `h_i = GRU(r_i, h_{i-1})`, `p_i = softmax(G_i h_i)`, top-k with weights over their sum. The unit is shared by all
//! layers and runs over depth, for each token on its own; `h_0 = 0`.
//!
//! Defaults: balance loss 0.01; a state of 128 numbers in the paper's 0.91B model, here 16. Causal. Pitfall: at 15M
//! parameters the paper itself finds no gain (1.184 against 1.183 bits per character); look at how much a layer's choice
//! says about the next one's instead. Ablations: without the state from below (`NP`), and without its gradient
//! (`detach`), which the paper finds worse than no recurrence.

use super::{Recipe, ScorerKind, Setting, TokenRouter, top_k};

/// The row of the registry.
pub(crate) const ROUTER: TokenRouter = TokenRouter {
    name: "rmoe",
    title: "RMoE, recurrent over depth",
    paper: "Qiu et al. 2024, arXiv 2408.06793",
    equation: "p = softmax(G h), h = GRU(P x, h of the layer below), then top-k",
    is_causal: true,
    needs_residual: false,
    pitfall: "At small sizes the loss does not move; its mechanism does.",
    recipe,
};

fn recipe(setting: &Setting) -> Recipe {
    let scorer = ScorerKind::DepthRecurrent { width: 16, is_recurrent: true, has_gradient: true };
    Recipe { scorer, ..top_k::recipe(setting) }
}
