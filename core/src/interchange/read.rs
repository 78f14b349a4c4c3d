//! The one way in: which format is this, and what does it hold? Nothing is guessed from a file's name.

use serde_json::Value;

use super::foreign::{self, Names, loads::LoadTable};
use super::limits::{MOST_BYTES, MOST_EXPERTS};
use super::schema::{Header, Trace, Traced};
use super::{malformed, malformed_json, native};
use crate::{Error, Result};

const WHAT: &str = "routing file";
const BYTE_ORDER_MARK: &str = "\u{feff}";

/// How to read a file that does not say everything itself.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Options {
    /// How many experts each layer has, where a log does not say so.
    pub experts: Option<usize>,
    /// Treats units with equal weights on all of several choices as padding.
    pub leave_out_ties: bool,
}

/// What a file holds.
#[derive(Debug, Clone, PartialEq)]
pub enum Contents {
    /// Single decisions.
    Routes(Routes),
    /// Shares of load, without single decisions.
    Loads(LoadTable),
}

/// Decisions that were read, with what is known about them besides.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Routes {
    /// The format that was detected, in words.
    pub format: String,
    /// The header, where the file is a trace of Switchyard.
    pub header: Option<Header>,
    /// The decisions, in the order of the file; those of a foreign log by step, then by layer.
    pub decisions: Vec<Traced>,
    /// The texts that the numbers of some keys stand for.
    pub names: Names,
    /// Whether the file would say it if an edge had been dropped.
    pub drops_known: bool,
    /// Whether the combine weights are the file's.
    pub weights_known: bool,
    /// What a reader should know about the file, as sentences.
    pub notes: Vec<String>,
}

impl Contents {
    /// The format that was detected, in words.
    pub fn format(&self) -> &str {
        match self {
            Self::Routes(routes) => &routes.format,
            Self::Loads(_) => "load table (CSV)",
        }
    }
}

/// Reads a trace, a routing log or a load table, whichever it is.
///
/// # Errors
/// [`Error::MalformedData`] with line and column: bytes of no known format, an unknown version, a file that was cut
/// off, numbers that contradict each other or the limits. [`Error::OutOfRange`] for impossible options.
pub fn read(bytes: &[u8], options: &Options) -> Result<Contents> {
    if options.experts.is_some_and(|experts| experts == 0 || experts > MOST_EXPERTS) {
        return Err(Error::OutOfRange {
            key: "experts".to_owned(),
            value: options.experts.unwrap_or(0).to_string(),
            range: format!("from 1 to {MOST_EXPERTS}"),
        });
    }
    if bytes.len() > MOST_BYTES {
        let problem =
            format!("it has {} bytes of text; at most {MOST_BYTES} are read. Split it", bytes.len());
        return Err(malformed(WHAT, None, None, problem));
    }
    let text = std::str::from_utf8(bytes).map_err(|error| {
        let at = error.valid_up_to() as u64 + 1;
        malformed(WHAT, None, Some(at), "this is no UTF-8 text; give a trace, a routing log or a load table")
    })?;
    let text = text.strip_prefix(BYTE_ORDER_MARK).unwrap_or(text);
    let Some((number, first)) = lines(text).next() else {
        return Err(malformed(WHAT, None, None, "the file is empty; there is nothing to read"));
    };
    match first.as_bytes()[0] {
        b'{' => read_json(text, number, first, options),
        b'[' => Err(malformed(
            WHAT,
            Some(number),
            Some(1),
            "this is a JSON list; write its objects one on each line, without brackets and commas around them",
        )),
        _ => foreign::read_csv(text, options),
    }
}

/// The lines that are not blank, with their numbers from 1.
fn lines(text: &str) -> impl Iterator<Item = (u64, &str)> {
    let numbered = text.lines().enumerate().map(|(index, line)| (index as u64 + 1, line.trim()));
    numbered.filter(|(_, line)| !line.is_empty())
}

fn read_json(text: &str, number: u64, first: &str, options: &Options) -> Result<Contents> {
    let is_open = !text.ends_with('\n');
    let only = is_open && lines(text).nth(1).is_none();
    let value: Value =
        serde_json::from_str(first).map_err(|error| malformed_json(WHAT, number, &error, only))?;
    let has = |key: &str| value.get(key).is_some();
    if has("schema") {
        let trace = native::read(lines(text), is_open)?;
        return Ok(Contents::Routes(finish(trace, "switchyard-trace (JSON Lines)", options)));
    }
    if has("event") && has("schema_version") {
        let problem =
            "these are the events of a run; write its decisions with `switchyard trace DIRECTORY` first";
        return Err(malformed(WHAT, Some(number), None, problem));
    }
    if has("type") || foreign::json_rows::FIELDS.iter().any(|field| has(field)) {
        return foreign::json_rows::read(lines(text), is_open, options).map(Contents::Routes);
    }
    let keys = value.as_object().into_iter().flat_map(|fields| fields.keys());
    let shown: Vec<String> = keys.take(6).map(|key| key.chars().take(30).collect()).collect();
    let problem = format!(
        "an object with the fields {} is neither the header of a `switchyard-trace` (field `schema`) nor a row of a \
         routing log (fields `token_idx`, `layer`, `topk_ids`)",
        shown.join(", ")
    );
    Err(malformed(WHAT, Some(number), None, problem))
}

/// A trace as what was read from a file, whatever its format is called: ties are looked for and left out if asked.
pub fn finish(trace: Trace, format: &str, options: &Options) -> Routes {
    let mut routes = Routes {
        format: format.to_owned(),
        header: Some(trace.header),
        decisions: trace.decisions,
        drops_known: true,
        weights_known: true,
        ..Routes::default()
    };
    foreign::ties::look(&mut routes, options);
    routes
}
