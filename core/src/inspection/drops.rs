//! Drops: which share of the choices a limit threw away, who went without, and where in the sequence.
//!
//! The definitions are those of [`metrics::drops`](mod@crate::routing::metrics::drops). A log that does not say what was
//! dropped has no drop rate; it is not 0.

use serde::Serialize;

use super::Measure;
use super::information::mean;
use super::resampling::{Draws, Ratio};
use crate::routing::{Checked, Fate};

const UNKNOWN: &str = "the file does not say which choices were dropped";

/// The drops of one place.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Drops {
    /// Dropped choices over all.
    pub rate: Measure,
    /// The share of units (per group) that no routed edge served.
    pub units_without: Measure,
    /// The drop rate in each quarter of the positions, from the start of the sequence to its end.
    pub by_quarter: Vec<Measure>,
    /// Chosen slots per unit (and group), before drops.
    pub chosen_k: Measure,
    /// Computed slots per unit (and group): null, skipped and dropped edges do not count.
    pub effective_k: Measure,
}

/// Measures the drops of a decision.
pub fn measure(
    decision: Checked<'_>,
    (items, count, draws): (&[u32], usize, &Draws),
    drops_known: bool,
) -> Drops {
    let places = decision.units * decision.groups;
    let (mut rate, mut chosen, mut computed) = (Ratio::new(count), Ratio::new(count), Ratio::new(count));
    let mut served = vec![false; places];
    for edge in decision.valid_edges().filter(|edge| edge.fate.is_routed()) {
        let item = items[edge.unit];
        let is_dropped = edge.fate == Fate::Dropped;
        rate.add(item, f64::from(is_dropped), 1.0);
        chosen.add(item, 1.0, 0.0);
        computed.add(item, f64::from(edge.fate.is_computed()), 0.0);
        served[edge.unit * decision.groups + edge.group] |= !is_dropped;
    }
    let mut without = Ratio::new(count);
    for place in (0..places).filter(|place| decision.valid[place / decision.groups]) {
        let item = items[place / decision.groups];
        without.add(item, f64::from(!served[place]), 1.0);
        chosen.add(item, 0.0, 1.0);
        computed.add(item, 0.0, 1.0);
    }
    let of = |ratio: &Ratio, problem: &str| {
        Measure::of(
            mean("the drops", ratio, problem),
            draws.rows().map(|rows| rows.map(|times| ratio.resampled(times))),
        )
    };
    let known = |ratio: &Ratio, problem: &str| {
        if drops_known { of(ratio, problem) } else { Measure::undefined(UNKNOWN) }
    };
    let (no_edge, no_unit) = ("no valid unit has a routed edge", "the decision has no valid unit");
    Drops {
        rate: known(&rate, no_edge),
        units_without: known(&without, no_unit),
        by_quarter: quarters(decision, items, count, drops_known).map_or_else(
            |reason| vec![Measure::undefined(reason); 4],
            |all| {
                all.iter()
                    .map(|ratio| of(ratio, "this quarter of the positions has no routed edge"))
                    .collect()
            },
        ),
        chosen_k: of(&chosen, no_unit),
        effective_k: known(&computed, no_unit),
    }
}

/// Dropped and routed edges of each quarter of the positions.
fn quarters(
    decision: Checked<'_>,
    items: &[u32],
    count: usize,
    drops_known: bool,
) -> Result<[Ratio; 4], &'static str> {
    if !drops_known {
        return Err(UNKNOWN);
    }
    let positions = decision.keys.position.as_ref().ok_or("the file keeps no position per unit")?;
    let valid = positions.iter().zip(&decision.valid).filter(|(_, valid)| **valid);
    let last =
        valid.map(|(&position, _)| u64::from(position)).max().ok_or("the decision has no valid unit")?;
    let mut quarters = std::array::from_fn(|_| Ratio::new(count));
    for edge in decision.valid_edges().filter(|edge| edge.fate.is_routed()) {
        let quarter = (4 * u64::from(positions[edge.unit]) / (last + 1)) as usize;
        quarters[quarter].add(items[edge.unit], f64::from(edge.fate == Fate::Dropped), 1.0);
    }
    Ok(quarters)
}
