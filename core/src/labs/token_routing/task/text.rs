//! A generated language, character by character: each says which comes next.

use super::{Batch, Inputs, Key};
use crate::Result;
use crate::data::text::corpus::{Corpus, Cut, Part};
use crate::data::text::language::{Language, WordClass};
use crate::data::text::vocabulary::Level;
use crate::labs::token_routing::specification::Specification;
use crate::rng::{Stream, Streams};

/// Held-out windows that are measured: more make every look slow.
const WINDOWS: usize = 64;

/// A text and the windows that are held out.
pub struct Text {
    pub corpus: Corpus,
    /// Where held-out windows begin.
    pub test: Vec<usize>,
    /// Windows of a training batch.
    pub batch: usize,
    topics: Vec<String>,
}

impl Text {
    /// Writes the text from the stream `text`.
    ///
    /// # Errors
    /// When a part of it is too short for one window.
    pub fn new(specification: &Specification, streams: &Streams) -> Result<Self> {
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
        let cut = Cut { length: data.length, validation: 0.0, test: data.test_share };
        let corpus = Corpus::of_generated(&generated, Level::Characters, cut)?;
        let windows = corpus.windows(Part::Test);
        let stride = windows.len().div_ceil(WINDOWS).max(1);
        Ok(Self {
            test: windows.into_iter().step_by(stride).collect(),
            topics: language.topic_names().into_iter().map(str::to_owned).collect(),
            batch: specification.training.batch,
            corpus,
        })
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

    pub(super) fn keys(&self) -> Vec<Key> {
        let known = self.corpus.keys(&self.test);
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
