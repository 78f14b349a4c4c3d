//! Labs: one paper each, with its claim, its presets, its plan, its baselines, its control and its verdict.

pub mod adamoe;
pub mod collapse;
#[cfg(feature = "engine")]
mod layer_answers;
#[cfg(feature = "translation")]
pub mod masked_language;
#[cfg(feature = "engine")]
mod memory;
pub mod mixture_of_experts;
pub mod mixture_of_supernets;
pub mod mos_table;
#[cfg(feature = "engine")]
mod numbers;
pub mod openmoe;
pub mod registry;
pub mod rmoe;
pub mod router_race;
mod supernet_audit;
#[cfg(all(feature = "translation", feature = "engine"))]
pub mod supernet_search;
#[cfg(all(test, feature = "translation", feature = "engine"))]
mod tests;
mod token_routing;
#[cfg(feature = "translation")]
pub mod translation;
pub mod union_of_experts;
#[cfg(feature = "engine")]
mod words;
