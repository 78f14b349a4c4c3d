//! Whole runs of the lab: the same digest however they are stepped and watched, every method, own corpora, export, refusals.

use burn::tensor::Device;

use crate::data::sentences::{SentenceCorpus, Side};
use crate::data::translation::{ParallelCorpus, grammar_pairs};
use crate::data::{OwnData, OwnKind};
use crate::experiment::{Checked, Event, Experiment, Registry, Session, VerdictWord};
use crate::labs::supernet_audit::Method;
use crate::plate::Plate;
use crate::rng::Streams;

const SMALL: &[&str] = &[
    "seeds=1",
    "methods=neuron-wise,fixed-input",
    "data.pairs=200",
    "space.encoder_widths=8,12",
    "space.encoder_ffn=8,16",
    "space.encoder_heads=1,2",
    "space.decoder_widths=8,12",
    "space.decoder_ffn=8,16",
    "space.decoder_heads=1,2",
    "space.cross_heads=1,2",
    "space.inner=8",
    "supernet.router_hidden=4",
    "training.steps=4",
    "training.tokens=128",
    "audit.architectures=3",
    "audit.standalones=1",
    "audit.sentences=6",
    "audit.resamples=100",
];

fn checked(sets: &[&str]) -> Checked {
    let registry = Registry::standard();
    let mut experiment = Experiment::new("mos-mt-small");
    for set in SMALL.iter().chain(sets) {
        registry.set(&mut experiment, set).expect("a field of the lab");
    }
    registry.check(&experiment).expect("valid")
}

fn step(session: &mut Session, steps: u64) -> Vec<Event> {
    pollster::block_on(session.step(&Device::flex(), steps)).expect("steps")
}

fn run(session: &mut Session, steps: u64) -> (String, Vec<Event>) {
    let mut events = Vec::new();
    while !session.is_complete() {
        events.extend(step(session, steps));
    }
    (session.digest().expect("complete").to_owned(), events)
}

fn digest(sets: &[&str]) -> String {
    run(&mut Session::open(&checked(sets)).expect("opens"), 3).0
}

#[test]
fn a_run_repeats_watched_or_not_and_its_settings_change_it() {
    let plain = digest(&[]);
    let mut watched = Session::open(&checked(&[])).expect("opens");
    while !watched.is_complete() {
        step(&mut watched, 1);
        let views = pollster::block_on(watched.look()).expect("there is something to see");
        assert!(views.iter().all(|view| !view.plate.title().is_empty()));
    }
    assert_eq!(watched.digest(), Some(plain.as_str()));
    for set in [
        "training.dropout=0.2",
        "training.schedule=inverse-sqrt",
        "training.accumulation=2",
        "training.clip_norm=0.1",
        "training.weight_decay=0.5",
        "training.label_smoothing=0",
        "supernet.distillation=true",
        "supernet.encoding=one-hot",
        "supernet.matched_init=true",
        "supernet.mixed=cross-attention",
        "seed=5",
    ] {
        assert_ne!(digest(&[set]), plain, "{set}");
        assert_eq!(digest(&[set]), digest(&[set]), "{set}");
    }
}

#[test]
fn every_method_is_trained_tuned_and_audited() {
    let methods = format!("methods={}", Method::NAMES.join(","));
    let sets = [
        methods.as_str(),
        "seeds=3",
        "tuning.rates=1",
        "tuning.architectures=1",
        "training.steps=2",
        "audit.architectures=8",
    ];
    let mut session = Session::open(&checked(&sets)).expect("opens");
    let (_, events) = run(&mut session, 10);
    let verdicts = events.iter().filter(|event| matches!(event, Event::Verdict { .. })).count();
    assert_eq!(verdicts, 10, "every question can be asked");
    let titles: Vec<String> = events
        .iter()
        .filter_map(|event| match event {
            Event::Plate { plate } => Some(plate.title().into_owned()),
            _ => None,
        })
        .collect();
    for expected in
        ["How well each method estimates", "What the simplest translations", "What ranks architectures"]
    {
        assert!(titles.iter().any(|title| title.starts_with(expected)), "{expected}: {titles:?}");
    }
    let Some(Event::Finished { verdict, .. }) = events.last() else { panic!("it ends") };
    assert_ne!(*verdict, VerdictWord::Supported, "nothing is learned in two steps");
}

#[test]
fn parts_that_are_mixed_elsewhere_are_trained_under_every_method_and_seen_by_name() {
    let methods = format!("methods={}", Method::NAMES.join(","));
    let mixed = "supernet.mixed=feed-forward,attention,cross-attention";
    let sets = [methods.as_str(), mixed, "training.steps=2", "space.decoder_layers=1"];
    let (_, events) = run(&mut Session::open(&checked(&sets)).expect("opens"), 10);
    let columns: Vec<&Vec<String>> = events
        .iter()
        .filter_map(|event| match event {
            Event::Plate { plate: Plate::Matrix(matrix) } if matrix.column_title == "block" => {
                Some(&matrix.columns)
            }
            _ => None,
        })
        .collect();
    assert_eq!(columns.len(), Method::NAMES.len() - 3, "one of each method that mixes: {columns:?}");
    let named = [
        ["encoder 0 feed-forward", "encoder 1 feed-forward", "decoder 0 feed-forward"],
        ["encoder 0 attention", "encoder 1 attention", "decoder 0 attention"],
    ];
    let named: Vec<&str> = named.into_iter().flatten().chain(["decoder 0 cross-attention"]).collect();
    assert!(columns.iter().all(|columns| **columns == named), "{columns:?}");
}

#[test]
fn a_rank_that_too_few_architectures_leave_undefined_ends_no_run_and_is_said() {
    let sets = ["methods=sandwich,neuron-wise", "audit.architectures=2", "training.steps=1"];
    let (_, events) = run(&mut Session::open(&checked(&sets)).expect("opens"), 10);
    let said = events.iter().any(|event| {
        matches!(event, Event::Warning { text } if text.contains("is not defined for so few architectures"))
    });
    assert!(said, "{events:?}");
}

#[test]
fn one_supernet_learns_the_grammar_far_better_than_word_by_word() {
    let sets = [
        "methods=sandwich",
        "data.pairs=2000",
        "space.encoder_widths=32,48",
        "space.encoder_ffn=32,64",
        "space.decoder_widths=32,48",
        "space.decoder_ffn=32,64",
        "space.inner=32",
        "training.steps=420",
        "training.tokens=512",
        "training.learning_rate=0.006",
        "audit.architectures=2",
        "audit.sentences=60",
    ];
    let (_, events) = run(&mut Session::open(&checked(&sets)).expect("opens"), 50);
    let table = |wanted: &str| {
        events.iter().find_map(|event| match event {
            Event::Plate { plate: Plate::Table(table) } if table.title.starts_with(wanted) => Some(table),
            _ => None,
        })
    };
    let number = |table: &crate::plate::Table, row: usize, column: &str| {
        let place = table.columns.iter().position(|found| found.title == column).expect("it has that column");
        match &table.rows[row][place] {
            crate::plate::Cell::Number { value, .. } => *value,
            other => panic!("a number, not {other:?}"),
        }
    };
    let simplest = table("What the simplest").expect("it is in the conclusion");
    let methods = table("How well each").expect("it is in the conclusion");
    let [word_by_word, supernet] =
        [(simplest, 1), (methods, 0)].map(|(table, row)| number(table, row, "BLEU"));
    assert!(supernet > 3.0 * word_by_word && supernet > 15.0, "BLEU {supernet} against {word_by_word}");
    let [word_by_word, supernet] =
        [(simplest, 1), (methods, 0)].map(|(table, row)| number(table, row, "chrF"));
    assert!(supernet > word_by_word && supernet > 30.0, "chrF {supernet} against {word_by_word}");
    assert!(number(methods, 1, "chrF") > 0.0, "of networks trained alone too");
}

fn corpus() -> ParallelCorpus {
    grammar_pairs([120, 20, 20], &mut Streams::new(9).stream("data")).expect("enough sentences")
}

#[test]
fn a_corpus_of_ones_own_is_trained_on_and_what_does_not_fit_is_refused() {
    let own = OwnData::Pairs(corpus());
    let open = |sets: &[&str], data: Option<&OwnData>| Session::open_with(&checked(sets), data);
    let mut session = open(&["data.source=own"], Some(&own)).expect("opens");
    run(&mut session, 10);
    assert_eq!((own.kind(), own.rows(), own.text()), (OwnKind::Pairs, None, None));
    let refusal = |sets: &[&str], data: Option<&OwnData>| {
        open(sets, data).err().map(|error| error.to_string()).unwrap_or_default()
    };
    let text = OwnData::Text(b"a b".to_vec());
    let alone = OwnData::Sentences(SentenceCorpus::of(&corpus(), Side::Source));
    let cases = [
        (refusal(&["data.source=own"], None), "`own` needs a packed corpus"),
        (refusal(&[], Some(&own)), "a corpus was supplied, but it is `grammar`"),
        (refusal(&["data.source=own"], Some(&text)), "pack them with `switchyard data pack`"),
        (refusal(&["data.source=own"], Some(&alone)), "the corpus is of one language, and this lab"),
        (refusal(&["space.encoder_heads=3"], None), "`space.encoder_heads`: 3 heads do not share"),
        (refusal(&["space.attend=3"], None), "`space.attend`"),
        (refusal(&["methods=few-shot", "supernet.experts=3"], None), "needs an encoder width for each"),
        (refusal(&["data.longest=4"], None), "`data.longest`: no pair of the training is shorter"),
        (
            refusal(&["space.encoder_ffn=16384", "space.decoder_ffn=16384", "training.tokens=1000000"], None),
            "would take about",
        ),
    ];
    for (message, expected) in cases {
        assert!(message.contains(expected), "`{message}` should say `{expected}`");
    }
}

#[test]
fn a_finished_supernet_is_exported_and_translates_as_it_did() {
    let checked = checked(&["methods=neuron-wise"]);
    let mut session = Session::open(&checked).expect("opens");
    let mut kept = None;
    while let Some(task) = session.take().expect("goes on") {
        let mut work = (task.start)(&Device::flex()).expect("starts");
        let outcome = pollster::block_on(work.advance(u64::MAX)).expect("advances").outcome.expect("done");
        if task.name == super::task_of(&checked, "neuron-wise", 0).expect("it trains that") {
            kept = Some((
                outcome.weights.clone().expect("supernets keep theirs"),
                outcome.numbers["quality"].clone(),
            ));
        }
        session.finish(&task.name, outcome).expect("accepted");
    }
    let (weights, losses) = kept.expect("there is a supernet");
    let (context, device) =
        (super::context::Context::new(&checked, None).expect("consistent"), Device::flex());
    let exporting = |place: usize| {
        let architecture = &context.audited[place];
        let exported = super::export(&checked, None, "neuron-wise", &weights, architecture, &device);
        pollster::block_on(exported).expect("exported")
    };
    for (place, expected) in losses.iter().enumerate() {
        let (exported, corpus) = exporting(place);
        let subnet = exported.load(&Device::flex()).expect("whole");
        let (mut sum, mut words) = (0.0, 0.0);
        for pair in &corpus.test {
            let batch = crate::supernet::transformer::PairBatch::new(
                &[(pair.source.as_slice(), pair.target.as_slice())],
                &Device::flex(),
            );
            let loss = subnet.loss(&batch, 0.0, None);
            sum += f64::from(crate::nn::fused::checks::values(&loss)[0]) * batch.words as f64;
            words += batch.words as f64;
        }
        assert!((sum / words - expected).abs() < 1e-4, "{} and {expected}", sum / words);
    }
    let wrong = super::export(&checked, None, "sandwich", &weights, &context.audited[0], &device);
    assert!(pollster::block_on(wrong).err().is_some_and(|error| error.to_string().contains("other weights")));
    assert!(super::task_of(&checked, "sandwich", 0).is_err());
}

/// Every task's outcome, in the order of tasks, as a run does them.
fn outcomes(checked: &Checked) -> Vec<(String, crate::experiment::Outcome)> {
    let mut session = Session::open(checked).expect("opens");
    let mut all = Vec::new();
    while let Some(task) = session.take().expect("goes on") {
        let mut work = (task.start)(&Device::flex()).expect("starts");
        let outcome = pollster::block_on(work.advance(u64::MAX)).expect("advances").outcome.expect("done");
        all.push((task.name.clone(), outcome.clone()));
        session.finish(&task.name, outcome).expect("accepted");
    }
    all
}

#[test]
fn outcomes_that_were_kept_before_chrf_was_measured_are_shown_without_it() {
    let checked = checked(&["methods=sandwich"]);
    let mut kept: std::collections::BTreeMap<_, _> = outcomes(&checked).into_iter().collect();
    for outcome in kept.values_mut() {
        assert!(
            outcome.numbers.remove("chrf").is_some_and(|scores| scores.iter().all(|score| *score <= 100.0))
        );
    }
    let (_, events) = run(&mut Session::resume(&checked, kept).expect("opens"), 10);
    let methods = events.iter().find_map(|event| match event {
        Event::Plate { plate: Plate::Table(table) } if table.title.starts_with("How well each") => {
            Some(table)
        }
        _ => None,
    });
    for row in &methods.expect("it is in the conclusion").rows {
        let [bleu, chrf] = row.last_chunk().expect("two columns");
        assert!(matches!(bleu, crate::plate::Cell::Number { .. }) && *chrf == crate::plate::Cell::Empty);
    }
}

const RETRAINING: &[&str] = &["retraining.architectures=2", "retraining.steps=5", "retraining.every=2"];

#[test]
fn retraining_repeats_and_adds_to_a_run_without_changing_the_rest() {
    let run_with = |steps: u64| run(&mut Session::open(&checked(RETRAINING)).expect("opens"), steps);
    let (digest, events) = run_with(3);
    assert_eq!(digest, run_with(1).0);
    let table = events.iter().find_map(|event| match event {
        Event::Plate { plate: Plate::Table(table) } if table.title.starts_with("What retraining") => {
            Some(table)
        }
        _ => None,
    });
    assert_eq!(table.map(|table| table.rows.len()), Some(3), "two architectures and all");
    let verdict = events.iter().find_map(|event| match event {
        Event::Verdict { verdict } if verdict.name == "neuron-wise weights against fresh ones" => {
            Some(verdict)
        }
        _ => None,
    });
    assert!(
        verdict
            .is_some_and(|verdict| verdict.word == VerdictWord::Inconclusive && verdict.low <= verdict.high)
    );
    let Some(Event::Finished { sentence, .. }) = events.last() else { panic!("it ends") };
    assert!(sentence.contains("Retraining"), "{sentence}");

    let (plain, retrained) = (outcomes(&checked(&[])), outcomes(&checked(RETRAINING)));
    assert_eq!(plain.len() + 4, retrained.len());
    for ((name, before), (same, after)) in plain.iter().zip(&retrained) {
        assert_eq!(name, same);
        assert_eq!(before.weights, after.weights, "{name}");
        for (key, numbers) in &before.numbers {
            assert_eq!(Some(numbers), after.numbers.get(key), "{name}: {key}");
        }
        assert!(!before.numbers.contains_key("validation"));
    }
}

#[test]
fn a_retraining_starts_where_the_supernet_ended_and_goes_on_from_there() {
    let checked = checked(RETRAINING);
    let all = outcomes(&checked);
    let context = super::context::Context::new(&checked, None).expect("consistent");
    let device = Device::flex();
    let weights = |name: &str| {
        let found = all.iter().find(|(task, _)| task == name).expect("it was trained");
        found.1.weights.clone().expect("supernets keep theirs")
    };
    let supernet = crate::nn::parameters::restored(
        crate::supernet::transformer::ElasticTransformer::new(
            context.space.clone(),
            context.corpus.vocabulary.len(),
            context.sharing(Method::NeuronWise),
            &context.audit.replicate("supernet", 0),
            &device,
        ),
        &weights("supernet/neuron-wise/seed-0"),
    )
    .expect("its own weights");
    for place in [0, 2] {
        let architecture = &context.audited[place];
        let subnet = supernet.subnet(architecture).expect("of the space");
        let (mut sum, mut words) = (0.0, 0.0);
        for pair in &context.corpus.validation {
            let sentences = [(pair.source.as_slice(), pair.target.as_slice())];
            let batch = crate::supernet::transformer::PairBatch::new(&sentences, &device);
            let loss = subnet.loss(&batch, 0.0, None);
            sum += f64::from(crate::nn::fused::checks::values(&loss)[0]) * batch.words as f64;
            words += batch.words as f64;
        }
        let numbers = |start: &str| {
            let name = format!("retraining/{architecture}/{start}/seed-0");
            &all.iter().find(|(task, _)| *task == name).expect("it was retrained").1.numbers
        };
        let own = numbers("neuron-wise");
        assert_eq!(own["retraining_step"], [0.0, 2.0, 4.0, 5.0]);
        let losses = &own["retraining_loss"];
        assert!((losses[0] - sum / words).abs() < 1e-4, "{} and {}", losses[0], sum / words);
        assert!(losses[3] < losses[0], "it learns: {losses:?}");
        assert!(numbers("fresh")["retraining_loss"][0] > losses[0], "fresh weights know nothing");
    }
}

#[test]
fn a_retraining_as_long_as_a_training_alone_is_one() {
    // The same steps and the same schedule: only the streams differ, so the losses are alike but not equal.
    let sets = ["retraining.architectures=1", "retraining.steps=4", "retraining.every=4"];
    let all = outcomes(&checked(&sets));
    let last = |start: &str, key: &str| {
        let (_, outcome) = all
            .iter()
            .rfind(|(name, outcome)| name.contains(start) && outcome.numbers.contains_key(key))
            .expect("it was trained");
        *outcome.numbers[key].last().expect("a number")
    };
    let (alone, fresh) = (last("standalone", "validation"), last("/fresh/", "retraining_loss"));
    assert!(alone != fresh && (alone - fresh).abs() < 0.3, "{alone} and {fresh}");
}

#[test]
fn retraining_that_cannot_be_done_is_refused_by_name() {
    let refusal = |sets: &[&str]| {
        Session::open(&checked(sets)).err().map(|error| error.to_string()).unwrap_or_default()
    };
    let many = refusal(&["retraining.architectures=4"]);
    assert!(many.contains("`retraining.architectures`: only 3 architectures are audited"), "{many}");
    let seldom = refusal(&["retraining.architectures=1", "retraining.steps=10", "retraining.every=11"]);
    assert!(seldom.contains("`retraining.every`: a retraining of 10 steps"), "{seldom}");
}
