//! Vocabularies of small made-up texts.

use std::path::PathBuf;

use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;

/// A made-up text in which pairs are often equally frequent.
fn made_up(seed: u64, lines: usize) -> Lines {
    let mut state = seed;
    let mut below = move |bound: u64| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) % bound
    };
    let mut word =
        move || (0..=below(9)).map(|_| ["a", "b", "ba", "ö", "字"][below(5) as usize]).collect::<String>();
    let lines: Vec<String> = (0..lines).map(|_| [word(), word(), word()].join(" ")).collect();
    lines.iter().map(String::as_str).collect()
}

fn trained(lines: &Lines, size: usize) -> Bpe {
    Bpe::train(&[lines], Training { size, minimum_frequency: 2 }).expect("a possible size")
}

fn small() -> Bpe {
    trained(&made_up(1, 60), 340)
}

/// The file of a small vocabulary after a change, loaded.
fn changed(change: impl FnOnce(&mut Value)) -> Result<Bpe> {
    let mut file: Value = serde_json::from_str(&small().json().expect("it can be written")).expect("JSON");
    change(&mut file);
    loaded(file.to_string())
}

fn loaded(bytes: impl AsRef<[u8]>) -> Result<Bpe> {
    let place = tempfile::tempdir().expect("a temporary directory");
    let path = place.path().join("vocabulary.json");
    std::fs::write(&path, bytes).expect("writable");
    Bpe::load(&path)
}

#[test]
fn special_tokens_come_first_and_then_the_bytes() {
    let bpe = small();
    assert_eq!(bpe.size(), 340);
    for (number, name) in SPECIAL.iter().enumerate() {
        assert_eq!(bpe.words()[number], *name);
    }
    assert_eq!(SPECIAL[END as usize], "</s>");
    let empty = trained(&Lines::default(), 5000);
    assert_eq!(empty.size(), MINIMUM_SIZE, "nothing to merge");
    let every: Vec<u32> = (5..261).collect();
    let mut used: Vec<u32> = (0..=255_u8)
        .filter(u8::is_ascii)
        .flat_map(|byte| empty.encode(&char::from(byte).to_string()).expect("it is a text"))
        .chain(empty.encode("\u{a2}\u{7ff}\u{800}\u{10ffff}").expect("it is a text"))
        .filter(|&token| token != END)
        .collect();
    used.sort_unstable();
    used.dedup();
    assert!(used.iter().all(|token| every.contains(token)) && used.len() >= 128, "{used:?}");
}

#[test]
fn both_languages_make_one_vocabulary() {
    let (source, target) = (made_up(1, 40), ["der der der der"; 40].into_iter().collect());
    let training = Training { size: 400, minimum_frequency: 2 };
    let joint = Bpe::train(&[&source, &target], training).expect("a possible size");
    assert_eq!(joint.encode("der der").expect("it is a text").len(), 3, "a token for each and the end");
    let alone = Bpe::train(&[&source], training).expect("a possible size");
    assert!(alone.encode("der der").expect("it is a text").len() > 3);
}

#[test]
fn the_same_text_gives_the_same_file_whatever_the_threads() {
    for seed in 0..12 {
        let (lines, size) = (made_up(seed, 30 + 20 * seed as usize), 270 + 40 * seed as usize);
        let first = trained(&lines, size).json().expect("it can be written");
        assert_eq!(trained(&lines, size).json().expect("it can be written"), first);
        for parallel in [false, true] {
            // The crate's own switch, not the environment; it changes nothing, so other tests do not mind.
            tokenizers::parallelism::set_parallelism(parallel);
            assert_eq!(trained(&lines, size).json().expect("it can be written"), first);
        }
    }
}

#[test]
fn minimum_frequency_and_size_are_kept() {
    let lines: Lines = ["ab ab ab cd"].into_iter().collect();
    let training = |size, minimum_frequency| Training { size, minimum_frequency };
    let merged = |training| Bpe::train(&[&lines], training).expect("a possible size").size() - MINIMUM_SIZE;
    // ` ab` occurs twice, `ab` three times, ` cd` once in two merges.
    assert_eq!(merged(training(5000, 1)), 4);
    assert_eq!(merged(training(5000, 2)), 2);
    assert_eq!(merged(training(5000, 3)), 1);
    assert_eq!(merged(training(MINIMUM_SIZE + 1, 1)), 1);
    for size in [0, MINIMUM_SIZE - 1, MAXIMUM_SIZE + 1] {
        let error = Bpe::train(&[&lines], training(size, 1)).expect_err("an impossible size");
        assert!(matches!(error, TextError::VocabularySize { minimum: 261, .. }), "{error}");
    }
}

#[test]
fn names_of_special_tokens_in_a_text_are_text() {
    let lines: Lines = ["<s> <s></s> <unk> <pad><mask>"; 50].into_iter().collect();
    let bpe = trained(&lines, 1000);
    for text in ["<pad>", "a<s>b</s>", " <mask> <unk>", "<s"] {
        let tokens = bpe.encode(text).expect("it is a text");
        assert!(tokens[..tokens.len() - 1].iter().all(|&token| token >= 5), "{text}: {tokens:?}");
        assert_eq!(bpe.decode(&tokens).expect("tokens"), text);
    }
}

#[test]
fn a_saved_vocabulary_is_loaded_again() {
    let place = tempfile::tempdir().expect("a temporary directory");
    let path = place.path().join("vocabulary.json");
    let bpe = small();
    std::fs::write(&path, bpe.json().expect("it can be written")).expect("writable");
    let again = Bpe::load(&path).expect("as written");
    assert_eq!(again.json().expect("it can be written"), bpe.json().expect("it can be written"));
    for text in ["baab ö字 <s>", "", "  \t x"] {
        assert_eq!(again.encode(text).expect("it is a text"), bpe.encode(text).expect("it is a text"));
    }
    let nowhere = place.path().join("none").join("vocabulary.json");
    assert!(matches!(Bpe::load(&nowhere), Err(TextError::Read { .. })));
}

#[test]
fn decoding_refuses_what_is_no_token_and_leaves_special_tokens_out() {
    let bpe = small();
    let mut tokens = bpe.encode("ba ba").expect("it is a text");
    tokens.insert(0, 1);
    tokens.extend([0, 0]);
    assert_eq!(bpe.decode(&tokens).expect("tokens"), "ba ba");
    tokens[2] = 340;
    let message = bpe.decode(&tokens).expect_err("no token").to_string();
    assert!(message.starts_with("token 3 is 340, but tokens must be below 340"), "{message}");
}

#[test]
fn a_vocabulary_without_special_tokens_is_refused_with_those_that_are_missing() {
    let error = changed(|file| {
        let vocabulary = file["model"]["vocab"].as_object_mut().expect("an object");
        vocabulary.remove("<s>");
        vocabulary.remove("<mask>");
    });
    let message = error.expect_err("two are missing").to_string();
    assert!(message.contains("lacks the special tokens <s>, <mask>, without which"), "{message}");
    let error = changed(|file| {
        file["model"]["vocab"]["<s>"] = json!(2);
        file["model"]["vocab"]["</s>"] = json!(1);
    });
    let message = error.expect_err("exchanged").to_string();
    assert!(message.contains("`<s>` is its token 2, but must be 1"), "{message}");
}

#[test]
fn foreign_vocabularies_are_refused_with_what_is_different() {
    type Change = fn(&mut Value);
    let cases: [(Change, &str); 9] = [
        (|file| file["model"]["type"] = json!("WordPiece"), "its model is \"WordPiece\", not byte pairs"),
        (|file| file["pre_tokenizer"] = json!({"type": "Whitespace"}), "its `pre_tokenizer` is {\"type\""),
        (|file| file["pre_tokenizer"]["add_prefix_space"] = json!(true), "its `pre_tokenizer` is"),
        (|file| file["decoder"] = Value::Null, "its `decoder` is null, not {"),
        (|file| file["normalizer"] = json!({"type": "NFC"}), "its `normalizer` is"),
        (|file| file["model"]["dropout"] = json!(0.1), "its `dropout` is 0.1, not null"),
        (|file| file["model"]["end_of_word_suffix"] = json!("</w>"), "its `end_of_word_suffix` is"),
        (|file| file["added_tokens"] = json!([]), "its `added_tokens` is [], not ["),
        (|file| file["truncation"] = json!({"max_length": 5}), "its `truncation` is"),
    ];
    for (change, expected) in cases {
        let error = changed(change).expect_err(expected);
        assert!(matches!(error, TextError::ForeignVocabulary { .. }), "{error}");
        assert!(error.to_string().contains(expected), "{error}\nshould say\n{expected}");
    }
}

#[test]
fn damaged_vocabularies_are_refused_with_what_is_wrong() {
    type Change = fn(&mut Value);
    let cases: [(Change, &str); 10] = [
        (|file| *file = json!([1]), "it has no `model`"),
        (|file| file["model"] = json!("BPE"), "it has no `model`"),
        (|file| file["model"]["vocab"] = json!([]), "its model has no `vocab`"),
        (|file| file["model"]["merges"] = Value::Null, "no list `merges`"),
        (|file| file["model"]["vocab"]["zz"] = json!(-1), "token `zz` has the number -1"),
        (|file| file["model"]["vocab"]["zz"] = json!(7), "has the number 7"),
        (
            |file| file["model"]["vocab"]["zz"] = json!(1000),
            "`zz` has the number 1000, but there are only 341",
        ),
        (|file| file["model"]["merges"][0] = json!(["a", "zz"]), "merge 1 needs `zz`, which is no token"),
        (
            |file| file["model"]["merges"][1] = json!(["a", "b", "a"]),
            "merge 2 is [\"a\",\"b\",\"a\"], not a pair",
        ),
        (|file| file["model"]["merges"][1] = file["model"]["merges"][0].clone(), "merge 2 is there a second"),
    ];
    for (change, expected) in cases {
        let error = changed(change).expect_err(expected);
        assert!(matches!(error, TextError::DamagedVocabulary { .. }), "{error}");
        assert!(error.to_string().contains(expected), "{error}\nshould say\n{expected}");
    }
    let whole = small().json().expect("it can be written");
    let error = loaded(&whole[..whole.len() / 2]).expect_err("cut off").to_string();
    assert!(error.contains("it is not JSON"), "{error}");
    assert!(matches!(loaded(b"\xff\0"), Err(TextError::DamagedVocabulary { .. })));
}

#[test]
fn an_enormous_file_is_no_vocabulary() {
    let place = tempfile::tempdir().expect("a temporary directory");
    let path: PathBuf = place.path().join("hole");
    let file = std::fs::File::create(&path).expect("writable");
    file.set_len(300_000_000).expect("a file with a hole");
    assert!(matches!(Bpe::load(&path), Err(TextError::LargeFile { .. })));
}

#[test]
fn a_line_of_the_longest_kind_is_encoded_and_decoded() {
    let bpe = small();
    let spaces = " ".repeat(9_999) + "x";
    for text in [spaces, "ab".repeat(5_000), "a ".repeat(5_000), "🙂".repeat(10_000), "'s".repeat(5_000)] {
        let tokens = bpe.encode(&text).expect("it is a text");
        assert_eq!(bpe.decode(&tokens).expect("tokens"), text);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn every_text_comes_back_exactly(texts in prop::collection::vec(any::<String>(), 0..8), size in 261..400_usize) {
        let lines: Lines = texts.iter().map(String::as_str).collect();
        let bpe = trained(&lines, size);
        let sequences = bpe.encode_lines(&lines).expect("they are texts");
        prop_assert_eq!(sequences.len(), lines.len());
        for (text, sequence) in lines.iter().zip(sequences.iter()) {
            prop_assert_eq!(sequence, &bpe.encode(text).expect("it is a text"));
            prop_assert_eq!(sequence.last(), Some(&END));
            prop_assert_eq!(bpe.decode(sequence).expect("tokens"), text);
        }
    }

    #[test]
    fn a_file_with_a_wrong_byte_never_panics(place in 0..20_000_usize, byte: u8) {
        let mut file = small().json().expect("it can be written").into_bytes();
        let place = place % file.len();
        file[place] = byte;
        if let Ok(bpe) = loaded(&file) {
            let tokens = bpe.encode("ab ba ö字").expect("it is a text");
            prop_assert!(bpe.decode(&tokens).is_ok());
        }
    }
}
