//! Depth by choice: the units that score highest pass through the block, the others go around it (Mixture-of-Depths,
//! Raposo et al. 2024, arXiv 2404.02258, equation 1). One number a unit: slot 0 is the block, slot 1 the way around.

use super::{Assigner, ExpertChoice, chosen};
use crate::rng::Stream;
use crate::routing::controllers::RouterMemory;
use crate::routing::{Edge, Fate, Scored};
use crate::{Error, Result};

/// In each sequence the best `share` of the units passes through slot 0; every other unit has an edge to slot 1 with
/// the fate `Skipped`.
///
/// Pitfall: as in expert choice, who passes depends on later units; outside training a threshold decides.
#[derive(Debug, Clone, Copy)]
pub struct Depth {
    /// The share of units that passes, above 0 and at most 1 (the paper's best is 0.125 in every other block).
    pub share: f64,
}

impl Assigner for Depth {
    fn assign(&self, scored: &Scored<'_>, memory: &RouterMemory, stream: &mut Stream) -> Result<Vec<Edge>> {
        if scored.slots != 2 {
            let problem = format!("depth has 2 slots, the block and the way around, not {}", scored.slots);
            return Err(Error::InvalidDecision { problem });
        }
        let block: Vec<f32> = scored.affinities.iter().step_by(2).copied().collect();
        let alone = Scored { slots: 1, logits: &block, affinities: &block, ..*scored };
        let known = memory.thresholds.first().map(|threshold| vec![*threshold]).unwrap_or_default();
        let memory = RouterMemory { thresholds: known, ..RouterMemory::default() };
        let passing = ExpertChoice { share: self.share }.assign(&alone, &memory, stream)?;
        let mut passes = vec![false; scored.units()];
        passing.iter().for_each(|edge| passes[edge.unit] = true);
        let edge = |unit: usize| match passes[unit] {
            true => chosen(unit, 0, 0, block[unit]),
            false => Edge { fate: Fate::Skipped, ..chosen(unit, 1, 0, block[unit]) },
        };
        Ok(scored.valid_units().map(edge).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rng::Streams;
    use crate::routing::scored::tests::scored;

    #[test]
    fn the_best_pass_and_the_others_go_around() {
        let affinities = [0.2, 0.0, 0.8, 0.0, 0.5, 0.0, 0.6, 0.0];
        let stream = &mut Streams::new(0).stream("router");
        let batch = scored(&affinities, &affinities, 2);
        let memory = RouterMemory::default();
        let edges = Depth { share: 0.5 }.assign(&batch, &memory, stream).expect("two slots");
        let found: Vec<_> = edges.iter().map(|e| (e.unit, e.slot, e.fate)).collect();
        let (through, around) = (Fate::Kept, Fate::Skipped);
        assert_eq!(found, [(0, 1, around), (1, 0, through), (2, 1, around), (3, 0, through)]);
        assert!(Depth { share: 0.5 }.assign(&Scored { slots: 4, ..batch }, &memory, stream).is_err());
        let later = Scored { training: false, ..batch };
        let memory = RouterMemory { thresholds: vec![0.4, f32::INFINITY], ..memory };
        let edges = Depth { share: 0.5 }.assign(&later, &memory, stream).expect("two slots");
        assert_eq!(edges.iter().filter(|edge| edge.fate == Fate::Kept).count(), 3);
    }
}
