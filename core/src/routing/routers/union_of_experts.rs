//! Union of Experts: a dense layer cut into shards, each of which takes its best tokens of a sequence (Yang et al. 2025, arXiv
//! 2503.02495, data selection).
//!
//! `W_1` is cut by columns and `W_2` by rows, so that all shards with weight 1 are exactly the dense layer. Gate `p = softmax(x W)`; shard
//! `s` takes the `C` tokens of the sequence with the largest `p_s`, and weighs each by `p_s C / (sum of its tokens' p_s + eps)`.
//!
//! The paper takes half of each sequence, `C = n / 2`; here `C = k n / S`, which is that for `k = S / 2`. No balance loss: loads are equal. Not
//! causal, also not at use: the weight depends on the whole sequence. The released code adds shards with weight 1 and
//! uses the gate to choose only, so its gate has no gradient; here it is a weight, so that it learns.

use super::{Recipe, Setting, TokenRouter, expert_choice};
use crate::routing::controllers::Thresholds;
use crate::routing::weighing::Weighing;

/// The row of the registry.
pub(crate) const ROUTER: TokenRouter = TokenRouter {
    name: "union-of-experts",
    title: "Union of Experts",
    paper: "Yang et al. 2025, arXiv 2503.02495",
    equation: "shard s takes its k n / S best tokens, each weighed by p_s over their mean",
    is_causal: false,
    needs_residual: true,
    pitfall: "Not causal; with weights other than 1 the shards do not add up to the dense layer.",
    recipe,
};

fn recipe(setting: &Setting) -> Recipe {
    Recipe {
        weighing: Weighing::OverMean,
        controller: Box::new(Thresholds { keep: 0.9 }),
        ..expert_choice::recipe(setting)
    }
}
