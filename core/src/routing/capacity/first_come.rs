//! First come, first served: a slot that is full drops whoever comes later.

use super::{CapacityPolicy, choices};
use crate::routing::{Edge, Fate, Scored};

/// Every expert takes `ceil(|factor| * k * units / slots)` edges of a batch (null slots are slots) and drops the rest: first choices before
/// second ones, units in their order (Switch, arXiv 2101.03961, equation 3; GShard, arXiv 2006.16668, algorithm 1).
///
/// Pitfall: whoever comes last in the batch is dropped first. Where the batch is one sequence, as in OpenMoE (arXiv
/// 2402.01739), that is its end ("drop towards the end").
#[derive(Debug, Clone, Copy)]
pub struct FirstCome {
    /// The capacity factor. Below 0 an expert holds ready only the places that are needed, up to that many (Tutel).
    pub factor: f64,
}

impl CapacityPolicy for FirstCome {
    fn limit(&self, edges: &mut [Edge], scored: &Scored<'_>, experts: usize) -> Option<usize> {
        let units = scored.valid_units().count();
        let most = capacity(units, scored.slots, choices(edges, scored), self.factor.abs())?;
        let held = held_ready(edges, experts, self.factor, most);
        first_come(edges, experts, most);
        Some(held)
    }
}

/// How many places each expert holds ready: the limit, or below a factor of 0 only as many as the busiest needs.
pub(super) fn held_ready(edges: &[Edge], experts: usize, factor: f64, most: usize) -> usize {
    let mut wanted = vec![0usize; experts];
    edges.iter().filter(|edge| edge.slot < experts).for_each(|edge| wanted[edge.slot] += 1);
    let busiest = wanted.into_iter().max().unwrap_or(0);
    if factor < 0.0 { busiest.min(most) } else { most }
}

/// How many edges a slot takes: `ceil(factor * k * units / slots)`, at most all units. Nothing for a factor of 0:
/// no limit ("dropless").
///
/// Switch (arXiv 2101.03961, equation 3) has this with k = 1, GShard (arXiv 2006.16668) with k = 2.
pub fn capacity(units: usize, slots: usize, k: usize, factor: f64) -> Option<usize> {
    if factor <= 0.0 || slots == 0 {
        return None;
    }
    // A hair less, so that rounding adds no place.
    let share = libm::ceil(factor * (k * units) as f64 / slots as f64 - 1e-9);
    Some((share as usize).min(units))
}

/// First come, first served: every slot keeps its first `capacity` edges and drops the rest. All first choices come
/// before all second ones, and units in their order (GShard, algorithm 1). A dropped edge has dispatch and combine 0.
/// Slots from `slots` on are null slots and take everybody.
pub fn first_come(edges: &mut [Edge], slots: usize, capacity: usize) {
    let ranks = edges.iter().map(|edge| edge.rank + 1).max().unwrap_or(0);
    let mut taken = vec![0usize; slots];
    for rank in 0..ranks {
        for edge in edges.iter_mut().filter(|edge| edge.rank == rank && edge.slot < slots) {
            if taken[edge.slot] < capacity {
                taken[edge.slot] += 1;
            } else {
                (edge.fate, edge.dispatch, edge.combine) = (Fate::Dropped, 0.0, 0.0);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::routing::assigners::top_k;
    use crate::routing::scored::tests::scored;
    use proptest::prelude::*;

    #[test]
    fn the_limit_follows_the_papers_and_never_exceeds_the_batch() {
        assert_eq!(capacity(64, 4, 1, 1.0), Some(16));
        assert_eq!(capacity(10, 4, 1, 1.25), Some(4));
        assert_eq!(capacity(10, 4, 2, 1.25), Some(7));
        assert_eq!(capacity(10, 4, 2, 8.0), Some(10));
        assert_eq!(capacity(10, 4, 2, 0.0), None);
    }

    #[test]
    fn first_choices_are_served_before_second_ones_and_in_order() {
        // Both slots are wanted by all three units; units 0 and 1 want slot 0 first.
        let mut edges = top_k(&[0.9, 0.1, 0.8, 0.2, 0.3, 0.7], 2, 2).expect("whole rows");
        first_come(&mut edges, 2, 2);
        let kept: Vec<_> = edges.iter().map(|edge| (edge.unit, edge.slot, edge.fate == Fate::Kept)).collect();
        let expected = [(0, 0, true), (0, 1, true), (1, 0, true), (1, 1, false), (2, 1, true), (2, 0, false)];
        assert_eq!(kept, expected);
        assert!(
            edges.iter().all(|edge| edge.fate == Fate::Kept || (edge.dispatch, edge.combine) == (0.0, 0.0))
        );
    }

    proptest! {
        #[test]
        fn no_slot_exceeds_its_capacity_and_nothing_is_dropped_without_need(
            scores in prop::collection::vec(0.0f32..1.0, 48), k in 1usize..=4, capacity in 0usize..14,
        ) {
            let mut edges = top_k(&scores, 4, k).expect("finite");
            let mut wanted = [0usize; 4];
            edges.iter().for_each(|edge| wanted[edge.slot] += 1);
            prop_assert_eq!(wanted.iter().sum::<usize>(), 12 * k);
            first_come(&mut edges, 4, capacity);
            for (slot, wanted) in wanted.into_iter().enumerate() {
                let kept = edges.iter().filter(|edge| edge.slot == slot && edge.fate == Fate::Kept).count();
                prop_assert_eq!(kept, wanted.min(capacity));
            }
        }
    }

    #[test]
    fn a_factor_below_zero_holds_ready_only_what_is_needed() {
        let affinities = [0.9, 0.1, 0.8, 0.2, 0.7, 0.3, 0.4, 0.6];
        let batch = scored(&affinities, &affinities, 2);
        let held = |factor: f64| {
            let mut edges = top_k(&affinities, 2, 1).expect("whole rows");
            let held = FirstCome { factor }.limit(&mut edges, &batch, 2);
            (held, edges.iter().filter(|edge| edge.fate == Fate::Dropped).count())
        };
        assert_eq!(held(1.0), (Some(2), 1));
        assert_eq!(held(-1.0), (Some(2), 1));
        assert_eq!(held(2.0), (Some(4), 0));
        assert_eq!(held(-2.0), (Some(3), 0));
    }
}
