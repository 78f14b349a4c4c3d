//! `switchyard doctor`: what this program and this machine are, as text for an issue report.

use serde_json::{Value, json};

use crate::arguments::{DeviceName, DoctorArguments};
use crate::environment::{Environment, bytes, cores, free_disk};
use crate::error::Result;
use crate::reporter::{Answer, Reporter, Style, Table};

/// Says what is there.
///
/// # Errors
/// When standard output cannot be written.
pub fn doctor(arguments: &DoctorArguments, reporter: &mut dyn Reporter) -> Result<()> {
    reporter.answer(&Doctor {
        environment: Environment::current(DeviceName::Flex, cores()),
        devices: compiled_devices(),
        runs: arguments.runs.display().to_string(),
        free_disk_bytes: free_disk(&arguments.runs),
    })
}

/// The devices that this build can compute on.
fn compiled_devices() -> Vec<&'static str> {
    let devices = [("flex", cfg!(feature = "flex")), ("ndarray", cfg!(feature = "ndarray"))];
    devices.into_iter().filter(|(_, there)| *there).map(|(name, _)| name).collect()
}

struct Doctor {
    environment: Environment,
    devices: Vec<&'static str>,
    runs: String,
    free_disk_bytes: Option<u64>,
}

impl Answer for Doctor {
    fn text(&self, _style: Style) -> String {
        let mut table = Table::new(&["what", "this machine"]);
        for (name, value) in self.environment.pairs() {
            table.row([name, value]);
        }
        table.row(["devices".to_owned(), self.devices.join(" ")]);
        let free = self.free_disk_bytes.map_or("unknown".to_owned(), bytes);
        table.row([format!("free disk for {}", self.runs), free]);
        table.text()
    }

    fn json(&self) -> Value {
        let mut value = json!(self.environment);
        value["devices"] = json!(self.devices);
        value["runs"] = json!(self.runs);
        value["free_disk_bytes"] = json!(self.free_disk_bytes);
        value
    }

    fn brief(&self) -> String {
        format!("switchyard {} on {}", self.environment.switchyard, self.environment.backend)
    }
}
