//! OpenMoE's analysis of its router: context-independent specialisation, routes that are fixed early, and
//! drop-towards-the-end (Xue et al. 2024, arXiv 2402.01739, sections 4.1 to 4.3).
//!
//! Each is a number here. How much of a choice the character explains is `I(S; character) / H(S)` less a permutation
//! null, beside the same for topic, word class and place, and for the same network before its first step: a router that
//! was never trained reads characters too. Routes are compared with those of the trained network at 5, 10, 25 and 50% of
//! the steps. Drops are counted by the quarter of a window, each window with limits of its own, in the language of the
//! training and in one whose letters were exchanged. Hash routing is the control: there the character explains all.

use super::token_routing::{FIELD_COUNT, Offer, RoutingLab, fields};
use crate::experiment::{Field, Paper, Preset, Value};

const NAMES: [&str; 4] = ["dense", "top-k", "hash", "openmoe"];

static FIELDS: [Field; FIELD_COUNT] = fields(Offer {
    methods: &NAMES,
    chosen: || ["openmoe"].into(),
    sources: Offer::TEXT,
    source: || "language".into(),
});

#[cfg(feature = "engine")]
mod analysis;

#[cfg(feature = "engine")]
mod parts {
    use super::analysis::Analysis;
    use crate::labs::token_routing::{Against, Method, Question, Story};
    use crate::routing::routers::{hash, openmoe, top_k};
    use crate::statistics::Direction;

    /// In the order of `NAMES`.
    pub static METHODS: [Method; super::NAMES.len()] =
        [Method::DENSE, Method::of(top_k::ROUTER), Method::of(hash::ROUTER), Method::of(openmoe::ROUTER)];

    const SPECIALISED: Question = Question {
        quantity: "by_character",
        words: "share of the choice that the character explains",
        direction: Direction::Higher,
        claim: "chooses by the character more than by",
        of: &["openmoe", "top-k"],
        against: Against::Quantity("by_topic", "the topic"),
        smallest: Some(0.05),
        is_claim: true,
    };

    pub static STORY: Story = Story {
        questions: &[
            SPECIALISED,
            Question {
                against: Against::Quantity("by_place", "the place in the window"),
                is_claim: false,
                ..SPECIALISED
            },
            Question {
                against: Against::Quantity("by_word_class", "the word class"),
                is_claim: false,
                ..SPECIALISED
            },
            Question {
                claim: "chooses by the character more after training than",
                against: Against::Quantity("by_character_at_start", "before the first step"),
                is_claim: false,
                ..SPECIALISED
            },
            Question {
                quantity: "agreement_at_quarter",
                words: "share of routes that a quarter of the training fixes",
                direction: Direction::Higher,
                claim: "has four fifths of its final routes after a quarter of the training",
                against: Against::Level(0.8),
                ..SPECIALISED
            },
            Question {
                quantity: "dropped_late",
                words: "share of choices dropped in the last quarter of a window",
                direction: Direction::Higher,
                claim: "drops more in the last quarter of a window than",
                of: &["openmoe"],
                against: Against::Quantity("dropped_early", "in the first"),
                ..SPECIALISED
            },
            Question {
                quantity: "dropped_late_elsewhere",
                words: "share of choices dropped there in another language",
                direction: Direction::Higher,
                claim: "drops more there in a language with other letters than",
                of: &["openmoe"],
                against: Against::Quantity("dropped_late", "in its own"),
                ..SPECIALISED
            },
            Question {
                against: Against::Methods(&["dense", "top-k", "hash"]),
                is_claim: false,
                ..Question::of_loss("has a lower test loss than")
            },
        ],
        study: &Analysis,
        paper: "Xue et al. 2024: tokens go by their identity, routes are fixed within the first fifth of the training, and late \
                tokens of unfamiliar text are dropped up to half of the time.",
    };
}

const PRESETS: &[Preset] = &[Preset {
    name: "openmoe",
    summary: "What does a router look at, when is it fixed, whom does it drop? OpenMoE's layer and three others, 3 seeds.",
    duration: "about a minute",
    values,
}];

fn values() -> Vec<(&'static str, Value)> {
    vec![
        ("seeds", 3.into()),
        ("methods", NAMES.into()),
        ("model.width", 32.into()),
        ("training.steps", 500.into()),
        ("training.batch", 16.into()),
    ]
}

/// The lab.
pub(super) static LAB: RoutingLab = RoutingLab {
    name: "openmoe",
    paper: Paper {
        title: "OpenMoE: An Early Effort on Open Mixture-of-Experts Language Models",
        reference: "Xue et al., ICML 2024, arXiv 2402.01739",
        claim: "Routers choose by the token and hardly by its context, settle early in training, and drop whoever comes \
                late.",
    },
    fields: &FIELDS,
    presets: PRESETS,
    #[cfg(feature = "engine")]
    methods: &parts::METHODS,
    #[cfg(feature = "engine")]
    story: &parts::STORY,
};
