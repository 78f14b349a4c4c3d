//! The parts of a specification that labs of transformers share; `fields.rs` says what each field means.

use serde::Deserialize;

use super::Method;
use crate::supernet::provider::{ExpertInit, Granularity};
use crate::supernet::transformer::mixing::{PlacedSharing, Sharing, TransformerMixture};
use crate::supernet::transformer::places::Places;

/// How weights are shared.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Supernet {
    pub experts: usize,
    pub mixed: Vec<String>,
    pub copied_init: bool,
    pub matched_init: bool,
    pub encoding: String,
    pub router_hidden: usize,
    pub distillation: bool,
}

/// How learning rates are chosen.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Tuning {
    pub rates: usize,
    pub seeds: u64,
    pub architectures: usize,
}

impl Supernet {
    /// Which parts have several sets of weights.
    pub fn places(&self) -> Places {
        Places::named(&self.mixed)
    }

    /// How weights are shared under a method whose routers read `encoding`; `constant` is the encoding that says nothing.
    pub fn sharing<E>(&self, method: Method, encoding: E, constant: E) -> PlacedSharing<E> {
        let root = libm::sqrt(self.experts as f64);
        let mixture = |granularity, encoding| {
            Sharing::Mixture(TransformerMixture {
                experts: self.experts,
                granularity,
                encoding,
                hidden: self.router_hidden,
                init: if self.copied_init { ExpertInit::Copied } else { ExpertInit::Independent },
                scale: if self.matched_init { root } else { 1.0 },
            })
        };
        let sharing = match method {
            Method::Random | Method::Sandwich => Sharing::Plain(1.0),
            Method::InitMatched => Sharing::Plain(1.0 / root),
            Method::LayerWise => mixture(Granularity::Layer, encoding),
            Method::NeuronWise => mixture(Granularity::Neuron, encoding),
            Method::FixedInput => mixture(Granularity::Neuron, constant),
            Method::FewShot => Sharing::Regions(self.experts),
            Method::KShot => mixture(Granularity::Network, encoding),
        };
        PlacedSharing { sharing, places: self.places() }
    }
}
