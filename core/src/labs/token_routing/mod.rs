//! What labs about token routers share: patches of digits or characters of a text pass through layers of experts, every
//! method with the same data, the same model around its experts and as many active parameters, side by side.
//!
//! A lab of this kind is a [`RoutingLab`]: a list of [`Method`]s, a few presets and a [`Story`]; fields, training, measures, pictures, comparisons and
//! probes are here.

#[cfg(feature = "engine")]
mod context;
mod fields;
mod lab;
#[cfg(all(test, feature = "engine"))]
mod lab_tests;
#[cfg(feature = "engine")]
mod measure;
#[cfg(feature = "engine")]
mod memory;
#[cfg(feature = "engine")]
mod method;
#[cfg(feature = "engine")]
mod network;
#[cfg(feature = "engine")]
mod oracle;
#[cfg(feature = "engine")]
mod plan;
#[cfg(feature = "engine")]
mod probe;
#[cfg(feature = "engine")]
mod results;
#[cfg(feature = "engine")]
mod sizes;
#[cfg(feature = "engine")]
mod specification;
#[cfg(feature = "engine")]
mod story;
#[cfg(feature = "engine")]
mod study;
#[cfg(feature = "engine")]
mod tables;
#[cfg(feature = "engine")]
mod task;
#[cfg(all(test, feature = "engine"))]
mod tests;
#[cfg(feature = "engine")]
mod trainer;
#[cfg(feature = "engine")]
mod verdicts;
#[cfg(feature = "engine")]
mod views;
#[cfg(feature = "engine")]
mod work;

pub(super) use fields::{FIELD_COUNT, Offer, fields};
pub(super) use lab::RoutingLab;
#[cfg(feature = "engine")]
pub(super) use method::{Build, Method};
#[cfg(feature = "engine")]
pub(super) use results::Results;
#[cfg(feature = "engine")]
pub(super) use story::{Against, Question, Story};
#[cfg(feature = "engine")]
pub(super) use study::{Ended, NoStudy, Numbers, Study, study_table};
#[cfg(feature = "engine")]
pub(super) use task::{Batch, Inputs, Task};
