//! Chosen cases: what each bad link and file is told, and the forms an experiment takes.

use serde::Deserialize;

use super::*;
use crate::experiment::link::{LENGTH_BUDGET, RESERVED};

#[test]
fn a_second_run_is_written_as_what_differs_and_reads_back() {
    let registry = registry();
    let checked = |sets: &[&str]| {
        let mut experiment = Experiment::new("mos-digits");
        for set in sets {
            registry.set(&mut experiment, set).unwrap();
        }
        registry.check(&experiment).unwrap()
    };
    let first = checked(&["supernet.experts=4", "seed=7"]);
    for (second, expected) in [
        (checked(&["supernet.experts=8", "seed=7"]), "&versus.supernet.experts=8"),
        (checked(&["seed=7"]), "&versus.supernet.experts="),
        (checked(&["supernet.experts=4", "seed=9"]), "&versus.seed=9"),
        (first.clone(), "&versus.seed=7"),
    ] {
        let link = registry.link(&first, Showing { versus: Some(&second), ..Showing::default() }).unwrap();
        assert!(link.fragment().contains(expected), "{}", link.fragment());
        assert_eq!(Link::parse(&registry, &link.fragment()).unwrap(), link);
        assert_eq!(link.versus.as_ref(), Some(second.experiment()));
    }
    let error = Link::parse(&registry, "#v=1&run=mos-digits&versus.supernet.expert=4").unwrap_err();
    assert!(error.to_string().contains("supernet.experts"), "{error}");
}

#[test]
fn links_are_written_in_one_order_and_read_in_any() {
    let registry = registry();
    let mut experiment = Experiment::new("mos-digits");
    for assignment in ["supernet.experts=4", "seed = 7", "space.widths = 8, 24,64", "tiny=0.00000010"] {
        registry.set(&mut experiment, assignment).unwrap();
    }
    let checked = registry.check(&experiment).unwrap();
    let link = registry
        .link(
            &checked,
            Showing { until: Some(1200), ui: Some("lesson"), digest: Some("00ff00ff"), ..Showing::default() },
        )
        .unwrap();
    let expected = "#v=1&run=mos-digits&space.widths=8,24,64&supernet.experts=4&tiny=1e-7&seed=7&t=1200&ui=lesson\
                    &digest=00ff00ff";
    assert_eq!(link.fragment(), expected);
    assert_eq!(link.url("https://example.org/#old"), format!("https://example.org/{expected}"));
    let other = " https://example.org/a?b=c#seed=7&v=1&ui=lesson&supernet.experts=4&digest=00ff00ff\
                 &space.widths=8%2c24%2C64&supernet.shared=true&t=1200&run=mos%2Ddigits&tiny=1e-7\n";
    assert_eq!(Link::parse(&registry, other).unwrap(), link);
    assert!(Link::is_link(other) && Link::is_link(expected) && !Link::is_link("mos-digits"));
    assert!(!Link::is_link("runs/#3/experiment.toml"));
}

#[test]
fn every_kind_of_bad_link_names_its_key() {
    let registry = registry();
    let cases = [
        ("", "`v`"),
        ("#", "`v`"),
        ("https://example.org/", "`#`"),
        ("mos-digits#v=1&run=mos-digits", "`mos-digits`"),
        ("#run=mos-digits", "`v`"),
        ("#v=2&whatever", "version 2; this build reads version 1"),
        ("#v=1", "`run`"),
        ("#v=1&run=mos-digit", "did you mean `mos-digits`?"),
        ("#v=1&run=mos-digits&&seed=1", "part 3"),
        ("#v=1&run=mos-digits&seed", "`seed` has no `=`"),
        ("#v=1&run=mos-digits&seed=1&seed=1", "`seed` is given twice"),
        ("#v=1&run=mos-digits&v=1", "`v` is given twice"),
        ("#v=1&run=mos-digits&rates=%", "`rates` has a `%`"),
        ("#v=1&run=mos-digits&rates=%4", "`rates` has a `%`"),
        ("#v=1&run=mos-digits&rates=%f", "`rates` has a `%`"),
        ("#v=1&run=mos-digits&rates=%ff", "`rates` is not UTF-8"),
        ("#v=1&run=mos-digits&supernet.expert=4", "did you mean `supernet.experts`?"),
        (
            "#v=1&run=mos-digits&supernet.experts=9",
            "`supernet.experts` is 9, but must be an integer from 1 to 8",
        ),
        ("#v=1&run=mos-digits&supernet.experts=4.0", "`supernet.experts` must be an integer"),
        ("#v=1&run=mos-digits&supernet.experts=99999999999999999999", "is 99999999999999999999, but must be"),
        ("#v=1&run=mos-digits&supernet.shared=1", "`supernet.shared` must be true or false, not `1`"),
        ("#v=1&run=mos-digits&supernet.activation=gellu", "relu, gelu, layer-wise; did you mean `gelu`?"),
        ("#v=1&run=mos-digits&rates=", "`rates` is a list of 0, but must be a list of 1 to 3 numbers"),
        ("#v=1&run=mos-digits&rates=0.1,nan", "`rates` is NaN"),
        ("#v=1&run=mos-digits&tiny=1e999", "`tiny` is inf"),
        (
            "#v=1&run=mos-digits&seed=9007199254740992",
            "`seed` is 9007199254740992, but must be an integer from 0 to",
        ),
        ("#v=1&run=mos-digits&seed=-1", "`seed` is -1"),
        ("#v=1&run=mos-digits&t=soon", "`t` must be an integer"),
        ("#v=1&run=mos-digits&ui=Lesson", "`ui` is `Lesson`"),
        ("#v=1&run=mos-digits&ui=", "`ui`"),
        ("#v=1&run=mos-digits&digest=00FF00FF", "`digest`"),
        ("#v=1&run=mos-digits&digest=00ff", "`digest`"),
    ];
    for (text, part) in cases {
        let message = Link::parse(&registry, text).unwrap_err().to_string();
        assert!(message.contains(part), "{text}: {message}");
    }
    let long = format!("#v=1&run=mos-digits&seed={}", "0".repeat(LENGTH_BUDGET));
    assert!(Link::parse(&registry, &long).unwrap_err().to_string().contains("at most 8000"));
    let checked = registry.check(&Experiment::new("mos-digits")).unwrap();
    assert!(registry.link(&checked, Showing { until: Some(u64::MAX), ..Showing::default() }).is_err());
    assert!(registry.link(&checked, Showing { ui: Some("A"), ..Showing::default() }).is_err());
    assert!(registry.link(&checked, Showing { digest: Some("xyz"), ..Showing::default() }).is_err());
}

#[test]
fn toml_is_read_as_dotted_keys_or_tables_and_refused_by_name() {
    let registry = registry();
    let text =
        "run = \"mos-t1\"\nseed = 7\nrates = [1, 0.5]\n[supernet]\nexperts = 3\nrouter.temperature = 2\n";
    let checked = registry.check(&registry.parse_toml(text).unwrap()).unwrap();
    assert_eq!(checked.seed(), 7);
    assert_eq!(checked.value("supernet.router.temperature"), Some(&Value::Number(2.0)));
    assert_eq!(checked.value("rates").unwrap().to_string(), "1,0.5");
    assert_eq!(checked.value("space.widths").unwrap().to_string(), "");
    let cases = [
        ("seed = 1", "does not name its preset"),
        ("run = 3", "`run` must be the name"),
        ("run = \"mos-t2\"", "did you mean `mos-t1`?"),
        ("run = \"mos-t1\"\nseed = -1", "`seed` is -1"),
        ("run = \"mos-t1\"\nseed = 9007199254740992", "from 0 to 9007199254740991"),
        ("run = \"mos-t1\"\nseed = \"1\"", "`seed` must be an integer"),
        ("run = \"mos-t1\"\nrun = \"mos-t1\"", "`run` is given twice"),
        ("run = \"mos-t1\"\n[supernet]\nexperts = 1\nexperts = 2", "`experts` is given twice"),
        (
            "run = \"mos-t1\"\nsupernet.experts = 1\n\"supernet.experts\" = 2",
            "`supernet.experts` is given twice",
        ),
        ("run = \"mos-t1\"\n[supernett]\nexperts = 1", "did you mean `supernet.experts`?"),
        ("run = \"mos-t1\"\n[supernett]", "unknown key `supernett`"),
        ("run = \"mos-t1\"\nsupernet = 1", "unknown key `supernet`"),
        ("run = \"mos-t1\"\n[rates]\nx = 1", "unknown key `rates.x`"),
        ("run = \"mos-t1\"\n[rates]", "`rates` must be a list"),
        ("run = \"mos-t1\"\nrates = 1.0", "`rates` must be a list"),
        ("run = \"mos-t1\"\nrates = [inf]", "`rates` is inf"),
        ("run = \"mos-t1\"\nrates = [[1.0]]", "`rates` must be a list"),
        ("run = \"mos-t1\"\nrates = [{ a = 1 }]", "`rates` must be a list"),
        (
            "run = \"mos-t1\"\nsupernet.experts = \"4\"",
            "`supernet.experts` must be an integer from 1 to 8, not `\"4\"`",
        ),
        ("run = \"mos-t1\"\nsupernet.experts = 2000-01-01", "not `2000-01-01`"),
        ("run = \"mos-t1\"\nsupernet.experts = ", "line 2, column"),
        ("\u{0}", "line 1, column"),
    ];
    for (text, part) in cases {
        let message = registry.parse_toml(text).unwrap_err().to_string();
        assert!(message.contains(part), "{text}: {message}");
    }
    for deep in [format!("{}a = 1", "a.".repeat(100_000)), format!("a = {}", "[".repeat(100_000))] {
        assert!(registry.parse_toml(&format!("run = \"mos-t1\"\n{deep}")).is_err());
    }
}

#[test]
fn random_text_is_never_read_as_toml_by_panicking() {
    let registry = registry();
    let mut stream = Streams::new(3).stream("toml");
    let whole = registry.check(&Experiment::new("mos-t1")).unwrap().to_toml();
    let mut read = 0;
    for _ in 0..2_000 {
        let mut bytes = whole.clone().into_bytes();
        for _ in 0..1 + stream.below(3) {
            let at = stream.below(bytes.len());
            bytes[at] = b' ' + (stream.next_u64() % 95) as u8;
        }
        if let Ok(experiment) = registry.parse_toml(&String::from_utf8_lossy(&bytes)) {
            registry.check(&experiment).unwrap();
            read += 1;
        }
    }
    assert!(read > 0 && read < 2_000);
}

#[test]
fn the_typed_form_nests_dotted_keys_and_refuses_another_shape() {
    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Typed {
        supernet: Supernet,
        space: Space,
        rates: Vec<f64>,
        methods: Vec<Activation>,
        seeds: i64,
        tiny: f64,
    }
    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Supernet {
        experts: usize,
        router: Router,
        shared: bool,
        activation: Activation,
    }
    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Router {
        temperature: f64,
    }
    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Space {
        widths: Vec<i64>,
    }
    #[derive(Debug, Deserialize, PartialEq)]
    #[serde(rename_all = "kebab-case")]
    enum Activation {
        Relu,
        Gelu,
        LayerWise,
    }
    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Other {
        #[serde(rename = "tiny")]
        _tiny: f64,
    }
    let registry = registry();
    let mut experiment = Experiment::new("mos-t1");
    registry.set(&mut experiment, "methods=gelu,layer-wise,relu").unwrap();
    let checked = registry.check(&experiment).unwrap();
    let typed: Typed = checked.typed().unwrap();
    assert_eq!((typed.supernet.experts, typed.supernet.router.temperature), (4, 1.0));
    assert_eq!(typed.methods, [Activation::Gelu, Activation::LayerWise, Activation::Relu]);
    assert!(typed.supernet.shared && typed.supernet.activation == Activation::Relu);
    assert_eq!((typed.space.widths, typed.rates, typed.seeds, typed.tiny), (Vec::new(), vec![1e-7], 3, 0.1));
    assert!(checked.typed::<Other>().unwrap_err().to_string().contains("unknown field"));
}

#[test]
fn the_registry_refuses_labs_that_are_not_well_made() {
    struct BadLab(&'static [Field], &'static [Preset]);
    impl Lab for BadLab {
        fn name(&self) -> &'static str {
            "bad"
        }

        fn paper(&self) -> Paper {
            TestLab.paper()
        }

        fn fields(&self) -> &'static [Field] {
            self.0
        }

        fn presets(&self) -> &'static [Preset] {
            self.1
        }

        fn plan(&self, checked: &Checked, data: Option<&crate::data::OwnData>) -> Result<Box<dyn Plan>> {
            TestLab.plan(checked, data)
        }
    }
    const INTEGER: Kind = Kind::Integer { min: 0, max: 9 };
    static DEFAULT: [Field; 1] = [field("a", INTEGER, || 10.into())];
    static TWICE: [Field; 2] = [field("a", INTEGER, || 1.into()), field("a", INTEGER, || 1.into())];
    static INSIDE: [Field; 2] = [field("a.b", INTEGER, || 1.into()), field("a", INTEGER, || 1.into())];
    static SPELT: [Field; 1] = [field("a..b", INTEGER, || 1.into())];
    static CHOICE: [Field; 1] = [field("a", Kind::Choice(&["x,y"]), || "x,y".into())];
    static TAKEN: [Field; 1] = [field("seed.x", INTEGER, || 1.into())];
    static GOOD: [Field; 1] = [field("a", INTEGER, || 1.into())];
    const fn preset(name: &'static str, values: fn() -> Vec<(&'static str, Value)>) -> Preset {
        Preset { name, summary: "", duration: "", values }
    }
    static SAME: [Preset; 2] = [preset("x", Vec::new), preset("x", Vec::new)];
    static RANGE: [Preset; 1] = [preset("x", || vec![("a", 10.into())])];
    static KEY: [Preset; 1] = [preset("x", || vec![("b", 1.into())])];
    static LABS: [[&dyn Lab; 1]; 9] = [
        [&BadLab(&DEFAULT, &[])],
        [&BadLab(&TWICE, &[])],
        [&BadLab(&INSIDE, &[])],
        [&BadLab(&SPELT, &[])],
        [&BadLab(&CHOICE, &[])],
        [&BadLab(&TAKEN, &[])],
        [&BadLab(&GOOD, &SAME)],
        [&BadLab(&GOOD, &RANGE)],
        [&BadLab(&GOOD, &KEY)],
    ];
    for (index, labs) in LABS.iter().enumerate() {
        assert!(Registry::new(labs).audit().is_err(), "bad lab {index}");
    }
    registry().audit().unwrap();
    assert!(
        RESERVED.iter().all(|word| !FIELDS.iter().any(|field| field.key.split('.').next() == Some(word)))
    );
}

#[test]
fn fields_describe_themselves_and_take_integers_for_numbers_only() {
    let described = FIELDS[4].describe();
    assert_eq!(described["kind"]["item"]["max"], 512);
    assert_eq!(described["default"], serde_json::json!([8, 24]));
    assert_eq!(described["range"], "a list of 0 to 5 integers, each from -9 to 512");
    let (experts, temperature, tiny) = (&FIELDS[0], &FIELDS[1], &FIELDS[8]);
    assert_eq!(temperature.check(&Value::Integer(3)), Ok(Value::Number(3.0)));
    let zero = temperature.parse("-0").unwrap();
    assert_eq!(zero.to_string(), "0");
    assert!(experts.check(&Value::Number(3.0)).is_err());
    assert!(experts.check(&Value::Flag(true)).is_err());
    assert!(tiny.check(&Value::Integer(i64::MAX)).is_err(), "an integer that doubles cannot hold");
    assert!(
        tiny.check(&Value::Number(f64::NAN)).is_err() && tiny.check(&Value::Number(f64::INFINITY)).is_err()
    );
}

#[test]
fn experiments_in_json_refuse_unknown_fields() {
    let read = |text: &str| serde_json::from_str::<Experiment>(text);
    assert_eq!(read("{\"run\": \"mos-t1\"}").unwrap(), Experiment::new("mos-t1"));
    assert!(read("{\"run\": \"mos-t1\", \"sead\": 3}").is_err());
    assert!(read("{\"seed\": 3}").is_err());
}

#[test]
fn a_bad_value_names_its_own_field_in_a_link_in_toml_and_after_set() {
    let registry = registry();
    for field in &FIELDS {
        for bad in ["\u{1F980}", "truefalse", "99999999999999999999e999", "\"", "&", "1,,2"] {
            let mut experiment = Experiment::new("mos-t1");
            experiment.overrides.insert(field.key.to_owned(), bad.into());
            let fragment = Link {
                experiment: experiment.clone(),
                versus: None,
                until: None,
                ui: None,
                digest: None,
                build: None,
            }
            .fragment();
            let toml = format!("run = \"mos-t1\"\n{} = {}", field.key, Value::from(bad).literal());
            let refusals = [
                registry.check(&experiment).map(|_| ()),
                registry.set(&mut Experiment::new("mos-t1"), &format!("{}={bad}", field.key)),
                Link::parse(&registry, &fragment).map(|_| ()),
                registry.parse_toml(&toml).map(|_| ()),
            ];
            for refusal in refusals {
                match refusal {
                    Err(Error::WrongType { key, .. } | Error::OutOfRange { key, .. }) => {
                        assert_eq!(key, field.key)
                    }
                    other => panic!("`{}` = `{bad}`: {other:?}", field.key),
                }
            }
        }
    }
}
