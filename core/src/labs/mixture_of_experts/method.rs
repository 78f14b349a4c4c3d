//! The methods that are compared, by name.

use std::str::FromStr;

use crate::{Error, Result};

/// One way of answering with as many active parameters as the others.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Method {
    /// A mixture of experts with a learned router.
    Routed,
    /// One network with as many parameters as the mixture uses for a row: the baseline.
    Dense,
    /// The same experts, but a fixed hash of the row names them: the control, with the capacity and without routing.
    Random,
}

impl Method {
    /// Every method, in the order of reports.
    pub const ALL: [Method; 3] = [Method::Routed, Method::Dense, Method::Random];

    /// The names, in the same order.
    pub const NAMES: [&'static str; 3] = ["routed", "dense", "random"];

    /// The name used in specifications and reports.
    pub fn name(self) -> &'static str {
        Self::NAMES[self as usize]
    }

    /// Whether it has experts that rows are sent to.
    pub fn has_experts(self) -> bool {
        self != Method::Dense
    }
}

impl FromStr for Method {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        Self::ALL
            .into_iter()
            .find(|method| method.name() == text)
            .ok_or_else(|| Error::unknown_name("method", text, Self::NAMES))
    }
}
