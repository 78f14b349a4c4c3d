//! The table as plain text, aligned, at most 100 columns wide (unless a method's name is very long).

use super::audit::{SMALLEST_ERROR_CHANGE, SMALLEST_TAU_CHANGE};
use super::{MetricTable, MosTable, TaskTable};
use crate::statistics::Interval;

const WIDTH: usize = 100;

impl MosTable {
    /// All tables, then the cautions, then the findings.
    pub fn text(&self) -> String {
        let mut out = String::new();
        out.push_str(&wrapped(
            "",
            &format!(
                "Supernet against scratch quality (BLEU), from the released numbers. 95% intervals: {} bootstrap \
                 resamples of the architectures, seed {}. gap: scratch minus supernet; centred: the error after \
                 removing the mean shift; in depth: tau over pairs with equally many decoder layers; top-1, top-3: \
                 regret. The smallest change worth claiming is {:.0}% of the baseline's error, and {} of tau: an \
                 interval that holds 0 and rules such a change out says `not supported`, else `inconclusive`.",
                self.resamples,
                self.seed,
                100.0 * SMALLEST_ERROR_CHANGE,
                SMALLEST_TAU_CHANGE
            ),
        ));
        for task in &self.tasks {
            for metric in &task.metrics {
                out.push('\n');
                out.push_str(&self.metric_text(task, metric));
            }
        }
        for (title, sentences) in [("Cautions about the data", &self.cautions), ("Findings", &self.findings)]
        {
            out.push_str(&format!("\n{title}\n"));
            if sentences.is_empty() {
                out.push_str("- none\n");
            }
            sentences.iter().for_each(|sentence| out.push_str(&wrapped("- ", sentence)));
        }
        out
    }

    fn metric_text(&self, task: &TaskTable, metric: &MetricTable) -> String {
        let mut out =
            format!("{}, {} BLEU, {} architectures\n", task.task, metric.metric, task.architectures);
        let mut rows =
            vec![header(&["method", "MAE", "gap", "centred", "tau", "in depth", "top-1", "top-3"])];
        rows.extend(metric.methods.iter().map(|row| {
            vec![
                row.method.clone(),
                with_interval(&row.error),
                signed(row.signed_gap),
                number(row.centred_error),
                row.tau.as_ref().map_or_else(absent, with_interval),
                optional(row.tau_within_depth),
                number(row.top_1_regret),
                number(row.top_3_regret),
            ]
        }));
        out.push_str(&aligned(&rows));

        let mut rows = vec![header(&["half (MAE / tau)"])];
        rows[0].extend(metric.halves.iter().map(|half| format!("{}-{}", half.first, half.last)));
        rows.extend(self.methods.iter().enumerate().map(|(index, method)| {
            let cell = |half: &super::HalfTable| {
                format!("{} / {}", number(half.cells[index].error), optional(half.cells[index].tau))
            };
            std::iter::once(method.clone()).chain(metric.halves.iter().map(cell)).collect()
        }));
        out.push_str(&aligned(&rows));
        out.push_str(&self.comparison_text(metric));

        let ranker =
            |ranker: &crate::statistics::TrivialRanker| format!("{} {}", ranker.name, optional(ranker.tau));
        let rankers = metric.rankers.iter().map(ranker).collect::<Vec<_>>().join(", ");
        let line = format!(
            "Size alone (tau): {}. Ceiling (tau of scratch valid with scratch test): {}.",
            if rankers.is_empty() { absent() } else { rankers },
            optional(task.ceiling)
        );
        out.push_str(&wrapped("", &line));
        out
    }

    fn comparison_text(&self, metric: &MetricTable) -> String {
        let Some(baseline) = self.baseline.as_ref().filter(|_| !metric.comparisons.is_empty()) else {
            return String::new();
        };
        let mut rows = vec![vec![format!("minus {baseline}"), "MAE".into(), "centred".into(), "tau".into()]];
        for comparison in &metric.comparisons {
            let all = [Some(comparison.error), Some(comparison.centred_error), comparison.tau];
            let differences = all.iter().map(|c| c.map_or_else(absent, |c| difference(&c.interval)));
            rows.push(std::iter::once(comparison.method.clone()).chain(differences).collect());
            let words = all.iter().map(|c| c.map_or_else(String::new, |c| c.word.to_string()));
            rows.push(std::iter::once(String::new()).chain(words).collect());
        }
        aligned(&rows)
    }
}

/// Two decimals, without a negative zero.
pub(super) fn number(value: f64) -> String {
    let text = format!("{value:.2}");
    if text == "-0.00" { "0.00".to_owned() } else { text }
}

/// A difference with its sign, and its interval.
pub(super) fn difference(interval: &Interval) -> String {
    format!("{} [{}, {}]", signed(interval.mean), signed(interval.low), signed(interval.high))
}

fn signed(value: f64) -> String {
    let text = number(value);
    if text.starts_with('-') || text == "0.00" { text } else { format!("+{text}") }
}

fn with_interval(interval: &Interval) -> String {
    format!("{} [{}, {}]", number(interval.mean), number(interval.low), number(interval.high))
}

fn optional(value: Option<f64>) -> String {
    value.map_or_else(absent, number)
}

fn absent() -> String {
    "n/a".to_owned()
}

fn header(names: &[&str]) -> Vec<String> {
    names.iter().map(|name| (*name).to_owned()).collect()
}

/// The first column flush left, the others flush right, two spaces between.
fn aligned(rows: &[Vec<String>]) -> String {
    let columns = rows.iter().map(Vec::len).max().unwrap_or(0);
    let width = |column: usize| {
        rows.iter().filter_map(|row| row.get(column)).map(|cell| cell.chars().count()).max().unwrap_or(0)
    };
    let widths: Vec<usize> = (0..columns).map(width).collect();
    let mut out = String::new();
    for row in rows {
        let mut line = String::new();
        for (column, cell) in row.iter().enumerate() {
            let width = widths[column];
            line.push_str(&if column == 0 { format!("{cell:<width$}") } else { format!("  {cell:>width$}") });
        }
        out.push_str(line.trim_end());
        out.push('\n');
    }
    out
}

/// Breaks a sentence into lines; later lines are indented as far as the mark in front of the first.
fn wrapped(mark: &str, sentence: &str) -> String {
    let mut out = String::new();
    let mut line = mark.to_owned();
    let mut empty = true;
    for word in sentence.split(' ') {
        if !empty && line.chars().count() + 1 + word.chars().count() > WIDTH {
            out.push_str(&line);
            out.push('\n');
            line = " ".repeat(mark.chars().count());
            empty = true;
        }
        if !empty {
            line.push(' ');
        }
        line.push_str(word);
        empty = false;
    }
    out.push_str(&line);
    out.push('\n');
    out
}
