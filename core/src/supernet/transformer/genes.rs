//! A transformer's search space for strategies: genes that are drawn, changed and crossed.
//!
//! The genes are HAT's: both widths, both depths, and for every layer of the largest network its feed-forward width, heads,
//! heads of cross attention and encoder layers attended to. Genes of layers that an architecture lacks are not kept with it;
//! where a change of depth adds layers, their genes are drawn.

use super::{DecoderLayer, EncoderLayer, TransformerArchitecture, TransformerSpace};
use crate::rng::Stream;
use crate::search::Space;

/// Any of the list's entries.
pub(in crate::supernet) fn any(list: &[usize], stream: &mut Stream) -> usize {
    list[stream.below(list.len())]
}

/// One of the list's other entries; the same one where there is no other.
pub(in crate::supernet) fn other(list: &[usize], now: usize, stream: &mut Stream) -> usize {
    let others: Vec<usize> = list.iter().copied().filter(|entry| *entry != now).collect();
    if others.is_empty() { now } else { any(&others, stream) }
}

impl TransformerSpace {
    fn encoder_layer(&self, stream: &mut Stream) -> EncoderLayer {
        EncoderLayer { ffn: any(&self.encoder.ffn, stream), heads: any(&self.encoder.heads, stream) }
    }

    fn decoder_layer(&self, stream: &mut Stream) -> DecoderLayer {
        DecoderLayer {
            ffn: any(&self.decoder.ffn, stream),
            heads: any(&self.decoder.heads, stream),
            cross_heads: any(&self.cross_heads, stream),
            attend: any(&self.attend, stream),
        }
    }

    /// Gives an architecture these depths: layers at the top go, or are drawn.
    fn resized(
        &self,
        mut architecture: TransformerArchitecture,
        [below, above]: [usize; 2],
        stream: &mut Stream,
    ) -> TransformerArchitecture {
        architecture.encoder.truncate(below);
        while architecture.encoder.len() < below {
            architecture.encoder.push(self.encoder_layer(stream));
        }
        architecture.decoder.truncate(above);
        while architecture.decoder.len() < above {
            architecture.decoder.push(self.decoder_layer(stream));
        }
        architecture
    }

    /// How many genes of an architecture have another value to take.
    fn open_genes(&self, architecture: &TransformerArchitecture) -> Vec<Gene> {
        let mut genes = Vec::new();
        let mut add = |gene: Gene, list: &[usize]| {
            if list.len() > 1 {
                genes.push(gene);
            }
        };
        add(Gene::EncoderWidth, &self.encoder.widths);
        add(Gene::EncoderDepth, &self.encoder.depths);
        add(Gene::DecoderWidth, &self.decoder.widths);
        add(Gene::DecoderDepth, &self.decoder.depths);
        for layer in 0..architecture.encoder.len() {
            add(Gene::EncoderFfn(layer), &self.encoder.ffn);
            add(Gene::EncoderHeads(layer), &self.encoder.heads);
        }
        for layer in 0..architecture.decoder.len() {
            add(Gene::DecoderFfn(layer), &self.decoder.ffn);
            add(Gene::DecoderHeads(layer), &self.decoder.heads);
            add(Gene::CrossHeads(layer), &self.cross_heads);
            add(Gene::Attend(layer), &self.attend);
        }
        genes
    }
}

/// One choice of an architecture.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Gene {
    EncoderWidth,
    EncoderDepth,
    DecoderWidth,
    DecoderDepth,
    EncoderFfn(usize),
    EncoderHeads(usize),
    DecoderFfn(usize),
    DecoderHeads(usize),
    CrossHeads(usize),
    Attend(usize),
}

impl Space for TransformerSpace {
    type Point = TransformerArchitecture;

    fn sample(&self, stream: &mut Stream) -> Self::Point {
        TransformerSpace::sample(self, stream)
    }

    fn mutate(&self, point: &Self::Point, probability: f64, stream: &mut Stream) -> Self::Point {
        let hit = |stream: &mut Stream| stream.unit() < probability;
        let mut child = point.clone();
        let mut depths = [child.encoder.len(), child.decoder.len()];
        for (value, list) in [
            (&mut child.encoder_width, &self.encoder.widths),
            (&mut child.decoder_width, &self.decoder.widths),
            (&mut depths[0], &self.encoder.depths),
        ] {
            if hit(stream) {
                *value = any(list, stream);
            }
        }
        if hit(stream) {
            depths[1] = any(&self.decoder.depths, stream);
        }
        child = self.resized(child, depths, stream);
        let change = |value: &mut usize, list: &[usize], stream: &mut Stream| {
            if hit(stream) {
                *value = any(list, stream);
            }
        };
        for layer in &mut child.encoder {
            change(&mut layer.ffn, &self.encoder.ffn, stream);
            change(&mut layer.heads, &self.encoder.heads, stream);
        }
        for layer in &mut child.decoder {
            change(&mut layer.ffn, &self.decoder.ffn, stream);
            change(&mut layer.heads, &self.decoder.heads, stream);
            change(&mut layer.cross_heads, &self.cross_heads, stream);
            change(&mut layer.attend, &self.attend, stream);
        }
        child
    }

    fn crossover(&self, a: &Self::Point, b: &Self::Point, stream: &mut Stream) -> Self::Point {
        let first = |stream: &mut Stream| stream.below(2) == 0;
        let either = |of_a: usize, of_b: usize, stream: &mut Stream| if first(stream) { of_a } else { of_b };
        let encoder_width = either(a.encoder_width, b.encoder_width, stream);
        let decoder_width = either(a.decoder_width, b.decoder_width, stream);
        let below = either(a.encoder.len(), b.encoder.len(), stream);
        let above = either(a.decoder.len(), b.decoder.len(), stream);
        // A layer that only one of the two has is taken from it.
        let encoder = (0..below).map(|layer| match (a.encoder.get(layer), b.encoder.get(layer)) {
            (Some(a), Some(b)) => {
                EncoderLayer { ffn: either(a.ffn, b.ffn, stream), heads: either(a.heads, b.heads, stream) }
            }
            (one, another) => *one.or(another).expect("the child is as deep as one of the two"),
        });
        let encoder = encoder.collect();
        let decoder = (0..above).map(|layer| match (a.decoder.get(layer), b.decoder.get(layer)) {
            (Some(a), Some(b)) => DecoderLayer {
                ffn: either(a.ffn, b.ffn, stream),
                heads: either(a.heads, b.heads, stream),
                cross_heads: either(a.cross_heads, b.cross_heads, stream),
                attend: either(a.attend, b.attend, stream),
            },
            (one, another) => *one.or(another).expect("the child is as deep as one of the two"),
        });
        TransformerArchitecture { encoder_width, encoder, decoder_width, decoder: decoder.collect() }
    }

    fn neighbour(&self, point: &Self::Point, stream: &mut Stream) -> Self::Point {
        let genes = self.open_genes(point);
        let mut near = point.clone();
        let Some(gene) = stream.choose(&genes) else { return near };
        let (low, high) = (&self.encoder, &self.decoder);
        match *gene {
            Gene::EncoderWidth => near.encoder_width = other(&low.widths, near.encoder_width, stream),
            Gene::DecoderWidth => near.decoder_width = other(&high.widths, near.decoder_width, stream),
            Gene::EncoderDepth => {
                let depths = [other(&low.depths, near.encoder.len(), stream), near.decoder.len()];
                near = self.resized(near, depths, stream);
            }
            Gene::DecoderDepth => {
                let depths = [near.encoder.len(), other(&high.depths, near.decoder.len(), stream)];
                near = self.resized(near, depths, stream);
            }
            Gene::EncoderFfn(layer) => {
                let value = &mut near.encoder[layer].ffn;
                *value = other(&low.ffn, *value, stream);
            }
            Gene::EncoderHeads(layer) => {
                let value = &mut near.encoder[layer].heads;
                *value = other(&low.heads, *value, stream);
            }
            Gene::DecoderFfn(layer) => {
                let value = &mut near.decoder[layer].ffn;
                *value = other(&high.ffn, *value, stream);
            }
            Gene::DecoderHeads(layer) => {
                let value = &mut near.decoder[layer].heads;
                *value = other(&high.heads, *value, stream);
            }
            Gene::CrossHeads(layer) => {
                let value = &mut near.decoder[layer].cross_heads;
                *value = other(&self.cross_heads, *value, stream);
            }
            Gene::Attend(layer) => {
                let value = &mut near.decoder[layer].attend;
                *value = other(&self.attend, *value, stream);
            }
        }
        near
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::rng::Streams;
    use crate::search::{StrategyConfig, strategy};
    use crate::supernet::transformer::size::parameters;
    use crate::supernet::transformer::space::tests::space;

    /// In how many genes two architectures differ; layers that only one has count as one difference in depth.
    fn distance(a: &TransformerArchitecture, b: &TransformerArchitecture) -> usize {
        let differs = |a: usize, b: usize| usize::from(a != b);
        let encoder =
            a.encoder.iter().zip(&b.encoder).map(|(a, b)| differs(a.ffn, b.ffn) + differs(a.heads, b.heads));
        let decoder = a.decoder.iter().zip(&b.decoder).map(|(a, b)| {
            differs(a.ffn, b.ffn)
                + differs(a.heads, b.heads)
                + differs(a.cross_heads, b.cross_heads)
                + differs(a.attend, b.attend)
        });
        differs(a.encoder_width, b.encoder_width)
            + differs(a.decoder_width, b.decoder_width)
            + differs(a.encoder.len(), b.encoder.len())
            + differs(a.decoder.len(), b.decoder.len())
            + encoder.sum::<usize>()
            + decoder.sum::<usize>()
    }

    proptest! {
        #[test]
        fn every_child_is_in_the_space_and_a_neighbour_differs_in_one_gene(seed in 0u64..100_000, rate in 0.0f64..=1.0) {
            let (space, stream) = (space(), &mut Streams::new(seed).stream("search"));
            let (a, b) = (Space::sample(&space, stream), Space::sample(&space, stream));
            let mutant = space.mutate(&a, rate, stream);
            let crossed = space.crossover(&a, &b, stream);
            let near = space.neighbour(&a, stream);
            for child in [&mutant, &crossed, &near] {
                prop_assert!(space.check(child).is_ok(), "{}", child);
            }
            prop_assert_eq!(distance(&a, &near), 1, "{} and {}", a, near);
            prop_assert_eq!(space.mutate(&a, 0.0, stream), a.clone());
            prop_assert_eq!(space.crossover(&a, &a, stream), a.clone());
            let lone = space.only(&a);
            // A space of one network has no neighbours, but for heads that its layers choose differently.
            prop_assert!(lone.check(&lone.neighbour(&a, stream)).is_ok());
        }
    }

    #[test]
    fn strategies_find_a_network_near_a_size_under_a_limit() {
        let space = space();
        let loss = |a: &TransformerArchitecture| (parameters(a, space.inner, 11) as f64 - 2000.0).abs();
        let fits = |a: &TransformerArchitecture| a.decoder.len() == 1;
        for name in ["random", "evolution", "regularised-evolution", "local-search"] {
            let config =
                StrategyConfig { population: Some(20), iterations: Some(6), ..StrategyConfig::default() };
            let run = || {
                let mut search = strategy::<TransformerSpace>(name, &config, Streams::new(4)).expect("known");
                let mut found = Vec::new();
                while found.len() < 100 {
                    let asked = search.ask(&space, &fits).expect("there are feasible ones");
                    if asked.is_empty() {
                        break;
                    }
                    let told: Vec<_> = asked
                        .into_iter()
                        .map(|candidate| {
                            let loss = loss(&candidate.point);
                            candidate.evaluated(loss)
                        })
                        .collect();
                    assert!(told.iter().all(|one| fits(&one.point)), "{name}");
                    search.tell(&told).expect("they were asked");
                    found.extend(told);
                }
                found
            };
            let (first, second) = (run(), run());
            assert_eq!(first, second, "{name} repeats under a seed");
            let best = first.iter().map(|one| one.loss).fold(f64::MAX, f64::min);
            assert!(best < 150.0, "{name}: {best}");
        }
    }
}
