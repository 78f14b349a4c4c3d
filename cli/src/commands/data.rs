//! `switchyard data`: known public data sets, and whether local copies are the published files.

use std::path::Path;

use serde_json::{Value, json};

use super::pack::pack;
use crate::arguments::{DataArguments, DataCommand};
use crate::error::{Error, Result};
use crate::reporter::{Answer, Reporter, Style};
use crate::text::sources::{Checksum, DataSet, SETS, State, find};

/// Lists, verifies or packs.
///
/// # Errors
/// When a set is unknown, a file cannot be read, or texts are no parallel corpus.
pub fn data(arguments: &DataArguments, reporter: &mut dyn Reporter) -> Result<()> {
    match &arguments.command {
        None => reporter.answer(&Listed),
        Some(DataCommand::Verify { folder, name }) => verify(folder, name.as_deref(), reporter),
        Some(DataCommand::Pack(arguments)) => pack(arguments, reporter),
    }
}

struct Listed;

impl Answer for Listed {
    fn text(&self, _style: Style) -> String {
        let mut text = String::new();
        for set in SETS {
            text += &format!("{}\n  {}\n  licence: {}\n", set.name, set.what, set.licence);
            for file in set.files {
                let size = match file.checksum {
                    Checksum::Known { bytes, sha256 } => format!("{bytes} bytes, SHA-256 {sha256}"),
                    Checksum::None(reason) => format!("not checked: {reason}"),
                };
                text += &format!("  {}\n    {}\n    {size}\n", file.name, file.address);
            }
            text += &format!("  {}\n\n", set.then);
        }
        text + "Check local copies with `switchyard data verify FOLDER`.\n"
    }

    fn json(&self) -> Value {
        let file = |file: &crate::text::sources::DataFile| match file.checksum {
            Checksum::Known { bytes, sha256 } => {
                json!({ "name": file.name, "address": file.address, "bytes": bytes, "sha256": sha256 })
            }
            Checksum::None(reason) => {
                json!({ "name": file.name, "address": file.address, "unchecked": reason })
            }
        };
        let set = |set: &DataSet| {
            let files: Vec<Value> = set.files.iter().map(file).collect();
            json!({ "name": set.name, "what": set.what, "licence": set.licence, "files": files, "then": set.then })
        };
        json!({ "sets": SETS.iter().map(set).collect::<Vec<_>>() })
    }

    fn brief(&self) -> String {
        SETS.iter().map(|set| set.name).collect::<Vec<_>>().join("\n")
    }
}

fn verify(folder: &Path, name: Option<&str>, reporter: &mut dyn Reporter) -> Result<()> {
    let sets: Vec<&DataSet> = match name {
        None => SETS.iter().collect(),
        Some(name) => {
            let known = || SETS.iter().map(|set| set.name).collect::<Vec<_>>();
            vec![find(name).ok_or_else(|| switchyard::Error::unknown_name("data set", name, known()))?]
        }
    };
    let mut verified = Verified { lines: Vec::new(), good: true };
    for set in sets {
        for (state, advice) in set.states(folder)? {
            // Of sets that nobody asked for by name, what is missing is no fault.
            verified.good &= match state {
                State::Good | State::Unchecked { .. } => true,
                State::Missing => name.is_none(),
                State::WrongSize { .. } | State::WrongChecksum { .. } => false,
            };
            verified.lines.push((set.name, advice));
        }
    }
    reporter.answer(&verified)?;
    if verified.good {
        return Ok(());
    }
    Err(Error::data(folder, "not every file is the published one; what to do stands above"))
}

struct Verified {
    lines: Vec<(&'static str, String)>,
    good: bool,
}

impl Answer for Verified {
    fn text(&self, _style: Style) -> String {
        self.lines.iter().map(|(name, advice)| format!("{name}: {advice}\n")).collect()
    }

    fn json(&self) -> Value {
        let lines = self.lines.iter().map(|(name, advice)| json!({ "set": name, "advice": advice }));
        json!({ "good": self.good, "files": lines.collect::<Vec<_>>() })
    }

    fn brief(&self) -> String {
        if self.good { "good" } else { "not good" }.to_owned()
    }
}
