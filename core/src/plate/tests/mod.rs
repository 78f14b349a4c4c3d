//! Golden pictures, layout at every width, twins that lose nothing, and markup that any reader can parse.

#![allow(clippy::unwrap_used)]

mod golden;
mod layout;
mod markup;
mod samples;
mod samples_routing;
mod stress;
mod stress_routing;
mod tokens;
mod twins;
mod twins_routing;
