//! Reading a trace from Parquet: a file is foreign until it has shown that it is not.

use std::panic::{AssertUnwindSafe, catch_unwind};

use bytes::Bytes;
use parquet::column::reader::get_typed_column_reader;
use parquet::data_type::{ByteArrayType, DataType, FloatType, Int32Type, Int64Type};
use parquet::errors::ParquetError;
use parquet::file::reader::{FileReader, RowGroupReader, SerializedFileReader};
use switchyard::interchange::limits::MOST_EDGES;
use switchyard::interchange::{self, Trace, Traced};
use switchyard::routing::{Edge, Fate};

use super::{DECISIONS, HEADER};

type Problem = String;

/// Reads a trace from the bytes of a Parquet file.
///
/// # Errors
/// A sentence: the file is damaged, cut off, no trace, of another version, or contradicts itself.
pub fn read(bytes: Vec<u8>) -> Result<Trace, Problem> {
    // The reader of the format is not ours: if it stumbles over a damaged file, that is an error like any other.
    let hook = std::panic::take_hook();
    std::panic::set_hook(Box::new(|_| {}));
    let result = catch_unwind(AssertUnwindSafe(|| trace(bytes)));
    std::panic::set_hook(hook);
    result.unwrap_or_else(|_| {
        Err("the Parquet file is damaged: its reader could not make sense of it. Write it again".to_owned())
    })
}

fn trace(bytes: Vec<u8>) -> Result<Trace, Problem> {
    let file = SerializedFileReader::new(Bytes::from(bytes)).map_err(damaged)?;
    let metadata = file.metadata().file_metadata();
    let text = |key: &str| {
        let pairs = metadata.key_value_metadata().into_iter().flatten();
        pairs.filter(|pair| pair.key == key).find_map(|pair| pair.value.as_deref())
    };
    let Some(header) = text(HEADER) else {
        return Err(format!(
            "this Parquet file is no trace of Switchyard: its metadata has no `{HEADER}`. Write other tables as CSV, with \
             the columns that `switchyard inspect --help` names"
        ));
    };
    let header =
        interchange::header(header).map_err(|error| format!("in the metadata `{HEADER}`: {error}"))?;
    let shells =
        text(DECISIONS).ok_or_else(|| format!("the metadata has no `{DECISIONS}`; write the trace again"))?;
    let decisions: Vec<Traced> =
        serde_json::from_str(shells).map_err(|error| format!("in the metadata `{DECISIONS}`: {error}"))?;
    if metadata.num_rows() > MOST_EDGES as i64 {
        return Err(format!(
            "it has {} rows; at most {MOST_EDGES} are read. Split the trace",
            metadata.num_rows()
        ));
    }
    let mut trace = Trace { header, decisions };
    let mut rows = 0;
    for group in 0..file.num_row_groups() {
        let group = file.get_row_group(group).map_err(damaged)?;
        add(group.as_ref(), &mut trace.decisions, rows)?;
        rows += group.metadata().num_rows();
    }
    trace.validate().map_err(|error| error.to_string())?;
    Ok(trace)
}

fn damaged(error: ParquetError) -> Problem {
    format!("the Parquet file is damaged or was cut off: {error}. Write it again")
}

/// Adds the edges of one row group.
fn add(group: &dyn RowGroupReader, decisions: &mut [Traced], before: i64) -> Result<(), Problem> {
    let columns = Columns::of(group)?;
    for row in 0..columns.decision.len() {
        let at = |problem: String| format!("row {} (counted from 1): {problem}", before + row as i64 + 1);
        let index = columns.decision[row] as u32 as usize;
        let count = decisions.len();
        let traced = decisions.get_mut(index).ok_or_else(|| {
            at(format!("decision {index} is out of range: there are {count}, counted from 0"))
        })?;
        traced.decision.edges.push(Edge {
            unit: columns.unit[row] as u32 as usize,
            group: columns.group[row] as u32 as usize,
            slot: columns.slot[row] as u32 as usize,
            rank: columns.rank[row] as u64 as usize,
            score: columns.score[row],
            dispatch: columns.dispatch[row],
            combine: columns.combine[row],
            fate: fate(&columns.fate[row], columns.fate_slot[row]).map_err(at)?,
        });
    }
    Ok(())
}

fn fate(word: &[u8], slot: Option<i64>) -> Result<Fate, Problem> {
    let number = slot.map(|slot| slot as u64 as usize);
    let word = String::from_utf8_lossy(word);
    match (word.as_ref(), number) {
        ("rerouted", Some(slot)) => Ok(Fate::Rerouted { slot }),
        ("rerouted", None) => Err("`rerouted` needs a `fate_slot`".to_owned()),
        ("miss", evicted) => Ok(Fate::Miss { evicted }),
        (_, Some(slot)) => Err(format!("`fate_slot` is {slot}, but the fate `{word}` has none")),
        ("kept", None) => Ok(Fate::Kept),
        ("dropped", None) => Ok(Fate::Dropped),
        ("null", None) => Ok(Fate::Null),
        ("skipped", None) => Ok(Fate::Skipped),
        ("shared", None) => Ok(Fate::Shared),
        ("hit", None) => Ok(Fate::Hit),
        _ => Err(format!(
            "unknown fate `{}`; known: kept, dropped, null, skipped, shared, rerouted, hit, miss",
            word.chars().take(40).collect::<String>()
        )),
    }
}

/// The columns that are read back.
struct Columns {
    decision: Vec<i32>,
    unit: Vec<i32>,
    group: Vec<i32>,
    slot: Vec<i32>,
    rank: Vec<i64>,
    score: Vec<f32>,
    dispatch: Vec<f32>,
    combine: Vec<f32>,
    fate: Vec<Vec<u8>>,
    fate_slot: Vec<Option<i64>>,
}

impl Columns {
    fn of(group: &dyn RowGroupReader) -> Result<Self, Problem> {
        let text = all::<ByteArrayType>(group, "fate")?;
        Ok(Self {
            decision: all::<Int32Type>(group, "decision")?,
            unit: all::<Int32Type>(group, "unit")?,
            group: all::<Int32Type>(group, "group")?,
            slot: all::<Int32Type>(group, "slot")?,
            rank: all::<Int64Type>(group, "rank")?,
            score: all::<FloatType>(group, "score")?,
            dispatch: all::<FloatType>(group, "dispatch")?,
            combine: all::<FloatType>(group, "combine")?,
            fate: text.iter().map(|text| text.data().to_vec()).collect(),
            fate_slot: some::<Int64Type>(group, "fate_slot")?,
        })
    }
}

/// A column with a value in every row.
fn all<T: DataType>(group: &dyn RowGroupReader, name: &str) -> Result<Vec<T::T>, Problem> {
    some::<T>(group, name)?
        .into_iter()
        .collect::<Option<Vec<T::T>>>()
        .ok_or_else(|| format!("the column `{name}` is empty in some rows; write the trace again"))
}

/// A column that may be empty in some rows.
fn some<T: DataType>(group: &dyn RowGroupReader, name: &str) -> Result<Vec<Option<T::T>>, Problem> {
    let rows = usize::try_from(group.metadata().num_rows()).unwrap_or(usize::MAX);
    if rows > MOST_EDGES {
        return Err(format!("a row group has more than {MOST_EDGES} rows"));
    }
    let columns = group.metadata().columns();
    let found = columns.iter().position(|column| column.column_descr().name() == name);
    let index = found.ok_or_else(|| format!("there is no column `{name}`; write the trace again"))?;
    let described = columns[index].column_descr();
    if described.physical_type() != T::get_physical_type() || described.max_rep_level() > 0 {
        return Err(format!("the column `{name}` is of another type; write the trace again"));
    }
    let mut reader = get_typed_column_reader::<T>(group.get_column_reader(index).map_err(damaged)?);
    let (mut levels, mut values) = (Vec::new(), Vec::new());
    let mut read = 0;
    while read < rows {
        let (records, _, _) =
            reader.read_records(rows - read, Some(&mut levels), None, &mut values).map_err(damaged)?;
        if records == 0 {
            return Err(format!(
                "the column `{name}` has {read} of {rows} rows; the file was cut off. Write it again"
            ));
        }
        read += records;
    }
    let most = described.max_def_level();
    if most == 0 {
        return Ok(values.into_iter().map(Some).collect());
    }
    let mut values = values.into_iter();
    Ok(levels.iter().map(|&level| if level == most { values.next() } else { None }).collect())
}
