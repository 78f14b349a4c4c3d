//! The run's pictures and tables over all seeds: methods, comparisons, tuning, training curves.

use super::Method;
use super::results::Results;
use super::tuning;
use super::verdicts::Comparison;
use crate::Result;
use crate::labs::numbers::{mean, over_seeds, point_over_seeds};
use crate::plate::{Axis, Cell, Column, Curve, Line, Plate, Table};

/// Every plate of the conclusion.
pub(super) fn plates(results: &Results<'_>, comparisons: &[Comparison]) -> Result<Vec<Plate>> {
    let mut plates = vec![Plate::Table(methods(results)?)];
    if !comparisons.is_empty() {
        plates.push(Plate::Table(comparisons_table(comparisons)));
    }
    if results.context.methods.len() > 1 {
        plates.push(curves(results));
    }
    if results.context.specification.tuning.rates > 0 {
        plates.push(Plate::Table(tuning_table(results)?));
    }
    Ok(plates)
}

/// One row a method.
fn methods(results: &Results<'_>) -> Result<Table> {
    let context = results.context;
    let whole = |value: usize| Cell::Number { value: value as f64, digits: 9 };
    let mut rows = Vec::new();
    for method in &context.methods {
        let accuracy: Vec<f64> =
            results.column(*method, "test_accuracy")?.into_iter().map(|share| 100.0 * share).collect();
        let dead = if method.has_experts() {
            let dead: Vec<f64> = results.dead_experts(*method)?.into_iter().map(|dead| dead as f64).collect();
            Cell::number(mean(&dead))
        } else {
            Cell::Empty
        };
        let entropy = match results.column(*method, "router_entropy") {
            Ok(entropy) => over_seeds(&entropy),
            Err(_) => Cell::Empty,
        };
        rows.push(vec![
            Cell::text(method.name()),
            over_seeds(&results.losses[method]),
            over_seeds(&accuracy),
            whole(context.active_parameters(*method)),
            whole(context.total_parameters(*method)),
            dead,
            entropy,
        ]);
    }
    let seeds = context.specification.seeds;
    Ok(Table {
        title: format!("What each method reaches on {} held-out rows", context.rows.test.len()),
        caption: format!(
            "{} Active parameters are those that answer for one row, the router's included. A dead expert gets no \
             held-out row. Undecidedness is the router's entropy over that of an even choice.",
            if seeds == 1 {
                "One seed.".to_owned()
            } else {
                format!("Means over {seeds} seeds with 95% intervals.")
            }
        ),
        columns: vec![
            Column::text("method"),
            Column::number("test loss", "nats"),
            Column::number("accuracy", "%"),
            Column::number("active parameters", ""),
            Column::number("all parameters", ""),
            Column::number("dead experts", ""),
            Column::number("undecidedness", ""),
        ],
        rows,
    })
}

fn comparisons_table(comparisons: &[Comparison]) -> Table {
    let row = |comparison: &Comparison| {
        let verdict = &comparison.verdict;
        vec![
            Cell::text(verdict.name.as_str()),
            Cell::interval(verdict.mean, verdict.low, verdict.high),
            Cell::text(format!("{} of {}", verdict.wins, verdict.replicates)),
            comparison.p_value.map_or(Cell::Empty, Cell::number),
            comparison.adjusted.map_or(Cell::Empty, Cell::number),
            Cell::text(verdict.word.as_str()),
        ]
    };
    Table {
        title: "Every comparison, paired by seed".to_owned(),
        caption: "Differences in test loss with 95% intervals over seeds on this one data set; how many seeds agree \
                  with the claim; the two-sided p-value of the paired t-test, and for the two primary comparisons the \
                  one after Holm's correction."
            .to_owned(),
        columns: vec![
            Column::text("comparison"),
            Column::number("difference", "nats"),
            Column::number("seeds that agree", ""),
            Column::number("p", ""),
            Column::number("p, Holm", ""),
            Column::text("verdict"),
        ],
        rows: comparisons.iter().map(row).collect(),
    }
}

/// Held-out loss over steps, mean over seeds with a 95% interval.
fn curves(results: &Results<'_>) -> Plate {
    let lines = results.context.methods.iter().map(|method| {
        let curves = results.curves(*method);
        let steps = curves.first().map_or(&[][..], |[steps, ..]| steps);
        let points = steps.iter().enumerate().map(|(index, step)| {
            let losses: Vec<f64> =
                curves.iter().filter_map(|[.., losses]| losses.get(index).copied()).collect();
            point_over_seeds(*step, &losses)
        });
        Line { name: method.name().to_owned(), slot: *method as usize, points: points.collect() }
    });
    Plate::Curve(Curve {
        title: "How the methods learn".to_owned(),
        caption: "Loss of the held-out rows, the mean over seeds with 95% intervals.".to_owned(),
        x: Axis::new("step", ""),
        y: Axis::new("test loss", "nats"),
        lines: lines.collect(),
    })
}

/// One row a trial.
fn tuning_table(results: &Results<'_>) -> Result<Table> {
    let context = results.context;
    let mut rows = Vec::new();
    for method in Method::ALL.into_iter().filter(|method| context.methods.contains(method)) {
        let best = tuning::chosen(context, method, results.outcomes())?;
        let losses = tuning::losses(context, method, results.outcomes())?;
        for (rate, loss) in tuning::trials(context).into_iter().zip(losses) {
            rows.push(vec![
                Cell::text(method.name()),
                Cell::number(rate),
                loss.map_or_else(|| Cell::text("diverged"), Cell::number),
                Cell::text(if rate == best { "chosen" } else { "" }),
            ]);
        }
    }
    Ok(Table {
        title: "Every method was tuned with the same rates and the same number of trainings".to_owned(),
        caption:
            "Loss of the validation rows, which the comparison does not use, on seeds that it does not use."
                .to_owned(),
        columns: vec![
            Column::text("method"),
            Column::number("learning rate", ""),
            Column::number("validation loss", "nats"),
            Column::text(""),
        ],
        rows,
    })
}
