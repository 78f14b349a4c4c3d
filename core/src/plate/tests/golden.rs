//! The pictures as they were last looked at. `UPDATE_GOLDEN=1 cargo test plate` writes them anew.

use std::path::PathBuf;

use super::samples;
use crate::plate::{PHONE_WIDTH, Plate, svg};

/// Every plate on a sheet, and those about routing on a phone too: there they are arranged otherwise.
fn pictures() -> Vec<(String, String)> {
    let mut pictures = Vec::new();
    for (name, plate) in samples::plates() {
        pictures.push((name.to_owned(), svg::file(&plate.scene())));
        let rearranged =
            matches!(plate, Plate::Field(_) | Plate::Network(_) | Plate::TokenStrip(_) | Plate::Flow(_));
        if rearranged {
            pictures.push((format!("{name}-phone"), svg::file(&plate.scene_at(PHONE_WIDTH))));
        }
    }
    pictures
}

#[test]
fn every_plate_looks_as_it_did() {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("src/plate/golden");
    let update = std::env::var("UPDATE_GOLDEN").is_ok_and(|value| value == "1");
    let mut changed = Vec::new();
    for (name, drawn) in pictures() {
        let path = folder.join(format!("{name}.svg"));
        if update {
            std::fs::write(&path, &drawn).unwrap();
        }
        // A checkout may have turned line ends.
        let golden = std::fs::read_to_string(&path).unwrap_or_default().replace("\r\n", "\n");
        if golden != drawn {
            changed.push(name);
        }
    }
    assert!(changed.is_empty(), "look at {changed:?}, then run again with UPDATE_GOLDEN=1");
}

#[test]
fn the_same_plate_is_drawn_the_same_twice() {
    for ((_, first), (_, second)) in samples::plates().into_iter().zip(samples::plates()) {
        assert_eq!(svg::element(&first.scene(), "a"), svg::element(&second.scene(), "a"));
    }
}
