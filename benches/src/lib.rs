//! The pieces of work that the criterion benches and the comparison with PyTorch share.

pub mod encoder;
pub mod mixture;
pub mod supernet;
pub mod translation;
