//! Union of Experts: one dense block cut into shards, as tensor parallelism cuts it (Yang et al. 2025, arXiv 2503.02495).
//!
//! `W_1` is cut by columns and `W_2` by rows, so that all shards with weight one are exactly the block; the lab measures
//! how exactly. Then it asks what the cut is worth: a block that is trained whole for half of the steps and cut then,
//! its shards choosing patches (data selection) or whole images choosing shards (expert selection), against independent
//! experts of the same size, against one network of as many active parameters, and against shards that a hash chooses
//! (the control). The paper is an unreviewed preprint.
//!
//! Attention is cut by its heads in the same way. Networks of that kind (`dense-heads`, `heads`, `heads-cut`, `heads-hash`)
//! have a layer of attention over the image's patches where the others have a feed-forward block, and a head is a shard.
//! `dense-heads` lets every head answer every patch, so it does more work than the others and is no fair opponent.

use super::token_routing::{FIELD_COUNT, Offer, RoutingLab, fields};
use crate::experiment::{Field, Paper, Preset, Value};

const NAMES: [&str; 12] = [
    "dense",
    "dense-block",
    "top-k",
    "union",
    "union-cut",
    "selection",
    "selection-cut",
    "hash-cut",
    "dense-heads",
    "heads",
    "heads-cut",
    "heads-hash",
];

/// Where the methods with attention heads begin.
const FIRST_OF_HEADS: usize = 8;

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
    use crate::routing::weighing::Weighing;
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
        cut("dense-heads", false, union_of_experts::ROUTER.recipe, 1.0).of_heads(),
        Method::routed("heads", false, union_of_experts::ROUTER.recipe).of_heads(),
        cut("heads-cut", false, union_of_experts::ROUTER.recipe, CUT).of_heads(),
        Method::routed("heads-hash", true, hashed).of_heads(),
    ];

    const fn cut(name: &'static str, is_causal: bool, build: fn(&Setting) -> Recipe, share: f64) -> Method {
        Method::built(name, is_causal, Build::Cut(build, share))
    }

    /// Hash routing whose experts weigh 1, as chosen heads do on average; by itself it has them share a weight of 1.
    fn hashed(setting: &Setting) -> Recipe {
        let weighing = Weighing::Normalised { scale: setting.k as f32 };
        Recipe { weighing, ..(hash::ROUTER.recipe)(setting) }
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
                words: "largest difference between the whole and all of its shards",
                direction: Direction::Lower,
                claim: "is the sum of its shards to within 1e-5",
                of: &["dense-block", "dense-heads"],
                against: Against::Level(1e-5),
                smallest: Some(1e-6),
                is_claim: true,
            },
            // The dense layer does more work than the chosen heads: it stands in the table only.
            Question {
                of: &["heads", "heads-cut"],
                against: Against::Methods(&["heads-hash", "dense-heads"]),
                ..QUALITY
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

const PRESETS: &[Preset] = &[
    Preset {
        name: "union-of-experts",
        summary: "A dense block cut into shards: is the cut exact, and what are shards worth against experts? 3 seeds.",
        duration: "about a minute",
        values: || values(&NAMES[..FIRST_OF_HEADS]),
    },
    Preset {
        name: "union-of-heads",
        summary: "Attention cut into its heads: is the cut exact, and what is it worth that heads choose patches? 3 seeds.",
        duration: "about a minute",
        values: || values(&NAMES[FIRST_OF_HEADS..]),
    },
];

fn values(methods: &[&str]) -> Vec<(&'static str, Value)> {
    let methods = Value::List(methods.iter().map(|&method| method.into()).collect());
    vec![("seeds", 3.into()), ("methods", methods), ("model.hidden", 64.into())]
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
