//! A file read line by line, plain or packed, in bounded memory: whatever the file holds, no more than one line of the
//! longest kind is held here.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Cursor, Read};
use std::path::Path;

use flate2::bufread::MultiGzDecoder;

use super::error::{Result, TextError};
use super::parallel::Limits;

/// What every gzip file begins with; no UTF-8 text begins so, because 0x8b cannot follow 0x1f there.
const GZIP: [u8; 2] = [0x1f, 0x8b];
/// What some programs write before UTF-8.
const BYTE_ORDER_MARK: &[u8] = "\u{feff}".as_bytes();
/// The most bytes of a character in UTF-8.
const CHARACTER: u64 = 4;

/// Reads lines: without their ends (`\n` or `\r\n`), without a byte order mark, checked.
pub struct LineReader<'p> {
    path: &'p Path,
    input: Box<dyn BufRead>,
    limits: Limits,
    /// How many lines were read.
    lines: u64,
    /// How many bytes may still be read.
    left: u64,
    buffer: Vec<u8>,
}

impl<'p> LineReader<'p> {
    /// Opens a file, and finds out by its first bytes whether it is packed.
    ///
    /// # Errors
    /// When it cannot be read, or is larger than the limit.
    pub fn open(path: &'p Path, limits: Limits) -> Result<Self> {
        let file = File::open(path).map_err(TextError::read(path))?;
        let bytes = file.metadata().map_err(TextError::read(path))?.len();
        if bytes > limits.bytes {
            return Err(TextError::LargeFile { path: path.to_owned(), bytes, limit: limits.bytes });
        }
        let mut start = Vec::new();
        (&file).take(GZIP.len() as u64).read_to_end(&mut start).map_err(TextError::read(path))?;
        let packed = start == GZIP;
        let whole = BufReader::new(Cursor::new(start).chain(file));
        let input: Box<dyn BufRead> =
            if packed { Box::new(BufReader::new(MultiGzDecoder::new(whole))) } else { Box::new(whole) };
        Ok(Self { path, input, limits, lines: 0, left: limits.bytes, buffer: Vec::new() })
    }

    /// The next line, or nothing at the end.
    ///
    /// # Errors
    /// When the file cannot be read or unpacked, when a limit is passed, and when the line is not UTF-8 or has a NUL.
    pub fn next(&mut self) -> Result<Option<&str>> {
        // A line that is longer in bytes than its characters, a mark and an end can be is not read to its end.
        let most = CHARACTER * self.limits.characters as u64 + BYTE_ORDER_MARK.len() as u64 + 2;
        self.buffer.clear();
        let read = self.input.as_mut().take(most + 1).read_until(b'\n', &mut self.buffer);
        let read = read.map_err(|error| self.failed(error))? as u64;
        if read == 0 {
            return Ok(None);
        }
        self.lines += 1;
        if read > self.left {
            let (line, limit) = (self.lines, self.limits.bytes);
            return Err(TextError::LargeText { path: self.path.to_owned(), line, limit });
        }
        self.left -= read;
        if self.lines > self.limits.lines {
            return Err(TextError::ManyLines { path: self.path.to_owned(), limit: self.limits.lines });
        }
        if read > most {
            return Err(self.long_line());
        }
        self.line().map(Some)
    }

    /// Reads to the end and says how many lines there are.
    ///
    /// # Errors
    /// As [`LineReader::next`].
    pub fn count(&mut self) -> Result<u64> {
        while self.next()?.is_some() {}
        Ok(self.lines)
    }

    /// The text of the line in the buffer.
    fn line(&self) -> Result<&str> {
        let (path, line) = (self.path, self.lines);
        let mut bytes = self.buffer.as_slice();
        if let Some(shorter) = bytes.strip_suffix(b"\n") {
            bytes = shorter.strip_suffix(b"\r").unwrap_or(shorter);
        }
        if line == 1 {
            bytes = bytes.strip_prefix(BYTE_ORDER_MARK).unwrap_or(bytes);
        }
        let text = str::from_utf8(bytes).map_err(|error| TextError::NotUtf8 {
            path: path.to_owned(),
            line,
            byte: error.valid_up_to() + 1,
        })?;
        if let Some(place) = bytes.iter().position(|&byte| byte == 0) {
            return Err(TextError::NulByte { path: path.to_owned(), line, byte: place + 1 });
        }
        let limit = self.limits.characters;
        if text.len() > limit && text.chars().count() > limit { Err(self.long_line()) } else { Ok(text) }
    }

    fn long_line(&self) -> TextError {
        TextError::LongLine { path: self.path.to_owned(), line: self.lines, limit: self.limits.characters }
    }

    /// What an error of reading means; a plain file never has the kinds that the unpacker has.
    fn failed(&self, error: io::Error) -> TextError {
        let (path, line) = (self.path.to_owned(), self.lines);
        match error.kind() {
            io::ErrorKind::UnexpectedEof => TextError::TruncatedGzip { path, line },
            io::ErrorKind::InvalidInput | io::ErrorKind::InvalidData => {
                TextError::NotGzip { path, line, problem: error.to_string() }
            }
            _ => TextError::Read { path, source: error },
        }
    }
}
