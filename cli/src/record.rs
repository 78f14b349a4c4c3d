//! The record of a run: its events as JSON Lines, and the report and the link made from them.

use std::path::Path;

use switchyard::experiment::{Checked, Event, Registry, Showing};
use switchyard::plate::report;

use crate::directory::RunDirectory;
use crate::environment::Environment;
use crate::error::{Error, Result};
use crate::reporter::json::Versioned;
use crate::supplied::Description;

/// How much of the digest a link carries: enough that another result does not match by chance.
const DIGEST_IN_LINK: usize = 16;

/// Events as JSON Lines, each with the version of the format.
///
/// # Errors
/// When an event cannot be written as JSON.
pub fn lines(events: &[Event]) -> Result<Vec<u8>> {
    let mut bytes = Vec::new();
    for event in events {
        serde_json::to_writer(&mut bytes, &Versioned::new(event))
            .map_err(|error| Error::Unexpected { problem: format!("an event cannot be written: {error}") })?;
        bytes.push(b'\n');
    }
    Ok(bytes)
}

/// Reads recorded events.
///
/// # Errors
/// When the file cannot be read or a line is no event; the line is named.
pub fn read_events(path: &Path) -> Result<Vec<Event>> {
    let text = crate::directory::read_text(path)?;
    let events = text.lines().enumerate().map(|(index, line)| {
        serde_json::from_str(line).map_err(|error| {
            let line = index + 1;
            Error::data(path, format!("line {line} is no event of this version of the format: {error}"))
        })
    });
    events.collect()
}

/// The link that shows this run, with the beginning of its digest and the build that computed it.
///
/// # Errors
/// When the link would be too long.
pub fn link(checked: &Checked, digest: &str) -> Result<String> {
    let digest = digest.get(..DIGEST_IN_LINK);
    let build = digest.map(|_| switchyard::BUILD);
    Ok(Registry::standard().link(checked, Showing { digest, build, ..Showing::default() })?.fragment())
}

/// Writes `report.html`.
///
/// # Errors
/// When the environment cannot be read or the report cannot be written.
pub fn write_report(
    directory: &RunDirectory,
    checked: &Checked,
    data: Option<&Description>,
    events: Vec<Event>,
) -> Result<()> {
    let record = record(directory, checked, data, events)?;
    directory.write(&directory.report(), report::html(&record).as_bytes())
}

/// What a report says about a run with these events.
///
/// # Errors
/// When the environment cannot be read.
pub fn record(
    directory: &RunDirectory,
    checked: &Checked,
    data: Option<&Description>,
    events: Vec<Event>,
) -> Result<report::Record> {
    let environment = Environment::read(&directory.environment())?;
    let own = data.map(|data| ("data".to_owned(), data.line()));
    Ok(report::Record {
        title: format!("{}: {}", checked.preset().name, checked.preset().summary),
        experiment_toml: checked.to_toml(),
        link: link(checked, digest(&events).unwrap_or_default())?,
        command: command(checked, data),
        environment: environment.pairs().into_iter().chain(own).collect(),
        events,
    })
}

/// The command that repeats a run.
fn command(checked: &Checked, data: Option<&Description>) -> String {
    let experiment = checked.experiment();
    let mut command = format!("switchyard run {}", experiment.preset);
    for (key, value) in &experiment.overrides {
        command += &format!(" --set '{key}={value}'");
    }
    if let Some(Description { file, class, .. }) = data {
        command += &format!(" --data '{file}'");
        command += &class.as_ref().map(|class| format!(" --class '{class}'")).unwrap_or_default();
    }
    command + &format!(" --seed {}", experiment.seed)
}

/// The digest of a complete run.
pub fn digest(events: &[Event]) -> Option<&str> {
    events.iter().rev().find_map(|event| match event {
        Event::Finished { digest, .. } => Some(digest.as_str()),
        _ => None,
    })
}
