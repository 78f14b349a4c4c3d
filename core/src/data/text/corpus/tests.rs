//! Corpora: parts that share nothing, windows that stay within them, and what is refused.

use super::*;
use crate::data::text::{Language, WordClass};
use crate::rng::Streams;
use proptest::prelude::*;

const CUT: Cut = Cut { length: 8, validation: 0.2, test: 0.1 };

fn generated() -> Generated {
    let language = Language {
        topics: 3,
        words: 5,
        gap: 2,
        paragraph: 2,
        copy_share: 0.2,
        copy_length: 4,
        characters: 3000,
    };
    language.generate(&mut Streams::new(2).stream("data")).expect("the settings are in range")
}

#[test]
fn bytes_and_characters_of_a_generated_text_are_the_same_tokens_in_other_numbers() {
    let generated = generated();
    for level in [Level::Bytes, Level::Characters] {
        let corpus = Corpus::of_generated(&generated, level, CUT).expect("it is long enough");
        assert_eq!(corpus.vocabulary().decode(corpus.tokens()).expect("tokens"), generated.text);
        assert_eq!(corpus.annotations().map(<[_]>::len), Some(generated.text.len()));
    }
}

#[test]
fn targets_are_the_inputs_one_further_and_keys_are_those_of_the_inputs() {
    let generated = generated();
    let corpus = Corpus::of_generated(&generated, Level::Bytes, CUT).expect("it is long enough");
    let starts = [0, 100, 37];
    let (rows, inputs, targets) = (corpus.rows(&starts), corpus.inputs(&starts), corpus.targets(&starts));
    for (row, (inputs, targets)) in rows.chunks(9).zip(inputs.chunks(8).zip(targets.chunks(8))) {
        assert_eq!((&row[..8], &row[1..]), (inputs, targets));
    }
    let keys = corpus.keys(&starts);
    assert_eq!(keys.token_id, inputs);
    assert_eq!(keys.position, (0..3).flat_map(|_| 0..8).collect::<Vec<u32>>());
    let (class, domain) = (keys.class.expect("generated"), keys.domain.expect("generated"));
    let determined = corpus.determined(&starts).expect("generated");
    for (row, &start) in starts.iter().enumerate() {
        for place in 0..8 {
            let mark = generated.annotations[start + place];
            assert_eq!(WordClass::ALL[class[row * 8 + place] as usize], mark.class);
            assert_eq!(domain[row * 8 + place], mark.topic);
            assert_eq!(determined[row * 8 + place], generated.annotations[start + place + 1].determined);
        }
    }
    let plain = Corpus::of_bytes(generated.text.as_bytes(), Level::Bytes, CUT).expect("it is long enough");
    assert!(plain.keys(&starts).class.is_none() && plain.determined(&starts).is_none());
}

#[test]
fn a_character_that_is_only_held_out_is_unknown() {
    let text = format!("{}{}", "ab".repeat(40), "z\u{e9}".repeat(20));
    let cut = Cut { length: 4, validation: 0.0, test: 0.3 };
    let corpus = Corpus::of_bytes(text.as_bytes(), Level::Characters, cut).expect("it is long enough");
    assert_eq!(corpus.vocabulary(), &Vocabulary::Characters(vec!['a', 'b', 'z', '\u{e9}']));
    let cut = Cut { test: 0.4, ..cut };
    let corpus = Corpus::of_bytes(text.as_bytes(), Level::Characters, cut).expect("it is long enough");
    assert_eq!(corpus.vocabulary(), &Vocabulary::Characters(vec!['a', 'b', 'z', '\u{e9}'][..2].to_vec()));
    assert_eq!(corpus.tokens()[119], 2);
    assert!(corpus.windows(Part::Validation).is_empty());
    assert!(corpus.draw(Part::Validation, 1, &mut Streams::new(0).stream("data")).is_err());
}

#[test]
fn batches_repeat_with_the_seed_and_reach_the_whole_part() {
    let corpus = Corpus::of_generated(&generated(), Level::Characters, CUT).expect("it is long enough");
    let draw = |seed, part, count| {
        corpus.draw(part, count, &mut Streams::new(seed).stream("data")).expect("no part is empty")
    };
    assert_eq!(draw(1, Part::Train, 50), draw(1, Part::Train, 50));
    assert_ne!(draw(1, Part::Train, 50), draw(2, Part::Train, 50));
    for part in Part::ALL {
        let (range, starts) = (corpus.range(part), draw(3, part, 20_000));
        assert_eq!(starts.iter().min(), Some(&range.start));
        assert_eq!(starts.iter().max(), Some(&(range.end - 9)));
    }
}

proptest! {
    #[test]
    fn parts_share_nothing_cover_everything_and_windows_stay_within_them(
        count in 60usize..900, length in 1usize..12, validation in 0.0f64..0.45, test in 0.0f64..0.45, seed: u64,
    ) {
        let bytes: Vec<u8> = (0..count).map(|place| place as u8).collect();
        let Ok(corpus) = Corpus::of_bytes(&bytes, Level::Bytes, Cut { length, validation, test }) else {
            let smallest = [validation, test].into_iter().filter(|share| *share > 0.0).fold(1.0, f64::min);
            prop_assert!(smallest * (count as f64) < length as f64 + 1.0);
            return Ok(());
        };
        let ranges = Part::ALL.map(|part| corpus.range(part));
        prop_assert_eq!((ranges[0].start, ranges[2].end), (0, count));
        prop_assert!(ranges[0].end == ranges[1].start && ranges[1].end == ranges[2].start);
        for part in Part::ALL {
            let (range, windows) = (corpus.range(part), corpus.windows(part));
            prop_assert!(range.is_empty() || !windows.is_empty());
            prop_assert!(windows.windows(2).all(|pair| pair[1] == pair[0] + length));
            let end = windows.last().map_or(range.end, |last| last + length + 1);
            prop_assert!(end <= range.end && range.end - end < length);
            if !range.is_empty() {
                let starts = corpus.draw(part, 30, &mut Streams::new(seed).stream("data")).expect("not empty");
                prop_assert!(starts.iter().all(|start| range.contains(start) && start + length < range.end));
            }
        }
    }
}

#[test]
fn what_is_no_corpus_is_refused_with_a_sentence() {
    let of = |bytes: &[u8], level, cut| Corpus::of_bytes(bytes, level, cut).expect_err("refused").to_string();
    let long = vec![b'a'; 100];
    for (message, expected) in [
        (of(b"", Level::Bytes, CUT), "text: it is empty"),
        (
            of(&vec![0; MAXIMUM_BYTES + 1], Level::Bytes, CUT),
            "text: it has 8000001 bytes, but at most 8000000",
        ),
        (of(b"abc\xFF", Level::Characters, CUT), "text, byte 4: 0xFF does not belong"),
        (
            of(&long[..40], Level::Bytes, CUT),
            "the validation part has 8 of 40 tokens, but one window takes 9",
        ),
        (of(&long, Level::Bytes, Cut { length: 0, ..CUT }), "`length` is 0"),
        (of(&long, Level::Bytes, Cut { validation: 1.0, ..CUT }), "`validation` is 1"),
        (of(&long, Level::Bytes, Cut { test: f64::NAN, ..CUT }), "`test` is NaN"),
        (of(&long, Level::Bytes, Cut { validation: 0.6, test: 0.5, ..CUT }), "below 1 together"),
    ] {
        assert!(message.contains(expected), "{message}");
    }
}
