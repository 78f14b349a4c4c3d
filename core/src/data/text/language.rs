//! A generated language with known structure, so that what a model learns and where it sends it has a ground truth.
//!
//! ```text
//! text      = block*
//! block     = paragraph | copy                              a copy with probability `copy_share`
//! paragraph = sentence (" " sentence)* "\n"                  `paragraph` sentences, all of one topic
//! sentence  = phrase [gap] " " verb " " phrase "."
//! phrase    = determiner " " noun                            the noun with `s` when there are many
//! gap       = ", " adjective (" and " adjective)* ","        0 to `gap` different adjectives
//! copy      = "copy: " letters " " letters ".\n"             1 to `copy_length` letters, twice the same
//! ```
//!
//! Every choice is uniform and independent. Three things depend on what stands further back: nouns and verbs come from
//! the paragraph's topic; the verb has an `s` when the *subject* is one and none when it is many, whatever stands in the
//! gap; the letters after the space are those before it. What a noun, a verb and a topic may be is in
//! [`words`](super::words). All of it is ASCII, so a character is a byte.
//!
//! `the boats, old and calm, steer my net. our sailor rows the boats.` and `copy: kqz kqz.`
//!
//! How often the two dependences occur decides whether a small model finds them. A dense decoder of two layers and width
//! 64 (batches of 32 times 64 characters, rate 5e-3) has a loss of 0.20 nats on agreement and 0.49 on copies after 1,200
//! steps of 4 topics, 4 words, `gap` 2, `paragraph` 2, `copy_share` 0.7, `copy_length` 6, where chance is 0.69 and 3.26.
//! With 6 topics, 8 words, `gap` 3, `paragraph` 3 and `copy_share` 0.2 it has found neither after 2,000.

use super::words::{
    ADJECTIVES, AND, CONJUNCTION, COPY, DETERMINERS, FIRST_ADJECTIVE, FIRST_DETERMINER, FIRST_NOUN, NO_WORD,
    TOPICS, WORDS,
};
use crate::error::{Error, Result};
use crate::rng::Stream;

mod writer;

/// The most characters a language writes.
pub const MAXIMUM_CHARACTERS: usize = 4_000_000;
/// The most adjectives in a gap.
pub const MAXIMUM_GAP: usize = 6;
/// The most sentences in a paragraph.
pub const MAXIMUM_PARAGRAPH: usize = 100;
/// The most letters to copy.
pub const MAXIMUM_COPY: usize = 32;

/// The settings of a language.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Language {
    /// How many topics there are, 1 to 8.
    pub topics: usize,
    /// How many nouns, and as many verbs, each topic has, 1 to 8.
    pub words: usize,
    /// The most adjectives between a subject and its verb, 0 to 6.
    pub gap: usize,
    /// How many sentences on one topic follow each other, 1 to 100.
    pub paragraph: usize,
    /// The share of blocks that are copy tasks, 0 to 1.
    pub copy_share: f64,
    /// The most letters of a copy task, 1 to 32.
    pub copy_length: usize,
    /// How many characters there are at least: the text ends with the block that reaches them.
    pub characters: usize,
}

/// What a character belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum WordClass {
    /// A space.
    Space,
    /// A comma, a colon, a full stop.
    Punctuation,
    /// The end of a block.
    LineEnd,
    /// `the`, `my`…
    Determiner,
    /// A noun with its ending.
    Noun,
    /// A verb with its ending.
    Verb,
    /// An adjective.
    Adjective,
    /// The `and` between adjectives.
    Conjunction,
    /// The word that begins a copy task.
    CopyMarker,
    /// The letters to be copied.
    CopySource,
    /// The letters again.
    CopyTarget,
}

impl WordClass {
    /// All classes, in the order of their numbers.
    pub const ALL: [WordClass; 11] = [
        WordClass::Space,
        WordClass::Punctuation,
        WordClass::LineEnd,
        WordClass::Determiner,
        WordClass::Noun,
        WordClass::Verb,
        WordClass::Adjective,
        WordClass::Conjunction,
        WordClass::CopyMarker,
        WordClass::CopySource,
        WordClass::CopyTarget,
    ];

    /// The class in words.
    pub fn name(self) -> &'static str {
        match self {
            WordClass::Space => "space",
            WordClass::Punctuation => "punctuation",
            WordClass::LineEnd => "line end",
            WordClass::Determiner => "determiner",
            WordClass::Noun => "noun",
            WordClass::Verb => "verb",
            WordClass::Adjective => "adjective",
            WordClass::Conjunction => "conjunction",
            WordClass::CopyMarker => "copy marker",
            WordClass::CopySource => "copy source",
            WordClass::CopyTarget => "copy target",
        }
    }
}

/// Whether a character follows from something further back than its own word. Characters that the grammar alone fixes
/// (the space after a comma, the rest of a word whose beginning is unique) are not marked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Determined {
    /// It does not.
    No,
    /// The character after a verb's stem, `s` or a space: the subject's number fixes it.
    Agreement,
    /// A letter of a copy target: the source fixes it.
    Copy,
}

/// What is known about one character.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Annotation {
    /// The topic, as an index; copy tasks have the number after the last topic.
    pub topic: u32,
    /// What the character belongs to.
    pub class: WordClass,
    /// The word's number in [`words::all`](super::words::all).
    pub word: u32,
    /// The place of the word in its sentence, counted from 0; what stands between words has the place of the one before.
    pub place: u32,
    /// Whether it follows from something further back.
    pub determined: Determined,
}

/// A text and what is known about each of its characters.
#[derive(Debug, Clone, PartialEq)]
pub struct Generated {
    /// The text, all ASCII.
    pub text: String,
    /// One row per character.
    pub annotations: Vec<Annotation>,
    /// The information of all choices in nats, `-ln p(text)`: divided by the characters it is the lowest mean loss that
    /// any model of this text can be expected to have.
    pub information: f64,
}

impl Language {
    /// The names of the topics in the order of their numbers, the copy tasks last.
    pub fn topic_names(&self) -> Vec<&'static str> {
        TOPICS.iter().take(self.topics).map(|topic| topic.name).chain(["copying"]).collect()
    }

    /// A text in this language.
    ///
    /// # Errors
    /// [`Error::OutOfRange`] that names the setting.
    pub fn generate(&self, stream: &mut Stream) -> Result<Generated> {
        self.check()?;
        let mut writer = writer::Writer::new(self, stream);
        while writer.length() < self.characters {
            writer.block();
        }
        Ok(writer.finish())
    }

    fn check(&self) -> Result<()> {
        for (key, value, low, high) in [
            ("topics", self.topics, 1, TOPICS.len()),
            ("words", self.words, 1, WORDS),
            ("gap", self.gap, 0, MAXIMUM_GAP),
            ("paragraph", self.paragraph, 1, MAXIMUM_PARAGRAPH),
            ("copy_length", self.copy_length, 1, MAXIMUM_COPY),
            ("characters", self.characters, 1, MAXIMUM_CHARACTERS),
        ] {
            if !(low..=high).contains(&value) {
                return Err(out_of_range(key, value.to_string(), format!("{low} to {high}")));
            }
        }
        if !(0.0..=1.0).contains(&self.copy_share) {
            return Err(out_of_range("copy_share", self.copy_share.to_string(), "0 to 1".to_owned()));
        }
        Ok(())
    }
}

fn out_of_range(key: &str, value: String, range: String) -> Error {
    Error::OutOfRange { key: key.to_owned(), value, range }
}

#[cfg(test)]
mod tests;
