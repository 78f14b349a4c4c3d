//! Measured latencies as a file: what was measured under which conditions, one line of JSON for each architecture.
//!
//! Nothing here measures. A header says of which networks and on which machine the numbers are, so that they are never
//! used for others; then come samples, and now and then the same reference network again, which shows how far the machine
//! itself drifted meanwhile. Features stand beside each sample, so that a predictor can be fitted without the space.

use serde::{Deserialize, Serialize};

use super::predictor::Dataset;
use crate::statistics;
use crate::{Error, Result};

/// The version of the format.
pub const SCHEMA_VERSION: u32 = 1;
/// What the header calls such a file.
pub const KIND: &str = "switchyard-latency";

/// What is timed, and how often.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Conditions {
    /// The work in words: `translation of 1 sentence, greedy`.
    pub work: String,
    /// Words that go in.
    pub source_words: usize,
    /// Words that come out.
    pub target_words: usize,
    /// Runs of each network before the first that is timed.
    pub warm_up: usize,
    /// Timed runs of each network.
    pub repeats: usize,
    /// The device, as after `--device`.
    pub device: String,
    /// Threads that a tensor operation may use.
    pub threads: usize,
}

/// The first line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LatencyHeader {
    /// [`KIND`].
    pub kind: String,
    /// [`SCHEMA_VERSION`].
    pub schema_version: u32,
    /// What identifies the networks: space, widths that are not searched, vocabulary.
    pub networks: String,
    /// The machine in words.
    pub machine: String,
    /// The seed that the sampled architectures are drawn by.
    pub seed: u64,
    /// What is timed.
    pub conditions: Conditions,
    /// The features' names.
    pub columns: Vec<String>,
}

/// One architecture's latency.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LatencySample {
    /// Its text form.
    pub architecture: String,
    /// What predictors read, one number for each column.
    pub features: Vec<f64>,
    /// The median of its timed runs, in milliseconds.
    pub milliseconds: f64,
    /// Lower and upper quartile of its timed runs, in milliseconds.
    pub quartiles: [f64; 2],
}

/// The reference network once more.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Again {
    /// The median of its timed runs, in milliseconds.
    pub reference_milliseconds: f64,
    /// How many samples were before it.
    pub after: usize,
}

/// A line after the first.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum LatencyLine {
    /// An architecture.
    Sample(LatencySample),
    /// The reference.
    Again(Again),
}

/// A file of latencies.
#[derive(Debug, Clone, PartialEq)]
pub struct Latencies {
    /// Of what, where and how.
    pub header: LatencyHeader,
    /// In the order of measuring.
    pub samples: Vec<LatencySample>,
    /// In the order of measuring.
    pub again: Vec<Again>,
}

impl Latencies {
    /// Reads the lines of a file; the first is the header.
    ///
    /// # Errors
    /// [`Error::MalformedData`] with the line for what is no such file, of another version, or contradicts itself.
    pub fn read<'a>(lines: impl IntoIterator<Item = &'a str>) -> Result<Self> {
        let mut lines = lines.into_iter();
        let header: LatencyHeader = match lines.next() {
            None => return Err(malformed(1, "the file is empty".to_owned())),
            Some(line) => parsed(1, line)?,
        };
        if header.kind != KIND || header.schema_version != SCHEMA_VERSION {
            let LatencyHeader { kind, schema_version, .. } = &header;
            let problem = format!(
                "this is `{kind}` of version {schema_version}, and `{KIND}` of version {SCHEMA_VERSION} is read"
            );
            return Err(malformed(1, problem));
        }
        let mut all = Self { header, samples: Vec::new(), again: Vec::new() };
        for (number, line) in (2..).zip(lines) {
            match parsed(number, line)? {
                LatencyLine::Sample(sample) => {
                    all.check(&sample).map_err(|problem| malformed(number, problem))?;
                    all.samples.push(sample);
                }
                LatencyLine::Again(again) => all.again.push(again),
            }
        }
        Ok(all)
    }

    fn check(&self, sample: &LatencySample) -> std::result::Result<(), String> {
        let LatencySample { features, milliseconds, quartiles: [low, high], .. } = sample;
        let (found, expected) = (features.len(), self.header.columns.len());
        if found != expected {
            return Err(format!("it has {found} features, but the header names {expected}"));
        }
        let ordered = 0.0 < *low && low <= milliseconds && milliseconds <= high && high.is_finite();
        if ordered { Ok(()) } else { Err(format!("{milliseconds} ms does not lie between its quartiles")) }
    }

    /// What predictors are fitted to.
    ///
    /// # Errors
    /// [`Error::Inconsistent`] when there are too few samples.
    pub fn dataset(&self) -> Result<Dataset> {
        let rows = self.samples.iter().map(|sample| sample.features.clone()).collect();
        let targets = self.samples.iter().map(|sample| sample.milliseconds).collect();
        Dataset::new(self.header.columns.clone(), rows, targets)
    }

    /// How far the runs of one network are apart: the median over all samples of the distance of their quartiles, as a
    /// share of the latency. Nothing without samples.
    pub fn spread(&self) -> Option<f64> {
        let share =
            |sample: &LatencySample| (sample.quartiles[1] - sample.quartiles[0]) / sample.milliseconds;
        quantiles(self.samples.iter().map(share).collect(), [0.5]).map(|[median]| median)
    }

    /// How far the machine drifted: the largest measurement of the reference over its smallest, less one. Nothing while it
    /// was measured less than twice.
    pub fn drift(&self) -> Option<f64> {
        if self.again.len() < 2 {
            return None;
        }
        let times = self.again.iter().map(|again| again.reference_milliseconds);
        let (low, high) =
            times.fold((f64::INFINITY, 0.0_f64), |(low, high), time| (low.min(time), high.max(time)));
        Some(high / low - 1.0)
    }
}

/// A sample from the times of its runs: their median and quartiles. Nothing when there are no times.
pub fn summarised(architecture: String, features: Vec<f64>, milliseconds: Vec<f64>) -> Option<LatencySample> {
    let [low, milliseconds, high] = quantiles(milliseconds, [0.25, 0.5, 0.75])?;
    Some(LatencySample { architecture, features, milliseconds, quartiles: [low, high] })
}

/// The values below which these shares of `values` lie. Nothing when there are no values.
pub fn quantiles<const N: usize>(mut values: Vec<f64>, shares: [f64; N]) -> Option<[f64; N]> {
    values.sort_by(f64::total_cmp);
    (!values.is_empty()).then(|| shares.map(|share| statistics::quantile(&values, share)))
}

fn parsed<'a, T: Deserialize<'a>>(number: u64, line: &'a str) -> Result<T> {
    serde_json::from_str(line).map_err(|error| malformed(number, error.to_string()))
}

fn malformed(line: u64, problem: String) -> Error {
    Error::MalformedData { what: "latencies".to_owned(), line: Some(line), column: None, problem }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEADER: &str = r#"{"kind":"switchyard-latency","schema_version":1,"networks":"n","machine":"m","seed":0,"conditions":{"work":"w","source_words":30,"target_words":30,"warm_up":1,"repeats":5,"device":"flex","threads":1},"columns":["decoder layers"]}"#;

    fn sample(depth: usize, milliseconds: f64) -> String {
        let times = vec![milliseconds * 0.9, milliseconds, milliseconds * 1.2];
        let sample = summarised(format!("a{depth}"), vec![depth as f64], times).expect("there are times");
        serde_json::to_string(&sample).expect("plain numbers")
    }

    #[test]
    fn lines_come_back_and_become_a_dataset_with_spread_and_drift() {
        let mut lines = vec![HEADER.to_owned()];
        lines.extend((1..=12).map(|depth| sample(depth, 2.0 * depth as f64)));
        lines.push(r#"{"reference_milliseconds":10.0,"after":6}"#.to_owned());
        lines.push(r#"{"reference_milliseconds":11.0,"after":12}"#.to_owned());
        let all = Latencies::read(lines.iter().map(String::as_str)).expect("well formed");
        assert_eq!((all.samples.len(), all.again.len()), (12, 2));
        assert_eq!(all.dataset().expect("enough").targets()[11], 24.0);
        // Times of 0.9, 1 and 1.2: quartiles 0.95 and 1.1.
        assert!((all.spread().expect("samples") - 0.15).abs() < 1e-9);
        assert!((all.drift().expect("measured twice") - 0.1).abs() < 1e-9);
    }

    #[test]
    fn what_does_not_fit_is_refused_with_its_line() {
        let whole = sample(1, 2.0);
        let cases = [
            (vec![], "empty"),
            (vec!["{}"], "line 1"),
            (vec![HEADER, "{\"architecture\":1}"], "line 2"),
            (
                vec![
                    HEADER,
                    &whole,
                    r#"{"architecture":"a","features":[],"milliseconds":1.0,"quartiles":[1.0,1.0]}"#,
                ],
                "line 3",
            ),
            (
                vec![
                    HEADER,
                    r#"{"architecture":"a","features":[1.0],"milliseconds":3.0,"quartiles":[1.0,2.0]}"#,
                ],
                "quartiles",
            ),
            (
                vec![
                    HEADER,
                    r#"{"architecture":"a","features":[1.0],"milliseconds":0.0,"quartiles":[0.0,0.0]}"#,
                ],
                "quartiles",
            ),
        ];
        for (lines, expected) in cases {
            let message = Latencies::read(lines).err().map(|error| error.to_string()).unwrap_or_default();
            assert!(message.contains(expected), "`{message}` should say `{expected}`");
        }
        let other = HEADER.replace("\"schema_version\":1", "\"schema_version\":9");
        let message = Latencies::read([other.as_str()]).expect_err("another version").to_string();
        assert!(message.contains("version 9"), "{message}");
    }

    #[test]
    fn quantiles_lie_between_neighbours_in_proportion() {
        assert_eq!(quantiles(vec![4.0, 1.0, 2.0], [0.5, 0.75]), Some([2.0, 3.0]));
        assert_eq!(quantiles(vec![7.0], [0.25]), Some([7.0]));
        assert_eq!(quantiles(Vec::new(), [0.5]), None);
    }
}
