//! What the run says about the paper's claims: paired comparisons of methods, each with an interval and a word.

use super::Method;
use super::results::{Results, mean};
use crate::experiment::{Verdict, VerdictWord};
use crate::statistics::{
    Direction, Interval, Paired, hierarchical_bootstrap, holm, kendall_tau, mean_absolute_error, sign_count,
    verdict,
};
use crate::{Error, Result};

/// With fewer seeds a difference between methods is an illustration, never evidence.
pub(super) const FEWEST_SEEDS: u64 = 3;

/// What is compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Quantity {
    /// The mean absolute gap: lower is better.
    Gap,
    /// The rank correlation with the truth: higher is better.
    Rank,
}

/// A statistic of estimates and the truth.
type Statistic = fn(&[f64], &[f64]) -> Result<f64>;

struct Question {
    new: Method,
    baseline: Method,
    quantity: Quantity,
    primary: bool,
    claim: &'static str,
    paper: &'static str,
}

/// Primary questions first; the first one that the run can answer is the run's own verdict.
const QUESTIONS: &[Question] = &[
    Question {
        new: Method::NeuronWise,
        baseline: Method::Sandwich,
        quantity: Quantity::Gap,
        primary: true,
        claim: "A neuron-wise mixture shrinks the gap of plain sharing.",
        paper: "Test BLEU gap 1.69 to 1.21, 1.29 to 1.19, 1.88 to 1.45 on three translation tasks (30 architectures, \
                one supernet each; recomputed from the authors' data).",
    },
    Question {
        new: Method::NeuronWise,
        baseline: Method::FixedInput,
        quantity: Quantity::Gap,
        primary: true,
        claim: "The gain comes from routing: the gap is smaller than with a router that sees no architecture.",
        paper: "The control was run, but its numbers were not available to us.",
    },
    Question {
        new: Method::LayerWise,
        baseline: Method::Sandwich,
        quantity: Quantity::Gap,
        primary: false,
        claim: "A layer-wise mixture shrinks the gap of plain sharing.",
        paper: "Test BLEU gap 1.69 to 1.70, 1.29 to 1.19, 1.88 to 1.52 on three translation tasks.",
    },
    Question {
        new: Method::NeuronWise,
        baseline: Method::InitMatched,
        quantity: Quantity::Gap,
        primary: false,
        claim: "The gain is not that of smaller initial weights alone.",
        paper: "Not examined in the paper.",
    },
    Question {
        new: Method::InitMatched,
        baseline: Method::Sandwich,
        quantity: Quantity::Gap,
        primary: false,
        claim: "Smaller initial weights alone shrink the gap of plain sharing.",
        paper: "Not examined in the paper.",
    },
    Question {
        new: Method::KShot,
        baseline: Method::Sandwich,
        quantity: Quantity::Gap,
        primary: false,
        claim: "A K-shot supernet shrinks the gap of plain sharing.",
        paper: "Not compared in the paper; asked for by its reviewers.",
    },
    Question {
        new: Method::FewShot,
        baseline: Method::Sandwich,
        quantity: Quantity::Gap,
        primary: false,
        claim: "A hard split by width shrinks the gap of plain sharing.",
        paper: "Not compared in the paper; asked for by its reviewers.",
    },
    Question {
        new: Method::Sandwich,
        baseline: Method::Random,
        quantity: Quantity::Gap,
        primary: false,
        claim: "Sandwich sampling, at three times the compute, shrinks the gap of one random architecture a step.",
        paper: "Test BLEU gap 1.84 to 1.62 and 1.55 to 1.22 where both baselines were released.",
    },
    Question {
        new: Method::NeuronWise,
        baseline: Method::Sandwich,
        quantity: Quantity::Rank,
        primary: false,
        claim: "A neuron-wise mixture ranks architectures better than plain sharing.",
        paper: "Kendall's tau on test BLEU 0.81 to 0.60, 0.69 to 0.83, 0.83 to 0.82 on three translation tasks.",
    },
    Question {
        new: Method::LayerWise,
        baseline: Method::Sandwich,
        quantity: Quantity::Rank,
        primary: false,
        claim: "A layer-wise mixture ranks architectures better than plain sharing.",
        paper: "Kendall's tau on test BLEU 0.81 to 0.50, 0.69 to 0.77, 0.83 to 0.83 on three translation tasks.",
    },
];

/// A verdict with what its table shows besides.
pub struct Comparison {
    question: &'static Question,
    pub verdict: Verdict,
    /// Two-sided bootstrap p-value.
    pub p_value: f64,
    /// The p-value after Holm's correction over the primary comparisons; `None` for the others.
    pub adjusted: Option<f64>,
}

/// Every comparison that the run's methods allow, the primary ones first; and a sentence for each one that is not defined.
pub fn comparisons(results: &Results<'_>) -> Result<(Vec<Comparison>, Vec<String>)> {
    let has = |method| results.supernets.contains_key(&method);
    let asked = QUESTIONS.iter().filter(|question| has(question.new) && has(question.baseline));
    let (mut found, mut undefined) = (Vec::new(), Vec::new());
    for (index, question) in asked.enumerate() {
        match compare(results, question, index as u64) {
            Ok(comparison) => found.push(comparison),
            // Of two architectures, or of many that are alike, there is no rank; the rest of the run still counts.
            Err(Error::Undefined { problem, .. }) => undefined.push(format!(
                "`{}` against `{}`: {} is not defined for so few architectures ({problem}); raise `audit.architectures`.",
                question.new.name(),
                question.baseline.name(),
                if question.quantity == Quantity::Rank { "Kendall's tau" } else { "the gap" },
            )),
            Err(error) => return Err(error),
        }
    }
    let is_primary = |comparison: &&mut Comparison| comparison.question.primary;
    let primary: Vec<f64> =
        found.iter().filter(|comparison| comparison.question.primary).map(|c| c.p_value).collect();
    if !primary.is_empty() {
        for (comparison, adjusted) in found.iter_mut().filter(is_primary).zip(holm(&primary)?) {
            comparison.adjusted = Some(adjusted);
        }
    }
    Ok((found, undefined))
}

/// What the comparisons say together about the paper's claim: a gain over plain sharing counts as the mixture's only
/// if the controls without routing do not have it too, and if it survives Holm's correction.
pub fn overall(comparisons: &[Comparison]) -> (VerdictWord, String) {
    let is_effect = |comparison: &&Comparison| {
        let Question { new, baseline, quantity, .. } = comparison.question;
        matches!(new, Method::NeuronWise | Method::LayerWise)
            && *baseline == Method::Sandwich
            && *quantity == Quantity::Gap
    };
    let Some(effect) = comparisons.iter().find(is_effect) else {
        return (VerdictWord::Inconclusive, "No mixture was compared with plain sharing.".to_owned());
    };
    let name = effect.question.new.name();
    let is_control = |comparison: &&Comparison| {
        comparison.question.new == effect.question.new
            && matches!(comparison.question.baseline, Method::FixedInput | Method::InitMatched)
    };
    let controls: Vec<&Comparison> = comparisons.iter().filter(is_control).collect();
    let open = controls.iter().find(|control| control.verdict.word != VerdictWord::Supported);
    match (effect.verdict.word, open) {
        (VerdictWord::Contradicted, _) => {
            (VerdictWord::Contradicted, format!("`{name}` widens the gap of plain sharing."))
        }
        (VerdictWord::NotSupported, _) => (
            VerdictWord::NotSupported,
            format!("`{name}` does not shrink the gap of plain sharing by an amount that matters."),
        ),
        (VerdictWord::Inconclusive, _) => (
            VerdictWord::Inconclusive,
            format!(
                "Whether `{name}` shrinks the gap of plain sharing is open: the evidence is too thin to say."
            ),
        ),
        (VerdictWord::Supported, _) if effect.adjusted.is_some_and(|adjusted| adjusted >= 0.05) => (
            VerdictWord::Inconclusive,
            format!(
                "`{name}` shrinks the gap of plain sharing, but not beyond doubt after Holm's correction."
            ),
        ),
        (VerdictWord::Supported, Some(control)) => {
            let word = match control.verdict.word {
                VerdictWord::Inconclusive => VerdictWord::Inconclusive,
                _ => VerdictWord::NotSupported,
            };
            let control = control.question.baseline.name();
            (
                word,
                format!(
                    "`{name}` shrinks the gap of plain sharing, but it is not shown to beat the control `{control}`, which routes nothing."
                ),
            )
        }
        (VerdictWord::Supported, None) if controls.is_empty() => (
            VerdictWord::Inconclusive,
            format!("`{name}` shrinks the gap of plain sharing; without a control, why is open."),
        ),
        (VerdictWord::Supported, None) => (
            VerdictWord::Supported,
            format!("`{name}` shrinks the gap of plain sharing and beats every control: routing does it."),
        ),
    }
}

fn compare(results: &Results<'_>, question: &'static Question, index: u64) -> Result<Comparison> {
    let audit = results.audit;
    let (new, baseline) = (&results.supernets[&question.new], &results.supernets[&question.baseline]);
    let paired = Paired { new, baseline, truth: &results.truth };
    let (statistic, better, quantity, smallest): (Statistic, _, _, f64) = match question.quantity {
        Quantity::Gap => {
            let gaps = baseline.iter().map(|row| mean_absolute_error(row, &results.truth));
            let gap = mean(&gaps.collect::<Result<Vec<f64>>>()?);
            let smallest = (audit.smallest_effect * gap).max(f64::MIN_POSITIVE);
            (mean_absolute_error, Direction::Lower, "mean absolute gap, nats", smallest)
        }
        Quantity::Rank => (kendall_tau, Direction::Higher, "Kendall's tau with the truth", 0.05),
    };
    let mut stream = results.audit.streams.stream_at("bootstrap", index);
    let distribution = hierarchical_bootstrap(&paired, audit.resamples, &mut stream, statistic)?;
    let Interval { mean, low, high } = distribution.interval();
    let signs = sign_count(&paired.differences(statistic)?, better)?;
    let word = if audit.seeds < FEWEST_SEEDS {
        VerdictWord::Inconclusive
    } else {
        verdict(&distribution.interval(), better, smallest)?
    };
    let verdict = Verdict {
        name: format!("{} against {}", question.new.name(), question.baseline.name()),
        claim: question.claim.to_owned(),
        paper: question.paper.to_owned(),
        quantity: format!("difference in {quantity}"),
        mean,
        low,
        high,
        wins: signs.wins,
        replicates: signs.replicates,
        word,
    };
    Ok(Comparison { question, verdict, p_value: distribution.two_sided_p_value(), adjusted: None })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answered(words: &[(usize, VerdictWord)]) -> (VerdictWord, String) {
        let comparison = |&(index, word): &(usize, VerdictWord)| Comparison {
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
                replicates: 6,
                word,
            },
            p_value: 0.01,
            adjusted: Some(0.02),
        };
        overall(&words.iter().map(comparison).collect::<Vec<_>>())
    }

    #[test]
    fn a_gain_counts_only_beyond_every_control() {
        use VerdictWord::{Contradicted, Inconclusive, NotSupported, Supported};
        assert_eq!(answered(&[(0, Supported), (1, Supported), (3, Supported)]).0, Supported);
        let (word, sentence) = answered(&[(0, Supported), (1, Supported), (3, NotSupported)]);
        assert_eq!(word, NotSupported);
        assert!(sentence.contains("init-matched"), "{sentence}");
        assert_eq!(answered(&[(0, Supported), (1, Inconclusive)]).0, Inconclusive);
        assert_eq!(answered(&[(0, Supported)]).0, Inconclusive);
        assert_eq!(answered(&[(0, Contradicted), (1, Supported)]).0, Contradicted);
        assert_eq!(answered(&[(0, NotSupported), (1, Supported)]).0, NotSupported);
        assert_eq!(answered(&[]).0, Inconclusive);
    }
}
