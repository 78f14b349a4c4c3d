//! The lab's presets.

use crate::experiment::{Preset, Value};

/// Named experiments.
pub const PRESETS: &[Preset] = &[
    Preset {
        name: "moe-rings",
        summary: "Four experts share points of the plane; watch the router cut it. One seed: an illustration.",
        duration: "a few seconds",
        values: Vec::new,
    },
    Preset {
        name: "moe-digits",
        summary: "Eight experts share 1,797 images of digits: which expert takes which digit?",
        duration: "a few seconds",
        values: digits,
    },
    Preset {
        name: "moe-collapse",
        summary: "Eight experts without balance: the rich get richer, and most experts die.",
        duration: "a few seconds",
        values: collapse,
    },
    Preset {
        name: "moe-claim",
        summary: "The claim: a mixture against one network of as many active parameters and against hash routing.",
        duration: "about a minute",
        values: claim,
    },
];

fn digits() -> Vec<(&'static str, Value)> {
    // With the default weight one expert takes six images of seven: a digit is learned by any of them.
    vec![("data.source", "digits".into()), ("model.experts", 8.into()), ("router.balance_weight", 0.3.into())]
}

fn collapse() -> Vec<(&'static str, Value)> {
    vec![("model.experts", 8.into()), ("router.balance", "none".into())]
}

fn claim() -> Vec<(&'static str, Value)> {
    vec![("seeds", 8.into()), ("methods", ["routed", "dense", "random"].into()), ("tuning.rates", 4.into())]
}
