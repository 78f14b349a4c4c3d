//! Few-shot supernets (Zhao et al., ICML 2021): the space is split into regions, each with weights of its own. A
//! Mixture-of-Supernets whose routing is hard, fixed and disjoint.
//!
//! Regions are width classes here, and only the feed-forward layers are split, so that it has exactly the tensors
//! of a mixture with as many experts; the paper splits whole supernets.

use burn::module::Module;
use burn::tensor::Device;

use super::{BlockMixing, ElasticWeights, ExpertInit, WeightInit, WeightProvider};
use crate::rng::Streams;
use crate::supernet::{Architecture, SearchSpace};

/// One set of feed-forward weights per region of widths.
#[derive(Module, Debug)]
pub struct FewShot {
    weights: ElasticWeights,
    regions: usize,
    #[module(skip)]
    space: SearchSpace,
}

impl FewShot {
    /// Splits the widths of the space into `regions` runs of nearly equal length and draws weights for each.
    pub fn new(space: SearchSpace, regions: usize, streams: &Streams, device: &Device) -> Self {
        let init = WeightInit { experts: regions, init: ExpertInit::Independent, scale: 1.0 };
        let weights = ElasticWeights::new(&space, init, streams, device);
        Self { weights, regions, space }
    }

    /// The region of an architecture: the rank of its width, scaled to the number of regions.
    pub fn region(&self, architecture: &Architecture) -> usize {
        let rank = self.space.widths.iter().filter(|width| **width < architecture.width).count();
        rank * self.regions / self.space.widths.len()
    }
}

impl WeightProvider for FewShot {
    fn space(&self) -> &SearchSpace {
        &self.space
    }

    fn weights(&self) -> &ElasticWeights {
        &self.weights
    }

    fn mixing(&self, architectures: &[Architecture]) -> Vec<Vec<BlockMixing>> {
        architectures
            .iter()
            .map(|architecture| vec![BlockMixing::Single(self.region(architecture)); architecture.depth()])
            .collect()
    }
}
