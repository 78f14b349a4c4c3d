//! Drops: what a capacity limit throws away, who goes without, null slots and the effective k.

use super::{choices_that_count, undefined};
use crate::Result;
use crate::routing::{Checked, Edge, Fate};

/// Dropped edges over routed edges. Shared edges cannot be dropped and do not count.
///
/// # Errors
/// If no valid unit has a routed edge.
pub fn drop_rate(decision: Checked<'_>) -> Result<f64> {
    share("the drop rate", decision, |edge| edge.fate == Fate::Dropped)
}

/// Edges into null slots over routed edges (AdaMoE, arXiv 2406.13233).
///
/// # Errors
/// If no valid unit has a routed edge.
pub fn null_share(decision: Checked<'_>) -> Result<f64> {
    share("the null share", decision, |edge| edge.fate == Fate::Null)
}

fn share(statistic: &'static str, decision: Checked<'_>, counts: impl Fn(&Edge) -> bool) -> Result<f64> {
    let routed = || decision.valid_edges().filter(|edge| edge.fate.is_routed());
    match routed().count() {
        0 => Err(undefined(statistic, "no valid unit has a routed edge")),
        all => Ok(routed().filter(|edge| counts(edge)).count() as f64 / all as f64),
    }
}

/// The share of valid units (per group) that no routed edge served: all were dropped, or, where slots choose units,
/// no slot chose it. A unit that chose a null slot or a skip was served. A shared slot does not save a unit.
///
/// # Errors
/// If there is no valid unit.
pub fn dropped_unit_share(decision: Checked<'_>) -> Result<f64> {
    let choices = choices_that_count("the share of dropped units", decision)?;
    let mut served = vec![false; decision.units * decision.groups];
    for edge in decision.valid_edges().filter(|edge| edge.fate.is_routed() && edge.fate != Fate::Dropped) {
        served[edge.unit * decision.groups + edge.group] = true;
    }
    Ok(1.0 - served.iter().filter(|&&served| served).count() as f64 / choices)
}

/// The drop rate in each quarter of the positions, from the start to the end of the sequence ("drop towards the
/// end", OpenMoE, arXiv 2402.01739). The quarter of position p is `floor(4p / T)`, T being the largest valid
/// position plus one.
///
/// # Errors
/// If positions are missing, or a quarter has no routed edge.
pub fn drop_rate_by_quartile(decision: Checked<'_>) -> Result<[f64; 4]> {
    const NAME: &str = "the drop rate by position";
    let Some(positions) = &decision.keys.position else {
        return Err(undefined(NAME, "the decision keeps no position per unit"));
    };
    let valid = positions.iter().zip(&decision.valid).filter(|(_, valid)| **valid);
    let Some(last) = valid.map(|(&position, _)| u64::from(position)).max() else {
        return Err(undefined(NAME, "the decision has no valid unit"));
    };
    let mut dropped = [0usize; 4];
    let mut routed = [0usize; 4];
    for edge in decision.valid_edges().filter(|edge| edge.fate.is_routed()) {
        let quarter = (4 * u64::from(positions[edge.unit]) / (last + 1)) as usize;
        routed[quarter] += 1;
        dropped[quarter] += usize::from(edge.fate == Fate::Dropped);
    }
    if let Some(quarter) = routed.iter().position(|&count| count == 0) {
        return Err(undefined(NAME, format!("quarter {} of the positions has no routed edge", quarter + 1)));
    }
    Ok(std::array::from_fn(|quarter| dropped[quarter] as f64 / routed[quarter] as f64))
}

/// Effective k: edges per valid unit (and group) that a slot really computed. Null, skipped, dropped and shared
/// edges do not count.
///
/// # Errors
/// If there is no valid unit.
pub fn effective_k(decision: Checked<'_>) -> Result<f64> {
    let choices = choices_that_count("the effective k", decision)?;
    Ok(decision.valid_edges().filter(|edge| edge.fate.is_computed()).count() as f64 / choices)
}
