//! An architecture: one sub-network of a search space, as a value.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::{Error, Result};

/// The non-linearity inside a residual block.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Activation {
    /// `max(x, 0)`.
    Relu,
    /// `max(x, 0)²` (Primer, So et al. 2021).
    SquaredRelu,
    /// The hyperbolic tangent.
    Tanh,
}

impl Activation {
    /// Every activation, in the order of its name in a specification.
    pub const ALL: [Activation; 3] = [Activation::Relu, Activation::SquaredRelu, Activation::Tanh];

    /// The name used in specifications and exports.
    pub fn name(self) -> &'static str {
        match self {
            Activation::Relu => "relu",
            Activation::SquaredRelu => "squared-relu",
            Activation::Tanh => "tanh",
        }
    }
}

impl FromStr for Activation {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        Self::ALL
            .into_iter()
            .find(|activation| activation.name() == text)
            .ok_or_else(|| Error::unknown_name("activation", text, Self::ALL.map(Self::name)))
    }
}

/// One sub-network: a residual multi-layer perceptron.
///
/// Its text form is `w32-relu-f8.64.24`: width 32, rectified linear units, three blocks of inner widths 8, 64, 24.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Architecture {
    /// Width of the residual stream (`d`).
    pub width: usize,
    /// The non-linearity, the same in every block.
    pub activation: Activation,
    /// Inner width of each block's feed-forward network; its length is the depth.
    pub ffn: Vec<usize>,
}

impl Architecture {
    /// How many blocks it has.
    pub fn depth(&self) -> usize {
        self.ffn.len()
    }
}

impl fmt::Display for Architecture {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "w{}-{}-f", self.width, self.activation.name())?;
        for (block, ffn) in self.ffn.iter().enumerate() {
            write!(formatter, "{}{ffn}", if block == 0 { "" } else { "." })?;
        }
        Ok(())
    }
}

impl FromStr for Architecture {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        let malformed = || Error::InvalidArchitecture {
            problem: format!(
                "`{text}` is not of the form `w32-relu-f8.64.24` (width, activation, inner widths)"
            ),
        };
        let (width, rest) =
            text.strip_prefix('w').and_then(|rest| rest.split_once('-')).ok_or_else(malformed)?;
        let (activation, ffn) = rest.rsplit_once("-f").ok_or_else(malformed)?;
        Ok(Self {
            width: width.parse().map_err(|_| malformed())?,
            activation: activation.parse()?,
            ffn: ffn
                .split('.')
                .map(|inner| inner.parse().map_err(|_| malformed()))
                .collect::<Result<Vec<usize>>>()?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_text_form_reads_back() {
        for text in ["w32-relu-f8.64.24", "w4-squared-relu-f8", "w4-tanh-f1.2"] {
            assert_eq!(text.parse::<Architecture>().map(|a| a.to_string()), Ok(text.to_owned()));
        }
    }

    #[test]
    fn a_wrong_text_is_refused_with_its_form_or_its_name() {
        for text in ["", "w", "wx-relu-f8", "w8-relu", "w8-relu-f", "w8-relu-f8.", "8-relu-f8"] {
            assert!(matches!(text.parse::<Architecture>(), Err(Error::InvalidArchitecture { .. })), "{text}");
        }
        let error = "w8-rellu-f8".parse::<Architecture>().expect_err("no such activation");
        assert!(error.to_string().contains("did you mean `relu`"), "{error}");
    }
}
