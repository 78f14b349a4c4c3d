//! From a network's answers to the routing record.

use super::Method;
use super::context::Context;
use super::evaluation::Answers;
use super::fields::PARTS;
use crate::Result;
use crate::labs::layer_answers::About;
use crate::routing::{RoutingDecision, SlotCost, UnitKind};

/// What classes are called.
pub(super) fn class_names(context: &Context) -> Vec<String> {
    let is_digits = context.specification.data.source == "digits";
    let name = |class: usize| if is_digits { class.to_string() } else { format!("class {class}") };
    (0..context.shape.outputs).map(name).collect()
}

/// The record of who went where among some rows; `classes` where they are known. Nothing without experts.
///
/// # Errors
/// When the record contradicts itself.
pub(super) fn decision(
    context: &Context,
    method: Method,
    step: u64,
    answers: &Answers,
    classes: Option<&[usize]>,
) -> Result<Option<RoutingDecision>> {
    let (Some(routes), Some(recipe)) = (&answers.router, context.recipe(method)) else { return Ok(None) };
    let (shape, fields) = (context.shape, &context.specification.router);
    let multiplications = shape.inputs * shape.hidden + shape.hidden * shape.outputs;
    let router = match method {
        Method::Routed if fields.kind == PARTS => format!("softmax top-{}", fields.k),
        Method::Routed => fields.kind.clone(),
        _ => format!("hash, {} of {}", fields.k, recipe.experts),
    };
    let mut decision = routes.layer.record(&About {
        recipe,
        router: &router,
        step,
        layer: 0,
        units: UnitKind::Sample,
        cost: SlotCost {
            flops: 2.0 * multiplications as f64,
            parameters: shape.parameters() as f64,
            ..SlotCost::default()
        },
    });
    decision.keys.class = classes.map(|classes| classes.iter().map(|&class| class as u32).collect());
    decision.validate()?;
    Ok(Some(decision))
}
