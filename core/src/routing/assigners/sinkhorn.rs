//! A balanced soft plan and its largest entries (Clark et al. 2022, *Unified Scaling Laws for Routed Language Models*,
//! arXiv 2202.01169, section 2.1, "S-BASE"; Sinkhorn 1967 for the scaling).

use super::{Assigner, TopK, chosen, ranked};
use crate::Result;
use crate::rng::Stream;
use crate::routing::controllers::RouterMemory;
use crate::routing::{Edge, Scored};

/// In training each unit goes to the `k` largest entries of its row of the plan; outside it to its `k` best slots,
/// because a plan needs a whole batch. The plan has no gradient.
///
/// Pitfall: a balanced plan does not give balanced choices, only likelier ones. A balance loss beside it fights it.
#[derive(Debug, Clone, Copy)]
pub struct Sinkhorn {
    /// How many slots a unit goes to.
    pub k: usize,
    /// The plan is done when no row or column is further from its sum than this, relatively.
    pub tolerance: f64,
    /// The most rounds.
    pub rounds: usize,
}

impl Assigner for Sinkhorn {
    fn assign(&self, scored: &Scored<'_>, memory: &RouterMemory, stream: &mut Stream) -> Result<Vec<Edge>> {
        if !scored.training {
            // By logits: sigmoids of large ones are all 1 in single precision.
            let by_logits = Scored { affinities: scored.logits, ..*scored };
            return TopK { k: self.k }.assign(&by_logits, memory, stream);
        }
        let units: Vec<usize> = scored.valid_units().collect();
        let logits: Vec<f32> = units.iter().flat_map(|&unit| scored.logits_of(unit)).copied().collect();
        let plan = sinkhorn_plan(&logits, scored.slots, self.tolerance, self.rounds);
        let mut edges = Vec::with_capacity(units.len() * self.k);
        for (unit, row) in units.into_iter().zip(plan.chunks(scored.slots)) {
            let taken = ranked(row).into_iter().take(self.k).enumerate();
            edges.extend(taken.map(|(rank, slot)| chosen(unit, slot, rank, row[slot])));
        }
        Ok(edges)
    }
}

/// The plan `[units, slots]` nearest to `exp(logits)` whose rows sum to one and whose columns to `units / slots`: rows
/// and columns are divided by their sums in turn.
pub fn sinkhorn_plan(logits: &[f32], slots: usize, tolerance: f64, rounds: usize) -> Vec<f32> {
    let top = |row: &[f32]| row.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    let power = |row: &[f32]| {
        let top = top(row);
        row.iter().map(move |&logit| libm::exp(f64::from(logit - top))).collect::<Vec<_>>()
    };
    let mut plan: Vec<f64> = logits.chunks(slots.max(1)).flat_map(power).collect();
    let column_sum = (plan.len() / slots.max(1)) as f64 / slots as f64;
    for _ in 0..rounds {
        let mut sums = vec![0.0; slots];
        for row in plan.chunks_mut(slots) {
            let sum: f64 = row.iter().sum();
            row.iter_mut().zip(&mut sums).for_each(|(entry, column)| {
                *entry /= sum;
                *column += *entry;
            });
        }
        if sums.iter().all(|sum| (sum / column_sum - 1.0).abs() <= tolerance) {
            break;
        }
        for row in plan.chunks_mut(slots) {
            row.iter_mut().zip(&sums).for_each(|(entry, sum)| *entry *= column_sum / sum.max(1e-300));
        }
    }
    plan.into_iter().map(|entry| entry as f32).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rng::Streams;
    use crate::routing::chosen_counts;
    use crate::routing::metrics::load_cv;
    use crate::routing::scored::tests::{scored, softmax};

    #[test]
    fn rows_sum_to_one_and_columns_to_an_even_share() {
        let logits = Streams::new(1).stream("logits").normals(60 * 5, 2.0);
        let plan = sinkhorn_plan(&logits, 5, 1e-6, 1000);
        assert!(plan.chunks(5).all(|row| (row.iter().sum::<f32>() - 1.0).abs() < 1e-4));
        for slot in 0..5 {
            let sum: f32 = plan.iter().skip(slot).step_by(5).sum();
            assert!((sum - 12.0).abs() < 1e-3, "column {slot} sums to {sum}");
        }
    }

    #[test]
    fn a_skewed_batch_becomes_more_even_in_training_and_stays_outside_it() {
        let mut logits = Streams::new(2).stream("logits").normals(256 * 8, 0.5);
        logits.iter_mut().step_by(8).for_each(|logit| *logit += 1.0);
        let affinities = softmax(&logits, 8);
        let cv = |training: bool| {
            let batch = Scored { training, ..scored(&logits, &affinities, 8) };
            let rule = Sinkhorn { k: 1, tolerance: 1e-4, rounds: 100 };
            let stream = &mut Streams::new(0).stream("router");
            let edges = rule.assign(&batch, &RouterMemory::default(), stream).expect("finite");
            load_cv(&chosen_counts(&edges, 8)).expect("there is a load")
        };
        assert!(cv(true) < 0.25 && cv(false) > 1.0, "{} and {}", cv(true), cv(false));
    }
}
