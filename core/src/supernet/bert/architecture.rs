//! One sub-network of an elastic masked language model, as a value.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::{Error, Result};

/// The layers of an encoder.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Layers {
    /// Every layer works in a stream of its own width, between two maps from and to the hidden width: these widths, from
    /// the bottom.
    Bottlenecks(Vec<usize>),
    /// So many layers that work in the hidden width.
    Plain(usize),
}

/// One sub-network.
///
/// Its text form is `h768-12x3072-b120.768.480` (hidden width 768; 12 heads and a feed-forward width of 3072 in every layer;
/// three layers with bottlenecks of these widths) or `h480-12x1200-l6` (six plain layers).
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BertArchitecture {
    /// Width of the stream between layers, and of the embedding.
    pub hidden: usize,
    /// Heads of every layer's attention.
    pub heads: usize,
    /// Inner width of every layer's feed-forward part.
    pub ffn: usize,
    /// The layers.
    pub layers: Layers,
}

impl BertArchitecture {
    /// How many layers it has.
    pub fn depth(&self) -> usize {
        match &self.layers {
            Layers::Bottlenecks(widths) => widths.len(),
            Layers::Plain(depth) => *depth,
        }
    }

    /// The width in which each layer works, from the bottom.
    pub fn widths(&self) -> Vec<usize> {
        match &self.layers {
            Layers::Bottlenecks(widths) => widths.clone(),
            Layers::Plain(depth) => vec![self.hidden; *depth],
        }
    }

    /// Whether its layers have bottlenecks.
    pub fn has_bottlenecks(&self) -> bool {
        matches!(self.layers, Layers::Bottlenecks(_))
    }
}

impl fmt::Display for BertArchitecture {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { hidden, heads, ffn, layers } = self;
        write!(formatter, "h{hidden}-{heads}x{ffn}-")?;
        match layers {
            Layers::Bottlenecks(widths) => {
                let widths: Vec<String> = widths.iter().map(usize::to_string).collect();
                write!(formatter, "b{}", widths.join("."))
            }
            Layers::Plain(depth) => write!(formatter, "l{depth}"),
        }
    }
}

impl FromStr for BertArchitecture {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        let parsed = || {
            let mut parts = text.split('-');
            let hidden = parts.next()?.strip_prefix('h')?.parse().ok()?;
            let (heads, ffn) = parts.next()?.split_once('x')?;
            let last = parts.next()?;
            let layers = match last.strip_prefix('l') {
                Some(depth) => Layers::Plain(depth.parse().ok()?),
                None => {
                    let widths = last.strip_prefix('b')?.split('.').map(|width| width.parse().ok());
                    Layers::Bottlenecks(widths.collect::<Option<_>>()?)
                }
            };
            let (heads, ffn) = (heads.parse().ok()?, ffn.parse().ok()?);
            parts.next().is_none().then_some(Self { hidden, heads, ffn, layers })
        };
        parsed().ok_or_else(|| Error::InvalidArchitecture {
            problem: format!(
                "`{text}` is not of the form `h768-12x3072-b120.768` (hidden width, heads and feed-forward width, widths of \
                 bottlenecks) or `h480-12x1200-l6` (the same, number of layers)"
            ),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_text_form_reads_back_and_another_text_is_refused_with_the_form() {
        for text in ["h768-12x3072-b120.768.480", "h8-2x6-b4", "h480-12x1200-l6"] {
            assert_eq!(text.parse::<BertArchitecture>().map(|a| a.to_string()), Ok(text.to_owned()));
        }
        for text in
            ["", "h8", "h8-2x6", "h8-2-b4", "h8-2x6-4", "h8-2x6-b", "h8-2x6-l", "h8-2x6-l3-", "8-2x6-l3"]
        {
            let error = text.parse::<BertArchitecture>().expect_err(text).to_string();
            assert!(error.contains("is not of the form `h768-"), "{error}");
        }
    }
}
