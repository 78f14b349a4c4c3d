//! A summary of a load table: how even each layer is, and how much of the load the context explains.
//!
//! Contexts count equally and are what is resampled. `I(expert; context) / H(expert)` is that of a choice drawn from a
//! context drawn at random; without single choices it has no permutation null, so a small share may be chance.

use serde::Serialize;

use super::balance::{Evenness, defined};
use super::resampling::{Draws, RESAMPLES, affordable, stream};
use super::{Measure, reason};
use crate::interchange::LoadTable;
use crate::routing::metrics::entropy_of;
use crate::{Error, Result};

/// What a load table says.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct LoadSummary {
    /// The format that was detected.
    pub format: String,
    /// What the contexts are.
    pub context_title: String,
    /// The contexts.
    pub contexts: Vec<String>,
    /// How many experts each layer has.
    pub experts: usize,
    /// How often the contexts were drawn.
    pub resamples: usize,
    /// The layers.
    pub layers: Vec<LayerLoad>,
    /// Why stability, drops and a permutation null are missing.
    pub undefined: String,
    /// What a reader should know about the file.
    pub notes: Vec<String>,
}

/// What one layer's shares say.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct LayerLoad {
    /// The layer's number.
    pub layer: u32,
    /// Coefficient of variation of the mean shares.
    pub load_cv: Measure,
    /// By how much the fullest expert exceeds the mean, relative to the mean.
    pub max_violation: Measure,
    /// Jain's fairness index.
    pub jain: Measure,
    /// The mean over contexts of the coefficient of variation within each: what a batch of one context meets.
    pub context_cv: Measure,
    /// `I(expert; context) / H(expert)`, without a null.
    pub share_of_choice: Measure,
    /// The experts that no context uses.
    pub dead: Vec<usize>,
    /// The mean share of each expert.
    pub shares: Vec<f64>,
}

/// Measures every layer.
pub fn summary(table: &LoadTable, seed: u64) -> LoadSummary {
    let contexts = table.contexts.len();
    let resamples = affordable(3 * table.shares.len()).min(RESAMPLES);
    // One set of draws: layers of one context belong together.
    let draws = Draws::new(contexts, resamples, &mut stream(seed, "items", 0));
    LoadSummary {
        format: "load table (CSV)".to_owned(),
        context_title: table.context_title.clone(),
        contexts: table.contexts.clone(),
        experts: table.experts,
        resamples,
        layers: (0..table.layers.len()).map(|layer| of_layer(table, layer, &draws)).collect(),
        undefined: "a load table has no single choices".to_owned(),
        notes: table.notes.clone(),
    }
}

fn of_layer(table: &LoadTable, layer: usize, draws: &Draws) -> LayerLoad {
    let contexts = table.contexts.len();
    let mean = |times: Option<&[f64]>| {
        let mut mean = vec![0.0; table.experts];
        for context in 0..contexts {
            let weight = times.map_or(1.0, |times| times[context]) / contexts as f64;
            mean.iter_mut().zip(table.row(context, layer)).for_each(|(mean, share)| *mean += weight * share);
        }
        mean
    };
    let shares = mean(None);
    let drawn: std::result::Result<Vec<Vec<f64>>, &str> =
        draws.rows().map(|rows| rows.map(|times| mean(Some(times))).collect());
    let even = |of: fn(&Evenness) -> f64| {
        let resampled = drawn.as_ref().map(|all| all.iter().map(move |loads| of(&Evenness::of(loads))));
        Measure::of(defined("the load", of(&Evenness::of(&shares))), resampled.map_err(|reason| *reason))
    };
    let each: Vec<f64> = (0..contexts).map(|context| Evenness::of(table.row(context, layer)).cv).collect();
    let average =
        |times: &[f64]| times.iter().zip(&each).map(|(t, cv)| t * cv).sum::<f64>() / contexts as f64;
    let context_cv = Measure::of(
        defined("the load", average(&vec![1.0; contexts])),
        draws.rows().map(|rows| rows.map(average)),
    );
    LayerLoad {
        layer: table.layers[layer],
        load_cv: even(|even| even.cv),
        max_violation: even(|even| even.max_violation),
        jain: even(|even| even.jain),
        context_cv,
        share_of_choice: share_of_choice(table, layer, (&shares, &drawn), draws),
        dead: (0..table.experts).filter(|&expert| shares[expert] == 0.0).collect(),
        shares,
    }
}

/// `(H(mean) - mean H) / H(mean)`: the Jensen-Shannon divergence of the contexts over the entropy of the load.
fn share_of_choice(
    table: &LoadTable,
    layer: usize,
    (shares, drawn): (&[f64], &std::result::Result<Vec<Vec<f64>>, &str>),
    draws: &Draws,
) -> Measure {
    let contexts = table.contexts.len();
    let inner: Result<Vec<f64>> =
        (0..contexts).map(|context| entropy_of(table.row(context, layer))).collect();
    let inner = match inner {
        Ok(inner) => inner,
        Err(error) => return Measure::undefined(reason(&error)),
    };
    if contexts < 2 {
        return Measure::undefined("there is one context only, so it cannot explain anything");
    }
    let share = |mean: &[f64], times: Option<&[f64]>| {
        let entropy = entropy_of(mean)?;
        if entropy <= 0.0 {
            return Err(Error::Undefined {
                statistic: "I(S;Y)/H(S)",
                problem: "every choice went to one expert, so there is no choice to explain".to_owned(),
            });
        }
        let within: f64 = match times {
            None => inner.iter().sum(),
            Some(times) => inner.iter().zip(times).map(|(entropy, times)| entropy * times).sum(),
        };
        Ok((entropy - within / contexts as f64) / entropy)
    };
    let resampled = match (drawn, draws.rows()) {
        (Ok(means), Ok(rows)) => Ok(means
            .iter()
            .zip(rows)
            .map(|(mean, times)| share(mean, Some(times)).unwrap_or(f64::NAN))
            .collect::<Vec<_>>()
            .into_iter()),
        (Err(reason), _) => Err(*reason),
        (_, Err(reason)) => Err(reason),
    };
    Measure::of(share(shares, None), resampled)
}
