//! Files of routes: read, decompressed within a limit, and given to the core, or to the reader of Parquet.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use switchyard::interchange::limits::MOST_BYTES;
use switchyard::interchange::{self, Contents, Options};

use crate::columns;
use crate::error::{Error, Result};

const GZIP: [u8; 2] = [0x1f, 0x8b];
const PARQUET: &[u8] = b"PAR1";

/// Reads a trace, a routing log or a load table, compressed or not.
///
/// # Errors
/// When the file cannot be read, is too large, or is none of these; line and column are named.
pub fn read(path: &Path, options: &Options) -> Result<Contents> {
    if path.is_dir() {
        let problem = "this is a directory; give a file, or write the trace of a run first: `switchyard trace DIRECTORY`";
        return Err(Error::data(path, problem));
    }
    let file = File::open(path).map_err(Error::read(path))?;
    let bytes = limited(path, file)?;
    let bytes = if bytes.starts_with(&GZIP) {
        limited(path, flate2::read::MultiGzDecoder::new(bytes.as_slice()))?
    } else {
        bytes
    };
    if bytes.starts_with(PARQUET) {
        let trace = columns::read(bytes).map_err(|problem| Error::data(path, problem))?;
        return Ok(Contents::Routes(interchange::finish(trace, "switchyard-trace (Parquet)", options)));
    }
    interchange::read(&bytes, options).map_err(|source| Error::InFile { path: path.to_owned(), source })
}

/// All that a reader gives, if it is not more than the limit.
fn limited(path: &Path, reader: impl Read) -> Result<Vec<u8>> {
    let mut bytes = Vec::new();
    let read = reader.take(MOST_BYTES as u64 + 1).read_to_end(&mut bytes);
    match read {
        Ok(count) if count > MOST_BYTES => {
            Err(Error::data(path, format!("it holds more than {MOST_BYTES} bytes; split the file")))
        }
        Ok(_) => Ok(bytes),
        Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => {
            let whole = bytes.len();
            let problem = format!(
                "the compressed file ends too early, after {whole} bytes of text: it was cut off. Copy it again"
            );
            Err(Error::data(path, problem))
        }
        Err(error) if matches!(error.kind(), io::ErrorKind::InvalidInput | io::ErrorKind::InvalidData) => {
            Err(Error::data(path, format!("the compressed file is damaged: {error}. Copy it again")))
        }
        Err(error) => Err(Error::read(path)(error)),
    }
}
