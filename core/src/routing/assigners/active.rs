//! Every slot with a positive score is active (ReMoE, Wang et al. 2024, arXiv 2412.14711, equation 6): the choice is
//! the activation itself, so it has a gradient and no jump. A unit may have any number of slots, also none.

use super::{Assigner, chosen, ranked};
use crate::Result;
use crate::rng::Stream;
use crate::routing::controllers::RouterMemory;
use crate::routing::{Edge, Scored};

/// Each unit goes to every slot whose affinity is above 0.
#[derive(Debug, Clone, Copy)]
pub struct Active;

impl Assigner for Active {
    fn assign(&self, scored: &Scored<'_>, _: &RouterMemory, _: &mut Stream) -> Result<Vec<Edge>> {
        let mut edges = Vec::with_capacity(scored.units());
        for unit in scored.valid_units() {
            let row = scored.affinities_of(unit);
            let active = ranked(row).into_iter().filter(|&slot| row[slot] > 0.0).enumerate();
            edges.extend(active.map(|(rank, slot)| chosen(unit, slot, rank, row[slot])));
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
    fn positive_scores_are_edges_and_a_unit_may_have_none() {
        let affinities = [0.0, 0.5, 0.75, 0.0, 0.0, 0.0];
        let stream = &mut Streams::new(0).stream("router");
        let edges = Active.assign(&scored(&affinities, &affinities, 3), &RouterMemory::default(), stream);
        let found: Vec<_> = edges.expect("finite").iter().map(|e| (e.unit, e.slot, e.rank)).collect();
        assert_eq!(found, [(0, 2, 0), (0, 1, 1)]);
    }
}
