//! Which router sends rows to experts: one put together from the fields, or one of the registry.

use super::fields::PARTS;
use super::specification::{Router, Specification};
use crate::routing::SlotKind;
use crate::routing::assigners::TopK;
use crate::routing::capacity::{Overflow, of_factor};
use crate::routing::controllers::{BiasForEvenLoad, Controller, Nothing};
use crate::routing::metrics::Convention;
use crate::routing::routers::{Affinity, Noise, Recipe, RouterLoss, ScorerKind, Setting, token_router};
use crate::routing::weighing::Weighing;
use crate::{Error, Result};

/// The learned router's parts.
///
/// # Errors
/// When `k` is larger than the number of experts, or rows cannot be routed in this way one by one.
pub(super) fn learned(specification: &Specification) -> Result<Recipe> {
    let setting = setting(specification)?;
    let router = &specification.router;
    if router.kind == PARTS {
        return Ok(parts(router, setting.experts));
    }
    let mut recipe = token_router(&router.kind)?.recipe(&setting)?;
    if recipe.sees_sequence() || recipe.is_block {
        let why = if recipe.is_block {
            "sends units around a block, and here nothing goes around"
        } else {
            "looks at a whole sequence, and rows are asked one by one here"
        };
        let problem = format!("`{}` {why}; take another, or the preset `router-live`", router.kind);
        return Err(Error::Inconsistent { key: "router.kind".into(), problem });
    }
    if recipe.scorer == ScorerKind::Linear {
        recipe.scorer = ScorerKind::Perceptron { hidden: router.hidden };
    }
    Ok(recipe)
}

/// The control's parts: experts by a hash of the row.
///
/// # Errors
/// As [`learned`].
pub(super) fn hash(specification: &Specification) -> Result<Recipe> {
    token_router("hash")?.recipe(&Setting { capacity_factor: None, ..setting(specification)? })
}

fn setting(specification: &Specification) -> Result<Setting> {
    let (experts, router) = (specification.model.experts, &specification.router);
    if router.k > experts {
        let problem = format!(
            "it is {}, but there are only {experts} experts; lower it, or raise `model.experts`",
            router.k
        );
        return Err(Error::Inconsistent { key: "router.k".into(), problem });
    }
    Ok(Setting {
        experts,
        k: router.k,
        capacity_factor: Some(router.capacity_factor),
        overflow: None,
        sequence: specification.training.batch,
    })
}

fn parts(router: &Router, experts: usize) -> Recipe {
    let k = router.k;
    let mut losses = Vec::new();
    if router.balance == "auxiliary" {
        losses.push((RouterLoss::LoadBalance(Convention::KNormalised), router.balance_weight));
    }
    losses.push((RouterLoss::Z, router.z_weight));
    let controller: Box<dyn Controller> = match router.balance.as_str() {
        "bias" => Box::new(BiasForEvenLoad { speed: router.balance_weight }),
        _ => Box::new(Nothing),
    };
    // One weight divided by itself would be 1, and the router would learn nothing from the task.
    let is_raw = router.combine == "raw" || k == 1;
    Recipe {
        experts,
        nulls: 0,
        null_kind: SlotKind::NullZero,
        shared: 0,
        is_block: false,
        active: k as f64,
        scorer: ScorerKind::Perceptron { hidden: router.hidden },
        noise: match router.noise {
            0.0 => Noise::None,
            deviation => Noise::Fixed { deviation },
        },
        affinity: Affinity::Softmax,
        assigner: Box::new(TopK { k }),
        capacity: of_factor(router.capacity_factor, Overflow::Drop),
        weighing: if is_raw { Weighing::Affinity } else { Weighing::Normalised { scale: 1.0 } },
        losses,
        controller,
        soft: None,
    }
}
