//! Damaged and random texts never end the program: they are read or refused with a sentence.
//!
//! A round of each test is one input. `SWITCHYARD_FUZZ` gives the number of rounds, such as 1000000; without it there are
//! fewer, so that all take a few seconds.

use switchyard::data::OwnData;
use switchyard::data::sentences::{SentenceCorpus, Side};
use switchyard::data::translation::{Joining, Pair, ParallelCorpus};
use switchyard::experiment::{Link, Registry};
use switchyard::interchange::{Contents, Header, Options, Trace, Traced, json_lines, read};
use switchyard::rng::{Stream, Streams};
use switchyard::routing::{CombineMode, Edge, Fate, RoutingDecision, Scope, Slot, SlotKind, UnitKind};

fn rounds(usual: usize) -> usize {
    let said = std::env::var("SWITCHYARD_FUZZ").ok();
    said.map_or(usual, |text| text.parse().expect("SWITCHYARD_FUZZ is a number"))
}

/// What mutations put into a text: what means something in one of the formats, and what means trouble in most.
const PIECES: [&str; 36] = [
    "{",
    "}",
    "[",
    "]",
    ",",
    ":",
    "\"",
    "\n",
    "\r\n",
    "\0",
    "-1",
    "0",
    "1e999",
    "NaN",
    "null",
    "true",
    "9999999999999999999",
    "18446744073709551615",
    "\"edges\"",
    "\"unit\":",
    "\"slot\":7",
    "\"version\":2",
    "expert",
    "unit",
    "layer",
    "weight",
    "fraction",
    "fate",
    "dropped",
    "\u{feff}",
    "é",
    "=",
    "&",
    "#",
    "%",
    ".",
];

fn mutate(stream: &mut Stream, text: &str) -> Vec<u8> {
    let mut bytes = text.as_bytes().to_vec();
    for _ in 0..=stream.below(3) {
        let at = stream.below(bytes.len() + 1);
        let until = (at + stream.below(12)).min(bytes.len());
        match stream.below(6) {
            0 => bytes.truncate(at),
            1 => drop(bytes.drain(at..until)),
            2 if at < bytes.len() => bytes[at] = stream.next_u64() as u8,
            3 => {
                let copied = bytes[at..until].to_vec();
                let to = stream.below(bytes.len() + 1);
                drop(bytes.splice(to..to, copied));
            }
            _ => {
                let piece = PIECES[stream.below(PIECES.len())];
                drop(bytes.splice(at..until, piece.bytes()));
            }
        }
    }
    bytes
}

fn trace() -> String {
    let slots = Slot::table(SlotKind::Expert, 3);
    let mut decision = RoutingDecision::new("gate", Scope::Layer(0), UnitKind::Token, 2, slots);
    decision.combine_mode = CombineMode::MixOutputs;
    let dropped = Edge { fate: Fate::Dropped, dispatch: 0.0, combine: 0.0, rank: 1, ..Edge::kept(1, 0) };
    decision.edges =
        vec![Edge { fate: Fate::Rerouted { slot: 2 }, ..Edge::kept(0, 1) }, Edge::kept(1, 2), dropped];
    decision.keys.position = Some(vec![0, 1]);
    let decisions = vec![Traced { task: Some("a".to_owned()), decision }];
    let bytes = json_lines(&Trace { header: Header::default(), decisions }).expect("a valid trace");
    String::from_utf8(bytes).expect("JSON is UTF-8")
}

fn originals() -> [String; 4] {
    let rows = "{\"type\":\"meta\",\"num_experts\":4}\n{\"type\":\"route\",\"req_id\":\"a\",\"token_idx\":0,\"layer\":0,\
                \"topk_ids\":[3,1],\"topk_weights\":[0.7,0.3]}\n";
    let csv = "step,sequence,unit,layer,expert,weight,fate\n0,a,0,0,1,0.5,kept\n0,a,0,0,2,0.5,dropped\n1,a,0,0,2,1,kept\n";
    let loads = "who,layer,expert,fraction\na,0,0,0.25\na,0,1,0.75\nb,0,0,1\nb,0,1,0\n";
    [trace(), rows.to_owned(), csv.to_owned(), loads.to_owned()]
}

#[test]
fn files_of_routes_are_read_or_refused_with_a_sentence() {
    let originals = originals();
    let mut stream = Streams::new(11).stream("fuzz");
    let (mut accepted, mut refused) = (0, 0);
    let rounds = rounds(600_000);
    for round in 0..rounds {
        let bytes = mutate(&mut stream, &originals[round % originals.len()]);
        match read(&bytes, &Options::default()) {
            Ok(contents) => {
                accepted += 1;
                // What is read can be measured: whatever it holds, nothing in it contradicts itself.
                if let (Contents::Routes(routes), 0) = (&contents, round % 16) {
                    let valid = |traced: &Traced| traced.decision.validate().is_ok();
                    assert!(routes.decisions.iter().all(valid), "{}", String::from_utf8_lossy(&bytes));
                }
            }
            Err(error) => {
                refused += 1;
                assert!(error.to_string().len() > 20, "{error}");
            }
        }
    }
    assert!(accepted * 50 > rounds && refused * 4 > rounds, "{accepted} accepted, {refused} refused");
}

#[test]
fn what_is_read_is_measured_without_a_panic() {
    let originals = originals();
    let mut stream = Streams::new(12).stream("fuzz");
    for round in 0..rounds(100_000) / 50 {
        let bytes = mutate(&mut stream, &originals[round % originals.len()]);
        if let Ok(contents) = read(&bytes, &Options::default()) {
            let inspection =
                switchyard::inspection::inspect(&contents, 0).expect("what is read is consistent");
            assert!(!switchyard::inspection::plates(&inspection).is_empty());
        }
    }
}

/// Packed corpora of two languages and of one, small enough to be damaged often.
fn corpora() -> [String; 2] {
    let vocabulary = ["<pad>", "<s>", "</s>", "<unk>", "<mask>", "a", "b", "c"].map(str::to_owned);
    let pairs = |count: usize| vec![Pair { source: vec![5, 6, 7], target: vec![7, 5] }; count];
    let corpus = ParallelCorpus {
        name: "fuzz".to_owned(),
        vocabulary: vocabulary.to_vec(),
        joining: Joining::Spaces,
        tokenizer: None,
        made_from: String::new(),
        train: pairs(3),
        validation: pairs(1),
        test: pairs(1),
    };
    let sentences = SentenceCorpus::of(&corpus, Side::Both);
    [corpus.to_bytes(), sentences.to_bytes()].map(|bytes| String::from_utf8(bytes).expect("JSON is UTF-8"))
}

#[test]
fn packed_corpora_are_read_or_refused_with_a_sentence_and_no_number_in_them_asks_for_memory() {
    let originals = corpora();
    let mut stream = Streams::new(14).stream("fuzz");
    let (mut accepted, mut refused) = (0, 0);
    let rounds = rounds(200_000);
    for round in 0..rounds {
        let bytes = mutate(&mut stream, &originals[round % originals.len()]);
        match OwnData::packed(&bytes) {
            Ok(OwnData::Pairs(corpus)) => {
                accepted += 1;
                // What is read can be written, read again, and shown.
                assert_eq!(ParallelCorpus::from_bytes(&corpus.to_bytes()).as_ref(), Ok(&corpus));
                let all = corpus.parts().map(|(_, pairs)| pairs).concat();
                assert!(all.len() <= bytes.len() && !all.is_empty());
                all.iter().for_each(|pair| drop((corpus.text(&pair.source), corpus.text(&pair.target))));
            }
            Ok(OwnData::Sentences(corpus)) => {
                accepted += 1;
                assert_eq!(SentenceCorpus::from_bytes(&corpus.to_bytes()).as_ref(), Ok(&corpus));
                let words =
                    corpus.train.iter().flatten().all(|word| (*word as usize) < corpus.vocabulary.len());
                assert!(words, "{}", String::from_utf8_lossy(&bytes));
            }
            Ok(other) => panic!("{other:?} is no packed corpus"),
            Err(error) => {
                refused += 1;
                assert!(error.to_string().len() > 20, "{error}");
            }
        }
    }
    assert!(accepted * 200 > rounds && refused * 4 > rounds, "{accepted} accepted, {refused} refused");
    for huge in ["18446744073709551615", "4000000000"] {
        for original in &originals {
            let counts = original.find("\"pairs\":[").expect("the header counts") + 9;
            let damaged = format!("{}{huge}{}", &original[..counts], &original[counts + 1..]);
            let message = OwnData::packed(damaged.as_bytes()).expect_err("it has fewer lines").to_string();
            assert!(message.contains("it ends before"), "{message}");
        }
    }
}

#[test]
fn links_and_specifications_are_read_or_refused_with_a_sentence() {
    let registry = Registry::standard();
    let links = [
        "#v=1&run=mos-digits&supernet.experts=4&seed=7&t=1200&ui=lesson",
        "https://example.org/s/#v=1&run=moe-rings&seed=3&versus.training.steps=40",
        "#v=1&run=mos-tiny&digest=0123456789abcdef&build=00c0ffee",
    ];
    let tomls = [
        "run = \"mos-digits\"\nseed = 7\n[supernet]\nexperts = 4\n",
        "run = \"moe-rings\"\n[training]\nsteps = 40\n",
    ];
    let mut stream = Streams::new(13).stream("fuzz");
    let mut refused = 0;
    let rounds = rounds(300_000);
    for round in 0..rounds {
        let is_link = round % 2 == 0;
        let original = if is_link { links[round / 2 % links.len()] } else { tomls[round / 2 % tomls.len()] };
        let bytes = mutate(&mut stream, original);
        let text = String::from_utf8_lossy(&bytes);
        let checked = if is_link {
            Link::parse(&registry, &text).map(|_| ())
        } else {
            registry.parse_toml(&text).and_then(|experiment| registry.check(&experiment)).map(|_| ())
        };
        if let Err(error) = checked {
            refused += 1;
            assert!(error.to_string().len() > 10, "{error}");
        }
    }
    assert!(refused * 2 > rounds && refused < rounds, "{refused} refused of {rounds}");
}
