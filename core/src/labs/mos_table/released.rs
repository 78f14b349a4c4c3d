//! Reading the released numbers. It checks every field and works nothing out.

use crate::data::csv::line_of;
use crate::{Error, Result};

/// The columns that must be there, besides the methods' pairs.
const REQUIRED: [&str; 6] = ["task", "arch_id", "dec_layers", "params_nonemb", "total_flops", "latency_ms"];
/// The columns that may be there and are not read.
const UNREAD: [&str; 9] = [
    "enc_dim",
    "dec_dim",
    "enc_layers",
    "enc_ffn",
    "dec_ffn",
    "enc_heads",
    "dec_self_heads",
    "dec_cross_heads",
    "arb_attn",
];
/// The sizes that trivial rankers rank by: the column and its name in tables.
pub(super) const SIZES: [(&str, &str); 4] = [
    ("dec_layers", "decoder layers"),
    ("params_nonemb", "parameters"),
    ("total_flops", "FLOPs"),
    ("latency_ms", "latency"),
];
/// The fewest architectures that a task needs: two in each half.
const FEWEST: usize = 4;

/// Quality on the two sets.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Quality {
    pub valid: f64,
    pub test: f64,
}

/// One architecture on one task.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Row {
    pub architecture: u32,
    /// In the order of [`SIZES`].
    pub sizes: [f64; 4],
    pub decoder_layers: usize,
    pub scratch: Quality,
    /// In the order of [`Released::methods`].
    pub supernets: Vec<Quality>,
}

/// One task: its rows by rising architecture number.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Task {
    pub name: String,
    pub rows: Vec<Row>,
}

/// The whole file.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Released {
    pub methods: Vec<String>,
    pub tasks: Vec<Task>,
}

/// Where each thing stands in a row.
struct Columns {
    names: Vec<String>,
    required: [usize; 6],
    scratch: (usize, usize),
    methods: Vec<(String, (usize, usize))>,
}

pub(super) fn parse(bytes: &[u8]) -> Result<Released> {
    let mut reader =
        csv::ReaderBuilder::new().has_headers(false).flexible(true).trim(csv::Trim::All).from_reader(bytes);
    let mut records = reader.records();
    let header = match records.next() {
        None => return Err(malformed(Some(1), None, "the file is empty; a header row should come first")),
        Some(record) => record.map_err(|error| from_csv(bytes, &error))?,
    };
    let header_line = line(bytes, &header);
    let columns = Columns::of(&header, header_line)?;
    let mut tasks: Vec<Task> = Vec::new();
    for record in records {
        let record = record.map_err(|error| from_csv(bytes, &error))?;
        let line = || line(bytes, &record);
        let (name, row) = columns.read(&record, line)?;
        let known = tasks.iter().position(|task| task.name == name);
        let index = known.unwrap_or_else(|| {
            tasks.push(Task { name: name.clone(), rows: Vec::new() });
            tasks.len() - 1
        });
        let rows = &mut tasks[index].rows;
        if rows.iter().any(|other| other.architecture == row.architecture) {
            let problem = format!("architecture {} of task `{name}` is given twice", row.architecture);
            return Err(malformed(line(), Some(columns.required[1]), problem));
        }
        rows.push(row);
    }
    if tasks.is_empty() {
        return Err(malformed(header_line, None, "there is a header and no row below it"));
    }
    for task in &mut tasks {
        if task.rows.len() < FEWEST {
            let found = task.rows.len();
            let problem =
                format!("task `{}` has {found} architectures; at least {FEWEST} are needed", task.name);
            return Err(malformed(None, None, problem));
        }
        task.rows.sort_by_key(|row| row.architecture);
    }
    Ok(Released { methods: columns.methods.into_iter().map(|method| method.0).collect(), tasks })
}

impl Columns {
    fn of(header: &csv::StringRecord, line: Option<u64>) -> Result<Self> {
        let names: Vec<String> = header.iter().map(str::to_owned).collect();
        if let Some(index) = (0..names.len()).find(|&index| names[..index].contains(&names[index])) {
            return Err(malformed(line, Some(index), format!("column `{}` is there twice", names[index])));
        }
        let find = |name: &str| {
            let missing = || {
                let nearest = crate::error::nearest(name, names.iter().map(String::as_str));
                let hint = nearest.map(|near| format!(" (is `{near}` meant to be it?)")).unwrap_or_default();
                malformed(line, None, format!("column `{name}` is missing{hint}"))
            };
            names.iter().position(|other| other == name).ok_or_else(missing)
        };
        let pair = |name: &str| Ok((find(&format!("{name}_valid"))?, find(&format!("{name}_test"))?));
        let mut required = [0; 6];
        for (place, name) in required.iter_mut().zip(REQUIRED) {
            *place = find(name)?;
        }
        let scratch = pair("scratch")?;
        let mut methods: Vec<(String, (usize, usize))> = Vec::new();
        for (index, name) in names.iter().enumerate() {
            if REQUIRED.contains(&name.as_str()) || UNREAD.contains(&name.as_str()) {
                continue;
            }
            let method = name.strip_suffix("_valid").or_else(|| name.strip_suffix("_test"));
            match method {
                Some("scratch") => {}
                Some(method) if !method.is_empty() => {
                    if methods.iter().all(|known| known.0 != method) {
                        methods.push((method.to_owned(), pair(method)?));
                    }
                }
                _ => {
                    let problem = format!(
                        "column `{name}` is unknown; a method's columns end in `_valid` and `_test`, and the rest are {}",
                        [REQUIRED.as_slice(), UNREAD.as_slice()].concat().join(", ")
                    );
                    return Err(malformed(line, Some(index), problem));
                }
            }
        }
        if methods.is_empty() {
            return Err(malformed(line, None, "there is no method: no pair `NAME_valid`, `NAME_test`"));
        }
        Ok(Self { names, required, scratch, methods })
    }

    fn read(&self, record: &csv::StringRecord, line: impl Fn() -> Option<u64>) -> Result<(String, Row)> {
        if record.len() != self.names.len() {
            let problem = format!("the row has {} fields, the header has {}", record.len(), self.names.len());
            return Err(malformed(line(), Some(record.len().min(self.names.len())), problem));
        }
        let wrong = |index: usize, expected: &str| {
            let problem = format!("`{}` is `{}`, but must be {expected}", self.names[index], &record[index]);
            malformed(line(), Some(index), problem)
        };
        let number = |index: usize| match record[index].parse::<f64>() {
            Ok(value) if value.is_finite() => Ok(value),
            _ => Err(wrong(index, "a number")),
        };
        let whole = |index: usize| record[index].parse::<u32>().map_err(|_| wrong(index, "a whole number"));
        let quality =
            |(valid, test): (usize, usize)| Ok(Quality { valid: number(valid)?, test: number(test)? });
        let [task, architecture, depth, parameters, flops, latency] = self.required;
        if record[task].is_empty() {
            return Err(wrong(task, "a name"));
        }
        let decoder_layers = whole(depth)?;
        let row = Row {
            architecture: whole(architecture)?,
            sizes: [f64::from(decoder_layers), number(parameters)?, number(flops)?, number(latency)?],
            decoder_layers: decoder_layers as usize,
            scratch: quality(self.scratch)?,
            supernets: self.methods.iter().map(|method| quality(method.1)).collect::<Result<_>>()?,
        };
        Ok((record[task].to_owned(), row))
    }
}

/// An error at a line and a field (counted from 0; shown from 1).
fn malformed(line: Option<u64>, field: Option<usize>, problem: impl Into<String>) -> Error {
    let column = field.map(|field| field as u64 + 1);
    Error::MalformedData { what: "CSV".to_owned(), line, column, problem: problem.into() }
}

/// The line on which `record` begins.
fn line(bytes: &[u8], record: &csv::StringRecord) -> Option<u64> {
    record.position().map(|position| line_of(bytes, position))
}

fn from_csv(bytes: &[u8], error: &csv::Error) -> Error {
    let line = error.position().map(|position| line_of(bytes, position));
    match error.kind() {
        csv::ErrorKind::Utf8 { err, .. } => malformed(line, Some(err.field()), "the text is not UTF-8"),
        _ => malformed(line, None, error.to_string()),
    }
}
