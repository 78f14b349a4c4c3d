//! The words of `run` and `resume`.

use std::path::PathBuf;

use clap::Args;

use crate::device::DeviceName;

/// Which experiment.
#[derive(Debug, Clone, Args)]
pub struct ExperimentArguments {
    /// A preset's name, a TOML file, or a link (`#v=1&run=…`, with or without the address before it)
    #[arg(value_name = "PRESET|FILE|LINK")]
    pub experiment: String,
    /// Change one field; may be repeated, the last one counts
    #[arg(long = "set", short = 's', value_name = "KEY=VALUE", help_heading = "Experiment")]
    pub set: Vec<String>,
    /// The seed of every random draw
    #[arg(long, value_name = "N", help_heading = "Experiment")]
    pub seed: Option<u64>,
}

/// `switchyard run`.
#[derive(Debug, Clone, Args)]
pub struct RunArguments {
    /// Which experiment.
    #[command(flatten)]
    pub experiment: ExperimentArguments,
    /// The device to compute on: flex, ndarray, wgpu, cuda, cuda:1 or remote:ws://HOST:PORT
    #[arg(long, value_name = "DEVICE", default_value_t, help_heading = "Run")]
    pub device: DeviceName,
    /// The run directory: new or empty [default: runs/PRESET-SEED-N]
    #[arg(long, value_name = "DIR", help_heading = "Run")]
    pub out: Option<PathBuf>,
    /// Tasks to work on side by side [default: the number of cores]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=256), help_heading = "Run")]
    pub threads: Option<u16>,
    /// Data of your own for an experiment with `data.source=own`: a CSV file with rows, a text file, or a packed corpus
    #[arg(long, value_name = "FILE", help_heading = "Experiment")]
    pub data: Option<PathBuf>,
    /// The column of that file that holds the class [default: the last one]
    #[arg(long, value_name = "COLUMN", requires = "data", help_heading = "Experiment")]
    pub class: Option<String>,
}

/// `switchyard resume`.
#[derive(Debug, Clone, Args)]
pub struct ResumeArguments {
    /// The run directory, or `latest` for the newest unfinished one in `runs`
    #[arg(value_name = "DIR", default_value = "latest")]
    pub directory: PathBuf,
    /// Tasks to work on side by side [default: the number of cores]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=256), help_heading = "Run")]
    pub threads: Option<u16>,
}
