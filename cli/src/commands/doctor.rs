//! `switchyard doctor`: what this program and this machine are, as text for an issue report.

use serde_json::{Value, json};

use crate::arguments::DoctorArguments;
use crate::device::{DeviceNames, Found, built_in, found};
use crate::environment::{Environment, bytes, cores, free_disk};
use crate::error::Result;
use crate::reporter::{Answer, Reporter, Style, Table};

/// Says what is there.
///
/// # Errors
/// When standard output cannot be written.
pub fn doctor(arguments: &DoctorArguments, reporter: &mut dyn Reporter) -> Result<()> {
    reporter.answer(&Doctor {
        environment: Environment::current(&DeviceNames::default(), cores()),
        built_in: built_in(),
        found: found(),
        runs: arguments.runs.display().to_string(),
        free_disk_bytes: free_disk(&arguments.runs),
    })
}

struct Doctor {
    environment: Environment,
    built_in: Vec<&'static str>,
    found: Vec<Found>,
    runs: String,
    free_disk_bytes: Option<u64>,
}

impl Answer for Doctor {
    fn text(&self, _style: Style) -> String {
        let mut table = Table::new(&["what", "this machine"]);
        for (name, value) in self.environment.pairs() {
            table.row([name, value]);
        }
        table.row(["built for".to_owned(), self.built_in.join(" ")]);
        for Found { name, part } in &self.found {
            let part = part.as_ref().map_or_else(String::new, |part| format!(" ({part})"));
            table.row(["device".to_owned(), format!("{name}{part}")]);
        }
        let free = self.free_disk_bytes.map_or("unknown".to_owned(), bytes);
        table.row([format!("free disk for {}", self.runs), free]);
        table.text()
    }

    fn json(&self) -> Value {
        let mut value = json!(self.environment);
        value["built_for"] = json!(self.built_in);
        value["devices"] = json!(self.found.iter().map(|found| &found.name).collect::<Vec<_>>());
        value["parts"] = json!(self.found.iter().map(|found| &found.part).collect::<Vec<_>>());
        value["runs"] = json!(self.runs);
        value["free_disk_bytes"] = json!(self.free_disk_bytes);
        value
    }

    fn brief(&self) -> String {
        format!("switchyard {} on {}", self.environment.switchyard, self.environment.backend)
    }
}
