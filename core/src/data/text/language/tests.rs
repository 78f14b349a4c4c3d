//! The generated language, read back by a parser that knows only the grammar's text.

use super::*;
use crate::data::text::words;
use crate::rng::Streams;
use proptest::prelude::*;

const LANGUAGE: Language =
    Language { topics: 4, words: 6, gap: 3, paragraph: 3, copy_share: 0.3, copy_length: 6, characters: 4000 };

fn generate(language: Language, seed: u64) -> Generated {
    language.generate(&mut Streams::new(seed).stream("data")).expect("the settings are in range")
}

/// Whether a word is a stem alone or with an `s`: `None` when it is neither.
fn is_singular(word: &str, stems: &[&str]) -> Option<bool> {
    if stems.contains(&word) {
        return Some(true);
    }
    word.strip_suffix('s').filter(|stem| stems.contains(stem)).map(|_| false)
}

/// Checks one sentence without its full stop, and returns the topic.
fn check_sentence(sentence: &str) -> usize {
    let words: Vec<&str> = sentence.split(' ').collect();
    assert!(DETERMINERS.contains(&words[0]), "{sentence}");
    let subject = words[1].trim_end_matches(',');
    let topic = TOPICS.iter().position(|topic| is_singular(subject, &topic.nouns).is_some());
    let topic = topic.unwrap_or_else(|| panic!("no subject in `{sentence}`"));
    let is_one = is_singular(subject, &TOPICS[topic].nouns).expect("it was found there");
    let after_gap = if words[1].ends_with(',') {
        2 + words[2..].iter().position(|word| word.ends_with(',')).expect("a gap is closed") + 1
    } else {
        2
    };
    let has_ending = is_singular(words[after_gap], &TOPICS[topic].verbs).map(|is_stem| !is_stem);
    assert_eq!(has_ending, Some(is_one), "`{sentence}`: verb and subject do not agree");
    assert_eq!(words.len(), after_gap + 3, "{sentence}");
    assert!(is_singular(words[after_gap + 2], &TOPICS[topic].nouns).is_some(), "{sentence}");
    topic
}

fn check_text(text: &str) {
    for line in text.lines() {
        let line = line.strip_suffix('.').expect("a block ends with a full stop");
        if let Some(letters) = line.strip_prefix("copy: ") {
            let (source, target) = letters.split_once(' ').expect("source and target");
            assert_eq!(source, target, "{line}");
        } else {
            let topics: Vec<usize> = line.split(". ").map(check_sentence).collect();
            assert!(topics.iter().all(|topic| *topic == topics[0]), "{line}");
        }
    }
}

/// Checks that each mark says what the text says.
fn check_marks(generated: &Generated) {
    let (names, text) = (words::all(), generated.text.as_bytes());
    assert_eq!(text.len(), generated.annotations.len());
    let mut start = 0;
    for (at, annotation) in generated.annotations.iter().enumerate() {
        let before = at.checked_sub(1).map(|before| generated.annotations[before]);
        if before.map(|before| before.word) != Some(annotation.word) {
            start = at;
        }
        match annotation.class {
            WordClass::Space => assert_eq!(text[at], b' '),
            WordClass::LineEnd => assert_eq!(text[at], b'\n'),
            WordClass::Punctuation => assert!(b",.:".contains(&text[at])),
            WordClass::CopySource | WordClass::CopyTarget => assert!(text[at].is_ascii_lowercase()),
            _ => {
                let word = names[annotation.word as usize].as_bytes();
                let expected = word.get(at - start).copied().unwrap_or(b's');
                assert_eq!(text[at], expected, "at {at}");
            }
        }
        if annotation.determined == Determined::Agreement {
            let before = before.expect("a verb stands before it");
            assert_eq!(before.class, WordClass::Verb);
            assert!([b's', b' '].contains(&text[at]));
            assert_ne!(before.determined, Determined::Agreement);
        }
        assert_eq!(annotation.determined == Determined::Copy, annotation.class == WordClass::CopyTarget);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn agreement_holds_copies_equal_their_sources_and_the_marks_are_true(
        seed: u64, topics in 1usize..=8, words in 1usize..=8, gap in 0usize..=6, paragraph in 1usize..5,
        copy_share in 0.0f64..=1.0, copy_length in 1usize..=32,
    ) {
        let language =
            Language { topics, words, gap, paragraph, copy_share, copy_length, characters: 2000 };
        let generated = generate(language, seed);
        prop_assert!(generated.text.is_ascii() && (2000..9000).contains(&generated.text.len()));
        check_text(&generated.text);
        check_marks(&generated);
        let names = language.topic_names().len() as u32;
        prop_assert!(generated.annotations.iter().all(|annotation| annotation.topic < names));
    }
}

#[test]
fn a_seed_repeats_the_text_and_another_writes_another() {
    assert_eq!(generate(LANGUAGE, 5), generate(LANGUAGE, 5));
    assert_ne!(generate(LANGUAGE, 5).text, generate(LANGUAGE, 6).text);
}

#[test]
fn the_first_blocks_of_a_seed_are_these() {
    let text = generate(Language { characters: 200, ..LANGUAGE }, 7).text;
    assert_eq!(text, GOLDEN);
}

const GOLDEN: &str = "\
your horns, tall and pale, rehearse the horns. your drums, tall, play your drum. the horn composes your singers.
copy: hu hu.
copy: bkegz bkegz.
copy: mhhgeo mhhgeo.
my barn harvests the field. our farmer, loud and slow and kind, grazes my field. your cows, brave and tall, \
harvest your fields.
";

#[test]
fn the_information_is_that_of_the_choices() {
    let language = Language { copy_share: 1.0, copy_length: 1, characters: 16_000, ..LANGUAGE };
    let copies = generate(language, 1);
    // A copy of one letter is `copy: a a.` with its line end, 11 characters, and only the letter is free.
    let per_character = copies.information / copies.text.len() as f64;
    assert!((per_character - 26f64.ln() / 11.0).abs() < 1e-9, "{per_character}");
    let sentences = Language { copy_share: 0.0, gap: 0, paragraph: 1, ..language };
    let generated = generate(sentences, 1);
    let choices = 4.0f64 * 4.0 * 4.0 * 6f64.powi(3) * 4.0; // topics, determiners, words, numbers
    let per_sentence = generated.information / generated.text.lines().count() as f64;
    assert!((per_sentence - choices.ln()).abs() < 1e-9, "{per_sentence}");
}

#[test]
fn every_class_and_every_topic_occurs_and_both_numbers_do() {
    let generated = generate(LANGUAGE, 3);
    for class in WordClass::ALL {
        assert!(generated.annotations.iter().any(|a| a.class == class), "{}", class.name());
        assert_eq!(WordClass::ALL[class as usize], class);
    }
    for topic in 0..LANGUAGE.topic_names().len() as u32 {
        assert!(generated.annotations.iter().any(|a| a.topic == topic), "topic {topic}");
    }
    let endings: Vec<u8> = generated
        .annotations
        .iter()
        .zip(generated.text.bytes())
        .filter(|(a, _)| a.determined == Determined::Agreement)
        .map(|(_, letter)| letter)
        .collect();
    let singular = endings.iter().filter(|letter| **letter == b's').count() as f64 / endings.len() as f64;
    assert!((0.35..0.65).contains(&singular), "{singular}");
}

#[test]
fn a_setting_out_of_range_is_named() {
    for (key, language) in [
        ("topics", Language { topics: 9, ..LANGUAGE }),
        ("words", Language { words: 0, ..LANGUAGE }),
        ("gap", Language { gap: 7, ..LANGUAGE }),
        ("paragraph", Language { paragraph: 0, ..LANGUAGE }),
        ("copy_length", Language { copy_length: 33, ..LANGUAGE }),
        ("copy_share", Language { copy_share: f64::NAN, ..LANGUAGE }),
        ("characters", Language { characters: 0, ..LANGUAGE }),
    ] {
        let error = language.generate(&mut Streams::new(0).stream("data")).expect_err("out of range");
        let Error::OutOfRange { key: named, .. } = error else { panic!("{error}") };
        assert_eq!(named, key);
    }
}
