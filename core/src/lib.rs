//! Switchyard's core: everything that decides, trains, measures and draws routed neural networks.
//!
//! One question runs through every module: *what goes where?* A token goes to an expert, a sub-network to its
//! weights, a search to its next candidate. The crate does no I/O, reads no clock, starts no thread, knows no
//! browser and holds no global state; it compiles natively and to WebAssembly from the same source. Everything that
//! trains stands behind the feature `engine`; the page, which only reads, checks and draws, is built without it.
//!
//! | module | what it holds |
//! | --- | --- |
//! | [`rng`] | named random streams |
//! | [`routing`] | the routing record and everything measured on it |
//! | [`supernet`] | search spaces, architectures, weight providers, training, export |
//! | [`nn`] | layers whose weights are provided from outside, and fused operations |
//! | [`statistics`] | gap, rank correlation, bootstrap, verdicts |
//! | [`data`] | embedded, generated and loaded data sets |
//! | [`inspection`] | what a file of routes says: balance, specialisation, stability, drops, with intervals |
//! | [`interchange`] | decision traces and logs of other models, to and from bytes |
//! | [`experiment`] | the run as a value: specification, link, session, events |
//! | [`labs`] | one file per paper: claim, presets, session, baseline, control, verdict |
//! | [`order`] | one sort for everything that the page carries |
//! | [`search`] | strategies that ask and are told, Pareto fronts, histories |
//! | [`quality`] | translations against references: BLEU and chrF |
//! | [`plate`] | pictures: data to a scene of marks, and the printed report |

pub mod data;
pub mod error;
pub mod experiment;
pub mod inspection;
pub mod interchange;
pub mod labs;
mod lean;
#[cfg(feature = "engine")]
// The older backend is there to compare with.
#[cfg_attr(feature = "ndarray", allow(deprecated))]
pub mod nn;
pub mod order;
pub mod plate;
pub mod quality;
pub mod rng;
pub mod routing;
pub mod search;
pub mod statistics;
pub mod supernet;

pub use error::{Error, Result};

/// Which build this is: a hash of the sources it was made from and of the kind of machine it is compiled for. Two
/// builds with equal names compute alike on processors with the same vector instructions.
pub const BUILD: &str = env!("SWITCHYARD_BUILD");
