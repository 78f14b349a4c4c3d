//! Byte-pair encoding (Sennrich, Haddow and Birch, 2016, arXiv:1508.07909) over bytes (Radford et al., 2019), through
//! the `tokenizers` crate: one vocabulary for both languages.
//!
//! Its first tokens are the [`SPECIAL`] ones, then come the 256 bytes, so that every text has tokens, then the merged
//! pairs in the order in which they were learnt. Text is cut into words, numbers and punctuation before pairs are
//! counted, by GPT-2's pattern; nothing is normalised, so that decoding gives the exact text. A special token's name in
//! a text is text: `<pad>` in a line never becomes token 0.
//!
//! The same text gives the same vocabulary. The crate counts in hash maps of random order and in several threads, but
//! sums alone depend on neither, the bytes are sorted, and of pairs that are equally frequent the one of smaller numbers
//! is merged first. (66,300 random corpora, each trained 4 to 12 times, were not enough to see a difference.) So no
//! setting of threads is touched here. With prefixes or suffixes of words, which are not used here, the crate's numbers
//! would depend on the order of a hash map: huggingface/tokenizers, issue 1794.

mod file;
#[cfg(test)]
mod tests;

use std::path::Path;

use switchyard::data::translation::corpus::SPECIAL;
use switchyard::supernet::transformer::batch::END;
use tokenizers::decoders::byte_level::ByteLevel;
use tokenizers::models::TrainerWrapper;
use tokenizers::models::bpe::{BPE, BpeTrainer};
use tokenizers::{AddedToken, Tokenizer};

use super::error::{Result, TextError};
use super::lines::Lines;

/// The smallest vocabulary: the special tokens and the bytes.
pub const MINIMUM_SIZE: usize = SPECIAL.len() + 256;
/// The largest vocabulary; published ones for translation have at most 50,000 tokens.
pub const MAXIMUM_SIZE: usize = 1 << 18;
/// The most bytes of text that a vocabulary is trained on: the crate counts pairs in 32 bits.
pub const MAXIMUM_TRAINING: u64 = i32::MAX as u64;

/// How many lines are encoded before their tokens are collected: many enough for all threads, few enough for memory.
const CHUNK: usize = 4096;

/// How a vocabulary is trained.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Training {
    /// How many tokens it has at most, the special ones included; a short text has fewer pairs to merge.
    pub size: usize,
    /// How often a pair must occur to be merged.
    pub minimum_frequency: u64,
}

/// A vocabulary of byte pairs.
pub struct Bpe {
    tokenizer: Tokenizer,
}

impl Bpe {
    /// Trains one vocabulary on all texts together.
    ///
    /// # Errors
    /// When the size is impossible, or there is more text than can be counted.
    pub fn train(texts: &[&Lines], training: Training) -> Result<Self> {
        let Training { size, minimum_frequency } = training;
        if !(MINIMUM_SIZE..=MAXIMUM_SIZE).contains(&size) {
            return Err(TextError::VocabularySize { size, minimum: MINIMUM_SIZE, maximum: MAXIMUM_SIZE });
        }
        let bytes = texts.iter().map(|lines| lines.bytes() as u64).sum();
        if bytes > MAXIMUM_TRAINING {
            return Err(TextError::TrainingText { bytes, limit: MAXIMUM_TRAINING });
        }
        let mut tokenizer = blank()?;
        let trainer = BpeTrainer::builder()
            .vocab_size(size)
            .min_frequency(minimum_frequency)
            .show_progress(false)
            .initial_alphabet(alphabet().collect())
            .special_tokens(special_tokens())
            .build();
        let lines = texts.iter().flat_map(|lines| lines.iter());
        let mut trainer = TrainerWrapper::BpeTrainer(trainer);
        tokenizer.train(&mut trainer, lines).map_err(TextError::library)?;
        Ok(Self { tokenizer })
    }

    /// Reads a vocabulary that holds what [`Bpe::json`] gave.
    ///
    /// # Errors
    /// When the file cannot be read, is damaged, lacks special tokens, or would encode otherwise than what is trained
    /// here.
    pub fn load(path: &Path) -> Result<Self> {
        Ok(Self { tokenizer: file::read(path)? })
    }

    /// The same of a text; `path` is where it was found.
    ///
    /// # Errors
    /// As [`Bpe::load`].
    pub fn parse(json: &str, path: &Path) -> Result<Self> {
        Ok(Self { tokenizer: file::parse_from(json.as_bytes(), path)? })
    }

    /// Every token in the crate's own alphabet, in which each character stands for a byte.
    pub fn words(&self) -> Vec<String> {
        (0..self.size() as u32).map(|token| self.tokenizer.id_to_token(token).unwrap_or_default()).collect()
    }

    /// The vocabulary as one JSON text of the `tokenizers` crate, which other programs read too; they must add `</s>`
    /// themselves. The same vocabulary gives the same text.
    ///
    /// # Errors
    /// Only if the crate fails.
    pub fn json(&self) -> Result<String> {
        let mut json = self.tokenizer.to_string(true).map_err(TextError::library)?;
        json.push('\n');
        Ok(json)
    }

    /// How many tokens there are.
    pub fn size(&self) -> usize {
        self.tokenizer.get_vocab_size(true)
    }

    /// The tokens of a text, and [`END`].
    ///
    /// # Errors
    /// Only if the crate fails.
    pub fn encode(&self, text: &str) -> Result<Vec<u32>> {
        let encoding = self.tokenizer.encode_fast(text, false).map_err(TextError::library)?;
        let mut tokens = encoding.get_ids().to_vec();
        tokens.push(END);
        Ok(tokens)
    }

    /// The tokens of every line, each as [`Bpe::encode`], by all threads.
    ///
    /// # Errors
    /// Only if the crate fails.
    pub fn encode_lines(&self, lines: &Lines) -> Result<Vec<Vec<u32>>> {
        let mut sequences = Vec::with_capacity(lines.len());
        let mut waiting = lines.iter().peekable();
        while waiting.peek().is_some() {
            let chunk: Vec<&str> = waiting.by_ref().take(CHUNK).collect();
            let encodings = self.tokenizer.encode_batch_fast(chunk, false).map_err(TextError::library)?;
            for encoding in encodings {
                let mut tokens = encoding.get_ids().to_vec();
                tokens.push(END);
                sequences.push(tokens);
            }
        }
        Ok(sequences)
    }

    /// The text of tokens, without special ones. Bytes that are no character, which only a model can put together, are
    /// shown as U+FFFD.
    ///
    /// # Errors
    /// When a number is no token.
    pub fn decode(&self, tokens: &[u32]) -> Result<String> {
        let size = self.size();
        if let Some(place) = tokens.iter().position(|&token| token as usize >= size) {
            return Err(TextError::UnknownToken { place: place + 1, token: tokens[place], size });
        }
        self.tokenizer.decode(tokens, true).map_err(TextError::library)
    }
}

impl std::fmt::Debug for Bpe {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Bpe").field("size", &self.size()).finish_non_exhaustive()
    }
}

/// A vocabulary without any token, with all settings that are used here.
fn blank() -> Result<Tokenizer> {
    let model = BPE::builder().unk_token(SPECIAL[3].to_owned()).build();
    let mut tokenizer = Tokenizer::new(model.map_err(TextError::library)?);
    // Neither a space before the first word nor trimmed offsets: the text as it is.
    let bytes = ByteLevel::new(false, false, true);
    tokenizer.with_pre_tokenizer(Some(bytes)).with_decoder(Some(bytes));
    tokenizer.set_encode_special_tokens(true);
    Ok(tokenizer)
}

/// The characters that stand for the 256 bytes in a vocabulary.
fn alphabet() -> impl Iterator<Item = char> {
    ByteLevel::alphabet().into_iter()
}

fn special_tokens() -> Vec<AddedToken> {
    SPECIAL.iter().map(|&name| AddedToken::from(name, true)).collect()
}
