//! Who shares which feed-forward weights of elastic transformers, and the routers that mix them. It knows no space: an
//! architecture comes as its code and as the sizes of its feed-forward parts.

use burn::prelude::*;
use burn::tensor::activation;

use super::TransformerEncoding;
use crate::rng::Streams;
use crate::supernet::provider::{BlockMixing, ExpertInit, Granularity, NeuronMixing, Router, WeightInit};

/// Who shares which feed-forward weights; everything else is one set of weights for all, sliced. `E` is what routers read.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Sharing<E = TransformerEncoding> {
    /// One set, sliced (HAT). The factor is on the feed-forward maps' first weights: 1, or `1/sqrt(m)` to start like a
    /// mixture of `m` experts.
    Plain(f64),
    /// Several sets, mixed by a router that reads the architecture (Mixture-of-Supernets; K-shot for
    /// [`Granularity::Network`]).
    Mixture(TransformerMixture<E>),
    /// One set for each region of widths (few-shot supernets).
    Regions(usize),
}

/// The fields of a mixture.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct TransformerMixture<E = TransformerEncoding> {
    /// Expert sets for each feed-forward part (`m`).
    pub experts: usize,
    /// What shares a mixing vector.
    pub granularity: Granularity,
    /// What the router reads.
    pub encoding: E,
    /// Units of the router's hidden layer (128 in the paper's runs).
    pub hidden: usize,
    /// Whether experts start apart.
    pub init: ExpertInit,
    /// Factor on the experts' first weights.
    pub scale: f64,
}

/// A feed-forward part of one architecture.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::supernet) struct Part {
    /// Its place among the parts of the largest network.
    pub place: usize,
    /// Its inner width.
    pub ffn: usize,
    /// The width around it.
    pub width: usize,
}

/// What routers must serve: the parts of the largest network, its widest layer, and the numbers that they read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::supernet) struct Served {
    pub parts: usize,
    pub widest: usize,
    pub code: usize,
}

impl<E> Sharing<E> {
    /// Expert sets of a feed-forward part.
    pub fn experts(&self) -> usize {
        self.init().experts
    }

    /// How feed-forward weights start.
    pub(in crate::supernet) fn init(&self) -> WeightInit {
        match self {
            Sharing::Plain(scale) => WeightInit { scale: *scale, ..WeightInit::PLAIN },
            Sharing::Mixture(TransformerMixture { experts, init, scale, .. }) => {
                WeightInit { experts: *experts, init: *init, scale: *scale }
            }
            Sharing::Regions(regions) => WeightInit { experts: *regions, ..WeightInit::PLAIN },
        }
    }
}

impl<E> TransformerMixture<E> {
    /// Routers for every feed-forward part: one for all, one each, or one for each linear map.
    pub(in crate::supernet) fn router(&self, served: Served, streams: &Streams, device: &Device) -> Router {
        let (count, shape) = self.shape(served);
        Router::new(count, shape, streams, device)
    }

    /// How many numbers those routers learn.
    pub(in crate::supernet) fn numbers(&self, served: Served) -> usize {
        let (count, shape) = self.shape(served);
        Router::numbers(count, shape)
    }

    /// How many routers there are, and their inputs, hidden units and outputs.
    fn shape(&self, served: Served) -> (usize, [usize; 3]) {
        let (count, rows) = match self.granularity {
            Granularity::Network => (1, 1),
            Granularity::Layer => (served.parts, 1),
            Granularity::Neuron => (2 * served.parts, served.widest),
        };
        (count, [served.code, self.hidden, rows * self.experts])
    }

    /// Mixing weights `[routers, rows, experts]` for an architecture's code, each last row on the simplex. Logits are
    /// neuron-major.
    fn alpha(&self, router: &Router, code: Vec<f32>) -> Tensor<3> {
        let length = code.len();
        let code = Tensor::<2>::from_data(TensorData::new(code, [1, length]), &router.device());
        let logits = router.logits(code);
        let [routers, _, outputs] = logits.dims();
        activation::softmax(logits.reshape([routers, outputs / self.experts, self.experts]), 2)
    }

    /// How each of these parts of the architecture with this code is mixed.
    pub(in crate::supernet) fn mixing(
        &self,
        router: &Router,
        code: Vec<f32>,
        parts: impl Iterator<Item = Part>,
    ) -> Vec<BlockMixing> {
        let (alpha, experts) = (self.alpha(router, code), self.experts);
        let rows = |router: usize, count: usize| {
            alpha.clone().slice([router..router + 1, 0..count, 0..experts]).reshape([count, experts])
        };
        let mixing = |Part { place, ffn, width }: Part| match self.granularity {
            Granularity::Network => BlockMixing::Layer(Box::new(rows(0, 1).reshape([experts]))),
            Granularity::Layer => BlockMixing::Layer(Box::new(rows(place, 1).reshape([experts]))),
            Granularity::Neuron => BlockMixing::Neuron(Box::new(NeuronMixing {
                up: rows(2 * place, ffn),
                down: rows(2 * place + 1, width),
            })),
        };
        parts.map(mixing).collect()
    }
}
