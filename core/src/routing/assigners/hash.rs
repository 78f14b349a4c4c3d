//! Hash routing: a fixed hash of a unit's features names its slots, and nothing is learned (after Roller et al. 2021,
//! arXiv 2106.04426, who hash token numbers). It is the control that has the experts and lacks the router.

use super::{Assigner, chosen};
use crate::rng::Stream;
use crate::routing::controllers::RouterMemory;
use crate::routing::{Edge, Scored};
use crate::{Error, Result};

/// Each unit goes to `k` slots that a hash of its identity names (a token's number).
#[derive(Debug, Clone, Copy)]
pub struct HashOfIdentity {
    /// How many slots a unit goes to.
    pub k: usize,
}

impl Assigner for HashOfIdentity {
    fn assign(&self, scored: &Scored<'_>, _: &RouterMemory, _: &mut Stream) -> Result<Vec<Edge>> {
        if scored.identities.len() != scored.units() {
            let problem = "hash routing needs to know what each unit is, but no identities were given";
            return Err(Error::InvalidDecision { problem: problem.to_owned() });
        }
        check(scored.slots, self.k)?;
        let mut edges = Vec::with_capacity(scored.units() * self.k);
        for unit in scored.valid_units() {
            let named = slots_of(mixed(u64::from(scored.identities[unit])), scored.slots, self.k);
            edges.extend(named.into_iter().enumerate().map(|(rank, slot)| chosen(unit, slot, rank, 0.0)));
        }
        Ok(edges)
    }
}

/// What [`HashOfIdentity`] may take a unit for that has no number of its own: a hash of its features. Equal features are
/// always the same unit.
///
/// # Shapes
/// `features` is `[units, columns]`.
///
/// # Errors
/// If the features do not fill whole rows.
pub fn identities(features: &[f32], columns: usize) -> Result<Vec<u32>> {
    if columns == 0 || !features.len().is_multiple_of(columns) {
        let problem = format!("{} features do not fill rows of {columns} columns", features.len());
        return Err(Error::InvalidDecision { problem });
    }
    // Adding zero makes -0 and 0, which are equal features, equal bits.
    let taken = |state: u64, value: &f32| mixed(state ^ u64::from((value + 0.0).to_bits()));
    Ok(features.chunks_exact(columns).map(|row| row.iter().fold(0, taken) as u32).collect())
}

fn check(slots: usize, k: usize) -> Result<()> {
    if k == 0 || k > slots {
        let problem = format!("k is {k}, but must be between 1 and its {slots} slots");
        return Err(Error::InvalidDecision { problem });
    }
    Ok(())
}

/// `k` different slots that a hash names.
fn slots_of(mut state: u64, slots: usize, k: usize) -> Vec<usize> {
    let mut order: Vec<usize> = (0..slots).collect();
    for rank in 0..k {
        state = mixed(state);
        order.swap(rank, rank + (state % (slots - rank) as u64) as usize);
    }
    order.truncate(k);
    order
}

/// One step of SplitMix64 (Steele et al. 2014): every bit of the result depends on every bit of the state.
fn mixed(state: u64) -> u64 {
    let state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let state = (state ^ (state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let state = (state ^ (state >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    state ^ (state >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rng::Streams;
    use crate::routing::scored::tests::scored;

    fn assigned(identities: &[u32], slots: usize, k: usize) -> Result<Vec<Edge>> {
        let zeros = vec![0.0; identities.len() * slots];
        let batch = Scored { identities, ..scored(&zeros, &zeros, slots) };
        HashOfIdentity { k }.assign(&batch, &RouterMemory::default(), &mut Streams::new(0).stream("router"))
    }

    #[test]
    fn slots_are_distinct_fixed_and_used_evenly() {
        let features = Streams::new(1).stream("features").normals(8000, 1.0);
        let identities = identities(&features, 2).expect("whole rows");
        let edges = assigned(&identities, 4, 2).expect("two of four");
        assert_eq!(edges, assigned(&identities, 4, 2).expect("two of four"));
        let mut counts = [0usize; 4];
        for pair in edges.chunks(2) {
            assert_ne!(pair[0].slot, pair[1].slot);
            pair.iter().for_each(|edge| counts[edge.slot] += 1);
        }
        // 8000 edges over 4 slots: a deviation of about 35.
        assert!(counts.iter().all(|&count| count.abs_diff(2000) < 150), "{counts:?}");
    }

    #[test]
    fn equal_features_go_to_equal_slots_and_a_zero_has_no_sign() {
        let found = identities(&[0.5, 0.0, 0.5, -0.0, 0.5, 0.25], 2).expect("whole rows");
        assert!(found[0] == found[1] && found[1] != found[2], "{found:?}");
    }

    #[test]
    fn too_many_slots_and_torn_rows_are_refused() {
        assert!(assigned(&[7], 2, 3).is_err());
        assert!(identities(&[0.5, 0.5, 0.5], 2).is_err());
        assert!(identities(&[0.5], 0).is_err());
    }
}
