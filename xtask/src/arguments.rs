//! The command line: words in, a checked [`Request`] out. Nothing is started here.

use crate::failure::Failure;
use crate::page::Quality;
use crate::steps::Step;

/// The text of `cargo xtask --help`.
pub const HELP: &str = "\
Switchyard's own commands. Each calls `setup` for what it needs.

Usage: cargo xtask <COMMAND> [OPTIONS]

Commands:
  setup    Find or install what the builds need; safe to run again at any time
  play     Build the page and the command, and serve the page on this machine only
  page     Build the page into web/dist
  release  Build the command with the page inside it, and say where it is
  test     Check everything: formatting, lints, tests, documents, the page in a browser
  ci       The same as `test`, with Cargo.lock required to be up to date
  bench    Run the benchmarks, and the same work in PyTorch when Python has it; `bench web` measures the page

Options:
  play     LINK                open this experiment: a link or a preset's name
           --port N            serve on this port (default: 8080, or the next free one)
           --path PATH         serve under this path (default: /)
  page     --quick             without wasm-opt and without a service worker, for a look while working
  test     --only A,B          run only these steps
  ci       --skip A,B          run all but these steps
           steps: fmt, clippy, tests, devices, docs, wasm, parity, page, browser
  bench    FILTER              run only benchmarks whose name contains FILTER
  -h, --help                   show this text

Exit codes: 0 all well, 1 a step failed, 2 the command line is wrong, 3 something is missing on this machine

Environment:
  CARGO_TARGET_DIR   where native builds go (default: switchyard/target-native in the user's cache folder)
  XDG_CACHE_HOME     the cache folder (default: ~/.cache)
  CHROME             the browser to test with (default: chromium, chrome or edge on the PATH)

Examples:
  cargo xtask test
  cargo xtask test --only fmt,clippy
  cargo xtask play mos-tiny --port 9000
  cargo xtask page --quick
";

/// Which steps of `test` or `ci` to run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Selection {
    steps: Vec<Step>,
}

impl Selection {
    /// The chosen steps, in the order in which they run.
    pub fn steps(&self) -> &[Step] {
        &self.steps
    }

    /// Whether a step was chosen.
    pub fn contains(&self, step: Step) -> bool {
        self.steps.contains(&step)
    }
}

/// What the user asked for.
#[derive(Debug, PartialEq, Eq)]
pub enum Request {
    /// Show the help text.
    Help,
    /// Find or install every tool.
    Setup,
    /// Build and serve the page.
    Play(PlayWords),
    /// Build the page.
    Page(Quality),
    /// Finish the page that trunk is building.
    FinishPage,
    /// Build the command with the page inside it.
    Release,
    /// Check everything.
    Test(Selection),
    /// Check everything, on a build machine.
    Ci(Selection),
    /// Run the benchmarks.
    Bench {
        /// Part of a benchmark's name.
        filter: Option<String>,
    },
    /// Measure the page in a browser.
    BenchWeb,
}

/// The words that `play` hands on to `switchyard play`, known to be of the right kind.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PlayWords(Vec<String>);

impl PlayWords {
    /// The words in the order in which they were typed.
    pub fn as_slice(&self) -> &[String] {
        &self.0
    }
}

const COMMANDS: &str = "setup, play, page, release, test, ci and bench";

/// Reads the words after `cargo xtask`.
pub fn parse(words: impl Iterator<Item = String>) -> Result<Request, Failure> {
    let words: Vec<String> = words.collect();
    if words.iter().any(|word| word == "-h" || word == "--help") {
        return Ok(Request::Help);
    }
    let Some((command, rest)) = words.split_first() else {
        return Err(Failure::Usage(format!("a command is missing; there are {COMMANDS}.")));
    };
    match command.as_str() {
        "help" => Ok(Request::Help),
        "setup" => nothing_more(command, rest).map(|()| Request::Setup),
        "play" => parse_play(rest),
        "page" => parse_page(rest),
        "finish-page" => nothing_more(command, rest).map(|()| Request::FinishPage),
        "release" => nothing_more(command, rest).map(|()| Request::Release),
        "test" => parse_selection(command, rest).map(Request::Test),
        "ci" => parse_selection(command, rest).map(Request::Ci),
        "bench" => parse_bench(rest),
        other => Err(Failure::Usage(format!("there is no command `{other}`; there are {COMMANDS}."))),
    }
}

fn nothing_more(command: &str, rest: &[String]) -> Result<(), Failure> {
    match rest.first() {
        None => Ok(()),
        Some(word) => Err(Failure::Usage(format!("`{command}` takes no `{word}`."))),
    }
}

fn parse_play(rest: &[String]) -> Result<Request, Failure> {
    let (places, words): (Vec<String>, Vec<String>) = match rest.split_first() {
        Some((first, others)) if !first.starts_with('-') => (vec![first.clone()], others.to_vec()),
        _ => (Vec::new(), rest.to_vec()),
    };
    let mut all = places;
    for (name, value) in options(&words)? {
        match name.as_str() {
            "--port" if value.parse::<u16>().is_err() => {
                let sentence = "a port is a whole number from 0 to 65535; 0 takes any free one.";
                return Err(Failure::Usage(format!("`--port {value}`: {sentence}")));
            }
            "--port" | "--path" => all.extend([name, value]),
            _ => return Err(Failure::Usage(format!("`play` has `--port` and `--path`, not `{name}`."))),
        }
    }
    Ok(Request::Play(PlayWords(all)))
}

fn parse_page(rest: &[String]) -> Result<Request, Failure> {
    match rest {
        [] => Ok(Request::Page(Quality::Release)),
        [word] if word == "--quick" => Ok(Request::Page(Quality::Quick)),
        _ => Err(Failure::Usage("`page` takes only `--quick`.".into())),
    }
}

fn parse_bench(rest: &[String]) -> Result<Request, Failure> {
    match rest {
        [] => Ok(Request::Bench { filter: None }),
        [word] if word == "web" => Ok(Request::BenchWeb),
        [filter] if !filter.starts_with('-') => Ok(Request::Bench { filter: Some(filter.clone()) }),
        _ => Err(Failure::Usage("`bench` takes at most one word, a part of a benchmark's name.".into())),
    }
}

fn parse_selection(command: &str, rest: &[String]) -> Result<Selection, Failure> {
    let mut only: Vec<Step> = Vec::new();
    let mut skip: Vec<Step> = Vec::new();
    for (name, value) in options(rest)? {
        let list = match name.as_str() {
            "--only" => &mut only,
            "--skip" => &mut skip,
            _ => return Err(Failure::Usage(format!("`{command}` has `--only` and `--skip`, not `{name}`."))),
        };
        for word in value.split(',') {
            list.push(Step::from_name(word)?);
        }
    }
    let chosen = |step: &Step| (only.is_empty() || only.contains(step)) && !skip.contains(step);
    let steps: Vec<Step> = Step::ALL.into_iter().filter(chosen).collect();
    if steps.is_empty() {
        return Err(Failure::Usage("`--only` and `--skip` together leave no step to run.".into()));
    }
    Ok(Selection { steps })
}

/// Splits `--name value` and `--name=value` into pairs.
fn options(rest: &[String]) -> Result<Vec<(String, String)>, Failure> {
    let mut pairs = Vec::new();
    let mut words = rest.iter();
    while let Some(word) = words.next() {
        if !word.starts_with("--") {
            return Err(Failure::Usage(format!("`{word}` is not an option.")));
        }
        let pair = match word.split_once('=') {
            Some((name, value)) => (name.to_owned(), value.to_owned()),
            None => match words.next() {
                Some(value) => (word.clone(), value.clone()),
                None => return Err(Failure::Usage(format!("`{word}` needs a value."))),
            },
        };
        pairs.push(pair);
    }
    Ok(pairs)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(line: &str) -> Result<Request, Failure> {
        parse(line.split_whitespace().map(str::to_owned))
    }

    fn chosen(line: &str) -> Vec<Step> {
        match read(line) {
            Ok(Request::Test(selection) | Request::Ci(selection)) => selection.steps().to_vec(),
            other => panic!("`{line}` gave {other:?}"),
        }
    }

    #[test]
    fn commands_and_options_are_read() {
        assert_eq!(read("setup"), Ok(Request::Setup));
        assert_eq!(read("play"), Ok(Request::Play(PlayWords::default())));
        for line in ["play --port=9000", "play mos-tiny --port 9000 --path /sub/", "play #v=1&run=mos-tiny"] {
            let words =
                line.replace('=', " ").split_whitespace().skip(1).map(str::to_owned).collect::<Vec<_>>();
            let Ok(Request::Play(read)) = read(line) else { panic!("`{line}` is not read") };
            assert_eq!(read.as_slice().concat().replace('=', ""), words.concat(), "{line}");
        }
        assert_eq!(read("page --quick"), Ok(Request::Page(Quality::Quick)));
        assert_eq!(read("release"), Ok(Request::Release));
        assert_eq!(read("bench web"), Ok(Request::BenchWeb));
        assert_eq!(read("bench route"), Ok(Request::Bench { filter: Some("route".into()) }));
        assert_eq!(read("test --help"), Ok(Request::Help));
    }

    #[test]
    fn steps_run_in_one_order_whatever_order_they_are_named_in() {
        assert_eq!(chosen("test"), Step::ALL);
        assert_eq!(chosen("test --only clippy,fmt"), [Step::Formatting, Step::Lints]);
        assert!(!chosen("ci --skip=browser").contains(&Step::Browser));
    }

    #[test]
    fn wrong_words_are_refused_by_name() {
        for line in [
            "",
            "tset",
            "setup now",
            "play --port 65536",
            "play --port x",
            "page now",
            "test --only fmtt",
            "test --only",
        ] {
            assert!(matches!(read(line), Err(Failure::Usage(_))), "{line}");
        }
        let nothing_left = read("test --only fmt --skip fmt");
        assert!(matches!(nothing_left, Err(Failure::Usage(_))));
    }
}
