//! What the page and its worker have in common: the messages they exchange. The page draws and never trains; the
//! worker trains and knows no page; both are programs of this crate that use this library.

pub mod lesson;
pub mod protocol;
