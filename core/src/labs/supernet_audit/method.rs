//! The methods that are compared, by name, and which sub-networks each trains.

use std::str::FromStr;

use crate::supernet::Sampling;
use crate::{Error, Result};

/// One way of training a supernet.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Method {
    /// Plain sharing, one random architecture a step (HAT). A third of the compute of the others.
    Random,
    /// Plain sharing, sandwich sampling: the baseline.
    Sandwich,
    /// The baseline with its feed-forward weights started `1/√m` smaller, as a mixture starts: a control.
    InitMatched,
    /// Mixture-of-Supernets, one mixing vector per block.
    LayerWise,
    /// Mixture-of-Supernets, one mixing vector per output neuron.
    NeuronWise,
    /// Neuron-wise, but the router reads 0.5 everywhere: a control with all the capacity and no routing.
    FixedInput,
    /// A hard split by width (few-shot supernets).
    FewShot,
    /// One mixing vector for the network, trained in turn with the weights (K-shot supernets).
    KShot,
}

impl Method {
    /// Every method, in the order of reports.
    pub const ALL: [Method; 8] = [
        Method::Random,
        Method::Sandwich,
        Method::InitMatched,
        Method::LayerWise,
        Method::NeuronWise,
        Method::FixedInput,
        Method::FewShot,
        Method::KShot,
    ];

    /// The names, in the same order.
    pub const NAMES: [&'static str; 8] = [
        "random-1",
        "sandwich",
        "init-matched",
        "layer-wise",
        "neuron-wise",
        "fixed-input",
        "few-shot",
        "k-shot",
    ];

    /// The name used in specifications and reports.
    pub fn name(self) -> &'static str {
        Self::NAMES[self as usize]
    }

    /// Which sub-networks it trains in a step.
    pub fn sampling(self) -> Sampling {
        if self == Method::Random { Sampling::Random } else { Sampling::Sandwich }
    }

    /// Whether it is plain sharing, with one set of weights.
    pub fn is_plain(self) -> bool {
        matches!(self, Method::Random | Method::Sandwich | Method::InitMatched)
    }

    /// Whether it trains a router, which has a learning rate of its own.
    pub fn has_router(self) -> bool {
        matches!(self, Method::LayerWise | Method::NeuronWise | Method::FixedInput | Method::KShot)
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

/// The methods of these names, in the order of reports.
///
/// # Errors
/// When there is no such method, or one is given twice.
#[cfg(feature = "engine")]
pub fn several(names: &[String]) -> Result<Vec<Method>> {
    let mut methods = names.iter().map(|name| name.parse()).collect::<Result<Vec<Method>>>()?;
    methods.sort_unstable();
    if methods.windows(2).any(|pair| pair[0] == pair[1]) {
        let problem = "a method is given twice; keep one of them".into();
        return Err(Error::Inconsistent { key: "methods".into(), problem });
    }
    Ok(methods)
}
