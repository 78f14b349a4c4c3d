//! The command line: words in, a checked [`Request`] out. Nothing is started here.

use crate::failure::Failure;
use crate::steps::Step;

/// The text of `cargo xtask --help`.
pub const HELP: &str = "\
Switchyard's own commands. Each calls `setup` for what it needs.

Usage: cargo xtask <COMMAND> [OPTIONS]

Commands:
  setup   Find or install what the builds need; safe to run again at any time
  play    Build the web page and serve it on this machine only
  test    Check everything: formatting, lints, tests, documents, the web page in a browser
  ci      The same as `test`, with Cargo.lock required to be up to date
  bench   Run the benchmarks, and the same work in PyTorch when Python has it

Options:
  play    --port N             serve on this port (default: 8080, or a free one when 8080 is taken)
  test    --only A,B           run only these steps
  ci      --skip A,B           run all but these steps
          steps: fmt, clippy, tests, docs, wasm, page, browser
  bench   FILTER               run only benchmarks whose name contains FILTER
  -h, --help                   show this text

Exit codes: 0 all well, 1 a step failed, 2 the command line is wrong, 3 something is missing on this machine

Environment:
  CARGO_TARGET_DIR   where native builds go (default: switchyard/target-native in the user's cache folder)
  XDG_CACHE_HOME     the cache folder (default: ~/.cache)
  CHROME             the browser to test with (default: chromium, chrome or edge on the PATH)

Examples:
  cargo xtask test
  cargo xtask test --only fmt,clippy
  cargo xtask play --port 9000
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
    Play {
        /// The port, when the user chose one.
        port: Option<u16>,
    },
    /// Check everything.
    Test(Selection),
    /// Check everything, on a build machine.
    Ci(Selection),
    /// Run the benchmarks.
    Bench {
        /// Part of a benchmark's name.
        filter: Option<String>,
    },
}

/// Reads the words after `cargo xtask`.
pub fn parse(words: impl Iterator<Item = String>) -> Result<Request, Failure> {
    let words: Vec<String> = words.collect();
    if words.iter().any(|word| word == "-h" || word == "--help") {
        return Ok(Request::Help);
    }
    let Some((command, rest)) = words.split_first() else {
        return Err(Failure::Usage("a command is missing: setup, play, test, ci or bench.".into()));
    };
    match command.as_str() {
        "help" => Ok(Request::Help),
        "setup" => nothing_more(command, rest).map(|()| Request::Setup),
        "play" => parse_play(rest),
        "test" => parse_selection(command, rest).map(Request::Test),
        "ci" => parse_selection(command, rest).map(Request::Ci),
        "bench" => parse_bench(rest),
        other => Err(Failure::Usage(format!(
            "there is no command `{other}`; there are setup, play, test, ci and bench."
        ))),
    }
}

fn nothing_more(command: &str, rest: &[String]) -> Result<(), Failure> {
    match rest.first() {
        None => Ok(()),
        Some(word) => Err(Failure::Usage(format!("`{command}` takes no `{word}`."))),
    }
}

fn parse_play(rest: &[String]) -> Result<Request, Failure> {
    match options(rest)?.as_slice() {
        [] => Ok(Request::Play { port: None }),
        [(name, value)] if name == "--port" => match value.parse::<u16>() {
            Ok(port) if port > 0 => Ok(Request::Play { port: Some(port) }),
            _ => Err(Failure::Usage(format!("`--port {value}`: a port is a whole number from 1 to 65535."))),
        },
        _ => Err(Failure::Usage("`play` takes only `--port N`, once.".into())),
    }
}

fn parse_bench(rest: &[String]) -> Result<Request, Failure> {
    match rest {
        [] => Ok(Request::Bench { filter: None }),
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
        assert_eq!(read("play"), Ok(Request::Play { port: None }));
        assert_eq!(read("play --port 9000"), Ok(Request::Play { port: Some(9000) }));
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
        for line in
            ["", "tset", "setup now", "play --port 0", "play --port x", "test --only fmtt", "test --only"]
        {
            assert!(matches!(read(line), Err(Failure::Usage(_))), "{line}");
        }
        let nothing_left = read("test --only fmt --skip fmt");
        assert!(matches!(nothing_left, Err(Failure::Usage(_))));
    }
}
