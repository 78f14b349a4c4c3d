//! Group-limited choice: slots lie in groups (one device each), a unit may go to a few groups only, and takes its best
//! slots there (DeepSeek-V3, arXiv 2412.19437, section 2.1.2, "node-limited routing").

use super::{Assigner, chosen, compared, ranked};
use crate::rng::Stream;
use crate::routing::controllers::RouterMemory;
use crate::routing::{Edge, Scored};
use crate::{Error, Result};

/// Each unit goes to its `k` best slots inside its `allowed` best groups. A group is as good as the sum of its two
/// best slots.
#[derive(Debug, Clone, Copy)]
pub struct GroupedTopK {
    /// How many slots a unit goes to.
    pub k: usize,
    /// How many groups the slots are cut into, in order; it divides their number.
    pub groups: usize,
    /// How many groups a unit may go to.
    pub allowed: usize,
}

impl GroupedTopK {
    fn check(&self, slots: usize) -> Result<()> {
        let Self { k, groups, allowed } = *self;
        let problem = if groups == 0 || !slots.is_multiple_of(groups) {
            format!("{slots} slots cannot be cut into {groups} equal groups")
        } else if allowed == 0 || allowed > groups {
            format!("a unit may go to {allowed} groups, but there are {groups}")
        } else if k == 0 || k > allowed * (slots / groups) {
            format!("k is {k}, but {allowed} groups have {} slots", allowed * (slots / groups))
        } else {
            return Ok(());
        };
        Err(Error::InvalidDecision { problem })
    }
}

impl Assigner for GroupedTopK {
    fn assign(&self, scored: &Scored<'_>, memory: &RouterMemory, _: &mut Stream) -> Result<Vec<Edge>> {
        self.check(scored.slots)?;
        let width = scored.slots / self.groups;
        let mut edges = Vec::with_capacity(scored.units() * self.k);
        for unit in scored.valid_units() {
            let row = compared(scored, memory, unit);
            let worth = |group: &[f32]| ranked(group).iter().take(2).map(|&slot| group[slot]).sum::<f32>();
            let worths: Vec<f32> = row.chunks(width).map(worth).collect();
            let open: Vec<usize> = ranked(&worths).into_iter().take(self.allowed).collect();
            let slots = ranked(&row).into_iter().filter(|slot| open.contains(&(slot / width)));
            let taken = slots.take(self.k).enumerate();
            edges.extend(taken.map(|(rank, slot)| chosen(unit, slot, rank, row[slot])));
        }
        Ok(edges)
    }
}

#[cfg(test)]
mod tests {
    use super::super::TopK;
    use super::*;
    use crate::rng::Streams;
    use crate::routing::scored::tests::scored;

    fn slots(assigner: &dyn Assigner, affinities: &[f32], bias: &[f32]) -> Vec<usize> {
        let memory = RouterMemory { bias: bias.to_vec(), ..RouterMemory::default() };
        let batch = scored(affinities, affinities, 6);
        let edges = assigner.assign(&batch, &memory, &mut Streams::new(0).stream("router"));
        edges.expect("whole rows").iter().map(|edge| edge.slot).collect()
    }

    #[test]
    fn the_best_slot_is_out_of_reach_when_its_group_is() {
        // Groups {0, 1}, {2, 3}, {4, 5} are worth 1.0, 1.1 and 0.9: slot 0 is the best one and its group the second.
        let row = [0.9, 0.1, 0.6, 0.5, 0.5, 0.4];
        let grouped = |allowed| GroupedTopK { k: 2, groups: 3, allowed };
        assert_eq!(slots(&grouped(1), &row, &[]), [2, 3]);
        assert_eq!(slots(&grouped(2), &row, &[]), [0, 2]);
        assert_eq!(slots(&grouped(3), &row, &[]), slots(&TopK { k: 2 }, &row, &[]));
        assert_eq!(slots(&grouped(1), &row, &[0.0, 0.0, 0.0, 0.0, 0.5, 0.5]), [4, 5]);
    }

    #[test]
    fn groups_that_do_not_fit_are_refused() {
        for (k, groups, allowed, expected) in [
            (2, 4, 1, "cannot be cut into 4 equal groups"),
            (2, 3, 4, "may go to 4 groups, but there are 3"),
            (3, 3, 1, "k is 3, but 1 groups have 2 slots"),
        ] {
            let problem = GroupedTopK { k, groups, allowed }.check(6).expect_err(expected).to_string();
            assert!(problem.contains(expected), "{problem}");
        }
    }
}
