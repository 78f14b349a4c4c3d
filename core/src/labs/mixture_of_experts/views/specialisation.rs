//! Which expert takes which class: shares of each class, row by row.

use super::Seen;
use crate::experiment::{Place, View};
use crate::labs::mixture_of_experts::record::class_names;
use crate::labs::words::percent;
use crate::plate::{Matrix, Plate, Scale};

pub(super) fn view(seen: &Seen<'_>) -> View {
    let (table, names) = (seen.answers.specialisation(seen.classes), class_names(seen.context));
    let slots = seen.context.slot_names();
    let total = |row: &[usize]| row.iter().sum::<usize>();
    let share = |row: &[usize], count: usize| (total(row) > 0).then(|| count as f64 / total(row) as f64);
    let values = table.iter().map(|row| row.iter().map(|&count| share(row, count)).collect()).collect();
    View::new(
        "specialisation",
        Place::More,
        Plate::Matrix(Matrix {
            title: title(&table, [&names, &slots]),
            caption: "Each row is a class, each cell the share of its choices that went to an expert. Equal rows: the \
                      router does not tell the classes apart. The table holds the same numbers."
                .to_owned(),
            rows: names,
            columns: slots,
            row_title: "class".to_owned(),
            column_title: "expert".to_owned(),
            unit: String::new(),
            values,
            scale: Scale::Sequential { min: 0.0, max: 1.0 },
        }),
    )
}

/// The class that one expert has most for itself, unless all classes are spread alike.
fn title(table: &[Vec<usize>], [names, slots]: [&[String]; 2]) -> String {
    let mut best: Option<(f64, usize, usize)> = None;
    for (class, row) in table.iter().enumerate() {
        let total: usize = row.iter().sum();
        for (expert, &count) in row.iter().enumerate().filter(|_| total > 0) {
            let share = count as f64 / total as f64;
            if best.is_none_or(|(top, ..)| share > top) {
                best = Some((share, class, expert));
            }
        }
    }
    match best {
        Some((share, class, expert)) => {
            let name = if names[class].starts_with("class") {
                names[class].clone()
            } else {
                format!("digit {}", names[class])
            };
            format!("{} of {name} go to {}", percent(share), crate::labs::words::lower(&slots[expert]))
        }
        None => "No row has chosen an expert".to_owned(),
    }
}
