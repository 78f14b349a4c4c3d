//! A penalty that finds its own weight: it grows while too many slots are active and shrinks while too few are (ReMoE,
//! Wang et al. 2024, arXiv 2412.14711, equation 9: `lambda` starts at 1e-8 and is multiplied or divided by 1.2).

use super::{Controller, RouterMemory};
use crate::routing::{Edge, Scored};

/// The weight stays between these: outside them it could not come back in single precision.
const BOUNDS: [f64; 2] = [1e-30, 1e6];

/// Steers the mean number of active slots of a unit towards `target`.
#[derive(Debug, Clone, Copy)]
pub struct PenaltyForTarget {
    /// The mean number of active slots wanted (the paper's `k`).
    pub target: f64,
    /// The weight at the start (`lambda_0`).
    pub start: f64,
    /// The factor of one step (`alpha`), above 1.
    pub factor: f64,
}

impl Controller for PenaltyForTarget {
    fn begin(&self, _: usize) -> RouterMemory {
        RouterMemory { penalty: self.start, ..RouterMemory::default() }
    }

    fn update(&self, memory: &mut RouterMemory, scored: &Scored<'_>, edges: &[Edge]) {
        let units = scored.valid_units().count().max(1);
        let active = edges.len() as f64 / units as f64;
        let factor = match active.total_cmp(&self.target) {
            std::cmp::Ordering::Greater => self.factor,
            std::cmp::Ordering::Less => 1.0 / self.factor,
            std::cmp::Ordering::Equal => 1.0,
        };
        memory.penalty = (memory.penalty * factor).clamp(BOUNDS[0], BOUNDS[1]);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::routing::scored::tests::scored;

    #[test]
    fn the_weight_grows_with_too_many_active_slots_and_rests_at_the_target() {
        let affinities = [0.5; 4];
        let batch = scored(&affinities, &affinities, 2);
        let rule = PenaltyForTarget { target: 1.0, start: 1.0, factor: 2.0 };
        let mut memory = rule.begin(2);
        let edges = [Edge::kept(0, 0), Edge::kept(0, 1), Edge::kept(1, 0)];
        rule.update(&mut memory, &batch, &edges);
        assert_eq!(memory.penalty, 2.0);
        rule.update(&mut memory, &batch, &edges[1..]);
        assert_eq!(memory.penalty, 2.0);
        rule.update(&mut memory, &batch, &edges[..1]);
        assert_eq!(memory.penalty, 1.0);
    }
}
