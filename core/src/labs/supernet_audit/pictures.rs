//! The run's pictures: the gap, who shares with whom, mixing weights, training curves; and routing records.

use std::collections::BTreeMap;

use super::results::{Results, column_means, mean};
use super::{Audit, Audited, Method};
use crate::Result;
use crate::experiment::Event;
use crate::plate::{Axis, Curve, CurvePoint, Line, Matrix, Plate, Point, Scale, Scatter, Series};
use crate::routing::{CombineMode, Edge, Fate, RoutingDecision, Scope, Slot, SlotKind, UnitKind};
use crate::statistics::{mean_absolute_error, mean_with_t_interval, noise_ceiling};

/// The slot (colour, marker) of a method: its place among all methods.
pub fn slot(method: Method) -> usize {
    method as usize
}

/// Supernet against standalone loss, one point per architecture and method.
pub fn gap_scatter(results: &Results<'_>) -> Result<Plate> {
    let truth: Vec<Option<f64>> = results.truth.iter().copied().map(Some).collect();
    let audited = &results.audit.audited;
    gap_of(audited, &truth, &results.supernets, &results.standalones).map(Plate::Scatter)
}

/// The same of what is known so far: `truth` has an architecture's mean loss trained alone, where there is one;
/// `supernets` the losses `[seed][architecture]`; `standalones` whole repetitions `[repetition][architecture]`.
pub fn gap_of(
    audited: &[Audited],
    truth: &[Option<f64>],
    supernets: &BTreeMap<Method, Vec<Vec<f64>>>,
    standalones: &[Vec<f64>],
) -> Result<Scatter> {
    let known: Vec<(usize, f64)> =
        truth.iter().enumerate().filter_map(|(index, loss)| loss.map(|loss| (index, loss))).collect();
    let alone: Vec<f64> = known.iter().map(|(_, loss)| *loss).collect();
    let mut series = Vec::new();
    let mut gaps = Vec::new();
    for (method, rows) in supernets {
        let of_known = |row: &Vec<f64>| known.iter().map(|(index, _)| row[*index]).collect::<Vec<_>>();
        let differences = rows.iter().map(|row| mean_absolute_error(&of_known(row), &alone));
        gaps.push(mean(&differences.collect::<Result<Vec<f64>>>()?));
        let points = known
            .iter()
            .map(|(index, loss)| {
                let column: Vec<f64> = rows.iter().map(|row| row[*index]).collect();
                let interval =
                    mean_with_t_interval(&column).ok().map(|interval| [interval.low, interval.high]);
                Point {
                    x: *loss,
                    y: mean(&column),
                    label: audited[*index].name.clone(),
                    x_interval: None,
                    y_interval: interval,
                }
            })
            .collect();
        series.push(Series { name: method.name().to_owned(), slot: slot(*method), points });
    }
    let ceiling = noise_ceiling(standalones).ok().map(|ceiling| ceiling.mean_absolute_difference);
    Ok(Scatter {
        title: gap_title(&gaps),
        caption: "Each point is an architecture. On the line a supernet's sub-network is as good as the same network \
                  trained alone; above it, worse. The band is how far two trainings alone differ. Bars are 95% \
                  intervals over seeds."
            .to_owned(),
        x: Axis::new("trained alone, test loss", "nats"),
        y: Axis::new("in the supernet, test loss", "nats"),
        series,
        identity: true,
        ceiling,
        ..Scatter::default()
    })
}

/// How far the methods are from networks trained alone, without naming a winner: that is what verdicts are for.
fn gap_title(gaps: &[f64]) -> String {
    let (low, high) =
        gaps.iter().fold((f64::MAX, f64::MIN), |(low, high), gap| (low.min(*gap), high.max(*gap)));
    match gaps {
        [] => "There is no supernet to compare with networks trained alone".to_owned(),
        [gap] => format!("Sub-networks and networks trained alone are {gap:.3} nats apart on average"),
        _ => format!(
            "Sub-networks and networks trained alone are {low:.3} to {high:.3} nats apart, by method, on average"
        ),
    }
}

/// The who-shares-with-whom matrix of every method that mixes.
pub fn sharing(results: &Results<'_>) -> Result<Vec<Plate>> {
    let names = results.audit.audited.iter().map(|audited| audited.name.clone()).collect::<Vec<_>>();
    let count = names.len();
    let mut plates = Vec::new();
    for method in mixing_methods(results) {
        let means = column_means(&results.per_seed(method, "sharing", count * count)?);
        plates.push(sharing_of(method, &names, &means));
    }
    Ok(plates)
}

/// Who shares with whom in one method: `ratios` row by row, one row and one column for each name.
pub fn sharing_of(method: Method, names: &[String], ratios: &[f64]) -> Plate {
    let count = names.len();
    let ratio = |row: usize, column: usize| ratios[row * count + column];
    let apart: Vec<f64> = (0..count)
        .flat_map(|row| (0..count).filter(move |column| *column != row).map(move |column| (row, column)))
        .map(|(row, column)| ratio(row, column))
        .collect();
    Plate::Matrix(Matrix {
        title: format!(
            "In {} a step on one architecture moves another's weights {:.0}% as much as its own, on average",
            method.name(),
            100.0 * mean(&apart)
        ),
        caption: "Row a, column a': s(a, a') / s(a, a) over the rows that both have, the mean over seeds, where s \
                  is the product of mixing weights. Plain sharing and the fixed-input control are 1 everywhere; a \
                  hard split is 0 between regions. Above 1: the other architecture moves more."
            .to_owned(),
        rows: names.to_vec(),
        columns: names.to_vec(),
        row_title: "trained on".to_owned(),
        column_title: "moves".to_owned(),
        unit: String::new(),
        values: (0..count).map(|row| (0..count).map(|column| Some(ratio(row, column))).collect()).collect(),
        scale: shades(&apart),
    })
}

/// From the smallest value, rounded down to a tenth, to the largest: small differences stay visible.
fn shades(values: &[f64]) -> Scale {
    let smallest = values.iter().copied().fold(1.0, f64::min);
    let largest = values.iter().copied().fold(1.0, f64::max);
    Scale::Sequential { min: ((smallest - 0.05) * 10.0).floor() / 10.0, max: largest }
}

/// The mixing weight of the first expert, by architecture and block.
pub fn mixing(results: &Results<'_>) -> Result<Vec<Plate>> {
    let of = |method| Ok(mixing_of(results.audit, method, &mixing_table(results, method, 0)?));
    mixing_methods(results).into_iter().map(of).collect()
}

/// The same of one method, from what [`by_part`] gives.
pub fn mixing_of(audit: &Audit, method: Method, table: &[Vec<Option<Vec<f64>>>]) -> Plate {
    let values: Vec<Vec<Option<f64>>> = table
        .iter()
        .map(|parts| parts.iter().map(|experts| experts.as_ref().map(|experts| experts[0])).collect())
        .collect();
    let seen: Vec<f64> = values.iter().flatten().flatten().copied().collect();
    let (low, high) = seen.iter().fold((f64::MAX, f64::MIN), |(low, high), x| (low.min(*x), high.max(*x)));
    Plate::Matrix(Matrix {
        title: format!("In {} the mixing weight of expert 0 goes from {low:.2} to {high:.2}", method.name()),
        caption:
            "The mean mixing weight of expert 0, first seed. Equal shades in a column: the router does not \
                  tell architectures apart in that block. Empty: the architecture has no such block."
                .to_owned(),
        rows: audit.audited.iter().map(|audited| audited.name.clone()).collect(),
        columns: audit.parts.clone(),
        row_title: "architecture".to_owned(),
        column_title: "block".to_owned(),
        unit: String::new(),
        values,
        scale: Scale::Diverging { centre: 1.0 / audit.experts as f64, reach: 0.5 },
    })
}

/// Training loss over steps, mean over seeds with a 95% interval.
pub fn curves(results: &Results<'_>) -> Plate {
    let lines: Vec<Line> = results
        .supernets
        .keys()
        .map(|method| {
            let curves = results.curves(*method);
            let steps = curves.first().map_or(&[][..], |(steps, _)| steps);
            let points = steps.iter().enumerate().map(|(index, step)| {
                let losses: Vec<f64> =
                    curves.iter().filter_map(|(_, losses)| losses.get(index).copied()).collect();
                let interval = mean_with_t_interval(&losses).ok();
                CurvePoint {
                    x: *step,
                    y: mean(&losses),
                    low: interval.map(|interval| interval.low),
                    high: interval.map(|interval| interval.high),
                }
            });
            Line { name: method.name().to_owned(), slot: slot(*method), points: points.collect() }
        })
        .collect();
    Plate::Curve(Curve {
        title: "How the methods learn".to_owned(),
        caption:
            "Training loss, the mean over the sub-networks of a step and over seeds, with 95% intervals. A \
                  single batch is noisy; the verdicts rest on held-out data."
                .to_owned(),
        x: Axis::new("step", ""),
        y: Axis::new("training loss", "nats"),
        lines,
    })
}

/// The routing records of the first seed: architectures to experts, one record per method and block.
pub fn decisions(results: &Results<'_>) -> Result<Vec<Event>> {
    let audit = results.audit;
    let mut events = Vec::new();
    for method in mixing_methods(results) {
        let table = mixing_table(results, method, 0)?;
        for block in 0..audit.parts.len() {
            let slots = Slot::table(SlotKind::Expert, audit.experts);
            let units = audit.audited.len();
            let mut decision = RoutingDecision::new(
                method.name(),
                Scope::Layer(block),
                UnitKind::Architecture,
                units,
                slots,
            );
            decision.step = audit.steps;
            decision.combine_mode = CombineMode::MixWeights;
            decision.valid = table.iter().map(|parts| parts[block].is_some()).collect();
            decision.edges = table
                .iter()
                .enumerate()
                .flat_map(|(unit, parts)| edges([unit, 0], parts[block].as_ref()))
                .collect();
            decision.validate()?;
            events.push(Event::Decision { task: Results::supernet_name(method, 0), decision });
        }
    }
    Ok(events)
}

/// A dense edge of `[unit, group]` to every expert, the heaviest first.
pub fn edges([unit, group]: [usize; 2], experts: Option<&Vec<f64>>) -> Vec<Edge> {
    let mut order: Vec<(usize, f64)> = experts.into_iter().flatten().copied().enumerate().collect();
    order.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
    order
        .into_iter()
        .enumerate()
        .map(|(rank, (slot, weight))| Edge {
            unit,
            group,
            slot,
            rank,
            score: weight as f32,
            dispatch: 1.0,
            combine: weight as f32,
            fate: Fate::Kept,
        })
        .collect()
}

/// Methods of more than one expert, in order.
fn mixing_methods(results: &Results<'_>) -> Vec<Method> {
    let audit = results.audit;
    audit.methods.iter().copied().filter(|method| audit.experts_of(*method) > 1).collect()
}

/// Mean mixing weights of one seed, as [`by_part`] gives them.
fn mixing_table(results: &Results<'_>, method: Method, seed: usize) -> Result<Vec<Vec<Option<Vec<f64>>>>> {
    let audit = results.audit;
    let parts: usize = audit.audited.iter().map(|audited| audited.parts.len()).sum();
    let rows = results.per_seed(method, "mixing", parts * audit.experts)?;
    Ok(by_part(audit, rows[seed].chunks(audit.experts).map(<[f64]>::to_vec)))
}

/// Weights of every audited architecture's own parts, `[expert]` each, put where the part belongs:
/// `[architecture][part][expert]`; nothing for parts that an architecture lacks.
pub fn by_part(audit: &Audit, mut weights: impl Iterator<Item = Vec<f64>>) -> Vec<Vec<Option<Vec<f64>>>> {
    let table = audit.audited.iter().map(|audited| {
        let mut row = vec![None; audit.parts.len()];
        audited.parts.iter().for_each(|part| row[*part] = weights.next());
        row
    });
    table.collect()
}
