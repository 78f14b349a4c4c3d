//! Balance without an auxiliary loss: one bias per slot, added to the scores for the choice only, rises for slots that
//! get too little and falls for those that get too much (Wang et al. 2024, arXiv 2408.15664, algorithm 1; DeepSeek-V3,
//! arXiv 2412.19437, section 2.1.2). Combine weights do not see it.
//!
//! The papers add it to sigmoid scores, as the router `bias` does; elsewhere it is added to softmax probabilities, which
//! lie in the same range.

use super::{Controller, RouterMemory};
use crate::routing::{Edge, Scored, chosen_counts};

/// One bias per slot, in a router's memory: padding and drops do not change what was asked for.
#[derive(Debug, Clone, Copy)]
pub struct BiasForEvenLoad {
    /// How far a bias moves in a step (the papers' `u`, 0.001 over thousands of steps).
    pub speed: f64,
}

impl BiasForEvenLoad {
    /// One step, from how often each slot was chosen, drops included: `bias += speed * sign(mean - count)`.
    fn step(self, bias: &mut [f32], counts: &[usize]) {
        let (total, speed): (usize, f32) = (counts.iter().sum(), self.speed as f32);
        for (bias, &count) in bias.iter_mut().zip(counts) {
            // In whole numbers, so that an even load is exactly even.
            match (count * counts.len()).cmp(&total) {
                std::cmp::Ordering::Less => *bias += speed,
                std::cmp::Ordering::Greater => *bias -= speed,
                std::cmp::Ordering::Equal => {}
            }
        }
    }
}

impl Controller for BiasForEvenLoad {
    fn begin(&self, slots: usize) -> RouterMemory {
        RouterMemory { bias: vec![0.0; slots], ..RouterMemory::default() }
    }

    fn update(&self, memory: &mut RouterMemory, scored: &Scored<'_>, edges: &[Edge]) {
        self.step(&mut memory.bias, &chosen_counts(edges, scored.slots));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rng::Streams;
    use crate::routing::assigners::{Assigner as _, TopK};
    use crate::routing::metrics::load_cv;
    use crate::routing::scored::tests::scored;

    #[test]
    fn the_bias_moves_towards_an_even_load_and_rests_there() {
        let (balance, mut bias) = (BiasForEvenLoad { speed: 0.5 }, vec![0.0; 3]);
        balance.step(&mut bias, &[4, 2, 0]);
        assert_eq!(bias, [-0.5, 0.0, 0.5]);
        balance.step(&mut bias, &[2, 2, 2]);
        assert_eq!(bias, [-0.5, 0.0, 0.5]);
    }

    #[test]
    fn a_skewed_router_becomes_even() {
        let noise = Streams::new(2).stream("scores").normals(512 * 8, 0.05);
        let skewed: Vec<f32> =
            noise.iter().enumerate().map(|(at, x)| 0.125 + x + 0.02 * (at % 8) as f32).collect();
        let balance = BiasForEvenLoad { speed: 1e-3 };
        let (mut memory, mut cv) = (balance.begin(8), Vec::new());
        let batch = scored(&skewed, &skewed, 8);
        for _ in 0..400 {
            let stream = &mut Streams::new(0).stream("router");
            let edges = TopK { k: 1 }.assign(&batch, &memory, stream).expect("finite");
            cv.push(load_cv(&chosen_counts(&edges, 8)).expect("there is a load"));
            balance.update(&mut memory, &batch, &edges);
        }
        assert!(cv[0] > 0.9 && cv[399] < 0.1, "from {} to {}", cv[0], cv[399]);
    }
}
