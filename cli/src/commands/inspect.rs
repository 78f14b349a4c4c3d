//! `switchyard inspect`: what a file of routes shows, as tables, as JSON, and as a page of pictures.

use std::path::{Path, PathBuf};

use serde_json::{Value, json};
use switchyard::experiment::Event;
use switchyard::inspection::{self, Findings, Inspection};
use switchyard::interchange::Options;
use switchyard::plate::{Plate, report};

use crate::arguments::InspectArguments;
use crate::atomic;
use crate::error::{Error, Result};
use crate::reporter::{Answer, Reporter, Style, Table};
use crate::routes;

/// Measures what a file holds.
///
/// # Errors
/// When the file cannot be read, holds something else or contradicts itself, or the report cannot be written.
pub fn inspect(arguments: &InspectArguments, reporter: &mut dyn Reporter) -> Result<()> {
    let path = &arguments.file;
    let options = Options { experts: arguments.experts, leave_out_ties: arguments.leave_out_ties };
    let contents = routes::read(path, &options)?;
    reporter.note(&format!("{}: {}", path.display(), contents.format()));
    let inspection = inspection::inspect(&contents, arguments.seed)
        .map_err(|source| Error::InFile { path: path.clone(), source })?;
    let inspected = Inspected {
        file: path.clone(),
        seed: arguments.seed,
        found: Findings::of(&inspection, arguments.seed),
        report: arguments.report.clone(),
        inspection,
    };
    if let Some(report) = &arguments.report {
        atomic::write(report, inspected.page().as_bytes()).map_err(Error::write(report))?;
    }
    reporter.answer(&inspected)
}

struct Inspected {
    file: PathBuf,
    seed: u64,
    inspection: Inspection,
    found: Findings,
    report: Option<PathBuf>,
}

impl Inspected {
    /// What the file is, in pairs of a name and a value.
    fn facts(&self) -> Vec<(String, String)> {
        let file = ("file".to_owned(), self.file.display().to_string());
        std::iter::once(file).chain(self.found.facts.iter().cloned()).collect()
    }

    fn tables(&self) -> impl Iterator<Item = &switchyard::plate::Table> {
        self.found.plates.iter().filter_map(|plate| match plate {
            Plate::Table(table) => Some(table),
            _ => None,
        })
    }

    fn page(&self) -> String {
        let unknown = self.found.missing.iter().map(|text| format!("Not known: {text}."));
        let warnings = self.found.notes.iter().cloned().chain(unknown);
        let pictures = self.found.plates.iter().map(|plate| Event::Plate { plate: plate.clone() });
        let name = self.file.file_name().map_or(self.file.as_path(), Path::new);
        let record = report::Record {
            title: format!("What {} shows", name.display()),
            command: format!("switchyard inspect '{}' --seed {}", self.file.display(), self.seed),
            environment: self.facts().into_iter().collect(),
            events: warnings.map(|text| Event::Warning { text }).chain(pictures).collect(),
            ..report::Record::default()
        };
        report::html_of_file(&record)
    }
}

impl Answer for Inspected {
    fn text(&self, style: Style) -> String {
        let mut text = String::new();
        for (name, value) in self.facts() {
            text += &format!("{name:<11}{value}\n");
        }
        for table in self.tables() {
            text += &format!("\n{}  {}\n{}", style.bold(&table.title), table.caption, shown(table));
        }
        for (title, sentences) in [("Not known", &self.found.missing), ("About this file", &self.found.notes)]
        {
            if !sentences.is_empty() {
                text += &format!("\n{}\n", style.bold(title));
                sentences.iter().for_each(|sentence| text += &format!("  {sentence}\n"));
            }
        }
        if let Some(report) = &self.report {
            text += &format!("\nreport     {}\n", report.display());
        }
        text
    }

    fn json(&self) -> Value {
        json!({
            "file": self.file,
            "seed": self.seed,
            "inspection": self.inspection,
            "missing": self.found.missing,
            "report": self.report,
        })
    }

    fn brief(&self) -> String {
        let shown: Vec<String> = self.tables().take(1).map(shown).collect();
        shown.concat().trim_end().to_owned()
    }
}

/// A table of the core as lines.
pub fn shown(table: &switchyard::plate::Table) -> String {
    let heading = |column: &switchyard::plate::Column| {
        format!("{}{}", if column.numeric { ">" } else { "" }, column.label())
    };
    let headings: Vec<String> = table.columns.iter().map(heading).collect();
    let mut lines = Table::new(&headings.iter().map(String::as_str).collect::<Vec<_>>());
    for row in &table.rows {
        let cell =
            |column: usize| row.get(column).map_or_else(|| "–".to_owned(), switchyard::plate::Cell::shown);
        lines.row((0..table.columns.len()).map(cell));
    }
    lines.text()
}
