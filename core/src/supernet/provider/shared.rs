//! Plain weight sharing: every architecture is the top-left slice of one set of weights (HAT, once-for-all,
//! AutoFormer). A space with a single architecture makes this a standalone network.

use burn::module::Module;
use burn::tensor::Device;

use super::{BlockMixing, ElasticWeights, WeightInit, WeightProvider};
use crate::rng::Streams;
use crate::supernet::{Architecture, SearchSpace};

/// One set of weights for all.
#[derive(Module, Debug)]
pub struct SharedWeights {
    weights: ElasticWeights,
    #[module(skip)]
    space: SearchSpace,
}

impl SharedWeights {
    /// Draws the weights. `scale` is the factor on the feed-forward layers' initial weights: 1, or `1/√m` to start
    /// like a mixture of `m` experts.
    pub fn new(space: SearchSpace, scale: f64, streams: &Streams, device: &Device) -> Self {
        let weights = ElasticWeights::new(&space, WeightInit { scale, ..WeightInit::PLAIN }, streams, device);
        Self { weights, space }
    }
}

impl WeightProvider for SharedWeights {
    fn space(&self) -> &SearchSpace {
        &self.space
    }

    fn weights(&self) -> &ElasticWeights {
        &self.weights
    }

    fn mixing(&self, architectures: &[Architecture]) -> Vec<Vec<BlockMixing>> {
        architectures.iter().map(|architecture| vec![BlockMixing::Single(0); architecture.depth()]).collect()
    }
}
