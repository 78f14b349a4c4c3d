//! `cargo xtask`: set-up, build, play, test, ci and bench for Switchyard.
//!
//! The program uses the standard library and two small crates (hashes and compression, for the page), so it compiles
//! in seconds, and it calls no shell, so it runs where cargo runs. It decides nothing about the science: every check it makes is a command a reader can also type.

mod arguments;
mod benchmarks;
mod browser;
mod example;
mod failure;
mod layout;
mod page;
mod process;
mod program;
mod setup;
mod steps;
mod verification;

use arguments::Request;
use failure::Failure;
use layout::Layout;
use std::process::ExitCode;

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("\nxtask: {failure}");
            ExitCode::from(failure.exit_code())
        }
    }
}

fn run() -> Result<(), Failure> {
    let request = arguments::parse(std::env::args().skip(1))?;
    if request == Request::Help {
        print!("{}", arguments::HELP);
        return Ok(());
    }
    let layout = Layout::discover()?;
    match request {
        Request::Help => Ok(()),
        Request::Setup => setup::everything(&layout),
        Request::Play(words) => program::play(&layout, &words),
        Request::Page(quality) => page::make(&layout, quality),
        Request::FinishPage => page::finish::from_trunk(&layout),
        Request::Release => program::release(&layout),
        Request::Test(selection) => verification::run(&layout, &selection, false),
        Request::Ci(selection) => verification::run(&layout, &selection, true),
        Request::Bench { filter } => benchmarks::run(&layout, filter.as_deref()),
        Request::BenchWeb => browser::measure(&layout),
    }
}
