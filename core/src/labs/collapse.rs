//! Why experts collapse, and nine cures side by side.
//!
//! Without balance the rich get richer: an expert that is chosen more learns more and is chosen more (Shazeer et al. 2017,
//! arXiv 1701.06538, section 4; Chi et al. 2022, arXiv 2204.09179, on representation collapse). Each cure changes one
//! thing about the same softmax top-k router (top-1 in the preset); the claim is a more even load, and the table says what it costs.

use super::token_routing::{FIELD_COUNT, Offer, RoutingLab, fields};
use crate::experiment::{Field, Paper, Preset, Value};
#[cfg(feature = "engine")]
use crate::{
    labs::token_routing::{Against, NoStudy, Question, Story},
    statistics::Direction,
};

const NAMES: [&str; 10] = [
    "none",
    "balance-loss",
    "heavy-balance-loss",
    "importance-loss",
    "z-loss",
    "noise",
    "bias",
    "cosine",
    "sinkhorn",
    "expert-choice",
];

static FIELDS: [Field; FIELD_COUNT] = fields(Offer {
    methods: &NAMES,
    chosen: || ["none"].into(),
    sources: Offer::BOTH,
    source: || "digits".into(),
});

#[cfg(feature = "engine")]
mod cures {
    use crate::labs::token_routing::Method;
    use crate::routing::assigners::{ExpertChoice, Sinkhorn};
    use crate::routing::capacity::Dropless;
    use crate::routing::controllers::{BiasForEvenLoad, Thresholds};
    use crate::routing::metrics::Convention;
    use crate::routing::routers::{Noise, Recipe, RouterLoss, ScorerKind, Setting, TOKEN_ROUTERS};
    use crate::routing::weighing::Weighing;

    const fn method(name: &'static str, is_causal: bool, build: fn(&Setting) -> Recipe) -> Method {
        Method::routed(name, is_causal, build)
    }

    /// The disease first, then its cures, in the order of `NAMES`.
    pub static METHODS: [Method; super::NAMES.len()] = [
        method("none", true, without),
        method("balance-loss", true, |setting| {
            with_loss(setting, RouterLoss::LoadBalance(Convention::KNormalised), 0.01)
        }),
        method("heavy-balance-loss", true, |setting| {
            with_loss(setting, RouterLoss::LoadBalance(Convention::KNormalised), 1.0)
        }),
        method("importance-loss", true, |setting| with_loss(setting, RouterLoss::Importance, 0.1)),
        method("z-loss", true, |setting| with_loss(setting, RouterLoss::Z, 0.01)),
        method("noise", true, |setting| Recipe { noise: Noise::Learned, ..without(setting) }),
        method("bias", true, |setting| Recipe {
            controller: Box::new(BiasForEvenLoad { speed: 0.01 }),
            ..without(setting)
        }),
        method("cosine", true, |setting| Recipe {
            scorer: ScorerKind::Cosine { width: (setting.experts / 2).max(4), temperature: 0.3 },
            ..without(setting)
        }),
        method("sinkhorn", false, |setting| Recipe {
            assigner: Box::new(Sinkhorn { k: setting.k, tolerance: 1e-4, rounds: 100 }),
            ..without(setting)
        }),
        method("expert-choice", false, |setting| Recipe {
            assigner: Box::new(ExpertChoice { share: setting.k as f64 }),
            capacity: Box::new(Dropless),
            controller: Box::new(Thresholds { keep: 0.9 }),
            weighing: Weighing::Affinity,
            ..without(setting)
        }),
    ];

    /// Softmax top-k and nothing that keeps experts in use.
    fn without(setting: &Setting) -> Recipe {
        Recipe { losses: Vec::new(), ..(TOKEN_ROUTERS[0].recipe)(setting) }
    }

    fn with_loss(setting: &Setting, loss: RouterLoss, weight: f64) -> Recipe {
        Recipe { losses: vec![(loss, weight)], ..without(setting) }
    }
}

#[cfg(feature = "engine")]
static STORY: Story = Story {
    questions: &[Question {
        quantity: "load_cv",
        words: "unevenness of the load",
        direction: Direction::Lower,
        claim: "has a more even load than",
        of: &[],
        against: Against::Methods(&["none"]),
        smallest: None,
        is_claim: true,
    }],
    study: &NoStudy,
    paper: "Shazeer et al. 2017, section 4: without balance the gate converges to a few experts for all inputs.",
};

const PRESETS: &[Preset] = &[Preset {
    name: "collapse",
    summary: "Why do experts collapse? A router without balance and nine cures, each changing one thing, 5 seeds.",
    duration: "about a minute",
    values,
}];

fn values() -> Vec<(&'static str, Value)> {
    vec![
        ("seeds", 5.into()),
        ("methods", NAMES.into()),
        ("router.k", 1.into()),
        ("training.steps", 300.into()),
    ]
}

/// The lab.
pub(super) static LAB: RoutingLab = RoutingLab {
    name: "collapse",
    paper: Paper {
        title: "Outrageously Large Neural Networks: The Sparsely-Gated Mixture-of-Experts Layer",
        reference: "Shazeer et al., ICLR 2017, arXiv 1701.06538, section 4; each cure's own paper",
        claim: "Without balance a router sends everything to a few experts; a loss, noise, a bias or another way of \
                choosing keeps them in use.",
    },
    fields: &FIELDS,
    presets: PRESETS,
    #[cfg(feature = "engine")]
    methods: &cures::METHODS,
    #[cfg(feature = "engine")]
    story: &STORY,
};
