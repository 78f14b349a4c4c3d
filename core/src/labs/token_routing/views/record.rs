//! From a layer's answers to the routing record.

use crate::Result;
use crate::labs::layer_answers::{self, LayerAnswers};
use crate::labs::token_routing::context::Context;
use crate::labs::token_routing::method::Method;
use crate::labs::token_routing::task::Task;
use crate::routing::routers::Recipe;
use crate::routing::{RoutingDecision, SlotCost, UnitKind};

/// What is known about the units of a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Keys {
    /// They are the held-out ones.
    OfHeldOut,
    /// Somebody asked about them.
    Unknown,
}

/// Whose decision it is.
pub struct About<'a> {
    pub method: &'a Method,
    pub recipe: &'a Recipe,
    pub step: u64,
    pub layer: usize,
}

/// The record of who went where, with what is known about held-out units; nothing is known about asked ones.
///
/// # Errors
/// When the record contradicts itself.
pub fn decision(
    context: &Context,
    about: &About<'_>,
    answers: &LayerAnswers,
    keys: Keys,
) -> Result<RoutingDecision> {
    let sizes = context.sizes(about.method);
    let is_text = matches!(context.task, Task::Text(_));
    let mut decision = answers.record(&layer_answers::About {
        recipe: about.recipe,
        router: about.method.name,
        step: about.step,
        layer: about.layer,
        units: if is_text { UnitKind::Token } else { UnitKind::Patch },
        cost: SlotCost {
            flops: sizes.flops(context.task.units()),
            parameters: sizes.parameters() as f64,
            ..SlotCost::default()
        },
    });
    let length = context.task.units() as u32;
    decision.keys.position = Some((0..decision.units as u32).map(|unit| unit % length).collect());
    if keys == Keys::OfHeldOut {
        let of = |name: &str| {
            let key = context.task.keys().into_iter().find(|key| key.name == name)?;
            Some(key.values.into_iter().map(|value| value as u32).collect::<Vec<u32>>())
        };
        match &context.task {
            Task::Digits(_) => decision.keys.class = of("specialisation"),
            Task::Text(text) => {
                decision.keys.token_id = Some(text.corpus.inputs(&text.test));
                (decision.keys.class, decision.keys.domain) = (of("positions"), of("specialisation"));
            }
        }
    }
    decision.validate()?;
    Ok(decision)
}
