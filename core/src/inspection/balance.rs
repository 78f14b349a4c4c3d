//! How even the load of the slots is: coefficient of variation, largest excess, Jain's index, slots without load.
//!
//! The definitions are those of [`metrics::load`](crate::routing::metrics::load), here for any weights: counts, sums of
//! combine weights, shares of a load table. Shared and null slots take no part.

use serde::Serialize;

use super::Measure;
use super::resampling::Draws;
use super::sums::Sums;
use crate::routing::Checked;
use crate::{Error, Result};

/// How even loads are.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Evenness {
    /// Population standard deviation over mean.
    pub cv: f64,
    /// The largest load over the mean, minus one.
    pub max_violation: f64,
    /// `(sum n)^2 / (S sum n^2)`.
    pub jain: f64,
}

impl Evenness {
    /// The evenness of loads; not a number where there is no load.
    pub fn of(loads: &[f64]) -> Self {
        let slots = loads.len() as f64;
        let (mut sum, mut squares, mut largest) = (0.0, 0.0, 0.0f64);
        for &load in loads {
            sum += load;
            squares += load * load;
            largest = largest.max(load);
        }
        let mean = sum / slots;
        let variance = loads.iter().map(|load| (load - mean) * (load - mean)).sum::<f64>() / slots;
        Self {
            cv: variance.sqrt() / mean,
            max_violation: largest / mean - 1.0,
            jain: sum * sum / (slots * squares),
        }
    }
}

/// The balance of one place.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Balance {
    /// Coefficient of variation of the edges that each slot was asked for.
    pub load_cv: Measure,
    /// By how much the fullest slot exceeds the mean, relative to the mean.
    pub max_violation: Measure,
    /// Jain's fairness index.
    pub jain: Measure,
    /// Coefficient of variation of the combine weights that each slot received.
    pub importance_cv: Measure,
    /// The slots that nobody asked for, by their labels. A count of this file: resampling can only lose slots.
    pub dead: Vec<String>,
    /// How many slots are compared.
    pub slots: usize,
}

/// What a place's balance is, and the load of every slot of its table.
pub struct Measured {
    /// The balance.
    pub balance: Balance,
    /// Edges into each slot before drops; shared and null slots have 0 here.
    pub loads: Vec<f64>,
}

/// Measures the balance of a decision.
pub fn measure(
    decision: Checked<'_>,
    items: &[u32],
    (count, draws): (usize, &Draws),
    weights_known: bool,
) -> Measured {
    let balanced: Vec<usize> =
        (0..decision.slots.len()).filter(|&slot| decision.slots[slot].kind.is_balanced()).collect();
    let counts = Sums::of(decision, &balanced, (items, count), |edge| Some((edge.slot, 1.0)));
    let asked = counts.totals(None);
    let mut loads = vec![0.0; decision.slots.len()];
    balanced.iter().zip(&asked).for_each(|(&slot, &load)| loads[slot] = load);
    let even = Evenness::of(&asked);
    let resampled: std::result::Result<Vec<Evenness>, &str> =
        draws.rows().map(|rows| rows.map(|times| Evenness::of(&counts.totals(Some(times)))).collect());
    let measured = |name, value: f64, of: fn(&Evenness) -> f64| {
        let resampled = resampled.as_ref().map(|all| all.iter().map(of)).map_err(|reason| *reason);
        Measure::of(defined(name, value), resampled)
    };
    let importance_cv = if weights_known {
        let weights = Sums::of(decision, &balanced, (items, count), |edge| {
            Some((edge.served_by()?, f64::from(edge.combine)))
        });
        let cv = |times: Option<&[f64]>| Evenness::of(&weights.totals(times)).cv;
        Measure::of(
            defined("the importance", cv(None)),
            draws.rows().map(|rows| rows.map(|times| cv(Some(times)))),
        )
    } else {
        Measure::undefined("the file has no weights")
    };
    let dead =
        balanced.iter().filter(|&&slot| loads[slot] == 0.0).map(|&slot| decision.slots[slot].label.clone());
    let balance = Balance {
        load_cv: measured("the load", even.cv, |even| even.cv),
        max_violation: measured("the load", even.max_violation, |even| even.max_violation),
        jain: measured("the load", even.jain, |even| even.jain),
        importance_cv,
        dead: dead.collect(),
        slots: balanced.len(),
    };
    Measured { balance, loads }
}

/// A number that is one, or the reason that there is no load.
pub(super) fn defined(statistic: &'static str, value: f64) -> Result<f64> {
    if value.is_finite() {
        Ok(value)
    } else {
        Err(Error::Undefined { statistic, problem: "no slot has any load".to_owned() })
    }
}
