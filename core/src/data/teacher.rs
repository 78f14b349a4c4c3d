//! The next-token teacher: a task small enough that every input is listed, so a score has no sampling error.
//!
//! A random multilayer perceptron reads the last few tokens and gives the probabilities of the next one. A student
//! is trained and judged on all contexts, and the divergence from the teacher is exact. The teacher itself is
//! drawn, never trained, and its targets are the same natively and in WebAssembly.

use super::{Dataset, Targets};
use crate::error::{Error, Result};
use crate::rng::Stream;

/// The most numbers a data set of the teacher may hold.
pub const MAXIMUM_VALUES: usize = 16_000_000;
/// The most multiplications the teacher may need for all contexts.
pub const MAXIMUM_WORK: usize = 1_000_000_000;

/// How to draw a teacher.
///
/// Tokens t_1..t_C (C = `context`) enter as one-hot vectors side by side. A hidden layer is
/// `h = tanh(W x + b)`, W normal with deviation sqrt(2 / active inputs) (C for the first layer, since all other
/// inputs are 0) and b normal with deviation 0.5. The targets are `softmax(V h / temperature)`, V normal with
/// deviation 1 / sqrt(width of h).
#[derive(Debug, Clone, PartialEq)]
pub struct Teacher {
    /// How many tokens there are, 2 to 256.
    pub vocabulary: usize,
    /// How many tokens the teacher reads, 1 to 8.
    pub context: usize,
    /// The width of each hidden layer, 1 to 4 layers of 1 to 1,024.
    pub hidden: Vec<usize>,
    /// What the logits are divided by, above 0: the lower, the surer the teacher.
    pub temperature: f64,
}

impl Default for Teacher {
    /// The Mixture-of-Supernets pilot: 16 tokens, 3 of them read, 4,096 contexts, targets of middling entropy.
    fn default() -> Self {
        Self { vocabulary: 16, context: 3, hidden: vec![32, 32], temperature: 0.3 }
    }
}

struct Layer {
    weights: Vec<f64>,
    biases: Vec<f64>,
}

impl Teacher {
    /// How many contexts there are: `vocabulary` to the power of `context`.
    ///
    /// # Errors
    /// [`Error::OutOfRange`] that names the field.
    pub fn rows(&self) -> Result<usize> {
        self.check()?;
        let rows = (0..self.context).try_fold(1usize, |rows, _| rows.checked_mul(self.vocabulary));
        let values = |rows: usize| rows.checked_mul(self.vocabulary * self.context);
        let work = |rows: usize| rows.checked_mul(self.weights());
        match rows {
            Some(rows)
                if values(rows).is_some_and(|values| values <= MAXIMUM_VALUES)
                    && work(rows).is_some_and(|work| work <= MAXIMUM_WORK) =>
            {
                Ok(rows)
            }
            _ => {
                let problem = format!(
                    "{} tokens of {} make too many contexts for this teacher; use fewer tokens, a shorter context or \
                     narrower layers (at most {MAXIMUM_VALUES} inputs and {MAXIMUM_WORK} multiplications)",
                    self.context, self.vocabulary
                );
                Err(Error::Inconsistent { key: "context".to_owned(), problem })
            }
        }
    }

    /// Every context as token numbers, in counting order: the last token changes fastest.
    ///
    /// # Errors
    /// As [`Teacher::rows`].
    pub fn contexts(&self) -> Result<Vec<Vec<u32>>> {
        let digit =
            |row: usize, place: usize| (row / self.vocabulary.pow(place as u32) % self.vocabulary) as u32;
        Ok((0..self.rows()?)
            .map(|row| (0..self.context).rev().map(|place| digit(row, place)).collect())
            .collect())
    }

    /// All contexts one-hot, `[rows, context * vocabulary]`, with the targets of a teacher drawn from `stream`.
    ///
    /// # Errors
    /// As [`Teacher::rows`].
    pub fn dataset(&self, stream: &mut Stream) -> Result<Dataset> {
        let contexts = self.contexts()?;
        let columns = self.context * self.vocabulary;
        let mut features = vec![0.0; contexts.len() * columns];
        for (row, tokens) in features.chunks_exact_mut(columns).zip(&contexts) {
            for (place, &token) in tokens.iter().enumerate() {
                row[place * self.vocabulary + token as usize] = 1.0;
            }
        }
        Ok(self.with_targets("next token", features, columns, &contexts, stream))
    }

    /// All contexts as token numbers, `[rows, context]`, with the same targets as [`Teacher::dataset`].
    ///
    /// # Errors
    /// As [`Teacher::rows`].
    pub fn token_dataset(&self, stream: &mut Stream) -> Result<Dataset> {
        let contexts = self.contexts()?;
        let features = contexts.iter().flatten().map(|&token| token as f32).collect();
        Ok(self.with_targets("next token (numbers)", features, self.context, &contexts, stream))
    }

    fn with_targets(
        &self,
        name: &str,
        features: Vec<f32>,
        columns: usize,
        contexts: &[Vec<u32>],
        stream: &mut Stream,
    ) -> Dataset {
        let layers = self.draw(stream);
        let probabilities = contexts.iter().flat_map(|tokens| self.targets(&layers, tokens)).collect();
        let targets = Targets::Distributions { probabilities, count: self.vocabulary };
        Dataset { name: name.to_owned(), features, columns, targets, image: None }
    }

    fn check(&self) -> Result<()> {
        let fail = |key: &str, value: String, range: &str| {
            Err(Error::OutOfRange { key: key.to_owned(), value, range: range.to_owned() })
        };
        if !(2..=256).contains(&self.vocabulary) {
            return fail("vocabulary", self.vocabulary.to_string(), "2 to 256");
        }
        if !(1..=8).contains(&self.context) {
            return fail("context", self.context.to_string(), "1 to 8");
        }
        if !(1..=4).contains(&self.hidden.len())
            || !self.hidden.iter().all(|width| (1..=1024).contains(width))
        {
            return fail("hidden", format!("{:?}", self.hidden), "1 to 4 layers of width 1 to 1024");
        }
        if !(self.temperature >= 1e-3 && self.temperature <= 1e3) {
            return fail("temperature", self.temperature.to_string(), "0.001 to 1000");
        }
        Ok(())
    }

    /// How many weights are multiplied for one context.
    fn weights(&self) -> usize {
        let mut inputs = self.context;
        let mut weights = 0;
        for outputs in self.hidden.iter().copied().chain([self.vocabulary]) {
            weights += inputs * outputs;
            inputs = outputs;
        }
        weights
    }

    fn draw(&self, stream: &mut Stream) -> Vec<Layer> {
        let mut inputs = self.context * self.vocabulary;
        let mut active = self.context;
        let mut layers = Vec::with_capacity(self.hidden.len() + 1);
        for &outputs in &self.hidden {
            let deviation = libm::sqrt(2.0 / active as f64);
            let weights = (0..inputs * outputs).map(|_| deviation * stream.normal()).collect();
            layers.push(Layer { weights, biases: (0..outputs).map(|_| 0.5 * stream.normal()).collect() });
            (inputs, active) = (outputs, outputs);
        }
        let deviation = libm::sqrt(1.0 / active as f64);
        let weights = (0..inputs * self.vocabulary).map(|_| deviation * stream.normal()).collect();
        layers.push(Layer { weights, biases: vec![0.0; self.vocabulary] });
        layers
    }

    /// The probabilities of the next token after `tokens`.
    fn targets(&self, layers: &[Layer], tokens: &[u32]) -> Vec<f32> {
        let mut active: Vec<(usize, f64)> = tokens
            .iter()
            .enumerate()
            .map(|(place, &token)| (place * self.vocabulary + token as usize, 1.0))
            .collect();
        let mut logits = Vec::new();
        for (depth, layer) in layers.iter().enumerate() {
            let outputs = layer.biases.len();
            let mut sums = layer.biases.clone();
            for &(input, value) in &active {
                let weights = &layer.weights[input * outputs..(input + 1) * outputs];
                sums.iter_mut().zip(weights).for_each(|(sum, weight)| *sum += value * weight);
            }
            if depth + 1 < layers.len() {
                active = sums.into_iter().map(libm::tanh).enumerate().collect();
            } else {
                logits = sums;
            }
        }
        let highest = logits.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        let powers: Vec<f64> =
            logits.iter().map(|logit| libm::exp((logit - highest) / self.temperature)).collect();
        let total: f64 = powers.iter().sum();
        powers.into_iter().map(|power| (power / total) as f32).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rng::Streams;

    fn stream(seed: u64) -> Stream {
        Streams::new(seed).stream("teacher")
    }

    fn default(seed: u64) -> Dataset {
        Teacher::default().dataset(&mut stream(seed)).expect("the default is in range")
    }

    #[test]
    fn every_context_is_listed_once_in_counting_order() {
        let contexts = Teacher::default().contexts().expect("the default is in range");
        assert_eq!(contexts.len(), 4096);
        assert_eq!(
            (&contexts[0][..], &contexts[1][..], &contexts[16][..]),
            (&[0, 0, 0][..], &[0, 0, 1][..], &[0, 1, 0][..])
        );
        assert_eq!(contexts[4095], [15, 15, 15]);
        assert!(contexts.is_sorted() && contexts.windows(2).all(|pair| pair[0] != pair[1]));
    }

    #[test]
    fn one_hot_rows_and_token_rows_say_the_same() {
        let (one_hot, tokens) =
            (default(0), Teacher::default().token_dataset(&mut stream(0)).expect("in range"));
        one_hot.check().expect("the teacher makes whole data sets");
        tokens.check().expect("the teacher makes whole data sets");
        assert_eq!(
            (one_hot.rows(), one_hot.columns, tokens.columns, one_hot.class_count()),
            (4096, 48, 3, 16)
        );
        assert_eq!(one_hot.targets, tokens.targets);
        for row in 0..4096 {
            let hot: Vec<usize> = (0..48).filter(|&column| one_hot.row(row)[column] == 1.0).collect();
            let expected: Vec<usize> = tokens
                .row(row)
                .iter()
                .enumerate()
                .map(|(place, &token)| 16 * place + token as usize)
                .collect();
            assert_eq!(hot, expected);
            assert_eq!(one_hot.row(row).iter().sum::<f32>(), 3.0);
        }
    }

    #[test]
    fn the_default_teacher_is_neither_sure_nor_clueless() {
        let entropies: Vec<f64> = (0..8).map(|seed| default(seed).mean_target_entropy()).collect();
        assert!(entropies.iter().all(|entropy| (1.2..2.0).contains(entropy)), "{entropies:?}");
        assert!((entropies[0] - ENTROPY_OF_SEED_0).abs() < 1e-6, "{entropies:?}");
    }

    #[test]
    fn every_place_of_the_context_matters() {
        let Targets::Distributions { probabilities, .. } = default(1).targets else { panic!("soft targets") };
        let distance = |step: usize| {
            let rows = (0..4096usize).filter(|row| row / step % 16 < 15);
            let moved = |row: usize| -> f64 {
                (0..16)
                    .map(|k| {
                        f64::from((probabilities[row * 16 + k] - probabilities[(row + step) * 16 + k]).abs())
                    })
                    .sum()
            };
            rows.map(moved).sum::<f64>() / 3840.0 / 2.0
        };
        for step in [1, 16, 256] {
            assert!(distance(step) > 0.2, "a change {step} rows away moves only {}", distance(step));
        }
    }

    #[test]
    fn a_colder_teacher_is_surer_and_a_seed_repeats() {
        let entropy = |temperature| {
            let teacher = Teacher { temperature, ..Teacher::default() };
            teacher.dataset(&mut stream(0)).expect("in range").mean_target_entropy()
        };
        assert!(entropy(0.1) < entropy(0.3) && entropy(0.3) < entropy(2.0));
        assert!((entropy(1000.0) - 16f64.ln()).abs() < 1e-3);
        assert_eq!(default(3), default(3));
        assert_ne!(default(3).targets, default(4).targets);
    }

    #[test]
    fn what_is_out_of_range_is_named() {
        let base = Teacher::default();
        let cases = [
            ("vocabulary", Teacher { vocabulary: 1, ..base.clone() }),
            ("context", Teacher { context: 0, ..base.clone() }),
            ("context", Teacher { context: 8, vocabulary: 256, ..base.clone() }),
            ("context", Teacher { context: 5, hidden: vec![1024, 1024], ..base.clone() }),
            ("hidden", Teacher { hidden: vec![], ..base.clone() }),
            ("hidden", Teacher { hidden: vec![0], ..base.clone() }),
            ("temperature", Teacher { temperature: f64::NAN, ..base.clone() }),
            ("temperature", Teacher { temperature: 0.0, ..base }),
        ];
        for (expected, teacher) in cases {
            match teacher.dataset(&mut stream(0)) {
                Err(Error::OutOfRange { key, .. } | Error::Inconsistent { key, .. }) => {
                    assert_eq!(key, expected)
                }
                outcome => panic!("{expected}: {outcome:?}"),
            }
        }
    }

    const ENTROPY_OF_SEED_0: f64 = 1.529_015_651_6;
}
