//! A run as a value: its specification, its link, the session that carries it out, and the events it reports.

#[cfg(all(feature = "translation", feature = "engine"))]
pub mod crew;
#[cfg(feature = "engine")]
pub mod demand;
mod document;
pub mod event;
pub mod lab;
pub mod link;
pub mod live;
pub mod message;
pub mod presentation;
pub mod registry;
#[cfg(feature = "engine")]
pub mod relay;
pub mod replay;
#[cfg(feature = "engine")]
pub mod saved;
pub mod schema;
#[cfg(feature = "engine")]
pub mod session;
pub mod specification;
pub mod value;
#[cfg(feature = "engine")]
pub mod work;

#[cfg(all(test, feature = "engine"))]
mod tests;

#[cfg(all(feature = "translation", feature = "engine"))]
pub use crew::Crew;
#[cfg(feature = "engine")]
pub use demand::Demand;
pub use event::{Event, Verdict, VerdictWord};
pub use lab::{Lab, Paper, Preset};
pub use link::{Link, Showing};
pub use live::{Answer, Choice, Place, Probe, ProbeKind, UnitMarks, View};
pub use presentation::Presentation;
pub use registry::Registry;
pub use replay::{Promise, Replay};
#[cfg(feature = "engine")]
pub use saved::Saved;
pub use schema::{Field, Kind, Value};
#[cfg(feature = "engine")]
pub use session::Session;
pub use specification::{Checked, Experiment};
#[cfg(feature = "engine")]
pub use work::{Conclusion, Outcome, Plan, Progress, Task, Work};
