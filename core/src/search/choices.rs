//! The plainest space: a list of independent choices, each among a number of values. Tabular benchmarks are of this
//! kind (NAS-Bench-Macro: eight layers, three operations each).

use super::Space;
use crate::rng::Stream;
use crate::{Error, Result};

/// Points `[v_1, ..., v_n]` with `v_i` in `0..sizes[i]`; every gene is independent of the others.
///
/// ```
/// use switchyard::rng::Streams;
/// use switchyard::search::{Choices, Space};
///
/// let space = Choices::new(vec![3; 8])?;
/// assert_eq!(space.size(), 6561);
/// let point = space.sample(&mut Streams::new(1).stream("search"));
/// assert!(point.len() == 8 && point.iter().all(|value| *value < 3));
/// # Ok::<(), switchyard::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Choices {
    sizes: Vec<usize>,
    /// The genes that can change.
    free: Vec<usize>,
}

impl Choices {
    /// The space of these numbers of values.
    ///
    /// # Errors
    /// [`Error::Inconsistent`] when a choice has no value.
    pub fn new(sizes: Vec<usize>) -> Result<Self> {
        if let Some(gene) = sizes.iter().position(|&size| size == 0) {
            let problem =
                format!("choice {gene} (counted from 0) has no value to choose; give it at least one");
            return Err(Error::Inconsistent { key: "sizes".to_owned(), problem });
        }
        let free = (0..sizes.len()).filter(|&gene| sizes[gene] > 1).collect();
        Ok(Self { sizes, free })
    }

    /// How many values each choice has.
    pub fn sizes(&self) -> &[usize] {
        &self.sizes
    }

    /// How many points there are; the largest number there is when there are more.
    pub fn size(&self) -> u128 {
        self.sizes.iter().fold(1u128, |points, &size| points.saturating_mul(size as u128))
    }
}

impl Space for Choices {
    type Point = Vec<usize>;

    fn sample(&self, stream: &mut Stream) -> Vec<usize> {
        self.sizes.iter().map(|&size| stream.below(size)).collect()
    }

    fn mutate(&self, point: &Vec<usize>, probability: f64, stream: &mut Stream) -> Vec<usize> {
        let genes = point.iter().zip(&self.sizes);
        genes
            .map(|(&old, &size)| if stream.unit() < probability { stream.below(size) } else { old })
            .collect()
    }

    fn crossover(&self, one: &Vec<usize>, other: &Vec<usize>, stream: &mut Stream) -> Vec<usize> {
        one.iter().zip(other).map(|(&a, &b)| if stream.below(2) == 0 { a } else { b }).collect()
    }

    fn neighbour(&self, point: &Vec<usize>, stream: &mut Stream) -> Vec<usize> {
        let mut changed = point.clone();
        if let Some(&gene) = stream.choose(&self.free) {
            // One of the other values: those from the old one on move up by one.
            let drawn = stream.below(self.sizes[gene] - 1);
            changed[gene] = if drawn < point[gene] { drawn } else { drawn + 1 };
        }
        changed
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::*;
    use crate::rng::Streams;

    fn differences(one: &[usize], other: &[usize]) -> usize {
        one.iter().zip(other).filter(|(a, b)| a != b).count()
    }

    #[test]
    fn every_neighbour_is_drawn_and_a_single_point_is_its_own() {
        let space = Choices::new(vec![3, 1, 4]).expect("values");
        let stream = &mut Streams::new(1).stream("test");
        let drawn: BTreeSet<_> = (0..500).map(|_| space.neighbour(&vec![1, 0, 2], stream)).collect();
        assert_eq!(drawn.len(), 2 + 3);
        let single = Choices::new(vec![1, 1]).expect("values");
        assert_eq!(single.neighbour(&vec![0, 0], stream), [0, 0]);
        assert!(Choices::new(vec![2, 0]).is_err_and(|error| error.to_string().contains("choice 1")));
    }

    #[test]
    fn genes_are_drawn_anew_and_crossed_as_often_as_they_should() {
        let space = Choices::new(vec![4; 10_000]).expect("values");
        let stream = &mut Streams::new(2).stream("test");
        let (zeros, ones) = (vec![0; 10_000], vec![1; 10_000]);
        // Drawn anew with 0.3, and another value with 3/4: 2,250 with a deviation of 42.
        let mutated = differences(&zeros, &space.mutate(&zeros, 0.3, stream));
        assert!(mutated.abs_diff(2250) < 170, "{mutated}");
        let crossed = differences(&zeros, &space.crossover(&zeros, &ones, stream));
        assert!(crossed.abs_diff(5000) < 200, "{crossed}");
        assert_eq!(space.mutate(&ones, 0.0, stream), ones);
    }

    proptest! {
        #[test]
        fn every_new_point_is_in_the_space(sizes in prop::collection::vec(1usize..5, 0..6), seed in any::<u64>()) {
            let space = Choices::new(sizes.clone()).expect("values");
            let stream = &mut Streams::new(seed).stream("test");
            let (one, other) = (space.sample(stream), space.sample(stream));
            let child = space.crossover(&one, &other, stream);
            prop_assert!((0..sizes.len()).all(|gene| child[gene] == one[gene] || child[gene] == other[gene]));
            let neighbour = space.neighbour(&one, stream);
            prop_assert_eq!(differences(&one, &neighbour), usize::from(space.size() > 1));
            let mutated = space.mutate(&one, 0.5, stream);
            for point in [one, other, child, neighbour, mutated] {
                prop_assert!(point.len() == sizes.len() && point.iter().zip(&sizes).all(|(value, size)| value < size));
            }
        }
    }
}
