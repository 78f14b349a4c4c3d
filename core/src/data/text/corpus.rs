//! A corpus: the tokens of one text, cut into three parts that follow each other, and the windows that a model reads.
//!
//! The parts are contiguous and no window crosses from one into another, so no character is trained on and measured. A
//! vocabulary of characters is made from the training part alone. Nothing is shuffled here but the places of training
//! windows, and those come from the stream that the caller names.

use super::language::{Annotation, Determined, Generated};
use super::vocabulary::{Level, Vocabulary, malformed, text_of};
use crate::error::{Error, Result};
use crate::rng::Stream;

/// The most bytes of a text.
pub const MAXIMUM_BYTES: usize = 8_000_000;

/// How a text is cut.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Cut {
    /// How many tokens a model reads at once, at least 1; a window has one more, the last target.
    pub length: usize,
    /// The share of the tokens that is kept for validation, from 0 to below 1.
    pub validation: f64,
    /// The share that is kept for the test, from 0 to below 1; both together are below 1.
    pub test: f64,
}

/// A part of a corpus, in the order in which they stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// What is trained on.
    Train,
    /// What choices are made by.
    Validation,
    /// What is reported.
    Test,
}

impl Part {
    /// All parts, in order.
    pub const ALL: [Part; 3] = [Part::Train, Part::Validation, Part::Test];

    /// The part's name in words.
    pub fn name(self) -> &'static str {
        match self {
            Part::Train => "training",
            Part::Validation => "validation",
            Part::Test => "test",
        }
    }
}

/// The tokens of one text with their vocabulary, and what is known about each.
#[derive(Debug, Clone, PartialEq)]
pub struct Corpus {
    vocabulary: Vocabulary,
    tokens: Vec<u32>,
    annotations: Option<Vec<Annotation>>,
    length: usize,
    ends: [usize; 3],
}

/// What is known about the inputs of windows, one number per input, for the keys of a routing record.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TokenKeys {
    /// The token.
    pub token_id: Vec<u32>,
    /// The place in the window, counted from 0.
    pub position: Vec<u32>,
    /// The word class as its index in [`WordClass::ALL`](super::WordClass::ALL), where it is known.
    pub class: Option<Vec<u32>>,
    /// The topic, where it is known.
    pub domain: Option<Vec<u32>>,
    /// The word's number in [`words::all`](super::words::all), where it is known.
    pub word: Option<Vec<u32>>,
}

impl Corpus {
    /// The corpus of a generated text.
    ///
    /// # Errors
    /// As [`Corpus::of_bytes`].
    pub fn of_generated(generated: &Generated, level: Level, cut: Cut) -> Result<Self> {
        let mut corpus = Self::of_bytes(generated.text.as_bytes(), level, cut)?;
        let (marks, characters) = (generated.annotations.len(), corpus.tokens.len());
        if marks != characters {
            return Err(malformed(format!("there are {characters} tokens but {marks} annotations"), None));
        }
        corpus.annotations = Some(generated.annotations.clone());
        Ok(corpus)
    }

    /// The corpus of any text: as bytes whatever they are, as characters if they are UTF-8.
    ///
    /// # Errors
    /// [`Error::MalformedData`] if the text is empty, too large, not UTF-8 where it must be, or a part that should be
    /// there is too short for one window; [`Error::OutOfRange`] if the cut is none.
    pub fn of_bytes(bytes: &[u8], level: Level, cut: Cut) -> Result<Self> {
        check_cut(cut)?;
        if bytes.is_empty() {
            return Err(malformed("it is empty; give it at least a few windows of text".to_owned(), None));
        }
        if bytes.len() > MAXIMUM_BYTES {
            let problem = format!("it has {} bytes, but at most {MAXIMUM_BYTES} are read", bytes.len());
            return Err(malformed(problem, None));
        }
        let (count, text) = match level {
            Level::Bytes => (bytes.len(), None),
            Level::Characters => {
                let text = text_of(bytes)?;
                (text.chars().count(), Some(text))
            }
        };
        let ends = part_ends(count, cut)?;
        let (vocabulary, tokens) = match text {
            None => (Vocabulary::Bytes, bytes.iter().map(|&byte| u32::from(byte)).collect()),
            Some(text) => {
                let first_held_out = text.char_indices().nth(ends[0]).map_or(text.len(), |(byte, _)| byte);
                let vocabulary = Vocabulary::new(level, &text[..first_held_out]);
                let tokens = vocabulary.encode(text);
                (vocabulary, tokens)
            }
        };
        Ok(Self { vocabulary, tokens, annotations: None, length: cut.length, ends })
    }

    /// What the tokens stand for.
    pub fn vocabulary(&self) -> &Vocabulary {
        &self.vocabulary
    }

    /// All tokens, the parts one after the other.
    pub fn tokens(&self) -> &[u32] {
        &self.tokens
    }

    /// What is known about each token, where the text was generated.
    pub fn annotations(&self) -> Option<&[Annotation]> {
        self.annotations.as_deref()
    }

    /// How many tokens a model reads at once.
    pub fn length(&self) -> usize {
        self.length
    }

    /// Where a part's tokens are.
    pub fn range(&self, part: Part) -> std::ops::Range<usize> {
        let [train, validation, test] = self.ends;
        match part {
            Part::Train => 0..train,
            Part::Validation => train..validation,
            Part::Test => validation..test,
        }
    }

    /// The first places of a part's windows for evaluation: one after the other, so that every token but the part's first
    /// is predicted once. What does not fill a window at the end of the part is left out.
    pub fn windows(&self, part: Part) -> Vec<usize> {
        let range = self.range(part);
        range.clone().step_by(self.length).take_while(|start| start + self.length < range.end).collect()
    }

    /// The first places of `count` windows anywhere in a part, each place as likely as the others.
    ///
    /// # Errors
    /// [`Error::NotAnswerable`] if the part is empty.
    pub fn draw(&self, part: Part, count: usize, stream: &mut Stream) -> Result<Vec<usize>> {
        let range = self.range(part);
        if range.is_empty() {
            let problem = format!("the {} part is empty; give it a share of the text", part.name());
            return Err(Error::NotAnswerable { problem });
        }
        let places = range.len() - self.length; // a part that is not empty holds one window at least
        Ok((0..count).map(|_| range.start + stream.below(places)).collect())
    }

    /// The tokens of windows, `[windows, length + 1]`.
    ///
    /// # Panics
    /// If a window ends after the text.
    pub fn rows(&self, starts: &[usize]) -> Vec<u32> {
        self.gather(&self.tokens, starts, 0..self.length + 1)
    }

    /// What a model reads of windows, `[windows, length]`.
    ///
    /// # Panics
    /// If a window ends after the text.
    pub fn inputs(&self, starts: &[usize]) -> Vec<u32> {
        self.gather(&self.tokens, starts, 0..self.length)
    }

    /// What it should say: the token after each input, `[windows, length]`.
    ///
    /// # Panics
    /// If a window ends after the text.
    pub fn targets(&self, starts: &[usize]) -> Vec<u32> {
        self.gather(&self.tokens, starts, 1..self.length + 1)
    }

    /// What is known about each target of windows, `[windows, length]`, where the text was generated.
    ///
    /// # Panics
    /// If a window ends after the text.
    pub fn target_annotations(&self, starts: &[usize]) -> Option<Vec<Annotation>> {
        self.annotations.as_ref().map(|all| self.gather(all, starts, 1..self.length + 1))
    }

    /// Whether each target of windows follows from something further back, where it is known.
    ///
    /// # Panics
    /// If a window ends after the text.
    pub fn determined(&self, starts: &[usize]) -> Option<Vec<Determined>> {
        Some(self.target_annotations(starts)?.into_iter().map(|annotation| annotation.determined).collect())
    }

    /// What is known about the inputs of windows, for the keys of a routing record.
    ///
    /// # Panics
    /// If a window ends after the text.
    pub fn keys(&self, starts: &[usize]) -> TokenKeys {
        let marks = self.annotations.as_ref().map(|all| self.gather(all, starts, 0..self.length));
        let known = |number: fn(&Annotation) -> u32| {
            marks.as_ref().map(|marks| marks.iter().map(number).collect::<Vec<u32>>())
        };
        TokenKeys {
            token_id: self.inputs(starts),
            position: starts.iter().flat_map(|_| 0..self.length as u32).collect(),
            class: known(|mark| mark.class as u32),
            domain: known(|mark| mark.topic),
            word: known(|mark| mark.word),
        }
    }

    fn gather<T: Copy>(&self, from: &[T], starts: &[usize], within: std::ops::Range<usize>) -> Vec<T> {
        let row = |&start: &usize| from[start + within.start..start + within.end].iter().copied();
        starts.iter().flat_map(row).collect()
    }
}

fn check_cut(cut: Cut) -> Result<()> {
    let error = |key: &str, value: String, range: &str| {
        Err(Error::OutOfRange { key: key.to_owned(), value, range: range.to_owned() })
    };
    if cut.length == 0 || cut.length > MAXIMUM_BYTES {
        return error("length", cut.length.to_string(), &format!("1 to {MAXIMUM_BYTES}"));
    }
    for (key, share) in [("validation", cut.validation), ("test", cut.test)] {
        if !(0.0..1.0).contains(&share) {
            return error(key, share.to_string(), "from 0 to below 1");
        }
    }
    if cut.validation + cut.test >= 1.0 {
        let range = "below 1 together with `validation`, so that something is left to train on";
        return error("test", cut.test.to_string(), range);
    }
    Ok(())
}

/// Where the three parts of `count` tokens end.
fn part_ends(count: usize, cut: Cut) -> Result<[usize; 3]> {
    let share = |share: f64| libm::round(share * count as f64) as usize;
    let (validation, test) = (share(cut.validation), share(cut.test));
    let train = count.saturating_sub(validation + test);
    let shares = [1.0, cut.validation, cut.test];
    for ((part, tokens), share) in Part::ALL.into_iter().zip([train, validation, test]).zip(shares) {
        if share > 0.0 && tokens <= cut.length {
            let problem = format!(
                "the {} part has {tokens} of {count} tokens, but one window takes {}; give it a longer text, \
                 a larger share or shorter windows",
                part.name(),
                cut.length + 1
            );
            return Err(malformed(problem, None));
        }
    }
    Ok([train, train + validation, count])
}

#[cfg(test)]
mod tests;
