//! Text for small language models: a generated language whose structure is known, and any text the caller loaded.
//!
//! Nothing here trains or opens a file. A [`Corpus`] is a row of token numbers with its vocabulary and, where the text
//! was generated, with what is known about every character: so that what an expert specialises in can be compared with
//! what is there.
//!
//! | module | what it holds |
//! | --- | --- |
//! | [`vocabulary`] | bytes or characters as token numbers, and back |
//! | [`words`] | the words of the generated language |
//! | [`language`] | the generated language: its grammar, and the truth about every character |
//! | [`corpus`] | tokens cut into training, validation and test parts; windows, batches and keys |

pub mod corpus;
pub mod language;
pub mod vocabulary;
pub mod words;

pub use corpus::{Corpus, Cut, Part};
pub use language::{Annotation, Determined, Generated, Language, WordClass};
pub use vocabulary::{Level, Vocabulary};
