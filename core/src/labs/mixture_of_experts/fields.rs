//! The lab's fields: key, label, help, unit, range, default.

use super::Method;
use crate::experiment::{Field, Kind};
use crate::routing::routers::{ROUTER_COUNT, names_after};

/// The router that the fields put together.
pub(super) const PARTS: &str = "parts";

const KINDS: [&str; ROUTER_COUNT + 1] = names_after(PARTS);

/// Every field, in the order of forms and files.
pub const FIELDS: &[Field] = &[
    Field::new(
        "seeds",
        ["Seeds", "", "Trainings per method; one shows, three or more measure."],
        Kind::count(1, 64),
        || 1.into(),
    ),
    Field::new(
        "methods",
        [
            "Methods",
            "",
            "`routed`: a mixture with a learned router; `dense`: one network with as many active parameters; \
             `random`: the same experts, named by a fixed hash of the row.",
        ],
        Kind::ChoiceList { options: &Method::NAMES, min_length: 1, max_length: 3 },
        || ["routed"].into(),
    ),
    Field::new(
        "data.source",
        [
            "Data",
            "",
            "Points of the plane (`rings`, `spirals`, `gaussians`), images of `digits`, or your `own` rows.",
        ],
        Kind::Choice(&["rings", "spirals", "gaussians", "digits", "own"]),
        || "rings".into(),
    ),
    Field::new(
        "data.points",
        ["Points", "points", "Points that are drawn; digits and your own data have their own number."],
        Kind::count(40, 5000),
        || 800.into(),
    ),
    Field::new(
        "data.classes",
        ["Classes", "", "Classes of drawn points: rings, arms of the spiral, colours of the clusters."],
        Kind::count(2, 8),
        || 2.into(),
    ),
    Field::new(
        "data.noise",
        ["Noise", "", "How far points stray, as a deviation; the picture has a radius of about 1."],
        Kind::number(0.0, 0.5),
        || 0.05.into(),
    ),
    Field::new(
        "data.turns",
        ["Turns", "turns", "How often an arm of the spiral goes round."],
        Kind::number(0.1, 4.0),
        || 1.0.into(),
    ),
    Field::new(
        "data.clusters",
        ["Clusters", "", "Clusters of each class of `gaussians`."],
        Kind::count(1, 12),
        || 3.into(),
    ),
    Field::new(
        "data.test_share",
        [
            "Held out",
            "",
            "Share of the rows kept out of training; where rates are tuned, as much again is held out for that.",
        ],
        Kind::number(0.05, 0.45),
        || 0.25.into(),
    ),
    Field::new(
        "model.experts",
        ["Experts", "", "How many networks share the work."],
        Kind::count(2, 16),
        || 4.into(),
    ),
    Field::new(
        "model.hidden",
        ["Expert size", "units", "Hidden units of each expert."],
        Kind::count(1, 128),
        || 8.into(),
    ),
    Field::new(
        "model.activation",
        ["Activation", "", "`tanh` bends smoothly, `relu` folds along straight lines."],
        Kind::Choice(&["tanh", "relu"]),
        || "tanh".into(),
    ),
    Field::new(
        "router.kind",
        [
            "Router",
            "",
            "`parts`: put together by the fields below. Any other: the router of that paper, which reads k, the router's \
             size and the capacity factor and has rules of its own for the rest.",
        ],
        Kind::Choice(&KINDS),
        || PARTS.into(),
    ),
    Field::new(
        "router.k",
        ["Experts per row (k)", "", "How many experts answer for each row; at most as many as there are."],
        Kind::count(1, 16),
        || 1.into(),
    ),
    Field::new(
        "router.hidden",
        [
            "Router size",
            "units",
            "Hidden units of the router; 0 for a linear one, which cuts along straight lines.",
        ],
        Kind::count(0, 128),
        || 0.into(),
    ),
    Field::new(
        "router.combine",
        [
            "Weights",
            "",
            "`renormalised`: chosen probabilities divided by their sum when k is 2 or more (GShard); `raw`: as they \
             are (Switch).",
        ],
        Kind::Choice(&["renormalised", "raw"]),
        || "renormalised".into(),
    ),
    Field::new(
        "router.noise",
        ["Router noise", "", "Deviation of the noise added to the router's logits in training."],
        Kind::number(0.0, 10.0),
        || 0.0.into(),
    ),
    Field::new(
        "router.balance",
        [
            "Balance",
            "",
            "What keeps experts in use: nothing, the `auxiliary` loss of Switch, or a `bias` on the choice as in \
             DeepSeek-V3.",
        ],
        Kind::Choice(&["none", "auxiliary", "bias"]),
        || "auxiliary".into(),
    ),
    Field::new(
        "router.balance_weight",
        [
            "Balance weight",
            "",
            "Weight of the auxiliary loss; for `bias`, how far a bias moves in a step. Without balance it is not read.",
        ],
        Kind::number(0.0, 10.0),
        || 0.01.into(),
    ),
    Field::new(
        "router.z_weight",
        ["z-loss weight", "", "Weight of the z-loss, which keeps the router's logits small; 0 for none."],
        Kind::number(0.0, 1.0),
        || 0.0.into(),
    ),
    Field::new(
        "router.capacity_factor",
        [
            "Capacity factor",
            "",
            "In training an expert takes this times its even share of a batch and drops the rest; 0 for no limit.",
        ],
        Kind::number(0.0, 16.0),
        || 0.0.into(),
    ),
    Field::new(
        "training.steps",
        ["Steps", "steps", "Optimiser steps of every training."],
        Kind::count(1, 200_000),
        || 3000.into(),
    ),
    Field::new(
        "training.batch",
        ["Batch", "rows", "Rows in a batch; fewer training rows than that are one batch."],
        Kind::count(1, 1024),
        || 128.into(),
    ),
    Field::new(
        "training.accumulation",
        [
            "Accumulation",
            "batches",
            "Batches whose mean gradient makes one step; more take the memory of one.",
        ],
        Kind::count(1, 64),
        || 1.into(),
    ),
    Field::new(
        "training.clip_norm",
        [
            "Clipping",
            "",
            "The largest norm of all gradients together; larger ones are scaled down to it. 0 for no bound.",
        ],
        Kind::number(0.0, 1000.0),
        || 0.0.into(),
    ),
    Field::new(
        "training.weight_decay",
        ["Weight decay", "", "AdamW's decay of matrices, times the learning rate; 0 for plain Adam."],
        Kind::number(0.0, 1.0),
        || 0.0.into(),
    ),
    Field::new(
        "training.learning_rate",
        ["Learning rate", "", "Peak rate of Adam; tuning tries factors from 1/2 to 4 of it."],
        Kind::number(1e-5, 1.0),
        || 0.01.into(),
    ),
    Field::new(
        "training.router_rate",
        ["Router rate", "", "Factor on the learning rate for the router."],
        Kind::number(0.0, 100.0),
        || 1.0.into(),
    ),
    Field::new(
        "training.warm_up",
        [
            "Warm-up",
            "",
            "Share of the steps in which the rate rises; afterwards it falls to 0 along a cosine.",
        ],
        Kind::number(0.0, 0.9),
        || 0.02.into(),
    ),
    Field::new(
        "tuning.rates",
        ["Tuning trials", "", "Learning rates tried per method, the same for each; 0 tunes nothing."],
        Kind::count(0, 8),
        || 0.into(),
    ),
    Field::new(
        "tuning.seeds",
        ["Tuning seeds", "", "Trainings per trial; the comparison uses none of these seeds."],
        Kind::count(1, 8),
        || 2.into(),
    ),
    Field::new(
        "comparison.smallest_effect",
        ["Smallest effect", "", "The smallest relative change of the test loss that would matter."],
        Kind::number(0.001, 1.0),
        || 0.1.into(),
    ),
];
