//! Links that were given out once keep their meaning: `links.txt` is only ever added to.

use std::collections::BTreeMap;

use switchyard::experiment::{Link, Registry};

const GOLDEN: &str = include_str!("../links.txt");

/// Each link with its recorded meaning, key by key.
fn golden() -> Vec<(&'static str, BTreeMap<&'static str, &'static str>)> {
    let mut lines = GOLDEN.lines().filter(|line| !line.starts_with('#') && !line.is_empty());
    let mut links = Vec::new();
    while let Some(line) = lines.next() {
        let link = line.strip_prefix("link ").unwrap_or_else(|| panic!("`{line}` is no `link` line"));
        let meaning = lines.next().and_then(|line| line.strip_prefix("means "));
        let meaning = meaning.unwrap_or_else(|| panic!("`{link}` has no `means` line"));
        let pairs =
            meaning.split(' ').map(|pair| pair.split_once('=').expect("a meaning is made of key=value"));
        links.push((link, pairs.collect()));
    }
    links
}

#[test]
fn every_golden_link_keeps_its_meaning() {
    let registry = Registry::standard();
    for (text, meaning) in golden() {
        let link = Link::parse(&registry, text).unwrap_or_else(|error| panic!("{text}: {error}"));
        let checked = registry.check(&link.experiment).unwrap_or_else(|error| panic!("{text}: {error}"));
        for key in ["t", "ui", "digest", "build"] {
            let found = match key {
                "t" => link.until.map(|step| step.to_string()),
                "ui" => link.ui.clone(),
                "build" => link.build.clone(),
                _ => link.digest.clone(),
            };
            assert_eq!(found.as_deref(), meaning.get(key).copied(), "`{key}` of {text}");
        }
        assert_eq!(meaning.get("run").copied(), Some(checked.preset().name), "`run` of {text}");
        assert_eq!(
            meaning.get("seed").copied(),
            Some(checked.seed().to_string().as_str()),
            "`seed` of {text}"
        );
        let second =
            link.versus.as_ref().map(|versus| registry.check(versus).expect("the second run is valid"));
        let fields =
            meaning.iter().filter(|(key, _)| !["run", "seed", "t", "ui", "digest", "build"].contains(key));
        for (key, value) in fields {
            let found = match key.strip_prefix("versus.") {
                Some(key) => second.as_ref().and_then(|second| second.value(key)),
                None => checked.value(key),
            };
            let found = found.map(ToString::to_string);
            assert_eq!(found.as_deref(), Some(*value), "`{key}` of {text}");
        }
        for key in link.experiment.overrides.keys() {
            assert!(
                meaning.contains_key(key.as_str()),
                "{text} sets `{key}`, which its meaning does not list"
            );
        }
    }
}

#[test]
fn every_golden_link_is_the_same_after_being_written_again() {
    let registry = Registry::standard();
    for (text, _) in golden() {
        let link = Link::parse(&registry, text).unwrap_or_else(|error| panic!("{text}: {error}"));
        let again =
            Link::parse(&registry, &link.url("https://example.org/")).expect("a written link can be read");
        assert_eq!(again, link, "{text}");
    }
}

#[test]
fn no_golden_link_was_taken_away() {
    assert!(golden().len() >= 21, "links.txt holds {} links; lines are only ever added", golden().len());
}
