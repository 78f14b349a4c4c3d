//! Rerouting: a unit whose slot is full goes to its next best slot that has room (Switch Transformer, arXiv
//! 2101.03961, appendix B, "No-Token-Left-Behind").
//!
//! The paper found no gain from it: an answer from an expert that the router did not mean is not better than none.

use super::{CapacityPolicy, choices};
use crate::routing::capacity::capacity;
use crate::routing::{Edge, Fate, Scored};

/// Like [`super::FirstCome`], but whoever finds a full slot is served by the next best one with room. Dropped are only
/// those for whom no slot is left.
#[derive(Debug, Clone, Copy)]
pub struct Reroute {
    /// The capacity factor; its sign is not read.
    pub factor: f64,
}

impl CapacityPolicy for Reroute {
    fn limit(&self, edges: &mut [Edge], scored: &Scored<'_>, experts: usize) -> Option<usize> {
        let units = scored.valid_units().count();
        let most = capacity(units, scored.slots, choices(edges, scored), self.factor.abs())?;
        let mut taken = vec![0usize; experts];
        let mut wanting = Vec::new();
        let ranks = edges.iter().map(|edge| edge.rank + 1).max().unwrap_or(0);
        for rank in 0..ranks {
            for at in (0..edges.len()).filter(|&at| edges[at].rank == rank && edges[at].slot < experts) {
                if taken[edges[at].slot] < most {
                    taken[edges[at].slot] += 1;
                } else {
                    wanting.push(at);
                }
            }
        }
        let mut used = vec![Vec::new(); scored.units()];
        edges.iter().for_each(|edge| used[edge.unit].push(edge.slot));
        for at in wanting {
            let affinities = scored.affinities_of(edges[at].unit);
            let free =
                (0..experts).filter(|slot| taken[*slot] < most && !used[edges[at].unit].contains(slot));
            let next = free.max_by(|&a, &b| affinities[a].total_cmp(&affinities[b]).then(b.cmp(&a)));
            match next {
                Some(slot) => {
                    taken[slot] += 1;
                    used[edges[at].unit].push(slot);
                    edges[at].fate = Fate::Rerouted { slot };
                }
                None => (edges[at].fate, edges[at].dispatch, edges[at].combine) = (Fate::Dropped, 0.0, 0.0),
            }
        }
        Some(most)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::routing::assigners::top_k;
    use crate::routing::scored::tests::scored;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn with_room_for_all_nobody_is_dropped_and_no_slot_is_overfull(
            affinities in prop::collection::vec(0.0f32..1.0, 48), k in 1usize..=3, factor in 0.2f64..2.0,
        ) {
            let mut edges = top_k(&affinities, 4, k).expect("finite");
            let most = Reroute { factor }.limit(&mut edges, &scored(&affinities, &affinities, 4), 4);
            let most = most.expect("a limit");
            let mut served = [0usize; 4];
            edges.iter().filter_map(Edge::served_by).for_each(|slot| served[slot] += 1);
            prop_assert!(served.iter().all(|&count| count <= most));
            for unit in edges.chunks(k) {
                let mut slots: Vec<_> = unit.iter().filter_map(Edge::served_by).collect();
                slots.sort_unstable();
                slots.dedup();
                prop_assert_eq!(slots.len(), unit.iter().filter(|edge| edge.fate != Fate::Dropped).count());
            }
            let dropped = edges.iter().any(|edge| edge.fate == Fate::Dropped);
            prop_assert!(!(k == 1 && factor >= 1.0 && dropped));
        }
    }
}
