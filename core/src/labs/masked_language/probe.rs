//! Asking a supernet under way: what one sub-network guesses in one test sentence, and on which of the visible words each guess
//! hangs. Everything is read from the weights as they are; nothing of the training is changed.

use std::collections::BTreeMap;

use burn::prelude::*;
use burn::tensor::activation;

use super::context::Context;
use super::pictures::{self, SENTENCES};
use crate::Result;
use crate::data::masking::{MASK, Masked};
use crate::experiment::{Checked, Choice, ProbeKind, View};
use crate::labs::supernet_audit::asking::{Hanging, numbers, slider};
use crate::nn::readback::read;
use crate::supernet::bert::{BertSubnet, MaskedBatch};

/// What is asked about: a test sentence that is shown, and an audited sub-network, by their places.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Lit {
    pub sentence: usize,
    pub network: usize,
}

/// The sliders of a specification.
pub(super) fn sliders(checked: &Checked) -> Option<ProbeKind> {
    let audited = checked.value("audit.architectures")?.to_string().parse().ok()?;
    Some(ProbeKind::Choices { choices: choices(audited) })
}

/// A sentence, and one of so many audited sub-networks; at first the largest.
fn choices(audited: usize) -> Vec<Choice> {
    let numbers = |count: usize| (1..=count).collect::<Vec<_>>();
    vec![
        slider("sentence", "Test sentence", &numbers(SENTENCES), 0),
        slider("network", "Sub-network, by size", &numbers(audited), audited.saturating_sub(1)),
    ]
}

/// What a setting of the sliders stands for. One that is not set stands where it stands at first.
///
/// # Errors
/// When there is no such slider or position.
pub(super) fn chosen(audited: usize, set: &BTreeMap<String, String>) -> Result<Lit> {
    let mut lit = Lit { sentence: 0, network: audited.saturating_sub(1) };
    for (key, number) in numbers(&choices(audited), set)? {
        *(if key == "sentence" { &mut lit.sentence } else { &mut lit.network }) = number - 1;
    }
    Ok(lit)
}

/// What a sub-network guesses in a sentence, and on which visible word each guess hangs.
pub(super) struct Guessed {
    pub words: Vec<u32>,
    hanging: Hanging,
}

impl Guessed {
    /// Guesses in a sentence as it is shown, and with each visible word masked too.
    ///
    /// # Errors
    /// When the device does not answer.
    pub async fn new(
        context: &Context,
        subnet: &BertSubnet,
        shown: &Masked,
        device: &Device,
    ) -> Result<Self> {
        let visible: Vec<usize> =
            (0..shown.words.len()).filter(|place| !shown.places.contains(place)).collect();
        let hidden = |place: &usize| {
            let mut hidden = shown.clone();
            hidden.words[*place] = MASK;
            hidden
        };
        let all: Vec<Masked> = std::iter::once(shown.clone()).chain(visible.iter().map(hidden)).collect();
        let batch = MaskedBatch::new(&all.iter().collect::<Vec<_>>(), device);
        let logs = activation::log_softmax(subnet.forward(&batch, None), 1);
        let count = shown.places.len();
        // Of every sentence the log probabilities of the first one's guesses.
        let best = logs.clone().narrow(0, 0, count).argmax(1);
        let found = logs.gather(1, best.clone().repeat_dim(0, all.len()));
        let words: Vec<u32> = read(best.float()).await?.into_iter().map(|word| word as u32).collect();
        let found: Vec<f64> = read(found).await?.into_iter().map(f64::from).collect();
        let text = |word: u32| context.corpus.joining.text(&context.corpus.vocabulary, &[word]);
        let rows = visible.iter().map(|place| text(shown.words[*place])).collect();
        let columns = words.iter().copied().map(text).collect();
        Ok(Self { words, hanging: Hanging::new(rows, columns, &found) })
    }

    /// Which guess hangs on which word; `name` is the sub-network's.
    pub fn view(self, context: &Context, name: &str, shown: &Masked, step: u64) -> View {
        let text = pictures::filled(&context.corpus, shown, &self.words);
        self.hanging.view(step, format!("{name} guesses the words in brackets: \u{201c}{text}\u{201d}."))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::experiment::{Experiment, Probe, Registry, Session};

    fn checked() -> Checked {
        let registry = Registry::standard();
        let mut experiment = Experiment::new("mos-bert-live");
        for set in ["data.sentences=100", "training.steps=3", "audit.architectures=3"] {
            registry.set(&mut experiment, set).expect("a field of the lab");
        }
        registry.check(&experiment).expect("valid")
    }

    fn set(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
        pairs.iter().map(|(key, option)| ((*key).to_owned(), (*option).to_owned())).collect()
    }

    #[test]
    fn sliders_stand_for_the_first_sentence_and_the_largest_at_first() {
        assert_eq!(chosen(3, &BTreeMap::new()), Ok(Lit { sentence: 0, network: 2 }));
        let smallest = set(&[("network", "1"), ("sentence", "8")]);
        assert_eq!(chosen(3, &smallest), Ok(Lit { sentence: 7, network: 0 }));
        let problem = chosen(3, &set(&[("network", "4")])).expect_err("there are three").to_string();
        assert!(problem.contains("must be one of 1, 2, 3"), "{problem}");
    }

    #[test]
    fn asking_changes_nothing_and_lights_what_was_asked_for() {
        let run = |asked: bool| {
            let mut session = Session::open(&checked()).expect("opens");
            let mut last = None;
            while !session.is_complete() {
                pollster::block_on(session.step(&Device::flex(), 1)).expect("steps");
                if asked {
                    let options = set(&[("sentence", "2"), ("network", "1")]);
                    let answer =
                        pollster::block_on(session.probe(&Probe::Choices { options })).expect("answers");
                    let views = pollster::block_on(session.look()).expect("looks");
                    let lit = views.iter().find(|view| view.name == "words").expect("it is shown");
                    assert!(answer.views.contains(lit));
                    last = Some(answer);
                }
            }
            (session.digest().expect("complete").to_owned(), last)
        };
        let (asked, answer) = run(true);
        assert_eq!(asked, run(false).0);
        let facts = answer.expect("it was asked").facts;
        assert!(facts.contains(&("architecture".to_owned(), "h32-2x64-b8.8".to_owned())), "{facts:?}");
        assert_eq!(facts.iter().filter(|(name, _)| name.ends_with("from its experts")).count(), 2);
    }

    #[test]
    fn what_a_guess_hangs_on_is_what_the_network_says_of_each_sentence_alone() {
        let device = Device::flex();
        let context = Context::new(&checked(), None).expect("fits");
        let method = crate::labs::supernet_audit::Method::Sandwich;
        let streams = context.audit.replicate("supernet", 0);
        let space = context.space.clone();
        let network = crate::supernet::bert::ElasticBert::new(
            space,
            context.rows(),
            context.sharing(method),
            &streams,
            &device,
        );
        let subnet = network.subnet(&context.space.largest()).expect("in the space");
        let shown = &context.test[0];
        let found = pollster::block_on(Guessed::new(&context, &subnet, shown, &device)).expect("guesses");
        let mean = |sentence: &Masked| {
            let guesses = Masked { expected: found.words.clone(), ..sentence.clone() };
            let batch = MaskedBatch::new(&[&guesses], &device);
            let logits = subnet.forward(&batch, None);
            let loss = crate::nn::fused::cross_entropy_classes(logits, batch.expected.clone());
            f64::from(pollster::block_on(read(loss)).expect("answers")[0])
        };
        let visible = (0..shown.words.len()).filter(|place| !shown.places.contains(place));
        for (place, falls) in visible.zip(&found.hanging.falls) {
            let mut hidden = shown.clone();
            hidden.words[place] = MASK;
            let told = falls.iter().sum::<f64>() / falls.len() as f64;
            assert!((told - (mean(&hidden) - mean(shown))).abs() < 1e-4, "word {place}: {told}");
        }
        assert!(found.hanging.falls.iter().flatten().any(|fall| fall.abs() > 1e-5), "something hangs");
    }
}
