//! A load table: which share of its choices each context (a subject, a language, a model) gave to each expert.
//!
//! It has no single choices, so what needs them (drops, stability, a permutation null) has no answer in it.

use std::collections::BTreeMap;

use super::table::Table;
use crate::Result;
use crate::interchange::limits::{MOST_CELLS, MOST_EXPERTS, MOST_LAYERS};

/// The column that makes a table a load table.
pub(super) const FRACTION: &str = "fraction";

/// How far the shares of a context and layer may be from 1 in their sum: they are often rounded.
const SUM_TOLERANCE: f64 = 1e-2;

/// A load table that was read: every context, layer and expert has a share, and the shares of a layer sum to 1.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct LoadTable {
    /// What the contexts are: the names of their columns.
    pub context_title: String,
    /// The contexts, in the order of the file.
    pub contexts: Vec<String>,
    /// The numbers of the layers, in rising order.
    pub layers: Vec<u32>,
    /// How many experts each layer has.
    pub experts: usize,
    /// The shares: `(context * layers + layer) * experts + expert`.
    pub shares: Vec<f64>,
    /// What a reader should know about the file, as sentences.
    pub notes: Vec<String>,
}

impl LoadTable {
    /// The shares of a context in a layer, both by their place in the lists.
    pub fn row(&self, context: usize, layer: usize) -> &[f64] {
        let start = (context * self.layers.len() + layer) * self.experts;
        &self.shares[start..start + self.experts]
    }
}

struct Cell {
    share: f64,
    at: u64,
}

/// Reads the table.
pub(super) fn read(mut table: Table<'_>) -> Result<LoadTable> {
    let (fraction, expert) = (table.required(FRACTION)?, table.required("expert")?);
    let layer = table.find("layer");
    let of_context: Vec<usize> = (0..table.names().len())
        .filter(|&column| ![Some(fraction), Some(expert), layer].contains(&Some(column)))
        .collect();
    let mut contexts: BTreeMap<Vec<String>, usize> = BTreeMap::new();
    let mut cells: BTreeMap<(usize, u32, u32), Cell> = BTreeMap::new();
    while table.advance()? {
        let key: Vec<String> =
            of_context.iter().map(|&column| table.text(column).map(str::to_owned)).collect::<Result<_>>()?;
        let next = contexts.len();
        let context = *contexts.entry(key).or_insert(next);
        let number = layer.map_or(Ok(0), |column| table.integer(column, MOST_LAYERS as u64 - 1))? as u32;
        let expert = table.integer(expert, MOST_EXPERTS as u64 - 1)? as u32;
        let cell = Cell { share: table.weight(fraction)?, at: table.offset() };
        if cells.len() == MOST_CELLS {
            return Err(table.fail(None, format!("there are more than {MOST_CELLS} rows; split the table")));
        }
        if let Some(other) = cells.insert((context, number, expert), cell) {
            let problem = format!(
                "layer {number}, expert {expert} has a share already for this context, in line {}",
                table.line_at(other.at)
            );
            return Err(table.fail(None, problem));
        }
    }
    filled(&table, &of_context, contexts, &cells)
}

/// The table with every cell in its place.
fn filled(
    table: &Table<'_>,
    of_context: &[usize],
    contexts: BTreeMap<Vec<String>, usize>,
    cells: &BTreeMap<(usize, u32, u32), Cell>,
) -> Result<LoadTable> {
    let experts = cells.keys().map(|&(_, _, expert)| expert as usize + 1).max().unwrap_or(0);
    let layers: std::collections::BTreeSet<u32> = cells.keys().map(|&(_, layer, _)| layer).collect();
    let layers: Vec<u32> = layers.into_iter().collect();
    if cells.is_empty() {
        return Err(table.fail(None, "there is no row below the header"));
    }
    let expected = contexts.len().saturating_mul(layers.len()).saturating_mul(experts);
    let mut names = vec![Vec::new(); contexts.len()];
    contexts.into_iter().for_each(|(texts, number)| names[number] = texts);
    if expected != cells.len() {
        return Err(missing(table, &names, &layers, experts, cells));
    }
    let shares: Vec<f64> = cells.values().map(|cell| cell.share).collect();
    for (row, (shares, cell)) in shares.chunks(experts).zip(cells.values().step_by(experts)).enumerate() {
        let sum: f64 = shares.iter().sum();
        if (sum - 1.0).abs() > SUM_TOLERANCE {
            let problem = format!(
                "the shares of {}, layer {} sum to {sum:.4}, but must sum to 1 over the experts; divide counts by their \
                 sum first",
                called(&names[row / layers.len()]),
                layers[row % layers.len()]
            );
            return Err(table.fail_at(cell.at, problem));
        }
    }
    let (title, contexts, notes) = labels(table, of_context, &names);
    Ok(LoadTable { context_title: title, contexts, layers, experts, shares, notes })
}

fn called(texts: &[String]) -> String {
    if texts.is_empty() { "the table".to_owned() } else { format!("`{}`", texts.join(", ")) }
}

/// The error for a table with holes: the first one.
fn missing(
    table: &Table<'_>,
    names: &[Vec<String>],
    layers: &[u32],
    experts: usize,
    cells: &BTreeMap<(usize, u32, u32), Cell>,
) -> crate::Error {
    // The first hole lies no further than the number of cells that are there.
    let mut places = (0..names.len()).flat_map(|context| {
        layers.iter().flat_map(move |&layer| (0..experts as u32).map(move |expert| (context, layer, expert)))
    });
    let hole = places.find(|place| !cells.contains_key(place)).unwrap_or_default();
    let at = cells.iter().rfind(|((context, ..), _)| *context == hole.0).map_or(0, |(_, cell)| cell.at);
    let problem = format!(
        "{}, layer {} has no share for expert {}; every context and layer must name every expert, with 0 where nothing \
         went. If this is the end of the file, it was cut off",
        called(&names[hole.0]),
        hole.1,
        hole.2
    );
    table.fail_at(at, problem)
}

/// What the contexts are called: by their first column where that is enough.
fn labels(table: &Table<'_>, columns: &[usize], names: &[Vec<String>]) -> (String, Vec<String>, Vec<String>) {
    let title = |columns: &[usize]| {
        columns.iter().map(|&column| table.names()[column].as_str()).collect::<Vec<_>>().join(", ")
    };
    let mut notes = vec!["Contexts count equally, however much each of them holds.".to_owned()];
    let Some(first) = columns.first() else {
        return ("context".to_owned(), vec!["all".to_owned()], Vec::new());
    };
    let firsts: std::collections::BTreeSet<&String> = names.iter().map(|texts| &texts[0]).collect();
    if firsts.len() < names.len() {
        return (title(columns), names.iter().map(|texts| texts.join(", ")).collect(), notes);
    }
    for &column in &columns[1..] {
        let name = &table.names()[column];
        notes.push(format!(
            "The column `{name}` has one value for each `{}` and is not used.",
            title(&[*first])
        ));
    }
    (title(&[*first]), names.iter().map(|texts| texts[0].clone()).collect(), notes)
}
