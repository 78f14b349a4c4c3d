//! Weight-sharing supernets of elastic residual networks.
//!
//! A [`SearchSpace`] says which sub-networks exist; an [`Architecture`] is one of them, a plain value. A
//! [`WeightProvider`] turns an architecture into the weights of a [`Subnet`]: plain sharing slices one set of
//! weights, a Mixture-of-Supernets mixes several sets by a router that reads the architecture, a few-shot supernet
//! picks one set by region. Nothing here has an "active sub-network" mode.

pub mod architecture;
pub mod bert;
#[cfg(feature = "engine")]
pub mod distillation;
pub mod encoding;
#[cfg(feature = "engine")]
pub mod export;
#[cfg(all(test, feature = "engine"))]
mod gradient_checks;
#[cfg(feature = "engine")]
pub mod provider;
pub mod sampling;
#[cfg(feature = "engine")]
pub mod sharing;
pub mod size;
pub mod space;
#[cfg(feature = "engine")]
pub mod subnet;
#[cfg(all(test, feature = "engine"))]
mod tests;
#[cfg(feature = "engine")]
pub mod training;
pub mod transformer;

pub use architecture::{Activation, Architecture};
pub use encoding::Encoding;
#[cfg(feature = "engine")]
pub use provider::{FewShot, Mixture, MixtureConfig, SharedWeights, WeightProvider};
pub use sampling::Sampling;
pub use space::SearchSpace;
#[cfg(feature = "engine")]
pub use subnet::Subnet;
#[cfg(feature = "engine")]
pub use training::{Trainer, TrainingConfig};
