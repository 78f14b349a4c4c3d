//! From a network's answers to the routing record.

use super::Method;
use super::context::Context;
use super::evaluation::Answers;
use crate::Result;
use crate::routing::{CombineMode, RoutingDecision, Scope, Slot, SlotCost, SlotKind, UnitKind};

/// What experts are called.
pub(super) fn expert_name(expert: usize) -> String {
    format!("Expert {expert}")
}

/// Every expert's name.
pub(super) fn expert_names(context: &Context) -> Vec<String> {
    (0..context.shape.count).map(expert_name).collect()
}

/// What classes are called.
pub(super) fn class_names(context: &Context) -> Vec<String> {
    let is_digits = context.specification.data.source == "digits";
    let name = |class: usize| if is_digits { class.to_string() } else { format!("class {class}") };
    (0..context.shape.expert.outputs).map(name).collect()
}

/// The record of who went where among some rows; `classes` where they are known.
///
/// # Errors
/// When the record contradicts itself.
pub(super) fn decision(
    context: &Context,
    method: Method,
    step: u64,
    answers: &Answers,
    classes: Option<&[usize]>,
) -> Result<RoutingDecision> {
    let shape = context.shape.expert;
    let multiplications = shape.inputs * shape.hidden + shape.hidden * shape.outputs;
    let slots = (0..context.shape.count).map(|expert| Slot {
        cost: SlotCost {
            flops: 2.0 * multiplications as f64,
            parameters: shape.parameters() as f64,
            ..SlotCost::default()
        },
        ..Slot::new(expert, SlotKind::Expert, expert_name(expert))
    });
    let name = match method {
        Method::Routed => format!("softmax top-{}", context.choosing.k),
        _ => format!("hash, {} of {}", context.choosing.k, context.shape.count),
    };
    let units = answers.predicted.len();
    let mut decision = RoutingDecision::new(name, Scope::Layer(0), UnitKind::Sample, units, slots.collect());
    decision.step = step;
    decision.combine_mode = CombineMode::MixOutputs;
    decision.edges = answers.edges.clone();
    if !answers.probabilities.is_empty() {
        decision.logits = Some(answers.router_logits.clone());
        decision.probabilities = Some(answers.probabilities.clone());
    }
    decision.keys.class = classes.map(|classes| classes.iter().map(|&class| class as u32).collect());
    decision.validate()?;
    Ok(decision)
}
