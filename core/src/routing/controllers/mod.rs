//! Controllers: what changes a router between steps without a gradient.

pub mod bias;

pub use bias::BiasBalance;
