//! The lab's presets.

use crate::experiment::{Preset, Value};

/// Named experiments.
pub const PRESETS: &[Preset] = &[
    Preset {
        name: "mos-digits",
        summary: "The main job: an elastic network on the embedded digits, two mixtures, two controls, three seeds.",
        duration: "about twenty seconds",
        values: Vec::new,
    },
    Preset {
        name: "mos-t1",
        summary: "The replication: a task with exact evaluation, 16 architectures, 6 seeds, tuned with equal budgets.",
        duration: "about two minutes",
        values: t1,
    },
    Preset {
        name: "mos-tiny",
        summary: "A few seconds of everything: small networks, one seed. An illustration, not evidence.",
        duration: "a few seconds",
        values: tiny,
    },
    Preset {
        name: "mos-live",
        summary: "For watching: plain sharing, then the neuron-wise mixture on the digits, nothing tuned, one seed. An \
                  illustration, not evidence.",
        duration: "a few seconds",
        values: live,
    },
];

fn t1() -> Vec<(&'static str, Value)> {
    vec![
        ("seeds", 6.into()),
        ("data.source", "teacher".into()),
        ("space.widths", [12, 20, 32].into()),
        ("space.ffn", [8, 24].into()),
        ("space.wide_ffn", 64.into()),
        ("space.activations", ["relu", "squared-relu"].into()),
        ("training.steps", 2500.into()),
        ("training.learning_rate", 0.008.into()),
        ("tuning.rates", 6.into()),
        ("audit.standalones", 2.into()),
    ]
}

fn tiny() -> Vec<(&'static str, Value)> {
    vec![
        ("seeds", 1.into()),
        ("methods", ["sandwich", "layer-wise"].into()),
        ("data.source", "teacher".into()),
        ("space.widths", [8, 16].into()),
        ("space.ffn", [8, 24].into()),
        ("training.steps", 300.into()),
        ("training.learning_rate", 0.01.into()),
        ("tuning.rates", 0.into()),
        ("audit.architectures", 8.into()),
        ("audit.standalones", 2.into()),
    ]
}

fn live() -> Vec<(&'static str, Value)> {
    vec![
        ("seeds", 1.into()),
        ("methods", ["sandwich", "neuron-wise"].into()),
        ("supernet.experts", 3.into()),
        ("training.learning_rate", 0.004.into()),
        ("training.router_learning_rate", 1.0.into()),
        ("tuning.rates", 0.into()),
        ("audit.architectures", 8.into()),
        ("audit.standalones", 1.into()),
    ]
}
