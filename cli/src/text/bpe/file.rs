//! A vocabulary's file, checked before the crate sees it: the crate panics on some damaged ones, and it would take any
//! kind of vocabulary.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use serde_json::Value;
use tokenizers::Tokenizer;

use super::{MAXIMUM_SIZE, SPECIAL, alphabet, blank, special_tokens};
use crate::text::error::{Result, TextError};

/// The most bytes of a vocabulary's file: of the largest one, with tokens of many characters.
const MAXIMUM_BYTES: u64 = 256_000_000;

/// What must be as it is here, since it decides what a text's tokens are: of the file, and of its model.
const SETTINGS: [&str; 7] =
    ["truncation", "padding", "added_tokens", "normalizer", "pre_tokenizer", "post_processor", "decoder"];
const MODEL_SETTINGS: [&str; 7] = [
    "type",
    "dropout",
    "unk_token",
    "continuing_subword_prefix",
    "end_of_word_suffix",
    "byte_fallback",
    "ignore_merges",
];

/// Reads and checks a vocabulary.
///
/// # Errors
/// As [`super::Bpe::load`].
pub fn read(path: &Path) -> Result<Tokenizer> {
    let size = std::fs::metadata(path).map_err(TextError::read(path))?.len();
    if size > MAXIMUM_BYTES {
        let path = path.to_owned();
        return Err(TextError::LargeFile { path, bytes: size, limit: MAXIMUM_BYTES });
    }
    let bytes = std::fs::read(path).map_err(TextError::read(path))?;
    parse_from(&bytes, path)
}

/// Checks a vocabulary that was found at `path`.
///
/// # Errors
/// As [`super::Bpe::parse`].
pub fn parse_from(bytes: &[u8], path: &Path) -> Result<Tokenizer> {
    parse(bytes).map_err(|problem| problem.of(path))
}

/// What is wrong with a file that has no name yet.
enum Problem {
    Damaged(String),
    Foreign(String),
    Missing(Vec<&'static str>),
    Library(TextError),
}

impl Problem {
    fn of(self, path: &Path) -> TextError {
        let path = path.to_owned();
        match self {
            Self::Damaged(problem) => TextError::DamagedVocabulary { path, problem },
            Self::Foreign(problem) => TextError::ForeignVocabulary { path, problem },
            Self::Missing(missing) => TextError::MissingTokens { path, missing },
            Self::Library(error) => error,
        }
    }
}

fn damaged(problem: impl Into<String>) -> Problem {
    Problem::Damaged(problem.into())
}

fn parse(bytes: &[u8]) -> std::result::Result<Tokenizer, Problem> {
    let file: Value =
        serde_json::from_slice(bytes).map_err(|error| damaged(format!("it is not JSON: {error}")))?;
    let model = file.get("model").filter(|model| model.is_object());
    let model = model.ok_or_else(|| damaged("it has no `model`"))?;
    if model.get("type").is_some_and(|kind| kind != "BPE") {
        return Err(Problem::Foreign(format!("its model is {}, not byte pairs", model["type"])));
    }
    let numbers = vocabulary(model)?;
    check_special(&numbers)?;
    check_settings(&file, model)?;
    check_numbers(&numbers)?;
    check_merges(model, &numbers)?;
    let mut tokenizer = Tokenizer::from_bytes(bytes).map_err(|error| damaged(error.to_string()))?;
    tokenizer.set_encode_special_tokens(true);
    Ok(tokenizer)
}

/// The number of each token, by its name.
fn vocabulary(model: &Value) -> std::result::Result<BTreeMap<&str, usize>, Problem> {
    let vocabulary = model.get("vocab").and_then(Value::as_object);
    let vocabulary = vocabulary.ok_or_else(|| damaged("its model has no `vocab`"))?;
    let number = |(name, value): (_, &Value)| match value.as_u64() {
        Some(number) if number < MAXIMUM_SIZE as u64 => Ok((name, number as usize)),
        _ => Err(damaged(format!("token `{name}` has the number {value}, which none can have"))),
    };
    vocabulary.iter().map(|(name, value)| number((name.as_str(), value))).collect()
}

fn check_special(numbers: &BTreeMap<&str, usize>) -> std::result::Result<(), Problem> {
    let missing: Vec<&str> = SPECIAL.into_iter().filter(|name| !numbers.contains_key(name)).collect();
    if !missing.is_empty() {
        return Err(Problem::Missing(missing));
    }
    match SPECIAL.iter().enumerate().find(|&(number, name)| numbers[name] != number) {
        Some((number, name)) => {
            Err(Problem::Foreign(format!("`{name}` is its token {}, but must be {number}", numbers[name])))
        }
        None => Ok(()),
    }
}

fn check_settings(file: &Value, model: &Value) -> std::result::Result<(), Problem> {
    let mut ours = blank().map_err(Problem::Library)?;
    let added = ours.add_special_tokens(special_tokens()).map_err(TextError::library);
    added.map_err(Problem::Library)?;
    let ours = ours.to_string(false).map_err(TextError::library).map_err(Problem::Library)?;
    let ours: Value = serde_json::from_str(&ours).map_err(TextError::library).map_err(Problem::Library)?;
    let differs = |theirs: &Value, ours: &Value, key: &str| {
        let (theirs, ours) = (theirs.get(key).unwrap_or(&Value::Null), ours.get(key).unwrap_or(&Value::Null));
        if theirs == ours {
            return Ok(());
        }
        let shown: String = theirs.to_string().chars().take(200).collect();
        Err(Problem::Foreign(format!("its `{key}` is {shown}, not {ours}")))
    };
    SETTINGS.iter().try_for_each(|key| differs(file, &ours, key))?;
    MODEL_SETTINGS.iter().try_for_each(|key| differs(model, &ours["model"], key))
}

/// The numbers must be 0, 1, 2… each once, and every byte must have one.
fn check_numbers(numbers: &BTreeMap<&str, usize>) -> std::result::Result<(), Problem> {
    let mut named = vec![false; numbers.len()];
    for (name, &number) in numbers {
        match named.get_mut(number) {
            None => {
                let size = numbers.len();
                return Err(damaged(format!(
                    "token `{name}` has the number {number}, but there are only {size} tokens"
                )));
            }
            Some(true) => return Err(damaged(format!("a second token, `{name}`, has the number {number}"))),
            Some(free) => *free = true,
        }
    }
    let bytes: BTreeSet<String> = alphabet().map(String::from).collect();
    match bytes.iter().find(|byte| !numbers.contains_key(byte.as_str())) {
        Some(byte) => Err(Problem::Foreign(format!("the byte that is written `{byte}` is no token"))),
        None => Ok(()),
    }
}

/// Every merge joins two tokens to a third, and no merge is there twice.
fn check_merges(model: &Value, numbers: &BTreeMap<&str, usize>) -> std::result::Result<(), Problem> {
    let merges = model.get("merges").and_then(Value::as_array);
    let merges = merges.ok_or_else(|| damaged("its model has no list `merges`"))?;
    let mut seen = BTreeSet::new();
    for (place, merge) in merges.iter().enumerate() {
        let parts = merge.as_array().map(Vec::as_slice);
        let parts = parts.and_then(|parts| Some((parts.first()?.as_str()?, parts.get(1)?.as_str()?)));
        let whole = |count| merge.as_array().is_some_and(|parts| parts.len() == count);
        let Some((left, right)) = parts.filter(|_| whole(2)) else {
            return Err(damaged(format!("merge {} is {merge}, not a pair of tokens", place + 1)));
        };
        let joined = format!("{left}{right}");
        let missing = [left, right, &joined].into_iter().find(|name| !numbers.contains_key(name));
        if let Some(missing) = missing {
            return Err(damaged(format!("merge {} needs `{missing}`, which is no token", place + 1)));
        }
        if !seen.insert((left, right)) {
            return Err(damaged(format!("merge {} is there a second time", place + 1)));
        }
    }
    Ok(())
}
