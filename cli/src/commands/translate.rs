//! `switchyard translate`: an exported network translates sentences; no supernet is loaded.

use std::io::Read as _;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};
use switchyard::data::translation::corpus::SPECIAL;
use switchyard::supernet::transformer::batch::END;
use switchyard::supernet::transformer::decoding::{BeamSearch, Translation};
use switchyard::supernet::transformer::export::{ExportedTransformer, TransformerDescription};

use super::export::Words;
use crate::arguments::TranslateArguments;
use crate::error::{Error, Result};
use crate::reporter::{Answer, Reporter, Style};
use crate::text::bpe::Bpe;

/// Sentences that are translated together.
const AT_ONCE: usize = 32;
/// The most bytes that are read from standard input or a file.
const MOST_BYTES: usize = 50_000_000;

/// Translates sentences, one a line.
///
/// # Errors
/// When the export cannot be read, or holds no network that translates.
pub fn translate(arguments: &TranslateArguments, reporter: &mut dyn Reporter) -> Result<()> {
    let network = Network::load(&arguments.network)?;
    let text = match &arguments.text {
        Some(text) => text.clone(),
        None => input(arguments.file.as_deref())?,
    };
    let sentences: Vec<&str> = text.lines().map(str::trim).collect();
    let device = arguments.device.open()?;
    let weights = with_ending(&arguments.network, "safetensors");
    let subnet = network.exported.load(&device).map_err(|source| Error::InFile { path: weights, source })?;
    let rule = BeamSearch {
        beam: arguments.beam,
        length_penalty: arguments.length_penalty,
        ..BeamSearch::default()
    };
    let mut translated = Translated { lines: Vec::with_capacity(sentences.len()) };
    for part in sentences.chunks(AT_ONCE) {
        let encoded = part.iter().map(|sentence| network.encode(sentence)).collect::<Result<Vec<_>>>()?;
        // An empty line stays one.
        let sources: Vec<&[u32]> =
            encoded.iter().filter(|words| !words.is_empty()).map(Vec::as_slice).collect();
        let found = pollster::block_on(rule.translate(&subnet, &sources, &device))?;
        let mut found = found.into_iter();
        for (sentence, words) in part.iter().zip(&encoded) {
            let translation = if words.is_empty() { None } else { found.next() };
            let text = translation.as_ref().map(|found| network.decode(found)).transpose()?;
            translated.lines.push(((*sentence).to_owned(), text.unwrap_or_default(), translation));
        }
    }
    reporter.answer(&translated)
}

fn input(file: Option<&Path>) -> Result<String> {
    let (bytes, path) = match file {
        Some(path) => (std::fs::read(path).map_err(Error::read(path))?, path.to_owned()),
        None => {
            let mut bytes = Vec::new();
            let mut reader = std::io::stdin().lock().take(MOST_BYTES as u64 + 1);
            reader.read_to_end(&mut bytes).map_err(Error::read(Path::new("standard input")))?;
            (bytes, PathBuf::from("standard input"))
        }
    };
    if bytes.len() > MOST_BYTES {
        return Err(Error::data(&path, format!("more than {MOST_BYTES} bytes; translate it in parts")));
    }
    String::from_utf8(bytes).map_err(|error| {
        let place = error.utf8_error().valid_up_to() + 1;
        Error::data(&path, format!("byte {place} is not UTF-8; save it as UTF-8"))
    })
}

/// A file of an export.
fn with_ending(prefix: &Path, ending: &str) -> PathBuf {
    PathBuf::from(format!("{}.{ending}", prefix.display()))
}

/// An exported network with its words.
struct Network {
    exported: ExportedTransformer,
    words: Words,
    bpe: Option<Bpe>,
}

impl Network {
    fn load(prefix: &Path) -> Result<Self> {
        let with = |ending: &str| with_ending(prefix, ending);
        let (weights, description, words) = (with("safetensors"), with("json"), with("words.json"));
        let read = |path: &PathBuf| std::fs::read(path).map_err(Error::read(path));
        let description: TransformerDescription =
            serde_json::from_slice(&read(&description)?).map_err(|error| {
                Error::data(&description, format!("this describes no network that translates: {error}"))
            })?;
        let found: Words = serde_json::from_slice(&read(&words)?)
            .map_err(|error| Error::data(&words, format!("these are no words of a network: {error}")))?;
        if found.vocabulary.len() != description.vocabulary {
            let problem = format!(
                "it has {} words, but the network knows {}; take the files of one export",
                found.vocabulary.len(),
                description.vocabulary
            );
            return Err(Error::data(&words, problem));
        }
        let tokenizer = with("tokenizer.json");
        let bpe = if found.is_byte_level() { Some(Bpe::load(&tokenizer)?) } else { None };
        if bpe.as_ref().is_some_and(|bpe| bpe.words() != found.vocabulary) {
            let problem = format!(
                "it cuts text into other words than those of {}; take the files of one export",
                words.display()
            );
            return Err(Error::data(&tokenizer, problem));
        }
        Ok(Self {
            exported: ExportedTransformer { description, weights: read(&weights)? },
            words: found,
            bpe,
        })
    }

    fn encode(&self, sentence: &str) -> Result<Vec<u32>> {
        match &self.bpe {
            Some(bpe) => {
                let mut words = bpe.encode(sentence)?;
                words.retain(|word| *word != END);
                Ok(words)
            }
            None => {
                let unknown = SPECIAL.iter().position(|word| *word == "<unk>").unwrap_or(3) as u32;
                let number = |word: &str| {
                    let known = self.words.vocabulary.iter().position(|known| known == word);
                    known.map_or(unknown, |place| place as u32)
                };
                Ok(sentence.split_whitespace().map(number).collect())
            }
        }
    }

    fn decode(&self, translation: &Translation) -> Result<String> {
        match &self.bpe {
            Some(bpe) => Ok(bpe.decode(&translation.words)?.trim().to_owned()),
            None => {
                let words = translation.words.iter().filter(|word| **word as usize >= SPECIAL.len());
                let words = words.filter_map(|word| self.words.vocabulary.get(*word as usize));
                Ok(words.map(String::as_str).collect::<Vec<_>>().join(" "))
            }
        }
    }
}

struct Translated {
    lines: Vec<(String, String, Option<Translation>)>,
}

impl Answer for Translated {
    fn text(&self, _style: Style) -> String {
        self.lines.iter().map(|(_, translation, _)| format!("{translation}\n")).collect()
    }

    fn json(&self) -> Value {
        let line = |(source, translation, found): &(String, String, Option<Translation>)| json!({ "source": source, "translation": translation, "score": found.as_ref().map(|found| found.score) });
        json!({ "translations": self.lines.iter().map(line).collect::<Vec<_>>() })
    }

    fn brief(&self) -> String {
        self.text(Style::plain()).trim_end().to_owned()
    }
}
