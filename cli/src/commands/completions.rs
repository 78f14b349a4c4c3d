//! `switchyard completions`: a completion script for a shell.

use clap::CommandFactory as _;
use serde_json::{Value, json};

use crate::arguments::{Arguments, CompletionsArguments};
use crate::error::Result;
use crate::reporter::{Answer, Reporter, Style};

/// Prints the script.
///
/// # Errors
/// When standard output cannot be written.
pub fn completions(arguments: &CompletionsArguments, reporter: &mut dyn Reporter) -> Result<()> {
    let mut script = Vec::new();
    clap_complete::generate(arguments.shell, &mut Arguments::command(), "switchyard", &mut script);
    reporter.answer(&Completions {
        shell: arguments.shell.to_string(),
        script: String::from_utf8_lossy(&script).into_owned(),
    })
}

struct Completions {
    shell: String,
    script: String,
}

impl Answer for Completions {
    fn text(&self, _style: Style) -> String {
        self.script.clone()
    }

    fn json(&self) -> Value {
        json!({ "shell": self.shell, "script": self.script })
    }

    fn brief(&self) -> String {
        self.script.trim_end().to_owned()
    }
}
