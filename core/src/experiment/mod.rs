//! A run as a value: its specification, its link, the session that carries it out, and the events it reports.

mod document;
pub mod event;
pub mod lab;
pub mod link;
pub mod registry;
pub mod schema;
pub mod session;
pub mod specification;
pub mod value;
pub mod work;

#[cfg(test)]
mod tests;

pub use event::{Event, Verdict, VerdictWord};
pub use lab::{Lab, Paper, Preset};
pub use link::Link;
pub use registry::Registry;
pub use schema::{Field, Kind, Value};
pub use session::Session;
pub use specification::{Checked, Experiment};
pub use work::{Conclusion, Outcome, Plan, Progress, Task, Work};
