//! The fields of labs about token routers: key, label, help, unit, range, default. Labs differ in their methods.

use crate::experiment::{Field, Kind, Value};

/// How many fields there are.
pub const FIELD_COUNT: usize = 32;

/// What labs of this kind differ in.
#[derive(Clone, Copy)]
pub struct Offer {
    /// The methods there are.
    pub methods: &'static [&'static str],
    /// Those compared when nothing is set.
    pub chosen: fn() -> Value,
    /// What may be learned.
    pub sources: &'static [&'static str],
    /// What is learned when nothing is set.
    pub source: fn() -> Value,
}

impl Offer {
    /// Digits and text.
    pub const BOTH: &'static [&'static str] = &["digits", "language", "own"];
    /// Text only, for labs that ask about characters.
    pub const TEXT: &'static [&'static str] = &["language", "own"];
    /// Images only, for routers that see whole sequences.
    pub const IMAGES: &'static [&'static str] = &["digits"];
}

/// Every field, in the order of forms and files.
pub const fn fields(offer: Offer) -> [Field; FIELD_COUNT] {
    [
        Field::new(
            "scale",
            [
                "Scale",
                "",
                "`full` trains what is set below five times as long, on twice the width and active units, with five seeds at \
                 least.",
            ],
            Kind::Choice(&["default", "full"]),
            || "default".into(),
        ),
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
                "What is compared, each with the same data, the same model around it and as many active parameters.",
            ],
            Kind::ChoiceList { options: offer.methods, min_length: 1, max_length: offer.methods.len() },
            offer.chosen,
        ),
        Field::new(
            "data.source",
            [
                "Data",
                "",
                "Images of `digits`, whose patches are routed; a generated `language`, whose characters are; or a text of your `own`.",
            ],
            Kind::Choice(offer.sources),
            offer.source,
        ),
        Field::new(
            "data.level",
            [
                "Level",
                "",
                "What is routed of a text: its `characters`, as many as its training part has different ones, or its `bytes`.",
            ],
            Kind::Choice(&["characters", "bytes"]),
            || "characters".into(),
        ),
        Field::new(
            "data.test_share",
            ["Held out", "", "Share of the 1,797 digits, or of the text, that is kept out of training."],
            Kind::number(0.05, 0.45),
            || 0.25.into(),
        ),
        Field::new(
            "data.patch",
            ["Patch", "pixels", "Height and width of a patch; it divides 8. Patches are what is routed."],
            Kind::count(1, 8),
            || 2.into(),
        ),
        Field::new(
            "data.characters",
            ["Text", "characters", "How much text of the language is written."],
            Kind::count(5_000, 1_000_000),
            || 60_000.into(),
        ),
        Field::new(
            "data.length",
            ["Window", "characters", "Characters that a network reads at once."],
            Kind::count(8, 256),
            || 48.into(),
        ),
        Field::new(
            "data.topics",
            ["Topics", "", "Topics of the language, each with words of its own."],
            Kind::count(1, 8),
            || 4.into(),
        ),
        Field::new(
            "data.copy_share",
            ["Copying", "", "Share of the text's blocks in which letters are to be copied."],
            Kind::number(0.0, 1.0),
            || 0.5.into(),
        ),
        Field::new(
            "model.width",
            ["Width", "", "Numbers that stand for a unit."],
            Kind::count(4, 128),
            || 24.into(),
        ),
        Field::new(
            "model.heads",
            ["Attention heads", "", "For text: heads of the attention before each layer of experts."],
            Kind::count(1, 8),
            || 2.into(),
        ),
        Field::new(
            "model.positions",
            [
                "Positions",
                "",
                "For text: how a network knows where a character stands; `rotary` turns queries and keys, `learned` adds a vector \
                 per place.",
            ],
            Kind::Choice(&["rotary", "learned"]),
            || "rotary".into(),
        ),
        Field::new(
            "model.layers",
            ["Layers", "", "Layers of experts, each with a router of its own and a way around it."],
            Kind::count(1, 6),
            || 2.into(),
        ),
        Field::new("model.experts", ["Experts", "", "Experts of a layer."], Kind::count(2, 64), || 8.into()),
        Field::new(
            "model.hidden",
            [
                "Active units",
                "units",
                "Hidden units that answer for a unit; an expert has this over the number of experts a unit uses.",
            ],
            Kind::count(2, 512),
            || 32.into(),
        ),
        Field::new(
            "model.feed_forward",
            [
                "Feed-forward part",
                "",
                "`replaced`: experts stand in its place; `residual`: beside it, and every unit passes both. It has as many hidden \
                 units as are active.",
            ],
            Kind::Choice(&["replaced", "residual"]),
            || "replaced".into(),
        ),
        Field::new(
            "model.activation",
            ["Activation", "", "`tanh` bends smoothly, `relu` folds along straight lines."],
            Kind::Choice(&["tanh", "relu"]),
            || "relu".into(),
        ),
        Field::new(
            "router.k",
            [
                "Experts per unit (k)",
                "",
                "How many experts a patch or character uses, on average where it varies. Routers whose paper fixes it keep theirs.",
            ],
            Kind::count(1, 16),
            || 2.into(),
        ),
        Field::new(
            "router.k_start",
            [
                "k at the start",
                "",
                "How many experts a unit uses in the first step; it becomes k along a line within the first half of the training, \
                 as AdaMoE's is lowered. 0 for k from the start.",
            ],
            Kind::count(0, 16),
            || 0.into(),
        ),
        Field::new(
            "router.capacity",
            [
                "Capacity",
                "",
                "`paper`: what the router's paper has; `dropless`: no limit; `limited`: the factor below, and \
                 the rest is dropped; `bounded`: the same, but an expert holds ready only what is needed (Tutel); \
                 `priority`: the router's least sure are dropped; `rerouted`: they go to the next best with room. Routers \
                 whose loads are even anyway have no limit.",
            ],
            Kind::Choice(&["paper", "dropless", "limited", "bounded", "priority", "rerouted"]),
            || "paper".into(),
        ),
        Field::new(
            "router.capacity_factor",
            [
                "Capacity factor",
                "",
                "For `limited` and `bounded`: an expert takes this times its even share of a batch in training.",
            ],
            Kind::number(0.05, 16.0),
            || 1.25.into(),
        ),
        Field::new(
            "router.loss_factor",
            ["Loss factor", "", "Multiplies every loss that a router has beside the task's; 0 for none."],
            Kind::number(0.0, 1000.0),
            || 1.0.into(),
        ),
        Field::new(
            "training.steps",
            ["Steps", "steps", "Optimiser steps of every training."],
            Kind::count(1, 100_000),
            || 400.into(),
        ),
        Field::new(
            "training.batch",
            ["Batch", "samples", "Images or windows of text in a batch."],
            Kind::count(1, 512),
            || 32.into(),
        ),
        Field::new(
            "training.learning_rate",
            [
                "Learning rate",
                "",
                "Peak rate of Adam; it rises in a twentieth of the steps, then falls to 0 along a cosine.",
            ],
            Kind::number(1e-5, 1.0),
            || 0.005.into(),
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
            "training.patience",
            [
                "Patience",
                "measures",
                "Stops after so many measures without a lower loss on a tenth of the training data, which is kept out for it, \
                 and takes the best weights; 0 to train to the end.",
            ],
            Kind::count(0, 100),
            || 0.into(),
        ),
        Field::new(
            "comparison.smallest_effect",
            [
                "Smallest effect",
                "",
                "The smallest relative change that would matter: of the test loss, in `collapse` of unevenness. Claims about shares \
                 have a smallest effect of their own.",
            ],
            Kind::number(0.001, 1.0),
            || 0.1.into(),
        ),
    ]
}
