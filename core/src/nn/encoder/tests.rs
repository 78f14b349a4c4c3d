//! The elastic encoder: shapes, masks, gradients, learning, and refused architectures.

use super::*;
use crate::nn::fused::checks::values;
use crate::nn::fused::cross_entropy_classes;
use burn::optim::{AdamConfig, GradientsParams};

fn config(sharing: Sharing, mask: Mask) -> EncoderConfig {
    EncoderConfig {
        vocabulary: 11,
        length: 6,
        width: 12,
        head_width: 4,
        feed_forward: 20,
        depth: 2,
        mask,
        sharing,
    }
}

fn tokens(numbers: &[i64]) -> Tensor<2, Int> {
    Tensor::from_data(TensorData::new(numbers.to_vec(), [2, numbers.len() / 2]), &Device::flex())
}

const NUMBERS: [i64; 12] = [1, 5, 2, 9, 0, 3, 4, 4, 10, 7, 8, 6];

#[test]
fn every_sharing_learns_to_copy_its_input_with_all_sampled_shapes() {
    for sharing in [Sharing::Plain, Sharing::LayerWise(2), Sharing::NeuronWise(2)] {
        let config = config(sharing, Mask::Open);
        let mut model = ElasticEncoder::new(config, &Streams::new(3), &Device::flex().autodiff());
        let mut optimiser = AdamConfig::new().with_epsilon(1e-8).init();
        let shapes = [config.largest(), EncoderShape { width: 8, feed_forward: vec![10] }];
        let (x, target) = (tokens(&NUMBERS), tokens(&NUMBERS).reshape([12]));
        let loss = |model: &ElasticEncoder| {
            let losses = shapes.each_ref().map(|shape| {
                let logits =
                    model.forward(x.clone(), shape).expect("the shapes are within the configuration");
                cross_entropy_classes(logits, target.clone())
            });
            losses.into_iter().reduce(|a, b| a + b).expect("there are two shapes")
        };
        let before = values(&loss(&model))[0];
        for _ in 0..30 {
            let gradients = GradientsParams::from_grads(loss(&model).backward(), &model);
            model = optimiser.step(3e-3, model, gradients);
        }
        let after = values(&loss(&model))[0];
        assert!(after < 0.5 * before, "{sharing:?}: the loss went from {before} to {after}");
    }
}

#[test]
fn under_a_causal_mask_later_tokens_do_not_change_earlier_logits() {
    let config = config(Sharing::Plain, Mask::Causal);
    let model = ElasticEncoder::new(config, &Streams::new(3), &Device::flex());
    let mut changed = NUMBERS;
    changed[5] = 8; // the last token of the first sequence
    let logits = |numbers: &[i64]| {
        model
            .forward(tokens(numbers), &config.largest())
            .expect("the largest shape is within the configuration")
    };
    let (one, two) = (logits(&NUMBERS), logits(&changed));
    assert_eq!(values(&one.clone().slice(s![0..5])), values(&two.clone().slice(s![0..5])));
    assert_ne!(values(&one.slice(s![5..6])), values(&two.slice(s![5..6])));
}

#[test]
fn identical_experts_make_every_mixture_the_plain_encoder_of_its_expert() {
    use burn::module::ModuleMapper;
    struct SameExperts;
    impl ModuleMapper for SameExperts {
        fn map_float<const D: usize>(&mut self, parameter: Param<Tensor<D>>) -> Param<Tensor<D>> {
            let id = parameter.id;
            let value = parameter.val();
            let value = if D == 3 { value.narrow(0, 0, 1).repeat_dim(0, 2) } else { value };
            Param::initialized(id, value)
        }
    }
    for sharing in [Sharing::LayerWise(2), Sharing::NeuronWise(2)] {
        let config = config(sharing, Mask::Open);
        let model = ElasticEncoder::new(config, &Streams::new(3), &Device::flex()).map(&mut SameExperts);
        let shape = EncoderShape { width: 8, feed_forward: vec![20, 7] };
        let block = &model.blocks[0];
        let FeedForward::Mixed(_) = &block.feed_forward else { panic!("the encoder was built as a mixture") };
        let x = crate::nn::fused::checks::plain("x", [5, 8]);
        let code = |config: &EncoderConfig, shape: &EncoderShape| {
            let numbers = config.encoding(shape);
            Tensor::<2>::from_data(TensorData::new(numbers, [1, 3]), &Device::flex())
        };
        let one = block.feed_forward.forward(x.clone(), 20, &code(&config, &shape));
        let two = block.feed_forward.forward(x, 20, &code(&config, &config.largest()));
        crate::nn::fused::checks::assert_near(&one, &two, 1e-5);
    }
}

#[test]
fn shapes_outside_the_encoder_are_refused_with_the_size_named() {
    let config = config(Sharing::Plain, Mask::Open);
    let refused = |width, feed_forward: &[usize], name: &str| {
        let shape = EncoderShape { width, feed_forward: feed_forward.to_vec() };
        let error = config.check(&shape).expect_err("the shape is outside the encoder").to_string();
        assert!(error.contains(name), "{error}");
    };
    refused(16, &[20], "width is 16");
    refused(6, &[20], "width is 6");
    refused(0, &[20], "width is 0");
    refused(8, &[], "depth is 0");
    refused(8, &[20, 20, 20], "depth is 3");
    refused(8, &[20, 21], "a feed-forward size is 21");
    assert!(config.check(&config.largest()).is_ok());
}
