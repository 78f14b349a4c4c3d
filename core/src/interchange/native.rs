//! Reading `switchyard-trace`: the header, then a decision on each line, every error with its line and column.

use serde_json::Value;

use super::limits::MOST_DECISIONS;
use super::schema::{Header, SCHEMA, Trace, Traced, VERSION};
use super::{malformed, malformed_json};
use crate::Result;

const WHAT: &str = "trace";

/// Reads a trace from its lines, each with its number, the header first.
pub(super) fn read<'a>(mut lines: impl Iterator<Item = (u64, &'a str)>, is_open: bool) -> Result<Trace> {
    let Some((number, first)) = lines.next() else {
        return Err(malformed(WHAT, None, None, "there is no header line"));
    };
    let mut lines = lines.peekable();
    let header = header(number, first, is_open && lines.peek().is_none())?;
    let mut trace = Trace { header, decisions: Vec::new() };
    let (mut last, mut choices) = (number, 0);
    while let Some((number, line)) = lines.next() {
        if trace.decisions.len() == MOST_DECISIONS {
            let problem = format!("there are more than {MOST_DECISIONS} decisions; split the trace");
            return Err(malformed(WHAT, Some(number), None, problem));
        }
        let is_open = is_open && lines.peek().is_none();
        let traced: Traced =
            serde_json::from_str(line).map_err(|error| malformed_json(WHAT, number, &error, is_open))?;
        let at = |problem| malformed(WHAT, Some(number), None, problem);
        traced.decision.validate().map_err(|error| at(error.to_string()))?;
        traced.count_choices(&mut choices).map_err(at)?;
        traced.check_parents(trace.decisions.len()).map_err(at)?;
        trace.decisions.push(traced);
        last = number;
    }
    trace.check_count().map_err(|problem| malformed(WHAT, Some(last), None, problem))?;
    Ok(trace)
}

/// Reads a header that stands on its own, as in the metadata of another format.
///
/// # Errors
/// [`Error::MalformedData`](crate::Error::MalformedData) when it is none, or of another version.
pub fn parse_header(text: &str) -> Result<Header> {
    header(1, text, false)
}

/// The header, its version before all else: what follows may look different in another one.
fn header(number: u64, line: &str, is_open: bool) -> Result<Header> {
    let at = |problem: String| malformed(WHAT, Some(number), None, problem);
    let value: Value =
        serde_json::from_str(line).map_err(|error| malformed_json(WHAT, number, &error, is_open))?;
    let schema = value.get("schema").and_then(Value::as_str).unwrap_or_default();
    if schema != SCHEMA {
        let shown: String = schema.chars().take(60).collect();
        return Err(at(format!("the schema is `{shown}`, but this build reads `{SCHEMA}`")));
    }
    match value.get("version") {
        Some(version) if version.as_u64() == Some(u64::from(VERSION)) => {}
        Some(version) => {
            let shown: String = version.to_string().chars().take(40).collect();
            return Err(at(format!(
                "the trace is of version {shown}; this build reads version {VERSION}. Use the Switchyard that wrote it, \
                 or write it again with this one"
            )));
        }
        None => return Err(at(format!("the header has no `version`; this build reads version {VERSION}"))),
    }
    let header: Header =
        serde_json::from_str(line).map_err(|error| malformed_json(WHAT, number, &error, is_open))?;
    header.check().map_err(at)?;
    Ok(header)
}
