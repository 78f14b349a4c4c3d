//! RMoE: routers that are recurrent over depth (Qiu et al. 2024, arXiv 2408.06793), with both of its ablations.
//!
//! The paper's claim is about 36 million parameters and more; at 15 million it finds no gain itself (1.184 against 1.183
//! bits per character). What can be asked at this size is its mechanism: does a layer's choice say more about the next
//! one's (cross-layer mutual information, section 5)? The ablations cut the state (`NP`) or its gradient (`detach`).
//! Hash routing is the control: it takes the same route in every layer by construction.

use super::token_routing::{FIELD_COUNT, Offer, RoutingLab, fields};
use crate::experiment::{Field, Paper, Preset, Value};

const NAMES: [&str; 7] = ["dense", "top-k", "cosine", "hash", "rmoe", "rmoe-np", "rmoe-detach"];

static FIELDS: [Field; FIELD_COUNT] = fields(Offer {
    methods: &NAMES,
    chosen: || ["rmoe"].into(),
    sources: Offer::TEXT,
    source: || "language".into(),
});

#[cfg(feature = "engine")]
mod parts {
    use crate::Result;
    use crate::experiment::work::Local;
    use crate::labs::numbers::mean;
    use crate::labs::token_routing::{
        Against, Ended, Method, Numbers, Question, Results, Story, Study, study_table,
    };
    use crate::plate::Plate;
    use crate::routing::metrics::{conditional_information, information};
    use crate::routing::routers::{Recipe, ScorerKind, Setting, cosine, hash, rmoe, top_k};
    use crate::statistics::Direction;

    /// In the order of `NAMES`.
    pub static METHODS: [Method; super::NAMES.len()] = [
        Method::DENSE,
        Method::of(top_k::ROUTER),
        Method::of(cosine::ROUTER),
        Method::of(hash::ROUTER),
        Method::of(rmoe::ROUTER),
        Method::routed("rmoe-np", true, |setting| ablated(setting, false, false)),
        Method::routed("rmoe-detach", true, |setting| ablated(setting, true, false)),
    ];

    fn ablated(setting: &Setting, recurrent: bool, gradient: bool) -> Recipe {
        let recipe = (rmoe::ROUTER.recipe)(setting);
        let scorer = match recipe.scorer {
            ScorerKind::DepthRecurrent { width, .. } => {
                ScorerKind::DepthRecurrent { width, is_recurrent: recurrent, has_gradient: gradient }
            }
            other => other,
        };
        Recipe { scorer, ..recipe }
    }

    /// How often labels are permuted for a null.
    const PERMUTATIONS: usize = 20;

    /// What choices of neighbouring layers have in common.
    struct Paths;

    impl Study for Paths {
        fn numbers<'a>(&'a self, ended: &'a Ended<'a>) -> Local<'a, Result<Numbers>> {
            Box::pin(async move { paths(ended) })
        }

        fn plates(&self, results: &Results<'_>) -> Result<Vec<Plate>> {
            let columns = [
                ("path_information", "between layers", "nats"),
                ("path_information_within", "between layers, same character", "nats"),
                ("path_share", "share of the next choice", ""),
            ];
            let title = "What a layer's choice says about the next one's";
            let caption = "Mutual information of first choices of neighbouring layers on held-out text, less its mean under \
                           20 permutations, mean over pairs of layers; then the same among units that are the same \
                           character, which hash routing cannot have; then the first over the entropy of the next \
                           choice. Means over seeds with 95% intervals.";
            Ok(vec![study_table(results, title, caption, &columns)])
        }
    }

    fn paths(ended: &Ended<'_>) -> Result<Numbers> {
        let context = ended.context;
        let firsts = ended.answers.first_choices(context.task.held_out_units());
        let tokens = context.task.identities();
        let stream = &mut context.streams.stream("null");
        let (mut plain, mut within, mut share) = (Vec::new(), Vec::new(), Vec::new());
        for pair in firsts.windows(2) {
            let keys: Vec<usize> = pair[0].iter().map(|slot| slot.unwrap_or(usize::MAX)).collect();
            let found = information(&keys, &pair[1], PERMUTATIONS, stream)?;
            plain.push(found.corrected());
            share.push(found.share_of_choice().unwrap_or(0.0));
            within.push(conditional_information(&pair[0], &pair[1], &tokens, PERMUTATIONS, stream)?);
        }
        if plain.is_empty() {
            return Ok(Numbers::new());
        }
        let named = [("path_information", plain), ("path_information_within", within), ("path_share", share)];
        Ok(named.into_iter().map(|(name, values)| (name.to_owned(), vec![mean(&values)])).collect())
    }

    const PATHS: Question = Question {
        quantity: "path_information",
        words: "what a layer's choice says about the next one's, nats",
        direction: Direction::Higher,
        claim: "keeps more of a unit's route from layer to layer than",
        of: &["rmoe"],
        against: Against::Methods(&["top-k", "rmoe-np", "rmoe-detach"]),
        smallest: Some(0.05),
        is_claim: true,
    };

    pub static STORY: Story = Story {
        questions: &[
            PATHS,
            Question {
                quantity: "path_information_within",
                words: "the same among units that are the same character, nats",
                claim: "keeps more of the route of equal characters than",
                is_claim: false,
                ..PATHS
            },
            Question {
                of: &["top-k", "cosine", "hash", "rmoe", "rmoe-np", "rmoe-detach"],
                against: Against::Methods(&["top-k", "dense", "hash"]),
                ..Question::of_loss("has a lower test loss than")
            },
        ],
        study: &Paths,
        paper: "Qiu et al. 2024: more cross-layer mutual information; 1.116 against 1.128 bits per character at 36M \
                parameters, and 1.183 against 1.184 at 15M.",
    };
}

const PRESETS: &[Preset] = &[Preset {
    name: "rmoe",
    summary: "Do routers that hear from the layer below keep a route? RMoE, both ablations, and three others, 5 seeds.",
    duration: "under two minutes",
    values,
}];

fn values() -> Vec<(&'static str, Value)> {
    vec![
        ("seeds", 5.into()),
        ("methods", ["dense", "top-k", "hash", "rmoe", "rmoe-np", "rmoe-detach"].into()),
        ("model.width", 32.into()),
        ("model.layers", 3.into()),
        ("training.steps", 200.into()),
        ("training.batch", 16.into()),
        ("comparison.smallest_effect", 0.02.into()),
    ]
}

/// The lab.
pub(super) static LAB: RoutingLab = RoutingLab {
    name: "rmoe",
    paper: Paper {
        title: "Layerwise Recurrent Router for Mixture-of-Experts",
        reference: "Qiu et al., ICLR 2025, arXiv 2408.06793",
        claim: "A router that carries a state from layer to layer shares more between layers' choices, and large models \
                with it learn better.",
    },
    fields: &FIELDS,
    presets: PRESETS,
    #[cfg(feature = "engine")]
    methods: &parts::METHODS,
    #[cfg(feature = "engine")]
    story: &parts::STORY,
};
