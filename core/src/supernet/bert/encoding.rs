//! How a router sees an architecture of a masked language model: a short vector of numbers.

use serde::{Deserialize, Serialize};

use super::{BertArchitecture, BertSpace};

/// The encodings.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum BertEncoding {
    /// The paper's. With bottlenecks: the width `w` of every layer as `(w - least) / (most - least) + 0.01`. Without: width,
    /// heads, feed-forward width and, where they differ, layers, each divided by its largest value.
    PerLayer,
    /// The mean over layers: architectures whose mean width is equal share their weights. The same as [`Self::PerLayer`]
    /// where all layers are alike.
    Aggregate,
    /// A one for every choice that was made, zeros elsewhere.
    OneHot,
    /// 0.5 everywhere, as many as [`Self::PerLayer`]: the control that has the mixture's capacity and no information on the
    /// architecture.
    Constant,
}

impl BertEncoding {
    /// How many numbers it gives in this space (`p`).
    pub fn length(self, space: &BertSpace) -> usize {
        self.encode(space, &space.smallest()).len()
    }

    /// The encoding of an architecture of the space.
    pub fn encode(self, space: &BertSpace, architecture: &BertArchitecture) -> Vec<f32> {
        match self {
            Self::PerLayer => choices(space, architecture),
            Self::Constant => vec![0.5; choices(space, architecture).len()],
            Self::Aggregate => {
                let choices = choices(space, architecture);
                match space {
                    BertSpace::Bottlenecks(_) => vec![choices.iter().sum::<f32>() / choices.len() as f32],
                    BertSpace::Homogeneous(_) => choices,
                }
            }
            Self::OneHot => {
                let hot = |(list, value): (&[usize], usize)| {
                    list.iter().map(|other| f32::from(u8::from(*other == value))).collect::<Vec<f32>>()
                };
                space.genes().into_iter().zip(space.values(architecture)).flat_map(hot).collect()
            }
        }
    }
}

/// What the paper's routers read.
fn choices(space: &BertSpace, architecture: &BertArchitecture) -> Vec<f32> {
    match space {
        BertSpace::Bottlenecks(space) => {
            let (least, most) = (space.widths[0], space.widths[space.widths.len() - 1]);
            let span = (most - least).max(1) as f32;
            architecture.widths().into_iter().map(|width| (width - least) as f32 / span + 0.01).collect()
        }
        BertSpace::Homogeneous(homogeneous) => {
            let largest = space.largest();
            let share = |part: usize, whole: usize| part as f32 / whole as f32;
            let mut code = vec![
                share(architecture.hidden, largest.hidden),
                share(architecture.heads, largest.heads),
                share(architecture.ffn, largest.ffn),
            ];
            if homogeneous.layers.len() > 1 {
                code.push(share(architecture.depth(), largest.depth()));
            }
            code
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::supernet::bert::space::tests::spaces;

    #[test]
    fn the_papers_encodings_of_extremes_are_what_its_formulas_give() {
        let space = BertSpace::supershaper();
        let code = |architecture| BertEncoding::PerLayer.encode(&space, &architecture);
        assert_eq!(code(space.largest()), [1.01; 12]);
        assert_eq!(code(space.smallest()), [0.01; 12]);
        let space = BertSpace::homogeneous_840();
        assert_eq!(BertEncoding::PerLayer.encode(&space, &space.largest()), [1.0; 4]);
        let least = BertEncoding::PerLayer.encode(&space, &space.smallest());
        assert_eq!(least, [120.0 / 768.0, 0.5, 240.0 / 3072.0, 0.5]);
        assert_eq!(BertEncoding::PerLayer.length(&BertSpace::homogeneous_550()), 3);
    }

    #[test]
    fn whole_encodings_tell_every_two_architectures_apart_and_means_of_widths_do_not() {
        for space in spaces() {
            let all = space.enumerate(1000).expect("small");
            let distinct = |encoding: BertEncoding| {
                let bits = |numbers: Vec<f32>| numbers.into_iter().map(f32::to_bits).collect::<Vec<_>>();
                let codes: BTreeSet<_> = all.iter().map(|a| bits(encoding.encode(&space, a))).collect();
                assert!(codes.iter().all(|code| code.len() == encoding.length(&space)));
                codes.len()
            };
            assert_eq!(distinct(BertEncoding::PerLayer), all.len());
            assert_eq!(distinct(BertEncoding::OneHot), all.len());
            assert_eq!(distinct(BertEncoding::Constant), 1);
            let means = distinct(BertEncoding::Aggregate);
            assert_eq!(means < all.len(), matches!(space, BertSpace::Bottlenecks(_)));
        }
    }
}
