//! Watching a long run: what is known of it so far, and how another process learns it.
//!
//! [`Board`] is fed with events and draws nothing; the dashboard in the terminal and the page that follows a run
//! both show it. While a run goes on, [`Live`] writes what it hears into a file of the run directory, and
//! [`Followed`] reads that file, and the run's record once it is complete, without changing anything.

mod board;
mod content;
mod followed;
mod line;
mod live;
mod stage;
mod tail;

#[cfg(test)]
pub use board::tests::midway;
pub use board::{Board, Row};
pub use followed::Followed;
pub use line::{Aside, Moment};
pub use live::Live;
pub use stage::Stage;
