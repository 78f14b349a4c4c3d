//! The lab's presets.

use crate::experiment::{Preset, Value};

/// Named experiments.
pub const PRESETS: &[Preset] = &[
    Preset {
        name: "mos-bert-small",
        summary: "Elastic BERTs guess masked words of a generated language: two mixtures, two controls, three seeds, audited.",
        duration: "a few minutes",
        values: Vec::new,
    },
    Preset {
        name: "mos-bert-live",
        summary: "For watching: plain sharing, then the neuron-wise mixture of small BERTs that guess masked words, nothing \
                  tuned, one seed. An illustration, not evidence.",
        duration: "about ten seconds",
        values: live,
    },
    Preset {
        name: "mos-bert",
        summary: "The paper's sizes in SuperShaper's space of 7^12 networks; give a corpus with `data.source=own`. For a GPU server.",
        duration: "weeks",
        values: supershaper,
    },
    Preset {
        name: "mos-bert-550",
        summary: "The same recipe in the paper's homogeneous space of 550 networks. For a GPU server.",
        duration: "weeks",
        values: homogeneous,
    },
];

fn live() -> Vec<(&'static str, Value)> {
    vec![
        ("seeds", 1.into()),
        ("methods", ["sandwich", "neuron-wise"].into()),
        ("data.sentences", 2000.into()),
        ("space.hidden", 32.into()),
        ("space.widths", [8, 16, 24, 32].into()),
        ("space.ffn", 64.into()),
        ("training.steps", 600.into()),
        ("training.tokens", 256.into()),
        ("training.learning_rate", 0.006.into()),
        ("tuning.rates", 0.into()),
        ("audit.architectures", 4.into()),
        ("audit.standalones", 1.into()),
    ]
}

/// The paper's recipe, from random weights instead of a trained BERT's: a step reads 2048 sequences of 128 words.
fn supershaper() -> Vec<(&'static str, Value)> {
    vec![
        ("seeds", 1.into()),
        ("methods", ["sandwich", "layer-wise", "neuron-wise"].into()),
        ("data.longest", 126.into()),
        ("space.hidden", 768.into()),
        ("space.layers", [12].into()),
        ("space.widths", [120, 240, 360, 480, 540, 600, 768].into()),
        ("space.heads", [12].into()),
        ("space.ffn", 3072.into()),
        ("supernet.router_hidden", 128.into()),
        ("training.steps", 125_000.into()),
        ("training.tokens", 8192.into()),
        ("training.accumulation", 32.into()),
        ("training.learning_rate", 0.0005.into()),
        ("training.warm_up", 0.08.into()),
        ("training.dropout", 0.1.into()),
        ("training.weight_decay", 0.01.into()),
        ("audit.architectures", 8.into()),
        ("audit.standalones", 1.into()),
    ]
}

fn homogeneous() -> Vec<(&'static str, Value)> {
    let widths: Vec<Value> = (120..=768).step_by(12).map(Value::from).collect();
    let mut values = supershaper();
    values.retain(|(key, _)| !["space.hidden", "space.ffn", "space.widths", "space.heads"].contains(key));
    values.extend([
        ("space.kind", "homogeneous".into()),
        ("space.widths", Value::List(widths)),
        ("space.heads", [6, 12].into()),
    ]);
    values
}
