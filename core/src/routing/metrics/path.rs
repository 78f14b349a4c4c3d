//! Paths: how the choices of several layers about the same units hang together.

use std::collections::BTreeSet;

use super::specialisation::{Specialisation, against_null};
use super::undefined;
use crate::Result;
use crate::rng::Stream;
use crate::routing::Checked;

/// `I(S_l; S_{l+1})` of the first choices of two layers, with a null from permutations (RMoE, arXiv 2408.06793,
/// reports the raw value). "Key" in the result is the first layer's slot.
///
/// # Errors
/// If the decisions are about different units, or no unit chose in both.
pub fn path_information(
    first: Checked<'_>,
    second: Checked<'_>,
    permutations: usize,
    stream: &mut Stream,
) -> Result<Specialisation> {
    same_units("the path information", first, second)?;
    let pairs = first.top_choices().into_iter().zip(second.top_choices());
    let observed: Vec<_> = pairs.filter_map(|(from, to)| Some((from?, vec![(to?, 1.0)]))).collect();
    against_null(&observed, permutations, stream)
}

/// How often a first choice of each slot in one layer is followed by each slot in another, as rows of counts.
///
/// # Errors
/// If the decisions are about different units.
pub fn transition_counts(first: Checked<'_>, second: Checked<'_>) -> Result<Vec<Vec<usize>>> {
    same_units("the transition count", first, second)?;
    let mut counts = vec![vec![0; second.slots.len()]; first.slots.len()];
    for (from, to) in first.top_choices().into_iter().zip(second.top_choices()) {
        if let (Some(from), Some(to)) = (from, to) {
            counts[from][to] += 1;
        }
    }
    Ok(counts)
}

/// How often two slots are chosen together by one unit (and group) before drops, as rows of counts: symmetric, with
/// each slot's routed load on the diagonal.
pub fn co_activation(decision: Checked<'_>) -> Vec<Vec<usize>> {
    let mut counts = vec![vec![0; decision.slots.len()]; decision.slots.len()];
    for slots in decision.choices() {
        for &one in &slots {
            for &other in &slots {
                counts[one][other] += 1;
            }
        }
    }
    counts
}

/// How many different paths (first choices through all `layers`) the valid units take. A layer that sends a unit
/// nowhere counts as a place of its own.
///
/// # Errors
/// If there are no layers, or they are about different units.
pub fn distinct_paths(layers: &[Checked<'_>]) -> Result<usize> {
    let Some(first) = layers.first() else {
        return Err(undefined("the number of paths", "no layers were given"));
    };
    for layer in layers {
        same_units("the number of paths", *first, *layer)?;
    }
    let choices: Vec<_> = layers.iter().map(Checked::top_choices).collect();
    let places = (0..first.units * first.groups).filter(|place| first.valid[place / first.groups]);
    Ok(places
        .map(|place| choices.iter().map(|layer| layer[place]).collect::<Vec<_>>())
        .collect::<BTreeSet<_>>()
        .len())
}

/// Two decisions can be compared unit by unit only if they are about the same ones.
pub(super) fn same_units(statistic: &'static str, a: Checked<'_>, b: Checked<'_>) -> Result<()> {
    if a.units != b.units || a.groups != b.groups {
        let problem = format!("{} units x {} groups meet {} x {}", a.units, a.groups, b.units, b.groups);
        return Err(undefined(statistic, problem));
    }
    match a.valid.iter().zip(&b.valid).position(|(a, b)| a != b) {
        None => Ok(()),
        Some(unit) => Err(undefined(statistic, format!("unit {unit} is valid in one decision only"))),
    }
}
