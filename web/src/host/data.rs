//! What the user drew, pasted or uploaded, checked. It is read here, in the worker, and goes nowhere else.

use switchyard::data::csv::{CsvOptions, Header, TargetColumn, parse};
use switchyard::data::{Dataset, OwnData as Own, Targets};
use switchyard::{Error, Result};

use crate::protocol::OwnData;

/// The largest file that is read, in bytes: a tab should not have to hold more.
pub const LARGEST_FILE: usize = 2 * 1024 * 1024;

/// Reads what the user supplied.
///
/// # Errors
/// When it is no whole data set; the error names what, and where.
pub fn own_data(data: &OwnData) -> Result<Own> {
    match data {
        OwnData::Points { points, classes } => {
            let count = classes.iter().max().map_or(0, |largest| *largest as usize + 1);
            let features = points.iter().flatten().copied().collect();
            let targets = Targets::Classes { labels: classes.clone(), count };
            Dataset::new("your points", features, 2, targets, None).map(Own::Rows)
        }
        OwnData::Csv { name, text, class } => {
            small("CSV", name, text)?;
            let target = class.clone().map_or(TargetColumn::Last, TargetColumn::Named);
            let options = CsvOptions { header: Header::Detect, target };
            parse(name, text.as_bytes(), &options).map(|table| Own::Rows(table.dataset))
        }
        OwnData::Text { name, text } => {
            small("text", name, text)?;
            Ok(Own::Text(text.clone().into_bytes()))
        }
    }
}

fn small(what: &str, name: &str, text: &str) -> Result<()> {
    if text.len() <= LARGEST_FILE {
        return Ok(());
    }
    let problem = format!("`{name}` has {} bytes; at most 2 MB are read", text.len());
    Err(Error::MalformedData { what: what.to_owned(), line: None, column: None, problem })
}
