//! Expert choice: each slot takes the units that score highest there (Zhou et al. 2022, arXiv 2202.09368, equations 1
//! and 2). Every slot gets equally many; a unit may get several slots, or none.

use super::{Assigner, by_unit, chosen};
use crate::Result;
use crate::order;
use crate::rng::Stream;
use crate::routing::controllers::RouterMemory;
use crate::routing::{Edge, Scored};

/// In each sequence every slot takes its `ceil(share * units / slots)` best units.
///
/// Pitfall: a unit's fate depends on all others, also on later tokens of a text, so it is not causal. Outside training
/// the thresholds that training leaves in the memory decide for each unit alone; without any (before the first step)
/// the batch decides as in training.
#[derive(Debug, Clone, Copy)]
pub struct ExpertChoice {
    /// The mean number of slots of a unit (the paper's capacity factor `c`).
    pub share: f64,
}

impl ExpertChoice {
    /// How many of `units` each of `slots` takes: at least one, at most all.
    pub fn takes(&self, units: usize, slots: usize) -> usize {
        let count = libm::ceil(self.share * units as f64 / slots.max(1) as f64 - 1e-9) as usize;
        count.max(1).min(units)
    }
}

impl Assigner for ExpertChoice {
    fn assign(&self, scored: &Scored<'_>, memory: &RouterMemory, _: &mut Stream) -> Result<Vec<Edge>> {
        if !scored.training && memory.thresholds.len() == scored.slots {
            return Ok(above(scored, &memory.thresholds));
        }
        let mut edges = Vec::new();
        for mut units in scored.sequences() {
            let takes = self.takes(units.len(), scored.slots);
            for slot in 0..scored.slots {
                let affinity = |unit: usize| scored.affinities_of(unit)[slot];
                order::sort(&mut units, |&a, &b| affinity(b).total_cmp(&affinity(a)).then(a.cmp(&b)));
                edges.extend(units[..takes].iter().map(|&unit| chosen(unit, slot, 0, affinity(unit))));
            }
        }
        Ok(by_unit(edges))
    }
}

/// Every unit to every slot where its affinity reaches the threshold.
fn above(scored: &Scored<'_>, thresholds: &[f32]) -> Vec<Edge> {
    let mut edges = Vec::new();
    for unit in scored.valid_units() {
        let row = scored.affinities_of(unit);
        let open = (0..scored.slots).filter(|&slot| row[slot] >= thresholds[slot]);
        edges.extend(open.map(|slot| chosen(unit, slot, 0, row[slot])));
    }
    by_unit(edges)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rng::Streams;
    use crate::routing::chosen_counts;
    use crate::routing::scored::tests::scored;
    use proptest::prelude::*;

    fn assign(choice: ExpertChoice, batch: &Scored<'_>, memory: &RouterMemory) -> Vec<Edge> {
        choice.assign(batch, memory, &mut Streams::new(0).stream("router")).expect("finite")
    }

    proptest! {
        #[test]
        fn every_slot_gets_equally_many_and_nobody_better_is_left_out(
            affinities in prop::collection::vec(0.0f32..1.0, 48), share in 0.5f64..3.0,
        ) {
            let choice = ExpertChoice { share };
            let batch = Scored { sequence: 6, ..scored(&affinities, &affinities, 4) };
            let edges = assign(choice, &batch, &RouterMemory::default());
            let takes = choice.takes(6, 4);
            prop_assert_eq!(chosen_counts(&edges, 4), vec![2 * takes; 4]);
            for edge in &edges {
                let sequence = edge.unit / 6;
                let better = (sequence * 6..sequence * 6 + 6)
                    .filter(|&unit| batch.affinities_of(unit)[edge.slot] > edge.score).count();
                prop_assert!(better < takes);
            }
        }
    }

    #[test]
    fn outside_training_each_unit_is_judged_alone() {
        let affinities = [0.9, 0.1, 0.6, 0.4];
        let batch = Scored { training: false, ..scored(&affinities, &affinities, 2) };
        let memory = RouterMemory { thresholds: vec![0.5, 0.4], ..RouterMemory::default() };
        let found: Vec<_> =
            assign(ExpertChoice { share: 1.0 }, &batch, &memory).iter().map(|e| (e.unit, e.slot)).collect();
        assert_eq!(found, [(0, 0), (1, 0), (1, 1)]);
        let alone = Scored { logits: &affinities[2..], affinities: &affinities[2..], ..batch };
        assert_eq!(assign(ExpertChoice { share: 1.0 }, &alone, &memory).len(), 2);
    }

    #[test]
    fn padding_is_taken_by_nobody() {
        let affinities = [0.1, 0.2, 0.9, 0.9, 0.3, 0.1];
        let batch = Scored { valid: &[true, false, true], ..scored(&affinities, &affinities, 2) };
        let edges = assign(ExpertChoice { share: 1.0 }, &batch, &RouterMemory::default());
        assert!(edges.iter().all(|edge| edge.unit != 1) && edges.len() == 2);
    }
}
