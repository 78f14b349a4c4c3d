//! Which slot takes what: shares of first choices, by what is known about units.

use super::Seen;
use crate::experiment::{Place, View};
use crate::labs::token_routing::task::Key;
use crate::labs::words::percent;
use crate::plate::{Matrix, Plate, Scale};

/// One matrix for each key of the task.
pub(super) fn views(seen: &Seen<'_>) -> Vec<View> {
    seen.context.task.keys().iter().map(|key| matrix(seen, key)).collect()
}

fn matrix(seen: &Seen<'_>, key: &Key) -> View {
    let rows = key.names.clone();
    let slots = seen.slot_names();
    let mut counts = vec![vec![0usize; slots.len()]; rows.len()];
    for (unit, slot) in seen.firsts.iter().take(1).flatten().enumerate() {
        if let Some(slot) = slot {
            counts[key.values[unit]][*slot] += 1;
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
    let whose =
        if key.noun == "place" { rows[best.1].clone() } else { format!("{} {}", key.noun, rows[best.1]) };
    let plate = Matrix {
        title: format!("{} of {whose} go to {}", percent(best.0), crate::labs::words::lower(&slots[best.2])),
        caption: format!(
            "Each row is a {}, each cell the share of its held-out {} whose first choice is a slot of layer 0. Equal \
             rows: the router does not look at it.",
            key.noun,
            seen.noun()
        ),
        rows,
        columns: slots,
        row_title: key.noun.to_owned(),
        column_title: "slot".to_owned(),
        unit: String::new(),
        values,
        scale: Scale::Sequential { min: 0.0, max: 1.0 },
    };
    View::new(key.name, Place::More, Plate::Matrix(plate))
}
