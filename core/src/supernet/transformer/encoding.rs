//! How a router, or a predictor of latency, sees an architecture: a short vector of numbers.

use serde::{Deserialize, Serialize};

use super::{DecoderLayer, EncoderLayer, TransformerArchitecture, TransformerSpace};

/// The encodings.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum TransformerEncoding {
    /// HAT's ten features of the whole architecture: of encoder and decoder the width, the number of layers, the mean
    /// feed-forward width and the mean heads; of the decoder also the mean heads of cross attention and the mean code
    /// of the encoder layers attended to. Architectures with equal means share their weights.
    Aggregate,
    /// Every layer's choices (0 where there is no layer): tells every two architectures apart.
    PerLayer,
    /// A one for every choice that was made, zeros elsewhere.
    OneHot,
    /// 0.5 everywhere: the control that has the mixture's capacity and no information on the architecture.
    Constant,
}

/// HAT divides its features by these: width, layers, feed-forward width and heads of the encoder; the same of the decoder;
/// heads of cross attention; code of arbitrary attention.
pub const HAT_NORMS: [f32; 10] = [640.0, 6.0, 2048.0, 6.0, 640.0, 6.0, 2048.0, 6.0, 6.0, 2.0];

/// The names of [`features`], in their order: the columns of a latency predictor's dataset.
pub const FEATURE_NAMES: [&str; 10] = [
    "encoder width",
    "encoder layers",
    "encoder feed-forward width",
    "encoder heads",
    "decoder width",
    "decoder layers",
    "decoder feed-forward width",
    "decoder heads",
    "cross heads",
    "encoder layers attended to",
];

/// HAT's ten features as they are, before they are divided: what latency predictors read.
pub fn features(architecture: &TransformerArchitecture) -> [f32; 10] {
    let TransformerArchitecture { encoder_width, encoder, decoder_width, decoder } = architecture;
    let low = |value: fn(&EncoderLayer) -> usize| {
        encoder.iter().map(value).sum::<usize>() as f32 / encoder.len().max(1) as f32
    };
    let high = |value: fn(&DecoderLayer) -> usize| {
        decoder.iter().map(value).sum::<usize>() as f32 / decoder.len().max(1) as f32
    };
    [
        *encoder_width as f32,
        encoder.len() as f32,
        low(|layer| layer.ffn),
        low(|layer| layer.heads),
        *decoder_width as f32,
        decoder.len() as f32,
        high(|layer| layer.ffn),
        high(|layer| layer.heads),
        high(|layer| layer.cross_heads),
        // HAT's codes -1, 1, 2 enter its mean as 1, 2, 3.
        high(|layer| layer.attend),
    ]
}

impl TransformerEncoding {
    /// How many numbers it gives in this space (`p`).
    pub fn length(self, space: &TransformerSpace) -> usize {
        self.encode(space, &space.smallest()).len()
    }

    /// The encoding of `architecture`. Aggregates are divided by HAT's norms where the space is one of HAT's, and otherwise,
    /// like the choices of each layer, by their largest value in the space.
    pub fn encode(self, space: &TransformerSpace, architecture: &TransformerArchitecture) -> Vec<f32> {
        match self {
            TransformerEncoding::Constant => vec![0.5; HAT_NORMS.len()],
            TransformerEncoding::Aggregate => {
                let is_hat = *space == TransformerSpace::hat_wmt() || *space == TransformerSpace::hat_iwslt();
                let norms = if is_hat { HAT_NORMS } else { features(&space.largest()) };
                features(architecture).into_iter().zip(norms).map(|(value, norm)| value / norm).collect()
            }
            TransformerEncoding::PerLayer => choices(space, architecture)
                .into_iter()
                .map(|(found, list)| found.map_or(0.0, |value| value as f32 / list[list.len() - 1] as f32))
                .collect(),
            TransformerEncoding::OneHot => {
                let hot = |(found, list): (Option<usize>, &[usize])| {
                    list.iter().map(|value| f32::from(u8::from(found == Some(*value)))).collect::<Vec<f32>>()
                };
                choices(space, architecture).into_iter().flat_map(hot).collect()
            }
        }
    }
}

/// Every choice of an architecture with its list: both widths and depths, then layer by layer; nothing for layers that it
/// does not have.
fn choices<'a>(
    space: &'a TransformerSpace,
    architecture: &TransformerArchitecture,
) -> Vec<(Option<usize>, &'a [usize])> {
    let TransformerSpace { encoder, decoder, cross_heads, attend, .. } = space;
    let mut all: Vec<(Option<usize>, &[usize])> = vec![
        (Some(architecture.encoder_width), &encoder.widths),
        (Some(architecture.encoder.len()), &encoder.depths),
        (Some(architecture.decoder_width), &decoder.widths),
        (Some(architecture.decoder.len()), &decoder.depths),
    ];
    let [low, high] = space.max_depths();
    for place in 0..low {
        let layer = architecture.encoder.get(place);
        all.push((layer.map(|layer| layer.ffn), &encoder.ffn));
        all.push((layer.map(|layer| layer.heads), &encoder.heads));
    }
    for place in 0..high {
        let layer = architecture.decoder.get(place);
        all.push((layer.map(|layer| layer.ffn), &decoder.ffn));
        all.push((layer.map(|layer| layer.heads), &decoder.heads));
        all.push((layer.map(|layer| layer.cross_heads), cross_heads));
        all.push((layer.map(|layer| layer.attend), attend));
    }
    all
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::rng::Streams;
    use crate::supernet::transformer::space::tests::space;

    #[test]
    fn the_depth_that_predictors_read_is_one_of_the_features() {
        let place = FEATURE_NAMES.iter().position(|name| *name == crate::search::predictor::depth::COLUMN);
        let largest = features(&TransformerSpace::hat_wmt().largest());
        assert_eq!(place.map(|place| largest[place]), Some(6.0));
        assert_eq!(place, Some(5));
    }

    #[test]
    fn hats_features_of_its_largest_network_are_the_published_ones() {
        let space = TransformerSpace::hat_wmt();
        assert_eq!(features(&space.largest()), [640.0, 6.0, 3072.0, 8.0, 640.0, 6.0, 3072.0, 8.0, 8.0, 3.0]);
        let code = TransformerEncoding::Aggregate.encode(&space, &space.largest());
        assert_eq!(code[..4], [1.0, 1.0, 1.5, 8.0 / 6.0]);
    }

    #[test]
    fn whole_encodings_tell_every_two_architectures_apart_and_means_do_not() {
        let space = space();
        let stream = &mut Streams::new(2).stream("architecture");
        let drawn: BTreeSet<_> = (0..400).map(|_| space.sample(stream)).collect();
        let distinct = |encoding: TransformerEncoding| {
            let bits = |numbers: Vec<f32>| numbers.into_iter().map(f32::to_bits).collect::<Vec<_>>();
            let codes: BTreeSet<_> = drawn.iter().map(|a| bits(encoding.encode(&space, a))).collect();
            assert!(codes.iter().all(|code| code.len() == encoding.length(&space)));
            codes.len()
        };
        assert_eq!(distinct(TransformerEncoding::PerLayer), drawn.len());
        assert_eq!(distinct(TransformerEncoding::OneHot), drawn.len());
        assert!(distinct(TransformerEncoding::Aggregate) < drawn.len());
        assert_eq!(distinct(TransformerEncoding::Constant), 1);
    }
}
