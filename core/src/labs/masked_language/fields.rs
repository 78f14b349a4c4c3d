//! The lab's fields: key, label, help, unit, range, default.

use super::super::supernet_audit::fields::{self, sizes};
use crate::experiment::{Field, Kind};

/// Every field, in the order of forms and files.
pub const FIELDS: &[Field] = &[
    fields::SEEDS,
    fields::METHODS,
    Field::new(
        "data.source",
        ["Data", "", "`grammar`: generated sentences; `own`: a corpus packed with `switchyard data pack`."],
        Kind::Choice(&["grammar", "own"]),
        || "grammar".into(),
    ),
    Field::new(
        "data.side",
        [
            "Sentences of",
            "",
            "Which sentences of pairs are read: the `source`s, the `target`s, or `both`; of one language there are only `source`s.",
        ],
        Kind::Choice(&["source", "target", "both"]),
        || "source".into(),
    ),
    Field::new(
        "data.sentences",
        [
            "Sentences",
            "sentences",
            "Generated pairs to train with; a tenth as many each to tune and to test.",
        ],
        Kind::count(100, 200_000),
        || 4000.into(),
    ),
    Field::new(
        "data.longest",
        [
            "Longest",
            "words",
            "Longer sentences are cut, and counted: there are so many positions, and two more.",
        ],
        Kind::count(2, 1022),
        || 30.into(),
    ),
    Field::new(
        "data.masked",
        ["Masked", "", "Share of a sentence's words that are to be guessed, at least one; 0.15 in BERT."],
        Kind::Number { min: 0.01, max: 1.0 },
        || 0.15.into(),
    ),
    Field::new(
        "space.kind",
        [
            "Space",
            "",
            "`bottlenecks`: a width for every layer between two maps (SuperShaper); `homogeneous`: all layers alike.",
        ],
        Kind::Choice(&["bottlenecks", "homogeneous"]),
        || "bottlenecks".into(),
    ),
    Field::new(
        "space.hidden",
        [
            "Hidden width",
            "units",
            "Width between layers with bottlenecks; a homogeneous network's is chosen.",
        ],
        Kind::count(1, 4096),
        || 48.into(),
    ),
    Field::new(
        "space.layers",
        ["Layers", "layers", "Numbers of layers; one number where layers have bottlenecks."],
        sizes(48, 8),
        || [2].into(),
    ),
    Field::new(
        "space.widths",
        ["Widths", "units", "Widths of a layer's bottlenecks, or of a homogeneous network."],
        sizes(4096, 64),
        || [12, 18, 24, 30, 36, 42, 48].into(),
    ),
    Field::new(
        "space.heads",
        ["Heads", "heads", "Heads, which share a layer's width; one number where layers have bottlenecks."],
        sizes(64, 8),
        || [2].into(),
    ),
    Field::new(
        "space.ffn",
        ["Inner width", "units", "Inner width of feed-forward parts of layers with bottlenecks."],
        Kind::count(1, 16_384),
        || 96.into(),
    ),
    Field::new(
        "space.ffn_percent",
        ["Inner share", "%", "Inner widths of a homogeneous network, in percent of its width."],
        sizes(1600, 8),
        || [200, 250, 300, 350, 400].into(),
    ),
    fields::SUPERNET_EXPERTS,
    fields::mixed(&["feed-forward", "attention", "bottlenecks"]),
    fields::SUPERNET_COPIED_INIT,
    fields::SUPERNET_MATCHED_INIT,
    Field::new(
        "supernet.encoding",
        [
            "Encoding",
            "",
            "What routers read: every layer's width (`per-layer`, as the paper), their mean, or a one for each choice.",
        ],
        Kind::Choice(&["per-layer", "aggregate", "one-hot"]),
        || "per-layer".into(),
    ),
    fields::SUPERNET_ROUTER_HIDDEN,
    fields::SUPERNET_DISTILLATION,
    Field::new(
        "training.steps",
        ["Steps", "steps", "Optimiser steps of every training."],
        Kind::count(1, 1_000_000),
        || 900.into(),
    ),
    Field::new(
        "training.tokens",
        ["Tokens", "words", "Words of a batch, padding, begins and ends included."],
        Kind::count(16, 1_000_000),
        || 512.into(),
    ),
    fields::TRAINING_ACCUMULATION,
    fields::TRAINING_LEARNING_RATE,
    fields::TRAINING_ROUTER_LEARNING_RATE,
    Field::new(
        "training.schedule",
        [
            "Schedule",
            "",
            "After warm-up: down to 0 along a straight line (`linear`, as the paper) or a `cosine`.",
        ],
        Kind::Choice(&["linear", "cosine"]),
        || "linear".into(),
    ),
    fields::TRAINING_WARM_UP,
    fields::TRAINING_DROPOUT,
    fields::TRAINING_CLIP_NORM,
    fields::TRAINING_WEIGHT_DECAY,
    fields::TRAINING_PRECISION,
    fields::TUNING_RATES,
    fields::TUNING_SEEDS,
    fields::TUNING_ARCHITECTURES,
    fields::AUDIT_ARCHITECTURES,
    fields::AUDIT_BANDS,
    fields::AUDIT_STANDALONES,
    fields::AUDIT_RESAMPLES,
    fields::AUDIT_SMALLEST_EFFECT,
];
