//! Pictures and reports are well-formed, escaped, self-contained and in order.

use std::collections::BTreeSet;

use super::{samples, stress};
use crate::experiment::Event;
use crate::plate::report::{html, sections};
use crate::plate::{Plate, Record, svg};

/// Elements of HTML without an end.
const VOID: [&str; 2] = ["meta", "br"];

/// Names of all elements in order; panics at the first fault: an unclosed or crossed element, an unquoted or
/// repeated attribute, a bare `<` or `&`, an id used twice, a reference to no id.
fn checked(text: &str) -> Vec<String> {
    let (mut open, mut names) = (Vec::<String>::new(), Vec::new());
    let (mut ids, mut references) = (BTreeSet::new(), Vec::new());
    let mut rest = text.strip_prefix("<!DOCTYPE html>\n").unwrap_or(text);
    while let Some(start) = rest.find('<') {
        let raw = open.last().is_some_and(|name| name == "style");
        check_entities(if raw { "" } else { &rest[..start] });
        let end = start + rest[start..].find('>').expect("an element ends");
        let inside = &rest[start + 1..end];
        rest = &rest[end + 1..];
        if let Some(name) = inside.strip_prefix('/') {
            assert_eq!(open.pop().as_deref(), Some(name), "crossed elements near {inside}");
            continue;
        }
        let closed = inside.ends_with('/');
        let inside = inside.trim_end_matches('/');
        let (name, attributes) = inside.split_once([' ', '\n']).unwrap_or((inside, ""));
        assert!(name.chars().all(|letter| letter.is_ascii_alphanumeric()), "element `{name}`");
        names.push(name.to_owned());
        for (key, value) in attributes_of(attributes) {
            check_entities(&value);
            if key == "id" {
                assert!(ids.insert(value.clone()), "id {value} is used twice");
            } else if key == "aria-labelledby" {
                references.extend(value.split(' ').map(str::to_owned));
            }
        }
        if !closed && !VOID.contains(&name) {
            open.push(name.to_owned());
        }
    }
    assert!(open.is_empty(), "never closed: {open:?}");
    assert!(references.iter().all(|reference| ids.contains(reference)), "{references:?}");
    names
}

fn attributes_of(mut text: &str) -> Vec<(String, String)> {
    let mut found: Vec<(String, String)> = Vec::new();
    while !text.trim().is_empty() {
        let (key, rest) = text.trim_start().split_once("=\"").expect("attributes are quoted");
        let (value, rest) = rest.split_once('"').expect("quotes end");
        assert!(found.iter().all(|(other, _)| other != key), "attribute {key} is repeated");
        found.push((key.to_owned(), value.to_owned()));
        text = rest;
    }
    found
}

fn check_entities(text: &str) {
    assert!(!text.chars().any(|letter| letter.is_control() && !letter.is_whitespace()), "{text:?}");
    for (place, _) in text.match_indices('&') {
        let entity = text[place + 1..].split_once(';').expect("entities end").0;
        assert!(["amp", "lt", "gt", "quot", "#39", "#160"].contains(&entity), "&{entity};");
    }
}

fn hostile_record() -> Record {
    let mut record = samples::record();
    let text = stress::HOSTILE.to_owned();
    for field in [&mut record.title, &mut record.experiment_toml, &mut record.link, &mut record.command] {
        *field = text.clone();
    }
    record.environment.insert(text.clone(), text.clone());
    record.events = stress::plates().into_iter().map(|plate| Event::Plate { plate }).collect();
    record.events.push(Event::Warning { text });
    record.events.extend(samples::verdicts().into_iter().map(|mut verdict| {
        verdict.name = stress::HOSTILE.to_owned();
        verdict.mean = f64::NAN;
        Event::Verdict { verdict }
    }));
    record
}

#[test]
fn every_picture_is_well_formed_and_described() {
    let plates = samples::plates().into_iter().map(|(_, plate)| plate).chain(stress::plates());
    for plate in plates {
        let names = checked(&svg::file(&plate.scene()));
        assert_eq!(&names[..3], ["svg", "title", "desc"]);
        checked(&svg::element(&plate.scene_at(288.0), stress::HOSTILE));
    }
}

#[test]
fn every_report_is_well_formed() {
    for record in [samples::record(), samples::empty_record(), hostile_record(), Record::default()] {
        checked(&html(&record));
    }
}

#[test]
fn a_run_that_goes_on_has_the_sections_of_its_report_and_no_verdict_yet() {
    let record = samples::record();
    let whole = html(&record);
    let parts = sections(&record);
    checked(&format!("<main>{parts}</main>"));
    let verdicts = parts.find("<section").expect("there are sections");
    let after_lead = parts[verdicts..].trim_end();
    assert!(whole.contains(after_lead), "the report of a complete run has the same sections");
    let empty = sections(&Record { events: Vec::new(), ..record });
    assert!(empty.contains("No verdict yet") && !empty.contains("Resume it"));
}

#[test]
fn names_in_backticks_are_code_and_never_markup() {
    let page = |text: &str| {
        let events = vec![Event::Warning { text: text.to_owned() }];
        html(&Record { events, ..Record::default() })
    };
    assert!(
        page("Take `--seed <N>`, or `k`.")
            .contains("<li>Take <code>--seed &lt;N&gt;</code>, or <code>k</code>.</li>")
    );
    assert!(page("A lone ` stays.").contains("<li>A lone ` stays.</li>"));
}

#[test]
fn hostile_names_are_shown_and_never_run() {
    let page = html(&hostile_record());
    assert!(!page.contains("<b a") && !page.contains("</text> "));
    assert!(page.contains("&lt;b a=&quot;1&quot; c=&#39;2&#39;&gt;&amp;amp;"));
    assert!(!page.contains("href=\"javascript:"));
    let record = Record { link: "javascript:alert(1)".to_owned(), ..Record::default() };
    assert!(html(&record).contains("<code>javascript:alert(1)</code>"));
}

#[test]
fn a_report_needs_no_script_and_no_network() {
    let mut page = html(&samples::record());
    for allowed in ["http://www.w3.org/2000/svg", "https://switchyard.example/"] {
        page = page.replace(allowed, "");
    }
    for forbidden in [
        "http://",
        "https://",
        "<script",
        "<link",
        "<img",
        "<iframe",
        "@import",
        " src=",
        " onload=",
        " onclick=",
    ] {
        assert!(!page.contains(forbidden), "{forbidden}");
    }
    for address in page.match_indices("url(").map(|(place, _)| &page[place..]) {
        assert!(address.starts_with("url(#"), "{}", &address[..40]);
    }
}

#[test]
fn a_report_reads_from_the_verdict_to_the_specification() {
    let page = html(&samples::record());
    let places: Vec<usize> = [
        "<h1>Mixture-of-Supernets on digits</h1>",
        "id=\"verdicts\"",
        "<h4>The claim</h4>",
        "<h4>Our measure</h4>",
        "id=\"warnings\"",
        "id=\"plates\"",
        "<figure>",
        "<details>",
        "id=\"tables\"",
        "id=\"specification\"",
        "preset = &quot;mos-digits&quot;",
        "run=mos-digits&amp;supernet.experts=2",
        "switchyard run mos-digits",
        "backend",
    ]
    .into_iter()
    .map(|text| page.find(text).unwrap_or_else(|| panic!("the report lacks {text}")))
    .collect();
    assert!(places.is_sorted(), "{places:?}");
    // A verdict that is also a plate is shown once.
    assert_eq!(page.matches("<h4>Our measure</h4>").count(), 3);
    // All plates but the table, which has its own section, and the verdict.
    let pictures = samples::plates().len() - 2;
    assert_eq!(page.matches("<figure>").count(), pictures);
    assert_eq!(page.matches("<details>").count(), pictures);
    assert_eq!(page.matches("data:text/csv").count(), pictures + 1);
}

#[test]
fn a_report_can_be_used_without_sight_or_mouse() {
    let page = html(&samples::record());
    let names = checked(&page);
    let levels: Vec<usize> =
        names.iter().filter_map(|name| name.strip_prefix('h').and_then(|level| level.parse().ok())).collect();
    assert_eq!(levels[0], 1);
    assert_eq!(levels.iter().filter(|level| **level == 1).count(), 1);
    assert!(levels.windows(2).all(|pair| pair[1] <= pair[0] + 1), "{levels:?}");
    assert!(page.contains("<html lang=\"en\">") && page.contains("class=\"skip\" href=\"#content\""));
    assert_eq!(
        page.matches("<th").count() - page.matches("<thead").count(),
        page.matches("<th scope=").count()
    );
    assert_eq!(
        page.matches("class=\"scroll\"").count(),
        page.matches("tabindex=\"0\" aria-label=\"Table: ").count()
    );
    assert_eq!(page.matches("<table>").count(), page.matches("class=\"scroll\"").count());
}

#[test]
fn an_unfinished_run_says_so() {
    let page = html(&samples::empty_record());
    assert!(page.contains("No verdict: this run has not come to its end."));
    assert!(page.contains("A run that stopped &lt;early&gt;") && !page.contains("id=\"plates\""));
}

#[test]
fn a_plate_of_a_verdict_without_its_event_is_a_picture() {
    let mut record = samples::record();
    record.events.retain(|event| !matches!(event, Event::Verdict { .. }));
    assert_eq!(html(&record).matches("<figure>").count(), samples::plates().len() - 1);
    assert!(record.events.iter().any(|event| matches!(event, Event::Plate { plate: Plate::Verdict(_) })));
}
