//! Works in mixed precision: near the losses of single precision, not equal to them, and as repeatable.

use super::several::ends_as_on_one_device;
use super::*;

/// Training losses and the measured loss of a work of 20 steps in these numbers.
fn losses(preset: &str, sets: &[&str], task: &str, precision: &str) -> (Vec<f64>, f64) {
    let precision = format!("training.precision={precision}");
    let settings = if preset == "mos-mt-small" { TRANSLATION } else { MASKED_LANGUAGE };
    let begin = || work(preset, &[settings, sets, &["training.steps=20", &precision]], task);
    let (outcome, ..) = end(&begin, None);
    (outcome.numbers["curve_loss"].clone(), outcome.numbers["quality"][0])
}

#[test]
fn twenty_steps_in_mixed_precision_have_nearly_the_losses_of_single_precision() {
    let taught = ["supernet.distillation=true", "training.dropout=0.1", "methods=neuron-wise"];
    let tasks = [
        ("mos-mt-small", "supernet/neuron-wise"),
        ("mos-mt-small", "standalone/"),
        ("mos-bert-small", "supernet/neuron-wise"),
    ];
    for (preset, task) in tasks {
        let [(single, single_end), (mixed, mixed_end)] =
            ["f32", "bf16"].map(|precision| losses(preset, &taught, task, precision));
        let pairs = || single.iter().chain([&single_end]).zip(mixed.iter().chain([&mixed_end]));
        let far = pairs().map(|(single, mixed)| (single - mixed).abs()).fold(0.0, f64::max);
        let (least, most) = single.iter().fold((f64::MAX, 0.0), |(a, b), loss| (loss.min(a), loss.max(b)));
        assert!(far < 0.01, "{preset}, {task}: {far} nats apart");
        assert!(pairs().all(|(single, mixed)| single != mixed), "{preset}, {task}: nothing was rounded");
        assert!(most - least > 5.0 * far, "{preset}, {task}: what was learned is more than that");
    }
}

#[test]
fn mixed_precision_repeats_half_way_and_on_several_devices() {
    let sets = ["methods=sandwich", "training.precision=bf16", "training.accumulation=2"];
    let begin = || translation(&sets, "supernet/sandwich");
    assert_eq!(end(&begin, Some(3)), end(&begin, None));
    ends_as_on_one_device(&begin, [7, 2]);
}
