//! Numbers that every lab with classes needs: how good answers are, how undecided a router is, means over seeds.

use crate::plate::{Cell, CurvePoint, Line};
use crate::statistics::mean_with_t_interval;

/// The mean of some numbers; 0 for none.
pub fn mean(numbers: &[f64]) -> f64 {
    if numbers.is_empty() { 0.0 } else { numbers.iter().sum::<f64>() / numbers.len() as f64 }
}

/// Numbers of each seed as a cell: mean with a 95% interval over seeds, or the single number.
pub fn over_seeds(values: &[f64]) -> Cell {
    match mean_with_t_interval(values) {
        Ok(interval) => Cell::interval(interval.mean, interval.low, interval.high),
        Err(_) => Cell::number(mean(values)),
    }
}

/// One value a seed as a point: the mean over seeds, with a 95% interval where there is one.
pub fn point_over_seeds(x: f64, values: &[f64]) -> CurvePoint {
    let interval = mean_with_t_interval(values).ok();
    let (low, high) = (interval.map(|interval| interval.low), interval.map(|interval| interval.high));
    CurvePoint { x, y: mean(values), low, high }
}

/// A line through what was measured at steps, gaps left out; nothing when nothing was.
pub fn line(name: &str, slot: usize, points: impl Iterator<Item = (u64, Option<f64>)>) -> Option<Line> {
    let point = |(step, value): (u64, Option<f64>)| {
        let y = value.filter(|y| y.is_finite())?;
        Some(CurvePoint { x: step as f64, y, low: None, high: None })
    };
    let points: Vec<CurvePoint> = points.filter_map(point).collect();
    (!points.is_empty()).then(|| Line { name: name.to_owned(), slot, points })
}

/// The place of the largest number, the first one on a tie.
pub fn largest(row: &[f32]) -> usize {
    let mut best = 0;
    for (place, value) in row.iter().enumerate() {
        if *value > row[best] {
            best = place;
        }
    }
    best
}

/// The probabilities that logits stand for.
pub fn probabilities(logits: &[f32]) -> Vec<f64> {
    let top = logits.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    let powers: Vec<f64> = logits.iter().map(|logit| libm::exp(f64::from(logit - top))).collect();
    let sum: f64 = powers.iter().sum();
    powers.into_iter().map(|power| power / sum).collect()
}

/// The cross entropy of each row of logits `[rows, classes]` against its class, in nats.
pub fn cross_entropies(logits: &[f32], width: usize, classes: &[usize]) -> Vec<f64> {
    let term = |(row, &class): (&[f32], &usize)| {
        let top = row.iter().copied().fold(f32::NEG_INFINITY, f32::max);
        let sum: f64 = row.iter().map(|logit| libm::exp(f64::from(logit - top))).sum();
        libm::log(sum) + f64::from(top) - f64::from(row[class])
    };
    logits.chunks_exact(width).zip(classes).map(term).collect()
}

/// Their mean.
pub fn cross_entropy(logits: &[f32], width: usize, classes: &[usize]) -> f64 {
    mean(&cross_entropies(logits, width, classes))
}

/// The share of answers that are these classes.
pub fn accuracy(predicted: &[usize], classes: &[usize]) -> f64 {
    let right = predicted.iter().zip(classes).filter(|(predicted, class)| predicted == class).count();
    right as f64 / classes.len().max(1) as f64
}

/// The mean entropy of rows `[units, slots]` of probabilities over that of an even choice, 0 to 1.
pub fn undecidedness(rows: &[f32], slots: usize) -> f64 {
    let term = |p: &f32| if *p > 0.0 { -f64::from(*p) * libm::log(f64::from(*p)) } else { 0.0 };
    let count = (rows.len() / slots).max(1) as f64;
    rows.iter().map(term).sum::<f64>() / count / libm::log(slots.max(2) as f64)
}
