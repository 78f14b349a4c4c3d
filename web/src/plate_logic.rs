//! What the page works out about plates without a browser: where a mark lies, which one is next for the keyboard,
//! what a click asks, what a cell's colour is, how a drawing and a set of points change. Nothing here draws.

pub mod asking;
pub mod bounds;
pub mod difference;
pub mod drawing;
pub mod file_name;
pub mod focus;
pub mod heading;
pub mod number_entry;
pub mod own_points;
pub mod parts;
pub mod pixels;
