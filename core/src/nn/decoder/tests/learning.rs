//! A small training of a dense decoder on the generated language: what the whole chain is for.

use super::super::{DecoderConfig, DenseDecoder, Positions, token_losses};
use crate::data::text::{Corpus, Cut, Determined, Language, Level, Part};
use crate::nn::fused::checks::values;
use crate::nn::fused::{Adam, AdamW, cross_entropy_classes, decayed_matrices};
use crate::nn::optimisation::{MicroBatches, clip_norm};
use crate::nn::parameters::fingerprint;
use crate::nn::rotary::Rotary;
use crate::nn::schedule::warm_up_then_cosine;
use crate::rng::Streams;
use burn::prelude::*;

const LANGUAGE: Language = Language {
    topics: 2,
    words: 4,
    gap: 1,
    paragraph: 2,
    copy_share: 0.2,
    copy_length: 3,
    characters: 20_000,
};
const LENGTH: usize = 32;
const BATCH: usize = 8;

fn corpus() -> Corpus {
    let generated = LANGUAGE.generate(&mut Streams::new(1).stream("data")).expect("in range");
    let cut = Cut { length: LENGTH, validation: 0.05, test: 0.05 };
    Corpus::of_generated(&generated, Level::Characters, cut).expect("it is long enough")
}

fn config(vocabulary: usize) -> DecoderConfig {
    let positions = Positions::Rotary { base: Rotary::BASE };
    DecoderConfig { vocabulary, length: LENGTH, width: 32, heads: 2, depth: 1, positions, tied: false }
}

fn tensors(corpus: &Corpus, starts: &[usize]) -> (Tensor<2, Int>, Tensor<1, Int>) {
    let numbers = |tokens: Vec<u32>| tokens.into_iter().map(|token| token as i32).collect::<Vec<i32>>();
    let (inputs, targets) = (numbers(corpus.inputs(starts)), numbers(corpus.targets(starts)));
    let rows = starts.len();
    (
        Tensor::from_data(TensorData::new(inputs, [rows, LENGTH]), &Device::flex()),
        Tensor::from_data(TensorData::new(targets, [rows * LENGTH]), &Device::flex()),
    )
}

fn loss(model: &DenseDecoder, corpus: &Corpus, starts: &[usize]) -> Tensor<1> {
    let (inputs, targets) = tensors(corpus, starts);
    cross_entropy_classes(model.forward(inputs), targets)
}

fn train(corpus: &Corpus, seed: u64, steps: u64, micro_batches: usize) -> DenseDecoder {
    let (streams, device) = (Streams::new(seed), Device::flex().autodiff());
    let config = config(corpus.vocabulary().size());
    let mut model = DenseDecoder::new(config, 64, &streams, &device).expect("the sizes fit");
    let adam = Adam { beta_1: 0.9, beta_2: 0.99, epsilon: 1e-8 };
    let mut optimiser = AdamW { adam, decay: 0.01 }.init(decayed_matrices(&model));
    let mut stream = streams.stream("data");
    for step in 0..steps {
        let starts = corpus.draw(Part::Train, BATCH, &mut stream).expect("the part is not empty");
        let mut batches = MicroBatches::new();
        for starts in starts.chunks(BATCH / micro_batches) {
            batches.add(&model, &loss(&model, corpus, starts));
        }
        let clipped = clip_norm(&model, batches.take_mean(&model), 1.0);
        let rate = 5e-3 * warm_up_then_cosine(step, steps, 0.05);
        model = optimiser.step(rate, model, clipped.gradients);
    }
    model
}

fn digest(model: &DenseDecoder) -> String {
    pollster::block_on(fingerprint(model)).expect("the processor answers")
}

#[test]
fn a_small_decoder_learns_most_of_the_language_in_a_few_hundred_steps() {
    let corpus = corpus();
    let windows = corpus.windows(Part::Validation);
    let (inputs, targets) = tensors(&corpus, &windows);
    let measure =
        |model: DenseDecoder| values(&token_losses(model.valid().forward(inputs.clone()), targets.clone()));
    let mean = |losses: &[f32]| losses.iter().sum::<f32>() / losses.len() as f32;
    let uniform = (corpus.vocabulary().size() as f32).ln();
    let (before, after) = (measure(train(&corpus, 1, 0, 1)), measure(train(&corpus, 1, 300, 1)));
    assert!((mean(&before) - uniform).abs() < 0.3, "{} of {uniform}", mean(&before));
    assert!(mean(&after) < 0.35 * uniform, "{} of {uniform}", mean(&after));
    let determined = corpus.determined(&windows).expect("the text is generated");
    let of = |losses: &[f32], wanted: Determined| {
        let chosen = losses.iter().zip(&determined).filter(|(_, determined)| **determined == wanted);
        mean(&chosen.map(|(loss, _)| *loss).collect::<Vec<f32>>())
    };
    for wanted in [Determined::No, Determined::Agreement] {
        assert!(of(&after, wanted) < 0.5 * of(&before, wanted), "{wanted:?}: {}", of(&after, wanted));
    }
}

#[test]
fn a_seed_repeats_a_training_and_micro_batches_change_only_the_rounding() {
    let corpus = corpus();
    let whole = train(&corpus, 1, 20, 1);
    assert_eq!(digest(&whole), digest(&train(&corpus, 1, 20, 1)));
    assert_ne!(digest(&whole), digest(&train(&corpus, 2, 20, 1)));
    let parts = train(&corpus, 1, 20, 4);
    assert_eq!(digest(&parts), digest(&train(&corpus, 1, 20, 4)));
    let windows = corpus.windows(Part::Validation);
    let [whole, parts] = [whole, parts].map(|model| values(&loss(&model.valid(), &corpus, &windows))[0]);
    assert!((whole - parts).abs() < 1e-3, "{whole} {parts}");
}
