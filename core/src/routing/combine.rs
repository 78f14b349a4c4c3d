//! What the results of the chosen slots weigh: the probabilities themselves, or divided by their sum.

use super::{Edge, Fate};

/// Added to a sum of probabilities before it divides: chosen slots can all have a probability of 0 when a bias, not
/// the router, chose them.
pub const SMALLEST_SUM: f32 = 1e-9;

/// A rule for combine weights.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum CombineRule {
    /// With `k` of 2 or more the chosen probabilities are divided by their sum, so that they sum to one (GShard,
    /// arXiv 2006.16668, algorithm 1; Mixtral, arXiv 2401.04088, section 2.1). With one slot that would be 1 for
    /// everybody and the router would learn nothing from the task, so the probability itself is taken, as in Switch
    /// and in Tutel's code.
    #[default]
    Renormalised,
    /// The chosen probabilities themselves (Switch Transformer, arXiv 2101.03961, equation 2).
    Raw,
}

impl CombineRule {
    /// Whether weights of `k` slots are divided by their sum.
    pub fn divides(self, k: usize) -> bool {
        self == CombineRule::Renormalised && k > 1
    }
}

/// Sets the combine weight of every edge from the full probabilities `[units, slots]`. `edges` are those of one
/// assigner: `k` a unit, unit by unit. Dropped edges are 0 and count in the sum, as what they carried is lost.
pub fn set_combine_weights(
    edges: &mut [Edge],
    probabilities: &[f32],
    slots: usize,
    k: usize,
    rule: CombineRule,
) {
    for unit in edges.chunks_mut(k.max(1)) {
        let probability = |edge: &Edge| probabilities[edge.unit * slots + edge.slot];
        let sum: f32 = unit.iter().map(probability).sum();
        let divisor = if rule.divides(k) { sum + SMALLEST_SUM } else { 1.0 };
        for edge in unit {
            edge.combine = if edge.fate == Fate::Dropped { 0.0 } else { probability(edge) / divisor };
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::routing::assigners::top_k;

    fn weights(k: usize, rule: CombineRule) -> Vec<f32> {
        let probabilities = [0.5, 0.3, 0.2, 0.1, 0.1, 0.8];
        let mut edges = top_k(&probabilities, 3, k).expect("whole rows");
        set_combine_weights(&mut edges, &probabilities, 3, k, rule);
        edges.iter().map(|edge| edge.combine).collect()
    }

    #[test]
    fn the_two_rules_weigh_as_their_papers_say() {
        assert_eq!(weights(2, CombineRule::Raw), [0.5, 0.3, 0.8, 0.1]);
        let divided = weights(2, CombineRule::Renormalised);
        for (found, expected) in divided.iter().zip([0.5 / 0.8, 0.3 / 0.8, 0.8 / 0.9, 0.1 / 0.9]) {
            assert!((found - expected).abs() < 1e-6, "{divided:?}");
        }
        assert_eq!(weights(1, CombineRule::Renormalised), weights(1, CombineRule::Raw));
    }

    #[test]
    fn slots_that_only_a_bias_chose_do_not_divide_by_zero() {
        let mut edges = top_k(&[0.1, 0.9, 0.8], 3, 2).expect("whole rows");
        set_combine_weights(&mut edges, &[1.0, 0.0, 0.0], 3, 2, CombineRule::Renormalised);
        assert!(edges.iter().all(|edge| edge.combine == 0.0), "{edges:?}");
    }
}
