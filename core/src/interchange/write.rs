//! A trace as JSON Lines, in the format of [`schema`](super::schema). The caller writes the bytes to wherever they go.

use super::schema::{Trace, Traced};
use crate::{Error, Result};

/// The whole trace, the number of decisions in its header.
///
/// # Errors
/// If the trace contradicts itself: what is written can be read.
pub fn json_lines(trace: &Trace) -> Result<Vec<u8>> {
    trace.validate()?;
    let mut header = trace.header.clone();
    header.decisions = Some(trace.decisions.len() as u64);
    let mut bytes = Vec::new();
    line(&mut bytes, &header)?;
    trace.decisions.iter().try_for_each(|traced: &Traced| line(&mut bytes, traced))?;
    Ok(bytes)
}

fn line(bytes: &mut Vec<u8>, value: &impl serde::Serialize) -> Result<()> {
    serde_json::to_writer(&mut *bytes, value).map_err(|error| Error::InvalidDecision {
        problem: format!("it cannot be written as JSON: {error}"),
    })?;
    bytes.push(b'\n');
    Ok(())
}
