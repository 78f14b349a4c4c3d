//! `switchyard data`: known public data sets, whether local copies are the published files, and packing a parallel corpus.

use std::path::{Path, PathBuf};

use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use switchyard::data::translation::{Joining, Pair, ParallelCorpus};

use crate::arguments::{DataArguments, DataCommand, PackArguments};
use crate::atomic;
use crate::error::{Error, Result};
use crate::reporter::{Answer, Reporter, Style};
use crate::text::bpe::{Bpe, Training};
use crate::text::digest::{hexadecimal, of_file};
use crate::text::parallel::{Empty, Pairs, Reading, read_pairs};
use crate::text::sources::{Checksum, DataSet, SETS, State, find};

/// Lists, verifies or packs.
///
/// # Errors
/// When a set is unknown, a file cannot be read, or texts are no parallel corpus.
pub fn data(arguments: &DataArguments, reporter: &mut dyn Reporter) -> Result<()> {
    match &arguments.command {
        None => reporter.answer(&Listed),
        Some(DataCommand::Verify { folder, name }) => verify(folder, name.as_deref(), reporter),
        Some(DataCommand::Pack(arguments)) => pack(arguments, reporter),
    }
}

struct Listed;

impl Answer for Listed {
    fn text(&self, _style: Style) -> String {
        let mut text = String::new();
        for set in SETS {
            text += &format!("{}\n  {}\n  licence: {}\n", set.name, set.what, set.licence);
            for file in set.files {
                let size = match file.checksum {
                    Checksum::Known { bytes, sha256 } => format!("{bytes} bytes, SHA-256 {sha256}"),
                    Checksum::None(reason) => format!("not checked: {reason}"),
                };
                text += &format!("  {}\n    {}\n    {size}\n", file.name, file.address);
            }
            text += &format!("  {}\n\n", set.then);
        }
        text + "Check local copies with `switchyard data verify FOLDER`.\n"
    }

    fn json(&self) -> Value {
        let file = |file: &crate::text::sources::DataFile| match file.checksum {
            Checksum::Known { bytes, sha256 } => {
                json!({ "name": file.name, "address": file.address, "bytes": bytes, "sha256": sha256 })
            }
            Checksum::None(reason) => {
                json!({ "name": file.name, "address": file.address, "unchecked": reason })
            }
        };
        let set = |set: &DataSet| {
            let files: Vec<Value> = set.files.iter().map(file).collect();
            json!({ "name": set.name, "what": set.what, "licence": set.licence, "files": files, "then": set.then })
        };
        json!({ "sets": SETS.iter().map(set).collect::<Vec<_>>() })
    }

    fn brief(&self) -> String {
        SETS.iter().map(|set| set.name).collect::<Vec<_>>().join("\n")
    }
}

fn verify(folder: &Path, name: Option<&str>, reporter: &mut dyn Reporter) -> Result<()> {
    let sets: Vec<&DataSet> = match name {
        None => SETS.iter().collect(),
        Some(name) => {
            let known = || SETS.iter().map(|set| set.name).collect::<Vec<_>>();
            vec![find(name).ok_or_else(|| switchyard::Error::unknown_name("data set", name, known()))?]
        }
    };
    let mut verified = Verified { lines: Vec::new(), good: true };
    for set in sets {
        for (state, advice) in set.states(folder)? {
            // Of sets that nobody asked for by name, what is missing is no fault.
            verified.good &= match state {
                State::Good | State::Unchecked { .. } => true,
                State::Missing => name.is_none(),
                State::WrongSize { .. } | State::WrongChecksum { .. } => false,
            };
            verified.lines.push((set.name, advice));
        }
    }
    reporter.answer(&verified)?;
    if verified.good {
        return Ok(());
    }
    Err(Error::data(folder, "not every file is the published one; what to do stands above"))
}

struct Verified {
    lines: Vec<(&'static str, String)>,
    good: bool,
}

impl Answer for Verified {
    fn text(&self, _style: Style) -> String {
        self.lines.iter().map(|(name, advice)| format!("{name}: {advice}\n")).collect()
    }

    fn json(&self) -> Value {
        let lines = self.lines.iter().map(|(name, advice)| json!({ "set": name, "advice": advice }));
        json!({ "good": self.good, "files": lines.collect::<Vec<_>>() })
    }

    fn brief(&self) -> String {
        if self.good { "good" } else { "not good" }.to_owned()
    }
}

fn pack(arguments: &PackArguments, reporter: &mut dyn Reporter) -> Result<()> {
    let parts = [&arguments.train, &arguments.validation, &arguments.test];
    let made_from = made_from(&parts, arguments)?;
    if let Ok(bytes) = std::fs::read(&arguments.out) {
        match ParallelCorpus::from_bytes(&bytes) {
            Ok(corpus) if corpus.made_from == made_from => {
                reporter.note("the packed corpus is up to date: its files and settings have not changed");
                return reporter.answer(&Packed::of(&corpus, &arguments.out, [0; 3]));
            }
            Ok(_) => reporter.note("files or settings have changed; the corpus is packed again"),
            // Only what this command made is written over.
            Err(_) => {
                let problem =
                    "this file is there already and is no packed corpus; choose another name with `--out`";
                return Err(Error::data(&arguments.out, problem));
            }
        }
    }
    let empty = if arguments.skip_empty { Empty::Skip } else { Empty::Refuse };
    let read = |files: &Vec<PathBuf>| -> Result<Pairs> {
        let [source, target] = files.as_slice() else {
            let problem = "give two files for each part: the sentences and their translations".to_owned();
            return Err(Error::Usage { problem });
        };
        Ok(read_pairs(source, target, Reading { empty, ..Reading::default() })?)
    };
    let [train, validation, test] = [read(parts[0])?, read(parts[1])?, read(parts[2])?];
    let training = Training { size: arguments.vocabulary, minimum_frequency: 2 };
    reporter.note(&format!(
        "learning a vocabulary of {} from {} pairs",
        arguments.vocabulary,
        train.source.len()
    ));
    let bpe = Bpe::train(&[&train.source, &train.target], training)?;
    let encoded = |pairs: &Pairs| -> Result<Vec<Pair>> {
        let (source, target) = (bpe.encode_lines(&pairs.source)?, bpe.encode_lines(&pairs.target)?);
        // Networks are given the end of a sentence by their batch.
        let without_end = |mut words: Vec<u32>| {
            words.pop();
            words
        };
        let pair = |(source, target)| Pair { source: without_end(source), target: without_end(target) };
        Ok(source.into_iter().zip(target).map(pair).collect())
    };
    let name = arguments.out.file_stem().unwrap_or(arguments.out.as_os_str()).to_string_lossy().into_owned();
    let corpus = ParallelCorpus {
        name,
        vocabulary: bpe.words(),
        joining: Joining::ByteLevel,
        tokenizer: Some(bpe.json()?),
        made_from,
        train: encoded(&train)?,
        validation: encoded(&validation)?,
        test: encoded(&test)?,
    }
    .checked()?;
    atomic::write(&arguments.out, &corpus.to_bytes()).map_err(Error::write(&arguments.out))?;
    let skipped = [train.skipped, validation.skipped, test.skipped];
    reporter.answer(&Packed::of(&corpus, &arguments.out, skipped))
}

/// A checksum of all files and of the settings.
fn made_from(parts: &[&Vec<PathBuf>; 3], arguments: &PackArguments) -> Result<String> {
    let mut sum = Sha256::new();
    for path in parts.iter().flat_map(|files| files.iter()) {
        sum.update(of_file(path)?.0);
    }
    sum.update(format!("vocabulary {}, skip {}, version 1", arguments.vocabulary, arguments.skip_empty));
    Ok(hexadecimal(&sum.finalize().into()))
}

struct Packed {
    out: PathBuf,
    pairs: [usize; 3],
    skipped: [usize; 3],
    vocabulary: usize,
    /// Mean words of a sentence of the training, source and target.
    words: [f64; 2],
}

impl Packed {
    fn of(corpus: &ParallelCorpus, out: &Path, skipped: [usize; 3]) -> Self {
        let mean = |side: fn(&Pair) -> usize| {
            corpus.train.iter().map(side).sum::<usize>() as f64 / corpus.train.len().max(1) as f64
        };
        Self {
            out: out.to_owned(),
            pairs: corpus.parts().map(|(_, pairs)| pairs.len()),
            skipped,
            vocabulary: corpus.vocabulary.len(),
            words: [mean(|pair| pair.source.len()), mean(|pair| pair.target.len())],
        }
    }
}

impl Answer for Packed {
    fn text(&self, _style: Style) -> String {
        let [train, validation, test] = self.pairs;
        let skipped: usize = self.skipped.iter().sum();
        format!(
            "corpus      {}\npairs       {train} to train, {validation} to tune, {test} to test{}\nvocabulary  {} words\n\
             sentences   {:.1} and {:.1} words on average\nnext        switchyard run mos-mt --set data.source=own --data {}\n",
            self.out.display(),
            if skipped > 0 { format!("; {skipped} with an empty line were skipped") } else { String::new() },
            self.vocabulary,
            self.words[0],
            self.words[1],
            self.out.display()
        )
    }

    fn json(&self) -> Value {
        json!({
            "corpus": self.out, "pairs": self.pairs, "skipped": self.skipped, "vocabulary": self.vocabulary,
            "mean_words": self.words,
        })
    }

    fn brief(&self) -> String {
        self.out.display().to_string()
    }
}
