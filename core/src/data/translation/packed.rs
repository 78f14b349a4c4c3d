//! A parallel corpus as one file: JSON Lines, the header first, then a pair in every line.
//!
//! ```text
//! {"format":"switchyard-pairs","version":1,"name":"…","joining":"byte-level","pairs":[29000,1014,1000],"made_from":"…","tokenizer":"…","vocabulary":["<pad>",…]}
//! {"source":[17,4],"target":[9,21,5]}
//! ```

use serde::{Deserialize, Serialize};

use super::{Joining, Pair, ParallelCorpus};
use crate::{Error, Result};

/// The version that is written, and the only one that is read.
pub const VERSION: u32 = 1;
/// The most bytes of a file.
pub const MAXIMUM_BYTES: usize = 1 << 30;
const FORMAT: &str = "switchyard-pairs";

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Header {
    format: String,
    version: u32,
    name: String,
    joining: Joining,
    /// Pairs of the three parts.
    pairs: [usize; 3],
    made_from: String,
    tokenizer: Option<String>,
    vocabulary: Vec<String>,
}

impl ParallelCorpus {
    /// The corpus as a file's bytes.
    pub fn to_bytes(&self) -> Vec<u8> {
        let header = Header {
            format: FORMAT.to_owned(),
            version: VERSION,
            name: self.name.clone(),
            joining: self.joining,
            pairs: self.parts().map(|(_, pairs)| pairs.len()),
            made_from: self.made_from.clone(),
            tokenizer: self.tokenizer.clone(),
            vocabulary: self.vocabulary.clone(),
        };
        let mut text = serde_json::to_string(&header).unwrap_or_default();
        for (_, pairs) in self.parts() {
            for pair in pairs {
                text.push('\n');
                text.push_str(&serde_json::to_string(pair).unwrap_or_default());
            }
        }
        text.push('\n');
        text.into_bytes()
    }

    /// Reads a file's bytes.
    ///
    /// # Errors
    /// [`Error::MalformedData`] with the line when the file is no such corpus, of another version, cut off, or holds words
    /// that are not in its vocabulary.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self> {
        let refuse = |line: usize, problem: String| Error::MalformedData {
            what: "parallel corpus".into(),
            line: Some(line as u64),
            column: None,
            problem,
        };
        if bytes.len() > MAXIMUM_BYTES {
            let problem = format!("it has {} bytes, but at most {MAXIMUM_BYTES} are read", bytes.len());
            return Err(refuse(1, problem));
        }
        let text = std::str::from_utf8(bytes).map_err(|error| {
            let line = 1 + bytes[..error.valid_up_to()].iter().filter(|byte| **byte == b'\n').count();
            refuse(line, "it is not UTF-8; pack it again with `switchyard data pack`".to_owned())
        })?;
        let mut lines = text.lines().enumerate().map(|(index, line)| (index + 1, line));
        let (_, first) = lines.next().ok_or_else(|| refuse(1, "it is empty".to_owned()))?;
        let header: Header = serde_json::from_str(first).map_err(|error| {
            let problem =
                format!("its first line is no header ({error}); pack one with `switchyard data pack`");
            refuse(1, problem)
        })?;
        if header.format != FORMAT || header.version != VERSION {
            let found = format!("`{}` of version {}", header.format, header.version);
            return Err(refuse(1, format!("it is {found}, but `{FORMAT}` of version {VERSION} is read")));
        }
        let mut parts: [Vec<Pair>; 3] = Default::default();
        for (part, expected) in parts.iter_mut().zip(header.pairs) {
            for _ in 0..expected {
                let Some((number, line)) = lines.next() else {
                    let all: usize = header.pairs.iter().sum();
                    let problem = format!("it ends before the {all} pairs that its header promises");
                    return Err(refuse(text.lines().count(), problem));
                };
                part.push(
                    serde_json::from_str(line)
                        .map_err(|error| refuse(number, format!("this is no pair: {error}")))?,
                );
            }
        }
        if let Some((number, _)) = lines.next() {
            return Err(refuse(number, "there are more pairs than its header promises".to_owned()));
        }
        let [train, validation, test] = parts;
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
