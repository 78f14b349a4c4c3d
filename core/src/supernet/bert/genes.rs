//! A masked language model's search space for strategies: genes that are drawn, changed and crossed.

use super::{BertArchitecture, BertSpace};
use crate::rng::Stream;
use crate::search::Space;
use crate::supernet::transformer::genes::{any, other};

impl Space for BertSpace {
    type Point = BertArchitecture;

    fn sample(&self, stream: &mut Stream) -> Self::Point {
        BertSpace::sample(self, stream)
    }

    fn mutate(&self, point: &Self::Point, probability: f64, stream: &mut Stream) -> Self::Point {
        let mut values = self.values(point);
        for (value, list) in values.iter_mut().zip(self.genes()) {
            if stream.unit() < probability {
                *value = any(list, stream);
            }
        }
        self.with(&values)
    }

    fn crossover(&self, one: &Self::Point, other: &Self::Point, stream: &mut Stream) -> Self::Point {
        let pairs = self.values(one).into_iter().zip(self.values(other));
        let child: Vec<usize> = pairs.map(|(a, b)| if stream.below(2) == 0 { a } else { b }).collect();
        self.with(&child)
    }

    fn neighbour(&self, point: &Self::Point, stream: &mut Stream) -> Self::Point {
        let (mut values, genes) = (self.values(point), self.genes());
        let open: Vec<usize> = (0..genes.len()).filter(|gene| genes[*gene].len() > 1).collect();
        if let Some(gene) = stream.choose(&open) {
            values[*gene] = other(genes[*gene], values[*gene], stream);
        }
        self.with(&values)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::rng::Streams;
    use crate::search::{StrategyConfig, strategy};
    use crate::supernet::bert::size::parameters;
    use crate::supernet::bert::space::tests::spaces;

    proptest! {
        #[test]
        fn every_child_is_in_the_space_and_a_neighbour_differs_in_one_gene(seed in 0u64..100_000, rate in 0.0f64..=1.0) {
            for space in spaces() {
                let stream = &mut Streams::new(seed).stream("search");
                let (a, b) = (Space::sample(&space, stream), Space::sample(&space, stream));
                let mutant = space.mutate(&a, rate, stream);
                let crossed = space.crossover(&a, &b, stream);
                let near = space.neighbour(&a, stream);
                for child in [&mutant, &crossed, &near] {
                    prop_assert!(space.check(child).is_ok(), "{}", child);
                }
                let distance = space.values(&a).iter().zip(space.values(&near)).filter(|(a, b)| **a != *b).count();
                prop_assert_eq!(distance, 1, "{} and {}", a, near);
                prop_assert_eq!(space.mutate(&a, 0.0, stream), a.clone());
                prop_assert_eq!(space.crossover(&a, &a, stream), a);
            }
        }
    }

    #[test]
    fn strategies_find_a_network_near_a_size() {
        let space = BertSpace::supershaper();
        let size = |a: &BertArchitecture| parameters(a, 30_000, 128) as f64;
        let (low, high) = (size(&space.smallest()), size(&space.largest()));
        let wanted = low + 0.4 * (high - low);
        for name in ["random", "evolution", "regularised-evolution", "local-search"] {
            let config =
                StrategyConfig { population: Some(20), iterations: Some(10), ..StrategyConfig::default() };
            let mut search = strategy::<BertSpace>(name, &config, Streams::new(4)).expect("known");
            let mut best = f64::MAX;
            for _ in 0..40 {
                let asked = search.ask(&space, &|_| true).expect("all are feasible");
                let told: Vec<_> = asked
                    .into_iter()
                    .map(|candidate| {
                        let loss = (size(&candidate.point) - wanted).abs() / (high - low);
                        candidate.evaluated(loss)
                    })
                    .collect();
                best = told.iter().map(|one| one.loss).fold(best, f64::min);
                search.tell(&told).expect("they were asked");
            }
            assert!(best < 0.05, "{name}: {best}");
        }
    }
}
