//! Noisy top-k: learned noise on the logits, then a softmax over the `k` largest (Shazeer et al. 2017, arXiv 1701.06538,
//! equations 3 to 5).
//!
//! `H(x)_i = (x W)_i + n_i (softplus((x W_noise)_i) + 0.01)`, `n_i` standard normal (the 0.01 is the released code's); `G = softmax(KeepTopK(H, k))`. Losses: the squared
//! coefficient of variation of the summed gates (`L_importance`, equations 6 and 7) and of the smooth load
//! `Phi(((x W)_i - kth_excluding(H, k, i)) / softplus((x W_noise)_i))` (`L_load`, equations 8 to 11).
//!
//! Defaults: `k = 2`, both losses 0.1, no capacity limit. Causal. Outside training there is no noise. Pitfall: with `k = 1` the
//! softmax over one is 1, so here the probability itself is the weight then.

use super::{Noise, Recipe, RouterLoss, Setting, TokenRouter, top_k};

/// The row of the registry.
pub(crate) const ROUTER: TokenRouter = TokenRouter {
    name: "noisy-top-k",
    title: "Noisy top-k",
    paper: "Shazeer et al. 2017, arXiv 1701.06538",
    equation: "y = sum of softmax(KeepTopK(x W + n softplus(x W_n), k))_i E_i(x)",
    is_causal: true,
    needs_residual: false,
    pitfall: "The noise can learn to vanish; then only the losses keep experts in use.",
    recipe,
};

fn recipe(setting: &Setting) -> Recipe {
    Recipe {
        noise: Noise::Learned,
        losses: vec![(RouterLoss::Importance, 0.1), (RouterLoss::Load, 0.1)],
        ..top_k::recipe(setting)
    }
}
