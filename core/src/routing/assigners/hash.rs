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

/// The edges of every unit to `k` slots that a hash of its features names, each with the combine weight `1 / k`.
/// Equal features always go to equal slots.
///
/// # Shapes
/// `features` is `[units, columns]`.
///
/// # Errors
/// If `k` is 0 or more than there are slots, or the features do not fill whole rows.
pub fn hashed(features: &[f32], columns: usize, slots: usize, k: usize) -> Result<Vec<Edge>> {
    check(slots, k)?;
    if columns == 0 || !features.len().is_multiple_of(columns) {
        let problem = format!("{} features do not fill rows of {columns} columns", features.len());
        return Err(Error::InvalidDecision { problem });
    }
    let combine = 1.0 / k as f32;
    let mut edges = Vec::with_capacity(features.len() / columns * k);
    for (unit, row) in features.chunks_exact(columns).enumerate() {
        // Adding zero makes -0 and 0, which are equal features, equal bits.
        let state = row.iter().fold(0, |state, &value| mixed(state ^ u64::from((value + 0.0).to_bits())));
        for (rank, slot) in slots_of(state, slots, k).into_iter().enumerate() {
            edges.push(Edge { combine, ..chosen(unit, slot, rank, 0.0) });
        }
    }
    Ok(edges)
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

    #[test]
    fn slots_are_distinct_fixed_and_used_evenly() {
        let features = Streams::new(1).stream("features").normals(8000, 1.0);
        let edges = hashed(&features, 2, 4, 2).expect("whole rows");
        assert_eq!(edges, hashed(&features, 2, 4, 2).expect("whole rows"));
        let mut counts = [0usize; 4];
        for pair in edges.chunks(2) {
            assert_ne!(pair[0].slot, pair[1].slot);
            assert_eq!(pair[0].combine + pair[1].combine, 1.0);
            pair.iter().for_each(|edge| counts[edge.slot] += 1);
        }
        // 8000 edges over 4 slots: a deviation of about 35.
        assert!(counts.iter().all(|&count| count.abs_diff(2000) < 150), "{counts:?}");
    }

    #[test]
    fn equal_features_go_to_equal_slots_and_a_zero_has_no_sign() {
        let edges = hashed(&[0.5, 0.0, 0.5, -0.0, 0.5, 0.25], 2, 16, 1).expect("whole rows");
        assert_eq!(edges[0].slot, edges[1].slot);
    }

    #[test]
    fn too_many_slots_and_torn_rows_are_refused() {
        assert!(hashed(&[0.5, 0.5], 2, 2, 3).is_err());
        assert!(hashed(&[0.5, 0.5, 0.5], 2, 2, 1).is_err());
        assert!(hashed(&[0.5], 0, 2, 1).is_err());
    }
}
