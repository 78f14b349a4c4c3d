//! How much memory a training will take, told before anything is allocated.

use super::context::Context;
use super::method::Method;
use crate::{Error, Result};

/// The most bytes of one training: what a browser's tab may have, and a school's laptop has free.
pub const MOST_BYTES: f64 = 2e9;

/// Copies of a parameter: itself, its gradient, and Adam's two moments.
const COPIES_OF_PARAMETERS: f64 = 4.0;

/// Copies of an activation that live at once: as it was made, as the tape keeps it, and its gradient.
const COPIES_OF_ACTIVATIONS: f64 = 3.0;

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
    let inside = units * sizes.activations(experts, length);
    let attention = if data.is_text() { samples * model.heads as f64 * length * length } else { 0.0 };
    let stream = units * (8.0 * width + 4.0 * slots);
    let answers = 2.0 * units * context.task.classes() as f64;
    let activations = layers * (inside + attention + stream) + answers;
    let layer = experts * sizes.parameters() as f64 + sizes.parameters_of_all() as f64;
    let parameters = layers * (layer + 4.0 * width * width) + 2.0 * width * context.task.classes() as f64;
    4.0 * (COPIES_OF_ACTIVATIONS * activations + COPIES_OF_PARAMETERS * parameters)
}

/// Refuses what would not fit.
///
/// # Errors
/// [`Error::Inconsistent`] that names the largest method and says what makes it smaller.
pub fn check(context: &Context) -> Result<()> {
    let sized = context.methods.iter().map(|method| (method, estimate(context, method)));
    let largest = sized.max_by(|a, b| a.1.total_cmp(&b.1));
    match largest {
        Some((method, bytes)) if bytes > MOST_BYTES => Err(Error::Inconsistent {
            key: "training.batch".to_owned(),
            problem: format!(
                "a step of `{}` would take about {:.1} GB, and at most {:.0} GB are allowed; lower it, `data.length`, \
                 `model.experts` or `model.hidden`",
                method.name,
                bytes / 1e9,
                MOST_BYTES / 1e9
            ),
        }),
        _ => Ok(()),
    }
}
