//! The search spaces of elastic masked language models, with every list the user's to set.

use super::{BertArchitecture, Layers};
use crate::rng::Stream;
use crate::supernet::transformer::space::sorted_choices;
use crate::{Error, Result};

/// Which sub-networks exist.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum BertSpace {
    /// Every layer has a width of its own between two bottlenecks (SuperShaper).
    Bottlenecks(BottleneckSpace),
    /// All layers are alike.
    Homogeneous(HomogeneousSpace),
}

/// A width for every layer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BottleneckSpace {
    /// Width of the stream between layers.
    pub hidden: usize,
    /// Heads of every layer: they share its width, whichever it is.
    pub heads: usize,
    /// Inner width of every feed-forward part.
    pub ffn: usize,
    /// How many layers there are.
    pub layers: usize,
    /// Widths in which a layer may work.
    pub widths: Vec<usize>,
}

/// One choice for all layers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HomogeneousSpace {
    /// Hidden widths.
    pub widths: Vec<usize>,
    /// Heads of every layer.
    pub heads: Vec<usize>,
    /// Inner widths of feed-forward parts in percent of the hidden width.
    pub ffn_percent: Vec<usize>,
    /// Numbers of layers.
    pub layers: Vec<usize>,
}

impl BertSpace {
    /// SuperShaper's, in which Mixture-of-Supernets searches: 7^12 sub-networks.
    pub fn supershaper() -> Self {
        Self::Bottlenecks(BottleneckSpace {
            hidden: 768,
            heads: 12,
            ffn: 3072,
            layers: 12,
            widths: vec![120, 240, 360, 480, 540, 600, 768],
        })
    }

    /// Mixture-of-Supernets' homogeneous space of 550: width, heads and feed-forward width.
    pub fn homogeneous_550() -> Self {
        Self::Homogeneous(HomogeneousSpace {
            widths: (120..=768).step_by(12).collect(),
            heads: vec![6, 12],
            ffn_percent: vec![200, 250, 300, 350, 400],
            layers: vec![12],
        })
    }

    /// The one of 840: fewer widths, and the number of layers is a choice too.
    pub fn homogeneous_840() -> Self {
        Self::Homogeneous(HomogeneousSpace {
            widths: (120..=768).step_by(24).collect(),
            heads: vec![6, 12],
            ffn_percent: vec![200, 250, 300, 350, 400],
            layers: vec![6, 9, 12],
        })
    }

    /// Sorts the lists and checks the space.
    ///
    /// # Errors
    /// [`Error::Inconsistent`] naming the field when a list is empty, holds a zero or a duplicate, when heads do not share a
    /// width evenly, a layer would be wider than its bottlenecks' outside, or a share of a width is no whole number.
    pub fn checked(mut self) -> Result<Self> {
        let problem = |key: &str, problem: String| Err(Error::Inconsistent { key: key.into(), problem });
        match &mut self {
            Self::Bottlenecks(space) => {
                sorted_choices("space.widths", &mut space.widths)?;
                let [hidden, heads] = [space.hidden, space.heads];
                for (key, number) in
                    [("space.heads", heads), ("space.ffn", space.ffn), ("space.layers", space.layers)]
                {
                    if number == 0 {
                        return problem(key, "give 1 or more".into());
                    }
                }
                if let Some(width) = space.widths.iter().find(|width| **width > hidden) {
                    let words = format!(
                        "a layer of width {width} is no bottleneck of a stream of {hidden}; lower it"
                    );
                    return problem("space.widths", words);
                }
                if let Some(width) = space.widths.iter().find(|width| !width.is_multiple_of(heads)) {
                    return problem(
                        "space.heads",
                        format!("{heads} heads do not share the width of {width} evenly"),
                    );
                }
            }
            Self::Homogeneous(space) => {
                for (key, list) in [
                    ("space.widths", &mut space.widths),
                    ("space.heads", &mut space.heads),
                    ("space.ffn_percent", &mut space.ffn_percent),
                    ("space.layers", &mut space.layers),
                ] {
                    sorted_choices(key, list)?;
                }
                for width in &space.widths {
                    if let Some(heads) = space.heads.iter().find(|heads| !width.is_multiple_of(**heads)) {
                        let words = format!("{heads} heads do not share the width of {width} evenly");
                        return problem("space.heads", words);
                    }
                    let uneven = |percent: &&usize| !(width * **percent).is_multiple_of(100);
                    if let Some(percent) = space.ffn_percent.iter().find(uneven) {
                        let words = format!("{percent} % of the width of {width} is no whole number");
                        return problem("space.ffn_percent", words);
                    }
                }
            }
        }
        Ok(self)
    }

    /// The space that holds `architecture` alone: a standalone network.
    pub fn only(&self, architecture: &BertArchitecture) -> Self {
        let BertArchitecture { hidden, heads, ffn, layers } = architecture;
        match layers {
            Layers::Bottlenecks(widths) => {
                let mut unique = widths.clone();
                unique.sort_unstable();
                unique.dedup();
                Self::Bottlenecks(BottleneckSpace {
                    hidden: *hidden,
                    heads: *heads,
                    ffn: *ffn,
                    layers: widths.len(),
                    widths: unique,
                })
            }
            Layers::Plain(depth) => Self::Homogeneous(HomogeneousSpace {
                widths: vec![*hidden],
                heads: vec![*heads],
                ffn_percent: vec![ffn * 100 / hidden],
                layers: vec![*depth],
            }),
        }
    }

    /// What is chosen, gene by gene: the width of every layer; or width, heads, percent of the width, and layers.
    pub(super) fn genes(&self) -> Vec<&[usize]> {
        match self {
            Self::Bottlenecks(space) => vec![space.widths.as_slice(); space.layers],
            Self::Homogeneous(HomogeneousSpace { widths, heads, ffn_percent, layers }) => {
                [widths, heads, ffn_percent, layers].map(Vec::as_slice).to_vec()
            }
        }
    }

    /// The values that an architecture of this space has taken, gene by gene.
    pub(super) fn values(&self, architecture: &BertArchitecture) -> Vec<usize> {
        let BertArchitecture { hidden, heads, ffn, layers } = architecture;
        match layers {
            Layers::Bottlenecks(widths) => widths.clone(),
            Layers::Plain(depth) => vec![*hidden, *heads, ffn * 100 / hidden, *depth],
        }
    }

    /// The architecture with these values.
    pub(super) fn with(&self, values: &[usize]) -> BertArchitecture {
        match self {
            Self::Bottlenecks(BottleneckSpace { hidden, heads, ffn, .. }) => BertArchitecture {
                hidden: *hidden,
                heads: *heads,
                ffn: *ffn,
                layers: Layers::Bottlenecks(values.to_vec()),
            },
            Self::Homogeneous(_) => BertArchitecture {
                hidden: values[0],
                heads: values[1],
                ffn: values[0] * values[2] / 100,
                layers: Layers::Plain(values[3]),
            },
        }
    }

    /// How many sub-networks there are, exactly: the product of the numbers of choices. Nothing when it is larger than a
    /// 128-bit number.
    pub fn size(&self) -> Option<u128> {
        self.genes().iter().try_fold(1u128, |size, list| size.checked_mul(list.len() as u128))
    }

    /// Every sub-network, where there are at most `most`.
    pub fn enumerate(&self, most: usize) -> Option<Vec<BertArchitecture>> {
        let size = self.size().filter(|size| *size <= most as u128)? as usize;
        let genes = self.genes();
        let at = |index: usize| {
            let mut left = index;
            let digit = |list: &&[usize]| {
                let value = list[left % list.len()];
                left /= list.len();
                value
            };
            self.with(&genes.iter().map(digit).collect::<Vec<_>>())
        };
        Some((0..size).map(at).collect())
    }

    /// The largest sub-network: everything at its maximum.
    pub fn largest(&self) -> BertArchitecture {
        self.with(&self.genes().iter().map(|list| list[list.len() - 1]).collect::<Vec<_>>())
    }

    /// The smallest sub-network.
    pub fn smallest(&self) -> BertArchitecture {
        self.with(&self.genes().iter().map(|list| list[0]).collect::<Vec<_>>())
    }

    /// A sub-network with every choice uniform and independent: every sub-network has the same chance.
    pub fn sample(&self, stream: &mut Stream) -> BertArchitecture {
        self.with(&self.genes().iter().map(|list| list[stream.below(list.len())]).collect::<Vec<_>>())
    }

    /// Which of `regions` runs of nearly equal length an architecture's size of choices falls into: the sum of its widths'
    /// ranks among the allowed ones. Few-shot supernets have weights for each region.
    pub fn region(&self, architecture: &BertArchitecture, regions: usize) -> usize {
        let rank = |list: &[usize], width: usize| list.iter().filter(|other| **other < width).count();
        let (sum, most) = match self {
            Self::Bottlenecks(space) => {
                let ranks = architecture.widths().into_iter().map(|width| rank(&space.widths, width));
                (ranks.sum::<usize>(), space.layers * (space.widths.len() - 1))
            }
            Self::Homogeneous(space) => (rank(&space.widths, architecture.hidden), space.widths.len() - 1),
        };
        sum * regions / (most + 1)
    }

    /// Checks that `architecture` is a point of this space.
    ///
    /// # Errors
    /// [`Error::InvalidArchitecture`] naming the field, its value and what is allowed.
    pub fn check(&self, architecture: &BertArchitecture) -> Result<()> {
        let check = |what: &str, found: usize, allowed: &[usize]| {
            if allowed.contains(&found) {
                return Ok(());
            }
            let allowed = allowed.iter().map(usize::to_string).collect::<Vec<_>>().join(", ");
            Err(Error::InvalidArchitecture { problem: format!("{what} {found}, allowed: {allowed}") })
        };
        let BertArchitecture { hidden, heads, ffn, layers } = architecture;
        match (self, layers) {
            (Self::Bottlenecks(space), Layers::Bottlenecks(widths)) => {
                check("hidden width", *hidden, &[space.hidden])?;
                check("heads", *heads, &[space.heads])?;
                check("feed-forward width", *ffn, &[space.ffn])?;
                check("layers", widths.len(), &[space.layers])?;
                widths.iter().try_for_each(|width| check("layer width", *width, &space.widths))
            }
            (Self::Homogeneous(space), Layers::Plain(depth)) => {
                check("hidden width", *hidden, &space.widths)?;
                check("heads", *heads, &space.heads)?;
                check("layers", *depth, &space.layers)?;
                let allowed: Vec<usize> =
                    space.ffn_percent.iter().map(|percent| hidden * percent / 100).collect();
                check("feed-forward width", *ffn, &allowed)
            }
            (Self::Bottlenecks(_), _) => Err(Error::InvalidArchitecture {
                problem: format!(
                    "`{architecture}` has plain layers, but layers of this space have bottlenecks"
                ),
            }),
            (Self::Homogeneous(_), _) => Err(Error::InvalidArchitecture {
                problem: format!("`{architecture}` has bottlenecks, but layers of this space are plain"),
            }),
        }
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::*;
    use crate::rng::Streams;

    /// Two small spaces, one of each kind.
    pub(crate) fn spaces() -> [BertSpace; 2] {
        let bottlenecks = BottleneckSpace { hidden: 8, heads: 2, ffn: 6, layers: 2, widths: vec![8, 4, 6] };
        let homogeneous = HomogeneousSpace {
            widths: vec![4, 8],
            heads: vec![1, 2],
            ffn_percent: vec![150, 100],
            layers: vec![1, 2],
        };
        [BertSpace::Bottlenecks(bottlenecks), BertSpace::Homogeneous(homogeneous)]
            .map(|space| space.checked().expect("the test spaces are valid"))
    }

    #[test]
    fn the_published_spaces_have_their_published_sizes() {
        let size = |space: BertSpace| space.checked().expect("published").size();
        assert_eq!(size(BertSpace::supershaper()), Some(7u128.pow(12)));
        assert_eq!(size(BertSpace::supershaper()), Some(13_841_287_201));
        assert_eq!(size(BertSpace::homogeneous_550()), Some(550));
        assert_eq!(size(BertSpace::homogeneous_840()), Some(840));
    }

    #[test]
    fn a_space_lists_each_of_its_architectures_once() {
        let published = [BertSpace::homogeneous_550(), BertSpace::homogeneous_840()];
        for space in spaces().into_iter().chain(published) {
            let all = space.enumerate(1000).expect("small");
            let unique: BTreeSet<_> = all.iter().collect();
            assert_eq!(unique.len() as u128, space.size().expect("small"));
            assert!(all.iter().all(|architecture| space.check(architecture).is_ok()));
            assert!(unique.contains(&space.largest()) && unique.contains(&space.smallest()));
        }
        assert_eq!(BertSpace::supershaper().enumerate(100_000), None);
    }

    #[test]
    fn regions_split_a_space_from_the_narrowest_to_the_widest() {
        for space in spaces() {
            let regions: BTreeSet<usize> =
                space.enumerate(1000).expect("small").iter().map(|a| space.region(a, 2)).collect();
            assert_eq!(regions, BTreeSet::from([0, 1]));
            assert_eq!((space.region(&space.smallest(), 2), space.region(&space.largest(), 2)), (0, 1));
        }
    }

    #[test]
    fn what_does_not_fit_is_refused_by_its_field() {
        let narrow = |change: &dyn Fn(&mut BottleneckSpace)| {
            let [BertSpace::Bottlenecks(mut space), _] = spaces() else { return String::new() };
            change(&mut space);
            BertSpace::Bottlenecks(space).checked().map(|_| ()).expect_err("refused").to_string()
        };
        let alike = |change: &dyn Fn(&mut HomogeneousSpace)| {
            let [_, BertSpace::Homogeneous(mut space)] = spaces() else { return String::new() };
            change(&mut space);
            BertSpace::Homogeneous(space).checked().map(|_| ()).expect_err("refused").to_string()
        };
        let cases = [
            (narrow(&|space| space.widths = vec![]), "`space.widths`: give at least one"),
            (narrow(&|space| space.widths = vec![4, 4]), "`space.widths`: 4 is given twice"),
            (
                narrow(&|space| space.widths = vec![10]),
                "a layer of width 10 is no bottleneck of a stream of 8",
            ),
            (narrow(&|space| space.heads = 4), "`space.heads`: 4 heads do not share the width of 6"),
            (narrow(&|space| space.layers = 0), "`space.layers`: give 1 or more"),
            (alike(&|space| space.heads = vec![3]), "`space.heads`: 3 heads do not share the width of 4"),
            (alike(&|space| space.ffn_percent = vec![110]), "110 % of the width of 4 is no whole number"),
        ];
        for (message, expected) in cases {
            assert!(message.contains(expected), "`{message}` should say `{expected}`");
        }
    }

    #[test]
    fn an_architecture_of_another_space_is_refused_by_what_differs() {
        let [narrow, alike] = spaces();
        let refused = |space: &BertSpace, text: &str| {
            space.check(&text.parse().expect("well formed")).expect_err(text).to_string()
        };
        for (message, expected) in [
            (refused(&narrow, "h8-2x6-b4.5"), "layer width 5, allowed: 4, 6, 8"),
            (refused(&narrow, "h8-2x6-b4"), "layers 1, allowed: 2"),
            (refused(&narrow, "h8-2x7-b4.4"), "feed-forward width 7, allowed: 6"),
            (refused(&narrow, "h8-2x6-l2"), "plain layers"),
            (refused(&alike, "h8-2x6-b4.4"), "has bottlenecks"),
            (refused(&alike, "h8-2x6-l2"), "feed-forward width 6, allowed: 8, 12"),
        ] {
            assert!(message.contains(expected), "`{message}` should say `{expected}`");
        }
    }

    proptest! {
        #[test]
        fn samples_and_extremes_are_in_the_space_and_seeds_repeat(seed in any::<u64>()) {
            for space in spaces() {
                let drawn = space.sample(&mut Streams::new(seed).stream("architecture"));
                for architecture in [&drawn, &space.largest(), &space.smallest()] {
                    prop_assert!(space.check(architecture).is_ok());
                    prop_assert_eq!(space.with(&space.values(architecture)), architecture.clone());
                    let lone = space.only(architecture);
                    prop_assert!(lone.check(architecture).is_ok() && lone.clone().checked() == Ok(lone));
                }
                prop_assert_eq!(&drawn, &space.sample(&mut Streams::new(seed).stream("architecture")));
                prop_assert_eq!(drawn.to_string().parse(), Ok(drawn));
            }
        }
    }
}
