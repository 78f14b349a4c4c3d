//! What a search through a trained supernet needs of a lab, and what it finds, compared: strategies at equal numbers of
//! evaluations, under equal limits, over several seeds.
//!
//! HAT (Wang et al., ACL 2020, arXiv 2005.14187) searches so: the loss is a sub-network's with the supernet's weights, the
//! limit is a latency that a predictor tells, and the strategy is evolution. Random search and regularised evolution are
//! what that must beat.
//!
//! | file | what it holds |
//! | --- | --- |
//! | [`subject`] | a supernet as a search sees it |
//! | [`found`] | runs of searches, their best and their fronts |
//! | [`verdicts`] | strategies against random search, paired by seed |
//! | [`pictures`] | tables and pictures of what was found |
//!
//! Nothing here searches or measures time: [`search`](crate::search) has the strategies, and the command the clock.

pub mod found;
pub mod pictures;
pub mod subject;
#[cfg(test)]
mod tests;
pub mod verdicts;

pub use found::{Found, Point, Winner};
pub use subject::{Subject, Tested};
