//! The lab's fields: key, label, help, unit, range, default.

use super::Method;
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
            "`digits`: 1,797 images of 8 by 8; `teacher`: next-token contexts with exact evaluation.",
        ],
        Kind::Choice(&["digits", "teacher"]),
        || "digits".into(),
    ),
    Field::new(
        "data.test_share",
        [
            "Test share",
            "",
            "Share of the digits held out for the audit; as much again is held out for tuning.",
        ],
        Kind::Number { min: 0.05, max: 0.45 },
        || 0.3.into(),
    ),
    Field::new(
        "data.temperature",
        ["Teacher temperature", "", "Divides the teacher's logits: the lower, the surer it is."],
        Kind::Number { min: 0.05, max: 10.0 },
        || 0.3.into(),
    ),
    Field::new("space.widths", ["Widths", "units", "Widths of the residual stream."], sizes(1024, 8), || {
        [12, 24, 48].into()
    }),
    Field::new("space.depths", ["Depths", "blocks", "Numbers of residual blocks."], sizes(16, 8), || {
        [1, 2, 3].into()
    }),
    Field::new(
        "space.ffn",
        ["Inner widths", "units", "Inner widths, chosen for every block on its own."],
        sizes(4096, 8),
        || [8, 24, 64].into(),
    ),
    Field::new(
        "space.wide_ffn",
        ["Wide layer", "units", "Inner width that at most one block may have; 0 for no such layer."],
        Kind::count(0, 8192),
        || 0.into(),
    ),
    Field::new(
        "space.activations",
        ["Activations", "", "Non-linearities to choose from."],
        Kind::ChoiceList { options: &["relu", "squared-relu", "tanh"], min_length: 1, max_length: 3 },
        || ["relu"].into(),
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
            "Experts start larger by the root of their number, so that their mixture starts like \
          plain sharing.",
        ],
        Kind::Flag,
        || false.into(),
    ),
    Field::new(
        "supernet.encoding",
        [
            "Encoding",
            "",
            "What routers read: every layer, or means (architectures with equal means then share).",
        ],
        Kind::Choice(&["per-layer", "aggregate"]),
        || "per-layer".into(),
    ),
    Field::new(
        "supernet.router_hidden",
        ["Router units", "units", "Units of the router's hidden layer."],
        Kind::count(1, 1024),
        || 32.into(),
    ),
    Field::new(
        "supernet.distillation",
        ["In-place distillation", "", "Smaller sub-networks learn from the largest one's output."],
        Kind::Flag,
        || false.into(),
    ),
    Field::new(
        "training.steps",
        ["Steps", "steps", "Optimiser steps of every training."],
        Kind::count(1, 1_000_000),
        || 600.into(),
    ),
    Field::new("training.batch", ["Batch", "rows", "Rows in a batch."], Kind::count(1, 4096), || 64.into()),
    Field::new(
        "training.learning_rate",
        ["Learning rate", "", "Peak rate of Adam; tuning tries factors from 1/2 to 4 of it."],
        Kind::Number { min: 1e-6, max: 1.0 },
        || 0.0015.into(),
    ),
    Field::new(
        "training.router_learning_rate",
        ["Router rate", "", "Factor on the rate for routers when nothing is tuned; tuning tries 0.1 and 1."],
        Kind::Number { min: 0.0, max: 10.0 },
        || 0.1.into(),
    ),
    Field::new(
        "training.warm_up",
        ["Warm-up", "", "Share of the steps in which the rate rises."],
        Kind::Number { min: 0.0, max: 0.9 },
        || 0.1.into(),
    ),
    Field::new(
        "tuning.rates",
        [
            "Tuning trials",
            "",
            "Settings tried per method and for standalones, the same number for each; 0 tunes nothing.",
        ],
        Kind::count(0, 32),
        || 4.into(),
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
        || 4.into(),
    ),
    Field::new(
        "audit.architectures",
        [
            "Audited architectures",
            "",
            "Sub-networks whose gap is measured, spread over parameter bands; the largest and \
          the smallest are among them.",
        ],
        Kind::count(3, 64),
        || 16.into(),
    ),
    Field::new(
        "audit.bands",
        ["Bands", "", "Bands of parameter counts that architectures are drawn from, and compared within."],
        Kind::count(1, 16),
        || 4.into(),
    ),
    Field::new(
        "audit.standalones",
        [
            "Standalones",
            "",
            "Trainings from scratch of every audited architecture; two or more give the noise ceiling.",
        ],
        Kind::count(1, 16),
        || 4.into(),
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
];
