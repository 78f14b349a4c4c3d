//! The methods that are compared: each a rule of sampling and a way of providing weights.

use std::str::FromStr;

use super::specification::{Specification, Supernet};
use crate::supernet::provider::{ExpertInit, Granularity};
use crate::supernet::{Encoding, MixtureConfig, Sampling};
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

/// What provides a method's weights.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Provision {
    /// Plain sharing, with this factor on the feed-forward layers' initial weights.
    Shared(f64),
    /// A mixture.
    Mixture(MixtureConfig),
    /// A hard split into so many regions.
    FewShot(usize),
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

    /// Whether it trains a router, which has a learning rate of its own.
    pub fn has_router(self) -> bool {
        matches!(self, Method::LayerWise | Method::NeuronWise | Method::FixedInput | Method::KShot)
    }

    /// How many expert sets it has.
    pub fn experts(self, supernet: &Supernet) -> usize {
        match self {
            Method::Random | Method::Sandwich | Method::InitMatched => 1,
            _ => supernet.experts,
        }
    }

    /// What provides its weights.
    pub fn provision(self, specification: &Specification) -> Provision {
        let supernet = &specification.supernet;
        let root = (supernet.experts as f64).sqrt();
        let mixture = |granularity, encoding| {
            Provision::Mixture(MixtureConfig {
                experts: supernet.experts,
                granularity,
                encoding,
                hidden: supernet.router_hidden,
                init: if supernet.copied_init { ExpertInit::Copied } else { ExpertInit::Independent },
                scale: if supernet.matched_init { root } else { 1.0 },
            })
        };
        let encoding =
            if supernet.encoding == "aggregate" { Encoding::Aggregate } else { Encoding::PerLayer };
        match self {
            Method::Random | Method::Sandwich => Provision::Shared(1.0),
            Method::InitMatched => Provision::Shared(1.0 / root),
            Method::LayerWise => mixture(Granularity::Layer, encoding),
            Method::NeuronWise => mixture(Granularity::Neuron, encoding),
            Method::FixedInput => mixture(Granularity::Neuron, Encoding::Constant),
            Method::FewShot => Provision::FewShot(supernet.experts),
            Method::KShot => mixture(Granularity::Network, encoding),
        }
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
