//! A packed corpus as one file: JSON Lines, the header first, then a pair or a sentence in every line.
//!
//! ```text
//! {"format":"switchyard-pairs","version":1,"name":"…","joining":"byte-level","pairs":[29000,1014,1000],"made_from":"…","tokenizer":"…","vocabulary":["<pad>",…]}
//! {"source":[17,4],"target":[9,21,5]}
//! ```
//!
//! A corpus of one language has the format `switchyard-sentences` and lines like `[17,4]`. What is read is as large as its
//! file at most: no number in it says how much memory is asked for.

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::translation::Joining;
use super::translation::corpus::SPECIAL;
use crate::{Error, Result};

/// The version that is written, and the only one that is read.
pub const VERSION: u32 = 1;
/// The most bytes of a file.
pub const MAXIMUM_BYTES: usize = 1 << 30;

/// What is packed, in the words of errors.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Kind {
    /// The format's name in the header.
    pub format: &'static str,
    /// What the whole is.
    pub corpus: &'static str,
    /// What a line is.
    pub line: &'static str,
}

/// Pairs of two languages.
pub(super) const PAIRS: Kind = Kind { format: "switchyard-pairs", corpus: "parallel corpus", line: "pair" };
/// Sentences of one language.
pub(super) const SENTENCES: Kind =
    Kind { format: "switchyard-sentences", corpus: "corpus of sentences", line: "sentence" };

/// The first line of a file.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Header {
    pub format: String,
    pub version: u32,
    pub name: String,
    pub joining: Joining,
    /// Lines of the three parts, whatever a line is.
    pub pairs: [usize; 3],
    pub made_from: String,
    pub tokenizer: Option<String>,
    pub vocabulary: Vec<String>,
}

/// Only what says which kind of corpus a file holds.
#[derive(Deserialize)]
struct Format {
    format: String,
}

/// Whether these bytes say that they are sentences of one language.
pub(super) fn is_of_sentences(bytes: &[u8]) -> bool {
    let first = bytes.split(|byte| *byte == b'\n').next().unwrap_or_default();
    serde_json::from_slice(first).is_ok_and(|Format { format }| format == SENTENCES.format)
}

/// A file's bytes.
pub(super) fn write<T: Serialize>(header: &Header, parts: [&[T]; 3]) -> Vec<u8> {
    let mut text = serde_json::to_string(header).unwrap_or_default();
    for line in parts.into_iter().flatten() {
        text.push('\n');
        text.push_str(&serde_json::to_string(line).unwrap_or_default());
    }
    text.push('\n');
    text.into_bytes()
}

/// Reads a file's bytes; what lines hold is not checked.
///
/// # Errors
/// [`Error::MalformedData`] with the line when the file is no such corpus, of another version, or cut off.
pub(super) fn read<T: DeserializeOwned>(bytes: &[u8], kind: Kind) -> Result<(Header, [Vec<T>; 3])> {
    let Kind { format, corpus, line: what } = kind;
    let refuse = |line: usize, problem: String| Error::MalformedData {
        what: corpus.into(),
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
        let problem = format!("its first line is no header ({error}); pack one with `switchyard data pack`");
        refuse(1, problem)
    })?;
    if header.format != format || header.version != VERSION {
        let found = format!("`{}` of version {}", header.format, header.version);
        return Err(refuse(1, format!("it is {found}, but `{format}` of version {VERSION} is read")));
    }
    let mut parts: [Vec<T>; 3] = Default::default();
    for (part, expected) in parts.iter_mut().zip(header.pairs) {
        for _ in 0..expected {
            let Some((number, line)) = lines.next() else {
                let all = header.pairs.iter().fold(0usize, |sum, count| sum.saturating_add(*count));
                let problem = format!("it ends before the {all} {what}s that its header promises");
                return Err(refuse(text.lines().count(), problem));
            };
            let read = serde_json::from_str(line);
            part.push(read.map_err(|error| refuse(number, format!("this is no {what}: {error}")))?);
        }
    }
    if let Some((number, _)) = lines.next() {
        return Err(refuse(number, format!("there are more {what}s than its header promises")));
    }
    Ok((header, parts))
}

/// Refuses a corpus whose vocabulary does not begin as every one does.
///
/// # Errors
/// [`Error::MalformedData`].
pub(super) fn check_vocabulary(vocabulary: &[String], kind: Kind) -> Result<()> {
    if vocabulary.iter().map(String::as_str).take(SPECIAL.len()).eq(SPECIAL) {
        return Ok(());
    }
    Err(refused(kind, format!("the vocabulary must begin with {}", SPECIAL.join(", "))))
}

/// Refuses a sentence without words, or with words that are special or not in a vocabulary of so many; `place` names it.
///
/// # Errors
/// [`Error::MalformedData`].
pub(super) fn check_sentence(
    sentence: &[u32],
    words: usize,
    kind: Kind,
    place: impl Fn() -> String,
) -> Result<()> {
    if sentence.is_empty() {
        return Err(refused(kind, format!("{}: it has no words", place())));
    }
    let unusable = |word: &&u32| **word as usize >= words || SPECIAL[..3].len() as u32 > **word;
    match sentence.iter().find(unusable) {
        None => Ok(()),
        Some(word) => {
            Err(refused(kind, format!("{}: {word} is no word of the vocabulary's {words}", place())))
        }
    }
}

/// The error for a corpus that can be read, but is none.
pub(super) fn refused(kind: Kind, problem: String) -> Error {
    Error::MalformedData { what: kind.corpus.into(), line: None, column: None, problem }
}
