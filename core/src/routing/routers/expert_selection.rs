//! Expert selection: a whole sequence chooses the shards that serve all of its tokens (Union of Experts, Yang et al. 2025,
//! arXiv 2503.02495).
//!
//! `p = softmax(flatten(X) W)` with `X` all tokens of the sequence, `W` `[n d, S]`; the `k` shards with the largest `p` serve every
//! token. A sequence loads few shards' weights, which is what the paper wants it for.
//!
//! Weights are `k p_s / (sum of chosen p)`, 1 on average, so that the gate learns; the released code adds shards
//! with weight one. Its loss against uneven loads is unused, here it is the usual one with 0.01. All sequences are equally long. Not
//! causal, also not at use: the choice depends on the whole sequence. Pitfall: with few sequences in a batch loads are
//! coarse.

use super::{Recipe, ScorerKind, Setting, TokenRouter, top_k};
use crate::routing::weighing::Weighing;

/// The row of the registry.
pub(crate) const ROUTER: TokenRouter = TokenRouter {
    name: "expert-selection",
    title: "Union of Experts, expert selection",
    paper: "Yang et al. 2025, arXiv 2503.02495",
    equation: "p = softmax(flatten(X) W); the k best shards serve all tokens of X, weighed by p over their mean",
    is_causal: false,
    needs_residual: false,
    pitfall: "Not causal, and a sequence moves as one: loads are coarse.",
    recipe,
};

fn recipe(setting: &Setting) -> Recipe {
    Recipe {
        scorer: ScorerKind::WholeSequence { length: setting.sequence },
        weighing: Weighing::Normalised { scale: setting.k as f32 },
        ..top_k::recipe(setting)
    }
}
