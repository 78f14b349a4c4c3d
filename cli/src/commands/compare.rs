//! `switchyard compare`: two runs side by side. Tasks of the same name are replicates of each other; what a group
//! of tasks measured is compared by the mean of the paired differences with its 95% interval (Student's t).
//!
//! It judges no claim: that is a lab's verdict. Interrupted runs are compared by the tasks that they finished.

use std::collections::BTreeMap;
use std::path::Path;

use serde_json::{Value, json};
use switchyard::experiment::{Checked, Outcome, Registry, Verdict};
use switchyard::statistics::mean_with_t_interval;

use super::run::{number, verdicts};
use crate::arguments::CompareArguments;
use crate::checkpoint::Checkpoint;
use crate::directory::{RunDirectory, identity};
use crate::error::Result;
use crate::record;
use crate::reporter::{Answer, Reporter, Style, Table};

/// Compares two runs.
///
/// # Errors
/// When one of the directories is no run or holds something that cannot be used.
pub fn compare(arguments: &CompareArguments, reporter: &mut dyn Reporter) -> Result<()> {
    let registry = Registry::standard();
    let first = Side::read(&registry, &arguments.first)?;
    let second = Side::read(&registry, &arguments.second)?;
    let differences = differences(&first, &second);
    let rows = rows(&first.outcomes, &second.outcomes);
    reporter.answer(&Comparison { first, second, differences, rows })
}

/// One of the two runs.
struct Side {
    name: String,
    checked: Checked,
    /// The user's own data in a line.
    data: Option<String>,
    outcomes: BTreeMap<String, Outcome>,
    verdicts: Vec<Verdict>,
    /// Nothing while the run is not complete.
    digest: Option<String>,
}

impl Side {
    fn read(registry: &Registry, path: &Path) -> Result<Self> {
        let directory = RunDirectory::look(path)?;
        let checked = directory.checked(registry)?;
        let data = directory.data()?;
        let identity = identity(&checked, data.as_ref());
        let checkpoints = Checkpoint::read_all(&directory.checkpoints(), &identity)?;
        let events =
            if directory.is_complete() { record::read_events(&directory.events())? } else { Vec::new() };
        Ok(Self {
            name: path.display().to_string(),
            checked,
            data: data.map(|data| data.description.line()),
            outcomes: checkpoints.into_iter().map(|(task, checkpoint)| (task, checkpoint.outcome)).collect(),
            verdicts: verdicts(&events),
            digest: record::digest(&events).map(str::to_owned),
        })
    }
}

/// A field with its two values, each as a text; a dash where a lab has no such field.
struct Difference {
    key: String,
    first: String,
    second: String,
}

fn differences(first: &Side, second: &Side) -> Vec<Difference> {
    let written = |Side { checked, data, .. }: &Side| -> Vec<(String, String)> {
        let head = [
            ("lab".to_owned(), checked.lab().name().to_owned()),
            ("run".to_owned(), checked.preset().name.to_owned()),
            ("seed".to_owned(), checked.seed().to_string()),
        ];
        let fields = checked.values().map(|(field, value)| (field.key.to_owned(), value.to_string()));
        let own = data.iter().map(|line| ("data".to_owned(), line.clone()));
        head.into_iter().chain(fields).chain(own).collect()
    };
    let (first, second) = (written(first), written(second));
    let find = |pairs: &[(String, String)], key: &str| {
        let value = pairs.iter().find(|(candidate, _)| candidate == key).map(|(_, value)| value.clone());
        value.unwrap_or_else(|| "–".to_owned())
    };
    let mut keys: Vec<&String> = first.iter().map(|(key, _)| key).collect();
    keys.extend(second.iter().map(|(key, _)| key).filter(|key| find(&first, key) == "–"));
    let all = keys.into_iter().map(|key| Difference {
        key: key.clone(),
        first: find(&first, key),
        second: find(&second, key),
    });
    all.filter(|difference| difference.first != difference.second).collect()
}

/// One number of a group of tasks in both runs.
struct Row {
    /// The tasks' name without its last part (the replicate).
    group: String,
    /// What was measured.
    name: String,
    first: Vec<f64>,
    second: Vec<f64>,
    /// Second minus first, for every task that both runs have.
    paired: Vec<f64>,
}

impl Row {
    /// Mean of the differences with its interval, when there are two or more.
    fn difference(&self) -> Option<(f64, f64, f64)> {
        let interval = mean_with_t_interval(&self.paired).ok()?;
        Some((interval.mean, interval.low, interval.high))
    }
}

/// The mean of values, when there are any.
fn mean(values: &[f64]) -> Option<f64> {
    (!values.is_empty()).then(|| values.iter().sum::<f64>() / values.len() as f64)
}

fn rows(first: &BTreeMap<String, Outcome>, second: &BTreeMap<String, Outcome>) -> Vec<Row> {
    let mut rows: BTreeMap<(String, String), Row> = BTreeMap::new();
    let mut tasks: Vec<&String> = first.keys().chain(second.keys()).collect();
    tasks.sort();
    tasks.dedup();
    for task in tasks {
        let group = task.rsplit_once('/').map_or(task.as_str(), |(group, _)| group);
        let of = |run: &BTreeMap<String, Outcome>| -> BTreeMap<String, f64> {
            let numbers = run.get(task).into_iter().flat_map(|outcome| &outcome.numbers);
            numbers.filter_map(|(name, values)| Some((name.clone(), mean(values)?))).collect()
        };
        let (a, b) = (of(first), of(second));
        for name in a.keys().chain(b.keys().filter(|name| !a.contains_key(*name))) {
            let row = rows.entry((group.to_owned(), name.clone())).or_insert_with(|| Row {
                group: group.to_owned(),
                name: name.clone(),
                first: Vec::new(),
                second: Vec::new(),
                paired: Vec::new(),
            });
            row.first.extend(a.get(name));
            row.second.extend(b.get(name));
            row.paired.extend(a.get(name).zip(b.get(name)).map(|(a, b)| b - a));
        }
    }
    rows.into_values().collect()
}

struct Comparison {
    first: Side,
    second: Side,
    differences: Vec<Difference>,
    rows: Vec<Row>,
}

impl Comparison {
    /// Whether the digests are equal, when both runs are complete.
    fn equal(&self) -> Option<bool> {
        Some(self.first.digest.as_ref()? == self.second.digest.as_ref()?)
    }

    fn specification(&self, style: Style) -> String {
        if self.differences.is_empty() {
            return format!("{}\n  the same in both\n\n", style.bold("Specification"));
        }
        let mut table = Table::new(&["field", "A", "B"]);
        for difference in &self.differences {
            table.row([difference.key.clone(), difference.first.clone(), difference.second.clone()]);
        }
        format!("{}\n{}\n", style.bold("Specification, where it differs"), table.text())
    }

    fn results(&self, style: Style) -> String {
        let mut table = Table::new(&[
            "tasks",
            "measured",
            ">mean A",
            ">mean B",
            ">B - A",
            ">95% interval",
            ">n A",
            ">n B",
            ">pairs",
        ]);
        let shown = |value: Option<f64>| value.map_or("–".to_owned(), number);
        for row in &self.rows {
            let difference = row.difference();
            table.row([
                row.group.clone(),
                row.name.clone(),
                shown(mean(&row.first)),
                shown(mean(&row.second)),
                shown(mean(&row.paired)),
                difference.map_or("–".to_owned(), |(_, low, high)| {
                    format!("[{}, {}]", number(low), number(high))
                }),
                row.first.len().to_string(),
                row.second.len().to_string(),
                row.paired.len().to_string(),
            ]);
        }
        let explained = "  a list of numbers counts by its mean; tasks of the same name are paired";
        format!("{}\n{}{explained}\n\n", style.bold("Results"), table.text())
    }

    fn verdicts(&self, style: Style) -> String {
        let mut table = Table::new(&["question", "quantity", "A", "B"]);
        let same = |a: &Verdict, b: &Verdict| a.name == b.name && a.quantity == b.quantity;
        let word = |side: &Side, asked: &Verdict| {
            let verdict = side.verdicts.iter().find(|verdict| same(verdict, asked));
            verdict.map_or("–".to_owned(), |verdict| {
                let (mean, low, high) = (number(verdict.mean), number(verdict.low), number(verdict.high));
                format!("{} {mean} [{low}, {high}]", verdict.word.as_str())
            })
        };
        let others = self.second.verdicts.iter();
        let only = others.filter(|verdict| !self.first.verdicts.iter().any(|first| same(first, verdict)));
        for verdict in self.first.verdicts.iter().chain(only) {
            let (first, second) = (word(&self.first, verdict), word(&self.second, verdict));
            table.row([verdict.name.clone(), verdict.quantity.clone(), first, second]);
        }
        if table.is_empty() {
            return String::new();
        }
        format!("{}\n{}\n", style.bold("Verdicts"), table.text())
    }
}

impl Answer for Comparison {
    fn text(&self, style: Style) -> String {
        let mut text = format!("A  {}\nB  {}\n\n", self.first.name, self.second.name);
        text += &self.specification(style);
        text += &self.results(style);
        text += &self.verdicts(style);
        text += &format!("digests  {}\n", self.brief());
        text
    }

    fn json(&self) -> Value {
        let side = |side: &Side| {
            json!({
                "directory": side.name,
                "preset": side.checked.preset().name,
                "seed": side.checked.seed(),
                "digest": side.digest,
                "tasks": side.outcomes.len(),
                "verdicts": side.verdicts,
            })
        };
        let differences = self.differences.iter().map(
            |difference| json!({ "key": difference.key, "a": difference.first, "b": difference.second }),
        );
        let rows = self.rows.iter().map(|row| {
            let interval = row.difference().map(|(_, low, high)| [low, high]);
            json!({
                "tasks": row.group,
                "measured": row.name,
                "mean_a": mean(&row.first),
                "mean_b": mean(&row.second),
                "difference": mean(&row.paired),
                "interval_95": interval,
                "replicates_a": row.first.len(),
                "replicates_b": row.second.len(),
                "pairs": row.paired.len(),
            })
        });
        json!({
            "a": side(&self.first),
            "b": side(&self.second),
            "digests_equal": self.equal(),
            "specification": differences.collect::<Vec<_>>(),
            "results": rows.collect::<Vec<_>>(),
        })
    }

    fn brief(&self) -> String {
        match self.equal() {
            Some(true) => "equal: the results are the same bit for bit",
            Some(false) => "differ",
            None => "unknown: a run is not complete",
        }
        .to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(values: &[(&str, f64)]) -> BTreeMap<String, Outcome> {
        let outcomes = values.iter().map(|(task, value)| {
            let numbers = BTreeMap::from([("loss".to_owned(), vec![*value])]);
            ((*task).to_owned(), Outcome { numbers, weights: None })
        });
        outcomes.collect()
    }

    #[test]
    fn tasks_of_the_same_name_are_paired_and_others_counted() {
        let first = run(&[("sandwich/seed-0", 1.0), ("sandwich/seed-1", 2.0), ("only/seed-0", 5.0)]);
        let second = run(&[("sandwich/seed-0", 1.5), ("sandwich/seed-1", 2.7)]);
        let rows = rows(&first, &second);
        assert_eq!(rows.len(), 2);
        assert_eq!((rows[0].group.as_str(), rows[0].first.len(), rows[0].second.len()), ("only", 1, 0));
        assert!(rows[0].difference().is_none());
        let (mean, low, high) = rows[1].difference().expect("there are two pairs");
        // Differences 0.5 and 0.7: mean 0.6, standard error 0.1, t with one degree of freedom 12.706.
        assert!((mean - 0.6).abs() < 1e-12 && (low + 0.6706).abs() < 1e-3 && (high - 1.8706).abs() < 1e-3);
    }
}
