//! Sentences of one language as numbers of words, in three parts, and as one file.

use super::packed::{self, Header, SENTENCES, VERSION};
use super::translation::{Joining, Pair, ParallelCorpus};
use crate::Result;

/// Which sentences of a parallel corpus.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    /// Those in the first language.
    Source,
    /// Those in the second.
    Target,
    /// All of them; both languages have one vocabulary.
    Both,
}

/// A corpus of sentences. No sentence is empty or has special words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SentenceCorpus {
    /// What it is called.
    pub name: String,
    /// Every word, the special ones first.
    pub vocabulary: Vec<String>,
    /// How words become text.
    pub joining: Joining,
    /// What cuts text into words; nothing where spaces do.
    pub tokenizer: Option<String>,
    /// What the corpus was made from: a checksum of its files and settings; empty for a generated one.
    pub made_from: String,
    /// Sentences to learn from.
    pub train: Vec<Vec<u32>>,
    /// Sentences to judge learning rates by.
    pub validation: Vec<Vec<u32>>,
    /// Sentences to measure with.
    pub test: Vec<Vec<u32>>,
}

impl SentenceCorpus {
    /// The sentences of one side of a parallel corpus, or of both, in its order.
    pub fn of(corpus: &ParallelCorpus, side: Side) -> Self {
        let sentences = |pairs: &[Pair]| -> Vec<Vec<u32>> {
            let sides = |pair: &Pair| match side {
                Side::Source => vec![pair.source.clone()],
                Side::Target => vec![pair.target.clone()],
                Side::Both => vec![pair.source.clone(), pair.target.clone()],
            };
            pairs.iter().flat_map(sides).collect()
        };
        Self {
            name: corpus.name.clone(),
            vocabulary: corpus.vocabulary.clone(),
            joining: corpus.joining,
            tokenizer: corpus.tokenizer.clone(),
            made_from: corpus.made_from.clone(),
            train: sentences(&corpus.train),
            validation: sentences(&corpus.validation),
            test: sentences(&corpus.test),
        }
    }

    /// Checks that it is one.
    ///
    /// # Errors
    /// [`MalformedData`](crate::Error::MalformedData) naming the part and the sentence when a part is empty, a sentence has no
    /// words, or a word is special or not in the vocabulary; or when the vocabulary does not begin with the special words.
    pub fn checked(self) -> Result<Self> {
        packed::check_vocabulary(&self.vocabulary, SENTENCES)?;
        let words = self.vocabulary.len();
        for (part, sentences) in self.parts() {
            if sentences.is_empty() {
                return Err(packed::refused(SENTENCES, format!("the part `{part}` has no sentences")));
            }
            for (index, sentence) in sentences.iter().enumerate() {
                let place = || format!("sentence {} of `{part}`", index + 1);
                packed::check_sentence(sentence, words, SENTENCES, place)?;
            }
        }
        Ok(self)
    }

    /// The three parts with their names.
    pub fn parts(&self) -> [(&'static str, &[Vec<u32>]); 3] {
        [("train", &self.train), ("validation", &self.validation), ("test", &self.test)]
    }

    /// The corpus as a file's bytes.
    pub fn to_bytes(&self) -> Vec<u8> {
        let parts = self.parts().map(|(_, sentences)| sentences);
        let header = Header {
            format: SENTENCES.format.to_owned(),
            version: VERSION,
            name: self.name.clone(),
            joining: self.joining,
            pairs: parts.map(<[Vec<u32>]>::len),
            made_from: self.made_from.clone(),
            tokenizer: self.tokenizer.clone(),
            vocabulary: self.vocabulary.clone(),
        };
        packed::write(&header, parts)
    }

    /// Reads a file's bytes.
    ///
    /// # Errors
    /// [`MalformedData`](crate::Error::MalformedData) with the line when the file is no such corpus, of another version, cut
    /// off, or holds words that are not in its vocabulary.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self> {
        let (header, [train, validation, test]) = packed::read(bytes, SENTENCES)?;
        let Header { name, joining, vocabulary, tokenizer, made_from, .. } = header;
        Self { name, vocabulary, joining, tokenizer, made_from, train, validation, test }.checked()
    }

    /// Cuts every sentence to its first `longest` words; how many were longer.
    pub fn cut(&mut self, longest: usize) -> usize {
        let mut longer = 0;
        for sentence in self.train.iter_mut().chain(&mut self.validation).chain(&mut self.test) {
            longer += usize::from(sentence.len() > longest);
            sentence.truncate(longest);
        }
        longer
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::OwnData;
    use crate::data::translation::grammar_pairs;
    use crate::rng::Streams;

    #[test]
    fn sides_are_taken_in_order_and_long_sentences_are_cut_and_counted() {
        let pairs = grammar_pairs([30, 5, 5], &mut Streams::new(1).stream("data")).expect("enough sentences");
        let source = SentenceCorpus::of(&pairs, Side::Source);
        let target = SentenceCorpus::of(&pairs, Side::Target);
        let mut both = SentenceCorpus::of(&pairs, Side::Both);
        assert_eq!((source.train.len(), target.test.len(), both.validation.len()), (30, 5, 10));
        assert_eq!([&source.test[1], &target.test[1]], [&both.test[2], &both.test[3]]);
        let all =
            |corpus: &SentenceCorpus| [&corpus.train[..], &corpus.validation[..], &corpus.test[..]].concat();
        let longer = all(&both).iter().filter(|sentence| sentence.len() > 6).count();
        assert!(longer > 10);
        assert_eq!(both.cut(6), longer);
        assert!(all(&both).iter().all(|sentence| (1..=6).contains(&sentence.len())));
        assert_eq!(both.cut(6), 0);
    }

    #[test]
    fn sentences_read_back_and_damaged_ones_are_refused_by_their_line() {
        let pairs = grammar_pairs([30, 5, 5], &mut Streams::new(1).stream("data")).expect("enough sentences");
        let corpus = SentenceCorpus::of(&pairs, Side::Both);
        let bytes = corpus.to_bytes();
        assert_eq!(SentenceCorpus::from_bytes(&bytes), Ok(corpus.clone()));
        assert_eq!(OwnData::packed(&bytes), Ok(OwnData::Sentences(corpus)));
        assert_eq!(OwnData::packed(&pairs.to_bytes()), Ok(OwnData::Pairs(pairs.clone())));
        let text = String::from_utf8(bytes).expect("written as text");
        let refuse = |text: &str| OwnData::packed(text.as_bytes()).expect_err("refused").to_string();
        let cut: String = text.lines().take(20).map(|line| format!("{line}\n")).collect();
        let empty = text.replacen("[60,10,10]", "[60,20,0]", 1);
        for (damaged, expected) in [
            (text.replace("\"version\":1", "\"version\":2"), "of version 2, but"),
            (cut, "line 20: it ends before the 80 sentences"),
            (text.replacen("\n[", "\n[99999,", 1), "sentence 1 of `train`: 99999 is no word"),
            (text.replacen("\n[", "\n[2,", 1), "sentence 1 of `train`: 2 is no word"),
            (text.clone() + "[5]\n", "line 82: there are more sentences"),
            (text.clone() + "\n", "line 82: there are more sentences"),
            (text.replacen("\n[", "\n{", 1), "line 2: this is no sentence"),
            (empty, "the part `test` has no sentences"),
            (text.replacen("<s>", "<begin>", 1), "must begin with <pad>, <s>"),
        ] {
            let message = refuse(&damaged);
            assert!(message.contains(expected), "`{message}` should say `{expected}`");
        }
        let other = SentenceCorpus::from_bytes(&pairs.to_bytes()).expect_err("two languages").to_string();
        assert!(
            other.contains("it is `switchyard-pairs` of version 1, but `switchyard-sentences`"),
            "{other}"
        );
    }
}
