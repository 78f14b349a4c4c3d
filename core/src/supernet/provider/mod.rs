//! Weight providers: what turns an architecture into weights.
//!
//! Generalised weight sharing (Mixture-of-Supernets, eq. 1): the weights of architecture `a` are `W(a) = g(E, a)`.
//! [`SharedWeights`] slices one set `E`; [`Mixture`] mixes several sets by a router and slices; [`FewShot`] picks
//! one set by region. Mixing happens once per architecture and step, on weights, never on outputs.

mod few_shot;
mod mixture;
mod router;
mod shared;
pub(in crate::supernet) mod weights;

use burn::module::{Module, ParamId};
use burn::tensor::Tensor;

pub use few_shot::FewShot;
pub use mixture::{Granularity, Mixture, MixtureConfig};
pub use router::Router;
pub use shared::SharedWeights;
pub use weights::{ElasticWeights, ExpertBlock, ExpertInit, WeightInit};

use super::{Architecture, SearchSpace, Subnet};
use crate::Result;

/// How the expert weights of one block, or of another part of a layer, are combined for one architecture.
#[derive(Debug, Clone)]
pub enum BlockMixing {
    /// One expert alone: plain sharing (there is one), or a hard split.
    Single(usize),
    /// One vector for all linear layers (layer-wise): `alpha` `[experts]`, on the simplex.
    Layer(Box<Tensor<1>>),
    /// One vector per output neuron (neuron-wise): `[outputs, experts]` for each linear layer in turn, each row on the
    /// simplex.
    Neuron(Vec<Tensor<2>>),
}

/// A source of weights for every architecture of a space.
pub trait WeightProvider: Module {
    /// The space whose architectures it serves.
    fn space(&self) -> &SearchSpace;

    /// The shared tensors that are sliced and mixed.
    fn weights(&self) -> &ElasticWeights;

    /// How each active block of each architecture is mixed: `[architectures][blocks]`. Architectures are checked
    /// by the caller.
    fn mixing(&self, architectures: &[Architecture]) -> Vec<Vec<BlockMixing>>;

    /// The router's parameters: they may have a learning rate of their own.
    fn router_parameters(&self) -> Vec<ParamId> {
        Vec::new()
    }

    /// The weights of several architectures.
    ///
    /// # Errors
    /// [`crate::Error::InvalidArchitecture`] when one is not in the space.
    fn subnets(&self, architectures: &[Architecture]) -> Result<Vec<Subnet>> {
        for architecture in architectures {
            self.space().check(architecture)?;
        }
        let mixing = self.mixing(architectures);
        Ok(architectures
            .iter()
            .zip(&mixing)
            .map(|(architecture, blocks)| self.weights().subnet(architecture, blocks))
            .collect())
    }
}
