//! OpenMoE: ST-MoE's top-2 with a limit, and a dense expert that is always on (Xue et al. 2024, arXiv 2402.01739, section 2.2; Zoph et
//! al. 2022, arXiv 2202.08906).
//!
//! `x + MoE(x) + FFN(x)`, `MoE` top-2 with weights over their sum, first come first served at capacity factor 1.25; losses
//! `0.01 S sum f P + 0.001 mean logsumexp^2`.
//!
//! Causal outside training; in training later first choices can drop earlier second ones. Pitfall: whoever is last in the
//! batch is dropped; where the batch is one sequence, as in the paper's analysis, that is its end.

use super::{Recipe, RouterLoss, Setting, TokenRouter, top_k};
use crate::routing::assigners::TopK;
use crate::routing::capacity::Overflow;
use crate::routing::metrics::Convention;
use crate::routing::weighing::Weighing;

/// The row of the registry.
pub(crate) const ROUTER: TokenRouter = TokenRouter {
    name: "openmoe",
    title: "OpenMoE layer",
    paper: "Xue et al. 2024, arXiv 2402.01739",
    equation: "y = FFN(x) + sum of p_i / (sum of chosen p) E_i(x) over the 2 largest",
    is_causal: false,
    needs_residual: false,
    pitfall: "First come, first served drops whoever is last in the batch.",
    recipe,
};

fn recipe(setting: &Setting) -> Recipe {
    let k = 2.min(setting.experts - 1);
    Recipe {
        experts: setting.experts - 1,
        shared: 1,
        active: (k + 1) as f64,
        assigner: Box::new(TopK { k }),
        capacity: setting.capacity(1.25, Overflow::Drop),
        weighing: Weighing::Normalised { scale: 1.0 },
        losses: vec![(RouterLoss::LoadBalance(Convention::KNormalised), 0.01), (RouterLoss::Z, 0.001)],
        ..top_k::recipe(setting)
    }
}
