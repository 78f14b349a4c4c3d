//! The words of `export`, `translate` and `data`.

use std::path::PathBuf;

use clap::{Args, Subcommand};

use crate::device::DeviceName;

/// `switchyard export`.
#[derive(Debug, Clone, Args)]
pub struct ExportArguments {
    /// The run directory
    #[arg(value_name = "DIR")]
    pub directory: PathBuf,
    /// Which sub-network, as in `w16-relu-f24.8.8`, `e48-128x4.64x2-d32-64x2x2x1` or `h48-2x96-b24.12`
    #[arg(long, value_name = "NAME")]
    pub architecture: String,
    /// The method whose supernet it is taken from
    #[arg(long, value_name = "METHOD", default_value = "sandwich")]
    pub method: String,
    /// Which of the method's supernets, counted from 0
    #[arg(long, value_name = "N", default_value_t = 0)]
    pub seed: u64,
    /// The files' name without its ending [default: ARCHITECTURE-METHOD-seed-N]
    #[arg(long, value_name = "PREFIX")]
    pub out: Option<PathBuf>,
}

/// `switchyard translate`.
#[derive(Debug, Clone, Args)]
pub struct TranslateArguments {
    /// An exported network: its files' name without the ending
    #[arg(value_name = "PREFIX")]
    pub network: PathBuf,
    /// A file with a sentence in every line [default: standard input]
    #[arg(value_name = "FILE", conflicts_with = "text")]
    pub file: Option<PathBuf>,
    /// A sentence
    #[arg(long, value_name = "SENTENCE")]
    pub text: Option<String>,
    /// Hypotheses kept for each sentence; 1 is greedy
    #[arg(long, value_name = "N", default_value_t = 4, value_parser = beam)]
    pub beam: usize,
    /// A score is divided by the length to this power
    #[arg(long, value_name = "P", default_value_t = 0.6, value_parser = penalty)]
    pub length_penalty: f64,
    /// The device to compute on, as for `switchyard run`
    #[arg(long, value_name = "DEVICE", default_value_t)]
    pub device: DeviceName,
}

fn beam(text: &str) -> Result<usize, String> {
    let number = text.parse().ok().filter(|beam| (1..=64).contains(beam));
    number.ok_or_else(|| "must be a whole number from 1 to 64".to_owned())
}

fn penalty(text: &str) -> Result<f64, String> {
    let number = text.parse().ok().filter(|penalty| (0.0..=4.0).contains(penalty));
    number.ok_or_else(|| "must be a number from 0 to 4".to_owned())
}

/// `switchyard data`.
#[derive(Debug, Clone, Args)]
pub struct DataArguments {
    /// What is to be done; without it the known sets are listed
    #[command(subcommand)]
    pub command: Option<DataCommand>,
}

/// What `switchyard data` does.
#[derive(Debug, Clone, Subcommand)]
pub enum DataCommand {
    /// Say whether the files of a folder are the published ones, and how to get what is missing
    Verify {
        /// The folder of data sets
        #[arg(value_name = "FOLDER")]
        folder: PathBuf,
        /// One set; all without it
        #[arg(value_name = "SET")]
        name: Option<String>,
    },
    /// Learn a vocabulary of byte pairs and pack a corpus into one file; nothing is done where it is up to date
    #[command(after_help = "\
Examples:
  switchyard data pack --train a.en a.de --validation b.en b.de --test c.en c.de --out en-de.pairs
  switchyard data pack --text --train a.en.gz --validation b.en --test c.en --out en.sentences
  switchyard data pack --tokenizer en-de.pairs --text --train d.en --validation b.en --test c.en --out more.sentences

Two languages are what `run mos-mt` translates; of one (`--text`) `run mos-bert-small` guesses masked words.")]
    Pack(PackArguments),
}

/// `switchyard data pack`.
#[derive(Debug, Clone, Args)]
pub struct PackArguments {
    /// Sentences and their translations to learn from, a sentence in every line; plain or gzip
    #[arg(long, num_args = 1..=2, value_name = "FILE", required = true)]
    pub train: Vec<PathBuf>,
    /// The same to choose learning rates by
    #[arg(long, num_args = 1..=2, value_name = "FILE", required = true)]
    pub validation: Vec<PathBuf>,
    /// The same to measure with
    #[arg(long, num_args = 1..=2, value_name = "FILE", required = true)]
    pub test: Vec<PathBuf>,
    /// Pack sentences of one language: one file for each part, without translations
    #[arg(long)]
    pub text: bool,
    /// Words of the vocabulary, for both languages together
    #[arg(long, value_name = "N", default_value_t = 4000, conflicts_with = "tokenizer")]
    pub vocabulary: usize,
    /// Take this vocabulary instead of learning one: the `tokenizer.json` of an export, or a packed corpus
    #[arg(long, value_name = "FILE")]
    pub tokenizer: Option<PathBuf>,
    /// Leave out empty lines, with their partners, and count them, instead of refusing them
    #[arg(long)]
    pub skip_empty: bool,
    /// The file to write
    #[arg(long, value_name = "FILE")]
    pub out: PathBuf,
}
