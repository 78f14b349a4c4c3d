//! `switchyard export`: one trained sub-network as a plain network, weights and description in two files.
//!
//! It reads the checkpoint of a supernet; the run need not be complete.

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use switchyard::data::translation::Joining;
use switchyard::experiment::{Checked, Registry};
use switchyard::labs::{masked_language, mixture_of_supernets as lab, translation};
use switchyard::supernet::Architecture;
use switchyard::supernet::bert::BertArchitecture;
use switchyard::supernet::transformer::TransformerArchitecture;

use crate::arguments::ExportArguments;
use crate::atomic;
use crate::checkpoint::{self, Checkpoint};
use crate::device::DeviceName;
use crate::directory::{RunDirectory, identity};
use crate::error::{Error, Result};
use crate::reporter::{Answer, Reporter, Style};

/// Exports a sub-network.
///
/// # Errors
/// When the run does not have it, its checkpoint cannot be used, or a file would be overwritten.
pub fn export(arguments: &ExportArguments, reporter: &mut dyn Reporter) -> Result<()> {
    let directory = RunDirectory::look(&arguments.directory)?;
    let checked = directory.checked(&Registry::standard())?;
    let data = directory.data()?;
    let identity = identity(&checked, data.as_ref());
    let prefix = arguments.out.clone().unwrap_or_else(|| {
        PathBuf::from(format!("{}-{}-seed-{}", arguments.architecture, arguments.method, arguments.seed))
    });
    let device = DeviceName::Flex.open()?;
    let files = if checked.lab().name() == "translation" {
        let architecture: TransformerArchitecture = arguments.architecture.parse()?;
        let task = translation::task_of(&checked, &arguments.method, arguments.seed)?;
        let weights = weights(&directory, &task, &identity)?;
        let own = data.as_ref().and_then(|data| data.data.pairs());
        let exporting =
            translation::export(&checked, own, &arguments.method, &weights, &architecture, &device);
        let (exported, corpus) = pollster::block_on(exporting)?;
        let mut files = vec![("safetensors", exported.weights), ("json", json_of(&exported.description)?)];
        files.extend(words(corpus.joining, corpus.vocabulary, corpus.tokenizer)?);
        Written::new(&prefix, files, exported.description.parameters)?
    } else if checked.lab().name() == "masked-language" {
        let architecture: BertArchitecture = arguments.architecture.parse()?;
        let task = masked_language::task_of(&checked, &arguments.method, arguments.seed)?;
        let weights = weights(&directory, &task, &identity)?;
        let own = data.as_ref().map(|data| &data.data);
        let exporting =
            masked_language::export(&checked, own, &arguments.method, &weights, &architecture, &device);
        let (exported, corpus) = pollster::block_on(exporting)?;
        let mut files = vec![("safetensors", exported.weights), ("json", json_of(&exported.description)?)];
        files.extend(words(corpus.joining, corpus.vocabulary, corpus.tokenizer)?);
        Written::new(&prefix, files, exported.description.parameters)?
    } else {
        let architecture: Architecture = arguments.architecture.parse()?;
        let task = supernet_task(&checked, arguments)?;
        let weights = weights(&directory, &task, &identity)?;
        let exporting = lab::export(&checked, &arguments.method, &weights, &architecture, &device);
        let exported = pollster::block_on(exporting)?;
        let files = vec![("safetensors", exported.weights), ("json", json_of(&exported.description)?)];
        Written::new(&prefix, files, exported.description.parameters)?
    };
    reporter.answer(&files)
}

fn supernet_task(checked: &Checked, arguments: &ExportArguments) -> Result<String> {
    if checked.lab().name() != "mixture-of-supernets" {
        let problem = format!(
            "`{}` trains no supernet, so there is no sub-network to export; take a run of `mos-digits` or `mos-mt-small`",
            checked.preset().name
        );
        return Err(Error::Usage { problem });
    }
    Ok(lab::task_of(checked, &arguments.method, arguments.seed)?)
}

/// The words that a network of sentences knows: the content of `PREFIX.words.json`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Words {
    joining: Joining,
    /// Every word, by its number.
    pub vocabulary: Vec<String>,
}

/// The files that say which words a network knows, and what cuts text into them.
fn words(
    joining: Joining,
    vocabulary: Vec<String>,
    tokenizer: Option<String>,
) -> Result<Vec<(&'static str, Vec<u8>)>> {
    let words = ("words.json", json_of(&Words { joining, vocabulary })?);
    let tokenizer = tokenizer.map(|tokenizer| ("tokenizer.json", tokenizer.into_bytes()));
    Ok(std::iter::once(words).chain(tokenizer).collect())
}

impl Words {
    /// Whether a tokenizer cuts text into words, and not spaces.
    pub fn is_byte_level(&self) -> bool {
        self.joining == Joining::ByteLevel
    }
}

/// The weights that a task of this run left behind.
pub(super) fn weights(directory: &RunDirectory, task: &str, identity: &str) -> Result<Vec<u8>> {
    let path = checkpoint::path(&directory.checkpoints(), task);
    if !path.exists() {
        let problem = format!("task `{task}` of this run is not finished; go on with `switchyard resume`");
        return Err(Error::data(directory.path(), problem));
    }
    let checkpoint = Checkpoint::read(&path, identity)?;
    checkpoint.outcome.weights.ok_or_else(|| Error::data(&path, "this task keeps no weights"))
}

fn json_of(value: &impl Serialize) -> Result<Vec<u8>> {
    let mut text = serde_json::to_vec_pretty(value).map_err(|error| Error::Unexpected {
        problem: format!("the description of the network cannot be written: {error}"),
    })?;
    text.push(b'\n');
    Ok(text)
}

struct Written {
    files: Vec<PathBuf>,
    parameters: usize,
}

impl Written {
    /// Writes the files of an export, and none when one of them is there already.
    fn new(prefix: &Path, files: Vec<(&'static str, Vec<u8>)>, parameters: usize) -> Result<Self> {
        let with = |extension: &str| PathBuf::from(format!("{}.{extension}", prefix.display()));
        let files: Vec<(PathBuf, Vec<u8>)> =
            files.into_iter().map(|(extension, bytes)| (with(extension), bytes)).collect();
        if let Some((taken, _)) = files.iter().find(|(path, _)| path.exists()) {
            return Err(Error::data(taken, "this file is there already; choose another name with `--out`"));
        }
        for (path, bytes) in &files {
            atomic::write(path, bytes).map_err(Error::write(path))?;
        }
        Ok(Self { files: files.into_iter().map(|(path, _)| path).collect(), parameters })
    }
}

impl Answer for Written {
    fn text(&self, _style: Style) -> String {
        let names = ["weights      ", "description  ", "words        ", "tokenizer    "];
        let lines = names.iter().zip(&self.files).map(|(name, path)| format!("{name}{}\n", path.display()));
        lines.collect::<String>() + &format!("parameters   {}\n", self.parameters)
    }

    fn json(&self) -> Value {
        json!({ "weights": self.files[0], "description": self.files[1], "files": self.files, "parameters": self.parameters })
    }

    fn brief(&self) -> String {
        self.files[0].display().to_string()
    }
}
