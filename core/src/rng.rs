//! Named random streams: every random draw of the project goes through one.
//!
//! A stream is a ChaCha8 generator whose key is the SHA-256 digest of the seed, the stream's name and an index.
//! So streams are independent of each other and of the order in which they are opened, and they give the same
//! integers natively and in WebAssembly. Floating-point draws use `libm`, hence they agree too.

use rand_chacha::ChaCha8Rng;
use rand_core::{Rng as _, SeedableRng as _};
use sha2::{Digest as _, Sha256};

/// The family of streams of one run: a seed from which every named stream is derived.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Streams {
    seed: u64,
}

impl Streams {
    /// The streams of `seed`.
    pub fn new(seed: u64) -> Self {
        Self { seed }
    }

    /// The stream called `name` (`init`, `data`, `router`, `search`…), from its start.
    pub fn stream(&self, name: &str) -> Stream {
        self.stream_at(name, 0)
    }

    /// The `index`-th stream called `name`: for draws that belong to a step or a replicate.
    pub fn stream_at(&self, name: &str, index: u64) -> Stream {
        let mut digest = Sha256::new();
        digest.update(self.seed.to_le_bytes());
        digest.update((name.len() as u64).to_le_bytes());
        digest.update(name.as_bytes());
        digest.update(index.to_le_bytes());
        Stream { generator: ChaCha8Rng::from_seed(digest.finalize().into()), spare_normal: None }
    }
}

/// One random stream. It remembers how far it has been read, nothing else.
#[derive(Debug, Clone)]
pub struct Stream {
    generator: ChaCha8Rng,
    spare_normal: Option<f64>,
}

impl Stream {
    /// A uniform 64-bit integer.
    pub fn next_u64(&mut self) -> u64 {
        self.generator.next_u64()
    }

    /// A uniform integer below `bound`, without bias (Lemire's multiplication with rejection).
    ///
    /// # Panics
    /// If `bound` is 0: there is no such integer.
    pub fn below(&mut self, bound: usize) -> usize {
        assert!(bound > 0, "a draw below 0 was asked for");
        let bound = bound as u64;
        loop {
            let product = u128::from(self.next_u64()) * u128::from(bound);
            // The threshold is below the bound, so its division is seldom needed.
            if product as u64 >= bound || product as u64 >= bound.wrapping_neg() % bound {
                return (product >> 64) as usize;
            }
        }
    }

    /// A uniform number in `[0, 1)` with 53 random bits.
    pub fn unit(&mut self) -> f64 {
        (self.next_u64() >> 11) as f64 * (1.0 / (1u64 << 53) as f64)
    }

    /// A uniform number in `[low, high)`.
    pub fn uniform(&mut self, low: f64, high: f64) -> f64 {
        low + (high - low) * self.unit()
    }

    /// A standard normal number (Box and Muller's polar form is avoided: it would read a random number of draws).
    pub fn normal(&mut self) -> f64 {
        if let Some(spare) = self.spare_normal.take() {
            return spare;
        }
        let radius = libm::sqrt(-2.0 * libm::log(1.0 - self.unit()));
        let angle = std::f64::consts::TAU * self.unit();
        self.spare_normal = Some(radius * libm::sin(angle));
        radius * libm::cos(angle)
    }

    /// One of `items`, uniformly; `None` when there are none.
    pub fn choose<'a, T>(&mut self, items: &'a [T]) -> Option<&'a T> {
        if items.is_empty() { None } else { Some(&items[self.below(items.len())]) }
    }

    /// Shuffles `items` in place (Fisher and Yates).
    pub fn shuffle<T>(&mut self, items: &mut [T]) {
        for last in (1..items.len()).rev() {
            items.swap(last, self.below(last + 1));
        }
    }

    /// A uniform permutation of `0..count`.
    pub fn permutation(&mut self, count: usize) -> Vec<usize> {
        let mut order: Vec<usize> = (0..count).collect();
        self.shuffle(&mut order);
        order
    }

    /// `count` standard normal numbers times `deviation`, as single precision.
    pub fn normals(&mut self, count: usize, deviation: f64) -> Vec<f32> {
        (0..count).map(|_| (self.normal() * deviation) as f32).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn integers_are_fixed_for_every_platform() {
        let mut stream = Streams::new(7).stream("init");
        let drawn = [stream.next_u64(), stream.next_u64(), stream.next_u64()];
        assert_eq!(drawn, GOLDEN, "drawn {drawn:?}");
    }

    #[test]
    fn names_indices_and_seeds_give_different_streams() {
        let first = |seed, name, index| Streams::new(seed).stream_at(name, index).next_u64();
        let all = [first(1, "a", 0), first(2, "a", 0), first(1, "b", 0), first(1, "a", 1)];
        for i in 0..all.len() {
            for j in 0..i {
                assert_ne!(all[i], all[j]);
            }
        }
        assert_eq!(first(1, "a", 0), first(1, "a", 0));
    }

    #[test]
    fn below_is_uniform_and_bounded() {
        let mut stream = Streams::new(0).stream("test");
        let mut counts = [0usize; 7];
        for _ in 0..70_000 {
            counts[stream.below(7)] += 1;
        }
        // Chi-square with 6 degrees of freedom: 22.5 is the 0.1% point.
        let chi_square: f64 = counts.iter().map(|&c| (c as f64 - 1e4).powi(2) / 1e4).sum();
        assert!(chi_square < 22.5, "{counts:?}");
    }

    #[test]
    fn normals_have_mean_zero_and_variance_one() {
        let drawn = Streams::new(3).stream("test").normals(20_000, 1.0);
        let mean = drawn.iter().map(|&x| f64::from(x)).sum::<f64>() / 2e4;
        let variance = drawn.iter().map(|&x| f64::from(x).powi(2)).sum::<f64>() / 2e4;
        assert!(mean.abs() < 0.03 && (variance - 1.0).abs() < 0.05, "{mean} {variance}");
    }

    #[test]
    fn a_permutation_holds_every_index_once() {
        let mut order = Streams::new(3).stream("test").permutation(100);
        assert_ne!(order, (0..100).collect::<Vec<_>>());
        order.sort_unstable();
        assert_eq!(order, (0..100).collect::<Vec<_>>());
    }

    const GOLDEN: [u64; 3] = [7_793_651_769_750_998_230, 10_970_847_511_275_387_179, 245_971_708_014_741_796];
}
