//! Vocabularies: text as token numbers and back. A token is a byte, or a character of the text that a vocabulary was
//! made from; there are no longer tokens, so what a token is can be seen in a picture.

use crate::error::{Error, Result};

/// What a token is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Level {
    /// One byte: 256 tokens, whatever the text.
    Bytes,
    /// One character: as many tokens as the training text has different ones, and one for all others.
    Characters,
}

/// The tokens there are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Vocabulary {
    /// The 256 bytes, each its own number.
    Bytes,
    /// These characters, in ascending order and each once; the number after the last stands for every other character.
    Characters(Vec<char>),
}

impl Vocabulary {
    /// The vocabulary of a level, from the text that a model will be trained on.
    pub fn new(level: Level, text: &str) -> Self {
        match level {
            Level::Bytes => Vocabulary::Bytes,
            Level::Characters => {
                let distinct: std::collections::BTreeSet<char> = text.chars().collect();
                Vocabulary::Characters(distinct.into_iter().collect())
            }
        }
    }

    /// How many tokens there are.
    pub fn size(&self) -> usize {
        match self {
            Vocabulary::Bytes => 256,
            Vocabulary::Characters(known) => known.len() + 1,
        }
    }

    /// The token that stands for every character that is not in the vocabulary; bytes need none.
    pub fn unknown(&self) -> Option<u32> {
        match self {
            Vocabulary::Bytes => None,
            Vocabulary::Characters(known) => Some(known.len() as u32),
        }
    }

    /// The tokens of a text.
    pub fn encode(&self, text: &str) -> Vec<u32> {
        match self {
            Vocabulary::Bytes => text.bytes().map(u32::from).collect(),
            Vocabulary::Characters(known) => {
                let number = |letter| known.binary_search(&letter).unwrap_or(known.len()) as u32;
                text.chars().map(number).collect()
            }
        }
    }

    /// The text of tokens. A character that is unknown, or bytes that are no character, are shown as U+FFFD.
    ///
    /// # Errors
    /// [`Error::MalformedData`] that names the first number that is no token.
    pub fn decode(&self, tokens: &[u32]) -> Result<String> {
        let size = self.size();
        if let Some(place) = tokens.iter().position(|&token| token as usize >= size) {
            let problem = format!("token {place} is {}, but tokens must be below {size}", tokens[place]);
            return Err(malformed(problem, None));
        }
        Ok(match self {
            Vocabulary::Bytes => {
                let bytes: Vec<u8> = tokens.iter().map(|&token| token as u8).collect();
                String::from_utf8_lossy(&bytes).into_owned()
            }
            Vocabulary::Characters(known) => {
                let letter = |&token: &u32| known.get(token as usize).copied();
                tokens.iter().map(|token| letter(token).unwrap_or(char::REPLACEMENT_CHARACTER)).collect()
            }
        })
    }

    /// How a token is written in a picture: spaces and line ends as signs, other control characters and lone bytes by
    /// their number, the unknown character as U+FFFD. Nothing for a number that is no token.
    pub fn label(&self, token: u32) -> Option<String> {
        let letter = match self {
            Vocabulary::Bytes if token >= 256 => return None,
            Vocabulary::Bytes if token >= 128 => return Some(format!("x{token:02X}")),
            Vocabulary::Bytes => char::from(token as u8),
            Vocabulary::Characters(known) if token as usize == known.len() => char::REPLACEMENT_CHARACTER,
            Vocabulary::Characters(known) => *known.get(token as usize)?,
        };
        Some(match letter {
            ' ' => "\u{2423}".to_owned(),
            '\n' => "\u{21b5}".to_owned(),
            '\t' => "\u{21e5}".to_owned(),
            control if control.is_control() => format!("x{:02X}", u32::from(control)),
            letter => letter.to_string(),
        })
    }
}

/// Bytes as text.
///
/// # Errors
/// [`Error::MalformedData`] that names the first byte, counted from 1, that is not UTF-8.
pub fn text_of(bytes: &[u8]) -> Result<&str> {
    std::str::from_utf8(bytes).map_err(|error| {
        let place = error.valid_up_to();
        let problem = format!(
            "0x{:02X} does not belong to any character of UTF-8; save the text as UTF-8, or read it byte by byte",
            bytes[place]
        );
        malformed(problem, Some(place as u64 + 1))
    })
}

pub(super) fn malformed(problem: String, byte: Option<u64>) -> Error {
    Error::MalformedData { what: "text".to_owned(), line: None, column: byte, problem }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn characters_are_sorted_and_those_not_seen_are_unknown() {
        let vocabulary = Vocabulary::new(Level::Characters, "banana\n");
        assert_eq!(vocabulary, Vocabulary::Characters(vec!['\n', 'a', 'b', 'n']));
        assert_eq!((vocabulary.size(), vocabulary.unknown()), (5, Some(4)));
        assert_eq!(vocabulary.encode("nabz"), [3, 1, 2, 4]);
        assert_eq!(vocabulary.decode(&[3, 1, 2, 4]).expect("tokens"), "nab\u{fffd}");
        let message = vocabulary.decode(&[0, 5]).expect_err("there are 5 tokens").to_string();
        assert_eq!(message, "text: token 1 is 5, but tokens must be below 5");
    }

    #[test]
    fn what_cannot_be_seen_has_a_label() {
        let vocabulary = Vocabulary::new(Level::Characters, " \n\tx\u{1}");
        let labels: Vec<Option<String>> = (0..7).map(|token| vocabulary.label(token)).collect();
        let expected = ["x01", "\u{21e5}", "\u{21b5}", "\u{2423}", "x", "\u{fffd}"];
        assert_eq!(labels[..6], expected.map(|label| Some(label.to_owned())));
        assert_eq!(labels[6], None);
        let labels = [32, 65, 127, 233, 256].map(|token| Vocabulary::Bytes.label(token));
        let expected = [Some("\u{2423}"), Some("A"), Some("x7F"), Some("xE9"), None];
        assert_eq!(labels, expected.map(|label| label.map(str::to_owned)));
    }

    #[test]
    fn a_byte_that_is_no_text_is_named() {
        let message = text_of(b"ab\xFFc").expect_err("not UTF-8").to_string();
        assert!(message.starts_with("text, byte 3: 0xFF does not belong to any character"), "{message}");
        let message = text_of(b"ab\xC3").expect_err("cut off").to_string();
        assert!(message.starts_with("text, byte 3: 0xC3"), "{message}");
        assert_eq!(text_of("ab\u{e9}".as_bytes()), Ok("ab\u{e9}"));
    }

    proptest! {
        #[test]
        fn what_is_encoded_is_decoded_again(text in "\\PC{0,40}") {
            for level in [Level::Bytes, Level::Characters] {
                let vocabulary = Vocabulary::new(level, &text);
                let tokens = vocabulary.encode(&text);
                prop_assert!(tokens.iter().all(|&token| (token as usize) < vocabulary.size()));
                prop_assert_eq!(vocabulary.decode(&tokens).expect("tokens"), text.clone());
                prop_assert!(tokens.iter().all(|&token| vocabulary.label(token).is_some()));
            }
        }
    }
}
