//! The sentences: what looks wrong in the data, and where the claims hold. Every word is computed from the table.

use super::released::{Released, Row};
use super::text::{difference, number};
use super::{Compared, Comparison, MethodRow, MetricTable, MosTable};
use crate::experiment::VerdictWord;

/// Rows in which two methods have the very same numbers on both sets. One such row may be chance.
pub(super) fn cautions(released: &Released) -> Vec<String> {
    let mut sentences = Vec::new();
    for task in &released.tasks {
        for (second, name) in released.methods.iter().enumerate() {
            for (first, earlier) in released.methods.iter().enumerate().take(second) {
                let same = |row: &&Row| row.supernets[first] == row.supernets[second];
                let equal: Vec<u32> = task.rows.iter().filter(same).map(|row| row.architecture).collect();
                if equal.len() < 2 {
                    continue;
                }
                let extent = if equal.len() == task.rows.len() { "all" } else { "part" };
                let mut sentence = format!(
                    "{}: {earlier} and {name} have the same numbers, on both sets, for {} of {} architectures \
                     ({extent}: {}). One of the two looks like a copy there, and is missing as a method.",
                    task.name,
                    equal.len(),
                    task.rows.len(),
                    ranges(&equal)
                );
                if [first, second].map(Some).contains(&super::audit::baseline(&released.methods)) {
                    sentence.push_str(" So which of them the mixtures are compared with there is not known.");
                }
                sentences.push(sentence);
            }
        }
    }
    sentences
}

/// `[0, 1, 2, 5]` as `0-2, 5`.
fn ranges(numbers: &[u32]) -> String {
    let run = |run: &[u32]| match run {
        [only] => only.to_string(),
        _ => format!("{}-{}", run[0], run[run.len() - 1]),
    };
    numbers.chunk_by(|a, b| a + 1 == *b).map(run).collect::<Vec<_>>().join(", ")
}

/// Where the claims hold, and what else the table shows.
pub(super) fn findings(table: &MosTable) -> Vec<String> {
    let mut sentences = claims(table);
    sentences.push(shift(table));
    sentences.extend(sizes(table));
    sentences.push(regret(table));
    sentences.push(
        "There is one supernet per method: the intervals are over architectures and do not know the spread over \
         supernet seeds."
            .to_owned(),
    );
    sentences
}

fn claims(table: &MosTable) -> Vec<String> {
    let Some(baseline) = &table.baseline else {
        return vec![
            "No method is called a sandwich supernet, so the mixtures have nothing to be compared with."
                .into(),
        ];
    };
    type Quantity = fn(&Comparison) -> Option<Compared>;
    let claims: [(&str, Quantity); 3] = [
        ("Gap claim (a smaller mean absolute error)", |comparison| Some(comparison.error)),
        ("Gap claim after removing the mean shift", |comparison| Some(comparison.centred_error)),
        ("Rank claim (a higher Kendall's tau)", |comparison| comparison.tau),
    ];
    let mut sentences = Vec::new();
    for (claim, quantity) in claims {
        for (place, metric) in ["test", "valid"].into_iter().enumerate() {
            let compared = table.tasks.first().map(|task| task.metrics[place].comparisons.as_slice());
            for (index, method) in compared.unwrap_or_default().iter().map(|row| &row.method).enumerate() {
                let on_tasks: Vec<(&str, Option<Compared>)> = table
                    .tasks
                    .iter()
                    .map(|task| (task.task.as_str(), quantity(&task.metrics[place].comparisons[index])))
                    .collect();
                sentences.push(format!(
                    "{claim}, {metric} BLEU, {method} against {baseline}: {}",
                    outcome(&on_tasks)
                ));
            }
        }
    }
    if sentences.is_empty() {
        sentences
            .push(format!("No method besides {baseline} is called a mixture, so no claim can be checked."));
    }
    sentences
}

/// `holds on all 3 tasks` or the count of each word; then every task's difference.
fn outcome(on_tasks: &[(&str, Option<Compared>)]) -> String {
    let count =
        |word| on_tasks.iter().filter(|(_, compared)| compared.is_some_and(|c| c.word == word)).count();
    let supported = count(VerdictWord::Supported);
    let overall = if supported == on_tasks.len() {
        format!("holds on all {} tasks", on_tasks.len())
    } else if supported == 0 {
        format!("holds on none of {} tasks", on_tasks.len())
    } else {
        format!("holds on {supported} of {} tasks, so not in general", on_tasks.len())
    };
    let each: Vec<String> = on_tasks
        .iter()
        .map(|(task, compared)| match compared {
            Some(compared) => format!("{task} {} {}", difference(&compared.interval), compared.word),
            None => format!("{task} not defined"),
        })
        .collect();
    format!("{overall}. {}.", each.join("; "))
}

fn all_rows(table: &MosTable) -> Vec<&MethodRow> {
    table.tasks.iter().flat_map(|task| &task.metrics).flat_map(|metric| &metric.methods).collect()
}

fn shift(table: &MosTable) -> String {
    let rows = all_rows(table);
    let one_sided = rows.iter().filter(|row| row.error.mean - row.signed_gap.abs() < 1e-9).count();
    let reading = if one_sided == rows.len() {
        "every supernet errs in one direction only, so a smaller error is a smaller mean shift, and a mean shift \
         changes no choice among architectures"
    } else {
        "there the supernet errs in one direction only; elsewhere in both"
    };
    format!("In {one_sided} of {} rows the error equals the size of the signed gap: {reading}.", rows.len())
}

fn sizes(table: &MosTable) -> Vec<String> {
    let mut sentences = Vec::new();
    for (place, metric) in ["test", "valid"].into_iter().enumerate() {
        let mut parts = Vec::new();
        for task in &table.tasks {
            let on: &MetricTable = &task.metrics[place];
            let largest =
                |values: &mut dyn Iterator<Item = (f64, String)>| values.max_by(|a, b| a.0.total_cmp(&b.0));
            let size = largest(&mut on.rankers.iter().filter_map(|r| Some((r.tau?, r.name.clone()))));
            let method =
                largest(&mut on.methods.iter().filter_map(|m| Some((m.tau?.mean, m.method.clone()))));
            let (Some(size), Some(method)) = (size, method) else { continue };
            let beaten = on.methods.iter().filter(|m| m.tau.is_some_and(|tau| tau.mean < size.0)).count();
            parts.push(format!(
                "{}: {} {}, better than {beaten} of {} methods; the best, {}, {}",
                task.task,
                size.1,
                number(size.0),
                on.methods.len(),
                method.1,
                number(method.0)
            ));
        }
        if !parts.is_empty() {
            sentences.push(format!("Size alone as a ranker (tau, {metric} BLEU). {}.", parts.join(". ")));
        }
    }
    sentences
}

fn regret(table: &MosTable) -> String {
    let rows = all_rows(table);
    let costly: Vec<_> = rows.iter().filter(|row| row.top_1_regret > 1e-9).collect();
    match costly.iter().map(|row| row.top_1_regret).reduce(f64::max) {
        None => {
            "Top-1 regret is 0 in every row: every method finds the best architecture on every task, so for \
                 choosing among these they are equal."
                .to_owned()
        }
        Some(most) => format!(
            "Top-1 regret is above 0 in {} of {} rows, at most {} BLEU.",
            costly.len(),
            rows.len(),
            number(most)
        ),
    }
}
