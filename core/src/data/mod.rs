//! Data sets: one embedded, some generated, and some read from bytes the caller loaded.
//!
//! Tables end in a [`Dataset`] and texts in a [`text::Corpus`], plain values that a model, a plate and a test can read
//! alike. This module opens no file and downloads nothing: [`idx`] and [`csv`] take bytes, never paths.
//!
//! | module | what it gives |
//! | --- | --- |
//! | [`mod@digits`] | 1,797 handwritten digits of 8 by 8 pixels, embedded |
//! | [`toys`] | rings, spirals and Gaussian mixtures with known geometry |
//! | [`teacher`] | a next-token task whose every context is listed, hence evaluated exactly |
//! | [`idx`] | the IDX format, in which MNIST is distributed |
//! | [`csv`] | comma-separated tables with a class in one column |
//! | [`scaling`] | standardisation, only for those who ask for it |
//! | [`text`] | a generated language with known structure, and any text, as tokens for language models |
//! | [`sentences`] | sentences of one language, in three parts |
//! | [`packed`] | a corpus of either kind as one file, checked when it is read |
//! | [`masking`] | words that are hidden and to be guessed |
//! | [`translation`] | pairs of sentences: an embedded grammar, a corpus of one's own, batches |

pub mod csv;
mod dataset;
pub mod digits;
pub mod idx;
pub mod masking;
mod own;
pub mod packed;
pub mod scaling;
pub mod sentences;
mod split;
pub mod teacher;
pub mod text;
pub mod toys;
pub mod translation;

pub use dataset::{Dataset, Targets};
pub use digits::digits;
pub use own::{OwnData, OwnKind};
pub use scaling::Scaling;
pub use split::Share;
pub use teacher::Teacher;
pub use toys::{GaussianMixture, Rings, Spirals, gaussian_mixture, rings, spirals};
