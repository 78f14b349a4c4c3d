//! A given route for every unit: what would have come of it? For an oracle that tries them all.

use super::{Assigner, chosen};
use crate::Result;
use crate::rng::Stream;
use crate::routing::controllers::RouterMemory;
use crate::routing::{Edge, Scored};

/// Each unit goes to the same slots, whatever they score.
#[derive(Debug, Clone)]
pub struct Fixed {
    /// The slots, each inside the table and no two alike.
    pub slots: Vec<usize>,
}

impl Assigner for Fixed {
    fn assign(&self, scored: &Scored<'_>, _: &RouterMemory, _: &mut Stream) -> Result<Vec<Edge>> {
        let edge = |unit: usize, (rank, &slot): (usize, &usize)| {
            chosen(unit, slot, rank, scored.affinities_of(unit)[slot])
        };
        let of =
            |unit: usize| self.slots.iter().enumerate().map(move |at| edge(unit, at)).collect::<Vec<_>>();
        Ok(scored.valid_units().flat_map(of).collect())
    }
}
