//! Token choice: each unit goes to the `k` slots with the largest scores (Shazeer et al. 2017, arXiv 1701.06538,
//! section 2.1). What the scores are, and what the chosen slots' results weigh, is not decided here.

use super::{Assigner, chosen, compared};
use crate::rng::Stream;
use crate::routing::controllers::RouterMemory;
use crate::routing::{Edge, Scored};
use crate::{Error, Result};

/// Each unit goes to its `k` best slots, by affinity and the bias on the choice.
#[derive(Debug, Clone, Copy)]
pub struct TopK {
    /// How many slots a unit goes to.
    pub k: usize,
}

impl Assigner for TopK {
    fn assign(&self, scored: &Scored<'_>, memory: &RouterMemory, _: &mut Stream) -> Result<Vec<Edge>> {
        let mut edges = Vec::with_capacity(scored.units() * self.k);
        let mut taken = vec![false; scored.slots];
        for unit in scored.valid_units() {
            if memory.bias.is_empty() {
                choose(scored.affinities_of(unit), unit, self.k, &mut taken, &mut edges)?;
            } else {
                choose(&compared(scored, memory, unit), unit, self.k, &mut taken, &mut edges)?;
            }
        }
        Ok(edges)
    }
}

/// The edges of every unit to its `k` best slots, unit by unit, the best first; combine weights are still 0. The
/// lower slot wins a tie.
///
/// # Shapes
/// `scores` is `[units, slots]`, the slot running fastest.
///
/// # Errors
/// If `k` is 0 or more than there are slots, the scores do not fill whole rows, or one of them is not finite.
pub fn top_k(scores: &[f32], slots: usize, k: usize) -> Result<Vec<Edge>> {
    check(scores, slots, k)?;
    let mut edges = Vec::with_capacity(scores.len() / slots * k);
    let mut taken = vec![false; slots];
    for (unit, row) in scores.chunks_exact(slots).enumerate() {
        choose(row, unit, k, &mut taken, &mut edges)?;
    }
    Ok(edges)
}

/// Adds one unit's edges; `taken` is room for a mark per slot.
fn choose(row: &[f32], unit: usize, k: usize, taken: &mut [bool], edges: &mut Vec<Edge>) -> Result<()> {
    check(row, taken.len(), k)?;
    taken.fill(false);
    for rank in 0..k {
        let best = best_of(row, taken);
        taken[best] = true;
        edges.push(chosen(unit, best, rank, row[best]));
    }
    Ok(())
}

/// The slot with the largest score among those not taken.
fn best_of(row: &[f32], taken: &[bool]) -> usize {
    let mut best = None;
    for (slot, &score) in row.iter().enumerate() {
        if !taken[slot] && best.is_none_or(|(_, top)| score > top) {
            best = Some((slot, score));
        }
    }
    best.map_or(0, |(slot, _)| slot)
}

fn check(scores: &[f32], slots: usize, k: usize) -> Result<()> {
    if k == 0 || k > slots {
        let problem = format!("k is {k}, but must be between 1 and its {slots} slots");
        return Err(Error::InvalidDecision { problem });
    }
    if !scores.len().is_multiple_of(slots) {
        let problem = format!("{} scores do not fill rows of {slots} slots", scores.len());
        return Err(Error::InvalidDecision { problem });
    }
    if let Some(at) = scores.iter().position(|score| !score.is_finite()) {
        let problem = format!(
            "unit {}, slot {} scores {}; the router has diverged, so try a lower learning rate",
            at / slots,
            at % slots,
            scores[at]
        );
        return Err(Error::InvalidDecision { problem });
    }
    Ok(())
}

/// How many units have a tie between the last slot that they chose and one that they left out: there the lower
/// number decided, not the router. Every unit ties when a dead router scores all slots alike.
pub fn tied_units(scores: &[f32], slots: usize, k: usize) -> usize {
    let is_tied = |row: &&[f32]| {
        let mut sorted = row.to_vec();
        sorted.sort_unstable_by(|a, b| b.total_cmp(a));
        k > 0 && k < slots && sorted[k - 1] == sorted[k]
    };
    scores.chunks_exact(slots.max(1)).filter(is_tied).count()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_best_slots_are_chosen_in_order_and_the_lower_wins_a_tie() {
        let edges = top_k(&[0.1, 0.6, 0.3, 0.4, 0.2, 0.4], 3, 2).expect("whole rows");
        let chosen: Vec<_> = edges.iter().map(|edge| (edge.unit, edge.rank, edge.slot, edge.score)).collect();
        assert_eq!(chosen, [(0, 0, 1, 0.6), (0, 1, 2, 0.3), (1, 0, 0, 0.4), (1, 1, 2, 0.4)]);
    }

    #[test]
    fn a_router_that_scores_all_slots_alike_is_seen() {
        assert_eq!(tied_units(&[0.25; 12], 4, 1), 3);
        assert_eq!(tied_units(&[0.25; 12], 4, 4), 0);
        assert_eq!(tied_units(&[0.5, 0.3, 0.2, 0.4, 0.4, 0.2], 3, 1), 1);
        assert!(top_k(&[0.25; 12], 4, 1).expect("ties are no error").iter().all(|edge| edge.slot == 0));
    }

    #[test]
    fn what_cannot_be_assigned_is_refused_with_its_place() {
        let cases: [(&[f32], usize, &str); 4] = [
            (&[0.5, 0.5], 3, "k is 3, but must be between 1 and its 2 slots"),
            (&[0.5, 0.5], 0, "k is 0"),
            (&[0.5, 0.5, 0.1], 1, "3 scores do not fill rows of 2 slots"),
            (&[0.5, 0.5, 0.1, f32::NAN], 1, "unit 1, slot 1 scores NaN"),
        ];
        for (scores, k, expected) in cases {
            let message = top_k(scores, 2, k).expect_err(expected).to_string();
            assert!(message.contains(expected), "{message}");
        }
    }

    proptest! {
        #[test]
        fn every_unit_gets_k_slots_and_renaming_the_slots_renames_the_choices(
            scores in prop::collection::vec(0u32..1000, 40), k in 1usize..=5, shift in 0usize..5,
        ) {
            // Distinct scores, so that no tie is broken by the number of a slot.
            let scores: Vec<f32> = scores.iter().enumerate().map(|(at, s)| (s * 5 + at as u32 % 5) as f32).collect();
            let edges = top_k(&scores, 5, k).expect("finite");
            prop_assert_eq!(edges.len(), 8 * k);
            let renamed: Vec<f32> = scores.chunks(5).flat_map(|row| (0..5).map(|slot| row[(slot + shift) % 5])).collect();
            let again = top_k(&renamed, 5, k).expect("finite");
            for (edge, other) in edges.iter().zip(&again) {
                prop_assert_eq!((edge.unit, edge.rank, edge.slot), (other.unit, other.rank, (other.slot + shift) % 5));
            }
        }
    }
}
