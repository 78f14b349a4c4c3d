//! What a sub-network costs a search: latency as a predictor tells it, floating-point operations or parameters; and the
//! limits on that.

use std::path::Path;

use switchyard::labs::supernet_search::Subject;
use switchyard::labs::supernet_search::pictures::Cost;
use switchyard::rng::Streams;
use switchyard::search::Space;
use switchyard::search::latency::{Conditions, Latencies, quantiles};
use switchyard::search::predictor::{Predictor, fit};

use super::super::latency::{predictor_config, words};
use crate::arguments::{CostName, SearchArguments};
use crate::checkpoint::sha256;
use crate::directory::read_text;
use crate::environment::cores;
use crate::error::{Error, Result};
use crate::reporter::Reporter;
use crate::stopwatch::machine;

/// Random architectures whose costs say what a limit can be.
const LOOKS: usize = 1000;

/// What tells costs.
pub struct Costs<'a, S: Subject> {
    subject: &'a S,
    predictor: Option<Box<dyn Predictor>>,
    conditions: Option<Conditions>,
    /// The cost's name in files.
    pub key: &'static str,
    /// SHA-256 of the measurements, and the predictor's name.
    pub measurements: Option<[String; 2]>,
    /// The cost's name and unit for readers.
    pub name: Cost,
}

impl<'a, S: Subject> Costs<'a, S> {
    /// What the command line asks for; latency where there are measurements, else floating-point operations.
    ///
    /// # Errors
    /// When latency has no measurements, or they are of other networks.
    pub fn new(
        subject: &'a S,
        arguments: &SearchArguments,
        streams: &Streams,
        reporter: &mut dyn Reporter,
    ) -> Result<Self> {
        let cost = arguments.cost.unwrap_or(match arguments.latency {
            Some(_) => CostName::Latency,
            None => CostName::Flops,
        });
        let (key, name) = match cost {
            CostName::Latency => ("latency", Cost { name: "predicted latency", unit: "ms" }),
            CostName::Flops => ("flops", Cost { name: "floating-point operations", unit: "" }),
            CostName::Parameters => ("parameters", Cost { name: "parameters", unit: "" }),
        };
        let mut costs = Self { subject, predictor: None, conditions: None, key, measurements: None, name };
        match (cost, &arguments.latency) {
            (CostName::Latency, Some(path)) => costs.fit(path, arguments, streams, reporter)?,
            (CostName::Latency, None) => {
                let problem = format!(
                    "a search under latency needs measurements: make them with `switchyard latency {}` and give them with \
                     `--latency latency.jsonl`",
                    arguments.directory.display()
                );
                return Err(Error::Usage { problem });
            }
            (_, Some(path)) => {
                let problem = format!(
                    "`--latency {}` is for `--cost latency`; leave one of the two out",
                    path.display()
                );
                return Err(Error::Usage { problem });
            }
            (_, None) => {}
        }
        Ok(costs)
    }

    fn fit(
        &mut self,
        path: &Path,
        arguments: &SearchArguments,
        streams: &Streams,
        reporter: &mut dyn Reporter,
    ) -> Result<()> {
        let text = read_text(path)?;
        let in_file = |source| Error::InFile { path: path.to_owned(), source };
        let measured = Latencies::read(text.lines()).map_err(in_file)?;
        let (file, here) = (&measured.header.networks, self.subject.networks());
        if *file != here {
            let problem = format!("its measurements are of other networks ({file}) than this run's ({here})");
            return Err(Error::data(path, problem));
        }
        if measured.header.machine != machine() {
            reporter.note(&format!(
                "note: latency was measured on another machine ({}) than this one ({})",
                measured.header.machine,
                machine()
            ));
        }
        let dataset = measured.dataset().map_err(|source| Error::InFile { path: path.to_owned(), source })?;
        let predictor = fit(&arguments.predictor, &predictor_config(self.subject), &dataset, streams)?;
        self.predictor = Some(predictor);
        self.conditions = Some(measured.header.conditions);
        self.measurements = Some([sha256(text.as_bytes()), arguments.predictor.clone()]);
        Ok(())
    }

    /// What an architecture costs.
    pub fn of(&self, point: &<S::Space as Space>::Point) -> f64 {
        match (&self.predictor, self.key) {
            (Some(predictor), _) => predictor.predict(&self.subject.features(point)),
            (None, "parameters") => self.subject.parameters(point),
            (None, _) => self.subject.flops(point),
        }
    }

    /// Under which conditions what was found is measured: those of the measurements, or HAT's.
    ///
    /// # Errors
    /// Never without words that are asked for.
    pub fn conditions(&self, arguments: &SearchArguments) -> Result<Conditions> {
        if let Some(conditions) = &self.conditions {
            return Ok(conditions.clone());
        }
        let [source_words, target_words] = words(self.subject, [None, None])?;
        Ok(Conditions {
            work: self.subject.work(),
            source_words,
            target_words,
            warm_up: 5,
            repeats: 20,
            device: arguments.device.to_string(),
            threads: cores(),
        })
    }

    /// The limits to search under: those asked for, or the median of random architectures; all checked against what the space
    /// offers, which is told.
    ///
    /// # Errors
    /// When a limit is below everything that was seen.
    pub fn limits(&self, asked: &[f64], streams: &Streams, reporter: &mut dyn Reporter) -> Result<Vec<f64>> {
        let stream = &mut streams.stream("search-limit");
        let random = (0..LOOKS).map(|_| self.subject.space().sample(stream));
        let seen: Vec<f64> = random.chain(self.subject.extremes()).map(|point| self.of(&point)).collect();
        let found = quantiles(seen, [0.0, 0.5, 1.0]);
        let [low, middle, high] = found.expect("there is one architecture or more");
        let shown = |value: f64| self.name.limit(value);
        reporter.note(&format!(
            "{} of {LOOKS} random sub-networks and both extremes: {} to {}, median {}",
            self.name.name,
            shown(low),
            shown(high),
            shown(middle)
        ));
        if let Some(limit) = asked.iter().find(|limit| **limit < low) {
            let problem = format!(
                "`--limit {limit}` is below all that was seen: {} goes from {} to {}; give a number between them",
                self.name.name,
                shown(low),
                shown(high)
            );
            return Err(Error::Usage { problem });
        }
        Ok(if asked.is_empty() { vec![middle] } else { asked.to_vec() })
    }
}
