//! The line on which a record of a comma-separated table begins.
//!
//! The reader's own count cannot be used for this. With Windows line ends it lags one line behind, because a record
//! ends at the `\r`, and blank lines above a record count as part of it. Here only the reader's byte offset is
//! trusted, and line ends are counted in the bytes. Nothing is parsed.

const BYTE_ORDER_MARK: &[u8] = b"\xEF\xBB\xBF";

/// The line, counted from 1, on which the record at `position` begins; `bytes` is all that the reader was given.
///
/// A line ends with `\n`, `\r\n` or `\r`, inside quotes too. It takes time in proportion to `position`, so ask for it
/// only when a problem is to be told.
pub(crate) fn line_of(bytes: &[u8], position: &::csv::Position) -> u64 {
    let offset = usize::try_from(position.byte()).unwrap_or(usize::MAX).min(bytes.len());
    let start =
        if offset == 0 && bytes.starts_with(BYTE_ORDER_MARK) { BYTE_ORDER_MARK.len() } else { offset };
    let blank = bytes[start..].iter().take_while(|byte| matches!(byte, b'\n' | b'\r')).count();
    let ends = |at: &usize| bytes[*at] == b'\n' || bytes[*at] == b'\r' && bytes.get(at + 1) != Some(&b'\n');
    1 + (0..start + blank).filter(ends).count() as u64
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The line of every record of `text`.
    fn lines(text: &str) -> Vec<u64> {
        let reader =
            ::csv::ReaderBuilder::new().has_headers(false).flexible(true).from_reader(text.as_bytes());
        let of = |record: ::csv::Result<::csv::ByteRecord>| {
            let record = record.expect("bytes cannot be malformed");
            line_of(text.as_bytes(), record.position().expect("a record that was read has a position"))
        };
        reader.into_byte_records().map(of).collect()
    }

    /// `text` with each of the three line ends, and without its last one.
    fn variants(text: &str) -> Vec<String> {
        let ended = ["\n", "\r\n", "\r"].map(|end| text.replace('\n', end));
        let open = ended.clone().map(|text| text.trim_end().to_owned());
        ended.into_iter().chain(open).collect()
    }

    #[test]
    fn every_line_end_counts_once_and_the_last_may_be_missing() {
        for text in variants("x,k\n1,a\n2,b\n3,c\n") {
            assert_eq!(lines(&text), [1, 2, 3, 4], "{text:?}");
        }
        assert_eq!(lines("x,k\r\n1,a\n2,b\r3,c\r\n4,d"), [1, 2, 3, 4, 5]);
        assert_eq!(lines(""), [0; 0]);
    }

    #[test]
    fn line_breaks_in_quotes_count_and_a_record_is_known_by_its_first_line() {
        for text in variants("\"x\ny\",k\n1,\"a\n\n\"\n2,b\n\"\n3\",c\n4,d\n") {
            assert_eq!(lines(&text), [1, 3, 6, 7, 9], "{text:?}");
        }
    }

    #[test]
    fn blank_lines_and_a_byte_order_mark_above_a_record_are_not_part_of_it() {
        for text in variants("\n\nx,k\n\n1,a\n\n\n2,b\n\n") {
            assert_eq!(lines(&text), [3, 5, 8], "{text:?}");
            assert_eq!(lines(&format!("\u{feff}{text}")), [3, 5, 8], "{text:?}");
        }
    }

    #[test]
    fn a_long_table_is_counted_past_the_buffer_of_the_reader() {
        let text = "12345,\"a\r\nb\"\r\n".repeat(20_000);
        // Every thousandth only: each takes time in proportion to its place.
        let mut reader = ::csv::ReaderBuilder::new().has_headers(false).from_reader(text.as_bytes());
        for (row, record) in reader.byte_records().enumerate().filter(|(row, _)| row % 1_000 == 999) {
            let record = record.expect("bytes cannot be malformed");
            let position = record.position().expect("a record that was read has a position");
            assert_eq!(line_of(text.as_bytes(), position), 1 + 2 * row as u64, "row {row}");
        }
    }
}
