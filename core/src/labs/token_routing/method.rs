//! The methods that a lab compares.

use crate::routing::routers::{Recipe, Setting, TokenRouter};

/// What a method is.
#[derive(Debug, Clone, Copy)]
pub enum Build {
    /// One network for every unit, with as many active parameters as the others: the baseline.
    Dense,
    /// A layer of experts behind a router.
    Routed(fn(&Setting) -> Recipe),
    /// The same experts, but in the first share of the training every one serves every unit with weight one: one block,
    /// cut into shards afterwards. A share of 1 never cuts it.
    Cut(fn(&Setting) -> Recipe, f64),
}

/// What the experts of a method's layers are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ExpertKind {
    /// Networks of one hidden layer.
    FeedForward,
    /// The heads of a layer of attention over a whole sample. One network ([`Build::Dense`]) has none.
    Heads,
}

/// One method of a lab.
#[derive(Debug, Clone, Copy)]
pub struct Method {
    /// Its name in specifications and reports.
    pub name: &'static str,
    /// Whether its routes never depend on later units.
    pub is_causal: bool,
    /// What it is.
    pub build: Build,
    /// Its experts are as large as if a unit used this many, where a lab keeps experts of one size and lets their number
    /// vary; nothing for as many active parameters as the others.
    pub sized_for: Option<f64>,
    /// What is routed to.
    pub experts: ExpertKind,
}

impl Method {
    /// The baseline.
    pub const DENSE: Self = Self::built("dense", true, Build::Dense);

    /// A method of feed-forward experts, sized by how many of them a unit uses.
    pub const fn built(name: &'static str, is_causal: bool, build: Build) -> Self {
        Self { name, is_causal, build, sized_for: None, experts: ExpertKind::FeedForward }
    }

    /// A layer behind a router.
    pub const fn routed(name: &'static str, is_causal: bool, build: fn(&Setting) -> Recipe) -> Self {
        Self::built(name, is_causal, Build::Routed(build))
    }

    /// A router of the registry.
    pub const fn of(router: TokenRouter) -> Self {
        Self::routed(router.name, router.is_causal, router.recipe)
    }

    /// The same with attention heads as experts.
    pub const fn of_heads(self) -> Self {
        Self { experts: ExpertKind::Heads, ..self }
    }

    /// Whether it ends with experts that units are sent to.
    pub fn is_routed(&self) -> bool {
        match self.build {
            Build::Dense => false,
            Build::Routed(_) => true,
            Build::Cut(_, share) => share < 1.0,
        }
    }

    /// Up to which of `steps` every expert serves every unit.
    pub fn whole_until(&self, steps: u64) -> u64 {
        match self.build {
            Build::Cut(_, share) => libm::round(share * steps as f64) as u64,
            _ => 0,
        }
    }
}
