//! GShard: each token goes to its best expert, and to the second best by chance (Lepikhin et al. 2020, arXiv 2006.16668,
//! algorithm 1).
//!
//! Weights are `g_1 / (g_1 + g_2)` and `g_2 / (g_1 + g_2)`; the second expert is used when `2 g_2 > u`, `u` uniform. Capacity
//! `C = ceil(cf 2 T / S)`, first choices first. The balance loss counts first choices only: `S sum_e f_e P_e`, `f_e` the share
//! of tokens whose best expert is `e`.
//!
//! Defaults: capacity factor 1 for each of two choices, loss 0.01. Causal outside training; in training later first
//! choices can drop earlier second ones. Pitfall: the second expert's
//! weight stays divided by both even where it was not drawn, so the output is smaller then.

use super::{Recipe, RouterLoss, Setting, TokenRouter, top_k};
use crate::routing::assigners::RandomSecond;
use crate::routing::capacity::Overflow;
use crate::routing::metrics::Convention;
use crate::routing::weighing::Weighing;

/// The row of the registry.
pub(crate) const ROUTER: TokenRouter = TokenRouter {
    name: "gshard",
    title: "GShard, random second",
    paper: "Lepikhin et al. 2020, arXiv 2006.16668",
    equation: "y = g_1 E_1(x) + [2 g_2 > u] g_2 E_2(x), g the two best probabilities over their sum",
    is_causal: false,
    needs_residual: true,
    pitfall: "First choices come before second ones; with a small capacity factor second choices mostly drop.",
    recipe,
};

fn recipe(setting: &Setting) -> Recipe {
    Recipe {
        active: 2.0,
        assigner: Box::new(RandomSecond { threshold: 0.5 }),
        capacity: setting.capacity(1.0, Overflow::Drop),
        weighing: Weighing::OverBestTwo,
        losses: vec![(RouterLoss::LoadBalance(Convention::TopOne), 0.01)],
        ..top_k::recipe(setting)
    }
}
