//! A parallel corpus as one file, in the form of [`data::packed`](crate::data::packed).

use super::{Pair, ParallelCorpus};
use crate::Result;
use crate::data::packed::{self, Header, PAIRS, VERSION};

impl ParallelCorpus {
    /// The corpus as a file's bytes.
    pub fn to_bytes(&self) -> Vec<u8> {
        let parts = self.parts().map(|(_, pairs)| pairs);
        let header = Header {
            format: PAIRS.format.to_owned(),
            version: VERSION,
            name: self.name.clone(),
            joining: self.joining,
            pairs: parts.map(<[Pair]>::len),
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
        let (header, [train, validation, test]) = packed::read(bytes, PAIRS)?;
        let Header { name, joining, vocabulary, tokenizer, made_from, .. } = header;
        Self { name, vocabulary, joining, tokenizer, made_from, train, validation, test }.checked()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::translation::grammar_pairs;
    use crate::rng::Streams;

    #[test]
    fn a_corpus_reads_back_and_a_damaged_one_is_refused_by_its_line() {
        let corpus =
            grammar_pairs([30, 5, 5], &mut Streams::new(1).stream("data")).expect("enough sentences");
        let bytes = corpus.to_bytes();
        assert_eq!(ParallelCorpus::from_bytes(&bytes), Ok(corpus));
        let text = String::from_utf8(bytes).expect("written as text");
        let refuse =
            |text: &str| ParallelCorpus::from_bytes(text.as_bytes()).expect_err("refused").to_string();
        let cut: String = text.lines().take(20).map(|line| format!("{line}\n")).collect();
        for (damaged, expected) in [
            (String::new(), "it is empty"),
            (text.replace("\"version\":1", "\"version\":2"), "of version 2, but"),
            (cut, "line 20: it ends before the 40 pairs"),
            (text.replacen("{\"source\":[", "{\"source\":[99999,", 1), "pair 1 of `train`, source: 99999"),
            (text.clone() + "{\"source\":[5],\"target\":[5]}\n", "line 42: there are more pairs"),
            (text.replacen("\"target\"", "\"aim\"", 1), "line 2: this is no pair"),
            (
                text.replacen("[30,5,5]", "[18446744073709551615,1,1]", 1),
                "before the 18446744073709551615 pairs",
            ),
            ("a,b\n".to_owned(), "its first line is no header"),
        ] {
            let message = refuse(&damaged);
            assert!(message.contains(expected), "`{message}` should say `{expected}`");
        }
        assert!(
            ParallelCorpus::from_bytes(&[b'{', 0xff]).expect_err("no text").to_string().contains("not UTF-8")
        );
    }
}
