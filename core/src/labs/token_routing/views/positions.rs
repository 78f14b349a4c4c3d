//! Which slot takes which place of the image, and which digit: shares of first choices.

use super::Seen;
use crate::experiment::{Place, View};
use crate::labs::words::percent;
use crate::plate::{Matrix, Plate, Scale};

/// Places of the image against slots.
pub(super) fn view(seen: &Seen<'_>) -> View {
    let patches = seen.context.patches;
    let names = (0..patches).map(|patch| format!("patch {patch}")).collect();
    matrix(seen, "positions", "place", names, |unit| unit % patches)
}

/// Digits against slots.
pub(super) fn classes(seen: &Seen<'_>) -> View {
    let context = seen.context;
    let names = (0..context.images.class_count()).map(|class| class.to_string()).collect();
    matrix(seen, "specialisation", "digit", names, |unit| {
        context.classes[context.test[unit / context.patches]]
    })
}

fn matrix(seen: &Seen<'_>, name: &str, of: &str, rows: Vec<String>, row_of: impl Fn(usize) -> usize) -> View {
    let slots = seen.slot_names();
    let mut counts = vec![vec![0usize; slots.len()]; rows.len()];
    if let Some(layer) = seen.answers.layers.first() {
        for (unit, slot) in layer.first_slots(seen.units()).into_iter().enumerate() {
            if let Some(slot) = slot {
                counts[row_of(unit)][slot] += 1;
            }
        }
    }
    let share = |row: &[usize], count: usize| {
        let total: usize = row.iter().sum();
        (total > 0).then(|| count as f64 / total as f64)
    };
    let values: Vec<Vec<Option<f64>>> =
        counts.iter().map(|row| row.iter().map(|&count| share(row, count)).collect()).collect();
    let mut best = (0.0, 0, 0);
    for (row, shares) in values.iter().enumerate() {
        for (slot, share) in shares.iter().enumerate() {
            if share.unwrap_or(0.0) > best.0 {
                best = (share.unwrap_or(0.0), row, slot);
            }
        }
    }
    let whose = if of == "digit" { format!("digit {}", rows[best.1]) } else { rows[best.1].clone() };
    let plate = Matrix {
        title: format!("{} of {whose} go to {}", percent(best.0), crate::labs::words::lower(&slots[best.2])),
        caption: format!(
            "Each row is a {of}, each cell the share of its held-out patches whose first choice is a slot of layer 0. Equal \
             rows: the router does not look at it."
        ),
        rows,
        columns: slots,
        row_title: of.to_owned(),
        column_title: "slot".to_owned(),
        unit: String::new(),
        values,
        scale: Scale::Sequential { min: 0.0, max: 1.0 },
    };
    View::new(name, Place::More, Plate::Matrix(plate))
}
