//! The balanced assignment with the largest sum of scores (BASE layers, Lewis et al. 2021, arXiv 2103.16716, equation
//! 3). The paper solves it by an auction; with few slots it is a transport problem that shortest paths between slots
//! solve exactly.

use super::{Assigner, TopK, chosen};
use crate::Result;
use crate::rng::Stream;
use crate::routing::controllers::RouterMemory;
use crate::routing::{Edge, Scored};

/// Units that are balanced together: the time of an exact assignment grows with the square of their number. The paper
/// balances the units of each worker.
const GROUP: usize = 2048;

/// In training every unit goes to one slot, every slot takes at most `ceil(units / slots)` units of a group of 2,048, and
/// the sum of logits is the largest possible. Outside training each unit goes to its best slot, as in the paper.
///
/// Pitfall: training and use differ, and a unit's slot depends on all others of the batch.
#[derive(Debug, Clone, Copy)]
pub struct Balanced;

impl Assigner for Balanced {
    fn assign(&self, scored: &Scored<'_>, memory: &RouterMemory, stream: &mut Stream) -> Result<Vec<Edge>> {
        if !scored.training {
            // By logits: sigmoids of large ones are all 1 in single precision.
            return TopK { k: 1 }.assign(&Scored { affinities: scored.logits, ..*scored }, memory, stream);
        }
        let units: Vec<usize> = scored.valid_units().collect();
        let logits: Vec<f32> = units.iter().flat_map(|&unit| scored.logits_of(unit)).copied().collect();
        let groups = logits.chunks(GROUP * scored.slots);
        let edges = units.into_iter().zip(groups.flat_map(|group| balanced_assignment(group, scored.slots)));
        Ok(edges.map(|(unit, slot)| chosen(unit, slot, 0, scored.logits_of(unit)[slot])).collect())
    }
}

/// A slot for each row of `[units, slots]`, at most `ceil(units / slots)` rows a slot, with the largest sum.
///
/// Everybody starts at the best slot. While a slot is overfull, one unit leaves it along the cheapest chain of moves
/// to a slot with room. Every such state is the best one for its loads, so the last one is the best balanced one
/// (successive shortest paths, Ahuja, Magnanti and Orlin 1993, section 9.7).
pub fn balanced_assignment(scores: &[f32], slots: usize) -> Vec<usize> {
    let units = scores.len() / slots.max(1);
    let most = units.div_ceil(slots.max(1));
    let mut state = Transport::new(scores, slots);
    while let Some(path) = state.cheapest_relief(most) {
        state.shift(&path);
    }
    state.slot_of
}

/// Units at slots, and what it costs to move the cheapest unit from one slot to another.
struct Transport<'a> {
    scores: &'a [f32],
    slots: usize,
    slot_of: Vec<usize>,
    loads: Vec<usize>,
    /// `[from, to]`: the smallest loss of a move, and who moves.
    moves: Vec<(f64, usize)>,
}

impl<'a> Transport<'a> {
    fn new(scores: &'a [f32], slots: usize) -> Self {
        let best = |row: &[f32]| (0..slots).rev().max_by(|&a, &b| row[a].total_cmp(&row[b])).unwrap_or(0);
        let slot_of: Vec<usize> = scores.chunks(slots).map(best).collect();
        let mut loads = vec![0; slots];
        slot_of.iter().for_each(|&slot| loads[slot] += 1);
        let moves = vec![(f64::INFINITY, 0); slots * slots];
        let mut state = Self { scores, slots, slot_of, loads, moves };
        (0..slots).for_each(|slot| state.renew(slot));
        state
    }

    /// Looks again for the cheapest moves away from a slot.
    fn renew(&mut self, from: usize) {
        let row = from * self.slots..(from + 1) * self.slots;
        self.moves[row.clone()].fill((f64::INFINITY, 0));
        for unit in (0..self.slot_of.len()).filter(|&unit| self.slot_of[unit] == from) {
            let scores = &self.scores[unit * self.slots..(unit + 1) * self.slots];
            for (place, score) in self.moves[row.clone()].iter_mut().zip(scores) {
                let loss = f64::from(scores[from]) - f64::from(*score);
                if loss < place.0 {
                    *place = (loss, unit);
                }
            }
        }
    }

    /// The cheapest chain of slots from an overfull one to one with room; nothing when none is overfull.
    fn cheapest_relief(&self, most: usize) -> Option<Vec<usize>> {
        let mut cost: Vec<f64> =
            self.loads.iter().map(|&load| if load > most { 0.0 } else { f64::INFINITY }).collect();
        if cost.iter().all(|cost| cost.is_infinite()) {
            return None;
        }
        let mut before = vec![None; self.slots];
        // Bellman and Ford: moves that undo earlier ones may gain, but no cycle does, also not by rounding.
        for _ in 1..self.slots {
            let mut is_changed = false;
            for from in (0..self.slots).filter(|&slot| self.loads[slot] > 0) {
                for to in 0..self.slots {
                    let sum = cost[from] + self.moves[from * self.slots + to].0;
                    let gains = sum.is_finite() && sum + 1e-9 * (1.0 + sum.abs()) < cost[to];
                    if from != to && gains && !leads_to(&before, from, to) {
                        (cost[to], before[to], is_changed) = (sum, Some(from), true);
                    }
                }
            }
            if !is_changed {
                break;
            }
        }
        let open = (0..self.slots).filter(|&slot| self.loads[slot] < most);
        let mut path = vec![open.min_by(|&a, &b| cost[a].total_cmp(&cost[b]))?];
        while let Some(from) = before[path[path.len() - 1]] {
            path.push(from);
        }
        path.reverse();
        Some(path)
    }

    /// Moves one unit along each link of a chain.
    fn shift(&mut self, path: &[usize]) {
        let movers: Vec<usize> =
            path.windows(2).map(|link| self.moves[link[0] * self.slots + link[1]].1).collect();
        for (unit, link) in movers.into_iter().zip(path.windows(2)) {
            self.slot_of[unit] = link[1];
            self.loads[link[0]] -= 1;
            self.loads[link[1]] += 1;
        }
        path.iter().for_each(|&slot| self.renew(slot));
    }
}

/// Whether a chain that ends in `from` already passes a slot.
fn leads_to(before: &[Option<usize>], from: usize, slot: usize) -> bool {
    std::iter::successors(Some(from), |&at| before[at]).any(|at| at == slot)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rng::Streams;
    use crate::routing::metrics::minimum_cost_assignment;
    use proptest::prelude::*;

    fn sum(scores: &[f32], slots: usize, slot_of: &[usize]) -> f64 {
        slot_of.iter().enumerate().map(|(unit, &slot)| f64::from(scores[unit * slots + slot])).sum()
    }

    proptest! {
        #[test]
        fn no_balanced_assignment_scores_more(
            scores in prop::collection::vec(-3.0f32..3.0, 12 * 4), skew in 0.0f32..4.0,
        ) {
            let scores: Vec<f32> =
                scores.iter().enumerate().map(|(at, s)| if at % 4 == 0 { s + skew } else { *s }).collect();
            let found = balanced_assignment(&scores, 4);
            let mut loads = [0; 4];
            found.iter().for_each(|&slot| loads[slot] += 1);
            prop_assert_eq!(loads, [3; 4]);
            // The slow twin: every slot three times, and the Hungarian method.
            let costs: Vec<f64> = (0..12 * 12)
                .map(|at| -f64::from(scores[at / 12 * 4 + at % 12 / 3]))
                .collect();
            let costs: Vec<Vec<f64>> = costs.chunks(12).map(<[f64]>::to_vec).collect();
            let best = minimum_cost_assignment(&costs).expect("square");
            let best: f64 = best.iter().enumerate().map(|(unit, &place)| -costs[unit][place]).sum();
            prop_assert!((sum(&scores, 4, &found) - best).abs() < 1e-4, "{} and {best}", sum(&scores, 4, &found));
        }
    }

    #[test]
    fn counts_that_do_not_divide_leave_some_slots_one_short_and_equal_scores_end() {
        let scores = Streams::new(1).stream("scores").normals(10 * 4, 1.0);
        let mut loads = [0; 4];
        balanced_assignment(&scores, 4).into_iter().for_each(|slot| loads[slot] += 1);
        assert!(loads.iter().all(|&load| load <= 3) && loads.iter().sum::<usize>() == 10, "{loads:?}");
        let mut loads = [0; 4];
        balanced_assignment(&[0.5; 64], 4).into_iter().for_each(|slot| loads[slot] += 1);
        assert_eq!(loads, [4; 4]);
        assert!(balanced_assignment(&[], 4).is_empty());
    }
}
