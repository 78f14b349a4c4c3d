//! Writing a trace as Parquet, into memory: the caller writes the bytes completely or not at all.

use std::sync::Arc;

use parquet::data_type::{BoolType, ByteArray, ByteArrayType, DataType, FloatType, Int32Type, Int64Type};
use parquet::errors::ParquetError;
use parquet::file::metadata::KeyValue;
use parquet::file::properties::WriterProperties;
use parquet::file::writer::{SerializedColumnWriter, SerializedFileWriter};
use parquet::schema::parser::parse_message_type;
use switchyard::interchange::{Trace, Traced};
use switchyard::routing::{Edge, Fate, KeyKind, RoutingDecision};

use super::{DECISIONS, HEADER, SCHEMA};
use crate::error::{Error, Result};

/// How many edges a row group holds.
const ROWS: usize = 1 << 20;

/// The trace as the bytes of a Parquet file, without logits and probabilities.
///
/// # Errors
/// When the trace contradicts itself.
pub fn write(trace: &Trace) -> Result<Vec<u8>> {
    trace.validate()?;
    let mut header = trace.header.clone();
    header.decisions = Some(trace.decisions.len() as u64);
    let shells: Vec<Traced> = trace.decisions.iter().map(shell).collect();
    let json = |text: serde_json::Result<String>| text.map_err(|error| unexpected(&error));
    let metadata =
        [(HEADER, json(serde_json::to_string(&header))?), (DECISIONS, json(serde_json::to_string(&shells))?)];
    let metadata = metadata.map(|(key, text)| KeyValue::new(key.to_owned(), text)).into();
    columns(trace, metadata).map_err(|error| unexpected(&error))
}

fn unexpected(error: &dyn std::fmt::Display) -> Error {
    Error::Unexpected { problem: format!("the trace cannot be written as Parquet: {error}") }
}

/// A decision without what stands in the columns, and without what is not stored.
fn shell(traced: &Traced) -> Traced {
    let decision = &traced.decision;
    let decision = RoutingDecision {
        router: decision.router.clone(),
        slots: decision.slots.clone(),
        valid: decision.valid.clone(),
        keys: decision.keys.clone(),
        edges: Vec::new(),
        logits: None,
        probabilities: None,
        ..*decision
    };
    Traced { task: traced.task.clone(), decision }
}

/// One row.
struct Row<'a> {
    index: usize,
    traced: &'a Traced,
    edge: &'a Edge,
}

impl Row<'_> {
    fn key(&self, kind: KeyKind) -> Option<i32> {
        self.traced.decision.keys.get(kind).map(|values| values[self.edge.unit] as i32)
    }
}

fn columns(trace: &Trace, metadata: Vec<KeyValue>) -> std::result::Result<Vec<u8>, ParquetError> {
    let properties = WriterProperties::builder()
        .set_created_by(format!("switchyard {}", env!("CARGO_PKG_VERSION")))
        .set_key_value_metadata(Some(metadata));
    let schema = Arc::new(parse_message_type(SCHEMA)?);
    let mut file = SerializedFileWriter::new(Vec::new(), schema, Arc::new(properties.build()))?;
    let rows: Vec<Row<'_>> = trace
        .decisions
        .iter()
        .enumerate()
        .flat_map(|(index, traced)| traced.decision.edges.iter().map(move |edge| Row { index, traced, edge }))
        .collect();
    let names: Vec<String> =
        file.schema_descr().columns().iter().map(|column| column.name().to_owned()).collect();
    for rows in rows.chunks(ROWS) {
        let mut group = file.next_row_group()?;
        for name in &names {
            let Some(mut column) = group.next_column()? else { break };
            one(&mut column, name, rows)?;
            column.close()?;
        }
        group.close()?;
    }
    file.into_inner()
}

type Written = std::result::Result<(), ParquetError>;

/// Writes one column.
fn one(column: &mut SerializedColumnWriter<'_>, name: &str, rows: &[Row<'_>]) -> Written {
    let text = |text: &str| ByteArray::from(text.as_bytes().to_vec());
    match name {
        "decision" => all::<Int32Type>(column, rows, |row| row.index as i32),
        "task" => some::<ByteArrayType>(column, rows, |row| row.traced.task.as_deref().map(text)),
        "router" => all::<ByteArrayType>(column, rows, |row| text(&row.traced.decision.router)),
        "scope" => all::<ByteArrayType>(column, rows, |row| text(&row.traced.decision.scope.to_string())),
        "step" => all::<Int64Type>(column, rows, |row| row.traced.decision.step as i64),
        "unit" => all::<Int32Type>(column, rows, |row| row.edge.unit as i32),
        "group" => all::<Int32Type>(column, rows, |row| row.edge.group as i32),
        "slot" => all::<Int32Type>(column, rows, |row| row.edge.slot as i32),
        "slot_label" => {
            all::<ByteArrayType>(column, rows, |row| text(&row.traced.decision.slots[row.edge.slot].label))
        }
        "rank" => all::<Int64Type>(column, rows, |row| row.edge.rank as i64),
        "score" => all::<FloatType>(column, rows, |row| row.edge.score),
        "dispatch" => all::<FloatType>(column, rows, |row| row.edge.dispatch),
        "combine" => all::<FloatType>(column, rows, |row| row.edge.combine),
        "fate" => all::<ByteArrayType>(column, rows, |row| text(fate(row.edge.fate).0)),
        "fate_slot" => some::<Int64Type>(column, rows, |row| fate(row.edge.fate).1.map(|slot| slot as i64)),
        "valid" => all::<BoolType>(column, rows, |row| row.traced.decision.valid[row.edge.unit]),
        "token_id" => some::<Int32Type>(column, rows, |row| row.key(KeyKind::TokenId)),
        "position" => some::<Int32Type>(column, rows, |row| row.key(KeyKind::Position)),
        "sequence" => some::<Int32Type>(column, rows, |row| row.key(KeyKind::Sequence)),
        "class" => some::<Int32Type>(column, rows, |row| row.key(KeyKind::Class)),
        "domain" => some::<Int32Type>(column, rows, |row| row.key(KeyKind::Domain)),
        "task_key" => some::<Int32Type>(column, rows, |row| row.key(KeyKind::Task)),
        other => Err(ParquetError::General(format!("the column `{other}` has no content"))),
    }
}

/// A column with a value in every row.
fn all<T: DataType>(
    column: &mut SerializedColumnWriter<'_>,
    rows: &[Row<'_>],
    value: impl Fn(&Row<'_>) -> T::T,
) -> Written {
    let values: Vec<T::T> = rows.iter().map(value).collect();
    column.typed::<T>().write_batch(&values, None, None).map(|_| ())
}

/// A column with a value in some rows.
fn some<T: DataType>(
    column: &mut SerializedColumnWriter<'_>,
    rows: &[Row<'_>],
    value: impl Fn(&Row<'_>) -> Option<T::T>,
) -> Written {
    let values: Vec<Option<T::T>> = rows.iter().map(value).collect();
    let levels: Vec<i16> = values.iter().map(|value| i16::from(value.is_some())).collect();
    let values: Vec<T::T> = values.into_iter().flatten().collect();
    column.typed::<T>().write_batch(&values, Some(&levels), None).map(|_| ())
}

/// The fate as a word, and the number that belongs to it.
fn fate(fate: Fate) -> (&'static str, Option<usize>) {
    match fate {
        Fate::Kept => ("kept", None),
        Fate::Dropped => ("dropped", None),
        Fate::Null => ("null", None),
        Fate::Skipped => ("skipped", None),
        Fate::Shared => ("shared", None),
        Fate::Rerouted { slot } => ("rerouted", Some(slot)),
        Fate::Hit => ("hit", None),
        Fate::Miss { evicted } => ("miss", evicted),
    }
}
