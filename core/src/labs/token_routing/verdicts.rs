//! Comparisons of methods seed by seed, each with an interval, a corrected p-value and a word.

use super::method::Method;
use super::results::Results;
use super::story::{Against, Question, Story};
use crate::Result;
use crate::experiment::{Verdict, VerdictWord};
use crate::labs::mixture_of_experts::verdicts::p_value;
use crate::labs::words::percent;
use crate::plate::number::{interval, significant};
use crate::statistics::{Interval, holm, mean_with_t_interval, sign_count, verdict};

/// With fewer seeds a difference between methods is an illustration, never evidence.
pub(super) const FEWEST_SEEDS: u64 = 3;
/// How often a false finding is accepted.
const LEVEL: f64 = 0.05;

/// A verdict with what its table shows besides.
pub(super) struct Comparison {
    pub method: &'static str,
    /// Which of the story's questions it answers.
    pub question: usize,
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

    /// The word after the correction.
    fn word(&self) -> VerdictWord {
        match self.verdict.word {
            VerdictWord::Supported | VerdictWord::Contradicted if !self.survives() => {
                VerdictWord::Inconclusive
            }
            word => word,
        }
    }
}

/// One side of a comparison, seed by seed, and its name.
struct Side {
    values: Vec<f64>,
    name: String,
}

/// Every comparison that the run's methods and seeds allow, the claim's first. One seed allows none.
pub(super) fn comparisons(results: &Results<'_>, story: &Story) -> Result<Vec<Comparison>> {
    let mut all = Vec::new();
    if results.context.specification.seeds < 2 {
        return Ok(all);
    }
    for (place, question) in story.questions.iter().enumerate() {
        let asked = Asked { results, story, question, place };
        match question.against {
            Against::Methods(references) => {
                let mut families = Vec::new();
                for (number, reference) in references.iter().enumerate() {
                    families.push(asked.with_method(reference, &references[..number])?);
                }
                // Of one method every reference belongs to the same family.
                if question.is_about_one() {
                    families = vec![families.into_iter().flatten().collect()];
                }
                for family in families {
                    all.extend(corrected(family)?);
                }
            }
            Against::Quantity(name, words) => all.extend(asked.with_its_own(name, words)?),
            Against::Level(level) => all.extend(asked.with_level(level)?),
        }
    }
    Ok(all)
}

/// A question about a run.
struct Asked<'a> {
    results: &'a Results<'a>,
    story: &'a Story,
    question: &'a Question,
    place: usize,
}

impl Asked<'_> {
    /// Comparisons of other methods with one; those of `before` were compared already.
    fn with_method(&self, reference: &str, before: &[&str]) -> Result<Vec<Comparison>> {
        let methods = &self.results.context.methods;
        let Some(reference) = methods.iter().find(|method| method.name == reference) else {
            return Ok(Vec::new());
        };
        let quantity = self.question.quantity;
        let Ok(values) = self.results.column(reference, quantity) else { return Ok(Vec::new()) };
        let others =
            self.methods().filter(|method| method.name != reference.name && !before.contains(&method.name));
        let compared = others.map(|method| {
            let right = Side { values: values.clone(), name: reference.name.to_owned() };
            self.compare(method, right, before.is_empty() || self.question.is_about_one())
        });
        compared.collect()
    }

    /// Comparisons of each method with another number of its own.
    fn with_its_own(&self, name: &str, words: &str) -> Result<Vec<Comparison>> {
        // A text of one's own has no topics.
        let both =
            self.methods().filter_map(|method| Some((method, self.results.column(method, name).ok()?)));
        let compared = both.map(|(method, values)| {
            let right = Side { values, name: words.to_owned() };
            self.compare(method, right, true)
        });
        corrected(compared.collect::<Result<_>>()?)
    }

    /// Comparisons of each method with a fixed number.
    fn with_level(&self, level: f64) -> Result<Vec<Comparison>> {
        let seeds = self.results.context.specification.seeds as usize;
        let compared = self.methods().map(|method| {
            let right = Side { values: vec![level; seeds], name: significant(level, 3) };
            self.compare(method, right, true)
        });
        corrected(compared.collect::<Result<_>>()?)
    }

    /// The methods that the question is about and that have its quantity: one network has no load.
    fn methods(&self) -> impl Iterator<Item = &Method> {
        let Question { of, quantity, .. } = self.question;
        let is_asked = move |method: &&Method| of.is_empty() || of.contains(&method.name);
        let has = move |method: &&Method| self.results.column(method, quantity).is_ok();
        self.results.context.methods.iter().filter(is_asked).filter(has)
    }

    fn compare(&self, method: &Method, right: Side, is_first: bool) -> Result<Comparison> {
        let (question, specification) = (self.question, &self.results.context.specification);
        let new = self.results.column(method, question.quantity)?;
        let differences: Vec<f64> = new.iter().zip(&right.values).map(|(new, old)| new - old).collect();
        let interval = mean_with_t_interval(&differences)?;
        let signs = sign_count(&differences, question.direction)?;
        let level = right.values.iter().sum::<f64>() / right.values.len() as f64;
        let relative = specification.comparison.smallest_effect * level.abs();
        let smallest = question.smallest.unwrap_or(relative).max(f64::MIN_POSITIVE);
        let word = if specification.seeds < FEWEST_SEEDS {
            VerdictWord::Inconclusive
        } else {
            verdict(&interval, question.direction, smallest)?
        };
        let against = right.name;
        let name = match question.against {
            // The first question needs no quantity in its names: it is the table's.
            Against::Methods(_) if self.place == 0 => format!("{} against {against}", method.name),
            Against::Methods(_) => format!("{} against {against}: {}", method.name, question.noun()),
            Against::Quantity(..) | Against::Level(_) => {
                format!("{}: {}, against {against}", method.name, question.noun())
            }
        };
        let end = match question.against {
            Against::Methods(_) => format!(" `{against}`"),
            Against::Quantity(..) => format!(" {against}"),
            Against::Level(_) => String::new(),
        };
        let Interval { mean, low, high } = interval;
        let verdict = Verdict {
            name,
            claim: format!("`{}` {}{end}.", method.name, question.claim),
            paper: self.story.paper.to_owned(),
            quantity: format!("difference in {}", question.words),
            mean,
            low,
            high,
            wins: signs.wins,
            replicates: signs.replicates,
            word,
        };
        Ok(Comparison {
            method: method.name,
            question: self.place,
            is_primary: question.is_claim && is_first,
            verdict,
            p_value: p_value(&differences)?,
            adjusted: None,
        })
    }
}

/// The comparisons of one family with Holm's p-values.
fn corrected(mut found: Vec<Comparison>) -> Result<Vec<Comparison>> {
    let known: Vec<f64> = found.iter().filter_map(|comparison| comparison.p_value).collect();
    if !known.is_empty() {
        let adjusted = holm(&known)?;
        let open = found.iter_mut().filter(|comparison| comparison.p_value.is_some());
        open.zip(adjusted).for_each(|(comparison, adjusted)| comparison.adjusted = Some(adjusted));
    }
    Ok(found)
}

/// What the claims' comparisons say together, after the correction.
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
        let missing = story.questions.first().map(|question| match question.against {
            Against::Methods(references) => references.first().copied().unwrap_or("dense"),
            Against::Quantity(..) | Against::Level(_) => question.of.first().copied().unwrap_or("dense"),
        });
        let sentence = format!("Nothing was compared; add `{}` to `methods`.", missing.unwrap_or("dense"));
        return Ok((VerdictWord::Inconclusive, sentence));
    }
    let asked = story.questions.iter().enumerate().map(|(place, question)| {
        let about: Vec<&Comparison> =
            primary.iter().copied().filter(|comparison| comparison.question == place).collect();
        (question, about)
    });
    let sentences: Vec<String> = asked
        .filter(|(_, about)| !about.is_empty())
        .map(|(question, about)| match question.against {
            Against::Methods(references) if !question.is_about_one() => {
                among(question, references[0], &about)
            }
            Against::Methods(_) => one_by_one(&about),
            Against::Quantity(..) | Against::Level(_) => alike(&about),
        })
        .collect();
    let words: Vec<VerdictWord> = primary.iter().map(|comparison| comparison.word()).collect();
    // Where some do and some do not, there is no single word for all of them.
    let word = if words.iter().all(|word| *word == words[0]) { words[0] } else { VerdictWord::Inconclusive };
    Ok((word, sentences.join(" ")))
}

/// Which methods are better and worse than a reference.
fn among(question: &Question, reference: &str, about: &[&Comparison]) -> String {
    let of = |word: VerdictWord| -> Vec<String> {
        let found = about.iter().filter(|found| found.word() == word);
        found.map(|found| format!("`{}`", found.method)).collect()
    };
    let (better, worse) = (of(VerdictWord::Supported), of(VerdictWord::Contradicted));
    let rest = about.len() - better.len() - worse.len();
    let names = |names: &[String]| if names.is_empty() { "none".to_owned() } else { names.join(", ") };
    format!(
        "Against `{reference}`, after Holm's correction over {} comparison{}: {} {} for {}; {} for {}; no significant \
         difference for {rest}.",
        about.len(),
        if about.len() == 1 { "" } else { "s" },
        question.better(),
        question.noun(),
        names(&better),
        question.worse(),
        names(&worse),
    )
}

/// Each claim with its word and its number.
fn one_by_one(about: &[&Comparison]) -> String {
    let sentence = |found: &&Comparison| {
        let Verdict { claim, mean, low, high, .. } = &found.verdict;
        format!(
            "{}: {}, {}.",
            claim.trim_end_matches('.'),
            interval(*mean, *low, *high),
            found.word().as_str()
        )
    };
    about.iter().map(sentence).collect::<Vec<_>>().join(" ")
}

/// One claim about each of some methods, with their numbers and words in the same order.
fn alike(about: &[&Comparison]) -> String {
    let [first, _, ..] = about else { return one_by_one(about) };
    let names: Vec<String> = about.iter().map(|found| format!("`{}`", found.method)).collect();
    let claim = first.verdict.claim.trim_end_matches('.').trim_start_matches(&names[0]).trim_start();
    let finding = |found: &&Comparison| {
        let Verdict { mean, low, high, .. } = found.verdict;
        format!("{}, {}", interval(mean, low, high), found.word().as_str())
    };
    let findings: Vec<String> = about.iter().map(finding).collect();
    format!("Of {} each {claim}: {}.", names.join(", "), findings.join("; "))
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
