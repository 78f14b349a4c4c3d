//! Stability: how much the choices about the same units change between checkpoints, steps and seeds.
//!
//! Between seeds slot numbers mean nothing: call [`align_slots`] first and relabel one of the decisions.

use std::collections::BTreeMap;

use super::path::{same_units, transition_counts};
use super::{minimum_cost_assignment, undefined};
use crate::Result;
use crate::routing::{Checked, KeyKind};

fn comparable(statistic: &'static str, a: Checked<'_>, b: Checked<'_>) -> Result<()> {
    same_units(statistic, a, b)?;
    if a.slots.len() != b.slots.len() {
        return Err(undefined(statistic, format!("{} slots meet {}", a.slots.len(), b.slots.len())));
    }
    Ok(())
}

/// The share of units (per group) whose first choice is the same in both. A unit that only one decision sends
/// somewhere disagrees; a unit that neither sends anywhere does not count.
///
/// # Errors
/// If the decisions are about different units or slots, or no unit is sent anywhere.
pub fn top_one_agreement(a: Checked<'_>, b: Checked<'_>) -> Result<f64> {
    const NAME: &str = "the top-1 agreement";
    comparable(NAME, a, b)?;
    let pairs = a.top_choices().into_iter().zip(b.top_choices()).filter(|(a, b)| a.is_some() || b.is_some());
    let same: Vec<f64> = pairs.map(|(a, b)| if a == b { 1.0 } else { 0.0 }).collect();
    mean(NAME, &same)
}

/// Churn: one minus the top-1 agreement with the previous step.
///
/// # Errors
/// As [`top_one_agreement`].
pub fn churn(previous: Checked<'_>, current: Checked<'_>) -> Result<f64> {
    Ok(1.0 - top_one_agreement(previous, current)?)
}

/// The mean over units of the Jaccard index of the two sets of chosen slots before drops: shared over all. A unit
/// that neither decision sends anywhere does not count.
///
/// # Errors
/// If the decisions are about different units or slots, or no unit is sent anywhere.
pub fn mean_jaccard(a: Checked<'_>, b: Checked<'_>) -> Result<f64> {
    const NAME: &str = "the mean Jaccard index";
    comparable(NAME, a, b)?;
    let pairs = a.choices().into_iter().zip(b.choices()).filter(|(a, b)| !(a.is_empty() && b.is_empty()));
    let indices: Vec<f64> = pairs
        .map(|(a, b)| {
            let both = a.iter().filter(|slot| b.contains(slot)).count();
            both as f64 / (a.len() + b.len() - both) as f64
        })
        .collect();
    mean(NAME, &indices)
}

fn mean(statistic: &'static str, numbers: &[f64]) -> Result<f64> {
    match numbers.len() {
        0 => Err(undefined(statistic, "no valid unit is sent anywhere")),
        count => Ok(numbers.iter().sum::<f64>() / count as f64),
    }
}

/// How differently two decisions treat the units of one key.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct KeyDistance {
    /// The key's value.
    pub key: u32,
    /// How many choices of such units were compared.
    pub choices: usize,
    /// Total variation between the two distributions of first choices, from 0 (equal) to 1 (disjoint).
    pub distance: f64,
}

/// Total variation between the first choices of two decisions, for each value of a key in rising order; choices of
/// units that one of the decisions sends nowhere do not count.
///
/// # Errors
/// If the decisions are about different units or slots, or differ in the key or lack it.
pub fn total_variation_by_key(a: Checked<'_>, b: Checked<'_>, kind: KeyKind) -> Result<Vec<KeyDistance>> {
    const NAME: &str = "the total variation per key";
    comparable(NAME, a, b)?;
    let Some(keys) = a.keys.get(kind) else {
        return Err(undefined(NAME, format!("the first decision keeps no {} per unit", kind.name())));
    };
    if b.keys.get(kind) != Some(keys) {
        return Err(undefined(
            NAME,
            format!("the decisions do not have the same {} for every unit", kind.name()),
        ));
    }
    let mut balance: BTreeMap<u32, (usize, Vec<i64>)> = BTreeMap::new();
    for (place, pair) in a.top_choices().into_iter().zip(b.top_choices()).enumerate() {
        if let (Some(a_slot), Some(b_slot)) = pair {
            let (count, difference) =
                balance.entry(keys[place / a.groups]).or_insert_with(|| (0, vec![0; a.slots.len()]));
            *count += 1;
            difference[a_slot] += 1;
            difference[b_slot] -= 1;
        }
    }
    let distance = |count: usize, difference: Vec<i64>| {
        difference.iter().map(|d| d.unsigned_abs()).sum::<u64>() as f64 / (2 * count) as f64
    };
    Ok(balance
        .into_iter()
        .map(|(key, (choices, difference))| KeyDistance {
            key,
            choices,
            distance: distance(choices, difference),
        })
        .collect())
}

/// The mean of [`total_variation_by_key`], each key weighted by its number of choices.
///
/// # Errors
/// As [`total_variation_by_key`], or if nothing could be compared.
pub fn mean_total_variation(a: Checked<'_>, b: Checked<'_>, kind: KeyKind) -> Result<f64> {
    let distances = total_variation_by_key(a, b, kind)?;
    let choices: usize = distances.iter().map(|key| key.choices).sum();
    if choices == 0 {
        return Err(undefined(
            "the mean total variation",
            "no valid unit is sent anywhere by both decisions",
        ));
    }
    Ok(distances.iter().map(|key| key.distance * key.choices as f64).sum::<f64>() / choices as f64)
}

/// Which slot of `reference` each slot of `other` corresponds to, so that as many units as possible agree
/// (Hungarian method on the counts of common first choices). Relabel `other` with the result before comparing.
///
/// # Errors
/// If the decisions are about different units or slots.
pub fn align_slots(reference: Checked<'_>, other: Checked<'_>) -> Result<Vec<usize>> {
    comparable("the slot alignment", reference, other)?;
    let together = transition_counts(other, reference)?;
    let costs: Vec<Vec<f64>> =
        together.iter().map(|row| row.iter().map(|&n| -(n as f64)).collect()).collect();
    minimum_cost_assignment(&costs)
}
