//! Balance without an auxiliary loss: one bias per slot, added to the scores for the choice only, rises for slots that
//! get too little and falls for those that get too much (Wang et al. 2024, arXiv 2408.15664, algorithm 1; DeepSeek-V3,
//! arXiv 2412.19437, section 2.1.2). Combine weights do not see it.
//!
//! The papers add it to sigmoid scores, as the router `bias` does; elsewhere it is added to softmax probabilities, which
//! lie in the same range.

use super::{Controller, RouterMemory};
use crate::routing::{Edge, Scored, chosen_counts};

/// One bias per slot.
#[derive(Debug, Clone, PartialEq)]
pub struct BiasBalance {
    speed: f32,
    bias: Vec<f32>,
}

impl BiasBalance {
    /// Biases of 0 that move by `speed` in a step (the papers' `u`, 0.001 over thousands of steps).
    pub fn new(slots: usize, speed: f64) -> Self {
        Self { speed: speed as f32, bias: vec![0.0; slots] }
    }

    /// The biases as they are.
    pub fn bias(&self) -> &[f32] {
        &self.bias
    }

    /// What the assigner compares: probabilities `[units, slots]` plus the biases.
    pub fn compared(&self, probabilities: &[f32]) -> Vec<f32> {
        let rows = probabilities.chunks_exact(self.bias.len().max(1));
        rows.flat_map(|row| row.iter().zip(&self.bias).map(|(p, bias)| p + bias)).collect()
    }

    /// One step, from how often each slot was chosen, drops included: `bias += speed * sign(mean - count)`.
    pub fn update(&mut self, counts: &[usize]) {
        let total: usize = counts.iter().sum();
        for (bias, &count) in self.bias.iter_mut().zip(counts) {
            // In whole numbers, so that an even load is exactly even.
            match (count * counts.len()).cmp(&total) {
                std::cmp::Ordering::Less => *bias += self.speed,
                std::cmp::Ordering::Greater => *bias -= self.speed,
                std::cmp::Ordering::Equal => {}
            }
        }
    }
}

/// [`BiasBalance`] as a controller of a router's memory: padding and drops do not change what was asked for.
#[derive(Debug, Clone, Copy)]
pub struct BiasForEvenLoad {
    /// How far a bias moves in a step (the papers' `u`).
    pub speed: f64,
}

impl Controller for BiasForEvenLoad {
    fn begin(&self, slots: usize) -> RouterMemory {
        RouterMemory { bias: BiasBalance::new(slots, self.speed).bias, ..RouterMemory::default() }
    }

    fn update(&self, memory: &mut RouterMemory, scored: &Scored<'_>, edges: &[Edge]) {
        let mut balance = BiasBalance { speed: self.speed as f32, bias: std::mem::take(&mut memory.bias) };
        balance.update(&chosen_counts(edges, scored.slots));
        memory.bias = balance.bias;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rng::Streams;
    use crate::routing::assigners::top_k;
    use crate::routing::metrics::load_cv;

    #[test]
    fn the_bias_moves_towards_an_even_load_and_rests_there() {
        let mut balance = BiasBalance::new(3, 0.5);
        balance.update(&[4, 2, 0]);
        assert_eq!(balance.bias(), [-0.5, 0.0, 0.5]);
        balance.update(&[2, 2, 2]);
        assert_eq!(balance.bias(), [-0.5, 0.0, 0.5]);
        assert_eq!(balance.compared(&[0.5, 0.25, 0.25, 1.0, 0.0, 0.0]), [0.0, 0.25, 0.75, 0.5, 0.0, 0.5]);
    }

    #[test]
    fn a_skewed_router_becomes_even() {
        let noise = Streams::new(2).stream("scores").normals(512 * 8, 0.05);
        let skewed: Vec<f32> =
            noise.iter().enumerate().map(|(at, x)| 0.125 + x + 0.02 * (at % 8) as f32).collect();
        let mut balance = BiasBalance::new(8, 1e-3);
        let mut cv = Vec::new();
        for _ in 0..400 {
            let mut counts = [0usize; 8];
            let edges = top_k(&balance.compared(&skewed), 8, 1).expect("finite");
            edges.iter().for_each(|edge| counts[edge.slot] += 1);
            cv.push(load_cv(&counts).expect("there is a load"));
            balance.update(&counts);
        }
        assert!(cv[0] > 0.9 && cv[399] < 0.1, "from {} to {}", cv[0], cv[399]);
    }
}
