//! The run's tables: methods, comparisons, trivial rankers, architectures, tuning.

use super::results::Results;
use super::tuning::{Subject, chosen, losses, trials};
use super::verdicts::Comparison;
use super::{Audit, Measure};
use crate::Result;
use crate::labs::numbers;
use crate::plate::{Cell, Column, Table};
use crate::statistics::{
    Direction, centred_mean_absolute_error, kendall_tau, mean_absolute_error, noise_ceiling, signed_gap,
    top_k_regret, trivial_rankers, within_band_tau,
};

/// A statistic of each seed as a cell: mean with a 95% interval over seeds, or the single number, or nothing where it
/// is not defined.
fn over_seeds(rows: &[Vec<f64>], statistic: impl Fn(&[f64]) -> Result<f64>) -> Cell {
    let values: Vec<f64> = rows.iter().filter_map(|row| statistic(row).ok()).collect();
    if values.len() < rows.len() {
        return Cell::Empty;
    }
    numbers::over_seeds(&values)
}

/// One row a method: gap, rank and regret.
pub fn methods(results: &Results<'_>) -> Result<Table> {
    let (audit, truth) = (results.audit, &results.truth);
    let bands = &bands(audit);
    let cell = |measure: &Measure, value: Option<f64>| {
        value.map_or(Cell::Empty, |value| Cell::number(measure.factor * value))
    };
    let mut rows = Vec::new();
    for (method, losses) in &results.supernets {
        let regret = |k: usize| over_seeds(losses, |row| top_k_regret(row, truth, k, Direction::Lower));
        let mut row = vec![
            Cell::text(method.name()),
            over_seeds(losses, |row| mean_absolute_error(row, truth)),
            over_seeds(losses, |row| signed_gap(row, truth)),
            over_seeds(losses, |row| centred_mean_absolute_error(row, truth)),
            over_seeds(losses, |row| kendall_tau(row, truth)),
            over_seeds(losses, |row| within_band_tau(row, truth, bands)),
            regret(1),
            regret(3),
        ];
        for measure in audit.measures {
            row.push(cell(measure, results.measured(*method, measure)?));
        }
        rows.push(row);
    }
    let mut alone = vec![Cell::text("trained alone")];
    alone.extend((0..7).map(|_| Cell::Empty));
    if let Ok(ceiling) = noise_ceiling(&results.standalones) {
        alone[1] = Cell::number(ceiling.mean_absolute_difference);
        alone[4] = Cell::number(ceiling.tau);
    }
    for measure in audit.measures {
        alone.push(cell(measure, results.measured_alone(measure)?));
    }
    rows.push(alone);
    Ok(Table {
        title: "How well each method estimates networks trained alone".to_owned(),
        caption: "Mean over seeds with a 95% interval. Gap: |supernet - alone|; signed gap above 0: worse in the \
                  supernet; centred: after removing the mean shift. The last row compares repeated trainings alone: \
                  no supernet can be expected to do better."
            .to_owned(),
        columns: [
            Column::text("method"),
            Column::number("mean absolute gap", "nats"),
            Column::number("signed gap", "nats"),
            Column::number("centred gap", "nats"),
            Column::number("Kendall's tau", ""),
            Column::number("tau within bands", ""),
            Column::number("top-1 regret", "nats"),
            Column::number("top-3 regret", "nats"),
        ]
        .into_iter()
        .chain(audit.measures.iter().map(|measure| Column::number(measure.name, measure.unit)))
        .collect(),
        rows,
    })
}

/// One row a comparison, with p-values.
pub fn comparisons(comparisons: &[Comparison]) -> Table {
    let row = |comparison: &Comparison| {
        let verdict = &comparison.verdict;
        vec![
            Cell::text(verdict.name.as_str()),
            Cell::text(verdict.quantity.as_str()),
            Cell::interval(verdict.mean, verdict.low, verdict.high),
            Cell::text(format!("{} of {}", verdict.wins, verdict.replicates)),
            Cell::number(comparison.p_value),
            comparison.adjusted.map_or(Cell::Empty, Cell::number),
            Cell::text(verdict.word.as_str()),
        ]
    };
    Table {
        title: "Every comparison, paired by seed".to_owned(),
        caption: "Differences with 95% intervals from a bootstrap over seeds and architectures; how many seeds agree \
                  with the claim; the two-sided p-value, and for the two primary comparisons the one after Holm's \
                  correction."
            .to_owned(),
        columns: vec![
            Column::text("comparison"),
            Column::text("quantity"),
            Column::number("difference", ""),
            Column::number("seeds that agree", ""),
            Column::number("p", ""),
            Column::number("p, Holm", ""),
            Column::text("verdict"),
        ],
        rows: comparisons.iter().map(row).collect(),
    }
}

/// The parameter band of each audited architecture.
fn bands(audit: &Audit) -> Vec<usize> {
    audit.audited.iter().map(|audited| audited.band).collect()
}

/// Every size with its column over the audited architectures.
fn sizes(audit: &Audit) -> Vec<(&'static str, Vec<f64>)> {
    let names = audit.audited.first().map(|first| first.sizes.as_slice()).unwrap_or_default();
    let column = |(place, (name, _)): (usize, &(&'static str, f64))| {
        (*name, audit.audited.iter().map(|audited| audited.sizes[place].1).collect())
    };
    names.iter().enumerate().map(column).collect()
}

/// What ranks architectures without any supernet.
pub fn rankers(results: &Results<'_>) -> Result<Table> {
    let sizes = sizes(results.audit);
    let columns: Vec<(&str, &[f64])> =
        sizes.iter().map(|(name, column)| (*name, column.as_slice())).collect();
    let cell = |tau: Option<f64>| tau.map_or(Cell::Empty, Cell::number);
    let mut rows = Vec::new();
    for (ranker, (_, column)) in
        trivial_rankers(&columns, &results.truth, Direction::Lower)?.iter().zip(&sizes)
    {
        let quality: Vec<f64> = results.truth.iter().map(|loss| -loss).collect();
        let within = within_band_tau(column, &quality, &bands(results.audit)).ok();
        rows.push(vec![Cell::text(ranker.name.as_str()), cell(ranker.tau), cell(within)]);
    }
    let ceiling = noise_ceiling(&results.standalones).ok().map(|ceiling| ceiling.tau);
    rows.push(vec![Cell::text("another training alone (ceiling)"), cell(ceiling), Cell::Empty]);
    Ok(Table {
        title: "What ranks architectures without a supernet".to_owned(),
        caption: "Kendall's tau of each size with the quality of networks trained alone, over all architectures and \
                  within parameter bands. A supernet is useful where it ranks better than these."
            .to_owned(),
        columns: vec![
            Column::text("ranker"),
            Column::number("Kendall's tau", ""),
            Column::number("tau within bands", ""),
        ],
        rows,
    })
}

/// One row an audited architecture.
pub fn architectures(results: &Results<'_>) -> Result<Table> {
    let audit = results.audit;
    let mut columns = vec![
        Column::text("architecture"),
        Column::number("parameters", ""),
        Column::number("FLOPs", ""),
        Column::number("band", ""),
        Column::number("alone", "nats"),
    ];
    columns.extend(audit.methods.iter().map(|method| Column::number(method.name(), "nats")));
    let whole = |value: f64| Cell::Number { value, digits: 9 };
    let mut rows = Vec::new();
    for (index, audited) in audit.audited.iter().enumerate() {
        let mut row = vec![
            Cell::text(audited.name.as_str()),
            whole(audited.sizes[0].1),
            whole(audited.sizes[1].1),
            whole(audited.band as f64),
            over_seeds(&results.standalones, |row| Ok(row[index])),
        ];
        row.extend(results.supernets.values().map(|losses| over_seeds(losses, |row| Ok(row[index]))));
        rows.push(row);
    }
    Ok(Table {
        title: format!(
            "The {} audited architectures out of {}",
            audit.audited.len(),
            audit.space_size
        ),
        caption: "Test loss trained alone and as a sub-network of each method's supernet; means over repetitions or \
                  seeds with 95% intervals."
            .to_owned(),
        columns,
        rows,
    })
}

/// One row a trial.
pub fn tuning(results: &Results<'_>) -> Result<Table> {
    let audit = results.audit;
    let mut rows = Vec::new();
    for subject in Subject::all(audit) {
        let best = chosen(audit, subject, results.outcomes())?;
        let losses = losses(audit, subject, results.outcomes())?;
        for (rates, loss) in trials(audit, subject).into_iter().zip(losses) {
            rows.push(vec![
                Cell::text(subject.name()),
                Cell::number(rates.learning_rate),
                Cell::number(rates.router_factor),
                loss.map_or_else(|| Cell::text("diverged"), Cell::number),
                Cell::text(if rates == best { "chosen" } else { "" }),
            ]);
        }
    }
    Ok(Table {
        title: "Every method was tuned with the same rates and the same number of trainings".to_owned(),
        caption:
            "Validation loss of architectures that the audit does not use, on seeds that it does not use."
                .to_owned(),
        columns: vec![
            Column::text("subject"),
            Column::number("learning rate", ""),
            Column::number("router factor", ""),
            Column::number("validation loss", "nats"),
            Column::text(""),
        ],
        rows,
    })
}
