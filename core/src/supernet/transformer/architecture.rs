//! One sub-network of an elastic transformer, as a value.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::{Error, Result};

/// A layer of the encoder.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EncoderLayer {
    /// Inner width of the feed-forward part.
    pub ffn: usize,
    /// Heads of self-attention.
    pub heads: usize,
}

/// A layer of the decoder.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DecoderLayer {
    /// Inner width of the feed-forward part.
    pub ffn: usize,
    /// Heads of self-attention.
    pub heads: usize,
    /// Heads of attention to the encoder.
    pub cross_heads: usize,
    /// How many of the encoder's last layers it attends to (HAT's arbitrary encoder-decoder attention; its codes -1, 1
    /// and 2 are 1, 2 and 3 here).
    pub attend: usize,
}

/// One sub-network: an encoder and a decoder.
///
/// Its text form is `e640-3072x8.2048x4-d512-1024x4x8x1`: encoder width, its layers (feed-forward width, heads), decoder width,
/// its layers (feed-forward width, heads, heads of cross attention, encoder layers attended to).
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TransformerArchitecture {
    /// Width of the encoder's stream.
    pub encoder_width: usize,
    /// The encoder's layers, from the bottom.
    pub encoder: Vec<EncoderLayer>,
    /// Width of the decoder's stream.
    pub decoder_width: usize,
    /// The decoder's layers, from the bottom.
    pub decoder: Vec<DecoderLayer>,
}

impl fmt::Display for TransformerArchitecture {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "e{}-", self.encoder_width)?;
        for (place, EncoderLayer { ffn, heads }) in self.encoder.iter().enumerate() {
            write!(formatter, "{}{ffn}x{heads}", if place == 0 { "" } else { "." })?;
        }
        write!(formatter, "-d{}-", self.decoder_width)?;
        for (place, layer) in self.decoder.iter().enumerate() {
            let DecoderLayer { ffn, heads, cross_heads, attend } = layer;
            let dot = if place == 0 { "" } else { "." };
            write!(formatter, "{dot}{ffn}x{heads}x{cross_heads}x{attend}")?;
        }
        Ok(())
    }
}

/// The numbers of every layer of a side, `numbers` of them each.
fn layers<const N: usize>(text: &str) -> Option<Vec<[usize; N]>> {
    let layer = |layer: &str| {
        let numbers: Option<Vec<usize>> = layer.split('x').map(|number| number.parse().ok()).collect();
        numbers?.try_into().ok()
    };
    text.split('.').map(layer).collect()
}

impl FromStr for TransformerArchitecture {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        let parsed = || {
            let mut parts = text.split('-');
            let encoder_width = parts.next()?.strip_prefix('e')?.parse().ok()?;
            let encoder = layers::<2>(parts.next()?)?;
            let decoder_width = parts.next()?.strip_prefix('d')?.parse().ok()?;
            let decoder = layers::<4>(parts.next()?)?;
            let encoder = encoder.into_iter().map(|[ffn, heads]| EncoderLayer { ffn, heads }).collect();
            let layer = |[ffn, heads, cross_heads, attend]: [usize; 4]| DecoderLayer {
                ffn,
                heads,
                cross_heads,
                attend,
            };
            let decoder = decoder.into_iter().map(layer).collect();
            parts.next().is_none().then_some(Self { encoder_width, encoder, decoder_width, decoder })
        };
        parsed().ok_or_else(|| Error::InvalidArchitecture {
            problem: format!(
                "`{text}` is not of the form `e640-3072x8.2048x4-d512-1024x4x8x1` (encoder width, its layers; decoder \
                 width, its layers)"
            ),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_text_form_reads_back_and_another_text_is_refused_with_the_form() {
        for text in ["e640-3072x8.2048x4-d512-1024x4x8x1", "e8-16x1-d4-8x2x1x1.4x1x2x3"] {
            assert_eq!(text.parse::<TransformerArchitecture>().map(|a| a.to_string()), Ok(text.to_owned()));
        }
        for text in [
            "",
            "e8-16x1",
            "e8-16x1-d4-8x2x1",
            "e8-16-d4-8x2x1x1",
            "e8-16x1-d4-8x2x1x1-",
            "8-16x1-d4-8x2x1x1",
        ] {
            let error = text.parse::<TransformerArchitecture>().expect_err(text).to_string();
            assert!(error.contains("is not of the form `e640-"), "{error}");
        }
    }
}
