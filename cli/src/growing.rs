//! A file of JSON lines that grows while a command works, so that the same command can go on where it was stopped: a header
//! that says what the lines are of, then one line for each finished piece of work.
//!
//! The header is written whole or not at all. A line that a killed process left half is cut off at the next opening; a line
//! that cannot be written is taken back, so what the file holds is always whole.

use std::fs::File;
use std::io::{Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use serde::Serialize;
use serde_json::Value;

use crate::atomic;
use crate::directory::read_text;
use crate::error::{Error, Result};

/// How long lines may be in the system's memory only.
const SYNC_EVERY: Duration = Duration::from_secs(5);

/// A file that this process adds to.
#[derive(Debug)]
pub struct Growing {
    path: PathBuf,
    file: File,
    length: u64,
    synced: Instant,
}

impl Growing {
    /// Opens the file at `path`, or begins it with `header`; gives the lines after the header that are there already.
    ///
    /// # Errors
    /// When the file is of another header (the first difference is named), is no such file, cannot be read or written, or
    /// another process adds to it.
    pub fn open(path: &Path, header: &impl Serialize) -> Result<(Self, Vec<String>)> {
        let header = value_of(header)?;
        if !path.exists() {
            atomic::write(path, format!("{header}\n").as_bytes()).map_err(Error::write(path))?;
        }
        let text = read_text(path)?;
        let whole = text.rfind('\n').map_or(0, |end| end + 1);
        let mut lines = text[..whole].lines().map(str::to_owned);
        let first = lines.next().and_then(|line| serde_json::from_str::<Value>(&line).ok());
        let Some(first) = first.filter(Value::is_object) else {
            return Err(Error::data(
                path,
                "this file was not made by this command; name another with `--out`",
            ));
        };
        if let Some(difference) = difference("", &first, &header) {
            let problem =
                format!("{difference}; ask for the same to go on in it, or name another with `--out`");
            return Err(Error::data(path, problem));
        }
        let mut file = File::options().write(true).open(path).map_err(Error::write(path))?;
        if let Err(std::fs::TryLockError::WouldBlock) = file.try_lock() {
            return Err(Error::data(path, "another process adds to this file; wait until it ends"));
        }
        let length = whole as u64;
        file.set_len(length).map_err(Error::write(path))?;
        file.seek(SeekFrom::Start(length)).map_err(Error::write(path))?;
        Ok((Self { path: path.to_owned(), file, length, synced: Instant::now() }, lines.collect()))
    }

    /// Adds a line.
    ///
    /// # Errors
    /// When it cannot be written; then the file is as before.
    pub fn add(&mut self, line: &impl Serialize) -> Result<()> {
        let line = format!("{}\n", value_of(line)?);
        if let Err(error) = self.file.write_all(line.as_bytes()) {
            // What cannot be taken back is cut off at the next opening.
            let _ = self.file.set_len(self.length);
            let _ = self.file.seek(SeekFrom::Start(self.length));
            return Err(Error::write(&self.path)(error));
        }
        self.length += line.len() as u64;
        if self.synced.elapsed() > SYNC_EVERY { self.sync() } else { Ok(()) }
    }

    /// Makes all lines durable.
    ///
    /// # Errors
    /// When the system cannot.
    pub fn sync(&mut self) -> Result<()> {
        self.synced = Instant::now();
        self.file.sync_data().map_err(Error::write(&self.path))
    }
}

fn value_of(of: &impl Serialize) -> Result<Value> {
    serde_json::to_value(of)
        .map_err(|error| Error::Unexpected { problem: format!("a line cannot be written as JSON: {error}") })
}

/// The first place in which what the file says differs from what is asked for.
fn difference(key: &str, file: &Value, asked: &Value) -> Option<String> {
    match (file, asked) {
        (Value::Object(a), Value::Object(b)) => {
            let keys = a.keys().chain(b.keys().filter(|key| !a.contains_key(*key)));
            let null = Value::Null;
            keys.filter_map(|name| {
                let path = if key.is_empty() { name.clone() } else { format!("{key}.{name}") };
                difference(&path, a.get(name).unwrap_or(&null), b.get(name).unwrap_or(&null))
            })
            .next()
        }
        _ if file == asked => None,
        _ => Some(format!("this file was made with `{key}` {file}, but now it is {asked}")),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn header(repeats: u32) -> Value {
        json!({ "kind": "test", "conditions": { "repeats": repeats } })
    }

    #[test]
    fn a_file_goes_on_where_it_was_and_a_torn_line_is_cut_off() {
        let directory = tempfile::tempdir().expect("a temporary directory");
        let path = directory.path().join("a.jsonl");
        let (mut growing, lines) = Growing::open(&path, &header(3)).expect("a new file");
        assert!(lines.is_empty());
        growing.add(&json!({ "a": 1 })).expect("there is room");
        growing.add(&json!({ "a": 2.5 })).expect("there is room");
        assert!(Growing::open(&path, &header(3)).is_err(), "it is being added to");
        drop(growing);
        let mut torn = std::fs::read(&path).expect("it is there");
        torn.extend(b"{\"a\":");
        std::fs::write(&path, torn).expect("writable");
        let (mut growing, lines) = Growing::open(&path, &header(3)).expect("the same header");
        assert_eq!(lines, ["{\"a\":1}", "{\"a\":2.5}"]);
        growing.add(&json!({ "a": 3 })).expect("there is room");
        growing.sync().expect("a disk");
        drop(growing);
        let text = std::fs::read_to_string(&path).expect("it is there");
        assert_eq!(text.lines().count(), 4);
        assert!(text.ends_with("{\"a\":3}\n"), "{text}");
    }

    #[test]
    fn another_header_is_refused_with_its_difference_and_nothing_changes() {
        let directory = tempfile::tempdir().expect("a temporary directory");
        let path = directory.path().join("a.jsonl");
        drop(Growing::open(&path, &header(3)).expect("a new file"));
        let error = Growing::open(&path, &header(4)).expect_err("another").to_string();
        assert!(error.contains("`conditions.repeats` 3, but now it is 4"), "{error}");
        std::fs::write(&path, "a,b\n1,2\n").expect("writable");
        let error = Growing::open(&path, &header(3)).expect_err("no such file").to_string();
        assert!(error.contains("not made by this command"), "{error}");
        assert_eq!(std::fs::read_to_string(&path).expect("it is there"), "a,b\n1,2\n");
    }
}
