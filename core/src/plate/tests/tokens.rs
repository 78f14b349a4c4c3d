//! The colours keep their contrast in both themes, and the style sheet and the shades agree.

use std::collections::BTreeMap;

use crate::plate::palette::{DARK, LIGHT, OPACITIES, contrast};
use crate::plate::svg::{STYLE, plate_style};

/// The tokens of both themes, read from the style sheet.
fn themes() -> [BTreeMap<String, String>; 2] {
    let tokens = STYLE.split("/* === plates === */").next().unwrap();
    let parts: Vec<&str> = tokens.split("@media").collect();
    let [light, dark, switched] = parts[..] else { panic!("a theme of its own: {}", parts.len()) };
    let read = |text: &str| {
        let lines = text
            .lines()
            .filter_map(|line| line.trim().strip_prefix("--")?.strip_suffix(';')?.split_once(": "));
        lines
            .filter(|(_, value)| value.starts_with('#'))
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .collect()
    };
    assert_eq!(read(dark), read(switched), "the switch and the system choose different colours");
    [read(light), read(dark)]
}

#[test]
fn both_themes_name_the_same_colours() {
    let [light, dark] = themes();
    assert!(light.keys().eq(dark.keys()));
    assert_eq!(light.len(), 22);
}

#[test]
fn slots_and_lines_stand_out_three_to_one_and_text_four_and_a_half() {
    for theme in themes() {
        for ground in ["paper", "box"] {
            for text in ["ink", "muted", "link", "good", "warn", "bad"] {
                let ratio = contrast(&theme[text], &theme[ground]);
                assert!(ratio >= 4.5, "{text} on {ground}: {ratio:.2}");
            }
        }
        let slots = (0..8).map(|slot| format!("expert-{slot}"));
        for mark in slots.chain(["edge", "focus", "quantity", "below", "above"].map(str::to_owned)) {
            let ratio = contrast(&theme[&mark], &theme["paper"]);
            assert!(ratio >= 3.0, "{mark}: {ratio:.2}");
        }
    }
}

#[test]
fn shades_are_computed_from_the_tokens_of_the_style_sheet() {
    for (tokens, theme) in themes().iter().zip([LIGHT, DARK]) {
        let read = ["paper", "quantity", "below", "above"].map(|name| tokens[name].as_str());
        assert_eq!(read, [theme.paper, theme.quantity, theme.below, theme.above]);
    }
}

#[test]
fn a_single_picture_carries_only_its_part_of_the_style() {
    assert!(plate_style().contains(".plate .shade") && !plate_style().contains("body"));
}

#[test]
fn cells_are_as_opaque_in_the_style_sheet_as_in_the_palette() {
    for (level, opacity) in OPACITIES.iter().enumerate() {
        let text = opacity.to_string();
        let rule = format!(".plate .l{level} {{ fill-opacity: {}; }}", text.trim_start_matches('0'));
        assert!(STYLE.contains(&rule), "{rule}");
    }
}
