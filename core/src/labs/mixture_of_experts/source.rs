//! The rows of a run: generated, embedded, or supplied by the user.

use super::specification::Data;
use crate::data::{
    Dataset, GaussianMixture, Rings, Spirals, Targets, digits, gaussian_mixture, rings, spirals,
};
use crate::rng::Streams;
use crate::{Error, Result};

/// What the two coordinates of a point are called.
pub(super) const PLANE_NAMES: [&str; 2] = ["x", "y"];
/// The plane that own points are drawn in, in both directions.
pub(super) const OWN_RANGE: [f64; 2] = [-1.25, 1.25];
/// The fewest rows that a user may supply: fewer leave nothing to hold out.
pub(super) const FEWEST_ROWS: usize = 8;
/// The most rows that a user may supply: more would make every look at the network slow.
pub(super) const MOST_ROWS: usize = 20_000;
/// The most columns that a user may supply.
pub(super) const MOST_COLUMNS: usize = 64;
/// The most classes that a user may supply: more cannot be told apart in a picture.
pub(super) const MOST_CLASSES: usize = 32;

/// The rows that the specification describes; nothing for a user's own.
///
/// # Errors
/// When more classes than points are asked for, which the fields' ranges exclude.
pub(super) fn described(data: &Data, streams: &Streams) -> Result<Option<Dataset>> {
    let stream = &mut streams.stream("points");
    let Data { points, classes, noise, turns, clusters, .. } = *data;
    Ok(Some(match data.source.as_str() {
        "rings" => rings(&Rings { points, classes, noise }, stream)?,
        "spirals" => spirals(&Spirals { points, classes, noise, turns }, stream)?,
        "gaussians" => {
            gaussian_mixture(&GaussianMixture { points, classes, clusters, columns: 2, noise }, stream)?
        }
        "digits" => digits(),
        _ => return Ok(None),
    }))
}

/// The rows of a run: the described ones, or the user's own after a check.
///
/// # Errors
/// When own rows are asked for and not supplied, supplied and not asked for, or not of a kind that can be used.
#[cfg_attr(not(feature = "engine"), allow(dead_code))]
pub(super) fn rows(data: &Data, own: Option<&Dataset>, streams: &Streams) -> Result<Dataset> {
    let refuse = |problem: String| Err(Error::Inconsistent { key: "data.source".into(), problem });
    match (described(data, streams)?, own) {
        (Some(rows), None) => Ok(rows),
        (None, Some(own)) => match problem_of(own) {
            None => Ok(own.clone()),
            Some(problem) => refuse(problem),
        },
        (Some(_), Some(_)) => refuse(format!(
            "rows of your own were supplied, but it is `{}`; set it to `own`, or leave the rows out",
            data.source
        )),
        (None, None) => refuse(
            "`own` needs rows: draw points or open a CSV file in the playground, or choose other data".into(),
        ),
    }
}

/// Why rows cannot be used, if so.
fn problem_of(own: &Dataset) -> Option<String> {
    if let Err(error) = own.check() {
        return Some(error.to_string());
    }
    let (rows, columns, classes) = (own.rows(), own.columns, own.class_count());
    let Targets::Classes { labels, .. } = &own.targets else {
        return Some("your rows hold probabilities; this lab needs one class per row".to_owned());
    };
    if !(FEWEST_ROWS..=MOST_ROWS).contains(&rows) {
        return Some(format!("your data have {rows} rows; this lab takes {FEWEST_ROWS} to {MOST_ROWS}"));
    }
    if columns > MOST_COLUMNS {
        return Some(format!("your data have {columns} columns; this lab takes at most {MOST_COLUMNS}"));
    }
    if classes > MOST_CLASSES {
        return Some(format!("your data have {classes} classes; this lab takes at most {MOST_CLASSES}"));
    }
    let one = labels.iter().all(|label| Some(label) == labels.first());
    one.then(|| "all your rows are of one class; there must be two or more to tell apart".to_owned())
}

/// The smallest and the largest value of a column, with a margin on both sides.
pub(super) fn range(rows: &Dataset, column: usize) -> [f64; 2] {
    let values =
        || rows.features.iter().skip(column).step_by(rows.columns.max(1)).map(|&value| f64::from(value));
    let (low, high) = (values().fold(f64::INFINITY, f64::min), values().fold(f64::NEG_INFINITY, f64::max));
    let margin = if high > low { 0.08 * (high - low) } else { 1.0 };
    [low - margin, high + margin]
}
