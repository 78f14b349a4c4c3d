//! What provides each method's weights.

use super::Method;
use super::specification::Specification;
use crate::supernet::provider::{ExpertInit, Granularity};
use crate::supernet::{Encoding, MixtureConfig};

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

/// What provides a method's weights.
pub fn provision(method: Method, specification: &Specification) -> Provision {
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
    let encoding = if supernet.encoding == "aggregate" { Encoding::Aggregate } else { Encoding::PerLayer };
    match method {
        Method::Random | Method::Sandwich => Provision::Shared(1.0),
        Method::InitMatched => Provision::Shared(1.0 / root),
        Method::LayerWise => mixture(Granularity::Layer, encoding),
        Method::NeuronWise => mixture(Granularity::Neuron, encoding),
        Method::FixedInput => mixture(Granularity::Neuron, Encoding::Constant),
        Method::FewShot => Provision::FewShot(supernet.experts),
        Method::KShot => mixture(Granularity::Network, encoding),
    }
}
