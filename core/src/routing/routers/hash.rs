//! Hash: a fixed hash of the token names its experts; nothing is learned (Roller et al. 2021, arXiv 2106.04426).
//!
//! `y = 1/k sum over i in hash(token) of E_i(x)`. A strong, cheap baseline, and the upper end of context independence: the choice
//! is a function of the token alone.
//!
//! Default `k = 1` in the paper; here `k`. Causal. Pitfall: frequent tokens make loads uneven, whatever the hash.

use super::{Recipe, ScorerKind, Setting, TokenRouter, top_k};
use crate::routing::assigners::HashOfIdentity;
use crate::routing::capacity::Overflow;
use crate::routing::weighing::Weighing;

/// The row of the registry.
pub(crate) const ROUTER: TokenRouter = TokenRouter {
    name: "hash",
    title: "Hash",
    paper: "Roller et al. 2021, arXiv 2106.04426",
    equation: "y = mean of E_i(x) over i in hash(token)",
    is_causal: true,
    needs_residual: false,
    pitfall: "Frequent tokens make loads uneven.",
    recipe,
};

fn recipe(setting: &Setting) -> Recipe {
    Recipe {
        scorer: ScorerKind::None,
        assigner: Box::new(HashOfIdentity { k: setting.k }),
        capacity: setting.capacity(0.0, Overflow::Drop),
        weighing: Weighing::Even,
        losses: Vec::new(),
        ..top_k::recipe(setting)
    }
}
