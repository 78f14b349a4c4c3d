//! Batch priority: when a slot is full, the units that the router is least sure about are dropped (Riquelme et al.
//! 2021, *Scaling Vision with Sparse Mixture of Experts*, arXiv 2106.05974, section 4; Tutel's `batch_prioritized_routing`).

use super::first_come::{capacity, first_come, held_ready};
use super::{CapacityPolicy, choices};
use crate::order::sort;
use crate::routing::{Edge, Scored};

/// Like [`super::FirstCome`], but units come in the order of their largest affinity.
///
/// Pitfall: who is dropped depends on the whole batch, also on later tokens, so it is for training and for images.
#[derive(Debug, Clone, Copy)]
pub struct Priority {
    /// The capacity factor, as for first come.
    pub factor: f64,
}

impl CapacityPolicy for Priority {
    fn limit(&self, edges: &mut [Edge], scored: &Scored<'_>, experts: usize) -> Option<usize> {
        let units = scored.valid_units().count();
        let most = capacity(units, scored.slots, choices(edges, scored), self.factor.abs())?;
        let held = held_ready(edges, experts, self.factor, most);
        let surest = |unit: usize| scored.affinities_of(unit).iter().copied().fold(f32::MIN, f32::max);
        let mut order: Vec<usize> = (0..edges.len()).collect();
        sort(&mut order, |&a, &b| surest(edges[b].unit).total_cmp(&surest(edges[a].unit)).then(a.cmp(&b)));
        let mut queue: Vec<Edge> = order.iter().map(|&at| edges[at]).collect();
        first_come(&mut queue, experts, most);
        for (at, edge) in order.into_iter().zip(queue) {
            edges[at] = edge;
        }
        Some(held)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::routing::Fate;
    use crate::routing::assigners::top_k;
    use crate::routing::scored::tests::scored;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn whoever_is_dropped_is_less_sure_than_whoever_is_kept_at_the_same_slot(
            numbers in prop::collection::vec(1u32..1000, 48), factor in 0.3f64..1.5,
        ) {
            // Distinct affinities, so that no tie decides.
            let affinities: Vec<f32> =
                numbers.iter().enumerate().map(|(at, n)| (n * 48 + at as u32) as f32 / 48_048.0).collect();
            let mut edges = top_k(&affinities, 4, 1).expect("finite");
            Priority { factor }.limit(&mut edges, &scored(&affinities, &affinities, 4), 4);
            for dropped in edges.iter().filter(|edge| edge.fate == Fate::Dropped) {
                for kept in edges.iter().filter(|edge| edge.fate == Fate::Kept && edge.slot == dropped.slot) {
                    prop_assert!(kept.score > dropped.score);
                }
            }
        }
    }

    #[test]
    fn first_come_drops_the_last_and_priority_the_least_sure() {
        let affinities = [0.6, 0.4, 0.9, 0.1, 0.8, 0.2, 0.3, 0.7];
        let fates = |policy: &dyn CapacityPolicy| {
            let mut edges = top_k(&affinities, 2, 1).expect("whole rows");
            policy.limit(&mut edges, &scored(&affinities, &affinities, 2), 2);
            edges.iter().map(|edge| edge.fate == Fate::Kept).collect::<Vec<_>>()
        };
        assert_eq!(fates(&super::super::FirstCome { factor: 1.0 }), [true, true, false, true]);
        assert_eq!(fates(&Priority { factor: 1.0 }), [false, true, true, true]);
    }
}
