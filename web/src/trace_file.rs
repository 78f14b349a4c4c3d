//! Which files of routes a tab opens: how large they may be, and what the first bytes say about the rest.

/// The most that is read, in bytes, packed or not: what a tab can hold beside what it makes of it.
pub const MOST_BYTES: usize = 100_000_000;

/// What a file is, by its first bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Packing {
    /// Text, or something that its reader will refuse.
    Plain,
    /// Text that was compressed by gzip.
    Gzip,
    /// A Parquet file.
    Parquet,
}

impl Packing {
    /// How many of the first bytes are looked at.
    pub const LOOKED_AT: usize = 4;

    /// What begins like this.
    pub fn of(first: &[u8]) -> Self {
        match first {
            [0x1f, 0x8b, ..] => Self::Gzip,
            [b'P', b'A', b'R', b'1', ..] => Self::Parquet,
            _ => Self::Plain,
        }
    }
}

/// Why a file of this many bytes is not read, if it is not.
pub fn too_large(bytes: f64) -> Option<String> {
    (bytes > MOST_BYTES as f64).then(|| {
        let [size, most] = [bytes, MOST_BYTES as f64].map(|bytes| format!("{:.0} MB", (bytes / 1e6).ceil()));
        format!(
            "it is {size} large, and a tab reads at most {most}. Keep fewer layers or steps, or use the command line: \
             `switchyard inspect` reads up to 1 GB"
        )
    })
}

/// Why a Parquet file is not read.
pub const PARQUET: &str = "this is a Parquet file, and a tab reads JSON Lines and CSV, also compressed (.gz). Write the \
                           trace again with `switchyard trace RUN --format jsonl`, or read this one with `switchyard \
                           inspect`";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_known_by_its_first_bytes() {
        assert_eq!(Packing::of(&[0x1f, 0x8b, 8, 0]), Packing::Gzip);
        assert_eq!(Packing::of(b"PAR1"), Packing::Parquet);
        for plain in [&b"{\"sc"[..], b"", b"P", b"\x1f"] {
            assert_eq!(Packing::of(plain), Packing::Plain);
        }
    }

    #[test]
    fn a_file_that_is_too_large_is_refused_with_its_size_and_the_limit() {
        assert_eq!(too_large(MOST_BYTES as f64), None);
        let refusal = too_large(MOST_BYTES as f64 + 1.0).unwrap_or_default();
        assert!(refusal.contains("101 MB") && refusal.contains("at most 100 MB"), "{refusal}");
    }
}
