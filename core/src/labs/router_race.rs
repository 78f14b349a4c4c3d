//! The router race: every token router with the same model, data and active parameters.
//!
//! No single paper claims what is asked here; each router's paper shows its own gain at its own size. The race puts them
//! side by side on patches of digits, against one network of as many active parameters (the baseline), hash routing (the
//! strongest cheap baseline: experts without a learned router) and softmax top-k.

use super::token_routing::{FIELD_COUNT, Offer, RoutingLab, fields};
use crate::experiment::{Field, Paper, Preset, Value};
use crate::routing::routers::{ROUTER_COUNT, names_after};
#[cfg(feature = "engine")]
use crate::{
    labs::token_routing::{Against, Method, NoStudy, Question, Story},
    routing::routers::TOKEN_ROUTERS,
};

const NAMES: [&str; ROUTER_COUNT + 1] = names_after("dense");

#[cfg(feature = "engine")]
pub(super) static METHODS: [Method; ROUTER_COUNT + 1] = {
    let mut methods = [Method::DENSE; ROUTER_COUNT + 1];
    let mut at = 0;
    while at < ROUTER_COUNT {
        let router = TOKEN_ROUTERS[at];
        methods[at + 1] = Method::routed(router.name, router.is_causal, router.recipe);
        at += 1;
    }
    methods
};

static FIELDS: [Field; FIELD_COUNT] = fields(Offer {
    methods: &NAMES,
    chosen: || ["top-k"].into(),
    sources: Offer::BOTH,
    source: || "digits".into(),
});

#[cfg(feature = "engine")]
static STORY: Story = Story {
    questions: &[Question {
        against: Against::Methods(&["dense", "top-k", "hash"]),
        ..Question::of_loss("has a lower test loss than")
    }],
    study: &NoStudy,
    paper: "Each router's paper compares at its own size, mostly with Switch or GShard; none has this comparison.",
};

const PRESETS: &[Preset] = &[
    Preset {
        name: "router-live",
        summary: "One router sends patches of digits to eight experts: choose which, and watch. One seed: an illustration.",
        duration: "a few seconds",
        values: live,
    },
    Preset {
        name: "text-live",
        summary: "A small language model: a router sends every character of a generated text to eight experts. One seed.",
        duration: "some seconds",
        values: text,
    },
    Preset {
        name: "text-race",
        summary: "Routers that may stand in a text model, the same generated language and active parameters, 3 seeds.",
        duration: "under two minutes",
        values: text_race,
    },
    Preset {
        name: "router-race",
        summary: "Twenty-two routers and one network, the same model, data and active parameters, 5 seeds each.",
        duration: "about a minute",
        values: race,
    },
];

fn live() -> Vec<(&'static str, Value)> {
    vec![("training.steps", 1500.into())]
}

fn text() -> Vec<(&'static str, Value)> {
    vec![
        ("data.source", "language".into()),
        ("model.width", 32.into()),
        ("training.steps", 2000.into()),
        ("training.batch", 16.into()),
    ]
}

/// Routers whose answers never see what comes later.
const OF_TEXT: [&str; 10] =
    ["dense", "top-k", "switch", "gshard", "noisy-top-k", "hash", "bias", "rmoe", "shared", "adamoe"];

fn text_race() -> Vec<(&'static str, Value)> {
    let mut values = text();
    values.retain(|(key, _)| *key != "training.steps");
    values.extend([("seeds", 3.into()), ("methods", OF_TEXT.into()), ("training.steps", 400.into())]);
    values
}

fn race() -> Vec<(&'static str, Value)> {
    vec![("seeds", 5.into()), ("methods", NAMES.into()), ("training.steps", 150.into())]
}

/// The lab.
pub(super) static LAB: RoutingLab = RoutingLab {
    name: "router-race",
    paper: Paper {
        title: "Twenty-two routers, one race",
        reference: "each router's own paper",
        claim: "A mixture of experts behind a router answers better than one network with as many active parameters.",
    },
    fields: &FIELDS,
    presets: PRESETS,
    #[cfg(feature = "engine")]
    methods: &METHODS,
    #[cfg(feature = "engine")]
    story: &STORY,
};
