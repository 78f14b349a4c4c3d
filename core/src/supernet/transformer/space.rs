//! The search space of elastic transformers: HAT's, with every list the user's to set.

use super::{DecoderLayer, EncoderLayer, TransformerArchitecture};
use crate::rng::Stream;
use crate::{Error, Result};

/// What encoder and decoder both choose. Every list is sorted, without duplicates and not empty.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Side {
    /// Widths of the stream.
    pub widths: Vec<usize>,
    /// Numbers of layers.
    pub depths: Vec<usize>,
    /// Inner widths of feed-forward parts, chosen for each layer.
    pub ffn: Vec<usize>,
    /// Heads of self-attention, chosen for each layer.
    pub heads: Vec<usize>,
}

/// Which sub-networks exist.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TransformerSpace {
    /// The encoder's choices.
    pub encoder: Side,
    /// The decoder's choices.
    pub decoder: Side,
    /// Heads of attention to the encoder, chosen for each decoder layer.
    pub cross_heads: Vec<usize>,
    /// How many of the encoder's last layers a decoder layer attends to, chosen for each.
    pub attend: Vec<usize>,
    /// Width of queries, keys and values, the same for all: heads only regroup it.
    pub inner: usize,
}

/// Sorts what a choice is made from and checks it.
///
/// # Errors
/// [`Error::Inconsistent`] naming the field `key` when the list is empty, holds a zero or a duplicate.
pub(in crate::supernet) fn sorted_choices(key: &str, list: &mut [usize]) -> Result<()> {
    let problem = |problem: String| Err(Error::Inconsistent { key: key.into(), problem });
    list.sort_unstable();
    if list.first().is_none_or(|&least| least == 0) {
        return problem("give at least one number, each 1 or more".into());
    }
    match list.windows(2).find(|pair| pair[0] == pair[1]) {
        Some(pair) => problem(format!("{} is given twice; keep one of them", pair[0])),
        None => Ok(()),
    }
}

impl TransformerSpace {
    /// HAT's `space0`, for WMT: 4.18e14 sub-networks.
    pub fn hat_wmt() -> Self {
        let side = |depths: Vec<usize>| Side {
            widths: vec![512, 640],
            depths,
            ffn: vec![1024, 2048, 3072],
            heads: vec![4, 8],
        };
        Self {
            encoder: side(vec![6]),
            decoder: side((1..=6).collect()),
            cross_heads: vec![4, 8],
            attend: vec![1, 2, 3],
            inner: 512,
        }
    }

    /// HAT's `space1`, for IWSLT.
    pub fn hat_iwslt() -> Self {
        let mut space = Self::hat_wmt();
        for side in [&mut space.encoder, &mut space.decoder] {
            (side.ffn, side.heads) = (vec![512, 1024, 2048], vec![2, 4]);
        }
        space.cross_heads = vec![2, 4];
        space
    }

    /// Sorts the lists and checks the space.
    ///
    /// # Errors
    /// [`Error::Inconsistent`] naming the field when a list is empty, holds a zero or a duplicate, when heads do not divide
    /// the width of queries, or a decoder layer would attend to more layers than the shallowest encoder has.
    pub fn checked(mut self) -> Result<Self> {
        let inner = self.inner;
        let problem = |key: &str, problem: String| Err(Error::Inconsistent { key: key.into(), problem });
        if inner == 0 {
            return problem("space.inner", "queries need at least one number".into());
        }
        for (key, list) in self.lists_mut() {
            sorted_choices(key, list)?;
            let is_heads = key.ends_with("heads");
            if let Some(heads) = list.iter().find(|heads| is_heads && !inner.is_multiple_of(**heads)) {
                return problem(
                    key,
                    format!("{heads} heads do not share the width of {inner} evenly; change `space.inner`"),
                );
            }
        }
        let (most, shallowest) = (self.attend[self.attend.len() - 1], self.encoder.depths[0]);
        if most > shallowest {
            let words = format!(
                "a decoder layer cannot attend to {most} encoder layers where there are only {shallowest}; lower it, or \
                 take the smallest out of `space.encoder_layers`"
            );
            return problem("space.attend", words);
        }
        Ok(self)
    }

    /// Every list with the key of its field.
    fn lists_mut(&mut self) -> [(&'static str, &mut Vec<usize>); 10] {
        let Self { encoder, decoder, cross_heads, attend, .. } = self;
        [
            ("space.encoder_widths", &mut encoder.widths),
            ("space.encoder_layers", &mut encoder.depths),
            ("space.encoder_ffn", &mut encoder.ffn),
            ("space.encoder_heads", &mut encoder.heads),
            ("space.decoder_widths", &mut decoder.widths),
            ("space.decoder_layers", &mut decoder.depths),
            ("space.decoder_ffn", &mut decoder.ffn),
            ("space.decoder_heads", &mut decoder.heads),
            ("space.cross_heads", cross_heads),
            ("space.attend", attend),
        ]
    }

    /// The space that holds `architecture` alone: a standalone network.
    pub fn only(&self, architecture: &TransformerArchitecture) -> Self {
        let unique = |mut list: Vec<usize>| {
            list.sort_unstable();
            list.dedup();
            list
        };
        let TransformerArchitecture { encoder, decoder, .. } = architecture;
        let of_encoder = |value: fn(&EncoderLayer) -> usize| unique(encoder.iter().map(value).collect());
        let of_decoder = |value: fn(&DecoderLayer) -> usize| unique(decoder.iter().map(value).collect());
        Self {
            encoder: Side {
                widths: vec![architecture.encoder_width],
                depths: vec![encoder.len()],
                ffn: of_encoder(|layer| layer.ffn),
                heads: of_encoder(|layer| layer.heads),
            },
            decoder: Side {
                widths: vec![architecture.decoder_width],
                depths: vec![decoder.len()],
                ffn: of_decoder(|layer| layer.ffn),
                heads: of_decoder(|layer| layer.heads),
            },
            cross_heads: of_decoder(|layer| layer.cross_heads),
            attend: of_decoder(|layer| layer.attend),
            inner: self.inner,
        }
    }

    /// How many sub-networks there are, exactly:
    /// `|We| |Wd| sum_L (Fe He)^L sum_D (Fd Hd C A)^D` over the depths of both sides.
    ///
    /// Nothing when it is larger than a 128-bit number.
    pub fn size(&self) -> Option<u128> {
        let stacks = |depths: &[usize], choices: usize| {
            depths.iter().try_fold(0u128, |sum, &depth| {
                sum.checked_add((choices as u128).checked_pow(u32::try_from(depth).ok()?)?)
            })
        };
        let Side { widths, depths, ffn, heads } = &self.encoder;
        let encoder = stacks(depths, ffn.len() * heads.len())?.checked_mul(widths.len() as u128)?;
        let Side { widths, depths, ffn, heads } = &self.decoder;
        let choices = ffn.len() * heads.len() * self.cross_heads.len() * self.attend.len();
        let decoder = stacks(depths, choices)?.checked_mul(widths.len() as u128)?;
        encoder.checked_mul(decoder)
    }

    /// The largest sub-network: everything at its maximum.
    pub fn largest(&self) -> TransformerArchitecture {
        self.extreme(|list| list[list.len() - 1])
    }

    /// The smallest sub-network.
    pub fn smallest(&self) -> TransformerArchitecture {
        self.extreme(|list| list[0])
    }

    fn extreme(&self, of: impl Fn(&[usize]) -> usize) -> TransformerArchitecture {
        let Self { encoder, decoder, cross_heads, attend, .. } = self;
        let low = EncoderLayer { ffn: of(&encoder.ffn), heads: of(&encoder.heads) };
        let high = DecoderLayer {
            ffn: of(&decoder.ffn),
            heads: of(&decoder.heads),
            cross_heads: of(cross_heads),
            attend: of(attend),
        };
        TransformerArchitecture {
            encoder_width: of(&encoder.widths),
            encoder: vec![low; of(&encoder.depths)],
            decoder_width: of(&decoder.widths),
            decoder: vec![high; of(&decoder.depths)],
        }
    }

    /// A sub-network with every choice uniform and independent (so depth is uniform, not the architecture; as in HAT).
    pub fn sample(&self, stream: &mut Stream) -> TransformerArchitecture {
        let mut pick = |list: &[usize]| list[stream.below(list.len())];
        let Self { encoder, decoder, cross_heads, attend, .. } = self;
        let (encoder_width, decoder_width) = (pick(&encoder.widths), pick(&decoder.widths));
        let (low, high) = (pick(&encoder.depths), pick(&decoder.depths));
        let encoder =
            (0..low).map(|_| EncoderLayer { ffn: pick(&encoder.ffn), heads: pick(&encoder.heads) }).collect();
        let layer = |_| DecoderLayer {
            ffn: pick(&decoder.ffn),
            heads: pick(&decoder.heads),
            cross_heads: pick(cross_heads),
            attend: pick(attend),
        };
        TransformerArchitecture {
            encoder_width,
            encoder,
            decoder_width,
            decoder: (0..high).map(layer).collect(),
        }
    }

    /// Checks that `architecture` is a point of this space.
    ///
    /// # Errors
    /// [`Error::InvalidArchitecture`] naming the field, its value and what is allowed.
    pub fn check(&self, architecture: &TransformerArchitecture) -> Result<()> {
        let check = |what: &str, found: usize, allowed: &[usize]| {
            if allowed.contains(&found) {
                return Ok(());
            }
            let allowed = allowed.iter().map(usize::to_string).collect::<Vec<_>>().join(", ");
            Err(Error::InvalidArchitecture { problem: format!("{what} {found}, allowed: {allowed}") })
        };
        check("encoder width", architecture.encoder_width, &self.encoder.widths)?;
        check("encoder layers", architecture.encoder.len(), &self.encoder.depths)?;
        check("decoder width", architecture.decoder_width, &self.decoder.widths)?;
        check("decoder layers", architecture.decoder.len(), &self.decoder.depths)?;
        for layer in &architecture.encoder {
            check("encoder feed-forward width", layer.ffn, &self.encoder.ffn)?;
            check("encoder heads", layer.heads, &self.encoder.heads)?;
        }
        for layer in &architecture.decoder {
            check("decoder feed-forward width", layer.ffn, &self.decoder.ffn)?;
            check("decoder heads", layer.heads, &self.decoder.heads)?;
            check("cross attention heads", layer.cross_heads, &self.cross_heads)?;
            check("encoder layers attended to", layer.attend, &self.attend)?;
        }
        Ok(())
    }

    /// The largest widths of encoder and decoder.
    pub fn max_widths(&self) -> [usize; 2] {
        [&self.encoder, &self.decoder].map(|side| side.widths[side.widths.len() - 1])
    }

    /// The largest depths of encoder and decoder.
    pub fn max_depths(&self) -> [usize; 2] {
        [&self.encoder, &self.decoder].map(|side| side.depths[side.depths.len() - 1])
    }

    /// The largest feed-forward widths of encoder and decoder.
    pub fn max_ffn(&self) -> [usize; 2] {
        [&self.encoder, &self.decoder].map(|side| side.ffn[side.ffn.len() - 1])
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::*;
    use crate::rng::Streams;

    /// Four widths and 1 to 2 layers: small enough to be listed.
    pub(crate) fn space() -> TransformerSpace {
        let side =
            |depths: Vec<usize>| Side { widths: vec![4, 8], depths, ffn: vec![6, 12], heads: vec![1, 2] };
        TransformerSpace {
            encoder: side(vec![2]),
            decoder: side(vec![1, 2]),
            cross_heads: vec![2, 4],
            attend: vec![1, 2],
            inner: 8,
        }
        .checked()
        .expect("the test space is valid")
    }

    #[test]
    fn the_published_spaces_have_their_published_size() {
        let size = TransformerSpace::hat_wmt().checked().expect("published").size().expect("small enough");
        let sum: u128 = (1..=6).map(|depth| 36u128.pow(depth)).sum();
        assert_eq!(size, 4 * 6u128.pow(6) * sum);
        assert!((size as f64 / 4.18e14 - 1.0).abs() < 2e-3, "{size}");
        assert_eq!(TransformerSpace::hat_iwslt().checked().expect("published").size(), Some(size));
    }

    #[test]
    fn what_does_not_fit_is_refused_by_its_field() {
        let refuse = |change: &dyn Fn(&mut TransformerSpace)| {
            let mut space = space();
            change(&mut space);
            space.checked().map(|_| ()).expect_err("refused").to_string()
        };
        let cases: [(String, &str); 5] = [
            (refuse(&|space| space.encoder.heads = vec![3]), "`space.encoder_heads`: 3 heads do not share"),
            (refuse(&|space| space.decoder.ffn = vec![]), "`space.decoder_ffn`: give at least one"),
            (refuse(&|space| space.cross_heads = vec![2, 2]), "`space.cross_heads`: 2 is given twice"),
            (refuse(&|space| space.attend = vec![3]), "`space.attend`: a decoder layer cannot attend to 3"),
            (refuse(&|space| space.inner = 0), "`space.inner`"),
        ];
        for (message, expected) in cases {
            assert!(message.contains(expected), "`{message}` should say `{expected}`");
        }
    }

    #[test]
    fn size_counts_what_drawing_finds() {
        let space = TransformerSpace {
            encoder: Side { widths: vec![4], depths: vec![2], ffn: vec![6], heads: vec![1, 2] },
            decoder: Side { widths: vec![4, 8], depths: vec![1, 2], ffn: vec![6], heads: vec![1] },
            attend: vec![1],
            ..space()
        };
        let stream = &mut Streams::new(1).stream("architecture");
        let found: BTreeSet<_> = (0..4000).map(|_| space.sample(stream)).collect();
        // 4 encoders, 2 widths, 2 + 4 stacks of cross attention.
        assert_eq!((space.size(), found.len()), (Some(48), 48));
    }

    proptest! {
        #[test]
        fn samples_and_extremes_are_in_the_space_and_seeds_repeat(seed in any::<u64>()) {
            let space = space();
            let drawn = space.sample(&mut Streams::new(seed).stream("architecture"));
            for architecture in [&drawn, &space.largest(), &space.smallest()] {
                prop_assert!(space.check(architecture).is_ok());
                prop_assert!(space.only(architecture).check(architecture).is_ok());
            }
            prop_assert_eq!(&drawn, &space.sample(&mut Streams::new(seed).stream("architecture")));
            prop_assert_eq!(drawn.to_string().parse(), Ok(drawn));
        }
    }
}
