//! GShard's choice: always the best slot, and the second best by chance, the likelier the more it weighs (Lepikhin et
//! al. 2020, arXiv 2006.16668, algorithm 1: kept when `2 g_2 > u`, `u` uniform; ST-MoE, arXiv 2202.08906, has the
//! threshold 0.2 instead of one half).

use super::{Assigner, chosen, compared, ranked};
use crate::rng::Stream;
use crate::routing::controllers::RouterMemory;
use crate::routing::{Edge, Scored};
use crate::{Error, Result};

/// The best slot, and the second with probability `min(1, g_2 / threshold)`, where `g_2` is its share of the two.
/// Outside training both are taken, so that an answer repeats.
#[derive(Debug, Clone, Copy)]
pub struct RandomSecond {
    /// The share from which on the second slot is always taken, above 0.
    pub threshold: f64,
}

impl Assigner for RandomSecond {
    fn assign(&self, scored: &Scored<'_>, memory: &RouterMemory, stream: &mut Stream) -> Result<Vec<Edge>> {
        if scored.slots < 2 {
            let problem = "it needs two slots, but there is one".to_owned();
            return Err(Error::InvalidDecision { problem });
        }
        let mut edges = Vec::with_capacity(scored.units() * 2);
        for unit in scored.valid_units() {
            let row = compared(scored, memory, unit);
            let (first, second) = match ranked(&row)[..] {
                [first, second, ..] => (first, second),
                _ => continue,
            };
            edges.push(chosen(unit, first, 0, row[first]));
            let affinities = scored.affinities_of(unit);
            let share = f64::from(affinities[second] / (affinities[first] + affinities[second]));
            // Drawn for every unit, so that one unit's choice moves no other's.
            let drawn = stream.unit();
            if !scored.training || share > self.threshold * drawn {
                edges.push(chosen(unit, second, 1, row[second]));
            }
        }
        Ok(edges)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rng::Streams;
    use crate::routing::scored::tests::scored;

    #[test]
    fn the_second_slot_is_taken_as_often_as_its_share_says() {
        let affinities: Vec<f32> = (0..4000).flat_map(|_| [0.1, 0.7, 0.2]).collect();
        let batch = scored(&affinities, &affinities, 3);
        let taken = |threshold: f64, training: bool| {
            let stream = &mut Streams::new(3).stream("router");
            let batch = Scored { training, ..batch };
            let edges = RandomSecond { threshold }.assign(&batch, &RouterMemory::default(), stream);
            edges.expect("three slots").len() - 4000
        };
        // Its share is 2/9: with the threshold 1/2 it is taken in 4/9 of all cases, 1,778 with a deviation of 31.
        assert!(taken(0.5, true).abs_diff(1778) < 125, "{}", taken(0.5, true));
        assert_eq!(taken(0.2, true), 4000);
        assert_eq!(taken(0.5, false), 4000);
        assert_eq!(taken(0.5, true), taken(0.5, true));
    }
}
