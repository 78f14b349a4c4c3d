//! Files as users have them, and as an enemy would make them.

use std::io::Write as _;
use std::path::PathBuf;

use flate2::Compression;
use flate2::write::GzEncoder;
use proptest::prelude::*;

use super::*;

/// A folder with a pair of files.
struct Place {
    folder: tempfile::TempDir,
}

impl Place {
    fn new() -> Self {
        Self { folder: tempfile::tempdir().expect("a temporary directory") }
    }

    fn file(&self, name: &str, bytes: impl AsRef<[u8]>) -> PathBuf {
        let path = self.folder.path().join(name);
        std::fs::write(&path, bytes).expect("writable");
        path
    }

    fn pairs(&self, source: impl AsRef<[u8]>, target: impl AsRef<[u8]>, reading: Reading) -> Result<Pairs> {
        read_pairs(&self.file("a.de", source), &self.file("a.en", target), reading)
    }

    /// One file as both sides of a pair.
    fn text(&self, bytes: impl AsRef<[u8]>, reading: Reading) -> Result<Pairs> {
        let path = self.file("a.txt", bytes);
        read_pairs(&path, &path, reading)
    }
}

fn packed(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(bytes).expect("memory is writable");
    encoder.finish().expect("memory is writable")
}

fn skipping() -> Reading {
    Reading { empty: Empty::Skip, ..Reading::default() }
}

fn limited(characters: usize, bytes: u64) -> Reading {
    Reading { limits: Limits { characters, bytes, ..Limits::default() }, ..Reading::default() }
}

fn lines(lines: &Lines) -> Vec<&str> {
    lines.iter().collect()
}

#[test]
fn plain_and_packed_files_of_any_name_are_read_with_any_line_end() {
    let place = Place::new();
    let source = "\u{feff}ein Satz\r\n  zwei\u{2028}Sätze \nein\rSatz";
    let mut members = packed(b"a sentence\ntwo sen");
    members.extend(packed(b"tences\na sentence\n"));
    let pairs = place.pairs(source, members, Reading::default()).expect("three pairs");
    assert_eq!(lines(&pairs.source), ["ein Satz", "  zwei\u{2028}Sätze ", "ein\rSatz"]);
    assert_eq!(lines(&pairs.target), ["a sentence", "two sentences", "a sentence"]);
    assert_eq!(pairs.skipped, 0);
}

#[test]
fn empty_lines_are_refused_with_their_line_or_skipped_and_counted() {
    let place = Place::new();
    let refused = |source: &str, target: &str| {
        place.pairs(source, target, Reading::default()).expect_err("an empty line").to_string()
    };
    let message = refused("a\n \t\r\nc\n", "a\nb\nc\n");
    assert!(message.contains("a.de, line 2: the line is empty"), "{message}");
    let message = refused("a\nb\n", "a\n\n");
    assert!(message.contains("a.en, line 2: the line is empty"), "{message}");
    let message = refused("a\nb\n\n", "a\nb\n\n");
    assert!(message.starts_with("line 3 is empty in both"), "{message}");
    let pairs = place.pairs("a\n\nc\n\n", "a\nb\n\n\n", skipping()).expect("a pair");
    assert_eq!((lines(&pairs.source), pairs.skipped), (vec!["a"], 3));
    let text = place.text("\n\na\n\nb", skipping()).expect("two lines");
    assert_eq!((lines(&text.source), text.skipped), (vec!["a", "b"], 3));
    let message = place.text("a\n\n", Reading::default()).expect_err("an empty line").to_string();
    assert!(message.starts_with("line 2 is empty in both"), "{message}");
}

#[test]
fn the_first_line_without_a_partner_is_named() {
    let place = Place::new();
    let error = place.pairs("a\nb\nc\nd", "a\nb\n", Reading::default()).expect_err("unequal");
    let message = error.to_string();
    assert!(message.contains("a.de has 4 lines, but"), "{message}");
    assert!(message.contains("a.en has 2: line 3 has no partner"), "{message}");
    let error = place.pairs("a", packed(b"a\nb\nc"), Reading::default()).expect_err("unequal");
    assert!(matches!(error, TextError::UnequalLines { source_lines: 1, target_lines: 3, .. }), "{error}");
    let error = place.pairs("", "a\n", Reading::default()).expect_err("unequal");
    assert!(matches!(error, TextError::UnequalLines { source_lines: 0, target_lines: 1, .. }), "{error}");
}

#[test]
fn files_without_a_line_are_refused() {
    let place = Place::new();
    let error = place.pairs("", packed(b""), Reading::default()).expect_err("nothing");
    assert!(matches!(error, TextError::NoPairs { skipped: 0, .. }), "{error}");
    let error = place.pairs("\n\n", "a\nb\n", skipping()).expect_err("nothing is left");
    assert!(matches!(error, TextError::NoPairs { skipped: 2, .. }), "{error}");
    let error = place.text("\n", skipping()).expect_err("nothing is left");
    assert!(matches!(error, TextError::NoPairs { skipped: 1, .. }), "{error}");
    let error = place.text("\u{feff}", skipping()).expect_err("nothing is left");
    assert!(matches!(error, TextError::NoPairs { skipped: 1, .. }), "{error}");
}

#[test]
fn what_is_no_text_is_refused_with_line_and_byte() {
    let place = Place::new();
    let refused = |bytes: &[u8]| place.text(bytes, Reading::default()).expect_err("no text").to_string();
    let message = refused(b"fine\nna\xefve\n");
    assert!(message.contains("a.txt, line 2: byte 3 of the line is not UTF-8"), "{message}");
    let message = refused(b"\xff\xfea\0");
    assert!(message.contains("line 1: byte 1 of the line is not UTF-8"), "{message}");
    let message = refused(b"a\0b\0\n\0");
    assert!(message.contains("line 1: byte 2 of the line is NUL"), "{message}");
    let message = refused("a\nb\ncut \u{e4}".as_bytes().split_last().expect("it has bytes").1);
    assert!(message.contains("line 3: byte 5 of the line is not UTF-8"), "{message}");
}

#[test]
fn damaged_gzip_is_told_from_truncated_gzip() {
    let place = Place::new();
    let whole = packed("a line\n".repeat(1000).as_bytes());
    for length in 2..whole.len() {
        let error = place.text(&whole[..length], Reading::default()).expect_err("cut off");
        assert!(matches!(error, TextError::TruncatedGzip { .. }), "{length}: {error}");
    }
    let error = place.text(b"\x1f\x8bthis is none", Reading::default()).expect_err("no gzip");
    assert!(matches!(error, TextError::NotGzip { line: 0, .. }), "{error}");
    let mut wrong = whole.clone();
    let checksum = wrong.len() - 6;
    wrong[checksum] ^= 1;
    let error = place.text(&wrong, Reading::default()).expect_err("a wrong checksum");
    assert!(matches!(error, TextError::NotGzip { line: 1000, .. }), "{error}");
    let mut followed = whole;
    followed.extend(b"something else");
    let error = place.text(&followed, Reading::default()).expect_err("something follows");
    assert!(matches!(error, TextError::NotGzip { line: 1000, .. }), "{error}");
}

#[test]
fn a_line_may_have_as_many_characters_as_the_limit_whatever_their_bytes() {
    let place = Place::new();
    for end in ["", "\n", "\r\n"] {
        for character in ["a", "ä", "字", "🙂"] {
            let fits = format!("\u{feff}{}{end}", character.repeat(10));
            assert!(place.text(&fits, limited(10, 1000)).is_ok(), "{character}");
            let long = format!("ok\n{}{end}", character.repeat(11));
            let error = place.text(&long, limited(10, 1000)).expect_err("too long");
            assert!(matches!(error, TextError::LongLine { line: 2, limit: 10, .. }), "{error}");
        }
    }
}

#[test]
fn an_enormous_line_is_refused_without_being_read() {
    let place = Place::new();
    // A file with a hole: it has two billion bytes, and takes no room.
    let path = place.file("hole", b"a\n");
    let file = std::fs::File::options().write(true).open(&path).expect("writable");
    file.set_len(1_999_999_999).expect("a file with a hole");
    let start = std::time::Instant::now();
    let error = read_pairs(&path, &path, Reading::default()).expect_err("one line");
    assert!(matches!(error, TextError::LongLine { line: 2, .. }), "{error}");
    assert!(start.elapsed().as_secs() < 5, "it must not be read whole");
    file.set_len(2_000_000_001).expect("a file with a hole");
    let error = read_pairs(&path, &path, Reading::default()).expect_err("too large");
    assert!(matches!(error, TextError::LargeFile { bytes: 2_000_000_001, .. }), "{error}");
}

#[test]
fn a_gzip_bomb_is_refused_at_the_limit_of_what_it_unpacks_to() {
    let place = Place::new();
    let bomb = packed("a line of text\n".repeat(100_000).as_bytes());
    assert!(bomb.len() < 15_000, "it is packed small");
    let error = place.text(&bomb, limited(100, 15_000)).expect_err("it unpacks to 1.5 MB");
    assert!(matches!(error, TextError::LargeText { line: 1001, limit: 15_000, .. }), "{error}");
    assert!(place.text(&bomb, limited(100, 1_500_000)).is_ok(), "just small enough");
    let error = place.text(packed(&[b'a'; 1_000_000]), Reading::default()).expect_err("one line");
    assert!(matches!(error, TextError::LongLine { line: 1, .. }), "{error}");
}

#[test]
fn more_lines_than_the_limit_are_refused_even_if_they_would_be_skipped() {
    let place = Place::new();
    let reading = Reading { limits: Limits { lines: 3, ..Limits::default() }, ..skipping() };
    assert!(place.text("a\n\nb", reading).is_ok());
    let message = place.text("a\n\n\n\n", reading).expect_err("four lines").to_string();
    assert!(message.contains("a.txt has more than 3 lines"), "{message}");
}

#[test]
fn what_cannot_be_read_is_named() {
    let place = Place::new();
    let fine = place.file("fine", "a\n");
    let missing = place.folder.path().join("missing");
    for (source, target) in [(&fine, &missing), (&missing, &fine)] {
        let message = read_pairs(source, target, Reading::default()).expect_err("missing").to_string();
        assert!(message.starts_with("cannot read") && message.contains("missing"), "{message}");
    }
    let error =
        read_pairs(place.folder.path(), place.folder.path(), Reading::default()).expect_err("a folder");
    assert!(matches!(error, TextError::Read { .. }), "{error}");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn what_is_written_is_read_again(
        pairs in prop::collection::vec(("[a-zäß字🙂 .]{0,20}[a-z]", "[a-z]\\PC{0,20}"), 1..30),
        pack: bool,
        carriage: bool,
        last: bool,
    ) {
        let place = Place::new();
        let end = if carriage { "\r\n" } else { "\n" };
        let joined = |lines: Vec<&str>| lines.join(end) + if last { end } else { "" };
        let source = joined(pairs.iter().map(|pair| pair.0.as_str()).collect()).into_bytes();
        let target = joined(pairs.iter().map(|pair| pair.1.as_str()).collect()).into_bytes();
        let source = if pack { packed(&source) } else { source };
        let read = place.pairs(source, target, Reading::default()).expect("written so");
        prop_assert_eq!(lines(&read.source), pairs.iter().map(|pair| pair.0.as_str()).collect::<Vec<_>>());
        prop_assert_eq!(lines(&read.target), pairs.iter().map(|pair| pair.1.as_str()).collect::<Vec<_>>());
    }

    #[test]
    fn random_bytes_never_panic(mut bytes in prop::collection::vec(any::<u8>(), 0..300), gzip: bool, skip: bool) {
        if gzip {
            bytes.splice(0..0, packed(b"a\nb\n")[..10].iter().copied());
        }
        let empty = if skip { Empty::Skip } else { Empty::Refuse };
        if let Ok(text) = Place::new().text(bytes, Reading { empty, ..limited(50, 200) }) {
            prop_assert!(text.source.iter().all(|line| !line.trim().is_empty()));
        }
    }
}

#[test]
fn lines_of_one_language_are_read_as_those_of_pairs_are() {
    let place = Place::new();
    let skipping = Reading { empty: Empty::Skip, ..Reading::default() };
    let read = |bytes: &[u8], reading: Reading| read_sentences(&place.file("a.txt", bytes), reading);
    let text = "\u{feff}eins zwei\r\n\ndrei".as_bytes();
    for bytes in [text.to_vec(), packed(text)] {
        let found = read(&bytes, skipping).expect("whole");
        assert_eq!((found.lines.iter().collect::<Vec<_>>(), found.skipped), (vec!["eins zwei", "drei"], 1));
        assert!(matches!(read(&bytes, Reading::default()), Err(TextError::EmptyLine { line: 2, .. })));
    }
    assert!(matches!(read(b"", skipping), Err(TextError::NoLines { skipped: 0, .. })));
    assert!(matches!(read(b"\n \n", skipping), Err(TextError::NoLines { skipped: 2, .. })));
    assert!(matches!(read(b"a\n\xff\n", skipping), Err(TextError::NotUtf8 { line: 2, byte: 1, .. })));
    assert!(matches!(read(&[b'a'; 10_001], skipping), Err(TextError::LongLine { line: 1, .. })));
}
