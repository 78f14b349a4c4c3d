//! Tables and pictures of what searches found, and of how well latency can be predicted.

use super::found::{Found, Winner, corners, front, hypervolume_of, limits, seeds, strategies};
use super::verdicts::{BASELINE, hypervolume_differences, loss_differences};
use crate::Result;
use crate::labs::numbers::{over_seeds, point_over_seeds};
use crate::plate::{Axis, Cell, Column, Curve, Front, Line, Plate, Point, Scatter, Series, Table};
use crate::search::predictor::Assessment;
use crate::statistics::Interval;

/// Points of a curve, at most.
const CURVE_POINTS: usize = 60;

/// What a search's limit is on: its name and its unit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cost {
    /// `predicted latency`, `floating-point operations`, `parameters`.
    pub name: &'static str,
    /// `ms`, or nothing for a pure number.
    pub unit: &'static str,
}

impl Cost {
    /// A limit as it is said.
    pub fn limit(self, limit: f64) -> String {
        let space = if self.unit.is_empty() { "" } else { " " };
        format!("{}{space}{}", Cell::number(limit).shown(), self.unit)
    }
}

/// The best loss of every strategy under every limit, at equal evaluations, and how it differs from random search.
pub fn best(all: &[Found], cost: Cost) -> Table {
    let mut rows = Vec::new();
    for limit in limits(all) {
        for strategy in strategies(all) {
            let of = |found: &&Found| found.strategy == strategy && found.limit.total_cmp(&limit).is_eq();
            let searches: Vec<&Found> = all.iter().filter(of).collect();
            let losses: Vec<f64> =
                searches.iter().filter_map(|found| found.best()).map(|point| point.loss).collect();
            let evaluations = searches.iter().map(|found| found.points.len()).max().unwrap_or(0);
            let differences = loss_differences(all, strategy, limit);
            let is_same = differences.iter().all(|difference| *difference == 0.0);
            rows.push(vec![
                Cell::text(cost.limit(limit)),
                Cell::text(strategy),
                Cell::text(evaluations.to_string()),
                Cell::text(losses.len().to_string()),
                if losses.is_empty() { Cell::Empty } else { over_seeds(&losses) },
                if differences.is_empty() || (strategy == BASELINE && is_same) {
                    Cell::Empty
                } else {
                    over_seeds(&differences)
                },
            ]);
        }
    }
    Table {
        title: "The best sub-network that each strategy finds".to_owned(),
        caption: format!(
            "Validation loss with the supernet's weights, mean over seeds with a 95% interval; the limit is on {}. The last \
             column is paired by seed: below 0 is better than random search.",
            cost.name
        ),
        columns: vec![
            Column::text("at most"),
            Column::text("strategy"),
            Column::number("evaluations", ""),
            Column::number("seeds", ""),
            Column::number("best loss", "nats"),
            Column::number("less that of random", "nats"),
        ],
        rows,
    }
}

/// How much of the plane of cost and loss each strategy's front covers. Nothing when all evaluations cost the same.
///
/// # Errors
/// When a cost is not finite.
pub fn hypervolumes(all: &[Found], cost: Cost) -> Result<Option<Table>> {
    let Some(corners) = corners(all) else { return Ok(None) };
    let mut rows = Vec::new();
    for strategy in strategies(all) {
        let shares = seeds(all)
            .into_iter()
            .map(|seed| hypervolume_of(all, strategy, seed, corners))
            .collect::<Result<Vec<f64>>>()?;
        let differences = if strategy == BASELINE || !strategies(all).contains(&BASELINE) {
            Vec::new()
        } else {
            hypervolume_differences(all, strategy)?
        };
        rows.push(vec![
            Cell::text(strategy),
            over_seeds(&shares),
            if differences.is_empty() { Cell::Empty } else { over_seeds(&differences) },
        ]);
    }
    let [[cheapest, least], [dearest, worst]] = corners;
    Ok(Some(Table {
        title: "How much of the plane of cost and loss each front covers".to_owned(),
        caption: format!(
            "Hypervolume of all that a strategy found with one seed, as a share of the box from {} and {:.4} nats to {} and \
             {:.4} nats, the extremes of all evaluations; mean over seeds with a 95% interval. More is better.",
            cost.limit(cheapest),
            least,
            cost.limit(dearest),
            worst
        ),
        columns: vec![
            Column::text("strategy"),
            Column::number("hypervolume", ""),
            Column::number("less that of random", ""),
        ],
        rows,
    }))
}

/// The fronts of all strategies in one plane.
///
/// # Errors
/// When a cost is not finite.
pub fn fronts(all: &[Found], cost: Cost) -> Result<Plate> {
    let series = strategies(all).into_iter().enumerate().map(|(slot, strategy)| {
        let points = front(all.iter().filter(|found| found.strategy == strategy))?.into_iter().map(|point| {
            Point { x: point.cost, y: point.loss, label: point.architecture, ..Point::default() }
        });
        Ok(Series { name: strategy.to_owned(), slot, points: points.collect() })
    });
    Ok(Plate::Scatter(Scatter {
        title: format!("The fronts of {} strategies: loss against {}", strategies(all).len(), cost.name),
        caption: "Sub-networks that no other of the same strategy beats in both, over all seeds and limits. The line joins \
                  the best of all strategies."
            .to_owned(),
        x: Axis::new(cost.name, cost.unit),
        y: Axis::new("validation loss", "nats"),
        series: series.collect::<Result<Vec<_>>>()?,
        front: Some(Front { name: "best of all".to_owned(), ..Front::default() }),
        ..Scatter::default()
    }))
}

/// The best loss so far against the evaluations, under one limit.
pub fn progress(all: &[Found], limit: f64, cost: Cost) -> Plate {
    let here = || all.iter().filter(move |found| found.limit.total_cmp(&limit).is_eq());
    let budget = here().map(|found| found.points.len()).max().unwrap_or(0);
    let places: Vec<usize> =
        (1..=CURVE_POINTS).map(|place| (place * budget).div_ceil(CURVE_POINTS)).collect();
    let line = |(slot, strategy): (usize, &str)| {
        let at = |place: &usize| {
            let losses: Vec<f64> = here()
                .filter(|found| found.strategy == strategy)
                .filter_map(|found| found.best_after(*place))
                .collect();
            (!losses.is_empty()).then(|| point_over_seeds(*place as f64, &losses))
        };
        Line { name: strategy.to_owned(), slot, points: places.iter().filter_map(at).collect() }
    };
    Plate::Curve(Curve {
        title: format!("The best loss so far, at most {}", cost.limit(limit)),
        caption: "Mean over seeds with a 95% interval of the smallest validation loss found until then; every strategy pays \
                  one evaluation for each architecture that it asks for, repeated ones too."
            .to_owned(),
        x: Axis::new("evaluations", ""),
        y: Axis::new("best validation loss", "nats"),
        lines: strategies(all).into_iter().enumerate().map(line).collect(),
    })
}

/// What was chosen, on data that no search has seen and measured on the machine.
pub fn winners(winners: &[Winner], cost: Cost, measure: (&str, &str)) -> Table {
    let row = |winner: &Winner| {
        let [median, low, high] = winner.milliseconds;
        vec![
            Cell::text(winner.limit.map_or_else(|| "–".to_owned(), |limit| cost.limit(limit))),
            Cell::text(winner.by.clone()),
            Cell::text(winner.point.architecture.clone()),
            Cell::number(winner.point.loss),
            Cell::number(winner.test_loss),
            Cell::number(winner.quality),
            Cell::number(winner.point.cost),
            Cell::interval(median, low, high),
            Cell::number(winner.parameters),
            Cell::number(winner.flops),
        ]
    };
    Table {
        title: "What was chosen, measured".to_owned(),
        caption: "The best of every strategy over its seeds, beside the smallest and the largest sub-network; all with the \
                  supernet's weights. Latency is measured now: the median, and between which quartiles its runs lie."
            .to_owned(),
        columns: vec![
            Column::text("at most"),
            Column::text("chosen by"),
            Column::text("architecture"),
            Column::number("validation loss", "nats"),
            Column::number("test loss", "nats"),
            Column::number(measure.0, measure.1),
            Column::number(cost.name, cost.unit),
            Column::number("measured latency", "ms"),
            Column::number("parameters", ""),
            Column::number("FLOPs", ""),
        ],
        rows: winners.iter().map(row).collect(),
    }
}

/// How far each predictor is off on architectures that it was not fitted on.
pub fn predictors(assessed: &[Assessment]) -> Table {
    let interval = |interval: &Interval| Cell::interval(interval.mean, interval.low, interval.high);
    let maybe = |known: &Option<Interval>| known.as_ref().map_or(Cell::Empty, interval);
    let row = |one: &Assessment| {
        vec![
            Cell::text(one.name),
            interval(&one.mean_absolute_error),
            maybe(&one.mean_absolute_percentage_error),
            interval(&one.root_mean_squared_error),
            maybe(&one.kendall_tau),
            if one.name == "depth" { Cell::Empty } else { interval(&one.against_depth) },
        ]
    };
    let rows = assessed.first().map_or(0, |one| one.rows);
    Table {
        title: "How well latency is predicted".to_owned(),
        caption: format!(
            "{rows} architectures, each held out once; 95% intervals over architectures. The last column below 0: better than \
             the number of decoder layers alone."
        ),
        columns: vec![
            Column::text("predictor"),
            Column::number("mean absolute error", "ms"),
            Column::number("of the latency", "%"),
            Column::number("root mean squared error", "ms"),
            Column::number("Kendall's tau", ""),
            Column::number("error less that of depth", "ms"),
        ],
        rows: assessed.iter().map(row).collect(),
    }
}
