//! What the page and its worker have in common: the messages they exchange. The page draws and never trains; the
//! worker trains and knows no page; both are programs of this crate that use this library. What the worker does with
//! a message is here too, so that it can be tested without a browser.

#[cfg(all(feature = "engine", target_arch = "wasm32"))]
pub mod bridge;
#[cfg(feature = "engine")]
pub mod host;
pub mod lesson;
pub mod model;
pub mod plate_logic;
pub mod protocol;
pub mod reading;
pub mod trace_file;
