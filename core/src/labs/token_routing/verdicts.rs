//! What a run says: paired comparisons of methods with a reference, each with an interval, a corrected p-value and a
//! word.

use super::method::Method;
use super::results::Results;
use crate::Result;
use crate::experiment::{Verdict, VerdictWord};
use crate::labs::mixture_of_experts::verdicts::p_value;
use crate::labs::words::percent;
use crate::statistics::{Direction, Interval, holm, mean_with_t_interval, sign_count, verdict};

/// With fewer seeds a difference between methods is an illustration, never evidence.
pub(super) const FEWEST_SEEDS: u64 = 3;
/// How often a false finding is accepted.
const LEVEL: f64 = 0.05;

/// What a lab asks of its methods.
pub struct Story {
    /// The methods that others are compared with; the first one's comparisons are the claim.
    pub references: &'static [&'static str],
    /// What is compared for the claim, as the outcomes name it: `test_loss`, `load_cv`.
    pub quantity: &'static str,
    /// The same in words, with its unit: `test loss, nats`.
    pub words: &'static str,
    /// The claim about a method, which follows its name.
    pub claim: &'static str,
    /// What the papers say.
    pub paper: &'static str,
}

/// A verdict with what its table shows besides.
pub(super) struct Comparison {
    pub method: &'static str,
    pub is_primary: bool,
    pub verdict: Verdict,
    /// Two-sided p-value of the paired t-test; nothing where all differences are equal.
    pub p_value: Option<f64>,
    /// The p-value after Holm's correction over the comparisons with this reference.
    pub adjusted: Option<f64>,
}

impl Comparison {
    /// Whether it survives the correction.
    fn survives(&self) -> bool {
        self.adjusted.is_none_or(|adjusted| adjusted <= LEVEL)
    }
}

/// Every comparison that the run's methods and seeds allow, the claim's first. One seed allows none.
pub(super) fn comparisons(results: &Results<'_>, story: &Story) -> Result<Vec<Comparison>> {
    let mut all = Vec::new();
    if results.context.specification.seeds < 2 {
        return Ok(all);
    }
    for (place, name) in story.references.iter().enumerate() {
        let methods = &results.context.methods;
        let Some(reference) = methods.iter().find(|method| method.name == *name) else { continue };
        let others = methods.iter().filter(|method| {
            let is_earlier = story.references[..place].contains(&method.name);
            method.name != *name && !is_earlier && has(results, method, story.quantity)
        });
        let mut found = others
            .map(|method| compare(results, story, method, reference, place == 0))
            .collect::<Result<Vec<_>>>()?;
        let known: Vec<f64> = found.iter().filter_map(|comparison| comparison.p_value).collect();
        if !known.is_empty() {
            let adjusted = holm(&known)?;
            let open = found.iter_mut().filter(|comparison| comparison.p_value.is_some());
            open.zip(adjusted).for_each(|(comparison, adjusted)| comparison.adjusted = Some(adjusted));
        }
        all.extend(found);
    }
    Ok(all)
}

/// Whether a method has this quantity: one network has no load.
fn has(results: &Results<'_>, method: &Method, quantity: &str) -> bool {
    results.column(method, quantity).is_ok()
}

fn compare(
    results: &Results<'_>,
    story: &Story,
    method: &Method,
    reference: &Method,
    is_primary: bool,
) -> Result<Comparison> {
    let specification = &results.context.specification;
    let (new, baseline) =
        (results.column(method, story.quantity)?, results.column(reference, story.quantity)?);
    let differences: Vec<f64> = new.iter().zip(&baseline).map(|(new, baseline)| new - baseline).collect();
    let interval = mean_with_t_interval(&differences)?;
    let signs = sign_count(&differences, Direction::Lower)?;
    let level = baseline.iter().sum::<f64>() / baseline.len() as f64;
    let smallest = (specification.comparison.smallest_effect * level).max(f64::MIN_POSITIVE);
    let word = if specification.seeds < FEWEST_SEEDS {
        VerdictWord::Inconclusive
    } else {
        verdict(&interval, Direction::Lower, smallest)?
    };
    let Interval { mean, low, high } = interval;
    let verdict = Verdict {
        name: format!("{} against {}", method.name, reference.name),
        claim: format!("`{}` {} `{}`.", method.name, story.claim, reference.name),
        paper: story.paper.to_owned(),
        quantity: format!("difference in {}", story.words),
        mean,
        low,
        high,
        wins: signs.wins,
        replicates: signs.replicates,
        word,
    };
    Ok(Comparison {
        method: method.name,
        is_primary,
        verdict,
        p_value: p_value(&differences)?,
        adjusted: None,
    })
}

/// What the claim's comparisons say together, after the correction.
pub(super) fn overall(
    results: &Results<'_>,
    comparisons: &[Comparison],
    story: &Story,
) -> Result<(VerdictWord, String)> {
    if results.context.specification.seeds < FEWEST_SEEDS {
        return Ok((VerdictWord::Inconclusive, illustration(results)?));
    }
    let primary: Vec<&Comparison> = comparisons.iter().filter(|comparison| comparison.is_primary).collect();
    if primary.is_empty() {
        let sentence = format!("Nothing was compared with `{}`; add it to `methods`.", story.references[0]);
        return Ok((VerdictWord::Inconclusive, sentence));
    }
    let of = |word: VerdictWord| -> Vec<&str> {
        let surviving = primary.iter().filter(|found| found.verdict.word == word && found.survives());
        surviving.map(|found| found.method).collect()
    };
    let (lower, higher) = (of(VerdictWord::Supported), of(VerdictWord::Contradicted));
    let rest = primary.len() - lower.len() - higher.len();
    let names = |names: &[&str]| match names {
        [] => "none".to_owned(),
        names => names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", "),
    };
    let sentence = format!(
        "Against `{}`, after Holm's correction over {} comparisons: lower {} for {}; higher for {}; no significant \
         difference for {rest}.",
        story.references[0],
        primary.len(),
        story.words.split(',').next().unwrap_or(story.words),
        names(&lower),
        names(&higher),
    );
    let word = match (lower.len(), higher.len()) {
        (count, _) if count == primary.len() => VerdictWord::Supported,
        (_, count) if count == primary.len() => VerdictWord::Contradicted,
        (0, 0) if primary.iter().all(|found| found.verdict.word == VerdictWord::NotSupported) => {
            VerdictWord::NotSupported
        }
        // Some do and some do not: there is no single word for all of them.
        _ => VerdictWord::Inconclusive,
    };
    Ok((word, sentence))
}

/// What one or two trainings show, without a claim.
fn illustration(results: &Results<'_>) -> Result<String> {
    let seeds = results.context.specification.seeds;
    let (mut parts, noun) = (Vec::new(), results.context.task.answer_noun());
    for method in &results.context.methods {
        let accuracy = results.column(method, "test_accuracy")?;
        let mean = accuracy.iter().sum::<f64>() / accuracy.len() as f64;
        parts.push(format!("`{}` is right on {} of the held-out {}", method.name, percent(mean), noun));
    }
    let plural = if seeds == 1 { "One seed" } else { "Two seeds" };
    Ok(format!("{plural}, an illustration: {}.", parts.join("; ")))
}
