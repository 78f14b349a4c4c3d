//! Elastic transformers that translate: encoder and decoder whose width, depth, feed-forward widths, heads and attention
//! to the encoder are choices.
//!
//! The search space is HAT's (Wang et al., ACL 2020, arXiv 2005.14187), the weights are shared as there, or mixed by
//! a router as in Mixture-of-Supernets (Jawahar et al., ACL Findings 2024): both linear maps of every feed-forward
//! part have several sets of weights, and attention's where that is asked for; everything else is sliced. An architecture is
//! a value here too.
//!
//! | file | what it holds |
//! | --- | --- |
//! | [`space`] | which sub-networks exist, how many, drawing and changing them |
//! | [`architecture`] | one of them, as a value and as a text |
//! | [`genes`] | it as strategies of search see it |
//! | [`encoding`] | how a router or a predictor sees it |
//! | [`size`] | its exact parameters and floating-point operations |
//! | [`weights`] | the shared tensors |
//! | [`places`] | which parts may have several sets of weights |
//! | [`mixing`] | every way of sharing them, and the routers |
//! | [`subnet`] | the network of one architecture |
//! | [`batch`] | pairs of sentences, padded |
//! | [`export`] | the network of one architecture as a file, and back |
//! | [`decoding`] | translation: beam search with kept keys and values |

pub mod architecture;
#[cfg(feature = "engine")]
pub mod attention;
#[cfg(feature = "engine")]
pub mod batch;
#[cfg(feature = "engine")]
pub mod decoding;
#[cfg(feature = "engine")]
pub(in crate::supernet) mod drawing;
pub mod encoding;
#[cfg(feature = "engine")]
pub mod export;
pub mod genes;
#[cfg(feature = "engine")]
pub mod mixing;
#[cfg(feature = "engine")]
pub mod places;
pub mod size;
pub mod space;
#[cfg(feature = "engine")]
pub mod subnet;
#[cfg(all(test, feature = "engine"))]
pub(in crate::supernet) mod tests;
#[cfg(feature = "engine")]
pub mod weights;

pub use architecture::{DecoderLayer, EncoderLayer, TransformerArchitecture};
#[cfg(feature = "engine")]
pub use batch::PairBatch;
pub use encoding::TransformerEncoding;
pub use space::{Side, TransformerSpace};
#[cfg(feature = "engine")]
pub use subnet::TransformerSubnet;
#[cfg(feature = "engine")]
pub use weights::{ElasticTransformer, PlacedSharing, Sharing};
