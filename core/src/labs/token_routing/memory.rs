//! How much memory a training of a token router will take.

use super::context::Context;
use super::method::Method;
use super::sizes::Sizes;
use crate::Result;
use crate::labs::memory;

/// About how many bytes a training step of a method takes.
///
/// Counted are what grows: what all experts make of all units of a batch (all experts are computed), the stream
/// between layers, attention's tables, and the answers.
pub fn estimate(context: &Context, method: &Method) -> f64 {
    let (data, model) = (&context.specification.data, &context.specification.model);
    let samples = context.specification.training.batch as f64;
    let length = context.task.units() as f64;
    let (units, layers, width) = (samples * length, model.layers as f64, model.width as f64);
    let sizes = context.sizes(method);
    let recipe = context.recipe(method);
    let experts = recipe.as_ref().map_or(1, |recipe| recipe.experts + recipe.shared) as f64;
    let slots = recipe.as_ref().map_or(0, |recipe| recipe.slots()) as f64;
    let residual = context.residual_shape().map(Sizes::FeedForward);
    let beside = residual.map_or(0.0, |sizes| sizes.activations(1.0, length));
    let inside = units * (sizes.activations(experts, length) + beside);
    let attention = if data.is_text() { samples * model.heads as f64 * length * length } else { 0.0 };
    let stream = units * (8.0 * width + 4.0 * slots);
    let answers = 2.0 * units * context.task.classes() as f64;
    let activations = layers * (inside + attention + stream) + answers;
    let dense = residual.map_or(0, Sizes::parameters);
    let layer = experts * sizes.parameters() as f64 + (sizes.parameters_of_all() + dense) as f64;
    let parameters = layers * (layer + 4.0 * width * width) + 2.0 * width * context.task.classes() as f64;
    memory::bytes(parameters, activations)
}

/// Refuses what would not fit.
///
/// # Errors
/// As [`memory::check`], for the largest method.
pub fn check(context: &Context) -> Result<()> {
    let sized = context.methods.iter().map(|method| (method, estimate(context, method)));
    match sized.max_by(|a, b| a.1.total_cmp(&b.1)) {
        Some((method, bytes)) => {
            let others = "`data.length`, `model.experts` or `model.hidden`";
            memory::check(method.name, bytes, "training.batch", others)
        }
        None => Ok(()),
    }
}
