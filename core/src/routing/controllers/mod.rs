//! Controllers: rules that act on a router between steps, without a gradient.
//!
//! | file | what it steers |
//! | --- | --- |
//! | [`bias`] | a bias on the choice, towards an even load |
//! | [`thresholds`] | what a unit needs at a slot outside training |
//! | [`penalty`] | the weight of a penalty, towards a number of active slots |
//! | [`memory`] | what they keep |

pub mod bias;
pub mod memory;
pub mod penalty;
pub mod thresholds;

pub use bias::BiasForEvenLoad;
pub use memory::{Controller, Nothing, RouterMemory};
pub use penalty::PenaltyForTarget;
pub use thresholds::Thresholds;
