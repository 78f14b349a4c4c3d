//! Asking a supernet under way: what one sub-network makes of one test sentence, and which of its words hang on which of the
//! source. Everything is read from the weights as they are; nothing of the training is changed.

use std::collections::BTreeMap;

use burn::tensor::{Device, activation};

use super::context::Context;
use super::measuring::of;
use super::pictures::SENTENCES;
use super::specification::Specification;
use crate::Result;
use crate::data::translation::Pair;
use crate::experiment::{Checked, Choice, ProbeKind, View};
use crate::labs::supernet_audit::asking::{Hanging, numbers, slider};
use crate::nn::readback::read;
use crate::supernet::transformer::{PairBatch, TransformerArchitecture, TransformerSpace, TransformerSubnet};

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
    let all: [(&str, &str, &[usize]); 6] = [
        ("encoder-width", "Encoder width", &encoder.widths),
        ("encoder-layers", "Encoder layers", &encoder.depths),
        ("encoder-inner", "Encoder inner width", &encoder.ffn),
        ("decoder-width", "Decoder width", &decoder.widths),
        ("decoder-layers", "Decoder layers", &decoder.depths),
        ("decoder-inner", "Decoder inner width", &decoder.ffn),
    ];
    let sentences: Vec<usize> = (1..=SENTENCES).collect();
    let several = all.into_iter().filter(|(_, _, options)| options.len() > 1);
    let sliders = several.map(|(key, label, options)| slider(key, label, options, options.len() - 1));
    std::iter::once(slider(SENTENCE, "Test sentence", &sentences, 0)).chain(sliders).collect()
}

/// What a setting of the sliders stands for. One that is not set stands where it stands at first.
///
/// # Errors
/// When there is no such slider or position.
pub(super) fn chosen(space: &TransformerSpace, set: &BTreeMap<String, String>) -> Result<Lit> {
    let mut lit = Lit { sentence: 0, architecture: space.largest() };
    for (key, number) in numbers(&choices(space), set)? {
        let TransformerArchitecture { encoder_width, encoder, decoder_width, decoder } =
            &mut lit.architecture;
        match key {
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

/// What a sub-network makes of a sentence, and on which of its words each of the translation's, and its end, hangs.
pub(super) struct Read {
    pub words: Vec<u32>,
    hanging: Hanging,
}

impl Read {
    /// Reads a sentence, whole and without each of its words.
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
        let without = |left_out: usize| [&source[..left_out], &source[left_out + 1..]].concat();
        let sources: Vec<Vec<u32>> =
            std::iter::once(source.to_vec()).chain((0..source.len()).map(without)).collect();
        let pairs: Vec<(&[u32], &[u32])> =
            sources.iter().map(|source| (source.as_slice(), words.as_slice())).collect();
        let batch = PairBatch::new(&pairs, device);
        let logs = activation::log_softmax(subnet.forward(&batch, None), 1);
        let logs = logs.gather(1, batch.expected.clone().reshape([batch.words, 1]));
        let logs: Vec<f64> = read(logs).await?.into_iter().map(f64::from).collect();
        let word = |word: &u32| context.corpus.text(&[*word]);
        let columns = words.iter().map(word).chain(["(end)".to_owned()]).collect();
        let hanging = Hanging::new(source.iter().map(word).collect(), columns, &logs);
        Ok(Self { words, hanging })
    }

    /// Which word hangs on which.
    pub fn view(self, context: &Context, lit: &Lit, pair: &Pair, step: u64) -> View {
        let [source, words] = [&pair.source, &self.words].map(|words| context.corpus.text(words));
        let caption = format!(
            "{} reads \u{201c}{source}\u{201d} and writes \u{201c}{words}\u{201d}.",
            lit.architecture
        );
        self.hanging.view(step, caption)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::experiment::{Answer, Experiment, Probe, Registry, Session};
    use crate::labs::supernet_audit::asking::sentence;
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
        let pair = sentence(&context.corpus.test, 1).expect("there is one");
        let found = pollster::block_on(Read::new(&context, &subnet, pair, &device)).expect("reads");
        let mean = |source: &[u32]| {
            let batch = PairBatch::new(&[(source, found.words.as_slice())], &device);
            let loss = pollster::block_on(read(subnet.loss(&batch, 0.0, None))).expect("answers");
            f64::from(loss[0])
        };
        assert_eq!(found.hanging.falls.len(), pair.source.len());
        for (place, falls) in found.hanging.falls.iter().enumerate() {
            let shorter = [&pair.source[..place], &pair.source[place + 1..]].concat();
            let told = falls.iter().sum::<f64>() / falls.len() as f64;
            let alone = mean(&shorter) - mean(&pair.source);
            assert!((told - alone).abs() < 1e-4, "word {place}: {told} against {alone}");
        }
        assert!(
            found.hanging.falls.iter().flatten().any(|fall| fall.abs() > 1e-4),
            "something hangs on something"
        );
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
