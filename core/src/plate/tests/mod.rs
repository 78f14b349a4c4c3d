//! Golden pictures, layout at every width, twins that lose nothing, and markup that any reader can parse.

#![allow(clippy::unwrap_used)]

mod golden;
mod layout;
mod markup;
mod samples;
mod stress;
mod tokens;
mod twins;
