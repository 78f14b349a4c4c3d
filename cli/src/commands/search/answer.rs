//! What searches found, as text, as JSON and as a page.

use std::path::{Path, PathBuf};

use serde_json::{Value, json};
use switchyard::experiment::{Checked, Event, Verdict};
use switchyard::labs::supernet_search::{Found, Subject, Winner, pictures, verdicts};
use switchyard::plate::{Plate, Table, report};

use super::super::inspect::shown;
use super::searches::{Search, Timing};
use crate::checkpoint::sha256;
use crate::error::Result;
use crate::record;
use crate::reporter::{Answer, Style, duration};

/// The result of `switchyard search`.
pub struct Searched {
    file: PathBuf,
    report: Option<PathBuf>,
    facts: Vec<(String, String)>,
    tables: Vec<Table>,
    plates: Vec<Plate>,
    verdicts: Vec<Verdict>,
    timing: Timing,
    digest: String,
}

impl Searched {
    /// Compares what was found.
    ///
    /// # Errors
    /// When a cost is not finite.
    pub(super) fn new<S: Subject>(
        search: &Search<'_, S>,
        file: PathBuf,
        (all, winners, timing): (Vec<Found>, Vec<Winner>, Timing),
    ) -> Result<Self> {
        let (header, cost) = (search.header, search.costs.name);
        let mut tables =
            vec![pictures::winners(&winners, cost, search.subject.measure()), pictures::best(&all, cost)];
        tables.extend(pictures::hypervolumes(&all, cost)?);
        let mut plates = vec![pictures::fronts(&all, cost)?];
        plates.extend(header.limits.iter().map(|limit| pictures::progress(&all, *limit, cost)));
        let facts = [
            ("supernet", format!("{}, number {}", header.method, header.supernet)),
            ("limit on", cost.name.to_owned()),
            ("validation", format!("{} sentences", header.sentences)),
            ("device", header.device.clone()),
        ];
        Ok(Self {
            digest: digest(&all),
            verdicts: verdicts::verdicts(&all, cost.unit, search.subject.smallest_effect())?,
            facts: facts.map(|(name, value)| (name.to_owned(), value)).to_vec(),
            file,
            report: None,
            tables,
            plates,
            timing,
        })
    }

    /// Says where the page is.
    pub fn reported(self, report: Option<PathBuf>) -> Self {
        Self { report, ..self }
    }

    /// The page of a report.
    ///
    /// # Errors
    /// When the experiment has no link.
    pub fn page(&self, run: &Path, checked: &Checked) -> Result<String> {
        let tables = self.tables.iter().cloned().map(Plate::Table);
        let pictures = tables.chain(self.plates.iter().cloned()).map(|plate| Event::Plate { plate });
        let verdicts = self.verdicts.iter().cloned().map(|verdict| Event::Verdict { verdict });
        let facts = self.facts.iter().cloned().chain([("digest".to_owned(), self.digest.clone())]);
        let words =
            std::env::args().skip(1).map(|word| if word.contains(' ') { format!("'{word}'") } else { word });
        let command = std::iter::once("switchyard".to_owned()).chain(words).collect::<Vec<_>>().join(" ");
        let whole = report::Record {
            title: format!("Searches through {}", run.file_name().map_or(run, Path::new).display()),
            experiment_toml: checked.to_toml(),
            // Without a digest: that of a search is not that of its run.
            link: record::link(checked, "")?,
            command,
            environment: facts.collect(),
            events: verdicts.chain(pictures).collect(),
        };
        Ok(if self.verdicts.is_empty() { report::html_of_file(&whole) } else { report::html(&whole) })
    }

    /// How the time went, in a sentence.
    fn times(&self) -> String {
        let Timing { total, evaluating, asked, made } = self.timing;
        let rest = total.saturating_sub(evaluating);
        let share = 100.0 * rest.as_secs_f64() / total.as_secs_f64().max(f64::MIN_POSITIVE);
        let each = 1e6 * rest.as_secs_f64() / asked.max(1) as f64;
        format!(
            "{asked} evaluations asked for, {made} made now in {}; all else {share:.2}% of the time, {each:.0} us for each asked for",
            duration(evaluating.as_secs_f64())
        )
    }
}

/// What makes two results equal: every evaluation of every search, bit for bit.
fn digest(all: &[Found]) -> String {
    let mut text = String::new();
    for Found { strategy, seed, limit, points } in all {
        text += &format!("{strategy} {seed} {:016x}\n", limit.to_bits());
        for point in points {
            let (cost, loss) = (point.cost.to_bits(), point.loss.to_bits());
            text += &format!("{} {cost:016x} {loss:016x}\n", point.architecture);
        }
    }
    sha256(text.as_bytes())
}

impl Answer for Searched {
    fn text(&self, style: Style) -> String {
        let mut text = String::new();
        let file = ("file".to_owned(), self.file.display().to_string());
        for (name, value) in std::iter::once(&file).chain(&self.facts) {
            text += &format!("{name:<18}{value}\n");
        }
        for table in &self.tables {
            text += &format!("\n{}  {}\n{}", style.bold(&table.title), table.caption, shown(table));
        }
        for verdict in &self.verdicts {
            let Verdict { name, mean, low, high, wins, replicates, word, .. } = verdict;
            text += &format!(
                "\n{}: {word}  {mean:.4} [{low:.4}, {high:.4}], {wins} of {replicates} seeds",
                style.bold(name)
            );
        }
        text += &format!("\n\n{:<18}{}\n{:<18}{}\n", "time", self.times(), "digest", self.digest);
        if let Some(report) = &self.report {
            text += &format!("{:<18}{}\n", "report", report.display());
        }
        text
    }

    fn json(&self) -> Value {
        let Timing { total, evaluating, asked, made } = self.timing;
        json!({
            "file": self.file,
            "digest": self.digest,
            "tables": self.tables,
            "verdicts": self.verdicts,
            "seconds": total.as_secs_f64(),
            "seconds_evaluating": evaluating.as_secs_f64(),
            "evaluations_asked": asked,
            "evaluations_made": made,
            "report": self.report,
        })
    }

    fn brief(&self) -> String {
        self.tables.first().map(|table| shown(table).trim_end().to_owned()).unwrap_or_default()
    }
}
