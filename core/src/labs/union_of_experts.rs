//! Union of Experts: one dense block cut into shards, as tensor parallelism cuts it (Yang et al. 2025, arXiv 2503.02495).
//!
//! `W_1` is cut by columns and `W_2` by rows, so that all shards with weight one are exactly the block; the lab measures
//! how exactly. Then it asks what the cut is worth: a block that is trained whole for half of the steps and cut then,
//! its shards choosing patches (data selection) or whole images choosing shards (expert selection), against independent
//! experts of the same size, against one network of as many active parameters, and against shards that a hash chooses
//! (the control). The paper is an unreviewed preprint.

use super::token_routing::{FIELD_COUNT, Offer, RoutingLab, fields};
use crate::experiment::{Field, Paper, Preset, Value};

const NAMES: [&str; 8] =
    ["dense", "dense-block", "top-k", "union", "union-cut", "selection", "selection-cut", "hash-cut"];

static FIELDS: [Field; FIELD_COUNT] = fields(Offer {
    methods: &NAMES,
    chosen: || ["union-cut"].into(),
    sources: Offer::IMAGES,
    source: || "digits".into(),
});

#[cfg(feature = "engine")]
mod shards;

#[cfg(feature = "engine")]
mod parts {
    use super::shards::Shards;
    use crate::labs::token_routing::{Against, Build, Method, Question, Story};
    use crate::routing::routers::{Recipe, Setting, expert_selection, hash, top_k, union_of_experts};
    use crate::statistics::Direction;

    /// The share of the training after which a block is cut.
    const CUT: f64 = 0.5;

    /// In the order of `NAMES`.
    pub static METHODS: [Method; super::NAMES.len()] = [
        Method::DENSE,
        cut("dense-block", false, union_of_experts::ROUTER.recipe, 1.0),
        Method::of(top_k::ROUTER),
        Method::routed("union", false, union_of_experts::ROUTER.recipe),
        cut("union-cut", false, union_of_experts::ROUTER.recipe, CUT),
        Method::routed("selection", false, expert_selection::ROUTER.recipe),
        cut("selection-cut", false, expert_selection::ROUTER.recipe, CUT),
        cut("hash-cut", true, hash::ROUTER.recipe, CUT),
    ];

    const fn cut(name: &'static str, is_causal: bool, build: fn(&Setting) -> Recipe, share: f64) -> Method {
        Method { name, is_causal, build: Build::Cut(build, share), sized_for: None }
    }

    const QUALITY: Question = Question {
        of: &["union-cut", "selection-cut"],
        against: Against::Methods(&["top-k", "dense", "hash-cut"]),
        ..Question::of_loss("has a lower test loss than")
    };

    pub static STORY: Story = Story {
        questions: &[
            QUALITY,
            Question {
                quantity: "cut_error",
                words: "largest difference between the block and all of its shards",
                direction: Direction::Lower,
                claim: "is the sum of its shards to within 1e-5",
                of: &["dense-block"],
                against: Against::Level(1e-5),
                smallest: Some(1e-6),
                is_claim: true,
            },
            Question {
                of: &["dense-block", "union", "selection", "hash-cut"],
                against: Against::Methods(&["top-k", "dense"]),
                is_claim: false,
                ..QUALITY
            },
        ],
        study: &Shards,
        paper: "Yang et al. 2025 (not reviewed): 2.38 lower perplexity than the best mixture of experts at 76% of its FLOPs.",
    };
}

const PRESETS: &[Preset] = &[Preset {
    name: "union-of-experts",
    summary: "A dense block cut into shards: is the cut exact, and what are shards worth against experts? 3 seeds.",
    duration: "about a minute",
    values,
}];

fn values() -> Vec<(&'static str, Value)> {
    vec![("seeds", 3.into()), ("methods", NAMES.into()), ("model.hidden", 64.into())]
}

/// The lab.
pub(super) static LAB: RoutingLab = RoutingLab {
    name: "union-of-experts",
    paper: Paper {
        title: "Union of Experts: Adapting Hierarchical Routing to Equivalently Decomposed Transformer",
        reference: "Yang et al. 2025, arXiv 2503.02495",
        claim: "A dense block cut into equal shards loses nothing when all serve, and shards that are chosen beat \
                independent experts.",
    },
    fields: &FIELDS,
    presets: PRESETS,
    #[cfg(feature = "engine")]
    methods: &parts::METHODS,
    #[cfg(feature = "engine")]
    story: &parts::STORY,
};
