//! The run's tables and pictures over all seeds: methods, comparisons, training curves, loss against balance.

use super::method::Method;
use super::oracle;
use super::results::Results;
use super::story::Story;
use super::verdicts::Comparison;
use crate::Result;
use crate::labs::numbers::{over_seeds, point_over_seeds};
use crate::plate::{Axis, Cell, Column, Curve, Line, Plate, Table};

/// Every plate of the conclusion.
pub(super) fn plates(results: &Results<'_>, comparisons: &[Comparison], story: &Story) -> Result<Vec<Plate>> {
    let mut plates = vec![Plate::Table(methods(results)?)];
    if !comparisons.is_empty() {
        plates.push(Plate::Table(comparisons_table(comparisons, story)));
    }
    plates.extend(story.study.plates(results)?);
    plates.extend(oracle::table(results));
    if results.context.methods.len() > 1 {
        plates.push(curves(results)?);
    }
    Ok(plates)
}

/// One row a method.
fn methods(results: &Results<'_>) -> Result<Table> {
    let context = results.context;
    let setting = context.setting();
    // Under a limit a later unit's first choice can drop an earlier one's second.
    let may_drop = setting.capacity_factor.is_some_and(|factor| factor != 0.0) && setting.k > 1;
    // Where trainings may stop early, it is told when.
    let is_patient = context.specification.training.patience > 0;
    let mut rows = Vec::new();
    for method in &context.methods {
        let scaled = |name: &str, factor: f64| -> Result<Cell> {
            let column: Vec<f64> =
                results.column(method, name)?.into_iter().map(|value| factor * value).collect();
            Ok(over_seeds(&column))
        };
        let of_routes = |name: &str, factor: f64| -> Result<Cell> {
            if method.is_routed() { scaled(name, factor) } else { Ok(Cell::Empty) }
        };
        let parameters = results.column(method, "parameters")?[0];
        let mut row = vec![
            Cell::text(method.name),
            scaled("test_loss", 1.0)?,
            scaled("test_accuracy", 100.0)?,
            of_routes("load_cv", 1.0)?,
            of_routes("dead", 1.0)?,
            of_routes("experts", 1.0)?,
            of_routes("idle", 100.0)?,
            of_routes("dropped", 100.0)?,
            scaled("flops", 1e-3)?,
            Cell::Number { value: parameters, digits: 9 },
            Cell::text(if method.is_causal && !may_drop { "yes" } else { "no" }),
        ];
        if is_patient {
            row.push(scaled("steps", 1.0)?);
        }
        rows.push(row);
    }
    let mut columns = vec![
        Column::text("method"),
        Column::number("test loss", "nats"),
        Column::number("accuracy", "%"),
        Column::number("unevenness", ""),
        Column::number("dead experts", ""),
        Column::number("experts per unit", ""),
        Column::number("idle", "%"),
        Column::number("dropped", "%"),
        Column::number("work", "kFLOP"),
        Column::number("parameters", ""),
        Column::text("causal"),
    ];
    if is_patient {
        columns.push(Column::number("steps", ""));
    }
    let seeds = context.specification.seeds;
    let held_out = context.targets.len();
    Ok(Table {
        title: format!("What each method reaches on {} held-out {}", held_out, context.task.answer_noun()),
        caption: format!(
            "{} Routes are measured on held-out samples, means over layers; drops in the last training batch. Unevenness is \
             the load's deviation over its mean. Idle are choices of null slots and of the way around. Work is what \
             one layer's experts and router do for a unit. Causal: no route depends on later units.",
            if seeds == 1 {
                "One seed.".to_owned()
            } else {
                format!("Means over {seeds} seeds with 95% intervals.")
            }
        ),
        columns,
        rows,
    })
}

fn comparisons_table(comparisons: &[Comparison], story: &Story) -> Table {
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
    let mut quantities: Vec<&str> = Vec::new();
    for question in story.questions {
        if !quantities.contains(&question.words) {
            quantities.push(question.words);
        }
    }
    let quantities = quantities.join("; ");
    Table {
        title: "Every comparison, paired by seed".to_owned(),
        caption: format!(
            "Differences in {} with 95% intervals over seeds; how many seeds are for the claim; the two-sided p-value of \
             the paired t-test, and the one after Holm's correction over the comparisons with the same reference. The \
             word is the interval's alone.",
            quantities
        ),
        columns: vec![
            Column::text("comparison"),
            Column::number("difference", ""),
            Column::number("seeds for it", ""),
            Column::number("p", ""),
            Column::number("p, Holm", ""),
            Column::text("verdict"),
        ],
        rows: comparisons.iter().map(row).collect(),
    }
}

/// Held-out loss over steps, mean over seeds with a 95% interval.
fn curves(results: &Results<'_>) -> Result<Plate> {
    let line = |(slot, method): (usize, &Method)| -> Result<Line> {
        let curves = results.curves(method)?;
        let steps = curves.first().map_or(&[][..], |[steps, _]| steps);
        let point = |(index, step): (usize, &f64)| {
            let losses: Vec<f64> =
                curves.iter().filter_map(|[_, losses]| losses.get(index).copied()).collect();
            point_over_seeds(*step, &losses)
        };
        let points = steps.iter().enumerate().map(point).collect();
        Ok(Line { name: method.name.to_owned(), slot, points })
    };
    Ok(Plate::Curve(Curve {
        title: "How the methods learn".to_owned(),
        caption: "Loss of the held-out samples, the mean over seeds with 95% intervals.".to_owned(),
        x: Axis::new("step", ""),
        y: Axis::new("test loss", "nats"),
        lines: results.context.methods.iter().enumerate().map(line).collect::<Result<_>>()?,
    }))
}
