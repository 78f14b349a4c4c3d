//! Load: how many units each slot gets, and how unevenly. Counts are taken before drops, shares after.
//!
//! The evenness measures take counts, so that the caller says which slots are compared; [`routed_load_counts`]
//! leaves out shared and null slots, which nobody wants to be even.

use super::{undefined, valid_rows};
use crate::Result;
use crate::routing::Checked;

/// Edges into each slot before drops, for every slot of the table (n_e). Padding never counts.
pub fn load_counts(decision: Checked<'_>) -> Vec<usize> {
    let mut counts = vec![0; decision.slots.len()];
    for edge in decision.valid_edges() {
        counts[edge.slot] += 1;
    }
    counts
}

/// [`load_counts`] of the slots that should be balanced: all but shared and null ones, in table order.
pub fn routed_load_counts(decision: Checked<'_>) -> Vec<usize> {
    let counts = load_counts(decision);
    counts
        .into_iter()
        .zip(&decision.slots)
        .filter(|(_, slot)| slot.kind.is_balanced())
        .map(|(n, _)| n)
        .collect()
}

/// The share of all served edges that each slot served (q_e, after drops; a rerouted edge counts where it ended).
///
/// # Errors
/// If no edge of a valid unit was served.
pub fn served_shares(decision: Checked<'_>) -> Result<Vec<f64>> {
    let mut counts = vec![0usize; decision.slots.len()];
    for slot in decision.valid_edges().filter_map(|edge| edge.served_by()) {
        counts[slot] += 1;
    }
    match counts.iter().sum::<usize>() {
        0 => Err(undefined("the served share", "no edge of a valid unit was served")),
        total => Ok(counts.iter().map(|&count| count as f64 / total as f64).collect()),
    }
}

/// The sum of the combine weights that each slot gets (the "importance" of Shazeer et al. 2017, arXiv 1701.06538).
/// For dense mixtures, where every slot has the same count, this is the load. A rerouted edge counts where it ended.
pub fn importance(decision: Checked<'_>) -> Vec<f64> {
    let mut sums = vec![0.0; decision.slots.len()];
    for edge in decision.valid_edges() {
        if let Some(slot) = edge.served_by() {
            sums[slot] += f64::from(edge.combine);
        }
    }
    sums
}

/// The slot that the raw logits prefer, for each valid unit and group in order: what the router wanted before any
/// bias, noise or limit.
///
/// # Errors
/// If there are no logits, or the largest logit of a unit occurs twice. All-equal logits are the usual sign of a
/// dead router; taking the first slot would look like a choice.
pub fn preferred_slots(decision: Checked<'_>) -> Result<Vec<usize>> {
    let Some(logits) = &decision.logits else {
        return Err(undefined("the preferred slot", "the decision keeps no raw logits"));
    };
    let scored: Vec<usize> =
        (0..decision.slots.len()).filter(|&s| decision.slots[s].kind.is_scored()).collect();
    valid_rows(&decision, logits)
        .enumerate()
        .map(|(row, logits)| {
            let largest = scored.iter().map(|&slot| logits[slot]).fold(f32::NEG_INFINITY, f32::max);
            let mut winners = scored.iter().copied().filter(|&slot| logits[slot] == largest);
            match (winners.next(), winners.next()) {
                (Some(slot), None) => Ok(slot),
                _ => Err(undefined(
                    "the preferred slot",
                    format!("the largest logit, {largest}, of valid choice {row} occurs more than once; is the router dead?"),
                )),
            }
        })
        .collect()
}

fn total(statistic: &'static str, counts: &[usize]) -> Result<f64> {
    match counts.iter().sum::<usize>() {
        0 => Err(undefined(statistic, "no slot has any load")),
        total => Ok(total as f64),
    }
}

/// Coefficient of variation of the load: population standard deviation over mean. 0 is even; `sqrt(S - 1)` is all
/// in one slot.
///
/// # Errors
/// If there is no load.
pub fn load_cv(counts: &[usize]) -> Result<f64> {
    let mean = total("the load's coefficient of variation", counts)? / counts.len() as f64;
    let variance = counts.iter().map(|&n| (n as f64 - mean).powi(2)).sum::<f64>() / counts.len() as f64;
    Ok(variance.sqrt() / mean)
}

/// MaxVio: by how much the fullest slot exceeds the mean, relative to the mean (Wang et al. 2024, arXiv 2408.15664).
///
/// # Errors
/// If there is no load.
pub fn max_violation(counts: &[usize]) -> Result<f64> {
    let mean = total("MaxVio", counts)? / counts.len() as f64;
    let largest = counts.iter().copied().max().unwrap_or(0);
    Ok(largest as f64 / mean - 1.0)
}

/// Jain's fairness index, `(sum n)^2 / (S sum n^2)`: 1 is even, `1/S` is all in one slot (Jain et al. 1984).
///
/// # Errors
/// If there is no load.
pub fn jain_index(counts: &[usize]) -> Result<f64> {
    let sum = total("Jain's index", counts)?;
    let squares: f64 = counts.iter().map(|&n| (n as f64).powi(2)).sum();
    Ok(sum * sum / (counts.len() as f64 * squares))
}

/// The slots that nobody asked for, as indices into `counts`.
pub fn dead_slots(counts: &[usize]) -> Vec<usize> {
    (0..counts.len()).filter(|&slot| counts[slot] == 0).collect()
}
