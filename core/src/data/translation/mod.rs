//! Pairs of sentences in two languages: an embedded grammar, a packed corpus of one's own, batches, and the simplest
//! translation that there is.
//!
//! | module | what it gives |
//! | --- | --- |
//! | [`corpus`] | pairs as numbers of words, in three parts, and back to text |
//! | [`grammar`] | a generated pair of languages with reordering and agreement |
//! | [`buckets`] | batches of pairs of like length |
//! | [`lexicon`] | word-by-word translation, the baseline |

pub mod buckets;
pub mod corpus;
pub mod grammar;
pub mod lexicon;
mod packed;

pub use corpus::{Joining, Pair, ParallelCorpus};
pub use grammar::{GrammarPair, grammar_pairs};
pub use lexicon::Lexicon;
