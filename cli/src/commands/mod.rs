//! The commands: one file each. A command takes its arguments and a reporter, and gives its answer to the
//! reporter; it prints nothing itself.

mod compare;
mod completions;
mod data;
mod doctor;
mod exit_codes;
mod export;
mod inspect;
mod labs;
mod latency;
mod link;
mod pack;
mod play;
mod record;
mod report;
mod reproduce;
mod resume;
mod routers;
mod run;
mod search;
mod serve_device;
mod trace;
mod translate;

use crate::arguments::{Arguments, Command, ExperimentArguments, RunArguments, SavingArguments};
use crate::device::DeviceNames;
use crate::error::Result;
use crate::reporter::Reporter;

/// The preset of `switchyard` without arguments.
const MAIN_PRESET: &str = "mos-digits";

/// Does what the command line says.
///
/// # Errors
/// Whatever ended the command early.
pub fn dispatch(arguments: Arguments, reporter: &mut dyn Reporter) -> Result<()> {
    match arguments.command {
        None => run::run(&without_arguments(), reporter),
        Some(Command::Run(arguments)) => run::run(&arguments, reporter),
        Some(Command::Resume(arguments)) => resume::resume(&arguments, reporter),
        Some(Command::Record(arguments)) => record::record(&arguments, reporter),
        Some(Command::Report(arguments)) => report::report(&arguments, reporter),
        Some(Command::Compare(arguments)) => compare::compare(&arguments, reporter),
        Some(Command::Trace(arguments)) => trace::trace(&arguments, reporter),
        Some(Command::Inspect(arguments)) => inspect::inspect(&arguments, reporter),
        Some(Command::Export(arguments)) => export::export(&arguments, reporter),
        Some(Command::Translate(arguments)) => translate::translate(&arguments, reporter),
        Some(Command::Latency(arguments)) => latency::latency(&arguments, reporter),
        Some(Command::Search(arguments)) => search::search(&arguments, reporter),
        Some(Command::Data(arguments)) => data::data(&arguments, reporter),
        Some(Command::Link(arguments)) => link::link(&arguments, reporter),
        Some(Command::Play(arguments)) => play::play(&arguments, reporter),
        Some(Command::Labs(arguments)) => labs::labs(&arguments, reporter),
        Some(Command::Routers(arguments)) => routers::routers(&arguments, reporter),
        Some(Command::ServeDevice(arguments)) => serve_device::serve_device(&arguments, reporter),
        Some(Command::Doctor(arguments)) => doctor::doctor(&arguments, reporter),
        Some(Command::Reproduce(arguments)) => reproduce::reproduce(&arguments, reporter),
        Some(Command::Completions(arguments)) => completions::completions(&arguments, reporter),
        Some(Command::ExitCodes) => exit_codes::exit_codes(reporter),
    }
}

fn without_arguments() -> RunArguments {
    RunArguments {
        experiment: ExperimentArguments { experiment: MAIN_PRESET.to_owned(), set: Vec::new(), seed: None },
        device: DeviceNames::default(),
        out: None,
        threads: None,
        saving: SavingArguments::default(),
        memory: None,
        data: None,
        class: None,
    }
}
