//! The fields that labs of transformers share: key, label, help, unit, range, default.

use super::Method;
use crate::experiment::{Field, Kind};

/// A list of sizes.
pub const fn sizes(max: i64, max_length: usize) -> Kind {
    Kind::IntegerList { min: 1, max, min_length: 1, max_length }
}

pub const SEEDS: Field = Field::new(
    "seeds",
    ["Seeds", "", "Supernets trained per method; one shows, three or more measure."],
    Kind::count(1, 64),
    || 3.into(),
);

pub const METHODS: Field = Field::new(
    "methods",
    ["Methods", "", "What is compared. Verdicts need `sandwich`, and `fixed-input` for the control."],
    Kind::ChoiceList { options: &Method::NAMES, min_length: 1, max_length: 8 },
    || ["sandwich", "layer-wise", "neuron-wise", "fixed-input", "init-matched"].into(),
);

pub const SUPERNET_EXPERTS: Field = Field::new(
    "supernet.experts",
    ["Experts", "", "Sets of weights in a mixture (m); regions of a few-shot supernet."],
    Kind::count(1, 16),
    || 2.into(),
);

/// Which parts of a transformer have several sets of weights, of these kinds.
pub const fn mixed(options: &'static [&'static str]) -> Field {
    Field::new(
        "supernet.mixed",
        [
            "Mixed parts",
            "",
            "Whose linear maps have several sets of weights: the paper mixes `feed-forward` parts alone.",
        ],
        Kind::ChoiceList { options, min_length: 1, max_length: options.len() },
        || ["feed-forward"].into(),
    )
}

pub const SUPERNET_COPIED_INIT: Field = Field::new(
    "supernet.copied_init",
    ["Copied start", "", "Experts start as copies of one another instead of apart."],
    Kind::Flag,
    || false.into(),
);

pub const SUPERNET_MATCHED_INIT: Field = Field::new(
    "supernet.matched_init",
    [
        "Matched start",
        "",
        "Experts start larger by the root of their number, so that their mixture starts like plain sharing.",
    ],
    Kind::Flag,
    || false.into(),
);

pub const SUPERNET_ROUTER_HIDDEN: Field = Field::new(
    "supernet.router_hidden",
    ["Router units", "units", "Units of the router's hidden layer; 128 in the paper's runs."],
    Kind::count(1, 1024),
    || 32.into(),
);

pub const SUPERNET_DISTILLATION: Field = Field::new(
    "supernet.distillation",
    ["In-place distillation", "", "Smaller sub-networks learn from the largest one's output as well."],
    Kind::Flag,
    || false.into(),
);

pub const TRAINING_ACCUMULATION: Field = Field::new(
    "training.accumulation",
    ["Accumulation", "batches", "Batches whose mean gradient makes one step."],
    Kind::count(1, 1024),
    || 1.into(),
);

pub const TRAINING_LEARNING_RATE: Field = Field::new(
    "training.learning_rate",
    ["Learning rate", "", "Peak rate of Adam; tuning tries factors from 1/2 to 4 of it."],
    Kind::Number { min: 1e-6, max: 1.0 },
    || 0.003.into(),
);

pub const TRAINING_ROUTER_LEARNING_RATE: Field = Field::new(
    "training.router_learning_rate",
    ["Router rate", "", "Factor on the rate for routers when nothing is tuned; tuning tries 0.1 and 1."],
    Kind::Number { min: 0.0, max: 10.0 },
    || 1.0.into(),
);

pub const TRAINING_WARM_UP: Field = Field::new(
    "training.warm_up",
    ["Warm-up", "", "Share of the steps in which the rate rises."],
    Kind::Number { min: 0.0, max: 0.9 },
    || 0.1.into(),
);

pub const TRAINING_DROPOUT: Field = Field::new(
    "training.dropout",
    ["Dropout", "", "Share of numbers left out at random behind every part of a layer, in training."],
    Kind::Number { min: 0.0, max: 0.9 },
    || 0.0.into(),
);

pub const TRAINING_CLIP_NORM: Field = Field::new(
    "training.clip_norm",
    ["Clipping", "", "The largest norm of all gradients together; 0 for no bound."],
    Kind::Number { min: 0.0, max: 1000.0 },
    || 0.0.into(),
);

pub const TRAINING_WEIGHT_DECAY: Field = Field::new(
    "training.weight_decay",
    ["Weight decay", "", "AdamW's decay of matrices, times the learning rate; 0 for plain Adam."],
    Kind::Number { min: 0.0, max: 1.0 },
    || 0.0.into(),
);

/// The words of `nn::precision`'s numbers.
pub const PRECISIONS: [&str; 2] = ["f32", "bf16"];

pub const TRAINING_PRECISION: Field = Field::new(
    "training.precision",
    [
        "Precision",
        "",
        "`bf16`: matrix products of a training in bfloat16, all else in single precision; for devices that are faster so.",
    ],
    Kind::Choice(&PRECISIONS),
    || PRECISIONS[0].into(),
);

pub const TUNING_RATES: Field = Field::new(
    "tuning.rates",
    [
        "Tuning trials",
        "",
        "Settings tried per method and for standalones, the same number for each; 0 tunes nothing.",
    ],
    Kind::count(0, 32),
    || 0.into(),
);

pub const TUNING_SEEDS: Field = Field::new(
    "tuning.seeds",
    ["Tuning seeds", "", "Multiplies the trainings; the audit uses none of these seeds."],
    Kind::count(1, 8),
    || 1.into(),
);

pub const TUNING_ARCHITECTURES: Field = Field::new(
    "tuning.architectures",
    ["Tuning architectures", "", "Sub-networks that trials are judged on; the audit uses none of them."],
    Kind::count(1, 16),
    || 2.into(),
);

pub const AUDIT_ARCHITECTURES: Field = Field::new(
    "audit.architectures",
    [
        "Audited architectures",
        "",
        "Sub-networks whose gap is measured, spread over parameter bands; the largest and the smallest are among \
         them.",
    ],
    Kind::count(2, 64),
    || 6.into(),
);

pub const AUDIT_BANDS: Field = Field::new(
    "audit.bands",
    ["Bands", "", "Bands of parameter counts that architectures are drawn from, and compared within."],
    Kind::count(1, 16),
    || 3.into(),
);

pub const AUDIT_STANDALONES: Field = Field::new(
    "audit.standalones",
    [
        "Standalones",
        "",
        "Trainings from scratch of every audited architecture; two or more give the noise ceiling.",
    ],
    Kind::count(1, 16),
    || 2.into(),
);

pub const AUDIT_RESAMPLES: Field = Field::new(
    "audit.resamples",
    ["Resamples", "", "Bootstrap resamples behind every interval."],
    Kind::count(100, 100_000),
    || 2000.into(),
);

pub const AUDIT_SMALLEST_EFFECT: Field = Field::new(
    "audit.smallest_effect",
    ["Smallest effect", "", "The smallest relative change of the gap that would matter."],
    Kind::Number { min: 0.001, max: 1.0 },
    || 0.1.into(),
);
