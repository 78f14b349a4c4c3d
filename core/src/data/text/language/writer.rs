//! Writing a text block by block, with the truth about each character beside it.

use super::*;

/// The text so far.
pub(super) struct Writer<'a> {
    language: &'a Language,
    stream: &'a mut Stream,
    text: String,
    annotations: Vec<Annotation>,
    information: f64,
    topic: usize,
    place: u32,
}

/// What is written next.
#[derive(Clone, Copy)]
struct Piece<'a> {
    text: &'a str,
    class: WordClass,
    word: usize,
    determined: Determined,
}

impl<'a> Piece<'a> {
    fn new(text: &'a str, class: WordClass, word: usize) -> Self {
        Self { text, class, word, determined: Determined::No }
    }

    fn between(text: &'a str, class: WordClass) -> Self {
        Self::new(text, class, NO_WORD as usize)
    }
}

impl<'a> Writer<'a> {
    pub fn new(language: &'a Language, stream: &'a mut Stream) -> Self {
        let (text, annotations) = (String::new(), Vec::new());
        Self { language, stream, text, annotations, information: 0.0, topic: 0, place: 0 }
    }

    pub fn length(&self) -> usize {
        self.text.len()
    }

    pub fn finish(self) -> Generated {
        Generated { text: self.text, annotations: self.annotations, information: self.information }
    }

    /// One paragraph or one copy task.
    pub fn block(&mut self) {
        let share = self.language.copy_share;
        let is_copy = self.stream.unit() < share;
        let probability = if is_copy { share } else { 1.0 - share };
        self.information -= libm::log(probability);
        if is_copy {
            self.copy()
        } else {
            self.paragraph()
        }
        self.write(Piece::between("\n", WordClass::LineEnd));
    }

    /// One of `count` things, each as likely as the others.
    fn draw(&mut self, count: usize) -> usize {
        self.information += libm::log(count as f64);
        self.stream.below(count)
    }

    fn write(&mut self, piece: Piece<'_>) {
        let Piece { text, class, word, determined } = piece;
        let annotation =
            Annotation { topic: self.topic as u32, class, word: word as u32, place: self.place, determined };
        self.annotations.extend(std::iter::repeat_n(annotation, text.len()));
        self.text.push_str(text);
    }

    fn space(&mut self) {
        self.write(Piece::between(" ", WordClass::Space));
    }

    fn paragraph(&mut self) {
        self.topic = self.draw(self.language.topics);
        for sentence in 0..self.language.paragraph {
            if sentence > 0 {
                self.space();
            }
            self.sentence();
        }
    }

    fn sentence(&mut self) {
        self.place = 0;
        let is_one = self.phrase();
        self.gap();
        self.space();
        self.verb(is_one);
        self.place += 1;
        self.phrase();
        self.write(Piece::between(".", WordClass::Punctuation));
    }

    /// A determiner and a noun, up to the noun's place. Returns whether the noun is in the singular.
    fn phrase(&mut self) -> bool {
        let determiner = self.draw(DETERMINERS.len());
        let word = FIRST_DETERMINER + determiner;
        self.write(Piece::new(DETERMINERS[determiner], WordClass::Determiner, word));
        self.space();
        self.place += 1;
        let noun = self.draw(self.language.words);
        let word = FIRST_NOUN + self.topic * 2 * WORDS + noun;
        self.write(Piece::new(TOPICS[self.topic].nouns[noun], WordClass::Noun, word));
        let is_one = self.draw(2) == 0;
        if !is_one {
            self.write(Piece::new("s", WordClass::Noun, word));
        }
        is_one
    }

    fn gap(&mut self) {
        let count = self.draw(self.language.gap + 1);
        if count == 0 {
            return;
        }
        let mut left: Vec<usize> = (0..ADJECTIVES.len()).collect();
        self.write(Piece::between(",", WordClass::Punctuation));
        for index in 0..count {
            self.space();
            self.place += 1;
            if index > 0 {
                self.write(Piece::new(AND, WordClass::Conjunction, CONJUNCTION));
                self.space();
                self.place += 1;
            }
            let adjective = left.remove(self.draw(left.len()));
            let word = FIRST_ADJECTIVE + adjective;
            self.write(Piece::new(ADJECTIVES[adjective], WordClass::Adjective, word));
        }
        self.write(Piece::between(",", WordClass::Punctuation));
    }

    /// A verb and the space after it.
    fn verb(&mut self, is_one: bool) {
        self.place += 1;
        let verb = self.draw(self.language.words);
        let word = FIRST_NOUN + self.topic * 2 * WORDS + WORDS + verb;
        self.write(Piece::new(TOPICS[self.topic].verbs[verb], WordClass::Verb, word));
        let determined = Determined::Agreement;
        if is_one {
            self.write(Piece { determined, ..Piece::new("s", WordClass::Verb, word) });
            self.space();
        } else {
            self.write(Piece { determined, ..Piece::between(" ", WordClass::Space) });
        }
    }

    fn copy(&mut self) {
        (self.topic, self.place) = (self.language.topics, 0);
        self.write(Piece::new(COPY, WordClass::CopyMarker, 1));
        self.write(Piece::between(":", WordClass::Punctuation));
        self.space();
        let count = 1 + self.draw(self.language.copy_length);
        let letters: String = (0..count).map(|_| char::from(b'a' + self.draw(26) as u8)).collect();
        self.place += 1;
        self.write(Piece::new(&letters, WordClass::CopySource, 2));
        self.space();
        self.place += 1;
        let determined = Determined::Copy;
        self.write(Piece { determined, ..Piece::new(&letters, WordClass::CopyTarget, 2) });
        self.write(Piece::between(".", WordClass::Punctuation));
    }
}
