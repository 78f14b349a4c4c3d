//! Elastic masked language models: BERT encoders whose width, or whose width in every layer, is a choice.
//!
//! The spaces are those of Mixture-of-Supernets' language models (Jawahar et al., ACL Findings 2024): SuperShaper's
//! (Ganesan et al., arXiv 2110.04711), in which every layer works in a narrower stream of its own between two linear maps,
//! its bottlenecks; and homogeneous ones, in which all layers are alike. Weights are shared as for
//! [`transformer`](super::transformer)s: both maps of every feed-forward part may be mixed, everything else is sliced.
//! Sentences stand alone here: there are no segments and no next-sentence task.
//!
//! | file | what it holds |
//! | --- | --- |
//! | [`space`] | which sub-networks exist, how many, drawing them |
//! | [`architecture`] | one of them, as a value and as a text |
//! | [`genes`] | it as strategies of search see it |
//! | [`encoding`] | how a router sees it |
//! | [`size`] | its exact parameters and floating-point operations |
//! | [`weights`] | the shared tensors |
//! | [`subnet`] | the network of one architecture |
//! | [`batch`] | sentences with masked words, padded |
//! | [`export`] | the network of one architecture as a file, and back |

pub mod architecture;
#[cfg(feature = "engine")]
pub mod batch;
pub mod encoding;
#[cfg(feature = "engine")]
pub mod export;
pub mod genes;
pub mod size;
pub mod space;
#[cfg(feature = "engine")]
pub mod subnet;
#[cfg(all(test, feature = "engine"))]
mod tests;
#[cfg(feature = "engine")]
pub mod weights;

pub use architecture::{BertArchitecture, Layers};
#[cfg(feature = "engine")]
pub use batch::MaskedBatch;
pub use encoding::BertEncoding;
pub use space::{BertSpace, BottleneckSpace, HomogeneousSpace};
#[cfg(feature = "engine")]
pub use subnet::BertSubnet;
#[cfg(feature = "engine")]
pub use weights::ElasticBert;
