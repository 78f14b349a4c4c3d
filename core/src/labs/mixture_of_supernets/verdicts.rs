//! What the run says about the paper's claims: paired comparisons of methods, each with an interval and a word.

use super::Method;
use super::results::{Results, mean};
use crate::Result;
use crate::experiment::{Verdict, VerdictWord};
use crate::statistics::{
    Direction, Interval, Paired, hierarchical_bootstrap, holm, kendall_tau, mean_absolute_error, sign_count,
    verdict,
};

/// With fewer seeds a difference between methods is an illustration, never evidence.
const FEWEST_SEEDS: u64 = 3;

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
pub(super) struct Comparison {
    pub verdict: Verdict,
    /// Two-sided bootstrap p-value.
    pub p_value: f64,
    /// The p-value after Holm's correction over the primary comparisons; `None` for the others.
    pub adjusted: Option<f64>,
}

/// Every comparison that the run's methods allow, the primary ones first.
pub(super) fn comparisons(results: &Results<'_>) -> Result<Vec<Comparison>> {
    let has = |method| results.supernets.contains_key(&method);
    let mut comparisons = QUESTIONS
        .iter()
        .filter(|question| has(question.new) && has(question.baseline))
        .enumerate()
        .map(|(index, question)| {
            compare(results, question, index as u64).map(|found| (question.primary, found))
        })
        .collect::<Result<Vec<_>>>()?;
    let primary: Vec<f64> =
        comparisons.iter().filter(|(primary, _)| *primary).map(|(_, c)| c.p_value).collect();
    if !primary.is_empty() {
        let adjusted = holm(&primary)?;
        let open = comparisons.iter_mut().filter(|(primary, _)| *primary);
        for ((_, comparison), adjusted) in open.zip(adjusted) {
            comparison.adjusted = Some(adjusted);
        }
    }
    Ok(comparisons.into_iter().map(|(_, comparison)| comparison).collect())
}

fn compare(results: &Results<'_>, question: &Question, index: u64) -> Result<Comparison> {
    let specification = &results.context.specification;
    let (new, baseline) = (&results.supernets[&question.new], &results.supernets[&question.baseline]);
    let paired = Paired { new, baseline, truth: &results.truth };
    let (statistic, better, quantity, smallest): (Statistic, _, _, f64) = match question.quantity {
        Quantity::Gap => {
            let gaps = baseline.iter().map(|row| mean_absolute_error(row, &results.truth));
            let gap = mean(&gaps.collect::<Result<Vec<f64>>>()?);
            let smallest = (specification.audit.smallest_effect * gap).max(f64::MIN_POSITIVE);
            (mean_absolute_error, Direction::Lower, "mean absolute gap, nats", smallest)
        }
        Quantity::Rank => (kendall_tau, Direction::Higher, "Kendall's tau with the truth", 0.05),
    };
    let mut stream = results.context.streams.stream_at("bootstrap", index);
    let distribution =
        hierarchical_bootstrap(&paired, specification.audit.resamples, &mut stream, statistic)?;
    let Interval { mean, low, high } = distribution.interval();
    let signs = sign_count(&paired.differences(statistic)?, better)?;
    let word = if specification.seeds < FEWEST_SEEDS {
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
    Ok(Comparison { verdict, p_value: distribution.two_sided_p_value(), adjusted: None })
}
