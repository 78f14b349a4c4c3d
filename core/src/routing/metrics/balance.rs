//! Balance losses as measures: the Switch loss in the three conventions found in the field, and the z-loss.
//!
//! These are numbers for reports. The losses that training differentiates live with the layers, and tests compare
//! the two.

use super::{choices_that_count, undefined, valid_rows};
use crate::Result;
use crate::routing::Checked;

/// How the fraction f_e of the Switch loss is counted. The name belongs beside every printed value, because the
/// same routing gives different numbers.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Convention {
    /// `f_e` is the share of all edges: 1 at uniform for every k. Switch Transformer (arXiv 2101.03961, eq. 4) and
    /// Megatron. Our default.
    #[default]
    KNormalised,
    /// `f_e` is edges per unit: k at uniform. Hugging Face Transformers.
    SumOverK,
    /// `f_e` is the share of first choices, whatever k is: 1 at uniform. Tutel and ST-MoE.
    TopOne,
}

impl Convention {
    /// The name that belongs beside the value.
    pub fn name(self) -> &'static str {
        match self {
            Convention::KNormalised => "k-normalised (Switch, Megatron)",
            Convention::SumOverK => "sum over k (Hugging Face)",
            Convention::TopOne => "first choice only (Tutel, ST-MoE)",
        }
    }
}

/// Switch load-balance loss `S * sum_e f_e P_e` (Fedus et al., arXiv 2101.03961, eq. 4 to 6). f is counted before
/// drops; P is the mean of the full softmax over all slots, not over the chosen k. Shared slots take no part; S
/// counts the scored slots. 1 at uniform, but not a strict lower bound: f and P can be anti-correlated.
///
/// # Errors
/// If there is no valid unit, no probabilities, or no routed edge.
pub fn switch_loss(decision: Checked<'_>, convention: Convention) -> Result<f64> {
    const NAME: &str = "the Switch loss";
    let choices = choices_that_count(NAME, decision)?;
    let mean = mean_probabilities(NAME, decision)?;
    let mut counts = vec![0usize; decision.slots.len()];
    if convention == Convention::TopOne {
        decision.top_choices().into_iter().flatten().for_each(|slot| counts[slot] += 1);
    } else {
        decision.valid_edges().filter(|edge| edge.fate.is_routed()).for_each(|edge| counts[edge.slot] += 1);
    }
    let edges: usize = counts.iter().sum();
    if edges == 0 {
        return Err(undefined(NAME, "no valid unit has a routed edge"));
    }
    let divisor = if convention == Convention::SumOverK { choices } else { edges as f64 };
    let scored = |index: &usize| decision.slots[*index].kind.is_scored();
    let kept: Vec<usize> = (0..counts.len()).filter(scored).collect();
    let fractions: Vec<f64> = kept.iter().map(|&slot| counts[slot] as f64 / divisor).collect();
    let mean: Vec<f64> = kept.iter().map(|&slot| mean[slot]).collect();
    switch_loss_of(&fractions, &mean)
}

/// `S * sum_e f_e P_e` of given fractions and mean probabilities.
///
/// # Errors
/// If the two differ in length or hold a number that is not finite.
pub fn switch_loss_of(fractions: &[f64], mean_probabilities: &[f64]) -> Result<f64> {
    if fractions.len() != mean_probabilities.len() {
        let problem =
            format!("{} fractions meet {} probabilities", fractions.len(), mean_probabilities.len());
        return Err(undefined("the Switch loss", problem));
    }
    if let Some(number) = fractions.iter().chain(mean_probabilities).find(|number| !number.is_finite()) {
        return Err(undefined("the Switch loss", format!("one of its terms is {number}")));
    }
    let sum: f64 = fractions.iter().zip(mean_probabilities).map(|(f, p)| f * p).sum();
    Ok(fractions.len() as f64 * sum)
}

/// The mean of the full probabilities over valid units and groups (P_e), for every slot of the table.
pub(super) fn mean_probabilities(statistic: &'static str, decision: Checked<'_>) -> Result<Vec<f64>> {
    let choices = choices_that_count(statistic, decision)?;
    let Some(probabilities) = &decision.probabilities else {
        return Err(undefined(statistic, "the decision keeps no full probabilities"));
    };
    let mut sums = vec![0.0; decision.slots.len()];
    for row in valid_rows(&decision, probabilities) {
        sums.iter_mut().zip(row).for_each(|(sum, &p)| *sum += f64::from(p));
    }
    sums.iter_mut().for_each(|sum| *sum /= choices);
    Ok(sums)
}

/// z-loss: the mean over valid units of `logsumexp(logits)^2`, on raw logits (Zoph et al., arXiv 2202.08906, eq. 5).
/// Shared slots have no logit and take no part.
///
/// # Errors
/// If there is no valid unit or there are no logits.
pub fn z_loss(decision: Checked<'_>) -> Result<f64> {
    let choices = choices_that_count("the z-loss", decision)?;
    let Some(logits) = &decision.logits else {
        return Err(undefined("the z-loss", "the decision keeps no raw logits"));
    };
    let mut sum = 0.0;
    for row in valid_rows(&decision, logits) {
        let scored = row.iter().zip(&decision.slots).filter(|(_, slot)| slot.kind.is_scored());
        let logits: Vec<f64> = scored.map(|(&logit, _)| f64::from(logit)).collect();
        sum += log_sum_exp(&logits)?.powi(2);
    }
    Ok(sum / choices)
}

/// `ln(sum exp(x))` without overflow: the largest number is taken out first.
///
/// # Errors
/// If there are no numbers, or one of them is not finite.
pub fn log_sum_exp(numbers: &[f64]) -> Result<f64> {
    if let Some(number) = numbers.iter().find(|number| !number.is_finite()) {
        return Err(undefined("logsumexp", format!("one of the numbers is {number}")));
    }
    let Some(largest) = numbers.iter().copied().reduce(f64::max) else {
        return Err(undefined("logsumexp", "there are no numbers"));
    };
    Ok(largest + libm::log(numbers.iter().map(|number| libm::exp(number - largest)).sum()))
}
