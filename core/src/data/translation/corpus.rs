//! Pairs of sentences as numbers of words, in three parts, and back to text.

use serde::{Deserialize, Serialize};

use crate::Result;
use crate::data::packed::{self, PAIRS};

/// The words that every vocabulary begins with: padding, begin, end, unknown, masked.
pub const SPECIAL: [&str; 5] = ["<pad>", "<s>", "</s>", "<unk>", "<mask>"];

/// A sentence and its translation, without special words.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Pair {
    /// In the first language.
    pub source: Vec<u32>,
    /// In the second.
    pub target: Vec<u32>,
}

/// How words become text again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Joining {
    /// With spaces between them.
    Spaces,
    /// One behind the other; each character of a word stands for a byte, as in GPT-2's byte-level pair encoding.
    ByteLevel,
}

/// A parallel corpus with one vocabulary for both languages.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ParallelCorpus {
    /// What it is called.
    pub name: String,
    /// Every word, the special ones first.
    pub vocabulary: Vec<String>,
    /// How words become text.
    pub joining: Joining,
    /// What cuts text into words, in the form of the program that packed the corpus; nothing where spaces do.
    pub tokenizer: Option<String>,
    /// What the corpus was made from: a checksum of its files and settings; empty for a generated one.
    pub made_from: String,
    /// Pairs to learn from.
    pub train: Vec<Pair>,
    /// Pairs to judge learning rates by.
    pub validation: Vec<Pair>,
    /// Pairs to measure with.
    pub test: Vec<Pair>,
}

impl ParallelCorpus {
    /// Checks that it is one.
    ///
    /// # Errors
    /// [`MalformedData`](crate::Error::MalformedData) naming the part and the pair when a part is empty, a sentence has no words, or a word is
    /// special or not in the vocabulary; or when the vocabulary does not begin with [`SPECIAL`].
    pub fn checked(self) -> Result<Self> {
        packed::check_vocabulary(&self.vocabulary, PAIRS)?;
        let words = self.vocabulary.len();
        for (part, pairs) in self.parts() {
            if pairs.is_empty() {
                return Err(packed::refused(PAIRS, format!("the part `{part}` has no pairs")));
            }
            for (index, pair) in pairs.iter().enumerate() {
                for (side, sentence) in [("source", &pair.source), ("target", &pair.target)] {
                    let place = || format!("pair {} of `{part}`, {side}", index + 1);
                    packed::check_sentence(sentence, words, PAIRS, place)?;
                }
            }
        }
        Ok(self)
    }

    /// The three parts with their names.
    pub fn parts(&self) -> [(&'static str, &[Pair]); 3] {
        [("train", &self.train), ("validation", &self.validation), ("test", &self.test)]
    }

    /// The text of a sentence; special words are left out. Bytes that are no UTF-8 become the replacement character.
    pub fn text(&self, sentence: &[u32]) -> String {
        self.joining.text(&self.vocabulary, sentence)
    }
}

impl Joining {
    /// The text of words of a vocabulary; special words are left out. Bytes that are no UTF-8 become the replacement character.
    pub fn text(self, vocabulary: &[String], sentence: &[u32]) -> String {
        let words = sentence.iter().filter(|word| **word as usize >= SPECIAL.len());
        let words = words.filter_map(|word| vocabulary.get(*word as usize)).map(String::as_str);
        match self {
            Joining::Spaces => words.collect::<Vec<_>>().join(" "),
            Joining::ByteLevel => {
                let bytes: Vec<u8> = words.flat_map(str::chars).filter_map(byte_of).collect();
                String::from_utf8_lossy(&bytes).trim().to_owned()
            }
        }
    }
}

/// The byte that a character stands for in GPT-2's byte-level alphabet: printable bytes for themselves, the others, in
/// order, as the characters from 256 on.
fn byte_of(character: char) -> Option<u8> {
    let is_printable = |byte: u32| matches!(byte, 33..=126 | 161..=172 | 174..=255);
    let code = u32::from(character);
    if code < 256 {
        return is_printable(code).then_some(code as u8);
    }
    (0..256u32).filter(|byte| !is_printable(*byte)).nth(code as usize - 256).map(|byte| byte as u8)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn corpus() -> ParallelCorpus {
        let vocabulary = SPECIAL.into_iter().chain(["a", "b"]).map(str::to_owned).collect();
        let pairs = vec![Pair { source: vec![5, 6], target: vec![6] }];
        ParallelCorpus {
            name: "test".to_owned(),
            vocabulary,
            joining: Joining::Spaces,
            tokenizer: None,
            made_from: String::new(),
            train: pairs.clone(),
            validation: pairs.clone(),
            test: pairs,
        }
    }

    #[test]
    fn words_become_text_again() {
        assert_eq!(corpus().text(&[5, 6, 2]), "a b");
        let byte_level = ParallelCorpus {
            vocabulary: SPECIAL.into_iter().chain(["ĠGr", "Ã¶ÃŁ", "e", "Ċ"]).map(str::to_owned).collect(),
            joining: Joining::ByteLevel,
            ..corpus()
        };
        assert_eq!(byte_level.text(&[5, 6, 7, 8, 2]), "Größe");
        let bytes: Vec<u8> = (0..=255u8).collect();
        let found: Vec<Option<u8>> = {
            let is_printable = |byte: &u8| matches!(byte, 33..=126 | 161..=172 | 174..=255);
            let mut next = 256u32;
            bytes
                .iter()
                .map(|byte| {
                    let code = if is_printable(byte) {
                        u32::from(*byte)
                    } else {
                        next += 1;
                        next - 1
                    };
                    char::from_u32(code).and_then(byte_of)
                })
                .collect()
        };
        assert_eq!(found, bytes.into_iter().map(Some).collect::<Vec<_>>());
    }

    #[test]
    fn what_is_no_corpus_is_refused_by_its_place() {
        assert!(corpus().checked().is_ok());
        let refuse = |change: &dyn Fn(&mut ParallelCorpus)| {
            let mut corpus = corpus();
            change(&mut corpus);
            corpus.checked().map(|_| ()).expect_err("refused").to_string()
        };
        let cases: [(String, &str); 5] = [
            (refuse(&|c| c.test.clear()), "the part `test` has no pairs"),
            (refuse(&|c| c.train[0].target.clear()), "pair 1 of `train`, target: it has no words"),
            (refuse(&|c| c.validation[0].source[1] = 7), "source: 7 is no word of the vocabulary's 7"),
            (refuse(&|c| c.train[0].source[0] = 2), "source: 2 is no word"),
            (refuse(&|c| c.vocabulary.swap(0, 1)), "the vocabulary must begin with <pad>, <s>"),
        ];
        for (message, expected) in cases {
            assert!(message.contains(expected), "`{message}` should say `{expected}`");
        }
    }
}
