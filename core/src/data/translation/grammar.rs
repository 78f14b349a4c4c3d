//! A generated pair of languages: English-like sentences and their translation into an invented language, in which words stand
//! in another order and agree with each other.
//!
//! ```text
//! source  = subject [relative] verb object [place] [time]      the small dogs that see a cat do not hear my bird near the house today
//! target  = [time] subject [relative] [place] object [no] verb
//! subject = determiner adjective* noun                         target: determiner noun adjective*
//! ```
//!
//! In the target every noun has one of three genders; determiners and adjectives take the ending of the noun's gender when
//! it is one, and the plural's when it is many; verbs agree in number with their subject and stand last. The source's verb
//! agrees too, unless it is denied (`does not`, `do not`). So a translation needs the noun's gender, which the source does
//! not show, and the subject's number, which stands further away the longer the sentence is.

use std::collections::BTreeSet;

use super::corpus::SPECIAL;
use super::{Joining, Pair, ParallelCorpus};
use crate::rng::Stream;
use crate::{Error, Result};

/// Nouns: one, many, and the stem in the target; the gender is the place modulo 3.
const NOUNS: [[&str; 3]; 15] = [
    ["dog", "dogs", "kelt"],
    ["cat", "cats", "mir"],
    ["bird", "birds", "saf"],
    ["child", "children", "pod"],
    ["house", "houses", "vorn"],
    ["tree", "trees", "lusk"],
    ["river", "rivers", "dran"],
    ["song", "songs", "fiv"],
    ["lamp", "lamps", "gult"],
    ["stone", "stones", "pern"],
    ["road", "roads", "tasch"],
    ["boat", "boats", "nolm"],
    ["king", "kings", "rub"],
    ["door", "doors", "hesk"],
    ["cloud", "clouds", "jav"],
];
/// Adjectives and their stems.
const ADJECTIVES: [[&str; 2]; 8] = [
    ["small", "pim"],
    ["old", "gard"],
    ["red", "ruz"],
    ["quiet", "stil"],
    ["new", "nev"],
    ["tall", "alt"],
    ["kind", "bon"],
    ["dark", "tem"],
];
/// Verbs and their stems.
const VERBS: [[&str; 2]; 10] = [
    ["see", "vid"],
    ["hear", "aud"],
    ["find", "trov"],
    ["love", "lib"],
    ["follow", "sekv"],
    ["paint", "pikt"],
    ["forget", "lesk"],
    ["carry", "port"],
    ["know", "konn"],
    ["call", "vok"],
];
/// Determiners: of one, of many (nothing where there is none), and the stem.
const DETERMINERS: [[&str; 3]; 4] =
    [["the", "the", "l"], ["a", "some", "un"], ["my", "my", "mi"], ["this", "these", "cist"]];
/// Places: before the noun in the source, after it in the target.
const PLACES: [[&str; 2]; 4] = [["near", "apud"], ["behind", "post"], ["under", "sub"], ["without", "sen"]];
/// Times: last in the source, first in the target.
const TIMES: [[&str; 2]; 4] =
    [["today", "hodje"], ["often", "ofte"], ["again", "denove"], ["never", "neniam"]];
/// Endings of genders 0 to 2, and of many.
const ENDINGS: [&str; 4] = ["o", "a", "u", "i"];

/// A sentence and its translation, as words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GrammarPair {
    /// In the English-like language.
    pub source: Vec<String>,
    /// In the invented one.
    pub target: Vec<String>,
}

/// One of two numbers of things.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Number {
    One,
    Many,
}

/// A noun with what stands before it.
struct Phrase {
    number: Number,
    source: Vec<String>,
    target: Vec<String>,
}

fn any<'a, T>(items: &'a [T], stream: &mut Stream) -> &'a T {
    &items[stream.below(items.len())]
}

fn chance(share: f64, stream: &mut Stream) -> bool {
    stream.unit() < share
}

impl Phrase {
    fn draw(stream: &mut Stream) -> Self {
        let number = if chance(0.5, stream) { Number::One } else { Number::Many };
        let place = stream.below(NOUNS.len());
        let [one, many, stem] = NOUNS[place];
        let (noun, ending) = match number {
            Number::One => (one, ENDINGS[place % 3]),
            Number::Many => (many, ENDINGS[3]),
        };
        let [of_one, of_many, determiner] = *any(&DETERMINERS, stream);
        let before = if number == Number::One { of_one } else { of_many };
        let (mut source, mut target) = (vec![before.to_owned()], vec![format!("{determiner}{ending}")]);
        target.push(match number {
            Number::One => stem.to_owned(),
            Number::Many => format!("{stem}en"),
        });
        let mut adjectives = ADJECTIVES.to_vec();
        stream.shuffle(&mut adjectives);
        let count = [0, 0, 1, 1, 2][stream.below(5)];
        for [word, stem] in adjectives.into_iter().take(count) {
            source.push(word.to_owned());
            target.push(format!("{stem}{ending}"));
        }
        source.push(noun.to_owned());
        Self { number, source, target }
    }
}

/// A verb that agrees with its subject: in the source, perhaps denied, and in the target.
fn verb(number: Number, may_deny: bool, stream: &mut Stream) -> [Vec<String>; 2] {
    let [word, stem] = *any(&VERBS, stream);
    let is_denied = may_deny && chance(0.25, stream);
    let source = match (is_denied, number) {
        (false, Number::One) => match word.strip_suffix('y') {
            Some(root) => vec![format!("{root}ies")],
            None => vec![format!("{word}s")],
        },
        (false, Number::Many) => vec![word.to_owned()],
        (true, Number::One) => ["does", "not", word].map(str::to_owned).to_vec(),
        (true, Number::Many) => ["do", "not", word].map(str::to_owned).to_vec(),
    };
    let agreeing = format!("{stem}{}", if number == Number::One { "as" } else { "ant" });
    let target = if is_denied { vec!["ne".to_owned(), agreeing] } else { vec![agreeing] };
    [source, target]
}

impl GrammarPair {
    /// Draws one.
    pub fn draw(stream: &mut Stream) -> Self {
        let (subject, object) = (Phrase::draw(stream), Phrase::draw(stream));
        let (mut source, mut target) = (subject.source, Vec::new());
        let mut subject_target = subject.target;
        if chance(0.3, stream) {
            let inner = Phrase::draw(stream);
            let [verb_source, verb_target] = verb(subject.number, false, stream);
            source.push("that".to_owned());
            source.extend(verb_source.into_iter().chain(inner.source));
            subject_target.push("ke".to_owned());
            subject_target.extend(inner.target.into_iter().chain(verb_target));
        }
        let [verb_source, verb_target] = verb(subject.number, true, stream);
        source.extend(verb_source.into_iter().chain(object.source));
        let mut place_target = Vec::new();
        if chance(0.4, stream) {
            let ([before, after], phrase) = (*any(&PLACES, stream), Phrase::draw(stream));
            source.push(before.to_owned());
            source.extend(phrase.source);
            place_target.extend(phrase.target);
            place_target.push(after.to_owned());
        }
        if chance(0.4, stream) {
            let [last, first] = *any(&TIMES, stream);
            source.push(last.to_owned());
            target.push(first.to_owned());
        }
        target.extend(subject_target.into_iter().chain(place_target).chain(object.target).chain(verb_target));
        Self { source, target }
    }
}

/// Every word of both languages, in a fixed order, after the special ones.
fn vocabulary() -> Vec<String> {
    let mut words = BTreeSet::new();
    let mut add = |word: &str| {
        words.insert(word.to_owned());
    };
    for [one, many, stem] in NOUNS {
        [one, many, stem].into_iter().for_each(&mut add);
        add(&format!("{stem}en"));
    }
    for [word, stem] in ADJECTIVES {
        add(word);
        ENDINGS.into_iter().for_each(|ending| add(&format!("{stem}{ending}")));
    }
    for [of_one, of_many, stem] in DETERMINERS {
        add(of_one);
        add(of_many);
        ENDINGS.into_iter().for_each(|ending| add(&format!("{stem}{ending}")));
    }
    for [word, stem] in VERBS {
        add(word);
        add(&word.strip_suffix('y').map_or_else(|| format!("{word}s"), |root| format!("{root}ies")));
        ["as", "ant"].into_iter().for_each(|ending| add(&format!("{stem}{ending}")));
    }
    PLACES
        .into_iter()
        .chain(TIMES)
        .flatten()
        .chain(["does", "do", "not", "that", "ke", "ne"])
        .for_each(&mut add);
    SPECIAL.into_iter().map(str::to_owned).chain(words).collect()
}

/// A corpus of so many pairs to train, validate and test with; no source sentence stands in it twice.
///
/// # Errors
/// When so many different sentences are not found.
pub fn grammar_pairs(counts: [usize; 3], stream: &mut Stream) -> Result<ParallelCorpus> {
    let vocabulary = vocabulary();
    let number = |word: &String| {
        let place = vocabulary.iter().position(|known| known == word);
        place.expect("the vocabulary lists every word that the grammar writes, which a test sees") as u32
    };
    let wanted: usize = counts.iter().sum();
    let (mut seen, mut pairs) = (BTreeSet::new(), Vec::with_capacity(wanted));
    for _ in 0..100 * wanted.max(1) {
        if pairs.len() == wanted {
            break;
        }
        let drawn = GrammarPair::draw(stream);
        if seen.insert(drawn.source.clone()) {
            let numbers = |words: &[String]| words.iter().map(number).collect();
            pairs.push(Pair { source: numbers(&drawn.source), target: numbers(&drawn.target) });
        }
    }
    if pairs.len() < wanted {
        let problem = format!("the grammar has not {wanted} different sentences; ask for fewer");
        return Err(Error::Inconsistent { key: "data.pairs".into(), problem });
    }
    let test = pairs.split_off(counts[0] + counts[1]);
    let validation = pairs.split_off(counts[0]);
    ParallelCorpus {
        name: "grammar".to_owned(),
        vocabulary,
        joining: Joining::Spaces,
        tokenizer: None,
        made_from: String::new(),
        train: pairs,
        validation,
        test,
    }
    .checked()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rng::Streams;

    #[test]
    fn translations_reorder_and_agree() {
        let stream = &mut Streams::new(3).stream("data");
        for _ in 0..2000 {
            let GrammarPair { source, target } = GrammarPair::draw(stream);
            // The verb stands last and agrees with the subject, which is the first noun.
            let noun =
                source.iter().find_map(|word| NOUNS.iter().find(|noun| noun[..2].contains(&word.as_str())));
            let [one, ..] = noun.expect("there is a subject");
            let is_one = source.iter().position(|word| word == one).is_some_and(|place| {
                source[..place]
                    .iter()
                    .all(|word| !NOUNS.iter().any(|noun| noun[..2].contains(&word.as_str())))
            });
            let last = target.last().expect("there is a verb");
            assert_eq!(last.ends_with("as"), is_one, "{source:?} {target:?}");
            for [source_time, target_time] in TIMES {
                let at_end = source.last().is_some_and(|word| word == source_time);
                assert_eq!(at_end, target[0] == target_time, "{source:?} {target:?}");
            }
            let denied = source.iter().any(|word| word == "not");
            assert_eq!(denied, target.iter().any(|word| word == "ne"));
        }
    }

    #[test]
    fn parts_share_no_sentence_and_a_seed_repeats_the_corpus() {
        let draw = |seed: u64| grammar_pairs([3000, 200, 200], &mut Streams::new(seed).stream("data"));
        let corpus = draw(5).expect("enough sentences");
        let sources: BTreeSet<_> =
            corpus.parts().into_iter().flat_map(|(_, pairs)| pairs).map(|pair| &pair.source).collect();
        assert_eq!(sources.len(), 3400);
        assert_eq!(draw(5), Ok(corpus.clone()));
        assert_ne!(draw(6).expect("enough sentences").train[0], corpus.train[0]);
        assert_eq!(corpus.vocabulary.len(), vocabulary().len());
        let text = corpus.text(&corpus.train[0].source);
        assert!(text.split(' ').count() >= 5, "{text}");
    }
}
