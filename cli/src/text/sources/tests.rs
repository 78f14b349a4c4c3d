//! The table's own order, and copies in every state. No published file is needed.

use std::collections::BTreeSet;

use super::*;

const ABC: DataFile = DataFile {
    name: "set/abc.txt",
    address: "https://example.org/abc.txt",
    checksum: Checksum::Known {
        bytes: 3,
        sha256: "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
    },
};

#[test]
fn names_are_unique_and_checksums_are_checksums() {
    let names: BTreeSet<&str> = SETS.iter().map(|set| set.name).collect();
    let files: Vec<&DataFile> = SETS.iter().flat_map(|set| set.files).collect();
    let places: BTreeSet<&str> = files.iter().map(|file| file.name).collect();
    assert_eq!((names.len(), places.len()), (SETS.len(), files.len()));
    for set in SETS {
        assert!(![set.what, set.licence, set.then].contains(&"") && !set.files.is_empty(), "{}", set.name);
        assert_eq!(find(set.name), Some(set));
    }
    for file in files {
        assert!(file.address.starts_with("http"), "{}", file.address);
        assert!(!file.name.contains("..") && !file.name.starts_with('/'), "{}", file.name);
        match file.checksum {
            Checksum::Known { bytes, sha256 } => {
                let digits = |digit: char| digit.is_ascii_digit() || ('a'..='f').contains(&digit);
                assert!(bytes > 0 && sha256.len() == 64 && sha256.chars().all(digits), "{}", file.name);
            }
            Checksum::None(reason) => assert!(!reason.is_empty(), "{}", file.name),
        }
    }
    assert_eq!(find("multi31k"), None);
}

#[test]
fn every_state_of_a_copy_is_told_with_what_to_do() {
    let place = tempfile::tempdir().expect("a temporary directory");
    let told = |file: &DataFile| {
        let state = file.state(place.path()).expect("readable or missing");
        let advice = file.advice(place.path(), &state);
        (state, advice)
    };
    let (state, advice) = told(&ABC);
    assert_eq!(state, State::Missing);
    assert!(advice.ends_with("abc.txt is missing: download https://example.org/abc.txt and save it there"));
    let path = place.path().join(ABC.name);
    std::fs::create_dir(place.path().join("set")).expect("writable");
    std::fs::write(&path, "ab").expect("writable");
    let (state, advice) = told(&ABC);
    assert_eq!(state, State::WrongSize { found: 2, published: 3 });
    assert!(advice.contains("has 2 bytes instead of 3: delete it, and download"), "{advice}");
    std::fs::write(&path, "abd").expect("writable");
    let (state, advice) = told(&ABC);
    assert!(
        matches!(state, State::WrongChecksum { .. }) && advice.contains("but its SHA-256 is"),
        "{advice}"
    );
    let unchecked = DataFile { checksum: Checksum::None("nobody knows"), ..ABC };
    let (state, advice) = told(&unchecked);
    assert!(matches!(state, State::Unchecked { bytes: 3, .. }), "{advice}");
    assert!(
        advice.contains("(3 bytes, SHA-256 ") && advice.ends_with("not checked: nobody knows"),
        "{advice}"
    );
    std::fs::write(&path, "abc").expect("writable");
    let (state, advice) = told(&ABC);
    assert!(state == State::Good && advice.ends_with("is the published file"), "{advice}");
    const FILES: &[DataFile] = &[ABC];
    let set = DataSet { name: "abc", what: "letters", licence: "none", files: FILES, then: "nothing" };
    assert_eq!(set.states(place.path()).expect("readable"), [(State::Good, advice)]);
}

#[test]
fn a_copy_that_cannot_be_read_is_an_error() {
    let place = tempfile::tempdir().expect("a temporary directory");
    std::fs::create_dir_all(place.path().join(ABC.name)).expect("writable");
    let folder = DataFile { checksum: Checksum::None("it is a folder"), ..ABC };
    assert!(matches!(folder.state(place.path()), Err(TextError::Read { .. })));
}
