//! Fused operations: hot chains of small tensor operations as one step of the gradient tape each.
//!
//! Every operation has a hand-written gradient, a fast body on plain slices for the default CPU backend in single
//! precision, and a portable body of tensor operations for everything else. The tests compare both with plain
//! differentiable tensor code and with finite differences.

pub(crate) mod adam;
pub(crate) mod adam_w;
pub(crate) mod backends;
#[cfg(test)]
pub(crate) mod checks;
pub(crate) mod cross_entropy;
pub(crate) mod embedding;
#[cfg(feature = "flex")]
pub(crate) mod flat;
pub(crate) mod gru;
pub(crate) mod layer_norm;
pub(crate) mod linear;
pub(crate) mod part;
#[cfg(all(feature = "flex", feature = "native"))]
pub(crate) mod product;
#[cfg(feature = "flex")]
pub(crate) mod rows;
pub(crate) mod softmax;
#[cfg(test)]
mod tests;
pub(crate) mod tied;

pub use adam::Adam;
pub use adam_w::{AdamW, decayed_matrices};
pub use cross_entropy::{cross_entropy, cross_entropy_classes, cross_entropy_smoothed};
pub use embedding::embed;
pub use gru::gru_gates;
pub use layer_norm::{EPSILON, layer_norm};
pub use linear::{Activation, linear};
pub use softmax::{Mask, softmax};
pub use tied::tied_logits;
