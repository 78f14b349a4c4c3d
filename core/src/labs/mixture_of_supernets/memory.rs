//! How much memory a supernet's training will take.

use super::{Method, Specification};
use crate::Result;
use crate::labs::memory;
use crate::supernet::SearchSpace;

/// Refuses a supernet that would not fit.
///
/// Counted are what grows: the feed-forward maps of all blocks, once for each expert where there are experts, and what
/// the largest network computes for a batch.
///
/// # Errors
/// As [`memory::check`].
pub(super) fn check(specification: &Specification, methods: &[Method], space: &SearchSpace) -> Result<()> {
    let largest = |method: &&Method| bytes(specification, **method, space);
    match methods.iter().max_by(|a, b| largest(a).total_cmp(&largest(b))) {
        Some(method) => {
            let others = "`space.widths`, `space.depths`, `supernet.experts` or `training.batch`";
            memory::check(method.name(), largest(&method), "space.ffn", others)
        }
        None => Ok(()),
    }
}

fn bytes(specification: &Specification, method: Method, space: &SearchSpace) -> f64 {
    let (width, depth) = (space.max_width() as f64, space.max_depth() as f64);
    // Any one block may be the wide one, so each holds its weights.
    let inner = space.ffn.iter().copied().chain(space.wide_ffn).max().unwrap_or(0) as f64;
    let has_experts = method.has_router() || method == Method::FewShot;
    let experts = if has_experts { specification.supernet.experts as f64 } else { 1.0 };
    let parameters = experts * depth * (2.0 * width * inner + inner + width)
        + width * (space.inputs + space.outputs) as f64;
    let activations = specification.training.batch as f64 * depth * (2.0 * inner + 2.0 * width);
    memory::bytes(parameters, activations)
}
