//! What every router owes, whatever it is: one test for the whole registry.

use super::*;
use crate::rng::Streams;
use crate::routing::capacity::Overflow;
use crate::routing::scored::tests::softmax;
use crate::routing::{Edge, Fate, Router as _, Routing, Scored, chosen_counts};
use proptest::prelude::*;

const UNITS: usize = 12;
const EXPERTS: usize = 4;

fn setting(k: usize) -> Setting {
    Setting { experts: EXPERTS, k, capacity_factor: None, overflow: None, sequence: 6 }
}

fn affinities(recipe: &Recipe, logits: &[f32]) -> Vec<f32> {
    match recipe.affinity {
        Affinity::Softmax => softmax(logits, recipe.slots()),
        Affinity::Sigmoid => logits.iter().map(|x| 1.0 / (1.0 + libm::expf(-x))).collect(),
        Affinity::Relu => logits.iter().map(|x| x.max(0.0)).collect(),
    }
}

/// Logits without ties, the same for every router of this many slots.
fn logits(seed: u64, slots: usize) -> Vec<f32> {
    Streams::new(seed).stream("logits").normals(UNITS * slots, 1.5)
}

struct Batch {
    logits: Vec<f32>,
    valid: Vec<bool>,
    identities: Vec<u32>,
}

impl Batch {
    fn new(seed: u64, slots: usize) -> Self {
        let identities = (0..UNITS as u32).map(|unit| unit % 5).collect();
        Self { logits: logits(seed, slots), valid: vec![true; UNITS], identities }
    }

    fn route(&self, recipe: &Recipe, training: bool) -> Result<Routing> {
        let affinities = affinities(recipe, &self.logits);
        let scored = Scored {
            slots: recipe.slots(),
            logits: &self.logits,
            affinities: &affinities,
            valid: &self.valid,
            sequence: 6,
            identities: &self.identities,
            training,
        };
        let memory = recipe.controller.begin(recipe.slots());
        recipe.pipeline().route(&scored, &memory, &mut Streams::new(9).stream("router"))
    }
}

fn all() -> impl Iterator<Item = (&'static TokenRouter, Recipe)> {
    let both = |router: &&'static TokenRouter| {
        [1, 2, 3].map(|k| (*router, router.recipe(&setting(k)).expect("fits four experts")))
    };
    TOKEN_ROUTERS.iter().flat_map(both)
}

#[test]
fn names_are_plain_and_single_and_every_row_says_something() {
    for (at, router) in TOKEN_ROUTERS.iter().enumerate() {
        assert!(router.name.chars().all(|letter| letter.is_ascii_lowercase() || letter == '-'));
        assert!(!ROUTER_NAMES[..at].contains(&router.name), "{}", router.name);
        for text in [router.title, router.paper, router.equation, router.pitfall] {
            assert!(text.len() > 3, "{}", router.name);
        }
        assert!(router.paper.contains("arXiv"), "{}", router.name);
    }
    let error = token_router("swich").expect_err("no such router").to_string();
    assert!(error.contains("did you mean `switch`?"), "{error}");
}

#[test]
fn settings_that_do_not_fit_are_refused_and_any_capacity_is_defined() {
    for (experts, k, factor, expected) in [
        (4, 5, None, "k is 5, but must be between 1 and its 4 experts"),
        (4, 0, None, "k is 0"),
        (1, 1, None, "two experts or more"),
        (4, 1, Some(f64::NAN), "no number"),
    ] {
        let setting = Setting { experts, k, capacity_factor: factor, overflow: None, sequence: 6 };
        let problem = top_k::ROUTER.recipe(&setting).expect_err(expected).to_string();
        assert!(problem.contains(expected), "{problem}");
    }
    for router in TOKEN_ROUTERS {
        let overflows = [None, Some(Overflow::Drop), Some(Overflow::DropLeastSure), Some(Overflow::Reroute)];
        for (at, factor) in [100.0, 1e-9, 0.0, -1.0, 0.5, 1.0].into_iter().enumerate() {
            let setting =
                Setting { capacity_factor: Some(factor), overflow: overflows[at % 4], ..setting(2) };
            let recipe = router.recipe(&setting).expect("fits");
            let routing = Batch::new(1, recipe.slots()).route(&recipe, true).expect("defined");
            assert!(routing.capacity.is_none_or(|capacity| capacity <= UNITS), "{}", router.name);
        }
    }
}

#[test]
fn edges_are_in_order_inside_the_table_and_single() {
    for (router, recipe) in all() {
        for training in [true, false] {
            let routing = Batch::new(2, recipe.slots()).route(&recipe, training).expect("finite");
            for pair in routing.edges.windows(2) {
                let [a, b] = [&pair[0], &pair[1]];
                let follows = a.unit < b.unit || (a.unit == b.unit && a.rank + 1 == b.rank);
                assert!(follows, "{}: {a:?} before {b:?}", router.name);
            }
            let mut places: Vec<_> = routing.edges.iter().map(|edge| (edge.unit, edge.slot)).collect();
            places.sort_unstable();
            places.dedup();
            assert_eq!(places.len(), routing.edges.len(), "{}", router.name);
            let nulls = |edge: &&Edge| edge.slot >= recipe.pipeline().experts;
            assert!(routing.edges.iter().filter(nulls).all(|edge| edge.combine == 0.0), "{}", router.name);
            assert!(routing.edges.iter().all(|edge| edge.combine.is_finite() && edge.combine >= 0.0));
        }
    }
}

#[test]
fn weights_sum_to_one_where_the_paper_says_so() {
    for name in ["top-k", "noisy-top-k", "bias", "cosine", "hash"] {
        for k in [2, 3] {
            let recipe = token_router(name).and_then(|router| router.recipe(&setting(k))).expect("fits");
            let routing = Batch::new(3, recipe.slots()).route(&recipe, true).expect("finite");
            assert_eq!(routing.edges.len(), UNITS * k, "{name}");
            for unit in routing.edges.chunks(k) {
                let sum: f32 = unit.iter().map(|edge| edge.combine).sum();
                assert!((sum - 1.0).abs() < 1e-5, "{name}: {sum}");
            }
        }
    }
}

#[test]
fn padding_is_never_sent_anywhere_and_changes_nobody_elses_route() {
    for (router, recipe) in all() {
        let whole = Batch::new(4, recipe.slots());
        let mut padded = Batch::new(4, recipe.slots());
        padded.valid[5] = false;
        padded.valid[11] = false;
        for unit in [5, 11] {
            padded.logits[unit * recipe.slots()..(unit + 1) * recipe.slots()].fill(f32::NAN);
        }
        let mut other = Batch { logits: padded.logits.clone(), valid: padded.valid.clone(), ..whole };
        for unit in [5, 11] {
            other.logits[unit * recipe.slots()..(unit + 1) * recipe.slots()].fill(7.5);
        }
        let found = padded.route(&recipe, true).expect("padding may hold anything");
        assert_eq!(found, other.route(&recipe, true).expect("finite"), "{}", router.name);
        assert!(found.edges.iter().all(|edge| edge.unit != 5 && edge.unit != 11), "{}", router.name);
    }
}

#[test]
fn a_number_that_is_none_is_refused_and_equal_logits_are_routed() {
    for (router, recipe) in all() {
        let mut batch = Batch::new(5, recipe.slots());
        batch.logits[3] = f32::INFINITY;
        let refused = batch.route(&recipe, true).is_err();
        assert!(refused, "{}: an infinite logit was taken", router.name);
        batch.logits.fill(0.25);
        let routing = batch.route(&recipe, true).expect("ties are no error");
        assert!(!routing.edges.is_empty(), "{}", router.name);
    }
}

#[test]
fn a_seed_repeats_and_causal_routers_do_not_look_ahead() {
    for (router, recipe) in all() {
        let batch = Batch::new(6, recipe.slots());
        let first = batch.route(&recipe, true).expect("finite");
        assert_eq!(first, batch.route(&recipe, true).expect("finite"), "{}", router.name);
        if !router.is_causal {
            continue;
        }
        let mut later = Batch::new(6, recipe.slots());
        later.logits[9 * recipe.slots()..].iter_mut().for_each(|logit| *logit = -*logit);
        let second = later.route(&recipe, true).expect("finite");
        let early = |routing: &Routing| {
            let edges = routing.edges.iter().filter(|edge| edge.unit < 9);
            edges.map(|edge| (edge.unit, edge.slot, edge.fate)).collect::<Vec<_>>()
        };
        assert_eq!(early(&first), early(&second), "{}", router.name);
    }
}

#[test]
fn loads_sum_to_what_was_asked_for() {
    for (router, recipe) in all() {
        let routing = Batch::new(7, recipe.slots()).route(&recipe, true).expect("finite");
        let counts = chosen_counts(&routing.edges, recipe.slots());
        assert_eq!(counts.iter().sum::<usize>(), routing.edges.len());
        if let Some(capacity) = routing.capacity {
            let mut served = vec![0; recipe.slots()];
            routing.edges.iter().filter_map(Edge::served_by).for_each(|slot| served[slot] += 1);
            let experts = &served[..recipe.pipeline().experts];
            assert!(experts.iter().all(|&count| count <= capacity), "{}: {served:?}", router.name);
        }
        if ["expert-choice", "union-of-experts", "base"].contains(&router.name) {
            assert!(counts.iter().all(|&count| count == counts[0]), "{}: {counts:?}", router.name);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]
    #[test]
    fn renaming_the_experts_renames_the_routes(seed in 0u64..10_000, shift in 1usize..4) {
        for (router, recipe) in all() {
            // A hash names experts by number; a block has no experts to rename; groups are renamed as wholes.
            if recipe.scorer == ScorerKind::None || recipe.is_block {
                continue;
            }
            let (slots, experts) = (recipe.slots(), recipe.experts);
            let target = |slot: usize| if slot < experts { (slot + shift) % experts } else { slot };
            let batch = Batch::new(seed, slots);
            let mut renamed = Batch::new(seed, slots);
            for (at, logit) in batch.logits.iter().enumerate() {
                renamed.logits[at / slots * slots + target(at % slots)] = *logit;
            }
            let first = batch.route(&recipe, true).expect("finite");
            let second = renamed.route(&recipe, true).expect("finite");
            let place = |edge: &Edge, slot: usize| (edge.unit, slot, edge.fate == Fate::Dropped);
            let mut expected: Vec<_> = first.edges.iter().map(|e| place(e, target(e.slot))).collect();
            let mut found: Vec<_> = second.edges.iter().map(|e| place(e, e.slot)).collect();
            expected.sort_unstable();
            found.sort_unstable();
            prop_assert_eq!(expected, found, "{}", router.name);
        }
    }
}
