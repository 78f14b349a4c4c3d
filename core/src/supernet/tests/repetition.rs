//! Training lowers the loss in every way of training, and repeats exactly.

use super::*;

fn training(sampling: Sampling) -> TrainingConfig {
    TrainingConfig {
        steps: 50,
        batch: 16,
        learning_rate: 0.01,
        warm_up: 0.1,
        router_learning_rate: 0.1,
        alternate: false,
        sampling,
        distillation: false,
    }
}

fn trained<P: WeightProvider>(provider: P, config: TrainingConfig) -> (Vec<f32>, P) {
    let mut trainer = Trainer::new(provider, config, Streams::new(SEED));
    let examples = examples(64);
    let losses = (0..50).map(|_| trainer.step(&examples).expect("trained").into_scalar::<f32>()).collect();
    (losses, trainer.provider().clone())
}

#[test]
fn every_way_of_training_lowers_the_loss_and_repeats_exactly() {
    let tracked = device().autodiff();
    let provider = || {
        Mixture::new(
            space(),
            config(2, Granularity::Layer, Encoding::PerLayer),
            &Streams::new(SEED),
            &tracked,
        )
    };
    let configs = [
        training(Sampling::Random),
        training(Sampling::Sandwich),
        TrainingConfig { distillation: true, ..training(Sampling::Sandwich) },
        TrainingConfig { alternate: true, ..training(Sampling::Sandwich) },
    ];
    for config in configs {
        let (losses, _) = trained(provider(), config.clone());
        let (first, last): (f32, f32) = (losses[..5].iter().sum(), losses[45..].iter().sum());
        assert!(last < first, "{config:?}: {losses:?}");
        assert_eq!(losses, trained(provider(), config).0);
    }
}

#[test]
fn a_router_rate_of_zero_leaves_the_router_alone_and_nothing_else() {
    let tracked = device().autodiff();
    let streams = Streams::new(SEED);
    let before = Mixture::new(space(), config(2, Granularity::Layer, Encoding::PerLayer), &streams, &tracked);
    let frozen = TrainingConfig { router_learning_rate: 0.0, ..training(Sampling::Sandwich) };
    let (_, after) = trained(before.clone(), frozen);
    let all = architectures();
    let alpha = |provider: &Mixture| {
        let mixing = provider.mixing(&all).remove(0);
        pollster::block_on(MixingTable::read(&mixing, 2)).expect("read")
    };
    assert_eq!(alpha(&before), alpha(&after));
    let moved = before.weights().input.val() - after.weights().input.val();
    assert!(moved.abs().sum().into_scalar::<f32>() > 0.0);
}
