//! Which sub-networks a supernet trains in each step.

use super::{Architecture, SearchSpace};
use crate::rng::Streams;

/// The sampling rules.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sampling {
    /// One uniform architecture a step (HAT).
    Random,
    /// One uniform architecture, the largest and the smallest (slimmable networks; Mixture-of-Supernets).
    Sandwich,
}

impl Sampling {
    /// The architectures of step `step`. The random one is drawn from the stream `architecture` at the step's
    /// index, so every method sees the same sequence, and a comparison of two methods is paired.
    pub fn architectures(self, space: &SearchSpace, streams: &Streams, step: u64) -> Vec<Architecture> {
        let random = space.sample(&mut streams.stream_at("architecture", step));
        match self {
            Sampling::Random => vec![random],
            Sampling::Sandwich => vec![space.largest(), random, space.smallest()],
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::supernet::space::tests::space;

    #[test]
    fn a_sandwich_holds_the_extremes_and_the_same_random_one_as_random_sampling() {
        let (space, streams) = (space(), Streams::new(5));
        for step in 0..20 {
            let sandwich = Sampling::Sandwich.architectures(&space, &streams, step);
            assert_eq!(sandwich.first(), Some(&space.largest()));
            assert_eq!(sandwich.last(), Some(&space.smallest()));
            assert_eq!(Sampling::Random.architectures(&space, &streams, step), sandwich[1..2]);
        }
    }

    #[test]
    fn the_sequence_of_architectures_is_fixed_for_every_platform() {
        let sequence: Vec<String> = (0..4)
            .map(|step| Sampling::Random.architectures(&space(), &Streams::new(7), step)[0].to_string())
            .collect();
        assert_eq!(sequence, SEQUENCE);
    }

    const SEQUENCE: [&str; 4] = ["w8-relu-f10.6", "w4-squared-relu-f6.2.6", "w8-relu-f2.6", "w4-relu-f10"];
}
