//! How a router sees an architecture: a short vector of numbers.

use serde::{Deserialize, Serialize};

use super::{Architecture, SearchSpace};

/// The encodings of Mixture-of-Supernets (section 3 of the paper; `coarse` and `fine` in its code).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Encoding {
    /// Width, depth, every layer's inner width (0 where there is no layer), activation: tells every two
    /// architectures apart.
    PerLayer,
    /// Width, depth, mean inner width, activation: architectures with equal means share their weights.
    Aggregate,
    /// The constant 0.5 everywhere: the control that has the mixture's capacity and no information on the
    /// architecture (`fixed_hypernet_input` in the paper's code).
    Constant,
}

impl Encoding {
    /// How many numbers it gives in this space (`p`).
    pub fn length(self, space: &SearchSpace) -> usize {
        let activation = usize::from(space.activations.len() > 1);
        match self {
            Encoding::PerLayer | Encoding::Constant => 2 + space.max_depth() + activation,
            Encoding::Aggregate => 3 + activation,
        }
    }

    /// The encoding of `architecture`, each number divided by its largest value in the space.
    pub fn encode(self, space: &SearchSpace, architecture: &Architecture) -> Vec<f32> {
        if self == Encoding::Constant {
            return vec![0.5; self.length(space)];
        }
        let share = |part: usize, whole: usize| part as f32 / whole as f32;
        let mut code = vec![
            share(architecture.width, space.max_width()),
            share(architecture.depth(), space.max_depth()),
        ];
        let total: usize = architecture.ffn.iter().sum();
        match self {
            Encoding::Aggregate => code.push(share(total, space.max_ffn() * architecture.depth())),
            _ => code.extend((0..space.max_depth()).map(|layer| {
                architecture.ffn.get(layer).map_or(0.0, |inner| share(*inner, space.max_ffn()))
            })),
        }
        if space.activations.len() > 1 {
            let position =
                space.activations.iter().position(|activation| *activation == architecture.activation);
            code.push(share(position.unwrap_or(0), space.activations.len() - 1));
        }
        code
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::supernet::space::tests::space;

    #[test]
    fn per_layer_tells_every_two_architectures_apart_and_aggregate_does_not() {
        let space = space();
        let all = space.enumerate(1000).expect("small");
        let distinct = |encoding: Encoding| {
            let mut codes: Vec<Vec<u32>> = all
                .iter()
                .map(|architecture| {
                    encoding.encode(&space, architecture).iter().map(|x| x.to_bits()).collect()
                })
                .collect();
            assert!(codes.iter().all(|code| code.len() == encoding.length(&space)));
            codes.sort();
            codes.dedup();
            codes.len()
        };
        assert_eq!(distinct(Encoding::PerLayer), all.len());
        assert!(distinct(Encoding::Aggregate) < all.len());
        assert_eq!(distinct(Encoding::Constant), 1);
    }
}
