//! Sentences of one language as numbers of words, in three parts, and back to text.

use super::translation::{Joining, Pair, ParallelCorpus};

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
            train: sentences(&corpus.train),
            validation: sentences(&corpus.validation),
            test: sentences(&corpus.test),
        }
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
}
