//! A generated language, character by character: each says which comes next.

use super::{Batch, Inputs, Key};
use crate::data::text::corpus::{Corpus, Cut, Part};
use crate::data::text::language::{Language, WordClass};
use crate::data::text::vocabulary::{Level, Vocabulary};
use crate::labs::token_routing::specification::{Data, Specification};
use crate::rng::{Stream, Streams};
use crate::{Error, Result};

/// Held-out windows that are measured: more make every look slow.
const WINDOWS: usize = 64;

/// The most different characters of a text: more make a table that learns nothing in so few steps.
const MOST_CHARACTERS: usize = 512;

/// A text and the windows that are held out.
pub struct Text {
    pub corpus: Corpus,
    /// Where held-out windows begin.
    pub test: Vec<usize>,
    /// Where windows begin that say when to stop; none where nothing stops.
    pub validation: Vec<usize>,
    /// Windows of a training batch.
    pub batch: usize,
    topics: Vec<String>,
}

impl Text {
    /// Writes the text from the stream `text`.
    ///
    /// # Errors
    /// When a part of it is too short for one window.
    pub fn of_language(specification: &Specification, streams: &Streams) -> Result<Self> {
        let data = &specification.data;
        let language = Language {
            topics: data.topics,
            words: 4,
            gap: 2,
            paragraph: 2,
            copy_share: data.copy_share,
            copy_length: 6,
            characters: data.characters,
        };
        let generated = language.generate(&mut streams.stream("text"))?;
        let corpus = Corpus::of_generated(&generated, level(data), cut(specification))?;
        let topics = language.topic_names().into_iter().map(str::to_owned).collect();
        Ok(Self::new(corpus, topics, specification))
    }

    /// A user's own text.
    ///
    /// # Errors
    /// When it is empty, too large, too short for a window in both parts, not UTF-8 where it must be, or has too many
    /// different characters.
    pub fn of_own(specification: &Specification, text: &[u8]) -> Result<Self> {
        let data = &specification.data;
        let corpus = Corpus::of_bytes(text, level(data), cut(specification))?;
        let size = corpus.vocabulary().size();
        if size > MOST_CHARACTERS {
            let problem = format!(
                "your text has {size} different characters, more than the {MOST_CHARACTERS} of this lab; set it to `bytes`"
            );
            return Err(Error::Inconsistent { key: "data.level".to_owned(), problem });
        }
        Ok(Self::new(corpus, Vec::new(), specification))
    }

    fn new(corpus: Corpus, topics: Vec<String>, specification: &Specification) -> Self {
        let some = |part: Part| {
            let windows = corpus.windows(part);
            let stride = windows.len().div_ceil(WINDOWS).max(1);
            windows.into_iter().step_by(stride).collect()
        };
        let validation =
            if specification.training.patience > 0 { some(Part::Validation) } else { Vec::new() };
        Self { test: some(Part::Test), validation, topics, batch: specification.training.batch, corpus }
    }

    /// Windows that begin here, as a batch.
    pub fn batch(&self, starts: &[usize]) -> Batch {
        let identities = self.corpus.inputs(starts);
        let tokens = |numbers: &[u32]| numbers.iter().map(|&number| number as i32).collect();
        let targets = tokens(&self.corpus.targets(starts));
        Batch { inputs: Inputs::Tokens(tokens(&identities)), identities, targets }
    }

    /// A typed text as one window without answers: its last characters, after spaces where it is short.
    pub fn batch_of(&self, typed: &str) -> Batch {
        let length = self.corpus.length();
        let padded: String = std::iter::repeat_n(' ', length.saturating_sub(typed.chars().count()))
            .chain(typed.chars())
            .collect();
        let mut tokens = self.corpus.vocabulary().encode(&padded);
        tokens.drain(..tokens.len().saturating_sub(length));
        let inputs = Inputs::Tokens(tokens.iter().map(|&number| number as i32).collect());
        Batch { inputs, identities: tokens, targets: Vec::new() }
    }

    pub(super) fn draw(&self, stream: &mut Stream) -> Result<Batch> {
        Ok(self.batch(&self.corpus.draw(Part::Train, self.batch, stream)?))
    }

    pub(super) fn label(&self, start: usize, unit: usize) -> String {
        let token = self.corpus.inputs(&[start]).get(unit).copied().unwrap_or(0);
        self.name_of(token)
    }

    /// A character as readers see it.
    pub fn name_of(&self, token: u32) -> String {
        self.corpus.vocabulary().label(token).unwrap_or_else(|| "?".to_owned())
    }

    /// The token of characters that the text does not have.
    pub fn unknown(&self) -> Option<u32> {
        self.corpus.vocabulary().unknown()
    }

    pub(super) fn keys(&self) -> Vec<Key> {
        let known = self.corpus.keys(&self.test);
        if known.class.is_none() {
            let kind = |&token: &u32| Kind::of(self.corpus.vocabulary(), token) as usize;
            return vec![Key {
                name: "positions",
                noun: "kind",
                names: Kind::NAMES.iter().map(|name| (*name).to_owned()).collect(),
                values: known.token_id.iter().map(kind).collect(),
            }];
        }
        let values = |numbers: Option<Vec<u32>>| -> Vec<usize> {
            numbers.unwrap_or_default().into_iter().map(|number| number as usize).collect()
        };
        vec![
            Key {
                name: "positions",
                noun: "word class",
                names: WordClass::ALL.iter().map(|class| class.name().to_owned()).collect(),
                values: values(known.class),
            },
            Key {
                name: "specialisation",
                noun: "topic",
                names: self.topics.clone(),
                values: values(known.domain),
            },
        ]
    }
}

/// What kind of character a token is, which is all that is known of any text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Lower,
    Upper,
    OtherLetter,
    Digit,
    Space,
    LineEnd,
    Mark,
    Other,
}

impl Kind {
    const NAMES: [&'static str; 8] = [
        "lower-case letter",
        "upper-case letter",
        "other letter",
        "digit",
        "space",
        "line end",
        "mark",
        "part of a character, or unknown",
    ];

    fn of(vocabulary: &Vocabulary, token: u32) -> Self {
        let letter = match vocabulary {
            Vocabulary::Bytes => u8::try_from(token).ok().filter(u8::is_ascii).map(char::from),
            Vocabulary::Characters(known) => known.get(token as usize).copied(),
        };
        match letter {
            None => Kind::Other,
            Some('\n' | '\r') => Kind::LineEnd,
            Some(letter) if letter.is_whitespace() => Kind::Space,
            Some(letter) if letter.is_lowercase() => Kind::Lower,
            Some(letter) if letter.is_uppercase() => Kind::Upper,
            Some(letter) if letter.is_alphabetic() => Kind::OtherLetter,
            Some(letter) if letter.is_numeric() => Kind::Digit,
            Some(_) => Kind::Mark,
        }
    }
}

fn level(data: &Data) -> Level {
    if data.level == "bytes" { Level::Bytes } else { Level::Characters }
}

fn cut(specification: &Specification) -> Cut {
    let (data, training) = (&specification.data, &specification.training);
    Cut { length: data.length, validation: training.validation_share(), test: data.test_share }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds_tell_letters_from_spaces_and_bytes_of_longer_characters_are_other() {
        let text = "aB\u{4e00}7 \n,";
        let vocabulary = Vocabulary::new(Level::Characters, text);
        let kinds: Vec<Kind> =
            vocabulary.encode(text).into_iter().map(|token| Kind::of(&vocabulary, token)).collect();
        let expected = [
            Kind::Lower,
            Kind::Upper,
            Kind::OtherLetter,
            Kind::Digit,
            Kind::Space,
            Kind::LineEnd,
            Kind::Mark,
        ];
        assert_eq!(kinds, expected);
        assert_eq!(Kind::of(&vocabulary, vocabulary.size() as u32 - 1), Kind::Other);
        assert_eq!(Kind::of(&Vocabulary::Bytes, 0xe4), Kind::Other);
        assert_eq!(Kind::of(&Vocabulary::Bytes, u32::from(b'q')), Kind::Lower);
    }
}
