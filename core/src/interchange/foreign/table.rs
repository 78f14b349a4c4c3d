//! A comma-separated table with names in its first line, read field by field with the place of every mistake.

use std::str::FromStr;

use crate::data::csv::line_of;
use crate::error::nearest;
use crate::interchange::limits::MOST_COLUMNS;
use crate::interchange::malformed;
use crate::{Error, Result};

const WHAT: &str = "CSV";

/// A table whose header was read.
pub(super) struct Table<'a> {
    bytes: &'a [u8],
    reader: ::csv::Reader<&'a [u8]>,
    names: Vec<String>,
    record: ::csv::StringRecord,
}

impl<'a> Table<'a> {
    /// Reads the header.
    pub(super) fn open(text: &'a str) -> Result<Self> {
        let bytes = text.as_bytes();
        let mut reader = ::csv::ReaderBuilder::new().has_headers(false).flexible(true).from_reader(bytes);
        let mut record = ::csv::StringRecord::new();
        let read = reader.read_record(&mut record);
        let mut table = Self { bytes, reader, names: Vec::new(), record };
        if !read.map_err(|error| table.fail(None, error.to_string()))? {
            return Err(malformed(
                WHAT,
                None,
                None,
                "the table is empty; its first line must name the columns",
            ));
        }
        let count = table.record.len();
        if count > MOST_COLUMNS {
            let problem = format!(
                "the first line has {count} columns; at most {MOST_COLUMNS} are read. One row must be one choice of one \
                 expert, with its number in the column `expert`"
            );
            return Err(table.fail(None, problem));
        }
        let names: Vec<String> = table.record.iter().map(|name| name.trim().to_owned()).collect();
        for (index, name) in names.iter().enumerate() {
            if name.is_empty() {
                return Err(table.fail(Some(index), "the column has no name"));
            }
            if names[..index].contains(name) {
                return Err(table.fail(Some(index), format!("the column `{name}` is there twice")));
            }
        }
        table.names = names;
        Ok(table)
    }

    /// The names of the columns.
    pub(super) fn names(&self) -> &[String] {
        &self.names
    }

    /// Where a column stands.
    pub(super) fn find(&self, name: &str) -> Option<usize> {
        self.names.iter().position(|known| known == name)
    }

    /// Where a column stands that must be there.
    pub(super) fn required(&self, name: &str) -> Result<usize> {
        self.find(name).ok_or_else(|| {
            let near = nearest(name, self.names.iter().map(String::as_str));
            let hint = near.map(|near| format!("; is it `{near}`? Then rename it")).unwrap_or_default();
            let shown: Vec<String> = self.names.iter().take(12).map(|name| shortened(name)).collect();
            self.fail(None, format!("there is no column `{name}`{hint}; there are {}", shown.join(", ")))
        })
    }

    /// Goes on to the next row; `false` at the end.
    pub(super) fn advance(&mut self) -> Result<bool> {
        match self.reader.read_record(&mut self.record) {
            Ok(true) if self.record.len() != self.names.len() => {
                let (found, needed) = (self.record.len(), self.names.len());
                let cut = self.at_end() && !self.bytes.ends_with(b"\n") && !self.bytes.ends_with(b"\r");
                let hint = if cut {
                    ". It is the last row and has no line end: the file was cut off. Copy it again, or delete this row"
                } else {
                    ""
                };
                Err(self.fail(None, format!("the row has {found} fields, but the header has {needed}{hint}")))
            }
            Ok(more) => Ok(more),
            Err(error) => Err(self.fail(None, error.to_string())),
        }
    }

    fn at_end(&self) -> bool {
        self.reader.position().byte() >= self.bytes.len() as u64
    }

    /// Where the row begins, for [`Table::line_at`].
    pub(super) fn offset(&self) -> u64 {
        self.record.position().map_or(0, ::csv::Position::byte)
    }

    /// The line of the row that begins at `offset`.
    pub(super) fn line_at(&self, offset: u64) -> u64 {
        let mut position = ::csv::Position::new();
        position.set_byte(offset);
        line_of(self.bytes, &position)
    }

    /// A field of the row, trimmed; it must not be empty.
    pub(super) fn text(&self, column: usize) -> Result<&str> {
        match self.record.get(column).unwrap_or_default().trim() {
            "" => {
                Err(self
                    .fail(Some(column), format!("`{}` is empty; give every row a value", self.names[column])))
            }
            text => Ok(text),
        }
    }

    /// An integer of the row, from 0 to `most`.
    pub(super) fn integer(&self, column: usize, most: u64) -> Result<u64> {
        let text = self.text(column)?;
        match u64::from_str(text) {
            Ok(number) if number <= most => Ok(number),
            _ => Err(self.fail(
                Some(column),
                format!(
                    "`{}` is `{}`, but must be an integer from 0 to {most}",
                    self.names[column],
                    shortened(text)
                ),
            )),
        }
    }

    /// A number of the row that is finite and not negative.
    pub(super) fn weight<T: FromStr + PartialOrd + Default + Copy + Into<f64>>(
        &self,
        column: usize,
    ) -> Result<T> {
        let text = self.text(column)?;
        match T::from_str(text) {
            Ok(number) if number >= T::default() && number.into().is_finite() => Ok(number),
            _ => Err(self.fail(
                Some(column),
                format!(
                    "`{}` is `{}`, but must be a number, finite and 0 or more",
                    self.names[column],
                    shortened(text)
                ),
            )),
        }
    }

    /// An error in this row.
    pub(super) fn fail(&self, column: Option<usize>, problem: impl Into<String>) -> Error {
        let line = self.line_at(self.offset());
        malformed(WHAT, Some(line), column.map(|column| column as u64 + 1), problem)
    }

    /// An error in the row that begins at `offset`.
    pub(super) fn fail_at(&self, offset: u64, problem: impl Into<String>) -> Error {
        malformed(WHAT, Some(self.line_at(offset)), None, problem)
    }
}

/// A text from a file, short enough to stand in a sentence.
pub(super) fn shortened(text: &str) -> String {
    let short: String = text.chars().take(40).collect();
    if short.len() < text.len() { format!("{short}…") } else { short }
}
