//! What is seen of a supernet that learns to guess words: some sentences as they are now, and what guesses are worth.

use super::context::Context;
use super::guesses::{Counts, right};
use crate::data::masking::{MASK, Masked};
use crate::data::sentences::SentenceCorpus;
use crate::experiment::{Place, View};
use crate::plate::{Cell, Column, Plate, Table};

/// Test sentences that are shown.
pub(super) const SENTENCES: usize = 8;

/// A sentence with a text in square brackets at every masked place.
fn with(corpus: &SentenceCorpus, sentence: &Masked, text: impl Fn(usize) -> String) -> String {
    let plain = |words: &[u32]| corpus.joining.text(&corpus.vocabulary, words);
    let (mut parts, mut from) = (Vec::new(), 0);
    for (index, place) in sentence.places.iter().enumerate() {
        parts.push(plain(&sentence.words[from..*place]));
        parts.push(format!("[{}]", text(index)));
        from = place + 1;
    }
    parts.push(plain(&sentence.words[from..]));
    parts.retain(|part| !part.is_empty());
    parts.join(" ")
}

/// A sentence with words in square brackets at its masked places.
pub(super) fn filled(corpus: &SentenceCorpus, sentence: &Masked, words: &[u32]) -> String {
    let word = |place: usize| words.get(place).map(|word| corpus.joining.text(&corpus.vocabulary, &[*word]));
    with(corpus, sentence, |place| word(place).unwrap_or_default())
}

/// Sentences as they are shown, and what the smallest and the largest audited sub-network guess; `found` are their words,
/// place by place.
pub(super) fn guessed(corpus: &SentenceCorpus, shown: &[Masked], found: &[Vec<u32>; 2], step: u64) -> View {
    let word = |word: u32| corpus.joining.text(&corpus.vocabulary, &[word]);
    let words = |words: &[u32]| words.iter().copied().map(word).collect::<Vec<_>>().join(", ");
    let expected: Vec<u32> = shown.iter().flat_map(|sentence| &sentence.expected).copied().collect();
    let hits = |found: &Vec<u32>| found.iter().zip(&expected).filter(|(found, right)| found == right).count();
    let mut from = 0;
    let rows = shown.iter().enumerate().map(|(place, sentence)| {
        let own = from..from + sentence.places.len();
        from = own.end;
        let seen = |index: usize| match sentence.words[sentence.places[index]] {
            MASK => "?".to_owned(),
            other => word(other),
        };
        vec![
            Cell::text(format!("{}. {}", place + 1, with(corpus, sentence, seen))),
            Cell::text(words(&sentence.expected)),
            Cell::text(words(&found[0][own.clone()])),
            Cell::text(words(&found[1][own])),
        ]
    });
    let plate = Plate::Table(Table {
        title: format!(
            "After {step} steps the smallest sub-network guesses {} of these {} masked words, the largest {}",
            hits(&found[0]),
            expected.len(),
            hits(&found[1])
        ),
        caption: "Test sentences as they are shown, a question mark for a mask, and what the two guess there: the same \
                  weights, seen by two architectures. A guess may be good and differ."
            .to_owned(),
        columns: ["shown", "right", "smallest", "largest"].map(Column::text).to_vec(),
        rows: rows.collect(),
    });
    View::new("guesses", Place::Yard, plate)
}

/// What guesses are worth that see one word, or nothing at all.
pub(super) fn baselines(context: &Context) -> Plate {
    let counts = Counts::of(&context.corpus.train);
    let test = &context.test;
    let masked: usize = test.iter().map(|sentence| sentence.places.len()).sum();
    let rows = [
        ("always the most frequent word", right(test, |_, _| counts.most_frequent())),
        ("the word as it is shown, a mask being wrong", right(test, |sentence, place| sentence.words[place])),
        (
            "the likeliest word behind its left neighbour",
            right(test, |sentence, place| counts.behind(sentence, place)),
        ),
    ];
    Plate::Table(Table {
        title: format!("What the simplest guesses at {masked} masked test words are worth"),
        caption: "Right guesses without any network: a network must be well above all of them.".to_owned(),
        columns: vec![Column::text("guess"), Column::number("right", "%")],
        rows: rows.into_iter().map(|(name, share)| vec![Cell::text(name), Cell::number(share)]).collect(),
    })
}
