//! Choice, weights and capacity in one go: from a batch's full probabilities to its edges. The score is not made
//! here; a layer computes it, and differentiates the weights that these edges stand for.

use super::assigners::top_k;
use super::capacity::{capacity, first_come};
use super::combine::{CombineRule, set_combine_weights};
use super::{BiasBalance, Edge};
use crate::Result;

/// How units choose slots.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Choosing {
    /// How many slots a unit goes to.
    pub k: usize,
    /// What the chosen slots' results weigh.
    pub combine: CombineRule,
    /// The capacity factor; 0 for no limit.
    pub capacity_factor: f64,
}

impl Choosing {
    /// The same choice without a limit, as it is made outside training.
    #[must_use]
    pub fn dropless(self) -> Self {
        Self { capacity_factor: 0.0, ..self }
    }

    /// The limit of each slot in a batch of `units`, if there is one.
    pub fn capacity(&self, units: usize, slots: usize) -> Option<usize> {
        capacity(units, slots, self.k, self.capacity_factor)
    }

    /// The edges of a batch, `k` a unit, unit by unit: chosen by the probabilities (plus `balance`, where given),
    /// weighed by the probabilities alone, and cut to the capacity.
    ///
    /// # Shapes
    /// `probabilities` is `[units, slots]`.
    ///
    /// # Errors
    /// As [`top_k()`].
    pub fn choose(
        &self,
        probabilities: &[f32],
        slots: usize,
        balance: Option<&BiasBalance>,
    ) -> Result<Vec<Edge>> {
        let mut edges = match balance {
            Some(balance) => top_k(&balance.compared(probabilities), slots, self.k)?,
            None => top_k(probabilities, slots, self.k)?,
        };
        set_combine_weights(&mut edges, probabilities, slots, self.k, self.combine);
        if let Some(capacity) = self.capacity(probabilities.len() / slots, slots) {
            first_come(&mut edges, slots, capacity);
        }
        Ok(edges)
    }
}

/// How often each slot was chosen, drops included.
pub fn chosen_counts(edges: &[Edge], slots: usize) -> Vec<usize> {
    let mut counts = vec![0; slots];
    edges.iter().for_each(|edge| counts[edge.slot] += 1);
    counts
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::routing::Fate;
    use proptest::prelude::*;

    fn probabilities(numbers: &[f32], slots: usize) -> Vec<f32> {
        numbers
            .chunks_exact(slots)
            .flat_map(|row| {
                let sum: f32 = row.iter().sum();
                row.iter().map(move |number| number / sum)
            })
            .collect()
    }

    proptest! {
        #[test]
        fn without_a_limit_weights_sum_to_one_and_loads_to_units_times_k(
            numbers in prop::collection::vec(0.01f32..1.0, 60), k in 2usize..=5,
        ) {
            let rows = probabilities(&numbers, 5);
            let choosing = Choosing { k, combine: CombineRule::Renormalised, capacity_factor: 0.0 };
            let edges = choosing.choose(&rows, 5, None).expect("finite");
            prop_assert_eq!(chosen_counts(&edges, 5).iter().sum::<usize>(), 12 * k);
            for unit in edges.chunks(k) {
                let sum: f32 = unit.iter().map(|edge| edge.combine).sum();
                prop_assert!((sum - 1.0).abs() < 1e-5, "{}", sum);
            }
        }

        #[test]
        fn a_limit_only_takes_away(numbers in prop::collection::vec(0.01f32..1.0, 60), k in 1usize..=5) {
            let rows = probabilities(&numbers, 5);
            let limited = Choosing { k, combine: CombineRule::Renormalised, capacity_factor: 1.0 };
            let all = limited.dropless().choose(&rows, 5, None).expect("finite");
            for (edge, whole) in limited.choose(&rows, 5, None).expect("finite").iter().zip(&all) {
                let expected = if edge.fate == Fate::Dropped { 0.0 } else { whole.combine };
                prop_assert_eq!((edge.slot, edge.combine), (whole.slot, expected));
            }
        }
    }

    #[test]
    fn a_bias_changes_the_choice_and_not_the_weight() {
        let choosing = Choosing { k: 1, combine: CombineRule::Raw, capacity_factor: 0.0 };
        let mut balance = BiasBalance::new(2, 0.4);
        balance.update(&[1, 0]);
        let edges = choosing.choose(&[0.75, 0.25], 2, Some(&balance)).expect("finite");
        assert_eq!((edges[0].slot, edges[0].combine, edges[0].score), (1, 0.25, 0.65));
    }
}
