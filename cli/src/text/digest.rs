//! SHA-256 of files.

use std::fs::File;
use std::io::{self, Write};
use std::path::Path;

use sha2::{Digest as _, Sha256};

use super::error::{Result, TextError};

/// A checksum.
pub type Sum = [u8; 32];

/// SHA-256 of a file, which is never held in memory, and its size in bytes.
///
/// # Errors
/// When it cannot be read.
pub fn of_file(path: &Path) -> Result<(Sum, u64)> {
    let file = File::open(path).map_err(TextError::read(path))?;
    let mut writer = Summing(Sha256::new());
    let bytes = io::copy(&mut &file, &mut writer).map_err(TextError::read(path))?;
    Ok((writer.0.finalize().into(), bytes))
}

/// A checksum in hexadecimal.
pub fn hexadecimal(sum: &Sum) -> String {
    sum.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// A writer that sums what it is given and keeps nothing.
struct Summing(Sha256);

impl Write for Summing {
    fn write(&mut self, buffer: &[u8]) -> io::Result<usize> {
        self.0.update(buffer);
        Ok(buffer.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_has_the_published_checksum_of_its_bytes() {
        let place = tempfile::tempdir().expect("a temporary directory");
        let path = place.path().join("abc");
        std::fs::write(&path, b"abc").expect("writable");
        let (sum, bytes) = of_file(&path).expect("readable");
        let published = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
        assert_eq!((hexadecimal(&sum).as_str(), bytes), (published, 3));
        assert!(matches!(of_file(&place.path().join("none")), Err(TextError::Read { .. })));
    }
}
