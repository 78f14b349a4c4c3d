//! What the run says about the claim: paired comparisons of methods, each with an interval and a word.

use super::Method;
use super::results::Results;
use crate::Result;
use crate::experiment::{Verdict, VerdictWord};
use crate::labs::numbers::mean;
use crate::labs::words::percent;
use crate::statistics::{
    Direction, Interval, holm, mean_with_t_interval, sign_count, student_t_cumulative, verdict,
};

/// With fewer seeds a difference between methods is an illustration, never evidence.
pub(super) const FEWEST_SEEDS: u64 = 3;
/// How often a false finding is accepted.
const LEVEL: f64 = 0.05;

struct Question {
    new: Method,
    baseline: Method,
    primary: bool,
    claim: &'static str,
    paper: &'static str,
}

/// The claim and its control first; the last question asks whether the control leaves anything over.
const QUESTIONS: &[Question] = &[
    Question {
        new: Method::Routed,
        baseline: Method::Dense,
        primary: true,
        claim: "A mixture with a learned router has a lower test loss than one network with as many active parameters.",
        paper: PAPER,
    },
    Question {
        new: Method::Routed,
        baseline: Method::Random,
        primary: true,
        claim: "The gain comes from learned routing: the same experts under a fixed hash do worse.",
        paper: "Not examined in the paper; hash routing is from Roller et al. 2021 (arXiv 2106.04426).",
    },
    Question {
        new: Method::Random,
        baseline: Method::Dense,
        primary: false,
        claim: "Experts without a learned router already have a lower test loss than one network.",
        paper: "Not examined in the paper.",
    },
];

const PAPER: &str = "Test perplexity 24% lower with 4096 experts than for models that do the same work for a word (one \
                     billion words, section 5.1).";

/// A verdict with what its table shows besides.
pub(super) struct Comparison {
    question: &'static Question,
    pub verdict: Verdict,
    /// Two-sided p-value of the paired t-test; nothing below two seeds.
    pub p_value: Option<f64>,
    /// The p-value after Holm's correction over the primary comparisons; nothing for the others.
    pub adjusted: Option<f64>,
}

/// Every comparison that the run's methods and seeds allow, the primary ones first. One seed allows none.
pub(super) fn comparisons(results: &Results<'_>) -> Result<Vec<Comparison>> {
    if results.context.specification.seeds < 2 {
        return Ok(Vec::new());
    }
    let has = |method| results.losses.contains_key(&method);
    let mut found = QUESTIONS
        .iter()
        .filter(|question| has(question.new) && has(question.baseline))
        .map(|question| compare(results, question))
        .collect::<Result<Vec<_>>>()?;
    let primary: Vec<f64> =
        found.iter().filter(|found| found.question.primary).filter_map(|found| found.p_value).collect();
    if !primary.is_empty() {
        let adjusted = holm(&primary)?;
        let open = found.iter_mut().filter(|found| found.question.primary && found.p_value.is_some());
        for (comparison, adjusted) in open.zip(adjusted) {
            comparison.adjusted = Some(adjusted);
        }
    }
    Ok(found)
}

fn compare(results: &Results<'_>, question: &'static Question) -> Result<Comparison> {
    let specification = &results.context.specification;
    let (new, baseline) = (&results.losses[&question.new], &results.losses[&question.baseline]);
    let differences: Vec<f64> = new.iter().zip(baseline).map(|(new, baseline)| new - baseline).collect();
    let interval = mean_with_t_interval(&differences)?;
    let signs = sign_count(&differences, Direction::Lower)?;
    let smallest = (specification.comparison.smallest_effect * mean(baseline)).max(f64::MIN_POSITIVE);
    let word = if specification.seeds < FEWEST_SEEDS {
        VerdictWord::Inconclusive
    } else {
        verdict(&interval, Direction::Lower, smallest)?
    };
    let Interval { mean, low, high } = interval;
    let verdict = Verdict {
        name: format!("{} against {}", question.new.name(), question.baseline.name()),
        claim: question.claim.to_owned(),
        paper: question.paper.to_owned(),
        quantity: "difference in test loss, nats".to_owned(),
        mean,
        low,
        high,
        wins: signs.wins,
        replicates: signs.replicates,
        word,
    };
    Ok(Comparison { question, verdict, p_value: p_value(&differences)?, adjusted: None })
}

/// The two-sided p-value of Student's paired t-test, which belongs to the interval; nothing where all differences are
/// equal.
pub(in crate::labs) fn p_value(differences: &[f64]) -> Result<Option<f64>> {
    let (count, center) = (differences.len() as f64, mean(differences));
    let variance = differences.iter().map(|value| (value - center).powi(2)).sum::<f64>() / (count - 1.0);
    if variance <= 0.0 {
        return Ok(None);
    }
    let t = center / libm::sqrt(variance / count);
    Ok(Some((2.0 * student_t_cumulative(-t.abs(), count - 1.0)?).min(1.0)))
}

/// What the comparisons say together: a gain over one network counts as routing's only if the control does not have
/// it too, and if both survive Holm's correction.
pub(super) fn overall(results: &Results<'_>, comparisons: &[Comparison]) -> Result<(VerdictWord, String)> {
    let of = |baseline| {
        comparisons
            .iter()
            .find(|found| found.question.new == Method::Routed && found.question.baseline == baseline)
    };
    let seeds = results.context.specification.seeds;
    if seeds < FEWEST_SEEDS {
        return Ok((VerdictWord::Inconclusive, illustration(results)?));
    }
    let (Some(effect), control) = (of(Method::Dense), of(Method::Random)) else {
        let sentence = "No mixture was compared with one network; add `dense` to `methods`.".to_owned();
        return Ok((VerdictWord::Inconclusive, sentence));
    };
    Ok(together(effect, control))
}

fn together(effect: &Comparison, control: Option<&Comparison>) -> (VerdictWord, String) {
    let survives = |found: &Comparison| found.adjusted.is_none_or(|adjusted| adjusted <= LEVEL);
    let word = effect.verdict.word;
    let sentence = match (word, control) {
        (VerdictWord::Contradicted, _) => "The mixture has a higher test loss than one network on this data.",
        (VerdictWord::NotSupported, _) => {
            "The mixture is not better than one network by as much as would matter."
        }
        (VerdictWord::Inconclusive, _) => "The interval is too wide to say whether the mixture is better.",
        (VerdictWord::Supported, None) => {
            let sentence =
                "The mixture is better than one network, but without `random` nobody knows whether routing \
                            does it."
                    .to_owned();
            return (VerdictWord::Inconclusive, sentence);
        }
        (VerdictWord::Supported, Some(control)) if control.verdict.word != VerdictWord::Supported => {
            let sentence = format!(
                "The mixture is better than one network, but that routing does it is {}: the experts under a fixed \
                 hash are the control.",
                control.verdict.word
            );
            return (control.verdict.word, sentence);
        }
        (VerdictWord::Supported, Some(control)) if !(survives(effect) && survives(control)) => {
            let sentence = "The gain does not survive Holm's correction for two comparisons.".to_owned();
            return (VerdictWord::Inconclusive, sentence);
        }
        (VerdictWord::Supported, Some(_)) => {
            "On this data the mixture beats one network with as many active parameters, and the same experts under a \
             fixed hash: learned routing does it."
        }
    };
    (word, sentence.to_owned())
}

/// What one or two trainings show, without a claim.
fn illustration(results: &Results<'_>) -> Result<String> {
    let seeds = results.context.specification.seeds;
    let mut parts = Vec::new();
    for method in &results.context.methods {
        let accuracy = mean(&results.column(*method, "test_accuracy")?);
        let mut part = format!("`{}` is right on {} of the held-out rows", method.name(), percent(accuracy));
        if method.has_experts() {
            let dead = results.dead_experts(*method)?.into_iter().max().unwrap_or(0);
            let count = results.context.experts(*method);
            part += &format!(" and uses {} of {count} experts", count - dead);
        }
        parts.push(part);
    }
    let plural = if seeds == 1 { "One seed" } else { "Two seeds" };
    Ok(format!("{plural}, an illustration: {}.", parts.join("; ")))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn comparison(index: usize, word: VerdictWord, adjusted: f64) -> Comparison {
        Comparison {
            question: &QUESTIONS[index],
            verdict: Verdict {
                name: String::new(),
                claim: String::new(),
                paper: String::new(),
                quantity: String::new(),
                mean: 0.0,
                low: 0.0,
                high: 0.0,
                wins: 0,
                replicates: 8,
                word,
            },
            p_value: Some(adjusted),
            adjusted: Some(adjusted),
        }
    }

    #[test]
    fn a_gain_counts_only_beyond_the_control_and_after_the_correction() {
        use VerdictWord::{Contradicted, Inconclusive, NotSupported, Supported};
        let word = |effect, control: Option<VerdictWord>, adjusted| {
            let control = control.map(|word| comparison(1, word, adjusted));
            together(&comparison(0, effect, adjusted), control.as_ref()).0
        };
        assert_eq!(word(Supported, Some(Supported), 0.01), Supported);
        assert_eq!(word(Supported, Some(Supported), 0.2), Inconclusive);
        assert_eq!(word(Supported, Some(NotSupported), 0.01), NotSupported);
        assert_eq!(word(Supported, Some(Contradicted), 0.01), Contradicted);
        assert_eq!(word(Supported, None, 0.01), Inconclusive);
        assert_eq!(word(NotSupported, Some(Supported), 0.01), NotSupported);
        assert_eq!(word(Contradicted, Some(Supported), 0.01), Contradicted);
        assert_eq!(word(Inconclusive, None, 0.01), Inconclusive);
    }

    #[test]
    fn the_p_value_equals_scipy() {
        // scipy.stats.ttest_1samp([0.12, -0.05, 0.31, 0.22, 0.08, 0.17], 0).pvalue
        let p = p_value(&[0.12, -0.05, 0.31, 0.22, 0.08, 0.17]).expect("defined").expect("they differ");
        assert!((p - 0.037_574_822).abs() < 1e-6, "{p}");
        assert_eq!(p_value(&[0.5, 0.5]), Ok(None));
    }
}
