//! The decoder against its slow twin, its causality, its sizes, and a small training on the generated language.

mod learning;
mod reference;

use super::*;
use crate::nn::fused::checks::values;
use crate::nn::fused::cross_entropy_classes;
use crate::nn::parameters::named_tensors;
use burn::module::{ModuleMapper, ModuleVisitor};
use reference::Reference;

const CONFIG: DecoderConfig = DecoderConfig {
    vocabulary: 5,
    length: 4,
    width: 8,
    heads: 2,
    depth: 2,
    positions: Positions::Learned,
    tied: false,
};
const INNER: usize = 6;
const TOKENS: [i64; 8] = [1, 4, 2, 0, 3, 3, 1, 2];
const TARGETS: [i64; 8] = [4, 2, 0, 3, 3, 1, 2, 0];

/// Every choice of positions and of the last layer.
fn kinds() -> Vec<DecoderConfig> {
    let positions = [Positions::Learned, Positions::Rotary { base: Rotary::BASE }];
    let kind = |positions| [false, true].map(|tied| DecoderConfig { positions, tied, ..CONFIG });
    positions.into_iter().flat_map(kind).collect()
}

fn tokens(numbers: &[i64]) -> Tensor<2, Int> {
    let rows = numbers.len() / CONFIG.length;
    Tensor::from_data(TensorData::new(numbers.to_vec(), [rows, CONFIG.length]), &Device::flex())
}

fn targets() -> Tensor<1, Int> {
    Tensor::from_data(TensorData::new(TARGETS.to_vec(), [TARGETS.len()]), &Device::flex())
}

/// Moves every number, biases and norms included, so that none of them can be left out unseen.
struct Shake(Stream, Device);

impl ModuleMapper for Shake {
    fn map_float<const D: usize>(&mut self, parameter: Param<Tensor<D>>) -> Param<Tensor<D>> {
        let (shape, mut numbers) = (parameter.val().dims(), values(&parameter.val()));
        let noise = self.0.normals(numbers.len(), 0.3);
        numbers.iter_mut().zip(noise).for_each(|(number, noise)| *number += noise);
        Param::from_data(TensorData::new(numbers, shape), &self.1)
    }
}

fn shaken(config: DecoderConfig, device: &Device) -> DenseDecoder {
    let model = DenseDecoder::new(config, INNER, &Streams::new(3), device).expect("the sizes fit");
    model.map(&mut Shake(Streams::new(3).stream("test"), device.clone()))
}

#[test]
fn logits_losses_and_gradients_agree_with_plain_loops_and_finite_differences() {
    struct Gather(burn::tensor::Gradients, Vec<f32>);
    impl ModuleVisitor for Gather {
        fn visit_float<const D: usize>(&mut self, parameter: &Param<Tensor<D>>) {
            let gradient = parameter.val().grad(&self.0).expect("every parameter takes part in the loss");
            self.1.extend(values(&gradient));
        }
    }
    for config in kinds() {
        let model = shaken(config, &Device::flex().autodiff());
        let mut reference = Reference::new(&model, INNER);
        let logits = model.forward(tokens(&TOKENS));
        for (fast, slow) in values(&logits).into_iter().zip(reference.logits(&TOKENS)) {
            assert!((f64::from(fast) - slow).abs() < 2e-5 * (1.0 + slow.abs()), "{config:?}: {fast}, {slow}");
        }
        let each = values(&token_losses(logits.clone(), targets()));
        for (fast, slow) in each.into_iter().zip(reference.losses(&TOKENS, &TARGETS)) {
            assert!((f64::from(fast) - slow).abs() < 2e-5 * (1.0 + slow.abs()), "{config:?}: {fast}, {slow}");
        }
        let mut gather = Gather(cross_entropy_classes(logits, targets()).backward(), Vec::new());
        model.visit(&mut gather);
        assert_eq!(gather.1.len(), reference.numbers.len());
        for (index, gradient) in gather.1.into_iter().enumerate() {
            let slope = reference.slope(index, &TOKENS, &TARGETS);
            let difference = (f64::from(gradient) - slope).abs();
            assert!(difference < 1e-4 * (1.0 + slope.abs()), "{config:?}, {index}: {gradient}, {slope}");
        }
    }
}

#[test]
fn a_later_token_never_changes_an_earlier_logit() {
    for config in kinds() {
        let model = shaken(config, &Device::flex());
        let before = values(&model.forward(tokens(&TOKENS)));
        for place in 0..TOKENS.len() {
            let mut changed = TOKENS;
            changed[place] = (changed[place] + 1) % 5;
            let after = values(&model.forward(tokens(&changed)));
            for row in 0..TOKENS.len() {
                let is_equal = before[row * 5..row * 5 + 5] == after[row * 5..row * 5 + 5];
                let may_see = row >= place && row / 4 == place / 4;
                assert_eq!(is_equal, !may_see, "{config:?}: token {place} changed, row {row}");
            }
        }
    }
}

#[test]
fn a_shorter_sequence_gives_the_leading_logits_of_a_longer_one() {
    for config in kinds() {
        let model = shaken(config, &Device::flex());
        let whole = values(&model.forward(tokens(&TOKENS[..4])));
        let start = TOKENS[..3].to_vec();
        let short = Tensor::<2, Int>::from_data(TensorData::new(start, [1, 3]), &Device::flex());
        for (short, whole) in values(&model.forward(short)).into_iter().zip(whole) {
            assert!((short - whole).abs() < 1e-5, "{config:?}: {short}, {whole}");
        }
    }
}

#[test]
fn the_pieces_put_together_by_hand_are_the_whole() {
    let model = shaken(CONFIG, &Device::flex());
    let sequences = Sequences { count: 2, length: 4 };
    let mut x = model.decoder.embed(tokens(&TOKENS));
    for block in 0..model.decoder.depth() {
        x = model.decoder.attend(block, x, sequences);
        let normal = model.decoder.feed_forward_input(block, x.clone());
        x = x + model.feed_forward[block].forward(normal);
    }
    assert_eq!(values(&model.decoder.logits(x)), values(&model.forward(tokens(&TOKENS))));
}

#[test]
fn decoders_of_one_seed_start_alike_and_learn_as_many_numbers_as_they_say() {
    for config in kinds() {
        let make = |seed, inner| {
            DenseDecoder::new(config, inner, &Streams::new(seed), &Device::flex()).expect("the sizes fit")
        };
        let numbers = |decoder: &Decoder| -> Vec<f32> {
            named_tensors(decoder).iter().flat_map(|(_, _, tensor)| values(tensor)).collect()
        };
        let (small, large) = (make(1, 6), make(1, 9));
        assert_eq!(numbers(&small.decoder), numbers(&large.decoder));
        assert_ne!(numbers(&small.decoder), numbers(&make(2, 6).decoder));
        assert_eq!(small.decoder.num_params(), config.parameters());
        let parts = config.depth * DenseFeedForward::parameters([config.width, 6]);
        assert_eq!(small.num_params(), config.parameters() + parts);
    }
}

#[test]
fn sizes_that_are_no_decoder_are_refused_by_name() {
    let rotary = Positions::Rotary { base: Rotary::BASE };
    for (config, expected) in [
        (DecoderConfig { width: 0, ..CONFIG }, "`width` is 0, but must be at least 1"),
        (DecoderConfig { heads: 3, ..CONFIG }, "3 heads do not share a width of 8 evenly"),
        (DecoderConfig { heads: 8, positions: rotary, ..CONFIG }, "a head's width must be even, not 1"),
        (DecoderConfig { positions: Positions::Rotary { base: 1.0 }, ..CONFIG }, "`base` is 1"),
    ] {
        let error = Decoder::new(config, &Streams::new(0), &Device::flex()).expect_err("refused");
        assert!(error.to_string().contains(expected), "{error}");
    }
}

#[test]
#[should_panic(expected = "a sequence of 5 tokens is longer than the decoder's 4")]
fn a_sequence_that_is_too_long_is_named() {
    let model = shaken(CONFIG, &Device::flex());
    let five = Tensor::<2, Int>::from_data(TensorData::new(vec![0i64; 5], [1, 5]), &Device::flex());
    model.forward(five);
}
