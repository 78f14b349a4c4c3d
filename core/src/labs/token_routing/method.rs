//! The methods that a lab compares.

use crate::routing::routers::{Recipe, Setting};

/// What a method is.
#[derive(Debug, Clone, Copy)]
pub enum Build {
    /// One network for every patch, with as many active parameters as the others: the baseline.
    Dense,
    /// A layer of experts behind a router.
    Routed(fn(&Setting) -> Recipe),
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
}

impl Method {
    /// Whether it has experts that patches are sent to.
    pub fn is_routed(&self) -> bool {
        matches!(self.build, Build::Routed(_))
    }
}
