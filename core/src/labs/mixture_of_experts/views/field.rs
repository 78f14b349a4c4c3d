//! The plane: which expert answers where, how sure the router is, where the class changes, and the points.

use super::Seen;
use crate::Result;
use crate::experiment::{Place, View};
use crate::labs::mixture_of_experts::boundary::{self, Grid};
use crate::labs::mixture_of_experts::context::Context;
use crate::labs::mixture_of_experts::evaluation::{Answers, Examiner};
use crate::labs::mixture_of_experts::record::class_names;
use crate::labs::mixture_of_experts::source;
use crate::labs::words::{Load, percent};
use crate::plate::{Axis, Field, FieldPoint, Plate};

/// Cells of the plane in each direction.
const CELLS: usize = 56;
/// Points that are drawn, at most: training points and held-out ones.
const POINTS: [usize; 2] = [200, 100];

pub(super) async fn view(examiner: &Examiner<'_>, seen: &Seen<'_>) -> Result<View> {
    let context = seen.context;
    let ranges = [0, 1].map(|column| source::range(&context.rows.all, column));
    let answers = examiner.answers(context.rows.to_inputs(&centres(ranges))).await?;
    let rows = drawn_rows(context);
    let points = examiner.answers_about(&rows).await?;
    let (mut slot_names, chosen) = (context.slot_names(), points.first_slots());
    let (slots, strength) = regions(&answers, slot_names.len());
    if slots.iter().any(|&slot| usize::from(slot) == slot_names.len()) || chosen.contains(&None) {
        slot_names.push("Nobody".to_owned());
    }
    let nobody = slot_names.len() - 1;
    let field = Field {
        title: title(seen),
        caption: "The colour of a place is the expert that the router sends it to, the stronger the surer. Lines are \
                  where the predicted class changes. Click a place to follow its way."
            .to_owned(),
        x: Axis::new(source::PLANE_NAMES[0], ""),
        y: Axis::new(source::PLANE_NAMES[1], ""),
        x_range: ranges[0],
        y_range: ranges[1],
        columns: CELLS,
        rows: CELLS,
        slots,
        strength,
        slot_names,
        boundary: boundary_of(&answers, context, ranges),
        points: rows.iter().zip(chosen).map(|(&row, slot)| point(context, row, slot.unwrap_or(nobody))).collect(),
        class_names: class_names(context),
    };
    let rows = rows.into_iter().map(|row| row as u32).collect();
    Ok(View::new("field", Place::Yard, Plate::Field(field)).with_units("point-", rows))
}

fn title(seen: &Seen<'_>) -> String {
    let load = Load { counts: seen.counts(), rows: seen.classes.len(), unit: seen.unit() };
    if seen.step == 0 {
        return "Before training the router cuts the plane as chance has it".to_owned();
    }
    let right = percent(seen.answers.accuracy(seen.classes));
    format!("{}; {right} are classified right", load.headline())
}

/// Where a cell lies on one axis.
fn centre([low, high]: [f64; 2], cell: f64) -> f64 {
    low + (high - low) * (cell + 0.5) / CELLS as f64
}

/// The middle of every cell, row by row from the upper left.
fn centres([x, y]: [[f64; 2]; 2]) -> Vec<f32> {
    let mut features = Vec::with_capacity(2 * CELLS * CELLS);
    for row in 0..CELLS {
        for column in 0..CELLS {
            features.push(centre(x, column as f64) as f32);
            features.push(centre(y, (CELLS - 1 - row) as f64) as f32);
        }
    }
    features
}

/// The first choice of each cell and how sure the router is of it; `nobody`, and nothing to be seen, where no expert takes
/// the place.
fn regions(answers: &Answers, nobody: usize) -> (Vec<u8>, Vec<u8>) {
    let shade = |(cell, slot): (usize, Option<usize>)| match slot {
        Some(slot) => (slot as u8, libm::roundf(255.0 * answers.certainty(cell, slot)) as u8),
        None => (nobody as u8, 0),
    };
    answers.first_slots().into_iter().enumerate().map(shade).unzip()
}

/// The class boundary in the plane's own units, in four digits: enough for any screen, and short to send.
fn boundary_of(answers: &Answers, context: &Context, [x, y]: [[f64; 2]; 2]) -> Vec<Vec<[f64; 2]>> {
    let grid = Grid {
        columns: CELLS,
        rows: CELLS,
        classes: context.shape.outputs,
        logits: &answers.logits,
        predicted: &answers.predicted,
    };
    let place = |[column, row]: [f64; 2]| {
        [short(centre(x, column), x), short(centre(y, (CELLS - 1) as f64 - row), y)]
    };
    boundary::lines(&grid).into_iter().map(|line| line.into_iter().map(place).collect()).collect()
}

/// A number rounded to a ten-thousandth of its axis.
fn short(value: f64, [low, high]: [f64; 2]) -> f64 {
    let digits = libm::floor(libm::log10((high - low).max(1e-30))) as i32 - 4;
    let unit = libm::pow(10.0, f64::from(-digits));
    libm::round(value * unit) / unit
}

/// The rows whose points are drawn: the first of each part.
fn drawn_rows(context: &Context) -> Vec<usize> {
    let parts = [&context.rows.train, &context.rows.test];
    parts.into_iter().zip(POINTS).flat_map(|(rows, most)| rows.iter().copied().take(most)).collect()
}

fn point(context: &Context, row: usize, slot: usize) -> FieldPoint {
    let features = context.rows.all.row(row);
    // The shortest decimal of the single-precision number, not its long expansion.
    let number = |value: f32| value.to_string().parse().unwrap_or(f64::from(value));
    FieldPoint {
        x: number(features[0]),
        y: number(features[1]),
        class: context.rows.classes[row],
        label: String::new(),
        slot,
        held_out: context.rows.is_held_out(row),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_begin_at_the_upper_left_and_fill_the_plane() {
        let features = centres([[0.0, 56.0], [-56.0, 0.0]]);
        assert_eq!(features[..4], [0.5, -0.5, 1.5, -0.5]);
        assert_eq!(features[features.len() - 2..], [55.5, -55.5]);
    }

    #[test]
    fn numbers_are_rounded_to_the_size_of_their_axis() {
        assert_eq!(short(0.123_456, [-1.0, 1.0]), 0.123_5);
        assert_eq!(short(1234.567, [0.0, 5000.0]), 1234.6);
    }
}
