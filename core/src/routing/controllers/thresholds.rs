//! Thresholds for slots that choose their units: outside training there is no batch to choose from, so each slot
//! takes whoever scores at least what its last chosen unit scored in training, on average over sequences and steps.
//!
//! Expert Choice (Zhou et al. 2022, arXiv 2202.09368) compares units with each other and so cannot answer about one
//! unit alone; Mixture-of-Depths (Raposo et al. 2024, arXiv 2404.02258, section 3.5) trains a predictor for it. A
//! moving average of the cut needs no further network, and a token's answer does not depend on later tokens.

use super::{Controller, RouterMemory};
use crate::routing::{Edge, Fate, Scored};

/// Keeps a moving average of each slot's cut.
#[derive(Debug, Clone, Copy)]
pub struct Thresholds {
    /// How much of the old average is kept in a step, 0 to 1.
    pub keep: f32,
}

impl Controller for Thresholds {
    fn begin(&self, _: usize) -> RouterMemory {
        RouterMemory::default()
    }

    fn update(&self, memory: &mut RouterMemory, scored: &Scored<'_>, edges: &[Edge]) {
        let length = if scored.sequence == 0 { scored.units().max(1) } else { scored.sequence };
        // The lowest affinity that each slot took of each sequence.
        let mut lowest = vec![f32::INFINITY; scored.units().div_ceil(length) * scored.slots];
        for edge in edges.iter().filter(|edge| edge.fate != Fate::Skipped) {
            let cut = &mut lowest[edge.unit / length * scored.slots + edge.slot];
            *cut = cut.min(scored.affinities_of(edge.unit)[edge.slot]);
        }
        let mean = |slot: usize| {
            let cuts = lowest.iter().skip(slot).step_by(scored.slots).filter(|cut| cut.is_finite());
            let (sum, count) = cuts.fold((0.0, 0), |(sum, count), cut| (sum + cut, count + 1));
            if count == 0 { f32::INFINITY } else { sum / count as f32 }
        };
        let cuts: Vec<f32> = (0..scored.slots).map(mean).collect();
        if memory.thresholds.is_empty() {
            memory.thresholds = cuts;
            return;
        }
        for (old, cut) in memory.thresholds.iter_mut().zip(cuts) {
            // A slot that took nobody keeps its threshold; one that never did has none yet.
            *old = match (old.is_finite(), cut.is_finite()) {
                (_, false) => *old,
                (false, true) => cut,
                (true, true) => *old * self.keep + cut * (1.0 - self.keep),
            };
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::routing::scored::tests::scored;

    #[test]
    fn the_average_follows_the_lowest_affinity_that_was_taken() {
        let affinities = [0.75, 0.25, 0.5, 0.5];
        let batch = scored(&affinities, &affinities, 2);
        let rule = Thresholds { keep: 0.5 };
        let mut memory = rule.begin(2);
        rule.update(&mut memory, &batch, &[Edge::kept(0, 0), Edge::kept(1, 0)]);
        assert_eq!(memory.thresholds, [0.5, f32::INFINITY]);
        rule.update(&mut memory, &batch, &[Edge::kept(0, 0), Edge::kept(1, 1)]);
        assert_eq!(memory.thresholds, [0.625, 0.5]);
        rule.update(&mut memory, &batch, &[]);
        assert_eq!(memory.thresholds, [0.625, 0.5]);
    }

    #[test]
    fn one_unusual_sequence_moves_the_bar_by_its_share_only() {
        let affinities = [0.9, 0.8, 0.9, 0.2];
        let batch = Scored { sequence: 2, ..scored(&affinities, &affinities, 1) };
        let rule = Thresholds { keep: 0.5 };
        let mut memory = rule.begin(1);
        rule.update(&mut memory, &batch, &[Edge::kept(0, 0), Edge::kept(1, 0), Edge::kept(3, 0)]);
        assert_eq!(memory.thresholds, [0.5]);
    }
}
