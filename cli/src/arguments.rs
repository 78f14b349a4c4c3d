//! The command line's words. Every subcommand's help ends with examples that run; a test parses each of them.

mod routers;
mod routes;
mod runs;
mod search;
mod translation;

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

pub use routers::RoutersArguments;
pub use routes::{InspectArguments, TraceArguments, TraceFormat};
pub use runs::{ExperimentArguments, ResumeArguments, RunArguments, SavingArguments};
pub use search::{CostName, LatencyArguments, SearchArguments};
pub use translation::{DataArguments, DataCommand, ExportArguments, PackArguments, TranslateArguments};

use crate::device::DeviceName;
use crate::exit::Exit;

const ABOUT: &str = "Train, audit and compare routed neural networks: what goes where?";
const LONG_ABOUT: &str = "Switchyard trains routed networks and weight-sharing supernets, audits a paper's claim \
against standalone networks, and writes a self-contained report.\n\n\
Without a command it runs the preset `mos-digits`.\n\n\
Results go to standard output, progress to standard error. Nothing is ever asked.";

/// `switchyard`.
#[derive(Debug, Parser)]
#[command(name = "switchyard", version, about = ABOUT, long_about = LONG_ABOUT, after_help = "\
Examples:
  switchyard
  switchyard run mos-digits --seed 7
  switchyard labs

Exit codes: see `switchyard help exit-codes`.")]
pub struct Arguments {
    /// What to do; without it, `run mos-digits`.
    #[command(subcommand)]
    pub command: Option<Command>,
    /// How to write.
    #[command(flatten)]
    pub output: OutputArguments,
}

impl Arguments {
    /// Whether this carries out a run, which can be watched.
    pub fn has_session(&self) -> bool {
        matches!(self.command, None | Some(Command::Run(_) | Command::Resume(_)))
    }
}

/// How results and progress are written.
#[derive(Debug, Clone, Args)]
pub struct OutputArguments {
    /// Write JSON: one object per line, each with `schema_version`
    #[arg(long, global = true, help_heading = "Output")]
    pub json: bool,
    /// Write no progress, and of the result only the most important line
    #[arg(long, short, global = true, help_heading = "Output")]
    pub quiet: bool,
    /// Show a run as a dashboard that fills the terminal (`run`, `resume`)
    #[arg(long, global = true, help_heading = "Output")]
    pub tui: bool,
    /// When to use colours; `NO_COLOR` in the environment turns them off
    #[arg(long, global = true, value_enum, default_value_t = Color::Auto, value_name = "WHEN", help_heading = "Output")]
    pub color: Color,
}

/// When to use colours.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Color {
    /// On a terminal, unless `NO_COLOR` is set.
    Auto,
    /// Also into pipes and files.
    Always,
    /// Never.
    Never,
}

/// The commands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Run an experiment: a preset, a TOML file or a link
    #[command(after_help = "\
Examples:
  switchyard run mos-digits
  switchyard run mos-digits --set seeds=1 --seed 7 --out my-run
  switchyard run mos-digits --tui
  switchyard run mos-mt --set data.source=own --data en-de.pairs --save-every 15 --keep 3
  switchyard run mos-mt-small --set training.accumulation=2 --device flex,flex
  switchyard run '#v=1&run=mos-digits&seed=7' --json
  switchyard run moe-rings --set data.source=own --data points.csv --class kind
  switchyard run text-live --set data.source=own --data book.txt")]
    Run(RunArguments),
    /// Go on with a run that was interrupted
    #[command(after_help = "\
Examples:
  switchyard resume
  switchyard resume runs/mos-digits-0-1 --threads 2

Finished tasks are kept. A task under way goes on from its newest file in `checkpoints` if its lab saves any, else it \
begins anew; the result is the same. A damaged file is named, and the one before it is used.")]
    Resume(ResumeArguments),
    /// Write what a page would be told of a run's first steps, as JSON Lines
    #[command(after_help = "\
Examples:
  switchyard record mos-live --steps 600 --every 20 --out mos-live.jsonl
  switchyard record '#v=1&run=mos-tiny&t=200' --cells 24 --digits 3 --out first-steps.jsonl")]
    Record(RecordArguments),
    /// Write the report of a run directory again
    #[command(after_help = "\
Examples:
  switchyard report runs/mos-digits-0-1
  switchyard report runs/mos-digits-0-1 --json")]
    Report(ReportArguments),
    /// Put two runs side by side: specification, results, verdicts
    #[command(after_help = "\
Examples:
  switchyard compare runs/mos-digits-0-1 runs/mos-digits-7-1
  switchyard compare runs/mos-digits-0-1 runs/mos-digits-7-1 --json")]
    Compare(CompareArguments),
    /// Write the routing decisions of a run as a trace: JSON Lines or Parquet
    #[command(after_help = "\
Examples:
  switchyard trace runs/moe-rings-0-1
  switchyard trace runs/moe-rings-0-1 --output rings.parquet

JSON Lines keeps everything. Parquet has one row for each edge; it leaves out logits and probabilities.")]
    Trace(TraceArguments),
    /// Say what a trace, a routing log or a load table shows: balance, specialisation, stability, drops
    #[command(after_help = "\
Examples:
  switchyard inspect trace.jsonl
  switchyard inspect routes.csv.gz --experts 64 --report routes.html
  switchyard inspect load.csv --json

Formats, told apart by what is in the file, which may be compressed with gzip:
  trace                     written by `switchyard trace`, JSON Lines or Parquet
  routing log, JSON Lines   token_idx, topk_ids; optional layer, topk_weights, req_id, step, token_id, position,
                            class, domain; a first line of type `meta` may hold num_experts and top_k
  routing log, CSV          expert, and unit or position; optional layer, weight, rank, fate (kept, dropped),
                            sequence, position, token, class, domain, step or checkpoint
  load table, CSV           expert, fraction; optional layer; every other column names the context")]
    Inspect(InspectArguments),
    /// Write one trained sub-network of a run as a plain network (safetensors and JSON)
    #[command(after_help = "\
Examples:
  switchyard export runs/mos-tiny-0-1 --architecture w16-relu-f24.24.24
  switchyard export runs/mos-tiny-0-1 --architecture w8-relu-f8 --method layer-wise --out small")]
    Export(ExportArguments),
    /// Translate sentences with an exported network
    #[command(after_help = "\
Examples:
  switchyard translate best --text 'the old dog sees a cat'
  switchyard translate best sentences.txt --beam 5")]
    Translate(TranslateArguments),
    /// Measure how long sub-networks take on this machine, and how well that is predicted
    #[command(after_help = "\
Examples:
  switchyard latency mos-mt-small
  switchyard latency runs/mos-mt-0-1 --samples 500 --threads 1 --out mt.jsonl")]
    Latency(LatencyArguments),
    /// Search a trained supernet for the best sub-network under a limit, by several strategies
    #[command(after_help = "\
Examples:
  switchyard search runs/mos-mt-small-0-1
  switchyard search runs/mos-mt-0-1 --method neuron-wise --latency latency.jsonl --limit 15 --limit 25 --report s.html")]
    Search(SearchArguments),
    /// List known public data sets, verify local copies, or pack a corpus of two languages or one
    #[command(after_help = "\
Examples:
  switchyard data
  switchyard data verify downloads multi30k
  switchyard data pack --train a.en a.de --validation b.en b.de --test c.en c.de --out en-de.pairs
  switchyard data pack --text --train a.en --validation b.en --test c.en --out en.sentences")]
    Data(DataArguments),
    /// Print the link that opens an experiment in the browser
    #[command(after_help = "\
Examples:
  switchyard link mos-digits --set seeds=1
  switchyard link runs/mos-digits-0-1 --base https://example.org/switchyard/")]
    Link(LinkArguments),
    /// Serve the playground to a browser on this machine
    #[command(after_help = "\
Examples:
  switchyard play
  switchyard play '#v=1&run=mos-digits&seed=7' --port 9000
  switchyard play mos-tiny --folder web/dist
  switchyard play --follow runs/mos-digits-0-1")]
    Play(PlayArguments),
    /// List the presets, or show one preset's fields and ranges
    #[command(after_help = "\
Examples:
  switchyard labs
  switchyard labs mos-digits
  switchyard labs --json")]
    Labs(LabsArguments),
    /// List the token routers with their rules, papers and pitfalls, or one of them
    #[command(after_help = "\
Examples:
  switchyard routers
  switchyard routers expert-choice --json")]
    Routers(RoutersArguments),
    /// Lend a device of this machine to runs elsewhere (`--device remote:…`), until Ctrl-C
    #[command(
        name = "serve-device",
        after_help = "\
Examples:
  switchyard serve-device
  switchyard serve-device --listen 127.0.0.1:7700 --device flex

A run there is then started with `--device remote:ws://127.0.0.1:7700`. Connections are neither encrypted nor asked for
a password: who reaches the address may compute. Lend to networks that you trust, or through a tunnel."
    )]
    ServeDevice(ServeDeviceArguments),
    /// Say what this program and this machine are, for issue reports
    #[command(after_help = "\
Examples:
  switchyard doctor
  switchyard doctor --json")]
    Doctor(DoctorArguments),
    /// Re-derive a published table from data that you supply
    #[command(after_help = "\
Examples:
  switchyard reproduce mos-table --data mos_mt30.csv
  switchyard reproduce mos-table --data mos_mt30.csv --json")]
    Reproduce(ReproduceArguments),
    /// Print a completion script for a shell
    #[command(after_help = "\
Examples:
  switchyard completions bash
  switchyard completions zsh")]
    Completions(CompletionsArguments),
    /// List the exit codes
    #[command(name = "exit-codes", long_about = format!("List the exit codes:\n\n{}", Exit::table()), after_help = "\
Examples:
  switchyard exit-codes
  switchyard exit-codes --json")]
    ExitCodes,
}

/// `switchyard record`.
#[derive(Debug, Clone, Args)]
pub struct RecordArguments {
    /// Which experiment.
    #[command(flatten)]
    pub experiment: ExperimentArguments,
    /// How many steps [default: the `t` of the link]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..))]
    pub steps: Option<u64>,
    /// Steps between two looks at the pictures
    #[arg(long, value_name = "N", default_value_t = 10, value_parser = clap::value_parser!(u64).range(1..))]
    pub every: u64,
    /// The file to write; an older recording there is replaced
    #[arg(long, value_name = "FILE")]
    pub out: PathBuf,
    /// The most cells side by side in a field of regions
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(4..), help_heading = "Size")]
    pub cells: Option<u16>,
    /// The most points in a picture
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..), help_heading = "Size")]
    pub points: Option<u16>,
    /// Significant digits of numbers in pictures
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u8).range(2..=17), help_heading = "Size")]
    pub digits: Option<u8>,
}

/// `switchyard report`.
#[derive(Debug, Clone, Args)]
pub struct ReportArguments {
    /// The run directory
    #[arg(value_name = "DIR")]
    pub directory: PathBuf,
}

/// `switchyard compare`.
#[derive(Debug, Clone, Args)]
pub struct CompareArguments {
    /// The first run directory
    #[arg(value_name = "A")]
    pub first: PathBuf,
    /// The second run directory
    #[arg(value_name = "B")]
    pub second: PathBuf,
}

/// `switchyard link`.
#[derive(Debug, Clone, Args)]
pub struct LinkArguments {
    /// A preset's name, a TOML file, a link, or a run directory
    #[arg(value_name = "PRESET|FILE|DIR")]
    pub experiment: String,
    /// Change one field; may be repeated, the last one counts
    #[arg(long = "set", short = 's', value_name = "KEY=VALUE", help_heading = "Experiment")]
    pub set: Vec<String>,
    /// The seed of every random draw
    #[arg(long, value_name = "N", help_heading = "Experiment")]
    pub seed: Option<u64>,
    /// The address of the page, put before the `#`
    #[arg(long, value_name = "URL", default_value = "")]
    pub base: String,
}

/// `switchyard play`.
#[derive(Debug, Clone, Args)]
pub struct PlayArguments {
    /// What the printed address opens: a link, or a preset's name, a TOML file or a run directory
    #[arg(value_name = "LINK|PRESET|FILE|DIR")]
    pub experiment: Option<String>,
    /// Show a run that another process carries out or has carried out, from its run directory
    #[arg(long, value_name = "RUN", conflicts_with = "experiment")]
    pub follow: Option<PathBuf>,
    /// The port; 0 takes any free one [default: 8080, or the next free one]
    #[arg(long, value_name = "N", help_heading = "Server")]
    pub port: Option<u16>,
    /// Serve the page in this folder [default: the page inside this program]
    #[arg(long, value_name = "DIR", help_heading = "Server")]
    pub folder: Option<PathBuf>,
    /// The path of the page at its address
    #[arg(long, value_name = "PATH", default_value = "/", help_heading = "Server")]
    pub path: String,
}

/// `switchyard labs`.
#[derive(Debug, Clone, Args)]
pub struct LabsArguments {
    /// Show this preset's fields
    #[arg(value_name = "PRESET")]
    pub preset: Option<String>,
}

/// `switchyard serve-device`.
#[derive(Debug, Clone, Args)]
pub struct ServeDeviceArguments {
    /// The address to listen at; port 0 takes any free one
    #[arg(long, value_name = "ADDRESS:PORT", default_value = "127.0.0.1:7700")]
    pub listen: SocketAddr,
    /// The device to lend, of those that `switchyard doctor` lists
    #[arg(long, value_name = "DEVICE", default_value_t)]
    pub device: DeviceName,
}

/// `switchyard doctor`.
#[derive(Debug, Clone, Args)]
pub struct DoctorArguments {
    /// The folder whose free disk space is told
    #[arg(long, value_name = "DIR", default_value = "runs")]
    pub runs: PathBuf,
}

/// `switchyard reproduce`.
#[derive(Debug, Clone, Args)]
pub struct ReproduceArguments {
    /// Which table
    #[arg(value_enum, value_name = "TABLE")]
    pub table: PublishedTable,
    /// The file with the published numbers
    #[arg(long, value_name = "FILE")]
    pub data: PathBuf,
    /// The seed of the bootstrap
    #[arg(long, value_name = "N", default_value_t = 0)]
    pub seed: u64,
}

/// A table that can be re-derived.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum PublishedTable {
    /// Supernet gap and ranking of the Mixture-of-Supernets translation experiment.
    MosTable,
}

/// `switchyard completions`.
#[derive(Debug, Clone, Args)]
pub struct CompletionsArguments {
    /// The shell
    #[arg(value_enum, value_name = "SHELL")]
    pub shell: clap_complete::Shell,
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::*;

    /// Splits a command line as a shell does for words and single quotes.
    fn words(line: &str) -> Vec<String> {
        let parts = line.split('\'').enumerate();
        let words = parts.flat_map(|(index, part)| {
            if index % 2 == 1 {
                vec![part.to_owned()]
            } else {
                part.split_whitespace().map(str::to_owned).collect()
            }
        });
        words.collect()
    }

    fn examples(command: &clap::Command) -> Vec<String> {
        let help = command.get_after_help().map(ToString::to_string).unwrap_or_default();
        help.lines().filter(|line| line.starts_with("  switchyard")).map(str::to_owned).collect()
    }

    #[test]
    fn the_definition_is_consistent() {
        Arguments::command().debug_assert();
    }

    #[test]
    fn every_command_has_two_examples_that_parse() {
        let root = Arguments::command();
        for command in std::iter::once(&root).chain(root.get_subcommands()) {
            let examples = examples(command);
            assert!(examples.len() >= 2, "`{}` has {} examples", command.get_name(), examples.len());
            for example in examples {
                let parsed = Arguments::try_parse_from(words(&example));
                assert!(parsed.is_ok(), "`{example}` does not parse: {parsed:?}");
            }
        }
    }

    #[test]
    fn every_argument_has_help() {
        let root = Arguments::command();
        for command in std::iter::once(&root).chain(root.get_subcommands()) {
            for argument in command.get_arguments() {
                let id = argument.get_id().as_str();
                assert!(
                    argument.get_help().is_some() || ["help", "version"].contains(&id),
                    "{}: `{id}` has no help",
                    command.get_name()
                );
            }
        }
    }
}
