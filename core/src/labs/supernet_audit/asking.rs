//! What questions to supernets of transformers have in common: sliders whose positions are numbers, and the picture of which
//! word hangs on which.

use std::collections::BTreeMap;

use crate::experiment::{Choice, Place, View};
use crate::plate::number::significant;
use crate::plate::{Matrix, Plate, Scale};
use crate::{Error, Result};

/// A slider of numbers that stands at `start`, an index.
pub fn slider(key: &str, label: &str, options: &[usize], start: usize) -> Choice {
    let options = options.iter().map(ToString::to_string).collect();
    Choice { key: key.to_owned(), label: label.to_owned(), options, start }
}

/// The numbers that sliders are set to, by key. One that is not set is left out.
///
/// # Errors
/// When there is no such slider or position.
pub fn numbers<'a>(choices: &[Choice], set: &'a BTreeMap<String, String>) -> Result<Vec<(&'a str, usize)>> {
    let refuse = |problem: String| Err(Error::NotAnswerable { problem });
    let number = |(key, text): (&'a String, &String)| {
        let Some(choice) = choices.iter().find(|choice| choice.key == *key) else {
            let known: Vec<&str> = choices.iter().map(|choice| choice.key.as_str()).collect();
            return refuse(format!("there is no choice `{key}`; the choices are {}", known.join(", ")));
        };
        match text.parse().ok().filter(|_| choice.options.contains(text)) {
            Some(number) => Ok((key.as_str(), number)),
            None => refuse(format!("`{key}` is `{text}`, but must be one of {}", choice.options.join(", "))),
        }
    };
    set.iter().map(number).collect()
}

/// One of the sentences that are shown. There are fewer than sliders have positions where the test is small.
///
/// # Errors
/// When there is no such sentence.
pub fn sentence<S>(test: &[S], place: usize) -> Result<&S> {
    test.get(place).ok_or_else(|| Error::NotAnswerable {
        problem: format!("there are only {} test sentences; choose one of them", test.len()),
    })
}

/// By how many nats the log probability of each of a network's words falls when a word that it reads is taken away.
pub struct Hanging {
    /// The words that are taken away, one for each row.
    pub rows: Vec<String>,
    /// The network's words.
    pub columns: Vec<String>,
    /// `[row][column]`.
    pub falls: Vec<Vec<f64>>,
}

impl Hanging {
    /// From log probabilities: of the whole sentence's words, then of each sentence that lacks one, one after the other.
    pub fn new(rows: Vec<String>, columns: Vec<String>, logs: &[f64]) -> Self {
        let (whole, others) = logs.split_at(columns.len());
        let fall = |row: &[f64]| whole.iter().zip(row).map(|(whole, other)| whole - other).collect();
        let falls = others.chunks(columns.len()).map(fall).collect();
        Self { rows, columns, falls }
    }

    /// The picture after a step. `caption` says which network reads what.
    pub fn view(self, step: u64, caption: String) -> View {
        let Self { rows, columns, falls } = self;
        let cells = falls.iter().enumerate().flat_map(|(row, falls)| {
            falls.iter().enumerate().map(move |(column, fall)| (row, column, *fall))
        });
        let most = cells.max_by(|a, b| a.2.total_cmp(&b.2));
        let title = most.map_or_else(
            || "Nothing is left out".to_owned(),
            |(row, column, fall)| {
                format!(
                    "After {step} steps \u{201c}{}\u{201d} hangs most on \u{201c}{}\u{201d}: without it, its log probability \
                     falls by {} nats",
                    columns[column],
                    rows[row],
                    significant(fall, 2)
                )
            },
        );
        let reach = falls.iter().flatten().fold(1.0_f64, |reach, fall| reach.max(fall.abs()));
        let plate = Plate::Matrix(Matrix {
            title,
            caption: format!(
                "{caption} In each row one word is taken away; the shade says by how much the log probability of each of the \
                 network's words falls. Below 0 it rises."
            ),
            rows,
            columns,
            row_title: "taken away".to_owned(),
            column_title: "the network's word".to_owned(),
            unit: "nats".to_owned(),
            values: falls.into_iter().map(|row| row.into_iter().map(Some).collect()).collect(),
            scale: Scale::Diverging { centre: 0.0, reach },
        });
        View::new("words", Place::Yard, plate)
    }
}
