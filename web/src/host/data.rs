//! Rows that the user drew or uploaded, as a checked data set. They are read here, in the worker, and go nowhere else.

use switchyard::data::csv::{CsvOptions, Header, TargetColumn, parse};
use switchyard::data::{Dataset, Targets};
use switchyard::{Error, Result};

use crate::protocol::OwnData;

/// The largest file that is read, in bytes: a tab should not have to hold more.
pub const LARGEST_FILE: usize = 2 * 1024 * 1024;

/// Reads the user's rows.
///
/// # Errors
/// When they are no whole data set; the error names what, and where.
pub fn dataset(data: &OwnData) -> Result<Dataset> {
    match data {
        OwnData::Points { points, classes } => {
            let count = classes.iter().max().map_or(0, |largest| *largest as usize + 1);
            let features = points.iter().flatten().copied().collect();
            let targets = Targets::Classes { labels: classes.clone(), count };
            Dataset::new("your points", features, 2, targets, None)
        }
        OwnData::Csv { name, text, class } => {
            if text.len() > LARGEST_FILE {
                let problem = format!("the file `{name}` has {} bytes; at most 2 MB are read", text.len());
                return Err(Error::MalformedData { what: "CSV".into(), line: None, column: None, problem });
            }
            let target = class.clone().map_or(TargetColumn::Last, TargetColumn::Named);
            let options = CsvOptions { header: Header::Detect, target };
            parse(name, text.as_bytes(), &options).map(|table| table.dataset)
        }
    }
}
