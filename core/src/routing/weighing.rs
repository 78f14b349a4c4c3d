//! What the answers of served slots weigh, for any number of slots a unit: as numbers. `nn::token_router` has the
//! same rules as tensors with gradients, and a test compares them.

use super::assigners::ranked;
use super::{Edge, Fate, Scored};

/// Added to a sum of affinities before it divides: chosen slots can all have an affinity of 0 when a bias, not the router,
/// chose them.
pub const SMALLEST_SUM: f32 = 1e-9;

/// A rule for combine weights.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Weighing {
    /// The affinities themselves (Switch, Expert Choice, ReMoE, BASE).
    Affinity,
    /// The affinities of a unit's chosen experts over their sum, times `scale` (GShard, Mixtral, DeepSeek-V3, AdaMoE).
    /// Null slots do not count in the sum; experts that were full do, as what they carried is lost.
    Normalised {
        /// A factor on all weights (DeepSeek-V3 scales routed experts, `routed_scaling_factor`); 1 elsewhere.
        scale: f32,
    },
    /// The affinities over the sum of the unit's two best, whether or not both were taken (GShard).
    OverBestTwo,
    /// One over the number of a unit's chosen experts: nothing is learned from the weights (hash routing).
    Even,
    /// The affinity over the mean affinity of those that the same expert serves in the sequence (Union of Experts'
    /// data selection scales by `capacity / (sum + epsilon)`).
    OverMean,
}

/// The slot whose affinity an edge is weighed by: the one that served it, or the one it asked for in vain.
pub fn weighed_slot(edge: &Edge) -> usize {
    edge.served_by().unwrap_or(edge.slot)
}

/// The two slots with the largest affinities, the lower one first on a tie.
pub fn best_two(row: &[f32]) -> Vec<usize> {
    let mut best = ranked(row);
    best.truncate(2);
    best
}

/// Sets the combine weight of every edge. Edges that were dropped, skip or end in a null slot weigh 0.
pub fn weigh(edges: &mut [Edge], scored: &Scored<'_>, rule: Weighing, experts: usize) {
    let affinity = |edge: &Edge| scored.affinities_of(edge.unit)[weighed_slot(edge)];
    let counts = |edge: &Edge| weighed_slot(edge) < experts && edge.fate != Fate::Skipped;
    let mut sums = vec![(0.0f32, 0usize); scored.units()];
    for edge in edges.iter().filter(|edge| counts(edge)) {
        let (sum, count) = &mut sums[edge.unit];
        *sum += affinity(edge);
        *count += 1;
    }
    let length = if scored.sequence == 0 { scored.units().max(1) } else { scored.sequence };
    let place = |edge: &Edge| edge.unit / length * scored.slots + weighed_slot(edge);
    let mut columns = vec![(0.0f32, 0usize); scored.units().div_ceil(length) * scored.slots];
    for edge in edges.iter().filter(|edge| counts(edge) && edge.fate != Fate::Dropped) {
        let (sum, count) = &mut columns[place(edge)];
        *sum += affinity(edge);
        *count += 1;
    }
    for edge in edges {
        edge.combine = match rule {
            _ if !counts(edge) || edge.fate == Fate::Dropped => 0.0,
            Weighing::Affinity => affinity(edge),
            Weighing::Normalised { scale } => affinity(edge) / (sums[edge.unit].0 + SMALLEST_SUM) * scale,
            Weighing::OverBestTwo => {
                let best = best_two(scored.affinities_of(edge.unit));
                affinity(edge)
                    / (best.iter().map(|&slot| scored.affinities_of(edge.unit)[slot]).sum::<f32>()
                        + SMALLEST_SUM)
            }
            Weighing::Even => 1.0 / sums[edge.unit].1 as f32,
            Weighing::OverMean => {
                let (sum, count) = columns[place(edge)];
                affinity(edge) * count as f32 / (sum + SMALLEST_SUM)
            }
        };
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::routing::assigners::top_k;
    use crate::routing::scored::tests::scored;

    const AFFINITIES: [f32; 8] = [0.5, 0.25, 0.125, 0.125, 0.125, 0.125, 0.5, 0.25];

    fn weights(rule: Weighing, change: impl Fn(&mut Vec<Edge>)) -> Vec<f32> {
        let mut edges = top_k(&AFFINITIES, 4, 2).expect("whole rows");
        change(&mut edges);
        weigh(&mut edges, &scored(&AFFINITIES, &AFFINITIES, 4), rule, 3);
        edges.iter().map(|edge| edge.combine).collect()
    }

    #[test]
    fn each_rule_weighs_as_it_says_and_null_slots_weigh_nothing() {
        let as_is = |_: &mut Vec<Edge>| ();
        assert_eq!(weights(Weighing::Affinity, as_is), [0.5, 0.25, 0.5, 0.0]);
        let halves = weights(Weighing::Normalised { scale: 2.0 }, as_is);
        for (found, expected) in halves.iter().zip([4.0 / 3.0, 2.0 / 3.0, 2.0, 0.0]) {
            assert!((found - expected).abs() < 1e-6, "{halves:?}");
        }
        let best = weights(Weighing::OverBestTwo, |edges| edges.truncate(1));
        assert!((best[0] - 0.5 / 0.75).abs() < 1e-6, "{best:?}");
        assert_eq!(weights(Weighing::Even, as_is), [0.5, 0.5, 1.0, 0.0]);
        let over = weights(Weighing::OverMean, as_is);
        assert!(over.iter().zip([1.0, 1.0, 1.0, 0.0]).all(|(a, b)| (a - b).abs() < 1e-6), "{over:?}");
    }

    #[test]
    fn slots_that_only_a_bias_chose_do_not_divide_by_zero() {
        let affinities = [1.0, 0.0, 0.0];
        let mut edges = top_k(&[0.1, 0.9, 0.8], 3, 2).expect("whole rows");
        weigh(&mut edges, &scored(&affinities, &affinities, 3), Weighing::Normalised { scale: 1.0 }, 3);
        assert!(edges.iter().all(|edge| edge.combine == 0.0), "{edges:?}");
    }

    #[test]
    fn what_a_full_slot_carried_is_lost_and_a_rerouted_edge_weighs_what_serves_it() {
        let dropped = weights(Weighing::Normalised { scale: 1.0 }, |edges| edges[0].fate = Fate::Dropped);
        assert!((dropped[1] - 0.25 / 0.75).abs() < 1e-6 && dropped[0] == 0.0, "{dropped:?}");
        let moved = weights(Weighing::Affinity, |edges| edges[0].fate = Fate::Rerouted { slot: 2 });
        assert_eq!(moved[0], 0.125);
    }
}
