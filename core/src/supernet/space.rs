//! The search space of elastic residual multi-layer perceptrons: width, depth, per-layer inner width, activation,
//! and the position of one wide layer.

use super::{Activation, Architecture};
use crate::rng::Stream;
use crate::{Error, Result};

/// Which sub-networks exist. Every list is sorted, without duplicates and not empty.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SearchSpace {
    /// Input features.
    pub inputs: usize,
    /// Classes.
    pub outputs: usize,
    /// Widths of the residual stream.
    pub widths: Vec<usize>,
    /// Numbers of blocks.
    pub depths: Vec<usize>,
    /// Inner widths, chosen for each block on its own.
    pub ffn: Vec<usize>,
    /// An inner width that at most one block of a sub-network may have: where it stands is a choice that changes
    /// neither parameters nor FLOPs.
    pub wide_ffn: Option<usize>,
    /// Activations.
    pub activations: Vec<Activation>,
}

impl SearchSpace {
    /// Sorts the lists and checks the space.
    ///
    /// # Errors
    /// [`Error::Inconsistent`] naming the field when a list is empty, holds a zero or a duplicate, or when the wide
    /// inner width is not larger than every other.
    pub fn checked(mut self) -> Result<Self> {
        let problem =
            |key: &str, problem: &str| Error::Inconsistent { key: key.into(), problem: problem.into() };
        for (key, list) in [
            ("space.widths", &mut self.widths),
            ("space.depths", &mut self.depths),
            ("space.ffn", &mut self.ffn),
        ] {
            list.sort_unstable();
            if list.is_empty() || list[0] == 0 {
                return Err(problem(key, "give at least one number, each 1 or more"));
            }
            if list.windows(2).any(|pair| pair[0] == pair[1]) {
                return Err(problem(key, "a number is given twice; keep one of them"));
            }
        }
        self.activations.sort_unstable();
        if self.activations.is_empty() || self.activations.windows(2).any(|pair| pair[0] == pair[1]) {
            return Err(problem("space.activations", "give at least one activation, each once"));
        }
        if self.wide_ffn.is_some_and(|wide| wide <= self.ffn[self.ffn.len() - 1]) {
            return Err(problem(
                "space.wide_ffn",
                "the wide layer must be wider than every entry of `space.ffn`",
            ));
        }
        if self.inputs == 0 || self.outputs == 0 {
            return Err(problem("data", "a space needs at least one input and one output"));
        }
        Ok(self)
    }

    /// The space that holds `architecture` alone: a standalone network.
    pub fn only(&self, architecture: &Architecture) -> Self {
        let mut ffn = architecture.ffn.clone();
        ffn.sort_unstable();
        ffn.dedup();
        Self {
            inputs: self.inputs,
            outputs: self.outputs,
            widths: vec![architecture.width],
            depths: vec![architecture.depth()],
            ffn,
            wide_ffn: None,
            activations: vec![architecture.activation],
        }
    }

    /// The largest width.
    pub fn max_width(&self) -> usize {
        self.widths[self.widths.len() - 1]
    }

    /// The largest depth.
    pub fn max_depth(&self) -> usize {
        self.depths[self.depths.len() - 1]
    }

    /// The largest inner width, the wide layer's included.
    pub fn max_ffn(&self) -> usize {
        self.wide_ffn.unwrap_or(self.ffn[self.ffn.len() - 1])
    }

    /// How many sub-networks there are, exactly: `|widths| |activations| Σ_D (F^D + D F^(D-1))`, the second term
    /// for the positions of a wide layer when there is one.
    pub fn size(&self) -> u128 {
        let choices = self.ffn.len() as u128;
        let stacks: u128 = self
            .depths
            .iter()
            .map(|&depth| {
                let narrow = choices.pow(depth as u32);
                let one_wide =
                    if self.wide_ffn.is_some() { depth as u128 * choices.pow(depth as u32 - 1) } else { 0 };
                narrow + one_wide
            })
            .sum();
        self.widths.len() as u128 * self.activations.len() as u128 * stacks
    }

    /// The largest sub-network: everything at its maximum, the wide layer first.
    pub fn largest(&self) -> Architecture {
        let mut ffn = vec![self.ffn[self.ffn.len() - 1]; self.max_depth()];
        if let Some(wide) = self.wide_ffn {
            ffn[0] = wide;
        }
        Architecture { width: self.max_width(), activation: self.activations[0], ffn }
    }

    /// The smallest sub-network.
    pub fn smallest(&self) -> Architecture {
        Architecture {
            width: self.widths[0],
            activation: self.activations[0],
            ffn: vec![self.ffn[0]; self.depths[0]],
        }
    }

    /// A sub-network with every choice uniform and independent (so depth is uniform, not the architecture; as in
    /// HAT). The wide layer stands nowhere or at one of the blocks, each with equal chance.
    pub fn sample(&self, stream: &mut Stream) -> Architecture {
        let width = self.widths[stream.below(self.widths.len())];
        let depth = self.depths[stream.below(self.depths.len())];
        let activation = self.activations[stream.below(self.activations.len())];
        let mut ffn: Vec<usize> = (0..depth).map(|_| self.ffn[stream.below(self.ffn.len())]).collect();
        if let Some(wide) = self.wide_ffn {
            let position = stream.below(depth + 1);
            if position < depth {
                ffn[position] = wide;
            }
        }
        Architecture { width, activation, ffn }
    }

    /// Checks that `architecture` is a point of this space.
    ///
    /// # Errors
    /// [`Error::InvalidArchitecture`] naming the field, its value and what is allowed.
    pub fn check(&self, architecture: &Architecture) -> Result<()> {
        let refuse = |what: &str, found: String, allowed: String| {
            Err(Error::InvalidArchitecture { problem: format!("{what} {found}, allowed: {allowed}") })
        };
        if !self.widths.contains(&architecture.width) {
            return refuse("width", architecture.width.to_string(), list(&self.widths));
        }
        if !self.depths.contains(&architecture.depth()) {
            return refuse("depth", architecture.depth().to_string(), list(&self.depths));
        }
        if !self.activations.contains(&architecture.activation) {
            let allowed = self.activations.iter().map(|activation| activation.name()).collect::<Vec<_>>();
            return refuse("activation", architecture.activation.name().to_owned(), allowed.join(", "));
        }
        let wide = architecture.ffn.iter().filter(|inner| Some(**inner) == self.wide_ffn).count();
        if wide > 1 {
            return refuse("wide layers", wide.to_string(), "at most 1".to_owned());
        }
        match architecture
            .ffn
            .iter()
            .find(|inner| !self.ffn.contains(inner) && Some(**inner) != self.wide_ffn)
        {
            Some(inner) => refuse("inner width", inner.to_string(), list(&self.ffn)),
            None => Ok(()),
        }
    }

    /// Every sub-network in a fixed order, when there are at most `limit`.
    pub fn enumerate(&self, limit: usize) -> Option<Vec<Architecture>> {
        if self.size() > limit as u128 {
            return None;
        }
        let mut all = Vec::new();
        for &width in &self.widths {
            for &activation in &self.activations {
                for &depth in &self.depths {
                    for ffn in self.stacks(depth) {
                        all.push(Architecture { width, activation, ffn });
                    }
                }
            }
        }
        Some(all)
    }

    /// Every stack of `depth` inner widths with at most one wide layer.
    fn stacks(&self, depth: usize) -> Vec<Vec<usize>> {
        let mut stacks = vec![Vec::new()];
        for _ in 0..depth {
            stacks = stacks
                .iter()
                .flat_map(|stack: &Vec<usize>| {
                    let has_wide = stack.iter().any(|inner| Some(*inner) == self.wide_ffn);
                    let wide = self.wide_ffn.filter(|_| !has_wide);
                    self.ffn
                        .iter()
                        .copied()
                        .chain(wide)
                        .map(move |inner| [stack.as_slice(), &[inner]].concat())
                })
                .collect();
        }
        stacks
    }
}

fn list(numbers: &[usize]) -> String {
    numbers.iter().map(usize::to_string).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
pub(crate) mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::rng::Streams;

    /// The pilot's space with a wide layer and two activations.
    pub(crate) fn space() -> SearchSpace {
        SearchSpace {
            inputs: 6,
            outputs: 4,
            widths: vec![4, 8],
            depths: vec![1, 2, 3],
            ffn: vec![2, 6],
            wide_ffn: Some(10),
            activations: vec![Activation::Relu, Activation::SquaredRelu],
        }
        .checked()
        .expect("the test space is valid")
    }

    #[test]
    fn the_pilots_space_has_78_architectures() {
        let pilot = SearchSpace {
            widths: vec![12, 32],
            ffn: vec![8, 24, 64],
            wide_ffn: None,
            activations: vec![Activation::Relu],
            ..space()
        };
        assert_eq!(pilot.size(), 78);
    }

    #[test]
    fn a_repeated_or_empty_choice_is_refused_by_name() {
        let twice = SearchSpace { widths: vec![4, 4], ..space() }.checked();
        assert!(twice.is_err_and(|error| error.to_string().contains("space.widths")));
        let narrow = SearchSpace { wide_ffn: Some(6), ..space() }.checked();
        assert!(narrow.is_err_and(|error| error.to_string().contains("space.wide_ffn")));
    }

    proptest! {
        #[test]
        fn size_counts_exactly_what_enumerate_lists(
            widths in 1usize..3, depths in 1usize..4, ffn in 1usize..4, wide in any::<bool>(),
        ) {
            let space = SearchSpace {
                widths: (1..=widths).collect(),
                depths: (1..=depths).collect(),
                ffn: (1..=ffn).collect(),
                wide_ffn: wide.then_some(9),
                ..space()
            };
            let all = space.enumerate(10_000).expect("small");
            prop_assert_eq!(all.len() as u128, space.size());
            let mut unique = all.clone();
            unique.sort();
            unique.dedup();
            prop_assert_eq!(unique.len(), all.len());
            prop_assert!(all.iter().all(|architecture| space.check(architecture).is_ok()));
            prop_assert!(all.contains(&space.largest()) && all.contains(&space.smallest()));
        }

        #[test]
        fn a_sample_is_in_the_space_and_seeds_repeat(seed in any::<u64>()) {
            let space = space();
            let drawn = space.sample(&mut Streams::new(seed).stream("architecture"));
            prop_assert!(space.check(&drawn).is_ok());
            prop_assert_eq!(drawn, space.sample(&mut Streams::new(seed).stream("architecture")));
        }
    }
}
