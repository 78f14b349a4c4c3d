//! Stability: how much the choices about the same units change from one step or checkpoint to another.
//!
//! The definitions are those of [`metrics::stability`](mod@crate::routing::metrics::stability). Units that are padding in
//! one of the two do not count. Slots must mean the same in both, so two training runs are not compared here.

use serde::Serialize;

use super::Measure;
use super::information::mean;
use super::resampling::{Draws, Ratio};
use crate::routing::{Checked, Edge, KeyKind};

/// Two steps, compared.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct StepPair {
    /// The earlier step.
    pub from: u64,
    /// The later step.
    pub to: u64,
    /// The share of units (per group) whose first choice is the same.
    pub agreement: Measure,
    /// The mean Jaccard index of the two sets of chosen slots.
    pub jaccard: Measure,
}

/// The choices of a decision, as stability needs them.
pub struct Choices {
    top: Vec<Option<usize>>,
    /// Where the chosen slots of each place begin, and the end.
    starts: Vec<u32>,
    /// The chosen slots of each place, in rising order.
    slots: Vec<u32>,
}

impl Choices {
    /// The choices of a decision: what [`Checked::choices`] says, without a list for each unit.
    pub fn of(decision: Checked<'_>) -> Self {
        let routed = || decision.valid_edges().filter(|edge| edge.fate.is_routed());
        let place = |edge: &Edge| edge.unit * decision.groups + edge.group;
        let mut starts = vec![0u32; decision.units * decision.groups + 1];
        routed().for_each(|edge| starts[place(edge) + 1] += 1);
        (1..starts.len()).for_each(|at| starts[at] += starts[at - 1]);
        let mut next = starts.clone();
        let mut slots = vec![0; routed().count()];
        for edge in routed() {
            let at = &mut next[place(edge)];
            slots[*at as usize] = edge.slot as u32;
            *at += 1;
        }
        starts.windows(2).for_each(|ends| slots[ends[0] as usize..ends[1] as usize].sort_unstable());
        Self { top: decision.top_choices(), starts, slots }
    }

    fn all(&self, place: usize) -> &[u32] {
        &self.slots[self.starts[place] as usize..self.starts[place + 1] as usize]
    }
}

/// Compares two decisions of one place.
pub fn compare(
    (earlier, before): (Checked<'_>, &Choices),
    (later, after): (Checked<'_>, &Choices),
    (items, count, draws): (&[u32], usize, &Draws),
) -> StepPair {
    let pair = |agreement, jaccard| StepPair { from: earlier.step, to: later.step, agreement, jaccard };
    if let Err(reason) = same_units(earlier, later) {
        return pair(Measure::undefined(reason.clone()), Measure::undefined(reason));
    }
    let (mut agreement, mut jaccard) = (Ratio::new(count), Ratio::new(count));
    for place in 0..after.top.len() {
        let unit = place / later.groups;
        if !(earlier.valid[unit] && later.valid[unit]) {
            continue;
        }
        if before.top[place].is_some() || after.top[place].is_some() {
            agreement.add(items[unit], f64::from(before.top[place] == after.top[place]), 1.0);
        }
        let (a, b) = (before.all(place), after.all(place));
        if !(a.is_empty() && b.is_empty()) {
            let both = a.iter().filter(|slot| b.binary_search(slot).is_ok()).count();
            jaccard.add(items[unit], both as f64 / (a.len() + b.len() - both) as f64, 1.0);
        }
    }
    let of = |ratio: &Ratio| {
        let estimate = mean("the stability", ratio, "no valid unit is sent anywhere in both steps");
        Measure::of(estimate, draws.rows().map(|rows| rows.map(|times| ratio.resampled(times))))
    };
    pair(of(&agreement), of(&jaccard))
}

/// Two decisions are about the same units when their numbers agree, and the keys that say which units they are.
pub(super) fn same_units(a: Checked<'_>, b: Checked<'_>) -> Result<(), String> {
    if (a.units, a.groups, a.slots.len()) != (b.units, b.groups, b.slots.len()) {
        return Err(format!(
            "{} units x {} groups x {} slots meet {} x {} x {}",
            a.units,
            a.groups,
            a.slots.len(),
            b.units,
            b.groups,
            b.slots.len()
        ));
    }
    for kind in [KeyKind::Sequence, KeyKind::Position, KeyKind::TokenId, KeyKind::Class] {
        if let (Some(first), Some(second)) = (a.keys.get(kind), b.keys.get(kind))
            && first != second
        {
            return Err(format!("they are about different units: the {} differs", kind.name()));
        }
    }
    Ok(())
}
