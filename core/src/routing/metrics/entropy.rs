//! Entropy: how sharp the probabilities are for one unit, and how diverse over all units.

use super::balance::mean_probabilities;
use super::{choices_that_count, undefined, valid_rows};
use crate::Result;
use crate::routing::Checked;

/// The entropies of a decision's full probabilities, in nats.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct RoutingEntropies {
    /// `H(S|x)`: the mean over units of the entropy of their probabilities. 0 when every choice is certain.
    pub conditional: f64,
    /// `H(S)`: the entropy of the mean probabilities. `ln S` when all slots are equally likely overall.
    pub marginal: f64,
    /// The number of scored slots, S.
    pub slots: usize,
}

impl RoutingEntropies {
    /// Soft mutual information `I(S;x) = H(S) - H(S|x)`: how much the unit tells about the slot.
    pub fn soft_mutual_information(&self) -> f64 {
        self.marginal - self.conditional
    }

    /// Code perplexity `exp H(S)`: the number of slots in effective use, between 1 and S.
    pub fn code_perplexity(&self) -> f64 {
        libm::exp(self.marginal)
    }

    /// `H(S|x) / ln S`, between 0 and 1.
    ///
    /// # Errors
    /// If there is one slot only: then `ln S` is 0.
    pub fn normalised_conditional(&self) -> Result<f64> {
        self.normalised(self.conditional)
    }

    /// `H(S) / ln S`, between 0 and 1.
    ///
    /// # Errors
    /// If there is one slot only: then `ln S` is 0.
    pub fn normalised_marginal(&self) -> Result<f64> {
        self.normalised(self.marginal)
    }

    fn normalised(&self, entropy: f64) -> Result<f64> {
        match self.slots {
            0 | 1 => {
                Err(undefined("the normalised entropy", "with one scored slot there is nothing to choose"))
            }
            slots => Ok(entropy / libm::log(slots as f64)),
        }
    }
}

/// The entropies of the full probabilities of all valid units. Each row is divided by its sum first, so that
/// rounding does not make the information negative.
///
/// # Errors
/// If there is no valid unit or there are no probabilities.
pub fn routing_entropies(decision: Checked<'_>) -> Result<RoutingEntropies> {
    const NAME: &str = "the routing entropy";
    let choices = choices_that_count(NAME, decision)?;
    let Some(probabilities) = &decision.probabilities else {
        return Err(undefined(NAME, "the decision keeps no full probabilities"));
    };
    let mut conditional = 0.0;
    for row in valid_rows(&decision, probabilities) {
        conditional += entropy_of(&row.iter().map(|&p| f64::from(p)).collect::<Vec<_>>())?;
    }
    let marginal = entropy_of(&mean_probabilities(NAME, decision)?)?;
    let slots = decision.slots.iter().filter(|slot| slot.kind.is_scored()).count();
    Ok(RoutingEntropies { conditional: conditional / choices, marginal, slots })
}

/// Shannon entropy in nats of weights that are divided by their sum; `0 ln 0` is 0.
///
/// # Errors
/// If a weight is negative or not finite, or all are 0.
pub fn entropy_of(weights: &[f64]) -> Result<f64> {
    if let Some(weight) = weights.iter().find(|weight| !weight.is_finite() || **weight < 0.0) {
        return Err(undefined("the entropy", format!("one of the weights is {weight}")));
    }
    let sum: f64 = weights.iter().sum();
    if sum <= 0.0 {
        return Err(undefined("the entropy", "all weights are 0"));
    }
    let terms = weights.iter().filter(|&&weight| weight > 0.0).map(|&weight| weight / sum);
    Ok(terms.map(|share| -share * libm::log(share)).sum())
}
