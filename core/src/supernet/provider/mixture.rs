//! Mixture-of-Supernets (Jawahar et al., ACL Findings 2024): every block has `m` full sets of feed-forward weights,
//! and a router that reads the architecture mixes them.
//!
//! Layer-wise: `W(a) = Σ_k alpha_k(a) E_k`, one `alpha` for both linear layers of a block. Neuron-wise:
//! `W(a) = Σ_k diag(alpha_{·,k}(a)) E_k`, one `alpha` row per output neuron and a router per linear layer.
//! Everything outside the feed-forward layers is plain sharing. With one `alpha` for the whole network it is the
//! dictionary of K-shot supernets (Su et al., ICML 2021), which train codes and dictionary in turn.

use burn::module::{Module, ParamId};
use burn::tensor::{Device, Tensor, TensorData, activation};

use super::{BlockMixing, ElasticWeights, ExpertInit, Router, WeightInit, WeightProvider};
use crate::rng::Streams;
use crate::supernet::{Architecture, Encoding, SearchSpace};

/// What shares one mixing vector.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Granularity {
    /// The whole network (K-shot supernets).
    Network,
    /// The two linear layers of a block.
    Layer,
    /// An output neuron.
    Neuron,
}

/// The fields of a mixture.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct MixtureConfig {
    /// Expert sets per block (`m`).
    pub experts: usize,
    /// What shares a mixing vector.
    pub granularity: Granularity,
    /// What the router reads.
    pub encoding: Encoding,
    /// Units of the router's hidden layer (128 in the paper's runs).
    pub hidden: usize,
    /// Whether experts start apart.
    pub init: ExpertInit,
    /// Factor on the experts' initial weights; `√m` matches the initial variance of plain sharing.
    pub scale: f64,
}

/// A mixture of supernets.
#[derive(Module, Debug)]
pub struct Mixture {
    weights: ElasticWeights,
    router: Router,
    #[module(skip)]
    config: MixtureConfig,
    #[module(skip)]
    space: SearchSpace,
}

impl Mixture {
    /// Draws weights from the stream `init` and routers from the stream `router`.
    pub fn new(space: SearchSpace, config: MixtureConfig, streams: &Streams, device: &Device) -> Self {
        let init = WeightInit { experts: config.experts, init: config.init, scale: config.scale };
        let weights = ElasticWeights::new(&space, init, streams, device);
        let (count, rows) = match config.granularity {
            Granularity::Network => (1, 1),
            Granularity::Layer => (space.max_depth(), 1),
            // Routers 2l and 2l+1 serve the two linear layers of block l; the narrower one leaves rows unused.
            Granularity::Neuron => (2 * space.max_depth(), space.max_width().max(space.max_ffn())),
        };
        let shape = [config.encoding.length(&space), config.hidden, rows * config.experts];
        let router = Router::new(count, shape, streams, device);
        Self { weights, router, config, space }
    }

    /// Mixing weights `[routers, architectures, rows, experts]`, each last row on the simplex. Logits are
    /// neuron-major: row `r` is entries `r m .. r m + m`.
    fn alpha(&self, architectures: &[Architecture]) -> Tensor<4> {
        let codes: Vec<f32> = architectures
            .iter()
            .flat_map(|architecture| self.config.encoding.encode(&self.space, architecture))
            .collect();
        let shape = [architectures.len(), self.config.encoding.length(&self.space)];
        let device = self.weights.input.val().device();
        let logits = self.router.logits(Tensor::from_data(TensorData::new(codes, shape), &device));
        let [routers, count, outputs] = logits.dims();
        let experts = self.config.experts;
        activation::softmax(logits.reshape([routers, count, outputs / experts, experts]), 3)
    }
}

impl WeightProvider for Mixture {
    fn space(&self) -> &SearchSpace {
        &self.space
    }

    fn weights(&self) -> &ElasticWeights {
        &self.weights
    }

    fn mixing(&self, architectures: &[Architecture]) -> Vec<Vec<BlockMixing>> {
        let alpha = self.alpha(architectures);
        let experts = self.config.experts;
        let rows = |router: usize, index: usize, count: usize| {
            alpha
                .clone()
                .slice([router..router + 1, index..index + 1, 0..count, 0..experts])
                .reshape([count, experts])
        };
        let block = |index: usize, block: usize, architecture: &Architecture| match self.config.granularity {
            Granularity::Network => BlockMixing::Layer(Box::new(rows(0, index, 1).reshape([experts]))),
            Granularity::Layer => BlockMixing::Layer(Box::new(rows(block, index, 1).reshape([experts]))),
            Granularity::Neuron => BlockMixing::Neuron(vec![
                rows(2 * block, index, architecture.ffn[block]),
                rows(2 * block + 1, index, architecture.width),
            ]),
        };
        architectures
            .iter()
            .enumerate()
            .map(|(index, architecture)| {
                (0..architecture.depth()).map(|b| block(index, b, architecture)).collect()
            })
            .collect()
    }

    fn router_parameters(&self) -> Vec<ParamId> {
        self.router.parameters()
    }
}
