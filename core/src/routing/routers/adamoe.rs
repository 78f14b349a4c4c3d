//! AdaMoE: null experts let a token use fewer (Zeng et al. 2024, arXiv 2406.13233).
//!
//! `n` true and `m` null experts; `p = softmax(x [W_true; W_null])`, top-k over all `n + m` with a larger `k`; weights are divided by the sum
//! over the chosen true experts (0 if there are none), so nulls cost and return nothing. The loss treats all nulls as one bucket:
//! `c (n + m) sum_e f~_e P_e`, where every null's `f` is replaced by the nulls' mean.
//!
//! The released Mixtral code takes that mean over the wrong axis (it slices the `k` choices, not the experts), so nulls are
//! balanced one by one there; we follow the paper.
//!
//! Defaults: as many nulls as experts and twice the `k`, so that an even choice uses `k` true experts; loss 0.01 (the
//! released experiment has 0.001 and lowers `k` in training, which labs do with `router.k_start`). Causal. Pitfall:
//! weights are over the chosen true experts, so the task gives nulls no gradient; only the loss trains them, and a heavy
//! one fixes their share at `m / (n + m)`.

use super::{Recipe, RouterLoss, Setting, TokenRouter, top_k};
use crate::routing::SlotKind;
use crate::routing::assigners::TopK;
use crate::routing::weighing::Weighing;

/// The row of the registry.
pub(crate) const ROUTER: TokenRouter = TokenRouter {
    name: "adamoe",
    title: "AdaMoE, null experts",
    paper: "Zeng et al. 2024, arXiv 2406.13233",
    equation: "top-2k of n experts and n nulls; weights over the chosen true experts",
    is_causal: true,
    needs_residual: true,
    pitfall: "A heavy balance loss fixes the share of nulls; a token may have none but nulls.",
    recipe,
};

fn recipe(setting: &Setting) -> Recipe {
    Recipe {
        nulls: setting.experts,
        null_kind: SlotKind::NullZero,
        assigner: Box::new(TopK { k: 2 * setting.k }),
        weighing: Weighing::Normalised { scale: 1.0 },
        losses: vec![(RouterLoss::NullBucket, 0.01)],
        ..top_k::recipe(setting)
    }
}
