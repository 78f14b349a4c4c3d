//! The lab's fields: key, label, help, unit, range, default.

use super::super::supernet_audit::Method;
use crate::experiment::{Field, Kind};

const fn sizes(max: i64, max_length: usize) -> Kind {
    Kind::IntegerList { min: 1, max, min_length: 1, max_length }
}

/// Every field, in the order of forms and files.
pub const FIELDS: &[Field] = &[
    Field::new(
        "seeds",
        ["Seeds", "", "Supernets trained per method; one shows, three or more measure."],
        Kind::count(1, 64),
        || 3.into(),
    ),
    Field::new(
        "methods",
        ["Methods", "", "What is compared. Verdicts need `sandwich`, and `fixed-input` for the control."],
        Kind::ChoiceList { options: &Method::NAMES, min_length: 1, max_length: 8 },
        || ["sandwich", "layer-wise", "neuron-wise", "fixed-input", "init-matched"].into(),
    ),
    Field::new(
        "data.source",
        [
            "Data",
            "",
            "`grammar`: a generated pair of languages; `own`: a corpus packed with `switchyard data pack`.",
        ],
        Kind::Choice(&["grammar", "own"]),
        || "grammar".into(),
    ),
    Field::new(
        "data.pairs",
        ["Pairs", "pairs", "Generated pairs to train with; a tenth as many each to tune and to test."],
        Kind::count(100, 200_000),
        || 4000.into(),
    ),
    Field::new(
        "data.longest",
        ["Longest", "words", "Pairs with a longer sentence are left out of the training, and counted."],
        Kind::count(4, 1024),
        || 64.into(),
    ),
    Field::new(
        "space.encoder_widths",
        ["Encoder widths", "units", "Widths of the encoder."],
        sizes(2048, 8),
        || [32, 48].into(),
    ),
    Field::new(
        "space.encoder_layers",
        ["Encoder layers", "layers", "Depths of the encoder."],
        sizes(24, 8),
        || [2].into(),
    ),
    Field::new(
        "space.encoder_ffn",
        ["Encoder inner widths", "units", "Inner widths, chosen for every layer of the encoder."],
        sizes(16_384, 8),
        || [32, 64, 128].into(),
    ),
    Field::new(
        "space.encoder_heads",
        [
            "Encoder heads",
            "heads",
            "Heads, chosen for every layer of the encoder; they share the inner width.",
        ],
        sizes(64, 8),
        || [2, 4].into(),
    ),
    Field::new(
        "space.decoder_widths",
        ["Decoder widths", "units", "Widths of the decoder."],
        sizes(2048, 8),
        || [32, 48].into(),
    ),
    Field::new(
        "space.decoder_layers",
        ["Decoder layers", "layers", "Depths of the decoder."],
        sizes(24, 8),
        || [1, 2].into(),
    ),
    Field::new(
        "space.decoder_ffn",
        ["Decoder inner widths", "units", "Inner widths, chosen for every layer of the decoder."],
        sizes(16_384, 8),
        || [32, 64, 128].into(),
    ),
    Field::new(
        "space.decoder_heads",
        ["Decoder heads", "heads", "Heads of self-attention, chosen for every layer of the decoder."],
        sizes(64, 8),
        || [2, 4].into(),
    ),
    Field::new(
        "space.cross_heads",
        ["Cross heads", "heads", "Heads of attention to the encoder, chosen for every layer of the decoder."],
        sizes(64, 8),
        || [2, 4].into(),
    ),
    Field::new(
        "space.attend",
        ["Attends to", "layers", "How many of the encoder's last layers a decoder layer attends to."],
        sizes(24, 8),
        || [1, 2].into(),
    ),
    Field::new(
        "space.inner",
        ["Attention width", "units", "Width of queries, keys and values, the same for all."],
        Kind::count(1, 4096),
        || 32.into(),
    ),
    Field::new(
        "supernet.experts",
        ["Experts", "", "Sets of feed-forward weights in a mixture (m); regions of a few-shot supernet."],
        Kind::count(1, 16),
        || 2.into(),
    ),
    Field::new(
        "supernet.copied_init",
        ["Copied start", "", "Experts start as copies of one another instead of apart."],
        Kind::Flag,
        || false.into(),
    ),
    Field::new(
        "supernet.matched_init",
        [
            "Matched start",
            "",
            "Experts start larger by the root of their number, so that their mixture starts like plain sharing.",
        ],
        Kind::Flag,
        || false.into(),
    ),
    Field::new(
        "supernet.encoding",
        [
            "Encoding",
            "",
            "What routers read: HAT's ten means (`aggregate`, as the paper), every layer's choices, or a one for each choice.",
        ],
        Kind::Choice(&["aggregate", "per-layer", "one-hot"]),
        || "aggregate".into(),
    ),
    Field::new(
        "supernet.router_hidden",
        ["Router units", "units", "Units of the router's hidden layer; 128 in the paper's runs."],
        Kind::count(1, 1024),
        || 32.into(),
    ),
    Field::new(
        "supernet.distillation",
        ["In-place distillation", "", "Smaller sub-networks learn from the largest one's output as well."],
        Kind::Flag,
        || false.into(),
    ),
    Field::new(
        "training.steps",
        ["Steps", "steps", "Optimiser steps of every training."],
        Kind::count(1, 1_000_000),
        || 600.into(),
    ),
    Field::new(
        "training.tokens",
        ["Tokens", "words", "Words of a batch on each side, padding included."],
        Kind::count(16, 1_000_000),
        || 512.into(),
    ),
    Field::new(
        "training.accumulation",
        ["Accumulation", "batches", "Batches whose mean gradient makes one step."],
        Kind::count(1, 1024),
        || 1.into(),
    ),
    Field::new(
        "training.learning_rate",
        ["Learning rate", "", "Peak rate of Adam; tuning tries factors from 1/2 to 4 of it."],
        Kind::Number { min: 1e-6, max: 1.0 },
        || 0.003.into(),
    ),
    Field::new(
        "training.router_learning_rate",
        ["Router rate", "", "Factor on the rate for routers when nothing is tuned; tuning tries 0.1 and 1."],
        Kind::Number { min: 0.0, max: 10.0 },
        || 1.0.into(),
    ),
    Field::new(
        "training.schedule",
        [
            "Schedule",
            "",
            "After warm-up: down to 0 along a `cosine` (WMT in the paper), or by the `inverse-sqrt` of the step (IWSLT).",
        ],
        Kind::Choice(&["cosine", "inverse-sqrt"]),
        || "cosine".into(),
    ),
    Field::new(
        "training.warm_up",
        ["Warm-up", "", "Share of the steps in which the rate rises."],
        Kind::Number { min: 0.0, max: 0.9 },
        || 0.1.into(),
    ),
    Field::new(
        "training.label_smoothing",
        ["Label smoothing", "", "Share of the probability that is spread over all words."],
        Kind::Number { min: 0.0, max: 0.5 },
        || 0.1.into(),
    ),
    Field::new(
        "training.dropout",
        ["Dropout", "", "Share of numbers left out at random behind every part of a layer, in training."],
        Kind::Number { min: 0.0, max: 0.9 },
        || 0.0.into(),
    ),
    Field::new(
        "training.clip_norm",
        ["Clipping", "", "The largest norm of all gradients together; 0 for no bound."],
        Kind::Number { min: 0.0, max: 1000.0 },
        || 0.0.into(),
    ),
    Field::new(
        "training.weight_decay",
        ["Weight decay", "", "AdamW's decay of matrices, times the learning rate; 0 for plain Adam."],
        Kind::Number { min: 0.0, max: 1.0 },
        || 0.0.into(),
    ),
    Field::new(
        "decoding.beam",
        ["Beam", "", "Hypotheses kept for each sentence; 1 is greedy."],
        Kind::count(1, 32),
        || 1.into(),
    ),
    Field::new(
        "decoding.length_penalty",
        ["Length penalty", "", "A score is divided by the length to this power."],
        Kind::Number { min: 0.0, max: 4.0 },
        || 0.6.into(),
    ),
    Field::new(
        "tuning.rates",
        [
            "Tuning trials",
            "",
            "Settings tried per method and for standalones, the same number for each; 0 tunes nothing.",
        ],
        Kind::count(0, 32),
        || 0.into(),
    ),
    Field::new(
        "tuning.seeds",
        ["Tuning seeds", "", "Multiplies the trainings; the audit uses none of these seeds."],
        Kind::count(1, 8),
        || 1.into(),
    ),
    Field::new(
        "tuning.architectures",
        ["Tuning architectures", "", "Sub-networks that trials are judged on; the audit uses none of them."],
        Kind::count(1, 16),
        || 2.into(),
    ),
    Field::new(
        "audit.architectures",
        [
            "Audited architectures",
            "",
            "Sub-networks whose gap is measured, spread over parameter bands; the largest and the smallest are among \
             them.",
        ],
        Kind::count(2, 64),
        || 6.into(),
    ),
    Field::new(
        "audit.bands",
        ["Bands", "", "Bands of parameter counts that architectures are drawn from, and compared within."],
        Kind::count(1, 16),
        || 3.into(),
    ),
    Field::new(
        "audit.standalones",
        [
            "Standalones",
            "",
            "Trainings from scratch of every audited architecture; two or more give the noise ceiling.",
        ],
        Kind::count(1, 16),
        || 2.into(),
    ),
    Field::new(
        "audit.sentences",
        ["Sentences", "sentences", "Test sentences that are translated for BLEU; the loss is of all."],
        Kind::count(1, 100_000),
        || 200.into(),
    ),
    Field::new(
        "audit.resamples",
        ["Resamples", "", "Bootstrap resamples behind every interval."],
        Kind::count(100, 100_000),
        || 2000.into(),
    ),
    Field::new(
        "audit.smallest_effect",
        ["Smallest effect", "", "The smallest relative change of the gap that would matter."],
        Kind::Number { min: 0.001, max: 1.0 },
        || 0.1.into(),
    ),
    Field::new(
        "retraining.architectures",
        [
            "Retrained architectures",
            "",
            "Audited sub-networks that are trained on from the supernet's weights, and from fresh ones; 0 for none.",
        ],
        Kind::count(0, 64),
        || 0.into(),
    ),
    Field::new(
        "retraining.steps",
        [
            "Retraining steps",
            "steps",
            "Steps of a retraining, and the length of its schedule; what takes longer counts as not reached.",
        ],
        Kind::count(1, 1_000_000),
        || 600.into(),
    ),
    Field::new(
        "retraining.every",
        ["Validated every", "steps", "Steps between two looks at the validation loss in a retraining."],
        Kind::count(1, 1_000_000),
        || 50.into(),
    ),
];
