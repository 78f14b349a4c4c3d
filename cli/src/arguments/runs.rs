//! The words of `run` and `resume`.

use std::path::PathBuf;
use std::time::Duration;

use clap::Args;

use crate::device::DeviceNames;
use crate::halfway::Saving;

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
    /// The device to compute on: flex, ndarray, wgpu, cuda, cuda:1 or remote:ws://HOST:PORT. Several of one kind, separated
    /// by commas, compute each step of one task together (`mos-mt…`, `mos-bert…`); the result is that of one of them
    #[arg(long, value_name = "DEVICE[,DEVICE…]", default_value_t, help_heading = "Run")]
    pub device: DeviceNames,
    /// The run directory: new or empty [default: runs/PRESET-SEED-N]
    #[arg(long, value_name = "DIR", help_heading = "Run")]
    pub out: Option<PathBuf>,
    /// Tasks to work on side by side [default: the number of cores; 1 on several devices]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=256), help_heading = "Run")]
    pub threads: Option<u16>,
    /// Gigabytes that the run may take: what needs more is refused at once [default: what is free, where that is known]
    #[arg(long, value_name = "GB", value_parser = gigabytes, help_heading = "Run")]
    pub memory: Option<f64>,
    /// What is saved of tasks under way.
    #[command(flatten)]
    pub saving: SavingArguments,
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
    /// Tasks to work on side by side [default: the number of cores; 1 on several devices]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=256), help_heading = "Run")]
    pub threads: Option<u16>,
    /// What is saved of tasks under way.
    #[command(flatten)]
    pub saving: SavingArguments,
    /// Gigabytes that the run may take: what needs more is refused at once [default: what is free, where that is known]
    #[arg(long, value_name = "GB", value_parser = gigabytes, help_heading = "Run")]
    pub memory: Option<f64>,
}

fn gigabytes(text: &str) -> Result<f64, String> {
    let number = text.parse().ok().filter(|number: &f64| number.is_finite() && *number > 0.0);
    number.ok_or_else(|| "must be a number of gigabytes above 0, such as 1.5".to_owned())
}

/// Between which moments a user is ready to lose work, in minutes: a year at most.
const LONGEST: f64 = 365.0 * 24.0 * 60.0;

/// What is saved of tasks under way.
#[derive(Debug, Clone, Copy, PartialEq, Args)]
pub struct SavingArguments {
    /// Save tasks under way every so many minutes (0.5, for example), and at Ctrl-C, so that `resume` goes on in their
    /// middle; `never` keeps finished tasks only
    #[arg(long, value_name = "MINUTES|never", default_value = "5", value_parser = moments, help_heading = "Run")]
    pub save_every: Every,
    /// How many of these files to keep of each task under way; a file has about three times the size of the weights
    #[arg(long, value_name = "N", default_value_t = 2, value_parser = clap::value_parser!(u16).range(1..=1000), help_heading = "Run")]
    pub keep: u16,
}

impl Default for SavingArguments {
    fn default() -> Self {
        Self { save_every: Every(Some(Duration::from_secs(300))), keep: 2 }
    }
}

impl SavingArguments {
    /// The rule that they ask for.
    pub fn rule(self) -> Saving {
        Saving { every: self.save_every.0, keep: usize::from(self.keep) }
    }
}

/// How often, or never.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Every(pub Option<Duration>);

fn moments(text: &str) -> Result<Every, String> {
    if text == "never" {
        return Ok(Every(None));
    }
    match text.parse() {
        Ok(minutes) if (0.0..=LONGEST).contains(&minutes) => {
            Ok(Every(Some(Duration::from_secs_f64(minutes * 60.0))))
        }
        _ => Err(format!("give `never` or a number of minutes from 0 to {LONGEST}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_are_minutes_or_never_and_nothing_else() {
        assert_eq!(moments("never"), Ok(Every(None)));
        assert_eq!(moments("5"), Ok(SavingArguments::default().save_every));
        assert_eq!(moments("0.5"), Ok(Every(Some(Duration::from_secs(30)))));
        assert_eq!(moments("0"), Ok(Every(Some(Duration::ZERO))));
        for wrong in ["", "-1", "nan", "inf", "1e9", "five", "5 min"] {
            assert!(moments(wrong).is_err_and(|problem| problem.contains("minutes")), "{wrong}");
        }
    }
}
