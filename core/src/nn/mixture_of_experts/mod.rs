//! Expert networks and what a mixture of them is made of; who serves whom is decided in
//! [`token_router`](super::token_router).
//!
//! Jacobs et al. 1991 (*Adaptive mixtures of local experts*) with the sparse choice of Shazeer et al. 2017 (arXiv
//! 1701.06538). A few small experts are computed all together in two matrix products: an expert that was not chosen has
//! the gate 0, so it adds nothing and gets no gradient. Where much would be computed for nobody, each expert gets its own
//! rows ([`Groups::pays`]).
//!
//! | file | what it holds |
//! | --- | --- |
//! | [`experts`] | the expert networks, computed together |
//! | [`groups`] | units sorted by expert, and when sorting pays |
//! | [`grouped`] | the expert networks, each computed for its own units |
//! | [`losses`] | the Switch load-balance loss and the z-loss, differentiable |

pub mod experts;
pub mod grouped;
pub mod groups;
pub mod losses;
#[cfg(test)]
mod tests;

pub use experts::{ExpertShape, Experts};
pub use groups::Groups;
