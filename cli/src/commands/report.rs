//! `switchyard report`: writes the report of a complete run again.

use std::path::PathBuf;

use serde_json::{Value, json};
use switchyard::experiment::Registry;

use crate::arguments::ReportArguments;
use crate::directory::RunDirectory;
use crate::error::{Error, Result};
use crate::record;
use crate::reporter::{Answer, Reporter, Style};

/// Writes `report.html` from the recorded events.
///
/// # Errors
/// When the directory is no complete run, or the report cannot be written.
pub fn report(arguments: &ReportArguments, reporter: &mut dyn Reporter) -> Result<()> {
    let directory = RunDirectory::look(&arguments.directory)?;
    if !directory.is_complete() {
        let path = directory.path();
        return Err(Error::data(
            path,
            format!("this run is not complete; go on with `switchyard resume {}`", path.display()),
        ));
    }
    let checked = directory.checked(&Registry::standard())?;
    let events = record::read_events(&directory.events())?;
    let data = directory.data()?;
    record::write_report(&directory, &checked, data.as_ref().map(|data| &data.description), events)?;
    reporter.answer(&Written { report: directory.report() })
}

struct Written {
    report: PathBuf,
}

impl Answer for Written {
    fn text(&self, _style: Style) -> String {
        format!("report   {}", self.report.display())
    }

    fn json(&self) -> Value {
        json!({ "report": self.report })
    }

    fn brief(&self) -> String {
        self.report.display().to_string()
    }
}
