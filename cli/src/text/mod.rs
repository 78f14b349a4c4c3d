//! Texts of the user's own for translation and masked language modelling: from files to numbers of tokens.
//!
//! Nothing here trains a network, draws a random number or opens a connection. What goes wrong is a [`TextError`].
//!
//! | module | what it holds |
//! | --- | --- |
//! | [`parallel`] | a pair of files, or one file, read line by line with checks |
//! | [`lines`] | lines of text in one piece of memory |
//! | [`bpe`] | a joint vocabulary of byte pairs: trained, saved, loaded, used |
//! | [`sources`] | public data sets: where they are, and whether a copy is the right one |

pub mod bpe;
pub mod digest;
pub mod error;
pub mod lines;
pub mod parallel;
mod reader;
pub mod sources;

pub use error::TextError;
