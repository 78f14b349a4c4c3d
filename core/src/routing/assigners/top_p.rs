//! Dynamic choice: each unit goes to as many slots as it takes to make up a given probability (Huang et al. 2024,
//! *Harder Tasks Need More Experts*, arXiv 2403.07652, equation 4). A unit that the router is sure about takes one.

use super::{Assigner, chosen, compared, ranked};
use crate::rng::Stream;
use crate::routing::controllers::RouterMemory;
use crate::routing::{Edge, Scored};
use crate::{Error, Result};

/// The smallest set of slots whose probabilities sum to at least `p`, the most probable first.
///
/// Pitfall: nothing in the choice keeps the sets small; the paper adds a loss on the entropy for that.
#[derive(Debug, Clone, Copy)]
pub struct TopP {
    /// The probability to make up, above 0 and at most 1.
    pub p: f64,
}

impl Assigner for TopP {
    fn assign(&self, scored: &Scored<'_>, memory: &RouterMemory, _: &mut Stream) -> Result<Vec<Edge>> {
        if !(self.p > 0.0 && self.p <= 1.0) {
            let problem = format!("p is {}, but must be above 0 and at most 1", self.p);
            return Err(Error::InvalidDecision { problem });
        }
        let mut edges = Vec::with_capacity(scored.units());
        for unit in scored.valid_units() {
            let (row, mut sum) = (compared(scored, memory, unit), 0.0);
            for (rank, slot) in ranked(&row).into_iter().enumerate() {
                edges.push(chosen(unit, slot, rank, row[slot]));
                sum += f64::from(scored.affinities_of(unit)[slot]);
                // Single precision may miss a sum of 1 by this much.
                if sum >= self.p - 1e-6 {
                    break;
                }
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

    fn slots(p: f64, affinities: &[f32]) -> Result<Vec<usize>> {
        let stream = &mut Streams::new(0).stream("router");
        let batch = scored(affinities, affinities, 4);
        let edges = TopP { p }.assign(&batch, &RouterMemory::default(), stream)?;
        Ok(edges.iter().map(|edge| edge.slot).collect())
    }

    #[test]
    fn a_sure_unit_takes_one_slot_and_an_undecided_one_many() {
        assert_eq!(slots(0.6, &[0.05, 0.7, 0.2, 0.05]), Ok(vec![1]));
        assert_eq!(slots(0.6, &[0.3, 0.2, 0.4, 0.1]), Ok(vec![2, 0]));
        assert_eq!(slots(0.6, &[0.25; 4]), Ok(vec![0, 1, 2]));
        assert_eq!(slots(1.0, &[0.25; 4]).map(|slots| slots.len()), Ok(4));
        assert!(slots(0.0, &[0.25; 4]).is_err() && slots(f64::NAN, &[0.25; 4]).is_err());
    }
}
