//! Asking a supernet under way: what one sub-network makes of one test sentence, and which of its words hang on which of the
//! source. Everything is read from the weights as they are; nothing of the training is changed.

use std::collections::BTreeMap;

use burn::tensor::{Device, activation};

use super::context::Context;
use super::measuring::of;
use super::pictures::SENTENCES;
use super::specification::Specification;
use crate::data::translation::Pair;
use crate::experiment::{Checked, Choice, Place, ProbeKind, View};
use crate::nn::readback::read;
use crate::plate::number::significant;
use crate::plate::{Matrix, Plate, Scale};
use crate::supernet::transformer::{PairBatch, TransformerArchitecture, TransformerSpace, TransformerSubnet};
use crate::{Error, Result};

/// The key of the choice of a sentence.
const SENTENCE: &str = "sentence";

/// What is asked about: a test sentence that is shown, and a sub-network.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Lit {
    /// Its place among the shown ones.
    pub sentence: usize,
    pub architecture: TransformerArchitecture,
}

/// The sliders of a specification; none when its space does not fit together, which its plan then says.
pub(super) fn sliders(checked: &Checked) -> Option<ProbeKind> {
    let specification: Specification = checked.typed().ok()?;
    Some(ProbeKind::Choices { choices: choices(&specification.search_space().ok()?) })
}

/// A sentence, and the choices of a sub-network whose layers are alike; at first they stand for the largest.
fn choices(space: &TransformerSpace) -> Vec<Choice> {
    let (encoder, decoder) = (&space.encoder, &space.decoder);
    let sentences: Vec<usize> = (1..=SENTENCES).collect();
    let all: [(&str, &str, &[usize]); 7] = [
        (SENTENCE, "Test sentence", &sentences),
        ("encoder-width", "Encoder width", &encoder.widths),
        ("encoder-layers", "Encoder layers", &encoder.depths),
        ("encoder-inner", "Encoder inner width", &encoder.ffn),
        ("decoder-width", "Decoder width", &decoder.widths),
        ("decoder-layers", "Decoder layers", &decoder.depths),
        ("decoder-inner", "Decoder inner width", &decoder.ffn),
    ];
    let choice = |(key, label, options): (&str, &str, &[usize])| Choice {
        key: key.to_owned(),
        label: label.to_owned(),
        options: options.iter().map(ToString::to_string).collect(),
        start: if key == SENTENCE { 0 } else { options.len() - 1 },
    };
    all.into_iter().filter(|(_, _, options)| options.len() > 1).map(choice).collect()
}

/// What a setting of the sliders stands for. One that is not set stands where it stands at first.
///
/// # Errors
/// When there is no such slider or position.
pub(super) fn chosen(space: &TransformerSpace, set: &BTreeMap<String, String>) -> Result<Lit> {
    let choices = choices(space);
    let refuse = |problem: String| Err(Error::NotAnswerable { problem });
    let keys = choices.iter().map(|choice| choice.key.as_str()).collect::<Vec<_>>();
    if let Some(unknown) = set.keys().find(|key| !keys.contains(&key.as_str())) {
        return refuse(format!("there is no choice `{unknown}`; the choices are {}", keys.join(", ")));
    }
    let mut lit = Lit { sentence: 0, architecture: space.largest() };
    for (key, text) in set {
        let options =
            choices.iter().find(|choice| choice.key == *key).map(|choice| choice.options.as_slice());
        let options = options.unwrap_or_default();
        let Some(number) = text.parse().ok().filter(|_| options.contains(text)) else {
            return refuse(format!("`{key}` is `{text}`, but must be one of {}", options.join(", ")));
        };
        let TransformerArchitecture { encoder_width, encoder, decoder_width, decoder } =
            &mut lit.architecture;
        match key.as_str() {
            SENTENCE => lit.sentence = number - 1,
            "encoder-width" => *encoder_width = number,
            "encoder-layers" => encoder.truncate(number),
            "encoder-inner" => encoder.iter_mut().for_each(|layer| layer.ffn = number),
            "decoder-width" => *decoder_width = number,
            "decoder-layers" => decoder.truncate(number),
            _ => decoder.iter_mut().for_each(|layer| layer.ffn = number),
        }
    }
    space.check(&lit.architecture)?;
    Ok(lit)
}

/// A sentence that is asked about. There are fewer test sentences than sliders have positions where the test is small.
///
/// # Errors
/// When there is no such sentence.
pub(super) fn sentence(context: &Context, place: usize) -> Result<&Pair> {
    let count = context.corpus.test.len();
    context.corpus.test.get(place).ok_or_else(|| Error::NotAnswerable {
        problem: format!("there are only {count} test sentences; choose one of them"),
    })
}

/// What a sub-network makes of a sentence, and by how many nats the log probability of each of its words and of the end falls
/// when a word of the source is left out: `[source words][words and end]`.
pub(super) struct Read {
    pub words: Vec<u32>,
    falls: Vec<Vec<f64>>,
}

impl Read {
    /// Reads a sentence.
    ///
    /// # Errors
    /// When the device does not answer.
    pub async fn new(
        context: &Context,
        subnet: &TransformerSubnet,
        pair: &Pair,
        device: &Device,
    ) -> Result<Self> {
        let (source, _) = of(pair);
        let words = context.decoding().translate(subnet, &[source], device).await?.remove(0).words;
        let without = |left_out: usize| {
            let kept = source.iter().enumerate().filter(move |(place, _)| *place != left_out);
            kept.map(|(_, word)| *word).collect::<Vec<_>>()
        };
        let sources: Vec<Vec<u32>> =
            std::iter::once(source.to_vec()).chain((0..source.len()).map(without)).collect();
        let pairs: Vec<(&[u32], &[u32])> =
            sources.iter().map(|source| (source.as_slice(), words.as_slice())).collect();
        let batch = PairBatch::new(&pairs, device);
        let logs = activation::log_softmax(subnet.forward(&batch, None), 1);
        let logs = logs.gather(1, batch.expected.clone().reshape([batch.words, 1]));
        let logs: Vec<f64> = read(logs).await?.into_iter().map(f64::from).collect();
        let (whole, others) = logs.split_at(words.len() + 1);
        let fall = |row: &[f64]| whole.iter().zip(row).map(|(whole, other)| whole - other).collect();
        Ok(Self { falls: others.chunks(whole.len()).map(fall).collect(), words })
    }

    /// Which word hangs on which.
    pub fn view(&self, context: &Context, lit: &Lit, pair: &Pair, step: u64) -> View {
        let corpus = &context.corpus;
        let word = |word: &u32| corpus.text(&[*word]);
        let rows: Vec<String> = pair.source.iter().map(word).collect();
        let columns: Vec<String> = self.words.iter().map(word).chain(["(end)".to_owned()]).collect();
        let cells = self.falls.iter().enumerate().flat_map(|(row, falls)| {
            falls.iter().enumerate().map(move |(column, fall)| (row, column, *fall))
        });
        let most = cells.max_by(|a, b| a.2.total_cmp(&b.2));
        let title = most.map_or_else(String::new, |(row, column, fall)| {
            format!(
                "After {step} steps `{}` hangs most on `{}`: without it, its log probability falls by {} nats",
                columns[column],
                rows[row],
                significant(fall, 2)
            )
        });
        let reach = self.falls.iter().flatten().fold(1.0_f64, |reach, fall| reach.max(fall.abs()));
        let plate = Plate::Matrix(Matrix {
            title,
            caption: format!(
                "{} reads \u{201c}{}\u{201d} and writes \u{201c}{}\u{201d}. In each row one word of the source is left out; the \
                 shade says by how much the log probability of each word of its translation falls. Below 0 it rises.",
                lit.architecture,
                corpus.text(&pair.source),
                corpus.text(&self.words)
            ),
            rows,
            columns,
            row_title: "left out".to_owned(),
            column_title: "word of the translation".to_owned(),
            unit: "nats".to_owned(),
            values: self.falls.iter().map(|row| row.iter().copied().map(Some).collect()).collect(),
            scale: Scale::Diverging { centre: 0.0, reach },
        });
        View::new("words", Place::Yard, plate)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::experiment::{Answer, Experiment, Probe, Registry, Session};
    use crate::rng::Streams;
    use crate::supernet::transformer::{ElasticTransformer, Sharing};

    fn checked() -> Checked {
        let registry = Registry::standard();
        let mut experiment = Experiment::new("mos-mt-live");
        for set in ["data.pairs=100", "training.steps=3", "audit.architectures=2", "audit.sentences=2"] {
            registry.set(&mut experiment, set).expect("a field of the lab");
        }
        registry.check(&experiment).expect("valid")
    }

    fn set(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
        pairs.iter().map(|(key, option)| ((*key).to_owned(), (*option).to_owned())).collect()
    }

    #[test]
    fn sliders_stand_for_the_largest_at_first_and_reach_the_smallest_widths() {
        let space = Context::new(&checked(), None).expect("fits").space.clone();
        let start = choices(&space);
        let keys = start.iter().map(|choice| choice.key.as_str()).collect::<Vec<_>>().join(" ");
        assert_eq!(keys, "sentence encoder-width encoder-inner decoder-width decoder-layers decoder-inner");
        let at = |place: fn(&Choice) -> usize| {
            start.iter().map(|choice| (choice.key.clone(), choice.options[place(choice)].clone())).collect()
        };
        let largest = Lit { sentence: 0, architecture: space.largest() };
        assert_eq!(chosen(&space, &BTreeMap::new()), Ok(largest.clone()));
        assert_eq!(chosen(&space, &at(|choice| choice.start)), Ok(largest));
        let smallest = chosen(&space, &at(|_| 0)).expect("in the space").architecture;
        assert_eq!((smallest.encoder_width, smallest.decoder.len()), (24, 1));
        for (pairs, words) in [
            (("width", "4"), "the choices are sentence, encoder-width"),
            (("encoder-width", "25"), "must be one of 24, 48"),
            (("sentence", "9"), "must be one of 1, 2"),
        ] {
            let problem = chosen(&space, &set(&[pairs])).expect_err(words).to_string();
            assert!(problem.contains(words), "{problem}");
        }
    }

    #[test]
    fn what_a_word_hangs_on_is_what_the_network_says_of_each_shorter_sentence_alone() {
        let device = Device::flex();
        let context = Context::new(&checked(), None).expect("fits");
        let words = context.corpus.vocabulary.len();
        let network = ElasticTransformer::new(
            context.space.clone(),
            words,
            Sharing::Plain(1.0),
            &Streams::new(4),
            &device,
        );
        let subnet = network.subnet(&context.space.largest()).expect("in the space");
        let pair = sentence(&context, 1).expect("there is one");
        let found = pollster::block_on(Read::new(&context, &subnet, pair, &device)).expect("reads");
        let mean = |source: &[u32]| {
            let batch = PairBatch::new(&[(source, found.words.as_slice())], &device);
            let loss = pollster::block_on(read(subnet.loss(&batch, 0.0, None))).expect("answers");
            f64::from(loss[0])
        };
        assert_eq!(found.falls.len(), pair.source.len());
        for (place, falls) in found.falls.iter().enumerate() {
            let shorter = [&pair.source[..place], &pair.source[place + 1..]].concat();
            let told = falls.iter().sum::<f64>() / falls.len() as f64;
            let alone = mean(&shorter) - mean(&pair.source);
            assert!((told - alone).abs() < 1e-4, "word {place}: {told} against {alone}");
        }
        assert!(found.falls.iter().flatten().any(|fall| fall.abs() > 1e-4), "something hangs on something");
    }

    #[test]
    fn asking_changes_nothing_and_lights_what_was_asked_for() {
        let run = |asked: bool| {
            let mut session = Session::open(&checked()).expect("opens");
            let mut last: Option<Answer> = None;
            while !session.is_complete() {
                pollster::block_on(session.step(&Device::flex(), 1)).expect("steps");
                if asked {
                    let options = set(&[("sentence", "2"), ("decoder-layers", "1")]);
                    let probe = Probe::Choices { options };
                    last = Some(pollster::block_on(session.probe(&probe)).expect("answers"));
                    let views = pollster::block_on(session.look()).expect("looks");
                    let lit = views.iter().find(|view| view.name == "words").expect("it is shown");
                    assert!(last.as_ref().is_some_and(|answer| answer.views.contains(lit)));
                }
            }
            (session.digest().expect("complete").to_owned(), last)
        };
        let (asked, answer) = run(true);
        assert_eq!(asked, run(false).0);
        let facts = answer.expect("it was asked").facts;
        // The mixture comes last, so it answers at the end: two experts in an encoder's and a decoder's layer.
        assert!(facts.contains(&("method".to_owned(), "neuron-wise".to_owned())), "{facts:?}");
        assert_eq!(facts.iter().filter(|(name, _)| name.ends_with("from its experts")).count(), 2);
    }
}
