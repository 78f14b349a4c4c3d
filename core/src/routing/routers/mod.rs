//! The token routers, one file each: what the paper says, and which parts make it.
//!
//! A router is a [`TokenRouter`]: a row of [`TOKEN_ROUTERS`] that turns a [`Setting`] into a [`Recipe`]. A recipe is
//! plain data; [`super::Router`] chooses with it, `nn::token_router` scores, weighs and trains with it. Command line,
//! page, tables and tests read the rows, so a new router is one file here and one row below.

pub(crate) mod adamoe;
mod base;
mod batch_priority;
mod bias;
pub(crate) mod cosine;
mod expert_choice;
pub(crate) mod expert_selection;
mod gshard;
pub(crate) mod hash;
mod mixture_of_depths;
mod noisy_top_k;
pub(crate) mod openmoe;
mod recipe;
mod remoe;
pub(crate) mod rmoe;
mod shared;
mod sigmoid;
mod sinkhorn;
mod soft;
mod switch;
#[cfg(test)]
mod tests;
pub(crate) mod top_k;
mod top_p;
pub(crate) mod union_of_experts;

pub use recipe::{Affinity, Noise, Recipe, RouterLoss, ScorerKind, Setting, SoftSlots};

use crate::{Error, Result};

/// A router as its paper describes it.
#[derive(Debug)]
pub struct TokenRouter {
    /// Its name in specifications: `switch`.
    pub name: &'static str,
    /// What readers call it.
    pub title: &'static str,
    /// Where it comes from.
    pub paper: &'static str,
    /// Its rule in one line.
    pub equation: &'static str,
    /// Whether a token's route never depends on later tokens, neither in training nor outside it.
    pub is_causal: bool,
    /// Whether a unit may be left without an answer, so that a layer needs a way around it.
    pub needs_residual: bool,
    /// What to look out for.
    pub pitfall: &'static str,
    /// Its parts for a setting.
    pub recipe: fn(&Setting) -> Recipe,
}

/// Every router, in the order of tables.
pub const TOKEN_ROUTERS: &[&TokenRouter] = &[
    &top_k::ROUTER,
    &switch::ROUTER,
    &gshard::ROUTER,
    &noisy_top_k::ROUTER,
    &top_p::ROUTER,
    &expert_choice::ROUTER,
    &hash::ROUTER,
    &base::ROUTER,
    &sinkhorn::ROUTER,
    &soft::ROUTER,
    &cosine::ROUTER,
    &sigmoid::ROUTER,
    &bias::ROUTER,
    &remoe::ROUTER,
    &rmoe::ROUTER,
    &shared::ROUTER,
    &openmoe::ROUTER,
    &batch_priority::ROUTER,
    &adamoe::ROUTER,
    &mixture_of_depths::ROUTER,
    &union_of_experts::ROUTER,
    &expert_selection::ROUTER,
];

/// How many routers there are.
pub const ROUTER_COUNT: usize = TOKEN_ROUTERS.len();

/// The names of [`TOKEN_ROUTERS`], in the same order.
pub const ROUTER_NAMES: [&str; ROUTER_COUNT] = {
    let mut names = [""; ROUTER_COUNT];
    let mut at = 0;
    while at < ROUTER_COUNT {
        names[at] = TOKEN_ROUTERS[at].name;
        at += 1;
    }
    names
};

/// A name and the names of all routers after it, for a field whose first choice is something else.
pub const fn names_after(first: &'static str) -> [&'static str; ROUTER_COUNT + 1] {
    let mut names = [first; ROUTER_COUNT + 1];
    let mut at = 0;
    while at < ROUTER_COUNT {
        names[at + 1] = ROUTER_NAMES[at];
        at += 1;
    }
    names
}

/// The router of this name.
///
/// # Errors
/// When there is none; the error names the nearest.
pub fn token_router(name: &str) -> Result<&'static TokenRouter> {
    let found = TOKEN_ROUTERS.iter().find(|router| router.name == name);
    found.copied().ok_or_else(|| Error::unknown_name("router", name, ROUTER_NAMES))
}

impl TokenRouter {
    /// Its parts for a setting that was checked.
    ///
    /// # Errors
    /// When `k` or the number of experts does not suit it.
    pub fn recipe(&self, setting: &Setting) -> Result<Recipe> {
        setting.check()?;
        Ok((self.recipe)(setting))
    }
}
