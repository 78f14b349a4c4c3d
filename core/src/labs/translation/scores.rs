//! What translations are worth beside their loss: BLEU, and chrF, which counts characters and so sees a word that is almost
//! right.

use crate::Result;
use crate::data::translation::Joining;
use crate::labs::supernet_audit::Measure;
use crate::quality::{BleuOptions, ChrfOptions, Tokeniser, corpus_bleu, corpus_chrf};

/// What the audit's tables show, in their order.
pub(super) const MEASURES: &[Measure] = &[
    Measure { key: "bleu", name: "BLEU", unit: "", factor: 1.0 },
    Measure { key: "chrf", name: "chrF", unit: "", factor: 1.0 },
];

/// BLEU and chrF of one translation of a corpus, each from 0 to 100.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Scores {
    pub bleu: f64,
    pub chrf: f64,
}

impl Scores {
    /// Of a corpus, sentence by sentence. BLEU's words are those of a generated language as they are, or of text as
    /// sacreBLEU cuts it; chrF is sacreBLEU's default.
    ///
    /// # Errors
    /// For no sentence, or unequal numbers of sentences.
    pub fn of(hypotheses: &[String], references: &[[String; 1]], joining: Joining) -> Result<Self> {
        let tokeniser = match joining {
            Joining::Spaces => Tokeniser::None,
            Joining::ByteLevel => Tokeniser::Mteval13a,
        };
        let options = BleuOptions { tokeniser, ..BleuOptions::default() };
        Ok(Self {
            bleu: corpus_bleu(hypotheses, references, &options)?.score,
            chrf: corpus_chrf(hypotheses, references, &ChrfOptions::CHRF)?,
        })
    }
}
