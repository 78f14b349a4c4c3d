//! The words of `trace` and `inspect`: routing decisions as files.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

/// `switchyard trace`.
#[derive(Debug, Clone, Args)]
pub struct TraceArguments {
    /// The run directory
    #[arg(value_name = "DIR")]
    pub directory: PathBuf,
    /// The file to write; it must not exist yet [default: trace.jsonl or trace.parquet in the run directory]
    #[arg(long, value_name = "FILE")]
    pub output: Option<PathBuf>,
    /// The format [default: by the ending of the file, else jsonl]
    #[arg(long, value_enum, value_name = "FORMAT")]
    pub format: Option<TraceFormat>,
}

/// A format of traces.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum TraceFormat {
    /// JSON Lines: everything.
    Jsonl,
    /// Parquet: one row for each edge.
    Parquet,
}

/// `switchyard inspect`.
#[derive(Debug, Clone, Args)]
pub struct InspectArguments {
    /// A trace, a routing log or a load table
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
    /// Also write the pictures and tables as a self-contained page; an older file there is replaced
    #[arg(long, value_name = "FILE.html")]
    pub report: Option<PathBuf>,
    /// How many experts each layer has, where a routing log does not say so
    #[arg(long, value_name = "N", help_heading = "Reading")]
    pub experts: Option<usize>,
    /// Treat units with equal weights on all of their choices as padding
    #[arg(long, help_heading = "Reading")]
    pub leave_out_ties: bool,
    /// The seed of permutations and resamples
    #[arg(long, value_name = "N", default_value_t = 0)]
    pub seed: u64,
}
