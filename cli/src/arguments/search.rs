//! The words of `latency` and `search`.

use std::path::PathBuf;

use clap::{Args, ValueEnum};
use switchyard::search::STRATEGY_NAMES;
use switchyard::search::predictor::PREDICTOR_NAMES;

use super::ExperimentArguments;
use crate::device::DeviceName;

/// `switchyard latency`.
#[derive(Debug, Clone, Args)]
pub struct LatencyArguments {
    /// Which experiment, or a run directory.
    #[command(flatten)]
    pub experiment: ExperimentArguments,
    /// Data of your own for an experiment with `data.source=own`; a run directory has its own
    #[arg(long, value_name = "FILE", help_heading = "Experiment")]
    pub data: Option<PathBuf>,
    /// How many different sub-networks are measured, the smallest and the largest first
    #[arg(long, value_name = "N", default_value_t = 2000, value_parser = clap::value_parser!(u32).range(10..=1_000_000), help_heading = "Measuring")]
    pub samples: u32,
    /// Words of the sentence that goes in [default: 30, or as many as the networks can read]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=1024), help_heading = "Measuring")]
    pub source_words: Option<u16>,
    /// Words of the translation that comes out [default: 30; 0 for networks that do not translate]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(0..=1024), help_heading = "Measuring")]
    pub target_words: Option<u16>,
    /// Runs of each sub-network before the first that is timed
    #[arg(long, value_name = "N", default_value_t = 5, value_parser = clap::value_parser!(u16).range(0..=1000), help_heading = "Measuring")]
    pub warm_up: u16,
    /// Timed runs of each sub-network; their median counts
    #[arg(long, value_name = "N", default_value_t = 20, value_parser = clap::value_parser!(u16).range(1..=1000), help_heading = "Measuring")]
    pub repeats: u16,
    /// Threads that one operation may use [default: the number of cores]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=256), help_heading = "Measuring")]
    pub threads: Option<u16>,
    /// The device to measure, as for `switchyard run`
    #[arg(long, value_name = "DEVICE", default_value_t, help_heading = "Measuring")]
    pub device: DeviceName,
    /// The file of measurements; where it is there already, the same command goes on in it
    #[arg(long, value_name = "FILE", default_value = "latency.jsonl")]
    pub out: PathBuf,
}

/// What a search's limit is on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum CostName {
    /// Milliseconds that a predictor tells, fitted to measurements (`--latency`).
    Latency,
    /// Floating-point operations of a forward pass.
    Flops,
    /// Trainable numbers.
    Parameters,
}

/// `switchyard search`.
#[derive(Debug, Clone, Args)]
pub struct SearchArguments {
    /// The run directory of a trained supernet
    #[arg(value_name = "DIR")]
    pub directory: PathBuf,
    /// The method whose supernet is searched
    #[arg(long, value_name = "METHOD", default_value = "sandwich", help_heading = "Supernet")]
    pub method: String,
    /// Which of the method's supernets, counted from 0
    #[arg(long, value_name = "N", default_value_t = 0, help_heading = "Supernet")]
    pub supernet: u64,
    /// The first so many sentences of the validation count [default: all]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..), help_heading = "Supernet")]
    pub sentences: Option<u32>,
    /// What the limit is on [default: latency with `--latency`, else flops]
    #[arg(long, value_enum, value_name = "COST", help_heading = "Limit")]
    pub cost: Option<CostName>,
    /// Measurements of `switchyard latency`
    #[arg(long, value_name = "FILE", help_heading = "Limit")]
    pub latency: Option<PathBuf>,
    /// What predicts latency from the measurements
    #[arg(long, value_name = "NAME", default_value = "ridge", value_parser = clap::builder::PossibleValuesParser::new(PREDICTOR_NAMES), help_heading = "Limit")]
    pub predictor: String,
    /// The most that a sub-network may cost; may be repeated, each is a search [default: the median of random ones]
    #[arg(long = "limit", value_name = "NUMBER", allow_negative_numbers = true, value_parser = positive, help_heading = "Limit")]
    pub limits: Vec<f64>,
    /// Who searches, separated by commas; `random` is what the others are compared with
    #[arg(long, value_name = "NAMES", value_delimiter = ',', default_value = "evolution,regularised-evolution,random", value_parser = clap::builder::PossibleValuesParser::new(STRATEGY_NAMES), help_heading = "Search")]
    pub strategies: Vec<String>,
    /// Evaluations of each search; HAT's thirty generations make 3025
    #[arg(long, value_name = "N", default_value_t = 3025, value_parser = clap::value_parser!(u32).range(1..=10_000_000), help_heading = "Search")]
    pub evaluations: u32,
    /// How often each search is repeated, each time with a seed of its own
    #[arg(long, value_name = "N", default_value_t = 3, value_parser = clap::value_parser!(u16).range(1..=1000), help_heading = "Search")]
    pub seeds: u16,
    /// How many live at a time [default: as in the strategy's paper]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(2..=1_000_000), help_heading = "Search")]
    pub population: Option<u32>,
    /// With which probability evolution draws a gene anew [default: 0.3]
    #[arg(long, value_name = "P", value_parser = probability, help_heading = "Search")]
    pub mutation: Option<f64>,
    /// Evaluations side by side [default: the number of cores]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=256), help_heading = "Search")]
    pub threads: Option<u16>,
    /// The device to compute on, as for `switchyard run`
    #[arg(long, value_name = "DEVICE", default_value_t, help_heading = "Search")]
    pub device: DeviceName,
    /// The file of evaluations; where it is there already, the same command goes on in it [default: search.jsonl in DIR]
    #[arg(long, value_name = "FILE")]
    pub out: Option<PathBuf>,
    /// Also write tables and pictures as a self-contained page; an older file there is replaced
    #[arg(long, value_name = "FILE.html")]
    pub report: Option<PathBuf>,
}

fn positive(text: &str) -> Result<f64, String> {
    let number = text.parse().ok().filter(|number: &f64| *number > 0.0 && number.is_finite());
    number.ok_or_else(|| "must be a number above 0".to_owned())
}

fn probability(text: &str) -> Result<f64, String> {
    let number = text.parse().ok().filter(|number| (0.0..=1.0).contains(number));
    number.ok_or_else(|| "must be a number from 0 to 1".to_owned())
}
