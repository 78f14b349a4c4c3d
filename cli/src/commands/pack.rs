//! `switchyard data pack`: texts as numbers of byte pairs in one file, of two languages or of one; nothing is done where the
//! file is up to date.

use std::io::Read as _;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use switchyard::data::OwnData;
use switchyard::data::sentences::SentenceCorpus;
use switchyard::data::translation::{Joining, Pair, ParallelCorpus};

use crate::arguments::PackArguments;
use crate::atomic;
use crate::error::{Error, Result};
use crate::reporter::{Answer, Reporter, Style};
use crate::text::bpe::{Bpe, Training};
use crate::text::digest::{hexadecimal, of_file};
use crate::text::lines::Lines;
use crate::text::parallel::{Empty, Pairs, Reading, read_pairs, read_sentences};

/// How a packed corpus begins.
const CORPUS: &[u8] = br#"{"format":"switchyard-"#;

/// Packs a corpus.
///
/// # Errors
/// When the texts cannot be read or are no corpus, or another file is in the way.
pub fn pack(arguments: &PackArguments, reporter: &mut dyn Reporter) -> Result<()> {
    let files = Files::of(arguments)?;
    let given = arguments.tokenizer.as_deref().map(existing).transpose()?;
    let made_from = files.made_from(arguments, given.as_ref())?;
    let out = &arguments.out;
    if let Ok(bytes) = std::fs::read(out) {
        match OwnData::packed(&bytes) {
            Ok(corpus) if origin(&corpus) == Some(made_from.as_str()) => {
                reporter.note("the packed corpus is up to date: its files and settings have not changed");
                return reporter.answer(&Packed::of(&corpus, out, [0; 3]));
            }
            Ok(_) => reporter.note("files or settings have changed; the corpus is packed again"),
            // Only what this command made is written over.
            Err(_) => {
                let problem =
                    "this file is there already and is no packed corpus; choose another name with `--out`";
                return Err(Error::data(out, problem));
            }
        }
    }
    let packing = Packing { arguments, given, made_from };
    let (corpus, skipped) = match files {
        Files::Pairs(files) => packing.pairs(files, reporter)?,
        Files::Text(files) => packing.sentences(files, reporter)?,
    };
    let bytes = match &corpus {
        OwnData::Sentences(corpus) => corpus.to_bytes(),
        other => other.pairs().map(ParallelCorpus::to_bytes).unwrap_or_default(),
    };
    atomic::write(out, &bytes).map_err(Error::write(out))?;
    reporter.answer(&Packed::of(&corpus, out, skipped))
}

/// The vocabulary of a file: of a packed corpus, or one that stands alone.
fn existing(path: &Path) -> Result<Bpe> {
    if !begins_as_corpus(path)? {
        return Ok(Bpe::load(path)?);
    }
    let bytes = std::fs::read(path).map_err(Error::read(path))?;
    let corpus = OwnData::packed(&bytes).map_err(|source| Error::InFile { path: path.to_owned(), source })?;
    let tokenizer = match corpus {
        OwnData::Pairs(corpus) => corpus.tokenizer,
        OwnData::Sentences(corpus) => corpus.tokenizer,
        OwnData::Rows(_) | OwnData::Text(_) => None,
    };
    let Some(json) = tokenizer else {
        let problem = "the words of this corpus are cut by spaces, not byte pairs; give another one";
        return Err(Error::data(path, problem));
    };
    Ok(Bpe::parse(&json, path)?)
}

/// Whether a file says that it is a packed corpus; no more of it is read.
fn begins_as_corpus(path: &Path) -> Result<bool> {
    let mut first = Vec::with_capacity(CORPUS.len());
    let file = std::fs::File::open(path).map_err(Error::read(path))?;
    file.take(CORPUS.len() as u64).read_to_end(&mut first).map_err(Error::read(path))?;
    Ok(first == CORPUS)
}

/// What a packed corpus was made from.
fn origin(corpus: &OwnData) -> Option<&str> {
    match corpus {
        OwnData::Pairs(corpus) => Some(&corpus.made_from),
        OwnData::Sentences(corpus) => Some(&corpus.made_from),
        OwnData::Rows(_) | OwnData::Text(_) => None,
    }
}

/// The files to train, to tune and to test with.
enum Files<'a> {
    /// Sentences and their translations.
    Pairs([[&'a Path; 2]; 3]),
    /// Sentences of one language.
    Text([&'a Path; 3]),
}

impl<'a> Files<'a> {
    fn of(arguments: &'a PackArguments) -> Result<Self> {
        let parts = [&arguments.train, &arguments.validation, &arguments.test];
        let refuse = |problem: &str| Err(Error::Usage { problem: problem.to_owned() });
        if arguments.text {
            return match parts.map(Vec::as_slice) {
                [[train], [validation], [test]] => Ok(Files::Text([train, validation, test])),
                _ => refuse("with `--text` give one file for each part: sentences of one language"),
            };
        }
        match parts.map(Vec::as_slice) {
            [[a, b], [c, d], [e, f]] => Ok(Files::Pairs([[a, b], [c, d], [e, f]])),
            _ => refuse(
                "give two files for each part: the sentences and their translations (or one, with `--text`)",
            ),
        }
    }

    /// A checksum of all files and of the settings.
    fn made_from(&self, arguments: &PackArguments, given: Option<&Bpe>) -> Result<String> {
        let mut sum = Sha256::new();
        let (files, text): (Vec<&Path>, &str) = match self {
            Files::Pairs(parts) => (parts.concat(), ""),
            Files::Text(parts) => (parts.to_vec(), "text, "),
        };
        for path in files {
            sum.update(of_file(path)?.0);
        }
        let vocabulary = match given {
            None => arguments.vocabulary.to_string(),
            Some(bpe) => bpe.json()?,
        };
        sum.update(format!("{text}vocabulary {vocabulary}, skip {}, version 1", arguments.skip_empty));
        Ok(hexadecimal(&sum.finalize().into()))
    }
}

/// What all corpora of one call have in common.
struct Packing<'a> {
    arguments: &'a PackArguments,
    /// The vocabulary to take instead of learning one.
    given: Option<Bpe>,
    made_from: String,
}

/// A corpus, and how many pairs or sentences of each part were skipped.
type Made = Result<(OwnData, [usize; 3])>;

impl Packing<'_> {
    fn pairs(mut self, [train, validation, test]: [[&Path; 2]; 3], reporter: &mut dyn Reporter) -> Made {
        let read = |[source, target]: [&Path; 2]| read_pairs(source, target, self.reading());
        let parts = [read(train)?, read(validation)?, read(test)?];
        let bpe = self.vocabulary(&[&parts[0].source, &parts[0].target], "pairs", reporter)?;
        let encoded = |pairs: &Pairs| -> Result<Vec<Pair>> {
            let sides = numbers(&bpe, &pairs.source)?.into_iter().zip(numbers(&bpe, &pairs.target)?);
            Ok(sides.map(|(source, target)| Pair { source, target }).collect())
        };
        let corpus = ParallelCorpus {
            name: self.name(),
            vocabulary: bpe.words(),
            joining: Joining::ByteLevel,
            tokenizer: Some(bpe.json()?),
            made_from: self.made_from,
            train: encoded(&parts[0])?,
            validation: encoded(&parts[1])?,
            test: encoded(&parts[2])?,
        };
        Ok((OwnData::Pairs(corpus.checked()?), parts.map(|pairs| pairs.skipped)))
    }

    fn sentences(mut self, [train, validation, test]: [&Path; 3], reporter: &mut dyn Reporter) -> Made {
        let read = |path: &Path| read_sentences(path, self.reading());
        let parts = [read(train)?, read(validation)?, read(test)?];
        let bpe = self.vocabulary(&[&parts[0].lines], "sentences", reporter)?;
        let corpus = SentenceCorpus {
            name: self.name(),
            vocabulary: bpe.words(),
            joining: Joining::ByteLevel,
            tokenizer: Some(bpe.json()?),
            made_from: self.made_from,
            train: numbers(&bpe, &parts[0].lines)?,
            validation: numbers(&bpe, &parts[1].lines)?,
            test: numbers(&bpe, &parts[2].lines)?,
        };
        Ok((OwnData::Sentences(corpus.checked()?), parts.map(|sentences| sentences.skipped)))
    }

    fn reading(&self) -> Reading {
        let empty = if self.arguments.skip_empty { Empty::Skip } else { Empty::Refuse };
        Reading { empty, ..Reading::default() }
    }

    fn name(&self) -> String {
        let out = &self.arguments.out;
        out.file_stem().unwrap_or(out.as_os_str()).to_string_lossy().into_owned()
    }

    /// The given vocabulary, or one that is learned from these texts.
    fn vocabulary(&mut self, texts: &[&Lines], what: &str, reporter: &mut dyn Reporter) -> Result<Bpe> {
        if let Some(given) = self.given.take() {
            reporter.note(&format!("taking a vocabulary of {}; nothing is learned", given.size()));
            return Ok(given);
        }
        let (size, lines) = (self.arguments.vocabulary, texts[0].len());
        reporter.note(&format!("learning a vocabulary of {size} from {lines} {what}"));
        Ok(Bpe::train(texts, Training { size, minimum_frequency: 2 })?)
    }
}

/// The words of every line, without the end of a sentence: networks are given it by their batch.
fn numbers(bpe: &Bpe, lines: &Lines) -> Result<Vec<Vec<u32>>> {
    let mut all = bpe.encode_lines(lines)?;
    for words in &mut all {
        words.pop();
    }
    Ok(all)
}

struct Packed {
    out: PathBuf,
    /// Pairs, or sentences, of each part.
    lines: [usize; 3],
    skipped: [usize; 3],
    vocabulary: usize,
    /// Mean words of a sentence of the training: of source and target, or of the one language.
    words: Vec<f64>,
}

impl Packed {
    fn of(corpus: &OwnData, out: &Path, skipped: [usize; 3]) -> Self {
        let mean = |lengths: &mut dyn Iterator<Item = usize>| {
            let (sum, count) = lengths.fold((0, 0), |(sum, count), length| (sum + length, count + 1));
            sum as f64 / count.max(1) as f64
        };
        let (lines, vocabulary, words) = match corpus {
            OwnData::Pairs(corpus) => {
                let side = |side: fn(&Pair) -> usize| mean(&mut corpus.train.iter().map(side));
                let words = vec![side(|pair| pair.source.len()), side(|pair| pair.target.len())];
                (corpus.parts().map(|(_, pairs)| pairs.len()), corpus.vocabulary.len(), words)
            }
            OwnData::Sentences(corpus) => {
                let words = vec![mean(&mut corpus.train.iter().map(Vec::len))];
                (corpus.parts().map(|(_, sentences)| sentences.len()), corpus.vocabulary.len(), words)
            }
            OwnData::Rows(_) | OwnData::Text(_) => ([0; 3], 0, Vec::new()),
        };
        Self { out: out.to_owned(), lines, skipped, vocabulary, words }
    }

    fn is_of_pairs(&self) -> bool {
        self.words.len() == 2
    }
}

impl Answer for Packed {
    fn text(&self, _style: Style) -> String {
        let ([train, validation, test], out) = (self.lines, self.out.display());
        let skipped = match self.skipped.iter().sum::<usize>() {
            0 => String::new(),
            skipped => format!("; {skipped} with an empty line were skipped"),
        };
        let (what, preset) =
            if self.is_of_pairs() { ("pairs    ", "mos-mt") } else { ("sentences", "mos-bert-small") };
        let means: Vec<String> = self.words.iter().map(|mean| format!("{mean:.1}")).collect();
        format!(
            "corpus      {out}\n{what}   {train} to train, {validation} to tune, {test} to test{skipped}\n\
             vocabulary  {} words\nlengths     {} words on average\n\
             next        switchyard run {preset} --set data.source=own --data {out}\n",
            self.vocabulary,
            means.join(" and "),
        )
    }

    fn json(&self) -> Value {
        let lines = if self.is_of_pairs() { "pairs" } else { "sentences" };
        json!({
            "corpus": self.out, lines: self.lines, "skipped": self.skipped, "vocabulary": self.vocabulary,
            "mean_words": self.words,
        })
    }

    fn brief(&self) -> String {
        self.out.display().to_string()
    }
}
