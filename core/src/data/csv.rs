//! Comma-separated tables: numbers in every column but one, which holds the class.
//!
//! Lines and columns in errors are counted from 1; a column is a field, and a row in quotes over several lines is
//! known by its first line. Missing values are refused, not filled in, and nothing is scaled.

mod lines;

use super::{Dataset, Targets};
use crate::error::{Error, Result};
use std::collections::BTreeMap;

pub(crate) use lines::line_of;

/// The most rows that are read; a longer table is refused, because it would not fit into a browser's memory.
pub const MAXIMUM_ROWS: usize = 1_000_000;
/// The most feature values (rows times feature columns) that are read.
pub const MAXIMUM_VALUES: usize = 64_000_000;
/// The most classes; a column with more different values is probably a number to predict.
pub const MAXIMUM_CLASSES: usize = 1_000;

const WHAT: &str = "CSV";

/// Whether the first line holds names.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Header {
    /// It does when none of its fields is a number.
    #[default]
    Detect,
    /// It does.
    Present,
    /// It is a row like the others.
    Absent,
}

/// Which column holds the class.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum TargetColumn {
    /// The last one.
    #[default]
    Last,
    /// The one with this name in the header.
    Named(String),
}

/// How to read a table.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct CsvOptions {
    /// Whether the first line holds names.
    pub header: Header,
    /// Which column holds the class.
    pub target: TargetColumn,
}

/// A table that was read: the data set and what its numbers stand for.
#[derive(Debug, Clone, PartialEq)]
pub struct CsvTable {
    /// The features and classes.
    pub dataset: Dataset,
    /// The name of each feature column: from the header, or `column 1`, `column 2`… as in the file.
    pub feature_names: Vec<String>,
    /// The text of each class: integers in order of size when all are integers, otherwise texts in order.
    pub class_names: Vec<String>,
}

/// Reads a table as a data set called `name`. Fields are trimmed; the separator is a comma; UTF-8.
///
/// # Errors
/// [`Error::MalformedData`] with line and column: an empty table, a row of another length, a field that is no
/// finite number, an empty class, bytes that are not UTF-8, one class only, or a table beyond the limits above.
/// [`Error::UnknownName`] when no column has the name of the target.
pub fn parse(name: &str, bytes: &[u8], options: &CsvOptions) -> Result<CsvTable> {
    let source = Source { bytes: bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes) };
    let mut reader = ::csv::ReaderBuilder::new().has_headers(false).flexible(true).from_reader(source.bytes);
    let mut record = ::csv::ByteRecord::new();
    if !source.read(&mut reader, &mut record)? {
        return Err(fail(None, None, "the table is empty; there must be a row to read".to_owned()));
    }
    let layout = Layout::of_first_row(&source, &record, options)?;
    let mut rows = Rows::default();
    if !layout.has_header {
        rows.push(&source, &record, &layout)?;
    }
    while source.read(&mut reader, &mut record)? {
        rows.push(&source, &record, &layout)?;
    }
    rows.finish(name, layout)
}

fn fail(line: Option<u64>, column: Option<usize>, problem: String) -> Error {
    Error::MalformedData { what: WHAT.to_owned(), line, column: column.map(|column| column as u64), problem }
}

/// A field as it is shown in an error: whole when short.
fn shown(field: &str) -> String {
    let start: String = field.chars().take(40).collect();
    if start.len() < field.len() { format!("{start}…") } else { start }
}

/// The bytes of the table, in which errors find their line.
struct Source<'a> {
    bytes: &'a [u8],
}

impl Source<'_> {
    fn read(&self, reader: &mut ::csv::Reader<&[u8]>, record: &mut ::csv::ByteRecord) -> Result<bool> {
        reader.read_byte_record(record).map_err(|error| fail(None, None, error.to_string()))
    }

    /// The line on which `record` begins.
    fn line(&self, record: &::csv::ByteRecord) -> Option<u64> {
        record.position().map(|position| line_of(self.bytes, position))
    }

    /// The trimmed text of a field.
    fn text<'r>(&self, record: &'r ::csv::ByteRecord, column: usize) -> Result<&'r str> {
        let field = record.get(column).unwrap_or_default();
        str::from_utf8(field).map(str::trim).map_err(|_| {
            let problem = "the field is not UTF-8 text; save the table as UTF-8".to_owned();
            fail(self.line(record), Some(column + 1), problem)
        })
    }
}

/// What the first row decides: how many columns there are, what they are called and which is the target.
struct Layout {
    /// The line of the first row.
    line: Option<u64>,
    columns: usize,
    target: usize,
    has_header: bool,
    feature_names: Vec<String>,
}

impl Layout {
    fn of_first_row(source: &Source<'_>, record: &::csv::ByteRecord, options: &CsvOptions) -> Result<Self> {
        let columns = record.len();
        let fields = (0..columns).map(|column| source.text(record, column)).collect::<Result<Vec<_>>>()?;
        if columns < 2 {
            let semicolons = fields.iter().any(|field| field.contains([';', '\t']));
            let hint = if semicolons { "; separate the fields by commas" } else { "" };
            let problem =
                format!("there is only one column; a table needs a feature column and a class column{hint}");
            return Err(fail(source.line(record), None, problem));
        }
        let has_header = match options.header {
            Header::Present => true,
            Header::Absent => false,
            Header::Detect => fields.iter().all(|field| field.parse::<f64>().is_err()),
        };
        let target = match &options.target {
            TargetColumn::Last => columns - 1,
            TargetColumn::Named(name) if has_header => named(name, &fields, source.line(record))?,
            TargetColumn::Named(name) => {
                let problem = format!("the first line holds no names, so no column is called `{name}`");
                return Err(fail(source.line(record), None, problem));
            }
        };
        let feature_names = (0..columns)
            .filter(|&column| column != target)
            .map(
                |column| {
                    if has_header { fields[column].to_owned() } else { format!("column {}", column + 1) }
                },
            )
            .collect();
        Ok(Self { line: source.line(record), columns, target, has_header, feature_names })
    }
}

fn named(name: &str, fields: &[&str], line: Option<u64>) -> Result<usize> {
    let mut found = (0..fields.len()).filter(|&column| fields[column] == name);
    match (found.next(), found.next()) {
        (Some(column), None) => Ok(column),
        (Some(_), Some(second)) => Err(fail(
            line,
            Some(second + 1),
            format!("a second column is called `{}`; rename one", shown(name)),
        )),
        (None, _) => Err(Error::unknown_name("column", name, fields.iter().copied())),
    }
}

/// The rows read so far; classes are numbered as they appear.
#[derive(Default)]
struct Rows {
    features: Vec<f32>,
    labels: Vec<u32>,
    classes: BTreeMap<String, u32>,
}

impl Rows {
    fn push(&mut self, source: &Source<'_>, record: &::csv::ByteRecord, layout: &Layout) -> Result<()> {
        let found = record.len();
        if found != layout.columns {
            let problem = format!("this row has {found} fields, but the first has {}", layout.columns);
            return Err(fail(source.line(record), Some(found.min(layout.columns) + 1), problem));
        }
        if self.labels.len() >= MAXIMUM_ROWS || self.features.len() + found - 1 > MAXIMUM_VALUES {
            let problem = format!(
                "the table is too long: at most {MAXIMUM_ROWS} rows and {MAXIMUM_VALUES} feature values"
            );
            return Err(fail(source.line(record), None, problem));
        }
        for column in 0..found {
            let text = source.text(record, column)?;
            let outcome = if column == layout.target { self.class(text) } else { self.number(text) };
            outcome.map_err(|problem| fail(source.line(record), Some(column + 1), problem))?;
        }
        Ok(())
    }

    fn number(&mut self, text: &str) -> std::result::Result<(), String> {
        if text.is_empty() {
            return Err("the field is empty; fill it in or leave the row out".to_owned());
        }
        let Ok(value) = text.parse::<f32>() else {
            return Err(format!("`{}` is not a number", shown(text)));
        };
        if !value.is_finite() {
            return Err(format!("`{}` is not a finite number of single precision", shown(text)));
        }
        self.features.push(value);
        Ok(())
    }

    fn class(&mut self, text: &str) -> std::result::Result<(), String> {
        if text.is_empty() {
            return Err("the class is empty; fill it in or leave the row out".to_owned());
        }
        if text.contains(['\n', '\r']) {
            return Err("the class runs over several lines; is a quotation mark not closed?".to_owned());
        }
        let next = self.classes.len();
        if !self.classes.contains_key(text) {
            if next == MAXIMUM_CLASSES {
                return Err(format!(
                    "there are more than {MAXIMUM_CLASSES} classes; is this column a number to predict?"
                ));
            }
            self.classes.insert(text.to_owned(), next as u32);
        }
        self.labels.push(self.classes[text]);
        Ok(())
    }

    fn finish(self, name: &str, layout: Layout) -> Result<CsvTable> {
        if self.labels.is_empty() {
            let problem =
                "there is a line of names and no row below it; if it is a row, say there is no header"
                    .to_owned();
            return Err(fail(layout.line, None, problem));
        }
        let (class_names, numbers) = in_order(&self.classes);
        if class_names.len() < 2 {
            let problem =
                format!("every row is of class `{}`; a classifier needs two", shown(&class_names[0]));
            return Err(fail(None, None, problem));
        }
        let labels = self.labels.iter().map(|&label| numbers[label as usize]).collect();
        let targets = Targets::Classes { labels, count: class_names.len() };
        let dataset = Dataset::new(name, self.features, layout.columns - 1, targets, None)?;
        Ok(CsvTable { dataset, feature_names: layout.feature_names, class_names })
    }
}

/// The classes in their final order, and the final number of each class by its number of appearance.
fn in_order(classes: &BTreeMap<String, u32>) -> (Vec<String>, Vec<u32>) {
    let integers: Option<Vec<i64>> = classes.keys().map(|text| text.parse().ok()).collect();
    let mut numbers = vec![0; classes.len()];
    let names = match integers {
        Some(integers) => {
            let mut sorted = integers.clone();
            sorted.sort_unstable();
            sorted.dedup();
            for (integer, &label) in integers.iter().zip(classes.values()) {
                numbers[label as usize] = sorted.partition_point(|other| other < integer) as u32;
            }
            sorted.iter().map(i64::to_string).collect()
        }
        None => {
            classes.values().enumerate().for_each(|(order, &label)| numbers[label as usize] = order as u32);
            classes.keys().cloned().collect()
        }
    };
    (names, numbers)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn read(text: impl AsRef<[u8]>) -> Result<CsvTable> {
        parse("table", text.as_ref(), &CsvOptions::default())
    }

    fn labels(table: &CsvTable) -> &[u32] {
        let Targets::Classes { labels, .. } = &table.dataset.targets else { panic!("a table has classes") };
        labels
    }

    #[test]
    fn a_table_with_names_and_text_classes_is_read() {
        let table = read("\u{feff}width, height,kind\r\n1.5,2,pear\r\n\r\n-3e1, 4 ,\"ap,ple\"\r\n5,6,pear")
            .expect("a table");
        assert_eq!(table.dataset.features, [1.5, 2.0, -30.0, 4.0, 5.0, 6.0]);
        assert_eq!((table.dataset.rows(), table.dataset.columns), (3, 2));
        assert_eq!(table.feature_names, ["width", "height"]);
        assert_eq!(table.class_names, ["ap,ple", "pear"]);
        assert_eq!(labels(&table), [1, 0, 1]);
    }

    #[test]
    fn integer_classes_are_ordered_by_size_and_a_table_needs_no_names() {
        let table = read("1,10\n2,9\n3,+10\n4,-1\n").expect("a table");
        assert_eq!(table.class_names, ["-1", "9", "10"]);
        assert_eq!(labels(&table), [2, 1, 2, 0]);
        assert_eq!(table.feature_names, ["column 1"]);
        assert_eq!(table.dataset.class_count(), 3);
    }

    #[test]
    fn the_target_may_be_named_and_the_header_declared() {
        let options =
            |header, name: &str| CsvOptions { header, target: TargetColumn::Named(name.to_owned()) };
        let text = b"kind,2,3\na,1,2\nb,3,4\n";
        let table = parse("table", text, &options(Header::Present, "kind")).expect("a table");
        assert_eq!(
            (table.feature_names, table.dataset.features),
            (vec!["2".into(), "3".into()], vec![1.0, 2.0, 3.0, 4.0])
        );
        let error = parse("table", text, &options(Header::Present, "kin")).expect_err("no such column");
        assert_eq!(error.to_string(), "unknown column `kin`; did you mean `kind`?; known: kind, 2, 3");
        let error = parse("table", text, &options(Header::Absent, "kind")).expect_err("no names");
        assert!(error.to_string().contains("line 1: the first line holds no names"), "{error}");
        let error =
            parse("table", b"k,x,k\na,1,b\n", &options(Header::Detect, "k")).expect_err("two of them");
        assert!(error.to_string().starts_with("CSV, line 1, column 3: a second column"), "{error}");
        let table =
            parse("table", b"1,2\n3,4\n", &CsvOptions { header: Header::Present, ..CsvOptions::default() });
        assert!(table.expect_err("one class is left").to_string().contains("class `4`"));
    }

    #[test]
    fn every_problem_is_named_with_line_and_column() {
        let wide = (0..=MAXIMUM_CLASSES).map(|row| format!("1,c{row}\n")).collect::<String>();
        let cases: [(&[u8], &str); 23] = [
            (b"", "CSV: the table is empty"),
            (b"\n\r\n", "CSV: the table is empty"),
            (b"x,y\n", "CSV, line 1: there is a line of names and no row"),
            (b"\r\n\r\nx,y\r\n", "CSV, line 3: there is a line of names and no row"),
            (b"1\n2\n", "CSV, line 1: there is only one column"),
            (b"1;a\n2;b\n", "separate the fields by commas"),
            (b"x,y,k\n1,2,a\n1,b\n", "CSV, line 3, column 3: this row has 2 fields, but the first has 3"),
            (b"1,a\n1,b,c\n", "CSV, line 2, column 3: this row has 3 fields, but the first has 2"),
            (b"x,k\n1,a\n\n\ntwo,b\n", "CSV, line 5, column 1: `two` is not a number"),
            (b"x,k\r1,a\rtwo,b\r", "CSV, line 3, column 1: `two` is not a number"),
            (b"1,a\r\nNaN,b\r\n", "CSV, line 2, column 1: `NaN` is not a finite number"),
            (b"x,k\r\n1,a\r\n2,b\r\nthree,c\r\n", "CSV, line 4, column 1: `three`"),
            (b"x,k\r\n1,a\r\n2,b\r\nthree,c", "CSV, line 4, column 1: `three`"),
            (b"\"x\r\ny\",k\r\n1,a\r\ntwo,b\r\n", "CSV, line 4, column 1: `two`"),
            (b"\"x\ny\",k\n1,a\ntwo,b", "CSV, line 4, column 1: `two`"),
            (b"x,k\r\n1,a\r\n\r\n2\r\n", "CSV, line 4, column 2: this row has 1 fields"),
            (b"1,2,a\n1,-inf,b\n", "CSV, line 2, column 2: `-inf` is not a finite number"),
            (b"1,2,a\n1,1e39,b\n", "CSV, line 2, column 2: `1e39` is not a finite number"),
            (b"1,2,a\n1,,b\n", "CSV, line 2, column 2: the field is empty"),
            (b"1,a\n1, \n", "CSV, line 2, column 2: the class is empty"),
            (b"1,a\n2,\xE4\n", "CSV, line 2, column 2: the field is not UTF-8"),
            (b"1,a\n2,\"b\n3,c\n", "CSV, line 2, column 2: the class runs over several lines"),
            (b"1,a\n2,a\n", "CSV: every row is of class `a`"),
        ];
        for (text, expected) in cases {
            let message = read(text).expect_err(expected).to_string();
            assert!(message.contains(expected), "{message}\nshould say\n{expected}");
        }
        let message = read(wide).expect_err("too many classes").to_string();
        assert!(
            message.starts_with("CSV, line 1001, column 2: there are more than 1000 classes"),
            "{message}"
        );
    }

    #[test]
    fn too_many_rows_are_refused_at_the_first_one_too_many() {
        let text = "1,a\n2,b\n".repeat(MAXIMUM_ROWS / 2);
        assert_eq!(read(&text).expect("just short enough").dataset.rows(), MAXIMUM_ROWS);
        let message = read(text + "1,a\n").expect_err("one row too many").to_string();
        assert!(message.starts_with("CSV, line 1000001: the table is too long"), "{message}");
    }

    proptest! {
        #[test]
        fn what_is_written_is_read_again(
            rows in proptest::collection::vec((proptest::num::f32::NORMAL, -5i64..5), 2..30), names: bool
        ) {
            prop_assume!(rows.iter().any(|row| row.1 != rows[0].1));
            let lines: String = rows.iter().map(|(value, class)| format!("{value},{class}\n")).collect();
            let table = read(if names { format!("x,k\n{lines}") } else { lines }).expect("a table was written");
            let values: Vec<f32> = rows.iter().map(|row| row.0).collect();
            let classes: Vec<String> = rows.iter().map(|row| row.1.to_string()).collect();
            prop_assert_eq!(&table.dataset.features, &values);
            let read: Vec<&String> = labels(&table).iter().map(|&label| &table.class_names[label as usize]).collect();
            prop_assert_eq!(read, classes.iter().collect::<Vec<_>>());
            prop_assert!(table.dataset.check().is_ok());
        }

        #[test]
        fn random_bytes_never_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            if let Ok(table) = read(&bytes) {
                prop_assert!(table.dataset.check().is_ok());
            }
        }

        #[test]
        fn random_tables_never_panic(text in "[0-9a-c.,;\"\r\n -]{0,120}", header in 0..3usize) {
            let header = [Header::Detect, Header::Present, Header::Absent][header];
            if let Ok(table) = parse("table", text.as_bytes(), &CsvOptions { header, ..CsvOptions::default() }) {
                prop_assert!(table.dataset.check().is_ok());
                prop_assert_eq!(table.feature_names.len(), table.dataset.columns);
            }
        }
    }
}
