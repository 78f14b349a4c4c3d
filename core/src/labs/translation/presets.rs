//! The lab's presets.

use crate::experiment::{Preset, Value};

/// Named experiments.
pub const PRESETS: &[Preset] = &[
    Preset {
        name: "mos-mt-small",
        summary: "Elastic transformers translate a generated language: two mixtures, two controls, three seeds, audited.",
        duration: "a few minutes",
        values: Vec::new,
    },
    Preset {
        name: "mos-mt-live",
        summary: "For watching: plain sharing, then the neuron-wise mixture of small transformers that translate, nothing \
                  tuned, one seed. An illustration, not evidence.",
        duration: "about half a minute",
        values: live,
    },
    Preset {
        name: "mos-mt",
        summary: "A supernet for a parallel corpus of your own (`data.source=own`), in a space of HAT's kind.",
        duration: "half an hour on two cores",
        values: own,
    },
    Preset {
        name: "mos-mt-hat",
        summary: "The paper's recipe, unreduced: HAT's space for WMT, 40,000 updates of 524,288 words. For a GPU server.",
        duration: "days",
        values: hat,
    },
];

fn live() -> Vec<(&'static str, Value)> {
    vec![
        ("seeds", 1.into()),
        ("methods", ["sandwich", "neuron-wise"].into()),
        ("data.pairs", 2000.into()),
        ("space.encoder_widths", [24, 48].into()),
        ("space.encoder_layers", [1].into()),
        ("space.encoder_ffn", [16, 32, 64].into()),
        ("space.decoder_widths", [24, 48].into()),
        ("space.decoder_ffn", [16, 32, 64].into()),
        ("space.attend", [1].into()),
        ("training.steps", 800.into()),
        ("training.tokens", 384.into()),
        ("training.learning_rate", 0.006.into()),
        ("tuning.rates", 0.into()),
        ("audit.architectures", 4.into()),
        ("audit.standalones", 1.into()),
        ("audit.sentences", 32.into()),
    ]
}

fn own() -> Vec<(&'static str, Value)> {
    vec![
        ("seeds", 1.into()),
        ("methods", ["neuron-wise"].into()),
        ("space.encoder_widths", [96, 128].into()),
        ("space.encoder_layers", [3].into()),
        ("space.encoder_ffn", [128, 256, 384].into()),
        ("space.encoder_heads", [2, 4].into()),
        ("space.decoder_widths", [96, 128].into()),
        ("space.decoder_layers", [1, 2, 3].into()),
        ("space.decoder_ffn", [128, 256, 384].into()),
        ("space.decoder_heads", [2, 4].into()),
        ("space.cross_heads", [2, 4].into()),
        ("space.attend", [1, 2, 3].into()),
        ("space.inner", 128.into()),
        ("supernet.router_hidden", 128.into()),
        ("training.steps", 3000.into()),
        ("training.tokens", 1536.into()),
        ("training.learning_rate", 0.002.into()),
        ("training.dropout", 0.1.into()),
        ("decoding.beam", 4.into()),
        ("audit.architectures", 2.into()),
        ("audit.standalones", 1.into()),
        ("audit.sentences", 1000.into()),
    ]
}

fn hat() -> Vec<(&'static str, Value)> {
    vec![
        ("seeds", 1.into()),
        ("methods", ["sandwich", "layer-wise", "neuron-wise"].into()),
        ("data.longest", 256.into()),
        ("space.encoder_widths", [512, 640].into()),
        ("space.encoder_layers", [6].into()),
        ("space.encoder_ffn", [1024, 2048, 3072].into()),
        ("space.encoder_heads", [4, 8].into()),
        ("space.decoder_widths", [512, 640].into()),
        ("space.decoder_layers", [1, 2, 3, 4, 5, 6].into()),
        ("space.decoder_ffn", [1024, 2048, 3072].into()),
        ("space.decoder_heads", [4, 8].into()),
        ("space.cross_heads", [4, 8].into()),
        ("space.attend", [1, 2, 3].into()),
        ("space.inner", 512.into()),
        ("supernet.router_hidden", 128.into()),
        ("training.steps", 40_000.into()),
        ("training.tokens", 4096.into()),
        ("training.accumulation", 128.into()),
        ("training.learning_rate", 0.001.into()),
        ("training.warm_up", 0.25.into()),
        ("training.dropout", 0.3.into()),
        ("decoding.beam", 4.into()),
        ("audit.architectures", 30.into()),
        ("audit.standalones", 1.into()),
        ("audit.sentences", 3000.into()),
    ]
}
