//! Who shares which weights of elastic transformers, and the routers that mix them. It knows no space: an architecture comes
//! as its code and as its parts.

use burn::prelude::*;
use burn::tensor::activation;

use super::TransformerEncoding;
use super::places::{Part, Place, Places};
use crate::rng::Streams;
use crate::supernet::provider::{BlockMixing, ExpertInit, Granularity, Router, WeightInit};

/// Who shares weights. `E` is what routers read.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Sharing<E = TransformerEncoding> {
    /// One set, sliced (HAT). The factor is on the first weights of what others would mix: 1, or `1/sqrt(m)` to start like
    /// a mixture of `m` experts.
    Plain(f64),
    /// Several sets, mixed by a router that reads the architecture (Mixture-of-Supernets; K-shot for
    /// [`Granularity::Network`]).
    Mixture(TransformerMixture<E>),
    /// One set for each region of widths (few-shot supernets).
    Regions(usize),
}

/// Who shares weights, and of which parts; everything else is one set of weights for all, sliced.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct PlacedSharing<E = TransformerEncoding> {
    /// Who shares.
    pub sharing: Sharing<E>,
    /// Of which parts.
    pub places: Places,
}

impl<E> From<Sharing<E>> for PlacedSharing<E> {
    /// Of feed-forward parts, as in the paper.
    fn from(sharing: Sharing<E>) -> Self {
        Self { sharing, places: Places::FEED_FORWARD }
    }
}

/// The fields of a mixture.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct TransformerMixture<E = TransformerEncoding> {
    /// Expert sets of each part (`m`).
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

/// What routers must serve.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::supernet) struct Served {
    /// The mixed parts of the largest network.
    pub parts: Vec<Part>,
    /// How many numbers they read.
    pub code: usize,
}

/// How the parts of one architecture are mixed.
pub(in crate::supernet) struct Mixings(Vec<(Part, BlockMixing)>);

impl Mixings {
    /// Of one part; one that is not mixed has a single set.
    pub fn of(&self, place: Place, layer: usize) -> &BlockMixing {
        let found = self.0.iter().find(|(part, _)| part.place == place && part.layer == layer);
        found.map_or(&BlockMixing::Single(0), |(_, mixing)| mixing)
    }

    /// Of every mixed part, in order.
    pub fn all(self) -> Vec<BlockMixing> {
        self.0.into_iter().map(|(_, mixing)| mixing).collect()
    }
}

impl<E: Copy> PlacedSharing<E> {
    /// Expert sets of a mixed part.
    pub fn experts(&self) -> usize {
        match self.sharing {
            Sharing::Plain(_) => 1,
            Sharing::Mixture(mixture) => mixture.experts,
            Sharing::Regions(regions) => regions,
        }
    }

    /// How the weights of a kind of part start.
    pub(in crate::supernet) fn init(&self, place: Place) -> WeightInit {
        if !self.places.contains(place) {
            return WeightInit::PLAIN;
        }
        match self.sharing {
            Sharing::Plain(scale) => WeightInit { scale, ..WeightInit::PLAIN },
            Sharing::Mixture(TransformerMixture { experts, init, scale, .. }) => {
                WeightInit { experts, init, scale }
            }
            Sharing::Regions(regions) => WeightInit { experts: regions, ..WeightInit::PLAIN },
        }
    }

    /// The mixture, where there is one.
    pub(in crate::supernet) fn mixture(&self) -> Option<TransformerMixture<E>> {
        match self.sharing {
            Sharing::Mixture(mixture) => Some(mixture),
            _ => None,
        }
    }

    /// How `parts` of one architecture are mixed: `alpha` is told by the router, `region` by the architecture.
    pub(in crate::supernet) fn mixings(
        &self,
        parts: Vec<Part>,
        alpha: impl FnOnce(TransformerMixture<E>, &[Part]) -> Vec<BlockMixing>,
        region: impl FnOnce(usize) -> usize,
    ) -> Mixings {
        let mixings = match self.sharing {
            Sharing::Mixture(mixture) => alpha(mixture, &parts),
            Sharing::Regions(regions) => vec![BlockMixing::Single(region(regions)); parts.len()],
            Sharing::Plain(_) => vec![BlockMixing::Single(0); parts.len()],
        };
        Mixings(parts.into_iter().zip(mixings).collect())
    }
}

impl<E> TransformerMixture<E> {
    /// Routers for every part: one for all, one each, or one for each linear map.
    pub(in crate::supernet) fn router(&self, served: &Served, streams: &Streams, device: &Device) -> Router {
        let (count, shape) = self.shape(served);
        Router::new(count, shape, streams, device)
    }

    /// How many numbers those routers learn.
    pub(in crate::supernet) fn numbers(&self, served: &Served) -> usize {
        let (count, shape) = self.shape(served);
        Router::numbers(count, shape)
    }

    /// How many routers there are, and their inputs, hidden units and outputs.
    fn shape(&self, served: &Served) -> (usize, [usize; 3]) {
        let maps = || served.parts.iter().flat_map(|part| &part.maps);
        let (count, rows) = match self.granularity {
            Granularity::Network => (1, 1),
            Granularity::Layer => (served.parts.len(), 1),
            Granularity::Neuron => (maps().count(), maps().map(|[_, outputs]| *outputs).max().unwrap_or(1)),
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

    /// How each of these parts of the architecture with this code is mixed; `largest` are the parts that routers were made
    /// for.
    pub(in crate::supernet) fn mixing(
        &self,
        router: &Router,
        code: Vec<f32>,
        parts: &[Part],
        largest: &[Part],
    ) -> Vec<BlockMixing> {
        let (alpha, experts) = (self.alpha(router, code), self.experts);
        let rows = |router: usize, count: usize| {
            alpha.clone().slice([router..router + 1, 0..count, 0..experts]).reshape([count, experts])
        };
        let one = |router: usize| BlockMixing::Layer(Box::new(rows(router, 1).reshape([experts])));
        let mixing = |part: &Part| match self.granularity {
            Granularity::Network => one(0),
            Granularity::Layer => one(part.index(largest)),
            Granularity::Neuron => {
                let first =
                    largest[..part.index(largest)].iter().map(|before| before.maps.len()).sum::<usize>();
                let maps = part.maps.iter().enumerate();
                BlockMixing::Neuron(maps.map(|(map, [_, outputs])| rows(first + map, *outputs)).collect())
            }
        };
        parts.iter().map(mixing).collect()
    }
}
