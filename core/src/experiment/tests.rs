//! Specification, TOML and link together, on a lab that has a field of every kind, and on the standard labs.

#![allow(clippy::unwrap_used)]

mod cases;

use std::collections::BTreeSet;

use super::specification::LARGEST_SEED;
use super::{Checked, Experiment, Field, Kind, Lab, Link, Paper, Plan, Preset, Registry, Showing, Value};
use crate::rng::{Stream, Streams};
use crate::{Error, Result};

struct TestLab;

const ACTIVATIONS: &[&str] = &["relu", "gelu", "layer-wise"];

static FIELDS: [Field; 9] = [
    field("supernet.experts", Kind::Integer { min: 1, max: 8 }, || 2.into()),
    field("supernet.router.temperature", Kind::Number { min: -2.0, max: 1e6 }, || 1.0.into()),
    field("supernet.shared", Kind::Flag, || true.into()),
    field("supernet.activation", Kind::Choice(ACTIVATIONS), || "relu".into()),
    field("space.widths", Kind::IntegerList { min: -9, max: 512, min_length: 0, max_length: 5 }, || {
        [8, 24].into()
    }),
    field("rates", Kind::NumberList { min: 0.0, max: 1.0, min_length: 1, max_length: 3 }, || [1e-7].into()),
    field("methods", Kind::ChoiceList { options: ACTIVATIONS, min_length: 1, max_length: 4 }, || {
        ["relu"].into()
    }),
    field("seeds", Kind::Integer { min: i64::MIN, max: i64::MAX }, || 3.into()),
    field("tiny", Kind::Number { min: f64::MIN, max: f64::MAX }, || 0.1.into()),
];

static PRESETS: [Preset; 2] = [
    Preset { name: "mos-digits", summary: "All defaults.", duration: "1 minute", values: Vec::new },
    Preset {
        name: "mos-t1",
        summary: "Some fields set,\nin two lines.",
        duration: "8 minutes",
        values: || vec![("supernet.experts", 4.into()), ("space.widths", Value::List(Vec::new()))],
    },
];

const fn field(key: &'static str, kind: Kind, default: fn() -> Value) -> Field {
    Field { key, label: "Label", help: "Help = \"quoted\",\nin two lines.", unit: "steps", kind, default }
}

impl Lab for TestLab {
    fn name(&self) -> &'static str {
        "test"
    }

    fn paper(&self) -> Paper {
        Paper { title: "", reference: "", claim: "" }
    }

    fn fields(&self) -> &'static [Field] {
        &FIELDS
    }

    fn presets(&self) -> &'static [Preset] {
        &PRESETS
    }

    fn plan(&self, _: &Checked, _: Option<&crate::data::OwnData>) -> Result<Box<dyn Plan>> {
        Err(Error::MalformedSpecification { problem: "the test lab has no plan".to_owned() })
    }
}

fn registry() -> Registry {
    static LABS: [&dyn Lab; 1] = [&TestLab];
    Registry::new(&LABS)
}

fn draw_integer(stream: &mut Stream, min: i64, max: i64) -> i64 {
    match stream.below(4) {
        0 => min,
        1 => max,
        _ => {
            let span = (i128::from(max) - i128::from(min) + 1) as u128;
            (i128::from(min) + (u128::from(stream.next_u64()) % span) as i128) as i64
        }
    }
}

fn draw_number(stream: &mut Stream, min: f64, max: f64) -> f64 {
    let any = f64::from_bits(stream.next_u64());
    match stream.below(5) {
        0 => min,
        1 => max,
        2 if any.is_finite() && (min..=max).contains(&any) => any,
        3 if min <= 0.0 => 0.0,
        _ => min + (max / 2.0 - min / 2.0) * stream.unit(),
    }
}

fn draw(stream: &mut Stream, kind: &Kind) -> Value {
    if let Some((item, min, max)) = kind.items() {
        let length = min + stream.below(max.min(12) - min + 1);
        return Value::List((0..length).map(|_| draw(stream, &item)).collect());
    }
    match *kind {
        Kind::Integer { min, max } => Value::Integer(draw_integer(stream, min, max)),
        Kind::Number { min, max } => Value::Number(draw_number(stream, min, max)),
        Kind::Choice(options) => Value::Text(options[stream.below(options.len())].to_owned()),
        _ => Value::Flag(stream.below(2) == 1),
    }
}

/// A random valid experiment; some of its overrides may equal the preset.
fn draw_experiment(stream: &mut Stream, registry: &Registry) -> Experiment {
    let presets: Vec<_> = registry.presets().collect();
    let (lab, preset) = presets[stream.below(presets.len())];
    let mut experiment = Experiment::new(preset.name);
    for field in lab.fields() {
        if stream.below(3) == 0 {
            experiment.overrides.insert(field.key.to_owned(), draw(stream, &field.kind));
        }
    }
    experiment.seed = match stream.below(4) {
        0 => 0,
        1 => LARGEST_SEED,
        _ => stream.next_u64() % (LARGEST_SEED + 1),
    };
    experiment
}

fn draw_link(stream: &mut Stream, registry: &Registry) -> Link {
    let checked = registry.check(&draw_experiment(stream, registry)).unwrap();
    let until = (stream.below(2) == 0).then(|| stream.next_u64() % (LARGEST_SEED + 1));
    let ui = (stream.below(2) == 0).then_some("lesson:2,hide-all_x");
    let digest = (stream.below(2) == 0).then_some("0123456789abcdef");
    let build = (stream.below(2) == 0).then_some("00c0ffee");
    registry.link(&checked, Showing { until, ui, digest, build, versus: None }).unwrap()
}

fn round_trip_10_000(registry: &Registry, name: &str) {
    let mut stream = Streams::new(1).stream(name);
    for _ in 0..10_000 {
        let checked = registry.check(&draw_experiment(&mut stream, registry)).unwrap();
        assert_eq!(registry.check(checked.experiment()).unwrap(), checked, "the normal form means the same");

        let link = registry.link(&checked, Showing::default()).unwrap();
        let read = Link::parse(registry, &link.url("https://example.org/play/")).unwrap();
        assert_eq!(read, link);
        assert_eq!(registry.check(&read.experiment).unwrap(), checked);

        let toml = checked.to_toml();
        let read = registry.parse_toml(&toml).unwrap_or_else(|error| panic!("{error} in\n{toml}"));
        assert_eq!(registry.check(&read).unwrap(), checked);

        let json = serde_json::to_string(checked.experiment()).unwrap();
        let read: Experiment = serde_json::from_str(&json).unwrap();
        assert_eq!(registry.check(&read).unwrap(), checked);
    }
}

#[test]
fn ten_thousand_specifications_survive_link_and_toml_and_json() {
    round_trip_10_000(&registry(), "test-lab");
}

#[test]
fn ten_thousand_specifications_of_the_standard_labs_survive_too() {
    let registry = Registry::standard();
    registry.audit().unwrap();
    round_trip_10_000(&registry, "standard");
}

/// Changes one thing of a fragment: a byte, a part, an order.
fn mutate(stream: &mut Stream, fragment: &str) -> String {
    const PIECES: [&str; 16] =
        ["&", "=", "%", "#", "%zz", "%ff", "%2C", ",", "-", "1e999", "nan", "é", "&seed=1", "0", " ", "9"];
    let mut parts: Vec<&str> = fragment.trim_start_matches('#').split('&').collect();
    match stream.below(5) {
        0 => stream.shuffle(&mut parts),
        1 => parts.push(parts[stream.below(parts.len())]),
        2 => {
            parts.remove(stream.below(parts.len()));
        }
        _ => {}
    }
    let mut text = parts.join("&");
    for _ in 0..stream.below(3) {
        let at = (0..=text.len()).filter(|at| text.is_char_boundary(*at)).collect::<Vec<_>>();
        let at = at[stream.below(at.len())];
        if stream.below(2) == 0 {
            text.insert_str(at, PIECES[stream.below(PIECES.len())]);
        } else if at < text.len() {
            text.remove(at);
        }
    }
    text
}

/// What stands after the first `#`, or everything.
fn fragment_of(text: &str) -> &str {
    let text = text.trim();
    text.split_once('#').map_or(text, |(_, fragment)| fragment)
}

/// Reads `%XX` on its own, in another way than the codec does.
fn decode(text: &str) -> String {
    let mut bytes = Vec::new();
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        let hexadecimal = |byte: Option<u8>| char::from(byte.unwrap()).to_digit(16).unwrap() as u8;
        bytes.push(if byte == b'%' {
            16 * hexadecimal(rest.next()) + hexadecimal(rest.next())
        } else {
            byte
        });
    }
    String::from_utf8(bytes).unwrap()
}

fn assert_means_what_it_says(registry: &Registry, text: &str, link: &Link) {
    let checked = registry.check(&link.experiment).unwrap();
    assert_eq!(checked.experiment(), &link.experiment, "{text}");
    assert_eq!(&Link::parse(registry, &link.fragment()).unwrap(), link, "{text}");
    let fragment = fragment_of(text);
    let mut named = BTreeSet::new();
    for part in fragment.split('&') {
        let (key, value) = part.split_once('=').unwrap();
        let (key, value) = (decode(key), decode(value));
        let number = |value: &str| value.trim().parse::<u64>().ok();
        match key.as_str() {
            "v" => assert_eq!(value, "1"),
            "run" => assert_eq!(value, link.experiment.preset),
            "seed" => assert_eq!(number(&value), Some(link.experiment.seed)),
            "t" => assert_eq!(number(&value), link.until),
            "ui" => assert_eq!(Some(&value), link.ui.as_ref()),
            "digest" => assert_eq!(Some(&value), link.digest.as_ref()),
            "build" => assert_eq!(Some(&value), link.build.as_ref()),
            _ => {
                let field = checked.lab().fields().iter().find(|field| field.key == key).unwrap();
                assert_eq!(&field.parse(&value).unwrap(), checked.value(&key).unwrap(), "{text}");
            }
        }
        assert!(named.insert(key), "{text} names a key twice");
    }
    assert!(link.experiment.overrides.keys().all(|key| named.contains(key)), "{text}");
    assert!(link.experiment.seed == 0 || named.contains("seed"), "{text}");
}

fn assert_names_its_cause(text: &str, error: &Error) {
    let message = error.to_string();
    match error {
        Error::UnknownKey { key, .. }
        | Error::DuplicateKey { key }
        | Error::WrongType { key, .. }
        | Error::OutOfRange { key, .. } => {
            let fragment = fragment_of(text);
            let keys: Vec<_> = fragment.split('&').filter_map(|part| part.split_once('=')).collect();
            assert!(keys.iter().any(|(written, _)| decode(written) == *key), "{text}: {message}");
            assert!(message.contains(key.as_str()));
        }
        Error::UnknownName { kind: "preset", name, .. } => assert!(message.contains(name.as_str())),
        Error::LinkVersion { .. } => assert!(message.contains("version")),
        Error::MalformedLink { problem } => {
            assert!(problem.contains('`') || problem.contains("characters") || problem.contains("no `#`"))
        }
        other => panic!("{text}: {other:?} is no error of a link"),
    }
}

#[test]
fn a_hundred_thousand_random_fragments_are_accepted_exactly_or_refused_by_name() {
    let registry = registry();
    let mut stream = Streams::new(2).stream("fragments");
    let (mut accepted, mut refused) = (0, 0);
    for round in 0..100_000 {
        let text = if round % 4 == 0 {
            let bytes: Vec<u8> = (0..stream.below(60)).map(|_| stream.next_u64() as u8).collect();
            let prefix = ["", "#", "v=1&", "#v=1&run=mos-t1&", "v=1&run=mos-digits&rates="][stream.below(5)];
            format!("{prefix}{}", String::from_utf8_lossy(&bytes))
        } else {
            let fragment = draw_link(&mut stream, &registry).fragment();
            mutate(&mut stream, &fragment)
        };
        match Link::parse(&registry, &text) {
            Ok(link) => {
                assert_means_what_it_says(&registry, &text, &link);
                accepted += 1;
            }
            Err(error) => {
                assert_names_its_cause(&text, &error);
                refused += 1;
            }
        }
    }
    assert!(accepted > 10_000 && refused > 10_000, "{accepted} accepted, {refused} refused");
}
